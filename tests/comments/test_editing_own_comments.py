"""The writer changes their mind: edit and delete for some minutes, by account or by signed browser."""

import re
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from blog import search
from comments.models import Comment, DiscussionSettings, ModerationAction, Person
from comments.views import edit as edit_views
from core.models import Email

HOME = "http://localhost:8000"


@pytest.fixture(autouse=True)
def patience(settings):
    settings.LONGRUN_LIMITS = False


@pytest.fixture
def written(guest, post, say):
    """A guest's first comment, which waits."""
    say(guest, post, "Run slwoly.")
    return Comment.objects.get()


def edit(client, comment, text="Run slowly.", **fields):
    return client.post(f"/comments/to/{comment.pk}/edit/", {"comment": text} | fields)


def test_a_guest_corrects_what_waits_and_the_former_text_is_kept(guest, post, written):
    page = guest.get(post.path).content.decode()
    form = re.search(r'href="(/comments/to/\d+/edit/)"', page)[1]
    assert "Run slwoly." in guest.get(form).content.decode()
    answer = edit(guest, written)
    assert answer.status_code == 303 and answer["Location"] == f"{post.path}#comment-{written.pk}"
    page = guest.get(post.path).content.decode()
    assert "Run slowly." in page and "(edited)" in page and "slwoly" not in page
    former = written.revisions.get()
    assert (former.text, former.by) == ("Run slwoly.", None)


def test_an_account_edits_from_any_browser(rene, as_, post, say):
    reader, elsewhere = as_(rene), as_(rene)
    reader.defaults["HTTP_ORIGIN"] = elsewhere.defaults["HTTP_ORIGIN"] = HOME
    say(reader, post, "From the train.")
    comment = Comment.objects.get()
    assert edit(elsewhere, comment, "From home.").status_code == 303
    comment.refresh_from_db()
    assert comment.text == "From home." and comment.revisions.get().by == rene


@pytest.mark.parametrize("who", ["stranger", "rene", "mona"])
def test_nobody_else_may(who, request, as_, written, post):
    client = Client() if who == "stranger" else as_(request.getfixturevalue(who))
    client.defaults["HTTP_ORIGIN"] = HOME
    assert client.get(f"/comments/to/{written.pk}/edit/").status_code == 404
    assert edit(client, written).status_code == 404
    assert edit(client, written, delete="1").status_code == 404
    assert f"/to/{written.pk}/edit/" not in client.get(post.path).content.decode()
    written.refresh_from_db()
    assert (written.text, written.state) == ("Run slwoly.", "pending")


def test_typing_the_same_name_and_address_makes_nobody_the_writer(written, post, say):
    other = Client(headers={"origin": HOME})
    say(other, post, "I am her.")
    assert edit(other, written).status_code == 404


def test_from_another_website_nothing_is_changed(guest, written):
    answer = guest.post(
        f"/comments/to/{written.pk}/edit/", {"comment": "x"}, headers={"origin": "https://evil.example"}
    )
    assert answer.status_code == 403
    written.refresh_from_db()
    assert written.text == "Run slwoly."


@pytest.mark.parametrize(("minutes", "age", "may"), [(15, 14, True), (15, 16, False), (0, 0, False), (60, 59, True)])
def test_the_minutes_are_the_owners_choice(guest, post, written, minutes, age, may):
    DiscussionSettings.objects.first().delete()
    DiscussionSettings(edit_minutes=minutes).save()
    Comment.objects.update(posted_at=timezone.now() - timedelta(minutes=age))
    assert (f"/to/{written.pk}/edit/" in guest.get(post.path).content.decode()) == may
    answer = edit(guest, written)
    assert answer.status_code == (303 if may else 403)
    if not may:
        assert "Run slowly." in answer.content.decode(), "what was typed is given back"
        page = guest.get(f"/comments/to/{written.pk}/edit/").content.decode()
        assert "The time in which you could edit this comment is over" in page
    written.refresh_from_db()
    assert written.text == ("Run slowly." if may else "Run slwoly.")


def test_a_comment_that_is_taken_away_while_its_writer_writes_leaves_them_their_words(guest, written, mona):
    written.trash(mona)
    answer = edit(guest, written, "Long and dear words.")
    assert answer.status_code == 404 and "Long and dear words." in answer.content.decode()
    written.refresh_from_db()
    assert (written.text, written.state) == ("Run slwoly.", "trash")
    assert guest.get(f"/comments/to/{written.pk}/edit/").status_code == 404


def test_it_may_be_taken_away_at_the_last_moment(guest, written, mona, monkeypatch):
    rewrite = edit_views.save_edit

    def too_late(request, form, comment):
        written.trash(mona)
        rewrite(request, form, comment)

    monkeypatch.setattr(edit_views, "save_edit", too_late)
    answer = edit(guest, written, "Long and dear words.")
    assert answer.status_code == 404 and "Long and dear words." in answer.content.decode()
    written.refresh_from_db()
    assert (written.text, written.state) == ("Run slwoly.", "trash")


def test_an_edit_that_cannot_be_written_stays_in_the_form(guest, written, monkeypatch):
    def locked(*args, **kwargs):
        raise OperationalError("database is locked")

    monkeypatch.setattr(Comment, "save", locked)
    answer = edit(guest, written, "Long and dear words.")
    assert answer.status_code == 503
    assert "Long and dear words." in answer.content.decode() and "could not be stored" in answer.content.decode()


