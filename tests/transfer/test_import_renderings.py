"""An import renders its texts in a child process while it stores others, and by itself where it may not."""

import io
from contextlib import ExitStack

import pytest
from django.core.management import call_command

from blog.models import Post
from comments.models import Comment
from comments.models.comment import render_html
from core.file_locks import lock_any
from tests.transfer import wxr_files
from transfer.importing import renderings
from transfer.importing.renderings import LimitExceeded, TextChild
from transfer.importing.undo_import import undo_import
from transfer.models import ImportLine, ImportRun
from transfer.models.import_run import Result

pytestmark = [pytest.mark.db, pytest.mark.django_db]


@pytest.fixture
def answers(monkeypatch):
    """How many answers of child processes an import takes."""
    taken = []
    receive = TextChild.receive

    def counted(child):
        answer = receive(child)
        taken.append(answer)
        return answer

    monkeypatch.setattr(TextChild, "receive", counted)
    return taken


@pytest.fixture
def file(tmp_path):
    """An export of three chunks."""
    return wxr_files.write(tmp_path / "export.xml", wxr_files.blog(3, posts=90, comments=3, words=30))


@pytest.fixture(autouse=True)
def data_folder(settings, tmp_path):
    settings.LONGRUN_DATA = tmp_path


def bring(file):
    call_command("import_wordpress", file, stdout=io.StringIO(), stderr=io.StringIO())


def assert_rendered_as_by_hand():
    assert Post.objects.count() >= 90 and Comment.objects.count() >= 100
    for post in Post.objects.exclude(source=""):
        stored = {name: getattr(post, name) for name in ("html", "teaser_html", "summary", "plain", "words")}
        post.render()
        assert {name: getattr(post, name) for name in stored} == stored
    for comment in Comment.objects.all():
        assert comment.html == render_html(comment.text, comment.source_format)
    assert not ImportLine.objects.filter(result=Result.FAILED).exclude(kind="attachments").exists()


def test_a_second_core_makes_the_same_texts(ada, file, answers, monkeypatch):
    brought = []
    for number in (2, 1):
        monkeypatch.setattr(renderings, "cores", lambda number=number: number)
        bring(file)
        brought.append(set(Post.objects.values_list("guid", "source", "html", "words", "link_url", "format")))
        undo_import(ImportRun.objects.latest("pk"))
    assert brought[0] == brought[1] and len(brought[0]) >= 90
    assert len(answers) >= 2


def test_what_the_child_renders_is_what_the_blog_renders(ada, file, answers, monkeypatch):
    monkeypatch.setattr(renderings, "cores", lambda: 2)
    bring(file)
    assert len(answers) >= 2
    assert_rendered_as_by_hand()


def test_one_core_needs_no_child(ada, file, answers, monkeypatch):
    monkeypatch.setattr(renderings, "cores", lambda: 1)
    bring(file)
    assert not answers
    assert_rendered_as_by_hand()


def test_an_import_goes_on_when_its_child_dies(ada, file, monkeypatch):
    died = []

    def die(child):
        child.close()
        died.append(child)
        raise LimitExceeded("memory")

    monkeypatch.setattr(renderings, "cores", lambda: 2)
    monkeypatch.setattr(TextChild, "receive", die)
    bring(file)
    assert len(died) == len(set(died)) >= 2
    assert_rendered_as_by_hand()


def test_an_import_goes_on_by_itself_while_others_have_the_turn(ada, file, answers, monkeypatch, tmp_path):
    monkeypatch.setattr(renderings, "cores", lambda: 2)
    with ExitStack() as held:
        for number in (1, 2):
            held.enter_context(lock_any([tmp_path / f"child-{number}.lock"], timeout=0))
        bring(file)
    assert not answers
    assert_rendered_as_by_hand()


def test_what_is_here_already_is_not_rendered_again(ada, file, answers, monkeypatch):
    bring(file)
    del answers[:]
    monkeypatch.setattr(renderings, "cores", lambda: 2)
    bring(file)
    assert not answers
