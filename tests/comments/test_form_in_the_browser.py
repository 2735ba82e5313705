"""The form as it feels: it opens, keeps, moves, and puts the reader where the answer is."""

import re
import time
from urllib.parse import parse_qsl

import pytest
from playwright.sync_api import expect

from tests.test_every_page import log_in

TEXT = "Typed by somebody who then had to catch a train."
DAY = 24 * 3600


@pytest.fixture(scope="module")
def owner():
    """Not the test's own database: the blog's."""


@pytest.fixture(scope="module")
def blog(start_blog):
    return start_blog(set_up=True)


@pytest.fixture
def page(blog, new_context):
    return new_context(base_url=blog.url).new_page()


@pytest.fixture
def post(page):
    """The greeting, open in a browser."""
    page.goto("/")
    page.get_by_role("link", name="The first page of a new book").first.click()
    page.get_by_role("heading", name="Leave a Reply").wait_for()
    page.wait_for_load_state()  # with the scripts
    return page


def box(page):
    return page.locator("textarea[name=comment]")


def own_words(text):
    """Two tests may not say the same: duplicates are refused."""
    return f"{TEXT} {text}"


def test_who_you_are_is_asked_when_you_begin_to_write(post):
    name = post.get_by_label("Name (required)")
    expect(name).not_to_be_visible()
    box(post).focus()
    expect(name).to_be_visible()


def test_without_javascript_all_of_the_form_is_there(blog, new_context):
    page = new_context(java_script_enabled=False).new_page()
    page.goto(blog.url)
    page.get_by_role("link", name="The first page of a new book").first.click()
    expect(page.get_by_label("Name (required)")).to_be_visible()
    page.get_by_role("link", name="Reply to").first.click()
    expect(page.get_by_role("heading", name="Leave a Reply to")).to_be_visible()
    assert page.locator("input[name=parent]").input_value()


def test_words_survive_a_reload_until_they_are_stored(post):
    box(post).fill(own_words("reload"))
    post.reload()
    expect(box(post)).to_have_value(own_words("reload"))
    post.get_by_label("Email (required)").fill("ann@example.org")
    post.get_by_label("Name (required)").fill("Ann")
    post.get_by_role("button", name="Post Comment").click()
    post.get_by_text("Your comment is awaiting moderation.").first.wait_for()
    expect(box(post)).to_have_value("")
    post.reload()
    expect(box(post)).to_have_value("")


def test_words_typed_before_the_script_came_survive_a_reload(post):
    late = []
    post.route("**/comment-form*.js", lambda route: late.append(route))
    post.reload(wait_until="commit")
    box(post).fill(own_words("early"))
    for route in late:
        route.continue_()
    post.unroute("**/comment-form*.js")
    post.wait_for_load_state()
    post.goto(post.url.partition("#")[0])
    expect(box(post)).to_have_value(own_words("early"))


def test_words_typed_over_a_draft_survive_a_reload(post, blog):
    """Whoever logs out from the form, or in, finds in it what the server kept meanwhile."""
    address = post.url
    log_in(post, blog)
    post.goto(address)
    box(post).fill("One line. ")
    post.get_by_role("button", name="Log Out").click()
    post.wait_for_url("**?draft=*")
    expect(box(post)).to_have_value("One line. ")
    box(post).press("Control+End")
    box(post).press_sequentially(own_words("over a draft"))
    post.reload()
    expect(box(post)).to_have_value(re.compile(own_words("over a draft")))


def test_words_of_an_account_wait_for_that_account_alone(post, blog):
    address = post.url
    log_in(post, blog)
    post.goto(address)
    box(post).fill(own_words("of an account"))
    post.goto("/accounts/logout/")
    post.get_by_role("main").get_by_role("button", name="Log out").click()
    post.goto(address)
    expect(box(post)).to_have_value("")
    log_in(post, blog)
    post.goto(address)
    expect(box(post)).to_have_value(own_words("of an account"))


def test_words_are_offered_for_thirty_days(post):
    box(post).fill(own_words("long ago"))
    post.clock.set_system_time(time.time() + 29 * DAY)
    post.reload()
    expect(box(post)).to_have_value(own_words("long ago"))
    post.clock.set_system_time(time.time() + 31 * DAY)
    post.goto(post.url)
    expect(box(post)).to_have_value("")


def test_words_kept_before_it_was_said_whose_they_are_are_a_guests(post):
    post.evaluate("localStorage.setItem('longrun-text-1', 'Kept in the older way.')")
    post.goto(post.url.partition("#")[0])
    expect(box(post)).to_have_value("Kept in the older way.")


def test_what_was_typed_after_a_refused_try_survives_a_look_at_another_comment(post):
    address, other = post.url.partition("#")[0], post.locator("article.comment").first
    look = f"{address}#{other.get_attribute('id')}"
    box(post).fill(" ".join(other.locator(".prose").inner_text().split()[:2]))
    post.get_by_role("button", name="Post Comment").click()
    post.get_by_role("alert").wait_for()  # there is no name yet
    box(post).fill(own_words("essay"))
    post.goto(look)
    expect(box(post)).to_have_value(own_words("essay"))


