"""The main walk in Firefox, in `make soak`: an owner writes and publishes, a guest comments, the owner approves."""

import json
import re

import pytest

from tests.walks import firefox as driver
from tests.walks.test_two_editors import stored
from tests.walks.writing import EDITORS

pytestmark = pytest.mark.long


@pytest.fixture
def firefox(tmp_path):
    program = driver.installed()
    if not program:
        pytest.skip(f"NOTICE: {driver.MISSING}")
    profile = tmp_path / "profile"
    profile.mkdir()
    started = driver.Firefox(program, profile)
    yield started
    started.close()


def test_write_publish_comment_and_approve_without_a_message_in_the_console(running_blog, firefox):
    print(f"Firefox {firefox.version}")
    ada, guest = firefox.new_page(), firefox.new_page()
    log_in(ada, running_blog)
    permalink = publish(ada, running_blog)
    comment(guest, permalink)
    ada.goto(f"{running_blog.url}/desk/comments/")
    ada.wait_for("document.body.innerText.includes('Ten hills before breakfast')")
    ada.click("article button[name=one][value^='approve ']")
    ada.wait_for("[...document.querySelectorAll('button')].some(button => button.innerText.includes('Undo'))")
    guest.goto(permalink)
    guest.wait_for("document.querySelector('article[id^=comment-]').innerText.includes('Ten hills before breakfast')")
    assert not guest.evaluate("document.body.innerText.includes('awaiting moderation')")
    assert firefox.messages == []


def test_both_editors_store_alike_what_is_typed_and_undone(running_blog, firefox):
    page = firefox.new_page()
    log_in(page, running_blog)
    for editor, remembered in EDITORS.items():
        page.evaluate(remembered)
        page.goto(f"{running_blog.url}/desk/write/")
        page.type("#id_title", f"In Firefox, {editor}")
        typed = "A ==marked *word*== and `code`.\n\nשלום\n\n> [!TIP] Run early, false"
        page.type(field(page, editor), typed)
        page.press("z", "Control")
        page.press("y", "Control")
        for _letter in ", false":
            page.press(BACKSPACE)
        page.press("s", "Control")
        page.wait_for("document.body.innerText.includes('Draft saved.')")
    expected = [typed.removesuffix(", false")]
    assert stored(running_blog, "In Firefox, plain") == stored(running_blog, "In Firefox, rich") == expected
    # The rich one draws it, and its lines have the direction of their words.
    page.evaluate(EDITORS["rich"])
    page.evaluate("location.reload()")
    field(page, "rich")
    for name in ("highlight", "em", "code", "callout--tip"):
        page.wait_for(f"!!{ROOT}.querySelector('.{name}')")
    assert (
        page.evaluate(f"[...{ROOT}.querySelectorAll('.cm-line')].map(line => line.dir).join(' ')").split()[2] == "rtl"
    )
    assert firefox.messages == []


def test_no_page_that_the_desk_links_to_complains(running_blog, firefox):
    page = firefox.new_page()
    log_in(page, running_blog)
    links = "[...new Set([...document.links].map(link => link.pathname))].join(' ')"
    seen, waiting = set(), ["/desk/", "/desk/settings/", "/"]
    while waiting:
        path = waiting.pop(0)
        seen.add(path)
        page.goto(running_blog.url + path)
        assert firefox.messages == [], path
        if path.startswith("/desk/") and path.count("/") < 4:
            new = {each for each in page.evaluate(links).split() if re.fullmatch(r"/(desk/[a-z-]+/([a-z-]+/)?)?", each)}
            waiting += sorted(new - seen - set(waiting))
    assert len(seen) > 30


def test_errors_of_scripts_are_heard(firefox):
    """The control of the test above: what its last assertion looks for does reach `messages`."""
    page = firefox.new_page()
    page.goto("data:text/html,<button onclick='missing()'>Go</button><script>console.error('heard')</script>")
    page.click("button")
    page.evaluate("new Promise(done => setTimeout(done, 500))")
    assert firefox.messages == ["error: heard", "error: ReferenceError: missing is not defined"]


ROOT = "document.querySelector('.write__rich').shadowRoot"
BACKSPACE = "\ue003"


def field(page, editor):
    """The selector of the editor that is there, once it is: plain or rich."""
    selector = "#id_source" if editor == "plain" else ".write__rich"
    page.wait_for(f"document.querySelector({json.dumps(selector)})?.checkVisibility()")
    return selector


def log_in(page, blog):
    page.goto(f"{blog.url}/accounts/login/?next=/desk/write/")
    page.type("[name=login]", blog.email)
    page.type("[name=password]", f"{blog.password}\n")
    page.wait_for("location.pathname === '/desk/write/'")


def publish(page, blog):
    """Returns the post's URL."""
    page.type("#id_title", "Weights on a Tuesday")
    page.type(field(page, "rich"), "Three sets of *squats*, then six miles.")
    page.click("[name=action][value=publish]")
    page.wait_for("!!document.querySelector('.permalink a')")
    permalink = page.evaluate("document.querySelector('.permalink a').href")
    assert permalink.startswith(blog.url)
    assert permalink.endswith("/weights-on-a-tuesday/")
    return permalink


def comment(page, permalink):
    page.goto(permalink)
    assert page.evaluate("document.querySelector('.prose em').innerText") == "squats"
    page.type("#respond [name=comment]", "Ten hills before breakfast.")
    page.type("#respond [name=email]", "rene@example.org")
    page.type("#respond [name=author]", "Rene")
    page.click("#respond .button--first")
    page.wait_for("location.hash.startsWith('#comment-')")
    page.wait_for("document.body.innerText.includes('Your comment is awaiting moderation.')")
