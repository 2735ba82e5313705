"""The emergency switch: hold all or close all for some hours, from the desk or from an email."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from comments.models import Comment, DigestLine, DiscussionSettings
from comments.moderation.email_links import moderation_path, signer, switches
from comments.notifications import owner as owner_notifications
from comments.notifications.owner_digest import write_digests
from core import cache_version
from core.models import Email
from tests.markup import squeeze

SWITCH = "/desk/comments/hold-all/"


@pytest.fixture
def desk(mona, as_):
    return as_(mona)


def later(hours):
    """So many hours go by."""
    row = DiscussionSettings.objects.get()
    row.switch_until -= timedelta(hours=hours)
    row.save()
    cache_version.increment()


def test_closing_takes_one_press_and_ends_by_itself(desk, guest, post, say):
    desk.post(SWITCH, {"do": "close 4"})
    cache_version.increment()
    assert say(guest, post).status_code == 403
    assert 'id="respond"' not in guest.get(post.path).content.decode()
    page = desk.get("/desk/comments/review/").content.decode()
    assert "Comments are closed." in page and "this ends automatically" in page
    later(4)
    assert say(guest, post).status_code == 303
    assert "Comments are closed." not in desk.get("/desk/comments/").content.decode()


def test_it_can_be_taken_back_before(desk, guest, post, say):
    desk.post(SWITCH, {"do": "close 24"})
    desk.post(SWITCH, {"do": "off"})
    cache_version.increment()
    assert say(guest, post).status_code == 303


@pytest.mark.parametrize("do", ["", "hold", "hold 5", "hold 99999", "explode 1", "close -1"])
def test_nonsense_throws_nothing(desk, discussion, do):
    assert desk.post(SWITCH, {"do": do}).status_code == 302
    assert DiscussionSettings.objects.get().switched == ""


def test_the_press_leads_back_to_where_it_was(desk, discussion):
    assert desk.post(SWITCH, {"do": "hold 1", "then": "review"})["Location"] == "/desk/comments/review/"
    assert desk.post(SWITCH, {"do": "off", "status": "spam"})["Location"] == "/desk/comments/spam/"


def test_readers_and_looks_throw_nothing(as_, rene, desk, discussion):
    assert as_(rene).post(SWITCH, {"do": "close 1"}).status_code == 403
    assert desk.get(SWITCH).status_code == 405
    assert DiscussionSettings.objects.get().switched == ""


def test_an_email_about_many_leads_to_the_switch_without_a_login(make_comment):
    for n in range(4):
        owner_notifications.notify_owners(make_comment(f"number {n}", state="pending"))
    DigestLine.objects.update(created_at=timezone.now() - timedelta(hours=1))
    write_digests()
    email = Email.objects.get(kind=owner_notifications.DIGEST)
    address = re.search(r"http://localhost:8000(/comments/switch/\S+)", email.text)[1]
    reader = Client()
    page = reader.get(address).content.decode()
    assert "Comments are open as usual." in page and DiscussionSettings.objects.get().switched == ""
    reader.post(address, {"do": "close 1"})
    assert DiscussionSettings.objects.get().switched == "close"
    assert "Comments are closed." in reader.get(address).content.decode()
    reader.post(address, {"do": "off"})
    assert DiscussionSettings.objects.get().switched == ""


def test_a_link_that_was_not_ours_throws_nothing(discussion, make_comment):
    wrong = [switches.sign("switch")[:-1] + "_", "switch", signer.sign(str(make_comment().pk))]
    for token in wrong:
        assert Client().post(f"/comments/switch/{token}/", {"do": "close 1"}).status_code == 404
    assert DiscussionSettings.objects.get().switched == ""


def test_a_link_is_good_for_two_weeks(discussion, monkeypatch):
    then = timezone.now() - timedelta(days=15)
    monkeypatch.setattr("django.core.signing.time.time", then.timestamp)
    old = switches.sign("switch")
    monkeypatch.undo()
    assert Client().post(f"/comments/switch/{old}/", {"do": "close 1"}).status_code == 410
    assert DiscussionSettings.objects.get().switched == ""


def test_saving_the_settings_leaves_the_switch_alone(ada, as_, discussion):
    DiscussionSettings.set_switch("hold", 4)
    owner = as_(ada)
    page = owner.get("/desk/settings/discussion/").content.decode()
    fields = dict(re.findall(r'<input type="(?:number|hidden)" name="(\w+)" value="([^"]*)"', squeeze(page)))
    assert owner.post("/desk/settings/discussion/", fields | {"order": "oldest"}).status_code == 302
    assert DiscussionSettings.objects.get().switched == "hold"
    assert not Comment.objects.exists()


# Two people, or a page of before


def saw_on(page):
    return re.search(r'name="saw" value="((?:off|hold|close)[^"]*)"', squeeze(page.content))[1]


@pytest.mark.db
@pytest.mark.parametrize("where", ["/desk/comments/", "/desk/comments/review/"])
@pytest.mark.parametrize(
    ("first", "second", "stands", "said"),
    [
        ("close 4", "hold 1", "close", "Ada used this switch just now. Comments are closed now."),
        ("hold 24", "hold 1", "hold", "Ada used this switch just now. All comments are held for moderation now."),
        ("hold 4 then off", "close 4", "close", ""),  # as it was when the page was made
    ],
)
def test_an_old_page_does_not_throw_the_switch_over_somebody_elses(
    desk, ada, as_, make_comment, where, first, second, stands, said
):
    make_comment("waits", state="pending")
    saw = saw_on(desk.get(where))
    for each in first.split(" then "):
        as_(ada).post(SWITCH, {"do": each, "saw": saw_on(as_(ada).get(where))})
    until = DiscussionSettings.objects.get().switch_until
    told = text_of(desk.post(SWITCH, {"do": second, "saw": saw}, follow=True))
    row = DiscussionSettings.objects.get()
    assert row.switched == stands
    if said:
        assert said in told and "So nothing was changed." in told and row.switch_until == until


def test_as_usual_is_not_said_over_somebodys_longer_hours(desk, ada, as_, discussion):
    desk.post(SWITCH, {"do": "hold 1"})
    saw = saw_on(desk.get("/desk/comments/"))
    as_(ada).post(SWITCH, {"do": "close 24"})
    assert "Ada used this switch just now." in text_of(desk.post(SWITCH, {"do": "off", "saw": saw}, follow=True))
    assert DiscussionSettings.objects.get().switched == "close"


@pytest.mark.parametrize(
    ("hours", "by_wave", "said"),
    [
        (-1, False, "The hours were over meanwhile. Comments are open as usual."),
        (2, True, "Many similar comments came in meanwhile."),
    ],
)
def test_what_changed_by_itself_is_named_so(desk, discussion, hours, by_wave, said):
    desk.post(SWITCH, {"do": "hold 1"})
    saw = saw_on(desk.get("/desk/comments/"))
    row = DiscussionSettings.objects.get()
    row.switch_until, row.switched_by_wave = timezone.now() + timedelta(hours=hours), by_wave
    row.save()
    assert said in text_of(desk.post(SWITCH, {"do": "off" if by_wave else "close 1", "saw": saw}, follow=True))
    assert DiscussionSettings.objects.get().switched == ("hold" if by_wave else "")


def test_the_link_in_an_email_carries_what_its_page_showed_too(desk, discussion, make_comment):
    switch, decide = (
        f"/comments/switch/{switches.sign('switch')}/",
        moderation_path(make_comment("x", state="pending").pk),
    )
    saw = saw_on(Client().get(switch))
    assert saw_on(Client().get(decide)) == saw == "off"
    desk.post(SWITCH, {"do": "close 24"})
    told = text_of(Client().post(switch, {"do": "hold 1", "saw": saw}))
    assert "So nothing was changed" in told and "Comments are closed." in told
    Client().post(decide, {"do": "hold", "saw": saw})
    assert DiscussionSettings.objects.get().switched == "close"


def text_of(page):
    return " ".join(re.sub(r"<[^>]+>", " ", page.content.decode()).translate({0x2068: None, 0x2069: None}).split())
