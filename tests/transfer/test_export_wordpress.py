"""The blog as a WordPress export: read back it is the same blog, and nothing secret is in it."""

import io
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.utils import timezone

from blog.models import Category, Post, Redirect, Tag
from comments.models import Comment
from tests import furnished
from tests.transfer import canonical
from tests.transfer.cards import post_with_card
from tests.transfer.wxr_text import author, category, comment, export, item, tag, term_of
from transfer.importing.run import run_import, start
from transfer.models import ImportRef, ImportRun, MediaFile
from transfer.wordpress import reader
from transfer.wordpress.counting import count_elements

pytestmark = [pytest.mark.db, pytest.mark.django_db]


@pytest.fixture
def out(tmp_path):
    def out(name="out.xml"):
        path = tmp_path / name
        call_command("export_wordpress", path, stdout=io.StringIO())
        return path

    return out


def emptied():
    for model in (ImportRef, ImportRun, Comment, Redirect, Post, Category, Tag):
        model.objects.all().delete()
    get_user_model().objects.exclude(role="owner").delete()


def brought(path, ada):
    return run_import(start([path], by=ada), [path])


def test_a_link_card_goes_out_with_its_picture_and_comes_back_as_a_link(out, ada):
    card = post_with_card("https://example.org/rivers", ada)
    path = out()
    items = ElementTree.parse(path).findall(".//item")
    names = {"content": "http://purl.org/rss/1.0/modules/content/", "wp": "http://wordpress.org/export/1.2/"}
    text, picture = items[0].findtext("content:encoded", "", names), f"http://localhost:8000{card.picture_path}"
    assert f'<img src="{picture}"' in text and '">Rivers &amp; &lt;seas&gt;</a> <cite>Rivers</cite>' in text
    assert [each.findtext("wp:attachment_url", None, names) for each in items[1:]] == [picture]
    emptied()
    figures = brought(path, ada)
    assert figures["attachments"] == {"in_file": 1, "skipped": 1} | dict.fromkeys(
        ("brought", "updated", "unchanged", "merged", "failed"), 0
    )
    assert not MediaFile.objects.exists() and "https://example.org/rivers" in Post.objects.get().source


def test_files_of_a_text_go_out_at_the_addresses_under_which_wordpress_fetches_them(out, make_post):
    make_post(source="![Fog](/media/0123/fog.png) and [below](#end), [there](/about/).")
    text = out().read_text(encoding="utf-8").partition("<content:encoded>")[2]
    assert 'src="http://localhost:8000/media/0123/fog.png"' in text
    assert 'href="#end"' in text and 'href="/about/"' in text


def test_a_blog_that_came_from_wordpress_goes_and_comes_back_the_same(out, ada, tmp_path):
    first = tmp_path / "first.xml"
    page = {"post_type": "page"}
    first.write_text(
        export(
            author("ada"),
            category("sport", "Sport"),
            category("running", "Running", "sport", "On foot"),
            tag("weights", "weights"),
            item(7, "A long run", "One.\n\nTwo <b>three</b> ]]> four.", comment(31, "Yes & no\n\nLine"),
                 comment(32, "No", parent=31, approved="0"), comment(33, "x", type="pingback"),
                 term_of("category", "running", "Running"), term_of("post_tag", "weights", "weights"), is_sticky=1),
            item(8, "Draft", status="draft", post_date_gmt="0000-00-00 00:00:00"),
            item(9, "Private", status="private"),
            item(10, "Later", status="future", post_date="2090-01-02 03:04:05", post_date_gmt="2090-01-02 08:04:05"),
            item(21, "Team", post_parent=22, menu_order=3, link="https://getyourmoveon.example/about/team/", **page),
            item(22, "About us", post_name="about", comment_status="closed", **page),
        ),
        encoding="utf-8",
    )  # fmt: skip
    brought(first, ada)
    before = canonical.blog()
    second = out()
    emptied()
    totals = brought(second, ada)
    assert canonical.blog() == before
    assert totals["posts"]["brought"] == 4 and totals["comments"]["brought"] == 3


def test_our_own_posts_come_back_as_markdown(out, ada):
    furnished.furnish(ada)
    Post.objects.filter(visibility="password").delete()
    Comment.objects.spam().delete()
    before = canonical.blog()
    path = out()
    emptied()
    brought(path, ada)
    after = canonical.blog()
    assert after["categories"] == before["categories"] and after["tags"] == before["tags"]
    assert set(after["posts"]) == set(before["posts"])
    for pk, row in before["posts"].items():
        theirs = {name: after["posts"][pk][name] for name in row if name not in ("html", "guid")}
        assert theirs == {name: row[name] for name in theirs}, pk
    for pk, row in before["comments"].items():
        assert after["comments"][pk] == row


def test_what_is_secret_stays_here(out, ada, make_post):
    ada.set_password("correct horse battery")
    ada.save()
    locked = make_post(title="Locked", source="Words behind the lock")
    locked.set_password("finish line")
    locked.save()
    Comment.objects.create(post=locked, text="Buy pills", state="spam", name="Spammer")
    text = out().read_text(encoding="utf-8")
    locked.refresh_from_db()
    assert ada.password not in text and locked.password not in text and "Buy pills" not in text
    states = [each.status for each in reader.read([out()]) if getattr(each, "title", "") == "Locked"]
    assert states == ["private"]


def test_a_second_strict_reader_understands_it(out, ada, make_post):
    make_post(title="Odd \x0b characters ]]> & <tags> \U0001f3c3", source="x ]]> y\n\n<b>z</b>")
    make_post(title="Later").publish(timezone.now() + timedelta(days=900))
    path = out()
    root = ElementTree.parse(path).getroot()
    items = root.findall("channel/item")
    names = {"wp": "http://wordpress.org/export/1.2/"}
    assert root.find("channel/wp:wxr_version", names).text == "1.2"
    assert len(items) == count_elements([path])["posts"] + count_elements([path])["pages"]
    for each in items:
        assert each.find("wp:post_id", names).text.isdigit() and each.find("wp:status", names).text


def test_the_file_is_its_owners_alone_and_a_failed_one_leaves_nothing(out, ada, tmp_path):
    assert out().stat().st_mode & 0o077 == 0
    with pytest.raises(Exception, match="could not be written"):
        call_command("export_wordpress", tmp_path / "no" / "such" / "folder.xml", stdout=io.StringIO())
