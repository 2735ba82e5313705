"""For any content of a comment system: the receipt adds up, a second run changes nothing, an undo gives back the blog
of before, and nothing becomes public that was not."""

import itertools
import json
from contextlib import contextmanager
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from blog.models import Post
from comments.models import Comment
from core import cache_version
from tests.pace import often
from tests.transfer.commento import test_import_commento as commento
from tests.transfer.disqus import disqus_xml
from tests.transfer.isso import isso_database
from tests.transfer.remark42 import test_import_remark42 as remark42
from tests.transfer.test_import_properties import check_receipt, check_undone, line_facts, quick, rows
from transfer.importing import receipt
from transfer.importing import run as running
from transfer.importing.undo_import import undo_import
from transfer.models import ImportLine, ImportRun

pytestmark = [pytest.mark.db, pytest.mark.django_db]
STATES = ("approved", "pending", "spam", "deleted", "empty")
PLACES = (
    "/2024/05/01/public/",
    "/2024/05/01/private/",
    "/nowhere/",
    "",
    "/2024/05/01/public/?again",
    "/\U0001f600/<&>/",
)
TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30)
TALK = st.lists(
    st.tuples(st.sampled_from(PLACES), st.sampled_from(STATES), st.none() | st.integers(0, 12), TEXTS, TEXTS),
    max_size=10,
)


def said(at, state, text):
    return "" if state == "empty" else f"zq{at}x {text}"


def in_disqus(path, talk):
    facts = {"pending": {"isApproved": "false"}, "spam": {"isSpam": "true"}} | dict.fromkeys(
        ("deleted", "empty"), {"isDeleted": "true"})  # fmt: skip
    parts = [disqus_xml.thread(100 + at, place) for at, place in enumerate(PLACES)]
    for at, (place, state, parent, text, name) in enumerate(talk):
        above = None if parent is None else parent + 1
        content = escape(said(at, state, text)).replace("]]>", "")
        parts.append(disqus_xml.post(at + 1, 100 + PLACES.index(place), content, above, name, **facts.get(state, {})))
    path.write_text(disqus_xml.export(*parts), encoding="utf-8")


def in_isso(path, talk):
    modes = {"approved": 1, "pending": 2, "spam": 2, "deleted": 4, "empty": 4}
    comments = [
        isso_database.comment(at + 1, PLACES.index(place), said(at, state, text), modes[state],
                              None if parent is None else parent + 1, author=name)
        for at, (place, state, parent, text, name) in enumerate(talk)
    ]  # fmt: skip
    isso_database.write(path, *comments, threads=[(at, place, None) for at, place in enumerate(PLACES)])


def in_remark42(path, talk):
    lines = [
        remark42.line(
            f"c{at}", place, said(at, state, text), "", f"c{parent}", {"name": name}, delete=state != "approved"
        )
        for at, (place, state, parent, text, name) in enumerate(talk)
    ]
    path.write_text(remark42.backup(*lines), encoding="utf-8")


def in_commento(path, talk):
    states = {"pending": "unapproved", "spam": "flagged"}
    comments = [
        commento.comment(f"c{at}", place, said(at, state, text) or "[deleted]", f"c{parent}", "anonymous",
                         states.get(state, "approved"), deleted=state in ("deleted", "empty"))
        for at, (place, state, parent, text, _name) in enumerate(talk)
    ]  # fmt: skip
    document = {"version": 1, "comments": comments, "commenters": commento.PEOPLE}
    path.write_text(json.dumps(document), encoding="utf-8")


WRITERS = {"disqus": in_disqus, "isso": in_isso, "remark42": in_remark42, "commento": in_commento}


@contextmanager
def trial(system, talk):
    """The path of a file with this talk; what happens in the database meanwhile is taken back."""
    with TemporaryDirectory() as folder, transaction.atomic():
        path = Path(folder, "comments.db" if system == "isso" else "export")
        WRITERS[system](path, talk)
        yield path
        transaction.set_rollback(True)
    cache_version.invalidate(cache_version.EVERYTHING)


def brought(system, path, ada):
    run = running.start([path], system=system, by=ada)
    return run, running.run_import(run, [path])


@pytest.fixture
def blog(make_post):
    for slug in ("public", "private"):
        post = make_post(slug, slug=slug, visibility=slug)
        Post.objects.filter(pk=post.pk).update(path=f"/2024/05/01/{slug}/")


def check(system, talk, ada, client):
    with trial(system, talk) as path:
        before = rows()
        trial_run = ImportRun(system=system, source="x", options={"dry_run": True}, by=ada)
        dry = running.run_import(trial_run, [path])
        assert receipt.differences(dry) == {} and rows() == before
        run, totals = brought(system, path, ada)
        check_receipt(run, totals)
        assert totals["comments"] == dry["comments"] and totals["comments"]["in_file"] == len(talk)
        after = rows()
        again, totals = brought(system, path, ada)
        check_receipt(again, totals)
        assert rows() == after and not again.lines.exclude(result="unchanged").exists()
        check_privacy(talk, client)
        undo_import(again)
        assert rows() == after
        undo_import(run)
        check_undone(before, rows())


def check_interrupted(system, talk, stops, ada, monkeypatch):
    monkeypatch.setattr(running, "CHUNK_ITEMS", 1)
    with trial(system, talk) as path:
        _run, whole = brought(system, path, ada)
        wanted, told = said_here(), line_facts(ImportLine.objects.all())
    with trial(system, talk) as path:
        for stop in stops:
            steps = itertools.count()
            run = running.start([path], system=system, by=ada)
            try:
                running.run_import(run, [path], should_stop=lambda steps=steps, stop=stop: next(steps) >= stop)
                break
            except running.Cancelled:
                continue
        run, totals = brought(system, path, ada) if run.is_unfinished else (run, receipt.totals(run))
        assert totals == whole and said_here() == wanted and ImportRun.objects.count() == 1
        assert line_facts(ImportLine.objects.all()) == told


def said_here():
    return sorted(Comment.objects.values_list("text", "state", "name", "post__slug", "parent__text"), key=str)


def check_privacy(talk, client):
    words = {f"zq{at}x": place.startswith(PLACES[0]) and state == "approved"
             for at, (place, state, *_others) in enumerate(talk)}  # fmt: skip
    pages = [PLACES[0], PLACES[1], "/", "/comments/feed/", f"{PLACES[0]}feed/", "/search/?q=zq", "/sitemap.xml"]
    shown = set()
    for address in pages:
        answer = client.get(address, follow=True).getvalue().decode()
        shown |= {word for word in words if word in answer}
    assert shown == {word for word, is_public in words.items() if is_public}
    assert all(comment.parent is None or comment.parent.post_id == comment.post_id for comment in Comment.objects.all())


@pytest.mark.parametrize("system", WRITERS)
@quick
@given(talk=TALK)
def test_any_talk_comes_in_whole_and_once_and_goes_again(system, talk, blog, ada, client):
    check(system, talk, ada, client)


@pytest.mark.parametrize("system", WRITERS)
@settings(quick, max_examples=2)
@given(talk=TALK, stops=st.lists(st.integers(0, 12), min_size=1, max_size=3))
def test_talk_that_is_interrupted_comes_in_like_any_other(system, talk, stops, blog, ada, monkeypatch):
    check_interrupted(system, talk, stops, ada, monkeypatch)


@pytest.mark.long
@pytest.mark.parametrize("system", WRITERS)
@settings(quick, max_examples=often(100))
@given(talk=TALK)
def test_much_talk_comes_in_whole_and_once_and_goes_again(system, talk, blog, ada, client):
    check(system, talk, ada, client)
