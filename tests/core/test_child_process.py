"""A web process has few threads: those that wait for a process of their own are limited."""

import os
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django_tasks_db.models import DBTaskResult

from blog import jobs
from blog.markup import render_child
from blog.media import encoding
from blog.models import Media, Post
from core import child_process
from core.file_locks import lock_any
from core.jobs import run_ready
from tests.blog.test_media_animations import moving
from tests.blog.write_form import fields
from tests.pace import allowed
from transfer.importing import text_child

LONG = "Nine miles, and the tenth for the dog.\n\n" * 1500
ANSWER = f"{render_child.__name__}.answer"


@pytest.fixture
def full(settings, tmp_path, monkeypatch):
    """Both processes are at work for others, and nobody more may wait."""
    settings.LONGRUN_DATA, settings.MEDIA_ROOT = tmp_path, tmp_path / "media"
    monkeypatch.setattr(child_process, "_waiting", threading.BoundedSemaphore(1))
    child_process._waiting.acquire()
    turns = [tmp_path / f"child-{number}.lock" for number in range(1, child_process.MAX_CHILDREN + 1)]
    with ExitStack() as held:
        for _turn in turns:
            held.enter_context(lock_any(turns, timeout=0))
        yield held


@pytest.fixture
def desk(as_, ada):
    return as_(ada)


def test_nobody_waits_who_may_not(full):
    began = time.monotonic()
    with pytest.raises(child_process.Busy):
        child_process.call(ANSWER, {}, seconds=60, memory=2**29)
    assert time.monotonic() - began < allowed(2)


@pytest.mark.parametrize("limited", [True, False])
def test_who_may_wait_gets_the_next_turn_and_leaves_the_place(full, monkeypatch, limited):
    """Without a limit, as in the worker, everybody waits."""
    monkeypatch.setattr(child_process, "_waiting", threading.BoundedSemaphore(1) if limited else None)
    monkeypatch.setattr(child_process, "_run", lambda question, deadline: "asked")
    threading.Timer(0.3, full.close).start()
    assert child_process.call(ANSWER, {}, seconds=60, memory=2**29) == "asked"
    assert not limited or child_process._waiting.acquire(blocking=False)


def test_who_waited_in_vain_leaves_the_place_too(full, monkeypatch):
    monkeypatch.setattr(child_process, "_waiting", threading.BoundedSemaphore(1))
    with pytest.raises(child_process.LimitExceeded) as given_up:
        child_process.call(ANSWER, {}, seconds=0.1, memory=2**29)
    assert not isinstance(given_up.value, child_process.Busy) and child_process._waiting.acquire(blocking=False)


@pytest.mark.parametrize("action", ["save", "publish"])
def test_a_long_text_is_saved_and_stays_a_draft(full, desk, ada, action):
    answer = desk.post("/desk/write/", fields(author=ada.pk, title="Long", source=LONG, action=action), follow=True)
    post = Post.objects.get(title="Long")
    assert (post.source.strip(), post.status, post.render_error) == (LONG.strip(), "draft", "busy")
    assert "It stays a draft until you publish it." in answer.content.decode()
    # With a turn free the same save makes the page.
    full.close()
    form = fields(
        author=ada.pk, title="Long", source=LONG, action=action, base_revision=post.newest_revision.pk, slug=post.slug
    )
    desk.post(f"/desk/posts/{post.pk}/", form)
    post.refresh_from_db()
    assert (post.status, post.render_error) == ("published" if action == "publish" else "draft", "")
    assert "tenth for the dog" in post.html


def test_readers_go_on_seeing_the_page_as_it_was(full, desk, ada, client, make_post):
    post = make_post("Out", "The former text.")
    form = fields(
        author=ada.pk,
        title="Out",
        source=LONG,
        action="update",
        base_revision=post.newest_revision.pk,
        status="published",
    )
    answer = desk.post(f"/desk/posts/{post.pk}/", form, follow=True)
    post.refresh_from_db()
    assert (post.source.strip(), post.status, post.render_error) == (LONG.strip(), "published", "busy")
    assert "Until then, readers see the earlier page." in answer.content.decode()
    assert "The former text." in client.get(post.path).content.decode()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_public", [False, True])
