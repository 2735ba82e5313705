"""What only a browser knows. The ways in from the comment form are walked in tests/walks/test_login_services.py."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect


@pytest.fixture(scope="module")
def owner():
    """Not the test's own database: the blog's."""


@pytest.fixture(scope="module")
def addresses(stand_in_process):
    return {
        "OIDC_NAME": "Example ID",
        "OIDC_ISSUER": f"{stand_in_process.url}/oidc",
        "OIDC_CLIENT_ID": "longrun",
        "OIDC_CLIENT_SECRET": "known to the stand-in",
    }


@pytest.fixture(scope="module")
def blog(start_blog, addresses):
    return start_blog(set_up=True, **addresses)


def sound(page):
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.long
def test_a_wrong_password_is_an_error_that_axe_finds_well_told(blog, page):
    page.goto(f"{blog.url}/accounts/oidc/oidc/login/")
    sound(page)
    page.goto(f"{blog.url}/accounts/login/")
    page.get_by_label("Password").fill("wrong")
    page.get_by_label("Email").fill(blog.email)
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page).to_have_title(re.compile("^Error:"))
    sound(page)
    page.get_by_label("Password").fill(blog.password)
    page.get_by_role("button", name="Log in", exact=True).click()
    page.wait_for_url(re.compile("/desk/"))


def test_the_page_on_the_way_passes_axe_and_has_a_way_back(blog, page, stand_in):
    page.route(f"{stand_in.url}/**", lambda route: route.abort())
    page.goto(f"{blog.url}/accounts/oidc/oidc/login/")
    answer = page.request.post(
        f"{blog.url}/accounts/oidc/oidc/login/",
        form={"csrfmiddlewaretoken": page.locator("[name=csrfmiddlewaretoken]").first.input_value()},
        headers={"Origin": blog.url},
    )
    page.set_content(answer.text().replace('http-equiv="refresh"', 'name="x"'))
    expect(page.get_by_role("link", name="Cancel")).to_have_attribute("href", "/accounts/login/")


def test_a_person_sets_the_blog_up(start_blog, new_context):
    """Without scripts too: tests/walks/test_main_job.py."""
    blog = start_blog()
    page = new_context(timezone_id="Europe/Berlin").new_page()
    page.goto(blog.url)
    page.get_by_role("heading", name="This blog is not set up yet").wait_for()
    page.goto(blog.setup_link)
    sound(page)
    expect(page.get_by_label("Timezone")).to_have_value("Europe/Berlin")
    page.get_by_label("Site title").fill("Evening pages")
    page.get_by_label("Your name").fill("Ada")
    page.get_by_label("Email").fill("ada@example.org")
    page.get_by_label("Password").fill("short")
    page.get_by_role("button", name="Create the blog").click()
    expect(page).to_have_title(re.compile("^Error:"))
    expect(page.get_by_label("Site title")).to_have_value("Evening pages")
    page.get_by_label("Password").fill("a quiet lamp on the table")
    page.get_by_role("button", name="Create the blog").click()
    page.wait_for_url(f"{blog.url}/desk/write/")
    page.get_by_role("heading", name="Next steps").wait_for()
