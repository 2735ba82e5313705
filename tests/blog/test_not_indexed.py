"""Addresses without end ask search engines, in a header, to leave them out; robots.txt asks robots not to come."""

import re

import pytest

from tests.asking import ask, process

pytestmark = pytest.mark.django_db


@pytest.fixture
def blog_of_many(make_post, settled, settings):
    from blog.models import ReadingSettings

    posts = [make_post(f"Number {number}", tags=["running"]) for number in range(3)]
    reading = ReadingSettings.objects.first() or ReadingSettings()
    reading.posts_per_page = 1
    reading.save()
    settled()
    made = process("localhost:8000")
    made.post = posts[0].path
    return made


def test_addresses_without_end_are_not_indexed(blog_of_many):
    post = blog_of_many.post
    day, month = (post.rsplit("/", parts)[0] + "/" for parts in (2, 3))
    year = f"/{month[1:5]}/"
    out = ["/search/", "/search/?q=number", "/search/?q=number&page=7", f"{post}?replytocom=7", "/tag/running/feed/",
           "/tag/running/feed/atom/", f"{post}feed/", f"{year}page/2/", f"{month}page/2/", f"{day}page/2/"]  # fmt: skip
    inside = ["/", post, "/tag/running/", "/tag/running/page/2/", "/page/2/", year, month, day, "/feed/",
              "/comments/feed/", f"{post}?utm_source=x"]  # fmt: skip
    for _cached in range(2):
        for path in out:
            answer = ask(blog_of_many, path)
            assert (answer.status, answer["X-Robots-Tag"]) == (200, "noindex"), path
        for path in inside:
            answer = ask(blog_of_many, path)
            assert (answer.status, answer["X-Robots-Tag"]) == (200, None), path
            assert b'content="noindex"' not in answer.body, path


def is_closed(path, rules):
    """As RFC 9309 matches: from the beginning, `*` for anything."""
    return any(re.match(re.escape(rule).replace(r"\*", ".*"), path) for rule in rules)


def test_robots_txt_closes_addresses_without_end_and_nothing_else(client, make_post):
    make_post()
    everybody = client.get("/robots.txt").content.decode().partition("User-agent: *\n")[2]
    rules = re.findall(r"^Disallow: (\S+)$", everybody, re.MULTILINE)
    for path in ("/search/", "/search/?q=x", "/?s=x", "/2026/03/05/a/?replytocom=3", "/2026/03/05/a/?x=1&replytocom=3",
                 "/tag/a/feed/", "/2026/03/page/2/", "/1999/page/3/", "/desk/", "/accounts/login/"):  # fmt: skip
        assert is_closed(path, rules), path
    for path in ("/", "/feed/", "/2026/03/05/a/", "/tag/a/", "/tag/a/page/2/", "/page/2/", "/2026/", "/2026/03/",
                 "/20-ways-to-run/", "/2026/03/05/a/comment-page-2/", "/sitemap.xml", "/comments/"):  # fmt: skip
        assert not is_closed(path, rules), path