def test_an_edit_passes_all_rules_again(guest, post, say, mona, django_capture_on_commit_callbacks):
    say(guest, post, "Honest words.")
    first = Comment.objects.get()
    first.approve(mona)
    say(guest, post, "And marzipan.")
    second = Comment.objects.get(text="And marzipan.")
    assert second.state == "approved"
    edit(guest, second, "https://a.example https://b.example marzipan")
    second.refresh_from_db()
    post.refresh_from_db()
    assert second.state == "pending" and second.reasons[0]["rule"] == "hold_many_links"
    assert post.comment_count == 1 and not search.find("marzipan", mona)
    assert "marzipan" not in Client().get(post.path).content.decode()
    assert "b.example" in guest.get(post.path).content.decode(), "its writer still sees it"


def test_a_first_comment_that_was_approved_does_not_vouch_for_its_own_edit(guest, mona, written):
    written.approve(mona)
    edit(guest, written, "Buy watches now.")
    written.refresh_from_db()
    assert written.state == "pending"
    assert written.reasons[0]["rule"] == "hold_first_comment"
    assert Email.objects.filter(kind="comment held").exists() or not Email.objects.exists()


def test_an_edit_that_passes_stays_and_is_found_by_its_new_words(guest, post, say, mona):
    say(guest, post, "Honest words.")
    Comment.objects.get().approve(mona)
    say(guest, post, "About marzipan.")
    edit(guest, Comment.objects.get(text="About marzipan."), "About almonds.")
    assert len(search.find("almonds", mona)) == 1 and not search.find("marzipan", mona)
    assert "About almonds." in Client().get(post.path).content.decode()


def test_a_moderators_word_is_not_edited_away(guest, mona, say, post, written):
    written.approve(mona)
    say(guest, post, "Second.")
    second = Comment.objects.get(text="Second.")
    second.mark_spam(mona)
    assert edit(guest, second, "Second, improved.").status_code == 303
    second.refresh_from_db()
    assert (second.state, second.text) == ("spam", "Second, improved.")


def test_spam_and_held_look_alike_to_their_writer(guest, post, say):
    say(guest, post, "Held.")
    held = Comment.objects.get()
    held_page = guest.get(f"/comments/to/{held.pk}/edit/").content.decode()
    held.mark_spam(None)
    assert guest.get(f"/comments/to/{held.pk}/edit/").content.decode() == held_page
    page = guest.get(post.path).content.decode()
    assert "Your comment is awaiting moderation." in page and "spam" not in page.lower()


def test_deleting_takes_it_away_and_the_owner_sees_that_it_was_its_writer(guest, post, mona, as_, written):
    written.approve(mona)
    answer = edit(guest, written, delete="1")
    assert answer.status_code == 303
    assert "Your comment is deleted." in guest.get(post.path).content.decode()
    written.refresh_from_db()
    post.refresh_from_db()
    assert (written.state, post.comment_count) == ("trash", 0)
    assert ModerationAction.objects.latest("pk").maker == "writer"
    assert "by the commenter" in as_(mona).get("/desk/comments/history/").content.decode()
    assert edit(guest, written).status_code == 404


@pytest.mark.parametrize("text", ["", " \n", "x" * 10_001, "a\x08b"])
def test_a_wrong_edit_comes_back_with_its_text(guest, written, text):
    answer = edit(guest, written, text)
    assert answer.status_code == 422
    assert text.replace("\x08", "").strip()[:50] in answer.content.decode()
    written.refresh_from_db()
    assert written.text == "Run slwoly." and not written.revisions.exists()


def test_saving_the_same_changes_nothing(guest, written):
    edit(guest, written, "Run slwoly.")
    written.refresh_from_db()
    assert written.edited_at is None and not written.revisions.exists()


def test_too_many_edits_are_asked_to_wait(guest, written, settings):
    settings.LONGRUN_LIMITS = True
    answers = [edit(guest, written, f"Version {n}") for n in range(21)]
    assert [answer.status_code for answer in answers] == [303] * 20 + [429]
    assert "Version 20" in answers[-1].content.decode()


def test_what_the_trap_catches_in_an_edit_is_held(guest, mona, say, post, written):
    written.approve(mona)
    say(guest, post, "Second.")
    second = Comment.objects.get(text="Second.")
    edit(guest, second, "Second, by a machine.", subject="filled in")
    second.refresh_from_db()
    assert second.state == "pending"


def test_an_imported_comment_without_a_person_is_nobodys(guest, make_comment):
    assert edit(guest, make_comment("Old", person=None)).status_code == 404


def test_looking_at_the_form_changes_nothing(guest, written):
    guest.get(f"/comments/to/{written.pk}/edit/?delete=1")
    guest.head(f"/comments/to/{written.pk}/edit/")
    written.refresh_from_db()
    assert written.state == "pending" and Person.objects.count() == 1


@pytest.mark.parametrize("taken_back", [False, True], ids=["unapproved", "rules_undone"])
def test_a_moderators_word_outlives_two_edits(guest, post, say, mona, taken_back):
    say(guest, post, "Honest words.")
    Comment.objects.get().approve(mona)
    say(guest, post, "And marzipan.")
    second = Comment.objects.get(text="And marzipan.")
    assert second.state == "approved"
    if taken_back:
        ModerationAction.objects.filter(maker="rules").latest("pk").undo()
    else:
        ModerationAction.take(ModerationAction.What.HOLD, second.itself, by=mona)
    for text in ("And marzipan, please.", "And marzipan, please!"):
        assert edit(guest, second, text).status_code == 303
        second.refresh_from_db()
        assert (second.text, second.state) == (text, "pending")
