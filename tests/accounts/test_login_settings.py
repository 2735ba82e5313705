"""A blog as its owner runs it: production settings, a login configured by environment variables alone."""

import html
import re

import pytest
import requests

TEXT = "Nine words & <b>no markup</b>, kept on the way 🌊"


@pytest.fixture(scope="module")
def owner():
    """Not the test's own database: the blog's."""


@pytest.fixture(scope="module")
def blog(start_blog, stand_in_process):
    return start_blog(
        set_up=True,
        OIDC_NAME="Example ID",
        OIDC_ISSUER=f"{stand_in_process.url}/oidc",
        OIDC_CLIENT_ID="longrun",
        OIDC_CLIENT_SECRET="known to the stand-in",
        WORDPRESS_COM_CLIENT_ID="longrun",
        WORDPRESS_COM_CLIENT_SECRET="known to the stand-in",
        WORDPRESS_COM_ISSUER=f"{stand_in_process.url}/wordpress-com",
    )


@pytest.fixture
def reader(blog):
    session = requests.Session()
    session.headers["Origin"] = blog.url
    return session


@pytest.fixture
def first_post(blog, reader):
    return re.search(r'action="(/comments/\d+/)"', reader.get(blog.url + found_post(blog, reader)).text).group(1)


def found_post(blog, reader):
    return re.search(r'href="(/\d{4}/\d\d/\d\d/[^"/]+/)', reader.get(blog.url).text).group(1)


def go_to(blog, reader, first_post, provider):
    """Press the button with the text typed: the address that the page "Connecting to …" leads to."""
    page = reader.post(f"{blog.url}{first_post}as/{provider}/", data={"comment": TEXT})
    assert page.status_code == 200
    assert "Connecting to " in page.text
    return html.unescape(re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', page.text).group(1))


@pytest.mark.parametrize(("provider", "name"), [("oidc", "Example ID"), ("wordpress-com", "WordPress.com")])
def test_the_typed_text_comes_back_with_a_name(blog, reader, first_post, stand_in, provider, name):
    back = stand_in.choose(go_to(blog, reader, first_post, provider), "ann")
    page = reader.get(back)
    assert page.status_code == 200
    assert "Ann Reader" in page.text
    assert f"You are commenting using your <bdi>{name}</bdi> account." in " ".join(page.text.split())
    assert html.escape(TEXT) in page.text.replace("&#x27;", "'")


def test_cancel_brings_the_text_back_and_no_name(blog, reader, first_post, stand_in):
    page = reader.get(stand_in.choose(go_to(blog, reader, first_post, "oidc"), ""))
    assert html.escape(TEXT) in page.text
    assert "You are not logged in" in page.text
    assert "You are commenting using" not in page.text


def test_cookies_that_were_cleared_on_the_way_leave_a_page_that_explains(blog, reader, first_post, stand_in):
    address = go_to(blog, reader, first_post, "oidc")
    page = requests.get(stand_in.choose(address, "ann"))
    assert page.status_code == 401
    assert "inside other apps" in page.text and "did not work" not in page.text
    link = re.search(r'class="button button--first" href="([^"]+)"', page.text)[1]
    assert html.escape(TEXT) in requests.get(blog.url + html.unescape(link)).text, "in no browser that knew of it"


def test_a_service_without_keys_has_no_button(blog, reader):
    page = reader.get(blog.url + found_post(blog, reader)).text
    assert "Example ID" in page
    assert "Google" not in page
    assert reader.post(f"{blog.url}/accounts/google/login/").status_code in (403, 404)


def test_the_owners_link_logs_in_on_the_running_blog(blog, reader):
    link = blog.manage("login_link").split()[-1]
    page = reader.get(link)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text).group(1)
    answer = reader.post(link, data={"csrfmiddlewaretoken": token})
    assert answer.url == f"{blog.url}/desk/"
    assert answer.status_code == 200
