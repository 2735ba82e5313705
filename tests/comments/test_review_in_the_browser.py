"""A morning on a phone: twenty held comments are decided about, three taken back, one answered; with and without
scripts, and by keys."""

import ast
import re

import pytest
from playwright.sync_api import expect

from tests.browser import WITH_AND_WITHOUT

MAKE = """
from datetime import timedelta
from django.utils import timezone
from blog.models import Post
from comments.models import Comment, ModerationAction
Comment.objects.all().delete(); ModerationAction.objects.all().delete()
post = Post.objects.published().first()
start = timezone.now() - timedelta(hours=1)
why = [{"rule": "hold_first_comment", "verdict": "pending", "why": "It is the first comment by this commenter."}]
for n in range(1, %d):
    words, when = f"Thought {n} of the morning.", start + timedelta(minutes=n)
    Comment.objects.create(post=post, text=words, state="pending", name=f"Ann {n}", reasons=why, posted_at=when)
"""
COUNT = """
from comments.models import Comment
print("counted", sorted(Comment.objects.counts().items()))
"""
DEEDS = ["Approve", "Spam", "Trash"]
SAID = "I just want to say thanks: asdjkuqxz"


@pytest.fixture(scope="module")
def blog(start_blog):
    return start_blog(set_up=True)


@pytest.fixture
def ada(blog, new_context, javascript):
    """The owner on her phone, logged in."""
    context = new_context(
        base_url=blog.url, viewport={"width": 360, "height": 740}, java_script_enabled=javascript, has_touch=True
    )
    page = context.new_page()
    page.goto("/accounts/login/")
    page.locator("input[name=login]").fill(blog.email)
    page.locator("input[name=password]").fill(blog.password)
    page.locator("main form button").first.click()
    page.wait_for_url("**/desk/")
    return page


@pytest.mark.long
@pytest.mark.parametrize("javascript", WITH_AND_WITHOUT)
def test_twenty_are_decided_three_undone_and_one_answered(blog, ada):
    blog.manage("shell", "-v0", "-c", MAKE % 21)
    ada.goto("/desk/comments/review/")
    undone = 0
    for number in range(1, 21):
        expect(ada.get_by_text(f"Thought {number} of the morning.")).to_be_visible()
        expect(ada.get_by_text("It is the first comment by this commenter.").first).to_be_visible()
        if number == 20:
            answer(ada)
        else:
            press(ada, DEEDS[number % 3])
        if number in (2, 9, 16):
            undone += 1
            ada.get_by_role("button", name="Undo").click()
            expect(ada.get_by_text("1 comment was restored.")).to_be_visible()
            expect(ada.get_by_text(f"Thought {number} of the morning.")).to_be_visible()
            press(ada, "Approve")
    expect(ada.get_by_text("Done: 20 decided, 0 left.")).to_be_visible()
    assert undone == 3
    counted = re.search(r"counted (.*)", blog.manage("shell", "-v0", "-c", COUNT))[1]
    # Of 3, 6 … 18 approved, 1, 4 … 19 spam, 2, 5 … 17 trash; 2, 9, 16 were approved instead; 20 with its answer.
    assert dict(ast.literal_eval(counted)) == {"approved": 10, "gone": 0, "pending": 0, "spam": 6, "trash": 5}


def press(page, name):
    button = page.get_by_role("button", name=name, exact=True)
    box = button.bounding_box()
    assert box["height"] >= 44 and box["y"] + box["height"] <= 740, "where thumbs are"
    button.click()


def answer(page):
    page.get_by_role("link", name="Reply & approve").click()
    page.get_by_label("Your reply").fill("Thank you for all of them.")
    page.get_by_role("button", name="Approve and Reply").click()


@pytest.mark.parametrize("javascript", [True])
def test_keys_as_in_wordpress(blog, ada):
    blog.manage("shell", "-v0", "-c", MAKE % 7)
    ada.goto("/desk/comments/review/")
    for key, shown in [
        ("a", "Thought 2"), ("s", "Thought 3"), ("d", "Thought 4"), ("u", "Thought 3"), ("j", "Thought 4"),
        ("k", "Thought 3"), ("z", "Thought 3"),
    ]:  # fmt: skip
        keys_work(ada)
        ada.keyboard.down(key)
        expect(ada.locator(".desk-comment .prose")).to_contain_text(shown)
        ada.keyboard.down(key)  # held too long, it decides once
        ada.keyboard.up(key)
    keys_work(ada)
    ada.keyboard.press("q")
    expect(ada).to_have_url(re.compile(r"/edit/"))
    ada.go_back()
    keys_work(ada)
    for modified in ("Shift+A", "Control+s", "Alt+d"):
        ada.keyboard.press(modified)
    ada.evaluate("""for (const facts of [{isComposing: true}, {keyCode: 229}])
        document.body.dispatchEvent(new KeyboardEvent("keydown", {key: "a", bubbles: true, ...facts}))""")
    # Whoever types at once types into the answer, and decides about nobody.
    ada.keyboard.type("r" + SAID)
    expect(ada.get_by_label("Your reply")).to_have_value(SAID)
    expect(ada.get_by_role("button", name="Spam", exact=True)).to_be_hidden()
    ada.locator("h1").click()
    ada.keyboard.type("asd")
    ada.get_by_role("link", name="Cancel").click()
    expect(ada.get_by_label("Your reply")).to_be_hidden()
    ada.keyboard.press("r")
    expect(ada.get_by_label("Your reply")).to_have_value(SAID)
    ada.keyboard.press("Escape")
    expect(ada.locator(".desk-comment .prose")).to_contain_text("Thought 3")
    # It is kept whatever is decided or loaded meanwhile, until it stands.
    ada.reload()
    expect(ada.get_by_text("You have an unsent reply")).to_be_visible()
    press(ada, "Trash")
    expect(ada.locator(".desk-comment .prose")).to_contain_text("Thought 4")
    ada.get_by_role("link", name="Reply & approve").click()
    expect(ada.get_by_label("Your reply")).to_have_value("")
    ada.get_by_role("link", name="Cancel").click()
    ada.get_by_role("button", name="Undo").click()
    expect(ada.get_by_text("You have an unsent reply")).to_be_visible()
    ada.get_by_role("link", name="Reply & approve").click()
    expect(ada.get_by_label("Your reply")).to_have_value(SAID)
    ada.get_by_role("button", name="Approve and Reply").click()
    expect(ada.get_by_text("Your reply was posted.")).to_be_visible()
    assert ada.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('longrun.answer'))") == []
    ada.get_by_role("button", name="Undo").click()
    expect(ada.get_by_label("Your reply")).to_have_value(SAID)
    ada.get_by_role("link", name="Cancel").click()
    ada.get_by_text("Keyboard shortcuts", exact=True).click()
    ada.get_by_label("Keyboard shortcuts on this page").uncheck()
    ada.locator("body").press("a")
    ada.reload()
    expect(ada.locator(".desk-comment .prose")).to_contain_text("Thought 3")
    counted = re.search(r"counted (.*)", blog.manage("shell", "-v0", "-c", COUNT))[1]
    assert dict(ast.literal_eval(counted))["pending"] == 4, "1 and 2 are decided"


