"""Before the domain moves: which addresses of the old blog do not answer here."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from blog.models import Redirect
from blog.redirects.not_found_log import counted
from tests.transfer.wxr_text import URL, export, item

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(tmp_path, ada, make_post):
    post = make_post(title="A long run")
    Redirect.keep("/old-run/", post, public=True)
    Redirect.keep("/away/", None, public=True, target="/old-run/")

    def asked(text, name="list.txt"):
        file = tmp_path / name
        file.write_text(text, encoding="utf-8")
        out, target = io.StringIO(), tmp_path / "answers.json"
        try:
            call_command("check_urls", file, json=target, stdout=out)
        except CommandError as error:
            out.write(f"ERROR {error}")
        rows = json.loads(target.read_text(encoding="utf-8")) if target.exists() else []
        return out.getvalue(), {row["path"]: row["status"] for row in rows}

    asked.path = post.path
    return asked


def test_a_list_is_asked(asked):
    said, rows = asked(f"# old\n{asked.path}\nhttps://old.example/old-run/\n/nothing-here/\nmailto:x@example.org\n")
    assert rows == {asked.path: 200, "/old-run/": 200, "/nothing-here/": 404}
    assert "404 /nothing-here/" in said and "3 addresses asked, 1 redirect, 1 do not answer" in said and "ERROR" in said


def test_all_is_well(asked):
    said, _rows = asked(f"{asked.path}\n/\n/feed/\n")
    assert "ERROR" not in said and "0 do not answer" in said


def test_two_redirects_are_one_too_many(asked):
    said, _rows = asked("/away/\n")
    assert "301 /away/" in said


def test_a_sitemap_is_asked(asked):
    locs = "".join(f"<url><loc>https://old.example{path}</loc></url>" for path in (asked.path, "/gone/?a=1&amp;b=2"))
    said, rows = asked(f'<?xml version="1.0"?><urlset xmlns="x">{locs}</urlset>', "sitemap.xml")
    assert rows == {asked.path: 200, "/gone/?a=1&b=2": 404}


def test_an_export_is_asked_for_what_it_showed(asked):
    file = export(item(7, "A", link=f"{URL}/gone/"), item(8, "B", link=f"{URL}/draft/", status="draft"),
                  item(9, "C", link=f"{URL}/secret/", status="private"))  # fmt: skip
    _said, rows = asked(file, "export.xml")
    assert set(rows) == {"/", "/gone/"}


@pytest.mark.parametrize("text", ["", "\n\n", "<html></html>", "nothing of the kind"])
def test_a_file_without_addresses_is_told(asked, text):
    said, rows = asked(text)
    assert "ERROR" in said and not rows


def test_the_404_log_is_not_filled_by_it(asked, client):
    counted.forget()
    _said, rows = asked("/nothing-here/\n")
    assert rows == {"/nothing-here/": 404} and not counted.counts
    client.get("/nothing-here/")  # a reader's request is counted
    assert counted.counts
    counted.forget()
