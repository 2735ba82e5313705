"""Waves: what looks alike is decided about together, and undone together."""

import re
from datetime import UTC, datetime

import pytest

from comments.models import Comment, DiscussionSettings, ModerationAction
from comments.moderation import clusters
from comments.spam import fingerprints
from tests.markup import squeeze

GROUPS = "/desk/comments/clusters/"
WHEN = datetime(2026, 5, 1, 10, 30, tzinfo=UTC)


@pytest.fixture
def desk(mona, as_):
    return as_(mona)


def fields(page, number=0):
    """The fields of one wave's form as a browser sends it."""
    form = squeeze(page).split('action="/desk/comments/clusters/decide/"')[number + 1].split("</form>")[0]
    hidden = dict(re.findall(r'type="hidden" name="(host|seen)" value="([^"]*)"', squeeze(form)))
    return hidden | {"comment": re.findall(r'name="comment" value="(\d+)" checked', squeeze(form))}


@pytest.fixture
def wave(make_comment):
    """Thirty-seven that lead to one host, two of them in the spam already."""
    return [
        make_comment(f"No. {n} of https://www.casino.example/{n}", state="pending" if n > 1 else "spam", name=str(n))
        for n in range(37)
    ]


def test_a_wave_is_marked_blocked_and_undone_in_one_press_each(desk, wave, make_comment):
    honest = make_comment("An honest question about hills", state="pending")
    page = desk.get(GROUPS).content.decode()
    assert "37 similar comments" in page and "35 of them are pending." in page
    assert "Mark as spam, block casino.example" in page and "and 34 more" in page
    assert len(fields(page)["comment"]) == 37, "a group is whole on its page"
    answer = desk.post(f"{GROUPS}decide/", fields(page) | {"do": "block"})
    assert Comment.objects.spam().count() == 37
    assert DiscussionSettings.objects.get().disallowed_keys == "casino.example"
    honest.refresh_from_db()
    assert honest.state == "pending"
    page = desk.get(answer["Location"]).content.decode()
    assert "Marked as spam: 35 comments." in page and "“<bdi>casino.example</bdi>” is now on your list." in page
    decision = ModerationAction.objects.get()
    desk.post(f"/desk/comments/history/{decision.pk}/undo/", {"then": "clusters"})
    assert Comment.objects.pending().count() == 36 and Comment.objects.spam().count() == 2
    assert DiscussionSettings.objects.get().disallowed_keys == ""


def test_a_blocked_host_sends_the_next_one_to_the_trash(desk, guest, post, say, wave):
    desk.post(f"{GROUPS}decide/", fields(desk.get(GROUPS).content.decode()) | {"do": "block"})
    say(guest, post, "Come to https://casino.example/new")
    assert Comment.objects.get(text__contains="/new").state == "trash"


def test_a_host_to_which_honest_people_lead_is_held_not_blocked(desk, wave, make_comment):
    make_comment("I wrote about https://www.casino.example/review")
    answer = desk.post(f"{GROUPS}decide/", fields(desk.get(GROUPS).content.decode()) | {"do": "block"})
    assert "held instead of blocked" in desk.get(answer["Location"]).content.decode()
    now = DiscussionSettings.objects.get()
    assert (now.moderation_keys, now.disallowed_keys) == ("casino.example", "")


def test_undo_leaves_the_owners_own_lines_alone(desk, wave):
    DiscussionSettings.add_key("disallowed_keys", "poker")
    desk.post(f"{GROUPS}decide/", fields(desk.get(GROUPS).content.decode()) | {"do": "block"})
    DiscussionSettings.add_key("disallowed_keys", "dice")
    ModerationAction.objects.get().undo()
    assert DiscussionSettings.objects.get().disallowed_keys == "poker\ndice"


@pytest.mark.parametrize(("do", "state"), [("spam", "spam"), ("trash", "trash"), ("approve", "approved")])
def test_a_wave_goes_where_the_button_says(desk, wave, do, state):
    desk.post(f"{GROUPS}decide/", fields(desk.get(GROUPS).content.decode()) | {"do": do})
    assert Comment.objects.filter(state=state).count() == 37
    assert ModerationAction.objects.count() == 1


def test_what_comes_after_the_page_was_made_is_not_decided_about(desk, wave, make_comment):
    sent = fields(desk.get(GROUPS).content.decode()) | {"do": "trash"}
    late = make_comment("Late, and of https://casino.example/38", state="pending")
    desk.post(f"{GROUPS}decide/", sent)
    late.refresh_from_db()
    assert late.state == "pending" and Comment.objects.trashed().count() == 37


def test_the_shape_of_a_text_makes_a_wave_without_any_link(desk, make_comment):
    for n in range(3):
        make_comment(f"I earned {n}00 dollars in {n} days, ASK me HOW.", state="pending", name=f"N{n}")
    page = desk.get(GROUPS).content.decode()
    assert "3 similar comments" in page and "Their texts are nearly the same." in page and "block" not in page


