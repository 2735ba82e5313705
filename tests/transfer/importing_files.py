"""Runs a command of the import on files of a test, and reads its receipt."""

import io
import json

from django.core.management import call_command
from PIL import Image

from comments.models import Comment
from transfer.importing import receipt
from transfer.models import ImportRef
from transfer.records import KINDS


def picture(colour="green"):
    """The bytes of a small picture."""
    out = io.BytesIO()
    Image.new("RGB", (60, 40), colour).save(out, "PNG")
    return out.getvalue()


def bring(tmp_path, system, *files, **options):
    """The receipt of an import; every kind must add up."""
    target = tmp_path / "receipt.json"
    out = io.StringIO()
    call_command(f"import_{system}", *map(str, files), receipt=target, stdout=out, stderr=io.StringIO(), **options)
    done = json.loads(target.read_text(encoding="utf-8"))
    assert set(done["totals"]) == set(KINDS)
    assert all(row["in_file"] == sum(row[name] for name in receipt.RESULTS) for row in done["totals"].values())
    done["output"] = out.getvalue()
    return done


def comments_by_id():
    """{foreign id: comment} of all comments that imports brought and that are still here."""
    refs = dict(ImportRef.objects.filter(model="comment").values_list("foreign_id", "thing"))
    rows = Comment.objects.in_bulk(refs.values())
    return {number: rows[pk] for number, pk in refs.items() if pk in rows}


def in_file(done):
    """{kind: number in the file} of the kinds that there are."""
    return {kind: row["in_file"] for kind, row in done["totals"].items() if row["in_file"]}


def results(done, kind):
    """{title or reference: result} of the lines of a kind."""
    return {line["title"] or line["ref"]: line["result"] for line in done["lines"] if line["kind"] == kind}
