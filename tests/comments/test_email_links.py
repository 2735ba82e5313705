import pytest

from blog import search
from comments.models import Comment, ModerationAction
from core import cache_version

pytestmark = pytest.mark.db


@pytest.fixture
def count(post):
    def counted():
        post.refresh_from_db()
        return post.comment_count

    return counted


def test_approving_counts_shows_and_finds_a_comment(ada, post, make_comment, count):
    comment = make_comment("A rare word: marzipan.", state="pending")
    assert count() == 0 and not search.find("marzipan", ada)
    decision = comment.approve(ada)
    assert (comment.state, comment.former_state, count()) == ("approved", "pending", 1)
    assert len(search.find("marzipan", ada)) == 1
    assert (decision.by, decision.what, decision.items) == (ada, "approve", [[comment.pk, "pending", "", "approved"]])


def test_spam_and_trash_take_it_away_again_and_restore_brings_back_what_was(ada, make_comment, count):
    comment = make_comment("marzipan")
    comment.mark_spam(ada)
    assert (comment.state, count(), len(search.find("marzipan", ada))) == ("spam", 0, 0)
    comment.trash(ada)
    assert (comment.state, comment.former_state) == ("trash", "spam")
    comment.restore(ada)
    assert comment.state == "spam"
    comment.restore(ada)
    assert comment.state == "pending"


def test_a_decision_that_changes_nothing_is_none(ada, make_comment):
    comment = make_comment()
    assert comment.approve(ada) is None
    assert not ModerationAction.objects.exists()


def test_undo_puts_everything_back_once(ada, make_comment, count):
    pending, spam = make_comment("a", state="pending"), make_comment("b", state="spam")
    decision = Comment.objects.all().approve(ada)
    assert count() == 2 and decision.count == 2
    assert decision.undo() == 2
    pending.refresh_from_db(), spam.refresh_from_db()
    assert (pending.state, spam.state, count()) == ("pending", "spam", 0)
    assert decision.undo() == 0


def test_undo_leaves_alone_what_was_decided_again_since(ada, mona, make_comment):
    one, two = make_comment("a", state="pending"), make_comment("b", state="pending")
    decision = Comment.objects.all().mark_spam(ada)
    one.trash(mona)
    assert decision.undo() == 1
    one.refresh_from_db(), two.refresh_from_db()
    assert (one.state, two.state) == ("trash", "pending")


def test_a_bulk_and_its_undo_are_one_row_and_a_few_statements(ada, post, discussion, django_assert_max_num_queries):
    Comment.objects.bulk_create(Comment(post=post, text="x", state="pending", name=str(n)) for n in range(2000))
    with django_assert_max_num_queries(9):
        decision = Comment.objects.all().mark_spam(ada)
    assert ModerationAction.objects.count() == 1
    with django_assert_max_num_queries(12):
        assert decision.undo() == 2000


def test_readers_pages_are_made_anew_only_when_readers_see_a_change(
    ada, make_comment, django_capture_on_commit_callbacks
):
    comment = make_comment(state="pending")
    for deed, changes in [
        ("mark_spam", False),
        ("trash", False),
        ("approve", True),
        ("trash", True),
        ("restore", True),
    ]:
        before = cache_version.current()
        with django_capture_on_commit_callbacks(execute=True):
            getattr(comment, deed)(ada)
        assert (cache_version.current() > before) == changes, deed


def test_a_comment_that_waits_changes_nothing_for_readers(post, make_comment, django_capture_on_commit_callbacks):
    before = cache_version.current()
    with django_capture_on_commit_callbacks(execute=True):
        make_comment(state="pending")
    assert cache_version.current() == before
