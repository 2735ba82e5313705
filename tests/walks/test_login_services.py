"""Every way in from the comment form, in a real browser with and without scripts; the typed text comes along."""

import re
import secrets
from email import message_from_bytes, policy

import pytest
from playwright.sync_api import expect

from tests.browser import WITH_AND_WITHOUT
from tests.core import smtp

NAMES = ["Google", "Facebook", "X", "GitHub", "WordPress.com", "Example ID"]
TEXT = "Typed before I logged in: “naïve” 🏃🏽 & <b>\nand a second line"


@pytest.fixture(scope="module")
def inbox():
    inbox = smtp.Inbox()
    server = smtp.Server(inbox)
    server.start()
    inbox.port = server.port
    yield inbox
    server.stop()


@pytest.fixture(scope="module")
def blog(start_blog, stand_in_process, inbox):
    return start_blog(
        set_up=True, DJANGO_SETTINGS_MODULE="tests.stand_in.served", STAND_IN_URL=stand_in_process.url,
        EMAIL_HOST="127.0.0.1", EMAIL_PORT=str(inbox.port),
    )  # fmt: skip


@pytest.fixture(params=WITH_AND_WITHOUT)
def browser_of_ann(request, blog, stand_in, new_context):
    return new_context(java_script_enabled=request.param, base_url=blog.url)


@pytest.fixture
def reader(browser_of_ann):
    return at_the_form(browser_of_ann)


def at_the_form(context, text=TEXT):
    page = context.new_page()
    page.goto("/")
    page.get_by_role("link", name="The first page of a new book").first.click()
    box(page).fill(text)
    return page


def box(page):
    return page.get_by_role("textbox", name="comment").first


def way(page, name):
    """The button of a way in, which may stand behind "More"."""
    button = page.locator("#respond").get_by_role("button", name=name, exact=isinstance(name, str), include_hidden=True)
    page.get_by_role("textbox", name="comment").first.focus()
    if not button.is_visible():
        page.get_by_text("More ways to log in").click()
    return button


def choose(page, name):
    way(page, f"Log in with {name}").click()
    page.get_by_role("heading", name="(stand-in)").wait_for()


def comes_back(page, text=TEXT):
    page.locator("#respond.is-open").wait_for()
    expect(box(page)).to_have_value(text)
    assert "#respond" in page.url


def comments_as(page, account, name="Ann Reader"):
    page.get_by_text(f"You are commenting using your {account} account.").wait_for()
    expect(page.locator(".identity__me strong").first).to_have_text(f"{name}:")


def test_each_provider_brings_the_text_back_and_can_be_changed_for_the_next(reader):
    for name in NAMES:
        choose(reader, name)
        reader.get_by_role("button", name="Ann Reader").click()
        comes_back(reader)
        comments_as(reader, name)
        reader.get_by_role("button", name="Change").click()
        comes_back(reader)
    choose(reader, "GitHub")
    reader.get_by_role("button", name="Ann Reader").click()
    comments_as(reader, "GitHub")
    reader.get_by_role("button", name="Log Out").click()
    comes_back(reader)
    expect(reader.get_by_label("Email (required)")).to_be_visible()


@pytest.mark.long
def test_what_goes_wrong_at_a_provider_brings_the_text_back_with_a_plain_word(reader, stand_in):
    choose(reader, "X")
    reader.get_by_role("button", name="Cancel").click()
    comes_back(reader)
    expect(reader.locator("#respond").get_by_text("you cancelled it at \u2068X\u2069")).to_be_in_viewport()
    stand_in.breaks("google", "refuse")
    choose(reader, "Google")
    reader.get_by_role("button", name="Ann Reader").click()
    comes_back(reader)
    reader.get_by_text("did not work this time").wait_for()
    stand_in.breaks("facebook", "token_down")
    choose(reader, "Facebook")
    reader.get_by_role("button", name="Ann Reader").click()
    comes_back(reader)
    stand_in.breaks("oidc", "discovery_down")
    way(reader, "Log in with Example ID").click()
    reader.get_by_text("does not answer just now").wait_for()
    expect(box(reader)).to_have_value(TEXT)
    expect(reader.get_by_label("Email (required)")).to_be_visible()


@pytest.mark.long
@pytest.mark.parametrize("lost", ["sessionid", None], ids=["the session", "all but the way back"])
def test_a_state_that_was_lost_on_the_way_brings_the_text_back(reader, browser_of_ann, lost):
    choose(reader, "GitHub")
    kept = [each for each in browser_of_ann.cookies() if each["name"] == "longrun_return"]
    browser_of_ann.clear_cookies(name=lost) if lost else browser_of_ann.clear_cookies()
    browser_of_ann.add_cookies(kept)
    reader.get_by_role("button", name="Ann Reader").click()
    comes_back(reader)
    choose(reader, "GitHub")
    reader.get_by_role("button", name="Ann Reader").click()
    comments_as(reader, "GitHub")


def test_without_any_cookie_a_page_explains_and_nobody_is_logged_in(reader, browser_of_ann):
    choose(reader, "GitHub")
    browser_of_ann.clear_cookies()
    reader.get_by_role("button", name="Ann Reader").click()
    reader.get_by_text("ten minutes").wait_for()
    assert not [each for each in browser_of_ann.cookies() if each["name"] == "sessionid" and each["value"]]


@pytest.mark.long
def test_two_tabs_with_two_providers_both_come_back_with_their_own_text(browser_of_ann):
    first, second = at_the_form(browser_of_ann, "The first tab"), at_the_form(browser_of_ann, "The second tab")
    choose(first, "Google")
    choose(second, "WordPress.com")
    second.get_by_role("button", name="Bob Weber").click()
    comes_back(second, "The second tab")
    comments_as(second, "WordPress.com", "Bob Weber")
    first.get_by_role("button", name="Ann Reader").click()
    comes_back(first, "The first tab")
    comments_as(first, "Google")


