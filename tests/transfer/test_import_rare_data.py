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


@pytest.mark.parametrize("address", ["https://cdn.example", "https://cdn.example/", "https://cdn.example/2010/..", "?"])
def test_a_file_without_a_name_is_told_and_the_others_come(bring, uploads, address):
    done = bring(
        item(12, "Nameless", "", attachment_url=address, **FILE),
        item(13, "Finish", "", attachment_url=f"{URL}/wp-content/uploads/2010/09/finish.png", **FILE),
        media=uploads("2010/09/finish.png"),
    )
    results = {line["ref"]: line["result"] for line in done["lines"] if line["kind"] == "attachments"}
    assert results == {"12": "failed", "13": "brought"}
