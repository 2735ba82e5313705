"""Lists of posts, files and terms say what became of a row in that row, or where it stood."""

import re
from html import unescape

import pytest

from blog.models import Category, Media, Post, Series, Tag
from tests.markup import squeeze


@pytest.fixture
def desk(as_, ada):
    return as_(ada)


@pytest.fixture
def five(make_post, on):
    """The newest stands first: Five, Four, Three, Two, One."""
    return [
        make_post(title, at=on(2026, 3, day)) for day, title in enumerate(["One", "Two", "Three", "Four", "Five"], 1)
    ]


@pytest.fixture
def files(ada):
    """The newest stands first: c, b, a."""
    facts = {"format": "pdf", "kind": "document", "by": ada, "size": 9}
    return [Media.objects.create(name=f"{'0' * 31}{n}.pdf", title=f"{n}.pdf", **facts) for n in "abc"]


def body(page):
    return squeeze(page.content).partition("<main")[2].partition("</main>")[0]


def text(html):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).translate({0x2068: None, 0x2069: None}).split())


def button(page, address):
    """Where the button of a row leads, as the page has it."""
    return unescape(re.search(rf'(?:formaction|href)="({address}[^"]*)"', body(page))[1])


def carried(page):
    html = body(page)
    return {
        name: unescape(re.search(rf'name="{name}" value="([^"]*)"', squeeze(html))[1])
        for name in ("kind", "back", "seen")
    }


def strip_between(page):
    """The texts of the rows above and below the strip, and the strip's own."""
    rows = re.findall(r"<(?:tr|li)[ >].*?</(?:tr|li)>", body(page).partition("<tbody")[2] or body(page), re.S)
    at = next(n for n, row in enumerate(rows) if 'id="done"' in row)
    return text(rows[at - 1]) if at else "", text(rows[at]), text(rows[at + 1]) if at + 1 < len(rows) else ""


@pytest.mark.parametrize(
    ("title", "above", "below"), [("Five", "", "Four"), ("Three", "Four", "Two"), ("One", "Two", "")]
)
def test_a_post_that_was_trashed_is_told_of_where_it_stood(desk, five, title, above, below):
    post = next(post for post in five if post.title == title)
    page = desk.get("/desk/posts/?sort=date")
    answer = desk.post(button(page, f"/desk/posts/{post.pk}/trash/"), carried(page))
    assert answer["Location"].startswith("/desk/posts/?sort=date&done=") and answer["Location"].endswith("#done")
    told = desk.get(answer["Location"])
    before, strip, after = strip_between(told)
    assert above in before and below in after and (above or "Selected" not in before)
    assert strip == f"“{title}” is in the trash. You can restore it there. Undo"
    assert body(told).count("is in the trash") == 1, "it is said once"
    # Its undo puts the row back and says so in it.
    undo = button(told, r"/desk/posts/bulk/\d+/undo/")
    row = desk.post(undo, carried(told), follow=True)
    row = re.search(rf'<tr id="row-{post.pk}">.*?</tr>', body(row), re.S)[0]
    assert "1 post is as it was before." in row and title in row


def test_in_the_trash_it_is_told_where_the_row_stood_too(desk, five):
    for post in five[:3]:
        post.trash()
    page = desk.get("/desk/posts/?show=trash&sort=date")
    two = five[1]
    told = desk.post(button(page, f"/desk/posts/{two.pk}/restore/"), carried(page), follow=True)
    before, strip, after = strip_between(told)
    assert "Three" in before and "One" in after and strip == "“Two” was restored. Edit Two Undo"
    assert f'href="/desk/posts/{two.pk}/"' in body(told)
    # For good: the question keeps the place.
    page = desk.get("/desk/posts/?show=trash&sort=date")
    address = button(page, f"/desk/posts/{five[2].pk}/delete/")
    question = body(desk.get(address))
    fields = dict(re.findall(r'name="(after|back)" value="([^"]*)"', question))
    assert fields == {"after": "0", "back": "show=trash&amp;sort=date"}
    told = desk.post(address, {name: unescape(value) for name, value in fields.items()}, follow=True)
    before, strip, after = strip_between(told)
    assert "One" in after and strip == "“Three” was permanently deleted."


def test_with_the_last_row_gone_it_stands_at_the_head(desk, make_post):
    post = make_post("Alone")
    page = desk.get("/desk/posts/")
    told = desk.post(button(page, f"/desk/posts/{post.pk}/trash/"), carried(page), follow=True)
    html = body(told)
    assert html.index('id="done"') < html.index('class="empty"') and "“" in text(html)
    assert "Alone” is in the trash. You can restore it there. Undo" in text(html)


@pytest.mark.parametrize("kind", ["post", "page"])
def test_a_quick_edit_is_told_of_in_its_row_on_its_page_of_the_list(desk, make_post, kind):
    posts = [make_post(f"Post {n:02}", kind=kind) for n in range(35)]
    page = desk.get(f"/desk/{kind}s/?sort=title&page=2")
    address = button(page, f"/desk/posts/{posts[33].pk}/quick-edit/")
    back = re.search(r'name="back" value="([^"]*)"', squeeze(desk.get(address).content))[1]
    fields = {"title": "Post 33b", "slug": posts[33].slug, "status": "published", "back": unescape(back)}
    fields["publish_at"] = posts[33].publish_at.isoformat()[:16]
    answer = desk.post(f"/desk/posts/{posts[33].pk}/quick-edit/", fields)
    assert answer["Location"] == f"/desk/{kind}s/?sort=title&page=2#row-{posts[33].pk}"
    told = body(desk.get(answer["Location"]))
    assert "is saved." in re.search(rf'<tr id="row-{posts[33].pk}">.*?</tr>', told, re.S)[0]
    assert told.count("is saved.") == 1


