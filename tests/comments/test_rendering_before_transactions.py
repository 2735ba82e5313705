"""Text becomes HTML before the database is held: what takes long to render keeps nobody else's comment waiting."""

import pytest
from django.db import connection

from blog import markup
from comments.models import Comment, ModerationAction


@pytest.fixture
def held(monkeypatch):
    """What was rendered while a transaction of the code's own was open."""
    found, around, render = [], len(connection.savepoint_ids), markup.render

    def watched(text, *args, **kwargs):
        if len(connection.savepoint_ids) > around:
            found.append(text)
        return render(text, *args, **kwargs)

    monkeypatch.setattr(markup, "render", watched)
    return found


def test_the_watch_sees_what_it_is_there_for(held, post):
    from django.db import transaction

    with transaction.atomic():
        Comment.objects.create(post=post, text="*late*")
    assert held == ["*late*"]


def answer_at_the_desk(moderator, comment, **_):
    moderator.post(f"/desk/comments/{comment.pk}/reply/", {"text": "An *answer*"})
    return Comment.objects.get(parent=comment)


def edit_at_the_desk(moderator, comment, **_):
    moderator.post(
        f"/desk/comments/{comment.pk}/edit/", {"text": "Another *word*", "name": "Ann", "email": "", "url": ""}
    )
    return Comment.objects.get(pk=comment.pk)


def undo_an_edit(moderator, comment, **_):
    comment.revise(None, text="Another _word_")
    moderator.post(f"/desk/comments/history/{ModerationAction.objects.latest('pk').pk}/undo/")
    return Comment.objects.get(pk=comment.pk)


def post_as_a_guest(guest, post, say, **_):
    say(guest, post, "A guest's *word*")
    return Comment.objects.latest("pk")


def edit_as_a_guest(guest, post, say, **_):
    comment = post_as_a_guest(guest, post, say)
    guest.post(f"/comments/to/{comment.pk}/edit/", {"comment": "Their *other* word"})
    return Comment.objects.get(pk=comment.pk)


@pytest.mark.parametrize(
    "do",
    [answer_at_the_desk, edit_at_the_desk, undo_an_edit, post_as_a_guest, edit_as_a_guest],
    ids=lambda f: f.__name__,
)
def test_no_comment_is_rendered_while_the_database_is_held(held, do, as_, mona, post, guest, say):
    comment = Comment.objects.create(post=post, text="A *word*", name="Ann", state="approved")
    done = do(moderator=as_(mona), comment=comment, guest=guest, post=post, say=say)
    assert "<em>" in done.html and done.html == markup.render(done.text, markup.COMMENT).html
    assert held == []


@pytest.mark.parametrize("path", ["/desk/write/", "/desk/posts/{}/"])
def test_nor_is_a_post(held, as_, ada, post, path):
    form = {"title": "T", "source": "A *new* word", "slug": "", "excerpt": "", "format": "standard", "status": "draft"}
    form |= {"visibility": "public", "comments_open": "on", "action": "save", "author": ada.pk}
    form |= {"base_revision": post.keep_revision(ada).pk}
    assert as_(ada).post(path.format(post.pk), form).status_code == 302
    assert held == []
