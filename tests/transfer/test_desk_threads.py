"""Threads of a comment system without a post here are assigned to one at the desk, and their comments come in."""

import gzip

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from comments.models import Comment
from core import jobs
from core.models import Email
from tests.transfer.disqus.disqus_xml import export, post, thread
from tests.transfer.disqus.test_import_disqus import SITE, disqus, run  # noqa: F401  (fixtures)
from tests.transfer.importing_files import comments_by_id
from transfer.importing import assign_thread, receipt
from transfer.importing.undo_import import undo_import
from transfer.models import ImportRef, ImportRun

pytestmark = [pytest.mark.db, pytest.mark.django_db]


@pytest.fixture
def owner(as_, ada):
    return as_(ada)


@pytest.fixture
def imported(disqus, run):  # noqa: F811
    disqus(
        thread(11, f"http://old.example/moved/{'x' * 20}/", title="A <b>moved</b> page"),
        thread(12, f"https://www.old.example/moved/{'x' * 20}/index.html"),
        thread(13, "https://old.example/other/", title="Other"),
        thread(14, "https://old.example/silent/"),
        thread(15, SITE + run.path),
        post(1, 11, "<p>First</p>", name="Bo"),
        post(2, 11, "<p>Second</p>", parent=1),
        post(3, 12, "<p>Third</p>", isSpam="true"),
        post(4, 11, "", isDeleted="true"),
        post(5, 13, "<p>Elsewhere</p>"),
        post(6, 15),
    )
    return ImportRun.objects.get()


def page_of(imported):
    return reverse("desk_import_threads", args=[imported.pk])


def thread_of(number):
    return ImportRef.objects.get(kind="other", foreign_id=str(number)).pk


def lines(run, kind):  # noqa: F811
    return {
        line["ref"]: (line["result"], line["reason"]) for line in receipt.receipt_lines(run) if line["kind"] == kind
    }


def test_the_page_lists_threads_by_address_with_their_comments(owner, imported):
    assert "2 threads have no post here" in owner.get(reverse("desk_import", args=[imported.pk])).content.decode()
    page = owner.get(page_of(imported)).content.decode()
    assert page.count('<li class="import__file"') == 2 and "4 comments" in page and "1 comment<" in page
    assert "A &lt;b&gt;moved&lt;/b&gt; page" in page and "/silent/" not in page


def test_assigning_by_address_brings_the_comments_at_once(owner, imported, run, client):  # noqa: F811
    answer = owner.post(page_of(imported), {"thread": thread_of(11), "post": SITE + run.path}, follow=True)
    assert "3 comments are below" in answer.content.decode()
    found = comments_by_id()
    assert {number: (row.post, row.state) for number, row in found.items() if number != "6"} == {
        "1": (run, "approved"), "2": (run, "approved"), "3": (run, "spam")}  # fmt: skip
    assert found["2"].parent == found["1"] and found["1"].former_number == 1 and found["1"].facts["network"]
    assert "First" in client.get(run.path).content.decode() and not Email.objects.exists()
    assert lines(imported, "comments")["1"] == ("brought", "")
    assert lines(imported, "comments")["4"] == ("skipped", "It has no text.")
    assert [lines(imported, "other")[number][0] for number in ("11", "12", "13")] == ["brought", "brought", "skipped"]
    assert receipt.differences(receipt.totals(imported)) == {}
    assert not ImportRef.objects.filter(foreign_id__in=["1", "2", "3"], kept__has_key="record").exists()
    assert answer.content.decode().count('<li class="import__file"') == 1


def test_assigning_by_title_asks_where_several_have_it(owner, imported, run, make_post):  # noqa: F811
    longer = make_post("A long run in the rain", slug="rain")
    asked = {"thread": thread_of(13), "post": "long"}
    answer = owner.post(page_of(imported), asked)
    page = answer.content.decode()
    assert answer.status_code == 422 and "Which one is it?" in page and 'value="long"' in page
    assert f'value="{longer.pk}"' in page and f'value="{run.pk}"' in page and longer.path in page
    assert not Comment.objects.filter(former_number=5).exists()
    owner.post(page_of(imported), {"thread": thread_of(13), "choice": longer.pk})
    assert comments_by_id()["5"].post == longer
    owner.post(page_of(imported), {"thread": thread_of(11), "post": "a LONG run"})  # a whole title is one
    assert comments_by_id()["1"].post == run


@pytest.mark.parametrize("words", ["", "nothing of the kind", "/nowhere/", "9" * 400, "a\x00b", "https://[::1"])
def test_what_is_no_post_is_said_at_the_field(owner, imported, words):
    answer = owner.post(page_of(imported), {"thread": thread_of(13), "post": words})
    assert answer.status_code == 422 and "There is no such post." in answer.content.decode()
    assert not Comment.objects.filter(former_number=5).exists()


