"""Links of texts and comments lead to where things are, and what readers see of an address stays; terms without slugs,
further authors and old numbers are not lost."""

import pytest

from blog.models import Category, Post, Redirect, Tag
from comments.models import Comment
from tests.transfer.ghost.ghost_files import export as ghost_export
from tests.transfer.ghost.ghost_files import post
from tests.transfer.importing_files import bring, results
from tests.transfer.textfiles.folders import folder
from tests.transfer.wxr_text import URL, author, category, comment, export, item, tag, term_of
from transfer.importing.texts import Facts, Texts
from transfer.importing.undo_import import undo_import
from transfer.models import ImportRun

pytestmark = pytest.mark.django_db
OLD = "https://old.example"
LINKS = [
    ("html", f'<a href="{OLD}/a/">{OLD}/a/</a>', f'<a href="/new/">{OLD}/a/</a>'),
    ("html", f"See {OLD}/a/ or ({OLD}/a/)", f"See {OLD}/a/ or ({OLD}/a/)"),
    ("html", f'<img srcset="{OLD}/a/ 1x, {OLD}/b/ 2x">', f'<img srcset="/new/ 1x, {OLD}/b/ 2x">'),
    ("html", f"<a href={OLD}/a/#x>y</a>", "<a href=/new/#x>y</a>"),
    ("markdown", f"[x]({OLD}/a/#y) ![p](<{OLD}/a/>)", "[x](/new/#y) ![p](</new/>)"),
    ("markdown", f"<{OLD}/a/> <{OLD}/b/>", f"[{OLD}/a/](/new/) <{OLD}/b/>"),
    ("markdown", f"[x][1] {OLD}/a/\n\n[1]: {OLD}/a/", f"[x][1] {OLD}/a/\n\n[1]: /new/"),
]


@pytest.mark.parametrize(("source_format", "source", "result"), LINKS)
def test_links_change_and_words_stay(source_format, source, result):
    facts = Facts("old.example", [OLD], "", [], [], {"/a/": "/new/"}, {}, {})
    assert Texts(facts).linked(source, source_format) == result


@pytest.fixture
def wordpress(tmp_path, ada):
    def wordpress(*parts):
        (tmp_path / "export.xml").write_text(export(*parts), encoding="utf-8")
        return bring(tmp_path, "wordpress", tmp_path / "export.xml")

    return wordpress


def test_a_comment_links_to_where_the_post_is(wordpress, ada):
    other = item(8, "Other", post_name="other", link=f"{URL}/2010/other-place/")
    text = f'<a href="{URL}/2010/other-place/#comment-3">There</a> and {URL}/2010/other-place/'
    wordpress(item(7, "A", "x", comment(31, text)), other)
    path = Post.objects.get(title="Other").path
    [made] = Comment.objects.all()
    assert f'href="{path}#comment-3"' in made.html and f"{URL}/2010/other-place/" in made.text


def test_terms_without_a_slug_are_one_each(wordpress):
    parts = [category("", "Long runs"), category("", "Short runs"), tag("", "x")]
    used = [term_of("category", "", "Long runs"), term_of("category", "", "Short runs"), term_of("post_tag", "", "x")]
    wordpress(*parts, item(7, "A", "x", *used))
    post = Post.objects.get(title="A")
    assert {each.name for each in post.categories.all()} == {"Long runs", "Short runs"}
    assert not Category.objects.filter(name__contains="(2)").exists() and Tag.objects.get(name="x").posts.get() == post


def test_further_authors_are_named_in_the_receipt(wordpress, tmp_path, ada):
    coauthors = [term_of("author", "cap-ada", "Ada"), term_of("author", "cap-bob", "Bob")]
    done = wordpress(author("ada", name="Ada"), author("bob", name="Bob"), item(7, "A", "x", *coauthors))
    assert [line["reason"] for line in done["lines"] if line["kind"] == "posts"] == [
        "It has one author here; others of the file are kept as data: Bob."
    ]
    done = bring(tmp_path, "markdown", folder(tmp_path / "blog", {
        "posts/a.md": "---\ntitle: M\ndate: 2020-01-02\nauthors: [Cleo, Dan Do]\n---\nx"}))  # fmt: skip
    assert "Dan Do" in "".join(line["reason"] for line in done["lines"] if line["kind"] == "posts")


def test_categories_and_authors_answer_at_their_old_numbers(wordpress, client, make_post):
    make_post(title="Mine")
    here = Category.objects.create(name="Here")
    number = here.pk
    theirs = category("sport", "Sport").replace("<wp:term_id>1<", f"<wp:term_id>{number}<")
    wordpress(author("ada", number=1), author("bea", number=2), theirs, item(7, "A", creator="bea"))
    sport = Category.objects.get(name="Sport")
    assert client.get(f"/?cat={number}")["Location"] == sport.get_absolute_url()
    assert client.get("/?author=2")["Location"] == Post.objects.get(title="A").author.get_absolute_url()
    before = list(Redirect.objects.order_by("pk").values())
    wordpress(author("ada", number=1), author("bea", number=2), theirs, item(7, "A", creator="bea"))
    assert list(Redirect.objects.order_by("pk").values()) == before
    Post.objects.filter(title="A").delete()
    undo_import(ImportRun.objects.order_by("pk").first())
    assert client.get(f"/?cat={number}")["Location"] == here.get_absolute_url()


@pytest.mark.parametrize("wrap", [lambda text: f'{{"images": [], "data": {text}}}', lambda text: f"[{text}]"])
def test_ghost_files_of_other_programs_are_read(tmp_path, ada, wrap):
    text = ghost_export(post(title="A long run", slug="a-long-run"), wrapped=False)
    (tmp_path / "ghost.json").write_text(wrap(text), encoding="utf-8")
    done = bring(tmp_path, "ghost", tmp_path / "ghost.json", url=OLD)
    assert results(done, "posts") == {"A long run": "brought"}