def test_many_are_told_of_at_the_head_which_the_address_names(desk, five):
    answer = desk.post(
        "/desk/posts/bulk/", {"bulk_action": "draft", "post": [post.pk for post in five[:2]], "kind": "post"}
    )
    assert answer["Location"].endswith("#done")
    html = body(desk.get(answer["Location"]))
    assert html.index('id="done"') < html.index("<table") and "2 are drafts now." in text(html)
    told = body(desk.post("/desk/posts/bulk/", {"bulk_action": "draft", "kind": "post"}, follow=True))
    assert "No post was selected" in told.partition("<table")[0].partition('id="done"')[2]


# Files


@pytest.mark.parametrize(("which", "above", "below"), [("c", "", "b.pdf"), ("b", "c.pdf", "a.pdf"), ("a", "b.pdf", "")])
def test_a_file_that_was_trashed_is_told_of_where_it_stood_in_the_library(desk, files, which, above, below):
    media = Media.objects.get(title=f"{which}.pdf")
    answer = desk.post(f"/desk/media/{media.pk}/trash/")
    told = desk.get(answer["Location"])
    before, strip, after = strip_between(told)
    assert above in before and below in after
    assert strip == f"“{which}.pdf” is in the trash. You can restore it there. Undo"
    back = desk.post(f"/desk/media/{media.pk}/restore/", {"to": "library"}, follow=True)
    row = re.search(rf'<li id="row-{media.pk}">.*?</li>', body(back), re.S)[0]
    assert "was restored." in row and body(back).count("was restored.") == 1


def test_the_trash_of_the_library_tells_in_its_rows_place(desk, files):
    for media in files:
        media.trash()
    told = desk.post(f"/desk/media/{files[1].pk}/restore/", {"to": "trash"}, follow=True)
    before, strip, after = strip_between(told)
    assert "c.pdf" in before and "a.pdf" in after and strip == "“b.pdf” was restored. Edit b.pdf"
    told = desk.post(f"/desk/media/{files[0].pk}/delete/", follow=True)
    before, strip, after = strip_between(told)
    assert "c.pdf" in before and strip == "“a.pdf” was permanently deleted." and not after


def test_a_file_on_the_second_page_is_told_of_there(desk, ada):
    for n in range(60):
        Media.objects.create(name=f"{n:032}.pdf", title=f"{n}.pdf", format="pdf", kind="document", by=ada, size=9)
    oldest = Media.objects.last()
    answer = desk.post(f"/desk/media/{oldest.pk}/trash/")
    assert answer["Location"].startswith("/desk/media/?page=2&")
    assert "“0.pdf” is in the trash" in strip_between(desk.get(answer["Location"]))[1]


# Terms


@pytest.mark.parametrize(("kind", "shelf"), [(Tag, "tags"), (Category, "categories"), (Series, "series")])
def test_a_term_is_told_of_in_its_row_and_where_it_stood(desk, kind, shelf):
    for name in ("Apples", "Bread", "Cake"):
        kind.objects.create(name=name)
    answer = desk.post(f"/desk/{shelf}/", {"name": "Beer"})
    beer = kind.objects.get(name="Beer")
    assert answer["Location"] == f"/desk/{shelf}/#row-{beer.pk}"
    row = re.search(rf'<tr id="row-{beer.pk}">.*?</tr>', body(desk.get(answer["Location"])), re.S)[0]
    assert "Added “" in row
    answer = desk.post(f"/desk/{shelf}/{beer.pk}/", {"name": "Butter", "slug": "butter"})
    told = body(desk.get(answer["Location"]))
    assert "Saved “" in re.search(rf'<tr id="row-{beer.pk}">.*?</tr>', told, re.S)[0] and told.count("Saved “") == 1
    told = desk.post(f"/desk/{shelf}/{beer.pk}/delete/", follow=True)
    before, strip, after = strip_between(told)
    assert "Bread" in before and "Cake" in after and "“Butter” was deleted. Its posts were not." in strip


def test_a_term_is_told_of_on_its_page_of_a_long_list(desk):
    Tag.objects.bulk_create(Tag(name=f"t{n:03}", key=f"t{n:03}", slug=f"t{n:03}") for n in range(150))
    answer = desk.post("/desk/tags/", {"name": "t140b"})
    new = Tag.objects.get(name="t140b")
    assert answer["Location"] == f"/desk/tags/?page=2#row-{new.pk}"
    assert "Added “" in body(desk.get(answer["Location"])).partition(f'id="row-{new.pk}"')[2].partition("</tr>")[0]


@pytest.mark.parametrize("query", ["after=x&done=y", f"after={2**70}&done={2**70}", "after=1"])
@pytest.mark.parametrize("shelf", ["/desk/posts/", "/desk/media/", "/desk/media/trash/", "/desk/tags/"])
def test_nonsense_in_the_address_is_no_strip(desk, five, files, shelf, query):
    answer = desk.get(f"{shelf}?{query}")
    assert answer.status_code == 200 and 'id="done"' not in body(answer)


def test_undone_or_restored_there_is_no_undo_any_more(desk, files, five):
    answer = desk.post(f"/desk/media/{files[0].pk}/trash/")
    files[0].refresh_from_db()
    files[0].restore()
    desk.get("/desk/")  # says it at its top, where another tab came by
    assert 'id="done"' not in body(desk.get(answer["Location"]))
    assert Post.objects.count() == 5