def test_two_presses_are_one_and_a_thread_of_elsewhere_is_none(owner, imported, run):  # noqa: F811
    asked = {"thread": thread_of(13), "post": run.path}
    owner.post(page_of(imported), asked)
    again = owner.post(page_of(imported), asked, follow=True)
    assert "changed meanwhile" in again.content.decode() and Comment.objects.filter(former_number=5).count() == 1
    for odd in ("x", "9" * 300, "", thread_of(15)):
        assert (
            "changed meanwhile"
            in owner.post(page_of(imported), {"thread": odd, "post": "1"}, follow=True).content.decode()
        )


def test_a_file_is_brought_at_the_desk_and_its_thread_assigned(owner, run, settings, tmp_path):  # noqa: F811
    settings.LONGRUN_DATA = tmp_path
    text = export(thread(11, SITE + run.path), thread(12, "https://old.example/moved/"), post(1, 11), post(2, 12))
    file = SimpleUploadedFile("forum-all.xml.gz", gzip.compress(text.encode()))
    url = owner.post(reverse("desk_imports"), {"file": file}).url
    jobs.run_ready("long")
    page = owner.get(url).content.decode()
    assert "Disqus" in page and "without a post here: 1." in page and not Comment.objects.exists()
    owner.post(url, {"action": "start"})
    jobs.run_ready("long")
    assert set(comments_by_id()) == {"1"}
    threads = reverse("desk_import_threads", args=[ImportRun.objects.get().pk])
    assert threads in owner.get(url).content.decode()
    owner.post(threads, {"thread": thread_of(12), "post": run.path})
    assert set(comments_by_id()) == {"1", "2"}


def test_kept_comments_go_with_the_data_of_their_writer(owner, imported, disqus):  # noqa: F811
    facts = {"email": "Bo@Example.org", "how": "erase"}
    owner.post(reverse("desk_personal_data_erase"), facts)
    kept = ImportRef.objects.filter(kind="comments", thing=None)
    assert kept and not kept.filter(kept__has_key="record").exists()
    file = thread(13, "https://old.example/other/", title="Other"), post(5, 13, "<p>Elsewhere</p>")
    disqus(*file)
    assert "Elsewhere" not in str(ImportRef.objects.get(foreign_id="5", kind="comments").kept)
    owner.post(page_of(imported), {"thread": thread_of(13), "post": "A long run"})
    disqus(*file)
    assert "5" not in comments_by_id()


def test_many_comments_are_brought_by_a_job(owner, imported, run, monkeypatch):  # noqa: F811
    monkeypatch.setattr("transfer.desk.threads.AT_ONCE", 2)
    answer = owner.post(page_of(imported), {"thread": thread_of(11), "post": run.path}, follow=True)
    assert "are being brought below" in answer.content.decode() and "1" not in comments_by_id()
    jobs.run_ready("long")
    assert set(comments_by_id()) == {"1", "2", "3", "6"}
    assign_thread.bring_comments(ImportRef.objects.get(pk=thread_of(11)), run)
    assert Comment.objects.count() == 4


def test_a_thread_whose_job_fails_is_listed_again(owner, imported, run, monkeypatch):  # noqa: F811
    monkeypatch.setattr("transfer.desk.threads.AT_ONCE", 2)
    with monkeypatch.context() as broken:
        broken.setattr("transfer.jobs.bring_comments", lambda *_args: 1 / 0)
        owner.post(page_of(imported), {"thread": thread_of(11), "post": run.path})
        assert "A &lt;b&gt;moved&lt;/b&gt; page" not in owner.get(page_of(imported)).content.decode()
        jobs.run_ready("long")
    assert "moved" in owner.get(page_of(imported)).content.decode() and "1" not in comments_by_id()
    owner.post(page_of(imported), {"thread": thread_of(11), "post": run.path})
    jobs.run_ready("long")
    assert set(comments_by_id()) == {"1", "2", "3", "6"}


def test_a_later_run_leaves_what_was_assigned_and_an_undo_takes_it(owner, imported, run, disqus):  # noqa: F811
    owner.post(page_of(imported), {"thread": thread_of(13), "post": run.path})
    file = (
        thread(13, "https://old.example/other/", title="Other"),
        post(5, 13, "<p>Elsewhere</p>"),
        post(7, 13, parent=5),
    )
    again = disqus(*file)
    told = {line["ref"]: line["result"] for line in again["lines"]}
    assert (told["5"], told["7"], told["13"]) == ("unchanged", "brought", "unchanged")
    assert comments_by_id()["7"].parent == comments_by_id()["5"]
    for each in ImportRun.objects.all():
        undo_import(each)
    assert not Comment.objects.exists() and not ImportRef.objects.exists()
