"""The failures that people report of importers, and the test that each of them has: here, or where it belongs."""

import ast
import io
import json
import unicodedata
from functools import cache
from pathlib import Path

import pytest
from django.core.management import call_command

from blog.models import Post
from tests.matrix import drawn
from tests.transfer.wxr_text import URL, author, comment, export, item, meta
from transfer.importing.run import run_import, start

pytestmark = [pytest.mark.db, pytest.mark.django_db]
HERE = Path(__file__).parent
FAILURES = [
    ("control characters", "test_import_odd_files.py", "test_nul_and_halves_of_pairs_do_not_reach_the_database"),
    ("one bad byte of UTF-8 ends the file", "wordpress/test_files.py", "test_a_bad_byte_costs_no_more_than_itself"),
    ("NUL in meta", "wordpress/test_files.py", "test_serialized_meta_survives_lost_nuls_and_newlines"),
    ("broken serialized lengths", "wordpress/test_php.py", "test_lengths_that_are_no_longer_true_are_repaired"),
    ("a text is cut at a curly quote", "test_reported_failures.py", "test_no_text_is_cut_at_a_character"),
    (
        "pictures of the old host stay unseen",
        "test_old_files.py",
        "test_the_page_counts_what_is_shown_from_the_old_blog",
    ),
    (
        "a file brought before keeps its foreign address",
        "test_reported_failures.py",
        "test_a_file_that_is_here_is_shown_from_here",
    ),
    (
        "half an item stays for ever",
        "test_import_killed.py",
        "test_a_killed_import_run_again_ends_like_one_that_was_not_killed",
    ),
    ("minutes of silence", "test_reported_failures.py", "test_the_import_tells_how_far_it_is"),
    ("large files time out", "wordpress/test_streaming.py", "test_memory_is_flat_in_the_size_of_the_file"),
    (
        "the featured picture is guessed or lost",
        "test_reported_failures.py",
        "test_the_featured_picture_is_the_one_that_was_chosen",
    ),
    (
        "a gallery without ids",
        "wordpress/text/test_to_html.py",
        "test_a_gallery_without_numbers_shows_the_pictures_of_the_post",
    ),
    ("a caption is left as text", "wordpress/text/test_shortcodes.py", "test_a_shortcode_becomes_what_it_shows"),
    ("blocks of shortcodes are dropped", "wordpress/text/test_blocks.py", "test_a_block_becomes_what_it_shows"),
    ("half-converted blocks", "wordpress/text/test_blocks.py", "test_broken_block_comments_lose_no_text"),
    ("drafts of the year 0000", "test_import_odd_files.py", "test_every_date_comes_in"),
    ("GMT read as local", "test_import_wordpress.py", "test_a_post_keeps_its_number_dates_address_and_terms"),
    ("the modified date is lost", "test_import_wordpress.py", "test_a_post_keeps_its_number_dates_address_and_terms"),
    ("permalinks are not kept", "test_import_wordpress.py", "test_a_new_blog_takes_over_the_permalinks"),
    ("permalinks are forced", "test_import_wordpress.py", "test_other_permalinks_are_redirected"),
    ("an author who is not in the list", "test_reported_failures.py", "test_a_file_may_list_no_author_or_not_all"),
    (
        "comments are dropped, and the report says complete",
        "test_import_properties.py",
        "test_an_odd_file_comes_in_whole_and_once_and_goes_again",
    ),
    ("private notes are public", "test_import_wordpress.py", "test_a_comment_of_an_unknown_type_is_never_shown"),
    ("accents in the names of pictures", "test_reported_failures.py", "test_a_picture_with_an_accent_is_found"),
    (
        "Blogger: comments and settings become posts",
        "blogger/test_import_blogger.py",
        "test_entries_become_what_their_kind_says",
    ),
    ("Blogger: an entry without kind", "blogger/test_import_blogger.py", "test_what_was_not_public_stays_so"),
    (
        "Blogger: labels that differ in a blank",
        "blogger/test_import_blogger.py",
        "test_entries_become_what_their_kind_says",
    ),
    ("Disqus: threads of one address", "disqus/test_import_disqus.py", "test_threads_of_one_address_are_one"),
    (
        "Disqus: moved paths, http and https",
        "disqus/test_import_disqus.py",
        "test_a_thread_finds_its_post_by_any_address",
    ),
    ("Disqus: deleted comments appear", "disqus/test_import_disqus.py", "test_only_what_was_public_becomes_public"),
    (
        "a link is lost in the conversion to Markdown",
        "test_markdown_conversion.py",
        "test_a_writer_that_loses_something_is_found_out",
    ),
    (
        "Substack: pictures in several sizes",
        "substack/test_import_substack.py",
        "test_pictures_are_the_originals_with_their_captions",
    ),
    (
        "Substack: buttons in the text",
        "substack/test_import_substack.py",
        "test_what_substack_builds_becomes_plain_html",
    ),
    (
        "subscribers without consent",
        "subscribers/test_import_subscribers.py",
        "test_substack_says_to_whom_emails_are_switched_off",
    ),
    ("Medium: drafts are public", "medium/test_import_medium.py", "test_drafts_stay_drafts"),
]


