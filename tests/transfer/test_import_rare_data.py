"""Data that few WordPress exports have: several values of one field, numbers and addresses in two spellings, recordings
and files that only a plugin's field names."""

import io
import json

import pytest
from django.core.management import call_command

from blog.models import Category, Post, Redirect
from tests.matrix import drawn
from tests.transfer.wxr_text import URL, category, export, item, meta, term_of
from transfer.models import ImportRef

pytestmark = [pytest.mark.db, pytest.mark.django_db]
FILE = {"post_type": "attachment", "status": "inherit"}


@pytest.fixture
def bring(tmp_path, ada):
    def bring(*parts, url=URL, **options):
        path, target = tmp_path / "export.xml", tmp_path / "receipt.json"
        path.write_text(export(*parts, url=url), encoding="utf-8")
        call_command("import_wordpress", path, receipt=target, stdout=io.StringIO(), stderr=io.StringIO(), **options)
        return json.loads(target.read_text(encoding="utf-8"))

    return bring


@pytest.fixture
def uploads(tmp_path, settings):
    """`uploads(path, …)` makes a copy of the uploads with these pictures."""
    settings.MEDIA_ROOT = tmp_path / "media"

    def uploads(*paths):
        for path in paths:
            target = tmp_path / "uploads" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(drawn())
        return str(tmp_path / "uploads")

    return uploads


def test_the_footnotes_are_those_of_the_first_value(bring):
    notes = '[{"id": "a1", "content": "The first note."}]'
    text = '<p>Ten miles<sup data-fn="a1" class="fn"><a href="#a1">1</a></sup></p><!-- wp:footnotes /-->'
    bring(item(7, "Notes", text, meta("footnotes", notes), meta("footnotes", "")))
    assert "The first note." in Post.objects.get(pk=7).html


def test_two_items_of_plugins_with_one_number_are_both_kept(bring):
    done = bring(
        item(7, "A product", "Shoes", post_type="product"),
        item(7, "An event", "A race", post_type="event", guid=f"{URL}/?event=7"),
    )
    assert {line["result"] for line in done["lines"] if line["kind"] == "other"} == {"skipped"}
    kept = ImportRef.objects.filter(kind="other").values_list("original", flat=True)
    assert sorted(kept) == ["A race", "Shoes"]
    again = bring(
        item(7, "A product", "Shoes", post_type="product"),
        item(7, "An event", "A race", post_type="event", guid=f"{URL}/?event=7"),
    )
    assert {line["result"] for line in again["lines"] if line["kind"] == "other"} == {"unchanged"}


def test_a_term_without_a_name_is_used_only_where_the_file_describes_it(bring):
    bring(
        category("sport", "Sport"),
        item(7, "First", "Words", term_of("category", "sport", ""), term_of("", "nameless", "")),
    )
    assert [each.name for each in Post.objects.get(pk=7).categories.all()] == ["Sport"]
    assert not Category.objects.filter(slug="nameless").exists()


READ, WRITTEN = "https://müller.example/blog", "https://xn--mller-kva.example/blog"


@pytest.mark.parametrize(("old", "text"), [(READ, WRITTEN), (WRITTEN, READ), (READ, READ.replace("blog", "%62log"))])
def test_links_and_pictures_are_found_in_both_spellings_of_a_domain(bring, uploads, old, text):
    picture = f"{old}/wp-content/uploads/2010/09/finish.png"
    shown = (
        f'<a href="{text}/second/">there</a> <a href="{text}/?p=8#end">and there</a> '
        f'<img src="{text}/wp-content/uploads/2010/09/finish-300x200.png" alt=""> '
        f'<a href="{text.replace(".example", ".example.org")}/second/">another</a>'
    )
    bring(
        item(7, "First", shown, link=f"{text}/first/"),
        item(8, "Second", link=f"{old}/second/"),
        item(12, "Finish", "", attachment_url=picture, **FILE),
        url=old,
        media=uploads("2010/09/finish.png"),
    )
    first, second = Post.objects.get(pk=7), Post.objects.get(pk=8)
    assert f'href="{second.path}"' in first.html and f'href="{second.path}#end"' in first.html
    assert "finish-300x200" not in first.html and "/media/" in first.html
    assert ".example.org/" in first.html
    assert Redirect.objects.at("/blog/first/").post == first


SOUND = "https://media.example/episode-1.mp3"


@pytest.mark.parametrize(
    ("text", "value", "player"),
    [
        ("Ten miles.", f"{SOUND}\n21169426\naudio/mpeg\na:0:{{}}", f'<audio controls="" src="{SOUND}"'),
        ("Ten miles.", "https://media.example/run.m4v\n5\nvideo/x-m4v\n", "<video"),
        (f'Hear <a href="{SOUND.replace("https", "http")}">it</a>.', f"{SOUND}\n5\naudio/mpeg\n", ""),
        ("Ten miles.", "https://media.example/rules.pdf\n5\napplication/pdf\n", ""),
        ("Ten miles.", "javascript:alert(1)\n5\naudio/mpeg\n", ""),
        ("Ten miles.", SOUND, ""),
    ],
)
def test_the_recording_of_an_episode_is_above_its_text(bring, text, value, player):
    bring(item(7, "Episode", text, meta("enclosure", value), meta("enclosure", value)))
    html = Post.objects.get(pk=7).html
    assert html.count("<audio") + html.count("<video") == bool(player)
    assert player in html and "alert" not in html


def test_a_file_is_where_its_own_field_says(bring, uploads):
    """With a CDN the address is another one, and so may be the name of the file."""
    address = "https://cdn.example/4711/finish-x7.png"
    copy = uploads("2010/09/finish.png", "2010/10/finish-x7.png", "2010/10/finish.png")
    done = bring(
        item(7, "First", f'<img src="{address}" alt="">'),
        item(12, "Finish", "", meta("_wp_attached_file", "2010/09/finish.png"), attachment_url=address, **FILE),
        item(13, "Start", "", meta("_wp_attached_file", "2010/09/finish.png/.."), attachment_url=f"{URL}/no", **FILE),
        media=copy,
    )
    results = {line["ref"]: line["result"] for line in done["lines"] if line["kind"] == "attachments"}
    assert results == {"12": "brought", "13": "failed"}
    assert "cdn.example" not in Post.objects.get(pk=7).html
    assert Redirect.objects.at("/wp-content/uploads/2010/09/finish.png").media is not None


@pytest.mark.parametrize("address", ["https://cdn.example", "https://cdn.example/", "https://cdn.example/2010/..", "?"])
def test_a_file_without_a_name_is_told_and_the_others_come(bring, uploads, address):
    done = bring(
        item(12, "Nameless", "", attachment_url=address, **FILE),
        item(13, "Finish", "", attachment_url=f"{URL}/wp-content/uploads/2010/09/finish.png", **FILE),
        media=uploads("2010/09/finish.png"),
    )
    results = {line["ref"]: line["result"] for line in done["lines"] if line["kind"] == "attachments"}
    assert results == {"12": "failed", "13": "brought"}


def test_a_picture_behind_the_proxy_is_redirected_from_its_own_path(bring, uploads):
    address = "https://i0.wp.com/ada.files.wordpress.com/2010/09/finish.png"
    bring(item(12, "Finish", "", attachment_url=address, **FILE), media=uploads("2010/09/finish.png"))
    keys = Redirect.objects.exclude(media=None).values_list("key", flat=True)
    assert sorted(keys) == ["/files/2010/09/finish.png", "/wp-content/uploads/2010/09/finish.png"]
