"""Addresses of the old blog are asked at the desk: what does not answer is listed, with a way to redirect it."""

import gzip

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from blog.models import Redirect
from core import jobs
from tests.transfer.ghost import ghost_files
from tests.transfer.test_desk_import import owner as owner
from tests.transfer.wxr_text import URL, export, item
from transfer.models import UrlCheck, UrlMiss

pytestmark = [pytest.mark.db, pytest.mark.django_db]
PAGE = "/desk/import/urls/"


@pytest.fixture
def post(make_post):
    post = make_post("A long run")
    Redirect.keep("/old-run/", post, public=True)
    return post


def checked(owner, **sent):
    """The page after the worker has asked for the addresses."""
    owner.post(PAGE, {"action": "check"} | sent)
    jobs.run_ready("long")
    return owner.get(PAGE).content.decode()


def misses():
    return {miss.path: miss.status for miss in UrlMiss.objects.filter(check_run=UrlCheck.objects.first())}


def named(name, content):
    return {"file": SimpleUploadedFile(name, content if isinstance(content, bytes) else content.encode())}


def test_pasted_addresses_are_asked(owner, post):
    page = checked(
        owner, addresses=f"{post.path}\nhttps://old.example/old-run/\n/nothing/\n/nothing/\nmailto:x@example.org"
    )
    check = UrlCheck.objects.get()
    assert misses() == {"/nothing/": 404} and (check.position, check.redirects, check.state) == (3, 1, "done")
    assert "/nothing/" in page and "/desk/redirects/?old=%2Fnothing%2F#add" in page


def test_a_redirect_that_was_made_is_said_and_asking_again_finds_it(owner, post):
    checked(owner, addresses="/nothing/")
    owner.post("/desk/redirects/", {"old": "/nothing/", "to": post.path})
    assert "Redirects now" in owner.get(PAGE).content.decode()
    owner.post(PAGE, {"action": "again"})
    jobs.run_ready("long")
    assert misses() == {} and "Every address answers" in owner.get(PAGE).content.decode()


def test_a_check_that_fails_says_so(owner, post, monkeypatch):
    monkeypatch.setattr("transfer.jobs.ask", lambda _path: 1 / 0)
    page = checked(owner, addresses=post.path)
    assert UrlCheck.objects.get().state == "failed" and "ZeroDivisionError" in page and "<progress" not in page


SITEMAP = '<?xml version="1.0"?><urlset xmlns="x"><url><loc>https://old.example/gone/</loc></url></urlset>'
FILES = {
    "sitemap.xml": (SITEMAP, {"/gone/": 404}),
    "sitemap.xml.gz": (gzip.compress(SITEMAP.encode()), {"/gone/": 404}),
    "list.txt": ("/gone/\n", {"/gone/": 404}),
    "export.xml": (
        export(item(7, link=f"{URL}/gone/"), item(8, link=f"{URL}/draft/", status="draft")),
        {"/gone/": 404},
    ),
    "ghost.json": (ghost_files.export(ghost_files.post()), {"/post-5f1/": 404}),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_any_kind_is_asked(owner, name):
    content, expected = FILES[name]
    checked(owner, **named(name, content))
    assert misses() == expected


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("list.txt", b"", "no addresses"),
        ("list.txt", b"\x00\xff\njavascript:alert(1)", "no addresses"),
        ("a.xml", b"<html>no</html>", "a.xml"),
        ("a.zip", b"PK\x03\x04", "a.zip"),
        ("a.json", b'{"x": 1}', "a.json"),
        ("sitemap.xml.gz", gzip.compress(SITEMAP.encode())[:60], "sitemap.xml.gz"),
        ("a.exe", b"MZ", "Choose a sitemap"),
    ],
    ids=["empty", "no addresses", "html", "zip", "json", "gzip", "exe"],
)
def test_what_holds_no_addresses_is_refused_in_words(owner, name, content, said):
    owner.post(PAGE, {"action": "check"} | named(name, content))
    page = owner.get(PAGE).content.decode()
    jobs.run_ready("long")
    page += owner.get(PAGE).content.decode()
    assert said in page and "Traceback" not in page and not UrlCheck.objects.filter(state="done").exists()


def test_nothing_chosen_is_said(owner):
    answer = owner.post(PAGE, {"action": "check"}, follow=True)
    assert "Choose a file first" in answer.content.decode() and not UrlCheck.objects.exists()


def test_the_request_only_starts_it_and_progress_is_told(owner, post):
    owner.post(PAGE, {"action": "check", "addresses": "/nothing/"})
    assert not UrlMiss.objects.exists() and owner.get(f"{PAGE}progress/").json()["active"]
    assert "Addresses are being asked" in owner.get(PAGE).content.decode()
    jobs.run_ready("long")
    assert owner.get(f"{PAGE}progress/").json() == {"phase": str(UrlCheck.objects.get().pk), "done": 1, "total": 1,
                                                    "active": False}  # fmt: skip


def test_a_stopped_check_asks_no_further(owner, monkeypatch):
    monkeypatch.setattr("transfer.jobs.AT_ONCE", 1)
    ask = __import__("transfer.jobs", fromlist=["ask"]).ask

    def stopping(path):
        owner.post(PAGE, {"action": "stop"})
        return ask(path)

    monkeypatch.setattr("transfer.jobs.ask", stopping)
    checked(owner, addresses="/a/\n/b/\n/c/")
    assert UrlCheck.objects.get().state == "cancelled" and len(misses()) == 1


def test_asking_leaves_no_trace_in_the_404_log(owner):
    checked(owner, addresses="/nothing/")
    assert "/nothing" not in owner.get("/desk/404/").content.decode()


def test_private_posts_do_not_answer(owner, make_post):
    hidden = make_post("Hidden", visibility="private")
    checked(owner, addresses=hidden.path)
    assert misses() == {hidden.path: 404}


def test_strange_paths_are_no_error(owner):
    strange = [
        "/" + "a" * 5000,
        "/%00",
        "/%ff%fe",
        "/..%2f..",
        "//",
        "/?p=99999999999999999999",
        "/\u202e/",
        "/a b/",
        "/desk/",
    ]
    page = checked(owner, addresses="\n".join(strange))
    assert UrlCheck.objects.get().state == "done" and "Traceback" not in page
