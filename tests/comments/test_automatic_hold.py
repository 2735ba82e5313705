"""Everything waits by itself while a wave comes in."""

from datetime import timedelta

import pytest
from django.utils import timezone

from comments.models import Comment, DiscussionSettings
from comments.moderation import automatic_hold
from core import cache_version
from core.models import Email

TEXTS = {
    "host": lambda n: f"{'abcdefghijklmnopqrstuvwxyz'[n]} word of its own {'x' * n} https://pills.example/{n}",
    "shape": lambda n: f"Look at the number {n} of my cheap lamps",
    "nothing": lambda n: " ".join(f"{'abcdefghijklmnopqrstuvwxyz'[n] * size}" for size in range(2, 3 + n)),
}


@pytest.fixture
def come(make_comment):
    """So many comments of strangers, ten seconds apart, until so many minutes ago."""

    def send(number, by="host", *, state="pending", spam=0, ago=0, network=None):
        for n in range(number):
            when = timezone.now() - timedelta(minutes=ago, seconds=10 * (number - n))
            facts = {"network": network or f"net{n}"}
            make_comment(
                TEXTS[by](n), state="spam" if n < spam else state, name=f"Somebody {n}", posted_at=when, facts=facts
            )
        automatic_hold.watch()
        cache_version.increment()
        return DiscussionSettings.objects.get().switched

    return send


def until(moment):
    row = DiscussionSettings.objects.get()
    row.switch_until = moment
    row.save()


@pytest.mark.parametrize(
    ("number", "facts", "held"),
    [
        (10, {}, True),
        (9, {}, False),
        (10, {"by": "shape"}, True),
        (10, {"spam": 7}, True),
        (10, {"spam": 8}, False),  # the rules know it as spam anyway
        (10, {"state": "spam"}, False),
        (10, {"state": "approved"}, False),
        (19, {"by": "nothing"}, False),
        (20, {"by": "nothing", "network": "one"}, True),
        (19, {"by": "nothing", "network": "one"}, False),
        (10, {"ago": 31}, False),
    ],
)
def test_a_wave_holds_everything(discussion, come, number, facts, held):
    assert come(number, **facts) == ("hold" if held else "")
    assert Email.objects.filter(kind="comment wave").count() == held


def test_it_says_so_in_one_email_and_ends_by_itself(discussion, come, guest, post, say, as_, mona):
    discussion.previously_approved = False
    discussion.save()
    assert come(12) == "hold"
    email = Email.objects.get(kind="comment wave")
    assert "12 similar comments" in email.text and "/desk/comments/clusters/" in email.text
    assert "Many similar comments came in." in as_(mona).get("/desk/comments/").content.decode()
    say(guest, post, "An honest word in the middle of it.")
    assert Comment.objects.get(name="Ann").reasons[0]["rule"] == "hold_while_switched"
    first = DiscussionSettings.objects.get().switch_until
    until(first - timedelta(minutes=15))
    assert come(3, ago=0) == "hold"
    assert DiscussionSettings.objects.get().switch_until > first - timedelta(minutes=1), "it goes on while more come"
    assert Email.objects.filter(kind="comment wave").count() == 1
    Comment.objects.update(posted_at=timezone.now() - timedelta(hours=1))
    until(timezone.now() - timedelta(seconds=1))
    automatic_hold.watch()
    assert DiscussionSettings.objects.get().switched == ""


def test_who_says_as_usual_is_left_alone(discussion, come):
    assert come(10) == "hold"
    DiscussionSettings.set_switch("")
    cache_version.increment()
    assert come(12) == ""
    assert Email.objects.filter(kind="comment wave").count() == 1


@pytest.mark.parametrize("switch", ["close", "hold"])
def test_what_somebody_switched_stays(discussion, come, switch):
    DiscussionSettings.set_switch(switch, 4)
    cache_version.increment()
    until = DiscussionSettings.objects.get().switch_until
    assert come(12) == switch
    row = DiscussionSettings.objects.get()
    assert row.switch_until == until and not row.switched_by_wave and not Email.objects.exists()


def test_whoever_does_not_want_it_is_not_held(discussion, come):
    discussion.hold_in_waves = False
    discussion.save()
    assert come(15) == ""
