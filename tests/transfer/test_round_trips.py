"""A blog goes out in each format and comes back into an empty one: the same rows, but for what docs/moving.md names.

JSON comes back by `restore_from` (tests/transfer/test_restore_from.py), the other two by their imports.
"""

import io
import re

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from blog.media import uploads
from blog.models import Category, Media, Post, Redirect, Series, Tag
from comments.models import Comment, Person
from tests import furnished
from tests.matrix import drawn
from tests.transfer import canonical
from tests.transfer.importing_files import bring
from tests.transfer.test_hugo import SHORTCODES
from tests.transfer.wxr_text import author, category, comment, export, item, tag, term_of
from transfer.models import ImportRef, ImportRun

pytestmark = [pytest.mark.db, pytest.mark.django_db]
PICTURE_ADDRESS = re.compile(r"/media/[0-9a-f]{32}/")

WORDPRESS = export(
    author("ada"),
    category("sport", "Sport"),
    category("running", "Running", "sport", "On foot"),
    category("unused", "Unused"),
    tag("c", "C"),
    tag("c-2", "C++"),
    tag("comma", "Columbus, Ohio"),
    item(7, "A long run", "One.\n\nTwo <b>three</b> ]]> {{< four >}}.", comment(31, "Yes & no\n\nLine"),
         comment(32, "No", parent=31, approved="0"), comment(33, "x", type="pingback"),
         comment(34, "Away", approved="trash"),
         term_of("category", "running", "Running"), term_of("post_tag", "c", "C"), term_of("post_tag", "c-2", "C++"),
         term_of("post_tag", "comma", "Columbus, Ohio"), is_sticky=1),
    item(8, "Draft", status="draft", post_date_gmt="0000-00-00 00:00:00"),
    item(9, "Private", status="private"),
    item(10, "Later", status="future", post_date="2090-01-02 03:04:05", post_date_gmt="2090-01-02 08:04:05"),
    item(11, "Waiting", status="pending", post_date_gmt="0000-00-00 00:00:00"),
    item(12, "", "<h1>No title</h1>"),
    item(21, "Team", post_parent=22, menu_order=3, post_type="page", link="https://getyourmoveon.example/about/team/"),
    item(22, "About us", post_type="page", post_name="about", comment_status="closed"),
)  # fmt: skip


@pytest.fixture
def blog_of_ada(ada, settings, tmp_path):
    """A blog that came from WordPress, and was written on here."""
    settings.LONGRUN_DATA, settings.MEDIA_ROOT = tmp_path, tmp_path / "media"
    (tmp_path / "first.xml").write_text(WORDPRESS, encoding="utf-8")
    bring(tmp_path, "wordpress", tmp_path / "first.xml")
    picture = uploads.store_upload(SimpleUploadedFile("bridge.png", drawn(), "image/png"), ada)
    text = "\n\n".join(["# A heading first", furnished.EVERYTHING, *SHORTCODES])
    post = Post(author=ada, title="Markdown: “all” of it", source=text.replace("{picture}", picture.get_absolute_url()))
    post.extended_markdown = True
    post.excerpt, post.featured, post.language = "Short\nand two lines", picture, "de"
    post.series, post.series_number = Series.objects.create(name="All: of it"), 3
    post.publish(announced=True)
    post.move_to("markdown-all")
    post.tags.set(Tag.objects.called(["C++", "Fresh"]))
    post.categories.set([Category.objects.create(name="Läufe", parent=Category.objects.get(slug="running"))])
    first = Comment.objects.create(post=post, text="*Yes*\n\n```\n---\n- no\n```", state="approved", name="Bob: #1",
                                   email="bob@example.org", url="https://bob.example/")  # fmt: skip
    Comment.objects.create(post=post, parent=first, text="No", state="pending", name="Al")
    for number, (kind, facts) in enumerate(
        {"link": {"link_url": "https://example.org/x?a=1&b=2"}, "quote": {}, "note": {"title": ""}}.items()
    ):
        other = Post(author=ada, source=f"Text {number}", format=kind, **{"title": kind} | facts)
        other.publish(announced=True)
    Post(author=ada, title="# Not a heading", source="---\ntitle: no\n---\n\ntext").publish(announced=True)
    trashed = Post(author=ada, title="Thrown away", source="x")
    trashed.publish(announced=True)
    trashed.trash()
    return ada


def emptied():
    for model in (ImportRef, ImportRun, Comment, Redirect, Post, Category, Tag, Media, Person):
        model.objects.all().delete()
    get_user_model().objects.exclude(role="owner").delete()


def compared(**options):
    """`canonical.blog`, with files at other addresses, as every upload gets its own."""
    whole = canonical.blog(**options)
    for row in whole["posts"].values():
        row["source"] = PICTURE_ADDRESS.sub("/media/X/", row["source"])
        row["html"] = PICTURE_ADDRESS.sub("/media/X/", row["html"])
    return whole


def differences(before, after):
    found = []
    for kind in before:
        if isinstance(before[kind], dict):
            for key in before[kind].keys() | after[kind].keys():
                one, two = before[kind].get(key) or {}, after[kind].get(key) or {}
                found += [(kind, key, name, one.get(name), two.get(name)) for name in one.keys() | two.keys()
                          if one.get(name) != two.get(name)]  # fmt: skip
        elif before[kind] != after[kind]:
            found.append((kind, before[kind], after[kind]))
    return found


def test_text_files_come_back_as_the_same_blog(blog_of_ada, tmp_path):
    before = compared()
    call_command("export_markdown", tmp_path / "out", stdout=io.StringIO())
    emptied()
    bring(tmp_path, "markdown", tmp_path / "out")
    assert differences(before, compared()) == []


def test_a_wordpress_file_comes_back_as_the_same_blog(blog_of_ada, tmp_path):
    before = compared()
    call_command("export_wordpress", tmp_path / "out.xml", stdout=io.StringIO())
    emptied()
    bring(tmp_path, "wordpress", tmp_path / "out.xml", media="skip")
    after = compared()
    known = Post.objects.get(title="Markdown: “all” of it").pk  # its picture is still at the old address
    assert [each for each in differences(before, after) if each[:2] != ("posts", known)] == []
    assert {name for _kind, _key, name, *_ in differences(before, after)} <= {"html"}
