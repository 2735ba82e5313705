"""An undo restores the permalinks; a second import respects what was removed by hand."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from blog.models import Post, ReadingSettings
from tests.matrix import drawn
from tests.transfer.test_desk_import import PICTURE
from tests.transfer.wxr_text import URL, author, export, item, meta
from transfer.importing import media
from transfer.importing.undo_import import undo_import
from transfer.models import ImportRun, MediaFile

pytestmark = [pytest.mark.db, pytest.mark.django_db]


@pytest.fixture
def bring(tmp_path, ada):
    def bring(*parts, **options):
        path = tmp_path / "export.xml"
        path.write_text(export(author("ada"), *parts), encoding="utf-8")
        call_command("import_wordpress", path, stdout=io.StringIO(), stderr=io.StringIO(), **options)
        return ImportRun.objects.first()

    return bring


NAMED = [item(number, f"Post {number}", link=f"{URL}/post-{number}/") for number in range(7, 10)]


def permalinks():
    return ReadingSettings.objects.get().permalinks


def test_an_undo_restores_the_permalinks(bring, make_post):
    before, own = permalinks(), make_post("Own")
    run = bring(*NAMED)
    assert permalinks() == "name" != before and Post.objects.get(pk=own.pk).path == "/own/"
    undo_import(run)
    assert permalinks() == before and Post.objects.get(pk=own.pk).path == own.path


def test_an_undo_leaves_permalinks_that_were_chosen_since(bring):
    run = bring(*NAMED)
    ReadingSettings.objects.update(permalinks="month")
    undo_import(run)
    assert permalinks() == "month"


def test_an_undo_leaves_the_permalinks_of_a_blog_that_has_grown(bring, make_post):
    run = bring(*NAMED)
    for number in range(6):
        make_post(f"New {number}")
    stays = undo_import(run)
    assert permalinks() == "name" and any("permalinks stay" in sentence for sentence in stays)


def test_an_import_that_is_done_again_after_an_undo_restores_as_well(bring):
    before = permalinks()
    undo_import(bring(*NAMED))
    undo_import(bring(*NAMED))
    assert permalinks() == before and not Post.objects.exists()


PAGES = [item(20, "Above", post_type="page", link=f"{URL}/above/"),
         item(21, "Below", post_type="page", post_parent=20, link=f"{URL}/above/below/")]  # fmt: skip
FEATURED = [item(7, "A", "x", meta("_thumbnail_id", "12")), item(12, "Finish", "", **PICTURE)]


def test_a_parent_that_was_taken_away_stays_away(bring):
    bring(*PAGES)
    assert Post.objects.get(pk=21).parent_id == 20
    Post.objects.filter(pk=21).update(parent=None)
    bring(*PAGES)
    bring(*PAGES, item(30, "New"))
    assert Post.objects.get(pk=21).parent_id is None


def test_a_featured_picture_that_was_removed_stays_away(bring, ada, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    bring(*FEATURED)
    assert Post.objects.get(pk=7).featured is None  # it has not come
    media.take(MediaFile.objects.get(), SimpleUploadedFile("finish.png", drawn()), ada)
    bring(*FEATURED, item(30, "New"))
    assert Post.objects.get(pk=7).featured == MediaFile.objects.get().media
    Post.objects.filter(pk=7).update(featured=None)
    bring(*FEATURED, item(31, "Newer"))
    assert Post.objects.get(pk=7).featured is None
    bring(item(7, "A", "Another text", meta("_thumbnail_id", "12")), FEATURED[1])
    assert Post.objects.get(pk=7).featured is None and "Another text" in Post.objects.get(pk=7).html