def test_one_network_within_one_hour_makes_a_wave(desk, make_comment):
    for n, words in enumerate(["Nice.", "What a fine day it was here", "More of this kind please, I beg"]):
        make_comment(words, state="pending", facts={"network": "n" * 32}, posted_at=WHEN.replace(minute=n))
    make_comment("An hour later", state="pending", facts={"network": "n" * 32}, posted_at=WHEN.replace(hour=11))
    page = desk.get(GROUPS).content.decode()
    assert "3 similar comments" in page and "They came from one network within one hour." in page


def test_short_and_approved_ones_make_no_wave(desk, make_comment):
    for n in range(5):
        make_comment("Thank you!", state="pending", name=str(n))
        make_comment("Lovely words about https://a.example/", state="approved", name=str(n))
    assert 'class="empty"' in desk.get(GROUPS).content.decode()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Buy at https://a.example/x now, friend", "BUY at http://b.example now, friend"),
        ("I made 200 in 3 days, wow", "I made 17 in 99 days, wow"),
        ("Très bon article sur ça", "tres BON article sur ca"),
    ],
)
def test_texts_of_one_shape(one, other):
    assert fingerprints.shape_of(one) == fingerprints.shape_of(other) != ""


@pytest.mark.parametrize("url", ["http://[", "http://localhost:8000/x", ""])
def test_a_website_that_is_none_or_ours_is_no_host(make_comment, url):
    comment = Comment(text="", html="", url=url)
    assert fingerprints.hosts_of(comment) == set()


@pytest.mark.parametrize(
    "sent",
    [{}, {"do": "explode"}, {"do": "spam", "comment": "1", "seen": "x"},
     {"do": "spam", "comment": ["x", "-1", "9" * 30], "comments": ",²,x,99999", "seen": "2036-01-01T00:00:00+00:00"},
     {"do": "spam", "seen": "2036-01-01T00:00:00+00:00"}],
)  # fmt: skip
def test_nonsense_decides_nothing(desk, wave, sent):
    assert desk.post(f"{GROUPS}decide/", sent).status_code == 302
    assert not ModerationAction.objects.exists()


def test_five_thousand_are_looked_at_with_the_same_queries(desk, post, discussion, connection_queries, make_comment):
    make_comment("one", state="pending")
    few = connection_queries(lambda: desk.get(GROUPS))
    Comment.objects.bulk_create(Comment(post=post, text=f"No {n} is here now", state="spam") for n in range(2000))
    assert connection_queries(lambda: desk.get(GROUPS)) == few


def test_it_is_shut_for_readers(as_, rene, wave):
    reader = as_(rene)
    assert reader.get(GROUPS).status_code == 403
    assert reader.post(f"{GROUPS}decide/", {"do": "block", "host": "a.example"}).status_code == 403
    assert DiscussionSettings.objects.get().disallowed_keys == ""


def test_what_is_unticked_stays_as_it_is(desk, wave):
    sent = fields(desk.get(GROUPS).content.decode()) | {"do": "spam"}
    kept = sent["comment"].pop(0)  # the newest, which waits
    desk.post(f"{GROUPS}decide/", sent)
    assert Comment.objects.spam().count() == 36 and Comment.objects.exclude(state="spam").get().pk == int(kept)


def test_more_than_a_page_lists_go_along_only_if_somebody_says_so(desk, wave, monkeypatch):
    monkeypatch.setattr(clusters, "MAX_LISTED", 10)
    page = desk.get(GROUPS).content.decode()
    sent = fields(page) | {"do": "trash"}
    assert len(sent["comment"]) == 10 and "and 27 more that are not shown here" in page
    rest = re.search(r'name="comments" value="([\d,]+)"', squeeze(page))[1]
    desk.post(f"{GROUPS}decide/", sent)
    assert Comment.objects.trashed().count() == 10
    desk.post(f"{GROUPS}decide/", {"do": "trash", "seen": sent["seen"], "comments": rest})
    assert Comment.objects.trashed().count() == 37


def test_a_comment_is_in_one_group_alone_and_what_waits_comes_first(desk, make_comment):
    """Four lead to one host, three of them and two more to another; three that are spam already come last."""
    for n in range(3):
        make_comment(f"Old {n} https://old.example/", state="spam", name=f"O{n}")
    for n in range(5):
        links = " ".join(f"https://{host}.example" for host, who in (("a", range(4)), ("b", range(1, 5))) if n in who)
        make_comment("word " * n + links, state="pending", name=f"N{n}")
    page = desk.get(GROUPS).content.decode()
    parts = [set(fields(page, number)["comment"]) for number in range(page.count("/clusters/decide/"))]
    assert [len(part) for part in parts] == [4, 3] and not parts[0] & parts[1]
    assert page.index("4 of them are pending.") < page.index("All of them are already marked as spam.")