def test_an_error_has_the_focus_and_the_text_stays(post):
    box(post).fill(own_words("error"))
    post.get_by_role("button", name="Post Comment").click()
    post.get_by_role("alert").wait_for()
    expect(post).to_have_title(re.compile("^Error:"))
    expect(post.locator("#errors")).to_be_focused()
    expect(box(post)).to_have_value(own_words("error"))
    name = post.get_by_label("Name (required)")
    expect(name).to_have_attribute("aria-invalid", "true")
    why = post.locator(f"#{name.get_attribute('aria-describedby')}")
    expect(why).to_have_text("Please enter your name.")
    post.get_by_role("link", name="Please enter your name.").click()
    expect(name).to_be_focused()


def test_after_posting_the_focus_is_on_ones_own_comment(post):
    box(post).fill(own_words("focus"))
    post.get_by_label("Email (required)").fill("bo@example.org")
    name = post.get_by_label("Name (required)")
    name.fill("Bo")
    name.press("Enter")
    post.wait_for_url("**#comment-*")
    expect(post.get_by_role("article", name="Comment by \u2068Bo\u2069")).to_be_focused()


def test_the_form_moves_to_the_comment_that_it_answers_and_home_again(post):
    link = post.get_by_role("link", name="Reply to").first
    link.click()
    expect(post.get_by_role("heading", name="Leave a Reply to")).to_be_visible()
    expect(post.locator("input[name=parent]")).to_have_value(link.get_attribute("data-parent"))
    expect(box(post)).to_be_focused()
    assert post.evaluate("document.getElementById('respond').previousElementSibling.className").startswith("comment")
    post.get_by_role("link", name="Cancel reply").click()
    expect(post.locator("input[name=parent]")).to_have_value("")
    expect(link).to_be_focused()


def test_a_half_written_answer_comes_back_below_its_comment(post):
    address = post.url
    link = post.get_by_role("link", name="Reply to").first
    link.click()
    box(post).fill(own_words("answer"))
    for comes_back in [post.reload, lambda: post.goto("/") and post.go_back(), lambda: post.goto(address)]:
        comes_back()
        expect(box(post)).to_have_value(own_words("answer"))
        expect(post.get_by_role("heading", name="Leave a Reply to")).to_be_visible()
        expect(post.locator("input[name=parent]")).to_have_value(link.get_attribute("data-parent"))
    post.get_by_role("link", name="Cancel reply").click()
    post.reload()
    expect(box(post)).to_have_value(own_words("answer"))
    expect(post.get_by_role("heading", name="Leave a Reply", exact=True)).to_be_visible()
    expect(post.locator("input[name=parent]")).to_have_value("")


def test_details_come_back_only_by_consent(post):
    box(post).fill(own_words("consent"))
    post.get_by_label("Email (required)").fill("cy@example.org")
    post.get_by_label("Name (required)").fill("Cy")
    post.get_by_label("Save my name").check()
    post.get_by_role("button", name="Post Comment").click()
    post.wait_for_url("**#comment-*")
    box(post).focus()
    expect(post.get_by_label("Name (required)")).to_have_value("Cy")
    expect(post.get_by_label("Save my name")).to_be_checked()


def test_consent_taken_back_is_not_given_again_by_an_error(post):
    box(post).fill(own_words("given"))
    post.get_by_label("Email (required)").fill("di@example.org")
    post.get_by_label("Name (required)").fill("Di")
    post.get_by_label("Save my name").check()
    post.get_by_role("button", name="Post Comment").click()
    post.wait_for_url("**#comment-*")
    box(post).fill(own_words("taken back"))
    post.get_by_label("Save my name").uncheck()
    post.get_by_label("Name (required)").fill("")
    post.get_by_role("button", name="Post Comment").click()
    post.get_by_role("alert").wait_for()
    post.wait_for_load_state()
    expect(post.get_by_label("Save my name")).not_to_be_checked()
    expect(post.get_by_label("Name (required)")).to_have_value("")


def time_sent_with(post, write):
    """What the form says of the time from the first key, when it is sent."""
    write()
    post.get_by_label("Email (required)").fill("ann@example.org")
    post.get_by_label("Name (required)").fill("Ann")
    with post.expect_request(lambda request: request.method == "POST") as sent:
        post.get_by_role("button", name="Post Comment").click()
    return dict(parse_qsl(sent.value.post_data, keep_blank_values=True))["since"]


def test_typed_keys_tell_how_long_it_took(post):
    said = time_sent_with(post, lambda: box(post).press_sequentially(own_words("typed"), delay=5))
    assert 200 < int(said) < 60_000


def test_what_was_brought_back_tells_no_time(post):
    assert time_sent_with(post, lambda: box(post).fill(own_words("brought"))) == ""
