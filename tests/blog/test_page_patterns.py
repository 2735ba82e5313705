"""What guests get from a pattern is what the template makes for others, and holds nothing of another page."""

import re

import pytest
from django.test import Client

from blog import page_response
from blog.models import MenuLink, ReadingSettings, Tag
from comments.models import Comment, DiscussionSettings, Person
from core.models import Site
from tests.markup import squeeze

pytestmark = pytest.mark.db


@pytest.fixture
def posts(make_post, ada, on):
    DiscussionSettings.objects.create()
    odd = make_post("100 % of %(title)s \x02page_title\x03 <b>", at=on(2026, 3, 1), tags=["a & b", "hills"])
    plain = make_post("", source="Only words.", at=on(2026, 3, 2))
    link = make_post("Elsewhere", at=on(2026, 3, 3), format="link", link_url="https://example.org/?a=1&b=2")
    french = make_post("Ça va", at=on(2026, 3, 4), language="fr", sticky=True, tags=["hills"])
    protected = make_post("Secret", at=on(2026, 3, 5), excerpt="Nobody reads this.")
    protected.set_password("reeds")
    protected.save()
    closed = make_post("Closed", at=on(2026, 3, 6), comments_open=False, excerpt="Short.")
    person = Person.objects.of_browser("b" * 32)
    Comment.objects.create(post=plain, text="One", state="approved", name="\x02page_title\x03 %s", person=person)
    return [odd, plain, link, french, protected, closed]


def pages(posts):
    yield from ("/", "/2026/03/", "/author/ada/", "/page/2/")
    yield from (tag.path for tag in Tag.objects.all())
    yield from (post.get_absolute_url() for post in posts)


def texts(paths):
    return {path: squeeze(Client().get(path).content.decode()) for path in paths}


@pytest.mark.parametrize("language", ["en", "de", "he"])
def test_a_filled_pattern_is_what_the_template_makes(posts, settled, monkeypatch, language):
    site = Site.objects.get()
    site.language = language
    site.save()
    row = ReadingSettings.objects.get()
    row.posts_per_page = 4
    row.save()
    MenuLink.objects.create(title="Home", url="/")
    settled()
    paths = list(pages(posts))
    first, again = texts(paths), texts(reversed(paths))
    monkeypatch.setattr(page_response, "is_plain_guest", lambda request: False)
    assert first == again == texts(paths)


def test_the_menu_marks_the_page_that_is_open(posts, settled):
    MenuLink.objects.create(title="Home", url="/")
    settled()
    for _time in range(2):
        marked = {path: 'aria-current="page"' in text for path, text in texts(["/", "/2026/03/"]).items()}
        assert marked == {"/": True, "/2026/03/": False}


def test_only_guests_get_a_filled_pattern(posts, ada, as_, settled):
    settled()
    path = posts[0].get_absolute_url()
    guest, owner = Client().get(path).content.decode(), as_(ada).get(path).content.decode()
    assert "deskbar" in owner and "deskbar" not in guest
    assert "deskbar" not in Client().get(path).content.decode()
    assert re.search(r'data-visit="/[^"]+"', guest) and "data-visit" not in owner
