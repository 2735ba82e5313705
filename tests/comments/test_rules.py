import pytest
from django.db import IntegrityError, OperationalError
from django.test import Client

from comments.models import Comment, Person
from comments.moderation import rules


@pytest.fixture
def known(guest, ada, post, say):
    """A browser with an approved comment."""
    from django.core.cache import cache

    say(guest, post, "My first.")
    Comment.objects.get().approve(ada)
    cache.clear()
    return guest


def newest():
    return Comment.objects.order_by("-pk").first()


def names(comment):
    return [reason["rule"] for reason in comment.reasons]


@pytest.mark.parametrize(
    ("text", "limit", "state"),
    [
        ("one https://a.example", 2, "approved"),
        ("two https://a.example and [b](https://b.example)", 2, "pending"),
        ("ann@example.org and bob@example.org are no links", 2, "approved"),
        ("one https://a.example", 1, "pending"),
        ("https://a.example https://b.example https://c.example", 0, "approved"),
    ],
)
def test_many_links_wait(known, post, say, discussion, text, limit, state):
    discussion.link_limit = limit
    discussion.save()
    say(known, post, text, url="https://my.example")
    assert newest().state == state
    assert names(newest()) == (["hold_many_links"] if state == "pending" else [])


def test_a_filled_trap_holds_and_never_bins(known, post, say):
    say(known, post, "Autofill did it.", subject="Ann")
    assert (newest().state, names(newest())) == ("pending", ["hold_filled_honeypot"])


@pytest.mark.parametrize(
    ("key", "fields"),
    [
        ("casino", {"text": "Come to the CASINO."}),
        ("casino", {"author": "Casino Royale"}),
        ("casino", {"email": "me@casino.example"}),
        ("casino", {"url": "https://casino.example"}),
        ("ÉTÉ", {"text": "un été chaud"}),
        ("don't", {"text": "I don’t know"}),
        ("viagra", {"text": "vi**ag**ra"}),
        ("viagra", {"text": "v*i*a_gra"}),
        ("  press  ", {"text": "WordPress"}),
        ("a.b", {"text": "a.b"}),
    ],
)
def test_words_hold_or_bin_wherever_they_stand(known, post, say, discussion, key, fields):
    for column, state in [("moderation_keys", "pending"), ("disallowed_keys", "trash")]:
        discussion.moderation_keys = discussion.disallowed_keys = ""
        setattr(discussion, column, f"\n{key}\n\n")
        discussion.save()
        from django.core.cache import cache

        cache.clear()
        Comment.objects.exclude(text="My first.").delete()
        assert say(known, post, **fields).status_code == 303
        assert newest().state == state, column


@pytest.mark.parametrize(
    ("key", "text"), [("a.b", "axb"), ("<p>", "plain"), ("nofollow", "https://a.example"), ("", "x")]
)
def test_words_are_looked_for_in_what_people_read(known, post, say, discussion, key, text):
    discussion.moderation_keys = key
    discussion.save()
    say(known, post, text)
    assert newest().state == "approved"


def test_the_gravest_verdict_wins_and_all_reasons_are_kept_worst_first(guest, post, say, discussion, caplog):
    discussion.disallowed_keys, discussion.manual_approval = "casino", True
    discussion.save()
    say(guest, post, "casino https://a.example https://b.example", subject="x")
    assert newest().state == "trash"
    assert "refused spam network=" in caplog.text
    assert names(newest()) == [
        "trash_disallowed_words",
        "classify_spam",
        "hold_filled_honeypot",
        "hold_many_links",
        "hold_mostly_links",
        "hold_every_comment",
        "hold_first_comment",
    ]


def test_by_hand_means_those_who_are_known_too(known, post, say, discussion):
    discussion.manual_approval = True
    discussion.save()
    say(known, post, "Second.")
    assert newest().state == "pending"


def test_without_previously_approved_everything_appears(guest, post, say, discussion):
    discussion.previously_approved = False
    discussion.save()
    say(guest, post)
    assert newest().state == "approved"


@pytest.mark.parametrize("after", ["mark_spam", "trash"])
def test_trust_goes_when_the_comment_goes_that_earned_it(known, ada, post, say, after):
    getattr(newest(), after)(ada)
    say(known, post, "Second.")
    assert newest().state == "pending"


def test_a_friend_passes_every_rule_and_the_blocked_go_to_spam(known, post, say, discussion):
    discussion.manual_approval = True
    discussion.save()
    Person.objects.update(trust="friend")
    say(known, post, "https://a.example https://b.example")
    assert newest().state == "approved"
    from django.core.cache import cache

    cache.clear()
    Person.objects.update(trust="blocked")
    say(known, post, "Again.")
    assert newest().state == "spam"


def test_spam_looks_to_its_writer_as_if_it_waited(known, post, say):
    Person.objects.update(trust="blocked")
    say(known, post, "Buy my shoes.")
    page = known.get(post.path).content.decode()
    assert "Buy my shoes." in page and "awaiting moderation" in page
    assert "Buy my shoes." not in Client().get(post.path).content.decode()


def test_a_rule_that_breaks_holds_the_comment(known, post, say, monkeypatch):
    def a_broken_rule(submission):
        raise ZeroDivisionError

    monkeypatch.setattr(rules, "RULES", [*rules.RULES, a_broken_rule])
    assert say(known, post, "Second.").status_code == 303
    assert (newest().state, names(newest())) == ("pending", ["a_broken_rule"])


@pytest.mark.parametrize(
    "error", [OperationalError("database or disk is full"), IntegrityError("FOREIGN KEY constraint failed")]
)
def test_a_database_that_cannot_write_leaves_the_text_in_the_form(known, post, say, monkeypatch, error):
    def full(*args, **kwargs):
        raise error

    monkeypatch.setattr(Comment, "save", full)
    response = say(known, post, "Long and dear words.")
    assert response.status_code == 503
    assert "Long and dear words." in response.content.decode() and "could not be stored" in response.content.decode()
