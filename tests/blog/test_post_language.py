"""The language of a post: chosen in the drawer, said wherever its words stand."""

import json
from xml.etree import ElementTree

import html5lib
import pytest

from blog import duplicate
from blog.models import Autosave, Post
from comments.models import DiscussionSettings
from comments.notifications.new_posts import PostEmails

ATOM = "{http://www.w3.org/2005/Atom}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"


@pytest.fixture
def desk(as_, ada):
    return as_(ada)


def elements(answer, name, of_class=""):
    tree = html5lib.parse(answer.content.decode(), namespaceHTMLElements=False)
    return [element for element in tree.iter(name) if of_class in element.get("class", "").split() or not of_class]


def said_of(element):
    return element.get("lang"), element.get("dir")


@pytest.mark.parametrize(
    ("tag", "way"), [("he", "rtl"), ("de", "ltr"), ("ar", "rtl"), ("pt-BR", "ltr"), ("tlh", "ltr")]
)
def test_the_language_of_a_post_is_said_where_its_words_stand(client, make_post, tag, way):
    post = make_post("Shalom", "Olam.", language=tag, tags=["peace"])
    alone = client.get(post.path)
    assert said_of(elements(alone, "h1", "entry__title")[0]) == (tag, way)
    assert said_of(elements(alone, "div", "prose")[0]) == (tag, way)
    assert f'"inLanguage": "{tag}"' in alone.content.decode()
    for path in ("/", "/tag/peace/"):
        page = client.get(path)
        assert said_of(elements(page, "h2", "entry__title")[0]) == (tag, way), path
        assert said_of(elements(page, "div", "prose")[0]) == (tag, way), path


def test_a_post_that_names_no_language_has_the_blogs(client, make_post):
    post = make_post("Hills")
    page = client.get(post.path)
    assert said_of(elements(page, "div", "prose")[0])[0] is None
    assert (
        '"inLanguage": "en"' in page.content.decode()
        and 'property="og:locale" content="en_US"' in page.content.decode()
    )


def test_the_card_names_the_language(client, make_post):
    assert 'property="og:locale" content="pt_BR"' in client.get(make_post(language="pt-br").path).content.decode()


@pytest.mark.parametrize(
    ("tag", "html"), [("de", "„Ja“"), ("fr", "«\u202fJa\u202f»"), ("en", "“Ja”"), ("he", "Ja"), ("", "“Ja”")]
)
def test_quotation_marks_follow_the_language(make_post, tag, html):
    assert html in make_post(source='"Ja"', language=tag).html


def test_feeds_name_the_language_of_a_post(client, make_post):
    make_post("Plain")
    make_post("Shalom", language="he")
    rss = ElementTree.fromstring(client.get("/feed/").content)
    assert [item.findtext("{http://purl.org/dc/elements/1.1/}language") for item in rss.iter("item")] == ["he", None]
    atom = ElementTree.fromstring(client.get("/feed/atom/").content)
    assert [entry.get(LANG) for entry in atom.iter(f"{ATOM}entry")] == ["he", None]
    items = json.loads(client.get("/feed/json/").content)["items"]
    assert [item.get("language") for item in items] == ["he", None]
    assert items[0]["content_html"].startswith('<div lang="he" dir="rtl"><p') and items[1]["content_html"].startswith(
        "<p"
    )


def test_an_email_is_in_the_language_of_the_post(make_post, blog):
    email = PostEmails(make_post("Shalom", language="he"), DiscussionSettings.Posts.FULL).html
    assert '<div lang="he" dir="rtl"><p' in email and '<h1 lang="he" dir="rtl"' in email


def test_what_is_found_and_what_is_new_is_named_in_its_own_language(client, make_post):
    make_post("Hills", "Up and down, shalom.")
    make_post("Shalom", "Olam.", language="he")
    page = client.get("/search/?q=shalom").content.decode()
    assert page.count('<h2 lang="he" dir="rtl">') == page.count('<p lang="he" dir="rtl">') == 1
    sidebar = page.partition("Recent posts")[2]
    assert 'lang="he" dir="rtl">Shalom</a>' in sidebar and 'dir="auto">Hills</a>' in sidebar


def test_neighbours_are_named_in_their_own_language(client, make_post, on):
    make_post("Shalom", at=on(2020, 1, 1), language="he", tags=["peace"])
    post = make_post("Hills", at=on(2020, 1, 2), tags=["peace"])
    page = client.get(post.path).content.decode()
    assert '<bdi lang="he" dir="rtl">Shalom</bdi>' in page
    assert 'lang="he" dir="rtl">Shalom</a>' in page.partition('class="related"')[2]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("de", "de"), ("", ""), ("pt-br", "pt-BR"), ("tlh", "tlh"), ("zh_hant", "zh-Hant")],
)
def test_the_drawer_takes_a_language(desk, ada, typed, kept):
    desk.post("/desk/write/", {"title": "Hills", "status": "draft", "author": ada.pk, "language": typed})
    assert Post.objects.get().language == kept
    page = desk.get(f"/desk/posts/{Post.objects.get().pk}/")
    chosen = [option for option in elements(page, "option") if option.get("selected") is not None]
    assert kept in {option.get("value") for option in chosen}


@pytest.mark.parametrize("kept", ["tlh", "x-klingon", "de-1996"])
def test_a_language_that_is_not_offered_stands_in_the_form_again(desk, ada, make_post, kept):
    post = make_post("Hills", language=kept)
    desk.post(
        "/desk/write/autosave/",
        {"who": ada.pk, "tab": "a" * 32, "count": 1, "mark": "b" * 32, "title": "x", "language": kept},
    )
    for path in (f"/desk/posts/{post.pk}/", f"/desk/write/?mark={'b' * 32}"):
        chosen = [
            option.get("value") for option in elements(desk.get(path), "option") if option.get("selected") is not None
        ]
        assert kept in chosen, path


@pytest.mark.parametrize("typed", ["english", "d", '"><script>', "x" * 50])
def test_what_is_no_language_is_said_at_the_field(desk, ada, typed):
    answer = desk.post(
        "/desk/write/", {"title": "Hills", "source": "Kept.", "status": "draft", "author": ada.pk, "language": typed}
    )
    assert answer.status_code == 422 and not Post.objects.exists()
    assert "is not a language code" in answer.content.decode() and "Kept." in answer.content.decode()
    assert typed[:35] in [option.get("value")[:35] for option in elements(answer, "option")]


def test_a_language_is_autosaved_and_duplicated(desk, ada, make_post):
    sent = {"who": ada.pk, "tab": "a" * 32, "count": 1, "mark": "b" * 32, "title": "Hills", "language": "de"}
    assert desk.post("/desk/write/autosave/", sent).status_code == 200
    assert Autosave.objects.get().fields["language"] == ["de"]
    assert duplicate.duplicate(make_post(language="fr"), ada).language == "fr"
    page = desk.post("/desk/preview/", {"title": "Shalom", "source": "Olam", "language": "he"}).content.decode()
    assert '<div class="prose" lang="he" dir="rtl">' in page