@cache
def names_in(path):
    tree = ast.parse((HERE / path).read_text(encoding="utf-8"))
    return {each.name for each in tree.body if isinstance(each, ast.FunctionDef)}


@pytest.mark.parametrize(("failure", "path", "name"), FAILURES)
def test_every_failure_has_its_test(failure, path, name):
    assert name in names_in(path), failure


@pytest.fixture
def bring(tmp_path, ada):
    def bring(*parts, name="export.xml", **options):
        path = tmp_path / name
        path.write_text(export(*parts), encoding="utf-8")
        target = tmp_path / "receipt.json"
        call_command("import_wordpress", path, receipt=target, stdout=io.StringIO(), stderr=io.StringIO(), **options)
        return json.loads(target.read_text(encoding="utf-8"))

    return bring


@pytest.mark.parametrize("character", ["“", "”", "‘", "’", "–", "—", "…", "\u00a0", "\u2028", "😀", "\x92"])
def test_no_text_is_cut_at_a_character(bring, character):
    bring(item(7, f"Before{character}after", f"Before{character}after", comment(8, f"Before{character}after")))
    post = Post.objects.get(pk=7)
    for text in (post.title, post.html, post.comments.get().html):
        assert "Before" in text and "after" in text


PICTURE = {"post_type": "attachment", "status": "inherit", "post_parent": 7}


def folder_with(tmp_path, settings, name):
    settings.MEDIA_ROOT = tmp_path / "media"
    folder = tmp_path / "uploads" / "2010" / "09"
    folder.mkdir(parents=True)
    (folder / name).write_bytes(drawn())
    return str(tmp_path / "uploads")


def test_a_file_that_is_here_is_shown_from_here(bring, tmp_path, settings):
    address = f"{URL}/wp-content/uploads/2010/09/finish.png"
    file = item(12, "Finish", "", attachment_url=address, **PICTURE)
    bring(file, media=folder_with(tmp_path, settings, "finish.png"))
    bring(file, item(7, "Later", f'<img src="{address}" alt="">'), name="later.xml")
    html = Post.objects.get(pk=7).html
    assert "getyourmoveon" not in html and "/media/" in html


def test_the_featured_picture_is_the_one_that_was_chosen(bring, tmp_path, settings):
    address = f"{URL}/wp-content/uploads/2010/09/finish.png"
    bring(
        item(7, "Gallery alone", '[gallery ids="12"]'),
        item(8, "Chosen", "Words", meta("_thumbnail_id", "12")),
        item(12, "Finish", "", attachment_url=address, **PICTURE),
        media=folder_with(tmp_path, settings, "finish.png"),
    )
    assert Post.objects.get(pk=7).featured is None
    assert Post.objects.get(pk=8).featured is not None


@pytest.mark.parametrize("form", ["NFC", "NFD"])  # as Linux and as macOS write names
def test_a_picture_with_an_accent_is_found(bring, tmp_path, settings, form):
    address = f"{URL}/wp-content/uploads/2010/09/f%C3%AAte.png"
    bring(
        item(7, "Shown", f'<img src="{address}" alt=""><img src="{URL}/wp-content/uploads/2010/09/fête.png" alt="">'),
        item(12, "Fête", "", attachment_url=address, **PICTURE),
        media=folder_with(tmp_path, settings, unicodedata.normalize(form, "fête.png")),
    )
    html = Post.objects.get(pk=7).html
    assert "getyourmoveon" not in html and html.count("/media/") >= 2


def test_the_import_tells_how_far_it_is(tmp_path, ada):
    path = tmp_path / "export.xml"
    path.write_text(export(*(item(number, f"Post {number}") for number in range(100, 300))), encoding="utf-8")
    told = []
    run_import(start([path], by=ada), [path], progress=lambda *facts: told.append(facts))
    done = [done for phase, done, _total in told if phase == "items"]
    assert len(done) >= 5 and done == sorted(done) and done[-1] == 200
    assert {total for phase, _done, total in told if phase == "items"} == {200}


@pytest.mark.parametrize("listed", ["", author("bo", "bo@old.example", "Bo")])
def test_a_file_may_list_no_author_or_not_all(bring, listed):
    done = bring(listed, item(7, "By somebody", creator="zoe"), item(8, "By nobody", creator=""))
    assert done["totals"]["posts"]["brought"] == 2
    assert Post.objects.get(pk=7).author.name == ("zoe" if listed else "Ada")