def keys_work(page):
    """Waits for the moment after which a key decides."""
    expect(page.locator("body[data-keys=on]")).to_be_attached()


@pytest.mark.long
@pytest.mark.parametrize("javascript", [True])
def test_a_decision_that_is_not_sent_is_not_lost(blog, ada):
    blog.manage("shell", "-v0", "-c", MAKE % 5)
    ada.goto("/desk/comments/review/")
    # What was fetched ahead is there at once, before anything is answered.
    ada.wait_for_load_state("networkidle")
    at_once = (
        "document.querySelector('[data-key=s]').click(), document.querySelector('.desk-comment .prose').textContent"
    )
    assert "Thought 2" in ada.evaluate(at_once)
    expect(ada.get_by_text("Marked as spam: 1 comment.")).to_be_visible()
    ada.context.set_offline(True)
    press(ada, "Spam")
    expect(ada.get_by_text("Your last action could not be sent")).to_be_visible()
    expect(ada.locator(".desk-comment .prose")).to_contain_text("Thought 2")
    ada.context.set_offline(False)
    press(ada, "Approve")
    expect(ada.get_by_text("Approved: 1 comment.")).to_be_visible()
    expect(ada.locator(".desk-comment .prose")).to_contain_text("Thought 3")
    ada.context.clear_cookies(name="sessionid")
    ada.get_by_role("link", name="Reply & approve").click()
    ada.get_by_label("Your reply").fill("Thank you. " * 9)
    ada.get_by_role("button", name="Approve and Reply").click()
    expect(ada.get_by_role("heading", name="Your session has expired")).to_be_visible()
    expect(ada.get_by_label("Text")).to_have_value("Thank you. " * 9)


@pytest.mark.long
@pytest.mark.parametrize("javascript", [True])
def test_keys_in_the_list(blog, ada):
    blog.manage("shell", "-v0", "-c", MAKE % 5)
    ada.goto("/desk/comments/")
    for link in ada.locator(".comments-nav a, .tabs a").all():
        box = link.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 360 and box["height"] >= 43.9, link.inner_text()
    ada.evaluate("localStorage.removeItem('longrun.keys')")
    ada.reload()
    keys_work(ada)
    for key in "jxjx":
        ada.keyboard.press(key)
    ticked = ada.locator("input[name=comment]:checked")
    expect(ticked).to_have_count(2)
    ada.keyboard.press("k")
    ada.keyboard.press("r")
    field = ada.get_by_label("Your reply to Ann 1", exact=True)
    expect(field).to_be_focused()
    ada.keyboard.type("Indeed.")
    ada.locator("h1").click()
    ada.keyboard.type("asd")
    expect(field).to_have_value("Indeed.")
    ada.get_by_role("button", name="Approve and Reply to Ann 1", exact=True).click()
    expect(ada.get_by_text("Approved: 1 comment.")).to_be_visible()
    keys_work(ada)
    ada.keyboard.press("j")
    ada.keyboard.press("s")
    expect(ada.get_by_text("Marked as spam: 1 comment.")).to_be_visible()
    keys_work(ada)
    ada.keyboard.press("z")
    expect(ada.get_by_text("1 comment was restored.")).to_be_in_viewport()


@pytest.mark.long
@pytest.mark.parametrize("javascript", [True])
def test_an_old_link_finds_a_comment_that_has_moved(blog, ada):
    blog.manage("shell", "-v0", "-c", MAKE % 3)
    move = """
from blog.models import Post
from comments.models import Comment
one = Comment.objects.order_by("pk").first(); one.approve(None)
old = one.post.path
post = Post(title="Elsewhere", source="x", author=one.post.author); post.save(); post.publish()
one.move_to(post, None, None)
print("moved", old, one.pk, post.path)
"""
    old, pk, new = re.search(r"moved (\S+) (\d+) (\S+)", blog.manage("shell", "-v0", "-c", move)).groups()
    ada.goto(f"{old}#comment-{pk}")
    expect(ada).to_have_url(re.compile(rf"{new}#comment-{pk}$"))
    expect(ada.locator(f"#comment-{pk}")).to_be_visible()