def test_the_worker_renders_it_later_though_nobody_saves_it_again(full, ada, client, make_post, monkeypatch, is_public):
    post = make_post("Later", "The former <b>text</b>.", draft=not is_public)
    post.source = LONG
    post.save()
    assert post.render_error == "busy"
    for _minute in range(3):
        jobs.look_for_waiting_texts()
    assert DBTaskResult.objects.filter(task_path=jobs.render_waiting.module_path).count() == 1
    monkeypatch.setattr(child_process, "_waiting", None)  # as in the worker
    threading.Timer(0.3, full.close).start()
    run_ready("long")
    post.refresh_from_db()
    assert (post.status, post.render_error) == ("published" if is_public else "draft", "")
    assert post.html.count("tenth for the dog") == 1500
    assert not is_public or "tenth for the dog" in client.get(post.path).content.decode()
    jobs.look_for_waiting_texts()
    assert DBTaskResult.objects.filter(task_path=jobs.render_waiting.module_path).count() == 1, "nothing waits any more"


def test_the_time_of_a_text_that_the_worker_renders_begins_with_its_turn(full, monkeypatch):
    monkeypatch.setattr(child_process, "_waiting", None)
    monkeypatch.setattr(child_process, "_run", lambda question, deadline: deadline - time.monotonic())
    threading.Timer(0.6, full.close).start()
    assert child_process.call(ANSWER, {}, seconds=0.5, memory=2**29) > 0.4


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_a_costly_picture_is_to_be_brought_again(full, desk, settings, monkeypatch, accept):
    monkeypatch.setattr(encoding, "IN_THIS_PROCESS", 0)
    file = SimpleUploadedFile("moves.gif", moving("GIF"), "image/gif")
    answer = desk.post("/desk/media/", {"files": file}, headers={"Accept": accept})
    assert answer.status_code == 503 and int(answer["Retry-After"]) > 0
    assert "Try again in a minute." in answer.content.decode()
    assert not Media.objects.exists() and not [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]


MANY = f"{text_child.__name__}.answer"


def question(*comments):
    languages = {"LANGUAGE_CODE": "en", "LOCALE_PATHS": []}
    return {
        "posts": [],
        "comments": [(text, "markdown") for text in comments],
        "facts": None,
        "longest": 0,
        "language": "en",
        "languages": languages,
    }


@pytest.fixture
def data_folder(settings, tmp_path):
    settings.LONGRUN_DATA = tmp_path


def test_a_child_answers_one_call_after_the_other(data_folder):
    with child_process.Child(MANY, seconds=60, memory=2**29) as child:
        for number in range(3):
            child.send(question(f"*{number}*"))
            assert child.receive()["comments"] == [f"<p><em>{number}</em></p>"]
    assert child.process.poll() is not None


def test_a_child_that_exceeds_its_memory_is_of_no_use(data_folder):
    with child_process.Child(MANY, seconds=60, memory=2**25) as child:
        child.send(question("x" * 2**20))
        with pytest.raises(child_process.LimitExceeded):
            child.receive()


def test_a_child_for_many_calls_leaves_a_turn_for_others(data_folder, monkeypatch):
    with child_process.Child(MANY, seconds=60, memory=2**29):
        with pytest.raises(child_process.Busy):
            child_process.Child(MANY, seconds=60, memory=2**29)
        monkeypatch.setattr(child_process, "_run", lambda question, deadline: "asked")
        assert child_process.call(ANSWER, {}, seconds=1, memory=2**29) == "asked"
    child_process.Child(MANY, seconds=60, memory=2**29).close()


@pytest.mark.process
def test_a_child_does_not_outlive_its_parent(tmp_path):
    parent = f"""
import pathlib, sys, time
from django.conf import settings
settings.configure(LONGRUN_DATA=pathlib.Path(sys.argv[1]))
from core.child_process import Child
child = Child("{MANY}", seconds=60, memory=2**29)
print(child.process.pid, flush=True)
time.sleep(600)
"""
    with subprocess.Popen(
        [sys.executable, "-c", parent, tmp_path], cwd=child_process.ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        pid = int(process.stdout.readline())
        os.kill(pid, 0)
        process.kill()
    deadline = time.monotonic() + 60
    while is_alive(pid):
        assert time.monotonic() < deadline, "the child has outlived its parent"
        time.sleep(0.1)


def is_alive(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
