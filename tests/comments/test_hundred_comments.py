"""A morning of a hundred comments on a phone: honest ones, spam, replies, doubtful and hostile ones, with mistakes and
undos, answers, a friend and a block. One press each, nothing decided unseen, nothing emailed that was undone."""

import ast
import re
import time
from statistics import median

import pytest
from playwright.sync_api import expect

from tests.browser import WITH_AND_WITHOUT

NUMBER = 100
MAKE = """
from datetime import timedelta
from django.utils import timezone
from blog.models import Post
from comments.models import Comment, ModerationAction, DiscussionSettings, Person, Subscription
from core.models import Email
for left in (Comment, ModerationAction, Subscription, Person, Email):
    left.objects.all().delete()
row = DiscussionSettings.objects.get(); row.undo_seconds = 3600; row.save()
post = Post.objects.published().first()
start = timezone.now() - timedelta(hours=5)
reader = Person.objects.of_address("reader@example.org")
Subscription.objects.create(
    address="reader@example.org", post=post, what="comments", person=reader, confirmed_at=start
)
parent = Comment.objects.create(post=post, text="What do you eat on the way?", state="approved", name="Parent")
why = [{"rule": "hold_first_comment", "verdict": "pending", "why": "It is the first comment by this commenter."}]
TEXTS = {
    "honest": "Thank you for this, the hill behind the mill is where I stopped too. " * 3,
    "spam": "Best prices for watches https://watches%d.example/sale every day",
    "reply": "Dates and salted potatoes.",
    "doubtful": "Nice post! I will come back.",
    "hostile": "\\u202e<script>alert(1)</script> <b>" + "W" * 400,
}
for n in range(1, 101):
    kind = KINDS[n]
    text = f"Number {n}, {kind}. " + TEXTS[kind].replace("%d", str(n % 4))
    Comment.objects.create(
        post=post, text=text, state="pending", name=f"Ann {n}", reasons=why,
        posted_at=start + timedelta(minutes=n), parent=parent if kind == "reply" else None,
        person=Person.objects.of_browser(f"{n:032}"),
    )
"""
COUNT = """
from django.utils import timezone
from comments.notifications import replies
from comments.models import Comment, PendingNotification
from core.models import Email
print("before", Email.objects.filter(kind="new comment").count())
PendingNotification.objects.update(due_at=timezone.now()); replies.notify_all_due.call()
told = [int(key.split()[1]) for key in Email.objects.filter(kind="new comment").values_list("key", flat=True)]
print("told", sorted(told) == sorted(Comment.objects.approved().exclude(name="Parent").values_list("pk", flat=True)))
theirs = Comment.objects.filter(name__startswith="Ann")
print("states", dict(theirs.values_list("name", "state")))
print("answers", Comment.objects.approved().exclude(pk__in=theirs).exclude(name="Parent").count())
"""
KINDS = ["honest", "spam", "honest", "reply", "honest", "doubtful", "spam", "honest", "hostile", "honest"]
RIGHT = {"honest": "Approve", "reply": "Approve", "doubtful": "Trash", "spam": "Spam", "hostile": "Spam"}
WRONG = {"Approve": "Spam", "Trash": "Approve", "Spam": "Approve"}
STATES = {"Approve": "approved", "Trash": "trash", "Spam": "spam"}
MISTAKES, ANSWERS, DOUBLE = range(7, NUMBER, 12), range(15, NUMBER, 24), range(4, NUMBER, 9)
FRIEND, BLOCK = 33, 51
TRUST = {
    FRIEND: "Friend: approve this and all future comments",
    BLOCK: "Block: mark this and all future comments as spam",
}
# The second tap comes at once, where the thumb still is.
TAP_TWICE = """([x, y]) => {
    document.elementFromPoint(x, y).click();
    const second = document.elementFromPoint(x, y).closest("button, a");
    second?.click();
    return second ? second.outerHTML : "nothing to press";
}"""


@pytest.fixture(scope="module")
def blog(start_blog):
    return start_blog(set_up=True)


@pytest.mark.long
@pytest.mark.parametrize("javascript", WITH_AND_WITHOUT)
def test_a_hundred_are_decided_with_one_press_each(blog, new_context, javascript):
    kinds = {n: KINDS[n % len(KINDS)] for n in range(1, NUMBER + 1)}
    blog.manage("shell", "-v0", "-c", MAKE.replace("KINDS", repr(kinds)))
    context = new_context(
        base_url=blog.url, viewport={"width": 360, "height": 740}, java_script_enabled=javascript, has_touch=True
    )
    review = Review(context.new_page(), blog)
    for n, kind in kinds.items():
        review.sees(n)
        deed = RIGHT[kind]
        if n in MISTAKES:
            review.press(WRONG[deed])
            review.sees(n + 1)
            review.press("Undo")
            review.sees(n)
        if n in (FRIEND, BLOCK):
            review.press(TRUST[n])
        elif n in ANSWERS and deed == "Approve":
            review.answers("Thank you, see you at the mill.")
        else:
            review.decides(n, deed, twice=javascript and n in DOUBLE)
    expect(review.page.get_by_text(re.compile(r"^\s*Done:"))).to_be_visible()
    said = blog.manage("shell", "-v0", "-c", COUNT)
    print(review.told())
    assert {f"Ann {n}": STATES[RIGHT[kind]] for n, kind in kinds.items()} == ast.literal_eval(
        re.search(r"states (.*)", said)[1]
    )
    assert "before 0" in said and "told True" in said, "nothing is emailed that was undone"
    assert int(re.search(r"answers (\d+)", said)[1]) == review.answered > 0
    assert set(review.presses) == {1}
    if javascript:
        assert review.loads < 20, "of a hundred"


class Review:
    """Somebody at the review, who counts."""

    def __init__(self, page, blog):
        self.page, self.presses, self.seconds, self.pressed, self.loads = page, [], [], 0, 0
        self.answered = 0
        page.goto("/accounts/login/")
        page.locator("input[name=login]").fill(blog.email)
        page.locator("input[name=password]").fill(blog.password)
        page.locator("main form button").first.click()
        page.wait_for_url("**/desk/")
        page.goto("/desk/comments/review/")
        page.on("domcontentloaded", self.count_load)

    def count_load(self, _page):
        self.loads += 1

    def sees(self, number):
        if number <= NUMBER:
            expect(self.page.locator(".desk-comment .prose")).to_contain_text(f"Number {number},")

    def press(self, name):
        self.pressed += 1
        self.page.get_by_role("button", name=name, exact=True).tap()

    def decides(self, number, deed, *, twice):
        begun, before, box = (
            time.monotonic(),
            self.pressed,
            self.page.get_by_role("button", name=deed, exact=True).bounding_box(),
        )
        assert box["height"] >= 44 and box["y"] + box["height"] <= 740
        if twice:
            self.page.get_by_role("button", name=deed, exact=True).tap(trial=True)
            x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
            assert self.page.evaluate(TAP_TWICE, [x, y]) == "nothing to press"
            self.pressed += 1
        else:
            self.press(deed)
        self.sees(number + 1)
        self.seconds.append(time.monotonic() - begun)
        self.presses.append(self.pressed - before)

    def answers(self, text):
        self.page.get_by_role("link", name="Reply & approve").tap()
        self.page.get_by_label("Your reply").fill(text)
        self.press("Approve and Reply")
        self.answered += 1

    def told(self):
        each = f"{median(self.seconds):.2f} s, {max(self.seconds):.2f} s at most"
        return (
            f"{len(self.presses)} decisions, {sum(self.presses)} presses, {self.loads} loads; a decision takes {each}"
        )
