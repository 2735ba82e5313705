"""A restore renders comments in a child process while it stores others, and by itself where it may not."""

import io
from contextlib import ExitStack

import pytest
from django.core.management import CommandError, call_command

from blog.models import Post
from comments.models import Comment
from comments.models.comment import render_html
from core.file_locks import lock_any
from tests.transfer.restoring import emptied, restored
from transfer.restore import comment_texts, posts
from transfer.restore.comment_texts import CommentTexts

pytestmark = [pytest.mark.db, pytest.mark.django_db]
TEXTS = ["A *mile*", "A *mile*", "Two\r\n\r\nmiles", "<script>alert(1)</script>", "", "- one\n- two"]


@pytest.fixture
def document(ada, settings, tmp_path, monkeypatch):
    """An export of six posts in parts of two, with twelve comments each."""
    settings.LONGRUN_DATA, settings.MEDIA_ROOT = tmp_path / "data", tmp_path / "data" / "media"
    (tmp_path / "data").mkdir()
    for number in range(6):
        post = Post(author=ada, title=f"{number}", source="A mile")
        post.publish(announced=True)
        for text in TEXTS:
            for form in ("markdown", "html"):
                Comment.objects.create(post=post, text=f"{text} {number}", source_format=form, state="approved")
    file = tmp_path / "blog.json"
    call_command("export_json", file, stdout=io.StringIO())
    emptied(settings, tmp_path)
    monkeypatch.setattr(posts, "AT_A_TIME", 2)
    monkeypatch.setattr(comment_texts, "cores", lambda: 2)
    return file


@pytest.fixture
def rendered_here(monkeypatch):
    """The texts that the restore renders itself."""
    taken = []

    def counted(text, source_format="markdown"):
        taken.append(text)
        return render_html(text, source_format)

    monkeypatch.setattr("comments.models.comment.render_html", counted)
    return taken


def assert_whole():
    assert Comment.objects.count() == 72
    for comment in Comment.objects.all():
        assert comment.html == render_html(comment.text, comment.source_format)
        assert "<script" not in comment.html


def test_a_second_core_renders_all_but_the_first_part(document, rendered_here):
    restored(document)
    assert_whole()
    assert len(rendered_here) == 24 and {text[-1] for text in rendered_here} == {"0", "1"}


def test_with_one_core_the_restore_renders_everything(document, rendered_here, monkeypatch):
    monkeypatch.setattr(comment_texts, "cores", lambda: 1)
    restored(document)
    assert_whole()
    assert len(rendered_here) == 72


def test_while_other_children_have_the_turns_it_renders_everything(document, rendered_here, settings):
    with ExitStack() as stack:
        for number in (1, 2):
            stack.enter_context(lock_any([settings.LONGRUN_DATA / f"child-{number}.lock"], timeout=0))
        restored(document)
    assert_whole()
    assert len(rendered_here) == 72


def test_a_child_that_dies_costs_no_comment(document, rendered_here, monkeypatch):
    send, sent = CommentTexts.send, []

    def killed(self, texts):
        send(self, texts)
        if not sent:
            self.child.process.kill()
        sent.append(texts)

    monkeypatch.setattr(CommentTexts, "send", killed)
    restored(document)
    assert_whole()
    assert len(sent) == 2 and len(rendered_here) == 48


def test_a_text_that_breaks_the_child_is_refused_as_before(document, ada):
    document.write_text(document.read_text().replace('"- one\\n- two 5"', '"\\ud800 5"'))
    with pytest.raises(CommandError, match="Nothing was restored"):
        restored(document)
    assert not Post.objects.exists()


def test_the_child_is_closed_when_the_restore_fails(document, monkeypatch):
    closed, close = [], CommentTexts.close

    def noted(self):
        closed.append(self.child)
        close(self)

    monkeypatch.setattr(CommentTexts, "close", noted)
    create = posts.create_posts

    def broken(made, **options):
        create(made, **options)
        assert made[0].title == "0", "the second part breaks"

    monkeypatch.setattr(posts, "create_posts", broken)
    with pytest.raises(AssertionError, match="the second part"):
        restored(document)
    assert closed and closed[0].process.poll() is not None
