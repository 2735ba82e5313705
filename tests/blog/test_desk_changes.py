"""Who changed which setting, role or rule, and when, stands in a log at the desk."""

import pytest
from django.test import Client

from comments.models import DiscussionSettings
from core.models import SettingsChange, Site
from tests.cast import PASSWORD
from tests.filling import fill


@pytest.fixture
def desk(ada):
    """Ada's browser, which has just shown who she is."""
    client = Client()
    client.post("/accounts/login/", {"login": ada.email, "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


@pytest.fixture
def row(ada):
    """`row()` is the newest line of the log: (whose, area, about, values)."""
    DiscussionSettings.objects.create()

    def newest():
        change = SettingsChange.objects.first()
        return change and (change.by_name, change.area, change.about, change.values)

    return newest


@pytest.mark.parametrize(
    ("path", "typed", "area", "value"),
    [
        ("/desk/settings/", {"site-title": "Ada walks"}, "blog", ["Title", "Ada runs", "Ada walks"]),
        ("/desk/settings/", {"reading-posts_per_page": "7"}, "blog", ["Posts per page", "10", "7"]),
        ("/desk/settings/appearance/", {"accent": "#a03060"}, "appearance", ["Accent", "", "#a03060"]),
        ("/desk/settings/menu-and-sidebar/", {"footer": "By Ada"}, "layout", ["Footer", "", "By Ada"]),
        ("/desk/settings/discussion/", {"link_limit": "3"}, "discussion", None),
        ("/desk/settings/discussion/", {"moderation_keys": "casino\nloans"}, "discussion", None),
    ],
)
def test_a_changed_setting_is_written_down(desk, row, path, typed, area, value):
    fill(desk, path, **{name.replace("-", "__"): said for name, said in typed.items()})
    whose, where, _about, values = row()
    assert (whose, where) == ("Ada", area)
    assert next(iter(typed.values())) in [after for _what, _before, after in values]
    if value:
        assert [each[1:] for each in values] == [value[1:]]
    page = desk.get("/desk/settings/changes/").content.decode()
    assert "Ada" in page and next(iter(typed.values())).splitlines()[0] in page


def test_of_a_long_list_the_lines_that_changed(desk, row):
    DiscussionSettings.objects.update_or_create(pk=1, defaults={"moderation_keys": "one\ntwo\nthree"})
    fill(desk, "/desk/settings/discussion/", moderation_keys="one\nthree\nfour")
    assert [each[1:] for each in row()[3]] == [["two", "four"]]


def test_what_is_saved_without_a_change_writes_nothing(desk, row):
    fill(desk, "/desk/settings/", site__title=Site.objects.get().title)
    fill(desk, "/desk/settings/discussion/", moderation_keys="")
    assert row() is None


def test_a_role_that_is_given_or_taken_is_written_down(desk, row, mona):
    fill(desk, f"/desk/people/{mona.pk}/", role="reader")
    assert row() == ("Ada", "people", "Mona", [["Role", "Moderator", "Reader"]])
    assert "Mona" in desk.get("/desk/settings/changes/").content.decode()


def test_an_invitation_its_withdrawal_and_its_yes_are_written_down(desk, row, rene):
    from accounts.models import Invitation

    desk.post("/desk/people/", {"email": "new@example.org", "role": "editor"})
    assert row() == ("Ada", "people", "new@example.org", [["Invitation", "", "Editor"]])
    desk.post(f"/desk/people/invitation/{Invitation.objects.get().pk}/withdraw/")
    assert row() == ("Ada", "people", "new@example.org", [["Invitation", "Editor", ""]])
    asked = Invitation.objects.create(email=rene.email, role="author")
    browser = Client()
    browser.post("/accounts/login/", {"login": rene.email, "password": PASSWORD})
    browser.post(asked.link.partition("8000")[2])
    assert row() == ("Rene", "people", "Rene", [["Role", "Reader", "Author"]])


@pytest.mark.parametrize(("do", "then"), [("hold 4", "All comments are held"), ("close 1", "Comments are closed")])
def test_the_red_switch_is_written_down(as_, row, mona, do, then):
    as_(mona).post("/desk/comments/hold-all/", {"do": do})
    whose, area, _about, [(_what, before, after)] = row()
    assert (whose, area, before) == ("Mona", "switch", "As usual")
    assert after.startswith(then)


def test_from_an_email_it_is_said_that_nobody_logged_in(row):
    DiscussionSettings.apply_command("hold 1")
    assert row()[0] == "an email’s link"


@pytest.mark.parametrize("who", ["ed", "arthur", "mona", "rene"])
def test_the_log_is_the_owners(as_, request, who):
    assert as_(request.getfixturevalue(who)).get("/desk/settings/changes/").status_code == 403