def test_a_second_provider_is_connected_on_the_account_page_and_then_opens_the_same_account(reader, stand_in):
    name = f"Dora {secrets.token_hex(4)}"  # with no other account here
    stand_in.person(name, number=secrets.token_hex(8), login=name, name=name)
    choose(reader, "Google")
    reader.get_by_role("button", name=name).click()
    comments_as(reader, "Google", name)
    reader.goto("/accounts/3rdparty/")
    reader.get_by_role("button", name="X", exact=True).click()
    reader.get_by_role("button", name=name).click()
    reader.get_by_role("button", name="Remove X").wait_for()
    reader.goto("/")
    reader.get_by_role("link", name="The first page of a new book").first.click()
    box(reader).fill(TEXT)
    reader.get_by_role("button", name="Change").click()
    comes_back(reader)
    choose(reader, "X")
    reader.get_by_role("button", name=name).click()
    comments_as(reader, "X", name)
    reader.goto("/accounts/3rdparty/")
    expect(reader.get_by_role("button", name="Remove Google")).to_be_visible()


def test_a_code_by_mail_logs_in_and_brings_the_text_back(reader, inbox):
    inbox.emails.clear()
    reader.get_by_label("Email (required)").fill("carla@example.org")
    reader.get_by_label("Name (required)").fill("Carla")
    way(reader, re.compile("Log in with .*mail")).click()
    reader.get_by_role("heading", name="Enter the code").wait_for()
    for _wait in range(300):
        if inbox.emails:
            break
        reader.wait_for_timeout(100)
    email = message_from_bytes(inbox.emails[-1].content, policy=policy.default).get_body(("plain",)).get_content()
    code = re.search(r"^\s*([A-Z0-9]{3,}-?[A-Z0-9]{3,})\s*$", email, re.MULTILINE)[1]
    reader.get_by_label("Code").fill(code)
    reader.get_by_role("button", name="Log in", exact=True).click()
    comes_back(reader)
    reader.get_by_text("You are commenting using your").wait_for()


def test_a_passkey_is_made_and_brings_its_reader_back_to_the_text(blog, stand_in, new_context):
    context = new_context(base_url=blog.url)
    reader = at_the_form(context)
    device = context.new_cdp_session(reader)
    device.send("WebAuthn.enable")
    facts = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    device.send(
        "WebAuthn.addVirtualAuthenticator",
        {"options": facts | {"isUserVerified": True, "automaticPresenceSimulation": True}},
    )
    choose(reader, "GitHub")
    reader.get_by_role("button", name="Ann Reader").click()
    comments_as(reader, "GitHub")
    reader.goto("/accounts/2fa/webauthn/add/")
    reader.get_by_label("A name for it").fill("This phone")
    reader.get_by_role("button", name="Add", exact=True).click()
    reader.get_by_text("You have 1 passkey.").wait_for()
    reader.goto("/accounts/logout/")
    reader.get_by_role("button", name="Log out").last.click()
    reader.goto("/")
    reader.get_by_role("link", name="The first page of a new book").first.click()
    box(reader).fill(TEXT)
    way(reader, re.compile("Log in with .*passkey", re.IGNORECASE)).click()
    reader.wait_for_url("**/accounts/login/**")
    reader.get_by_role("button", name="Log in with a passkey").click()
    comes_back(reader)
    reader.get_by_text("You are commenting using your").wait_for()


PRESSED = """() => {
  const often = ".button, .link, textarea, .field input, .comment__foot a, .masthead a, .menu summary";
  const sizes = (elements) => elements.map((each) => {
    const boxes = [each, ...(each.labels ?? [])].map((part) => part.getBoundingClientRect());
    const [left, top] = ["left", "top"].map((side) => Math.min(...boxes.map((box) => box[side])));
    const [right, bottom] = ["right", "bottom"].map((side) => Math.max(...boxes.map((box) => box[side])));
    return { what: each.textContent.trim() || each.name, width: right - left, height: bottom - top };
  });
  const all = [...document.querySelectorAll("a[href], button, input, select, summary, textarea")].filter((each) =>
    each.checkVisibility({ visibilityProperty: true }) && each.type !== "hidden" &&
    !each.closest("[aria-hidden=true], .prose, .entry--alone > .entry__foot, .skip"));
  return [sizes(all.filter((each) => each.matches(often))), sizes(all.filter((each) => !each.matches(often)))];
}"""


def test_on_a_phone_the_form_is_short_and_everything_can_be_pressed(blog, stand_in, new_context):
    phone = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
    reader = at_the_form(new_context(base_url=blog.url, **phone))
    text, post = box(reader).bounding_box(), reader.get_by_role("button", name="Post Comment").last
    assert post.bounding_box()["y"] - text["y"] - text["height"] < 560, "services stand in one row"
    often, rest = reader.evaluate(PRESSED)
    assert often and [each for each in often if min(each["width"], each["height"]) < 43.5] == []
    assert rest and [each for each in rest if min(each["width"], each["height"]) < 23.9] == []
    box(reader).fill("")
    post.click()
    expect(reader.locator("#errors")).to_be_focused()
    linked = reader.locator("#errors a").evaluate_all("links => links.map((link) => link.hash.slice(1))")
    placed = reader.locator("form [id]").evaluate_all("fields => fields.map((field) => field.id)")
    assert linked == [name for name in placed if name in linked] and len(linked) == 3
