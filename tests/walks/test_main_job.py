"""The main job as a person does it: real server, worker, browser and files, with and (long) without scripts.

A blog is set up, a post is written, a guest and somebody who logs in answer, the author decides.
"""

import re

import pytest
from playwright.sync_api import expect

from tests.browser import WITH_AND_WITHOUT
from tests.walks.writing import text

TITLE = "Weights on a Tuesday"
PERMALINK = re.compile(r"/\d{4}/\d\d/\d\d/weights-on-a-tuesday/$")
TYPED = "I lift <b>& run</b>, in that order — 東京 too."


@pytest.fixture(scope="module")
def blog(start_blog, stand_in_process):
    """A blog that nobody owns yet, with one login service: the stand-in, known by its issuer's address."""
    stand_in_process.control(reset=True)
    return lambda: start_blog(
        OIDC_NAME="Runners' Club",
        OIDC_ISSUER=f"{stand_in_process.url}/oidc",
        OIDC_CLIENT_ID="longrun",
        OIDC_CLIENT_SECRET="known to the stand-in",
    )


@pytest.mark.parametrize("javascript", WITH_AND_WITHOUT)
def test_the_main_job(blog, new_context, javascript):
    blog = blog()
    house = {"java_script_enabled": javascript, "base_url": blog.url, "viewport": {"width": 360, "height": 780}}
    ada, guest, other, ann = (new_context(**house).new_page() for _person in range(4))
    broken = []
    for page in (ada, guest, other, ann):
        page.on("pageerror", lambda error: broken.append(str(error)))
        page.on("console", lambda line: broken.append(line.text) if "Content Security Policy" in line.text else None)
        page.on("response", lambda answer: broken.append(answer.url) if answer.status >= 500 else None)

    expect_not_set_up(guest)
    broken.clear()
    set_up(ada, blog.setup_link)
    permalink = write(ada)
    read(guest, permalink)
    answer_as_guest(guest, permalink)
    other.goto(permalink)
    expect(other.get_by_text("Ten hills before breakfast")).to_have_count(0)
    approve(ada, "Ten hills before breakfast")
    guest.goto(permalink)
    expect(guest.get_by_role("heading", name=f"1 Response to “{TITLE}”")).to_be_visible()
    expect(guest.get_by_text("awaiting moderation")).to_have_count(0)
    answer_after_logging_in(ann, permalink)
    expect_waiting(ada, 1)
    approve(ada, "in that order")
    other.goto(permalink)
    expect(other.get_by_role("heading", name=f"2 Responses to “{TITLE}”")).to_be_visible()
    expect(other.get_by_role("article", name="Comment by \u2068Ann Reader\u2069")).to_contain_text(TYPED)
    log_out_at_the_form(ann, permalink)
    log_out(ada)
    assert not broken


def expect_not_set_up(page):
    assert page.goto("/").status == 503
    expect(page.get_by_text("This blog is not set up yet")).to_be_visible()


def set_up(page, link):
    page.goto(link)
    page.get_by_label("Site title").fill("Ada runs")
    page.get_by_label("Tagline").fill("In the morning, mostly")
    page.get_by_label("Your name").fill("Ada")
    page.get_by_label("Email").fill("ada@example.org")
    page.get_by_label("Password").fill("hills and dales and hills")
    page.get_by_label("Timezone").select_option("Europe/Berlin")
    page.get_by_role("button", name="Create the blog").click()
    expect(page).to_have_url(re.compile("/desk/write/"))
    expect(page.get_by_role("heading", name="Next steps")).to_be_visible()
    assert page.request.get(link, fail_on_status_code=False).status == 404


def write(page):
    page.get_by_label("Title", exact=True).fill(TITLE)
    expect(text(page)).to_be_visible()
    page.get_by_role("textbox", name="Text", exact=True).fill(
        "Three sets of *squats*, then six miles.\n\n- slow\n- slower"
    )
    page.get_by_text("Settings of this post").click()
    page.locator("#id_tag_names").fill("weights, running")
    page.get_by_label("New category").first.fill("Get Your Move On")
    page.get_by_role("button", name="Publish").click()
    link = page.locator(".permalink a")
    expect(link).to_have_text(PERMALINK, timeout=30_000)
    return link.get_attribute("href")


def read(page, permalink):
    page.goto(permalink)
    expect(page).to_have_title(f"{TITLE} – Ada runs")
    expect(page.get_by_role("heading", name=TITLE, exact=True)).to_be_visible()
    sentence = "This entry was posted in Get Your Move On and tagged running, weights. Bookmark the permalink."
    expect(page.locator(".entry__foot")).to_contain_text(sentence)
    expect(page.locator(".prose em")).to_have_text("squats")
    expect(page.locator(".prose li")).to_have_count(2)
    expect(page.get_by_role("heading", name="Leave a Reply")).to_be_visible()


def answer_as_guest(page, permalink):
    page.goto(permalink)
    form = page.locator("#respond")
    form.get_by_label("Enter your comment here").fill("Ten hills before breakfast.\n\nAnd you?")
    form.get_by_label("Email (required)").fill("rene@example.org")
    form.get_by_label("Name (required)").fill("Rene")
    form.get_by_role("button", name="Post Comment").click()
    expect(page).to_have_url(re.compile(r"#comment-\d+$"))
    mine = page.get_by_role("article", name="Comment by \u2068Rene\u2069")
    expect(mine).to_contain_text("Your comment is awaiting moderation.")
    expect(mine).to_contain_text("Ten hills before breakfast.")


def approve(page, text):
    page.goto("/desk/comments/")
    email = page.get_by_role("article").filter(has_text=text)
    email.get_by_role("button", name="Approve the comment by").click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()


def expect_waiting(page, number):
    page.goto("/desk/comments/")
    expect(page.get_by_role("link", name=f"Pending {number}")).to_be_visible()


def answer_after_logging_in(page, permalink):
    page.goto(permalink)
    form = page.locator("#respond")
    form.get_by_label("Enter your comment here").fill(TYPED)
    form.get_by_role("button", name="Runners' Club").click()
    follow_to_the_provider(page)
    page.get_by_role("button", name="Ann Reader").click()
    expect(page).to_have_url(re.compile(r"#respond$"))
    expect(form.get_by_label("Enter your comment here")).to_have_value(TYPED)
    expect(form).to_contain_text("You are commenting using your Runners' Club account.")
    form.get_by_role("button", name="Post Comment").click()
    expect(page.get_by_role("article", name="Comment by \u2068Ann Reader\u2069")).to_contain_text("awaiting moderation")


def follow_to_the_provider(page):
    """ "Connecting to …" goes on by itself after a moment; whoever is quicker takes the link."""
    expect(page.get_by_role("button", name="Ann Reader")).to_be_visible(timeout=15_000)


def log_out_at_the_form(page, permalink):
    page.goto(permalink)
    form = page.locator("#respond")
    form.get_by_label("Enter your comment here").fill("One more thing")
    form.get_by_role("button", name="Log Out").click()
    expect(form.get_by_label("Enter your comment here")).to_have_value("One more thing")
    expect(form.get_by_label("Name (required)")).to_be_visible()


def log_out(page):
    page.goto("/accounts/logout/")
    page.get_by_role("main").get_by_role("button", name="Log Out").click()
    assert page.goto("/desk/").url.endswith("/accounts/login/?next=/desk/")
