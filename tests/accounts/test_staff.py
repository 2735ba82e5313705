"""The owner's helpers: invited by an email, listed at the desk, and given a role."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.test import Client
from django.utils import timezone

from accounts import roles
from accounts.models import Invitation
from core.models import Email, SettingsChange


@pytest.fixture(autouse=True)
def mail(settings):
    settings.EMAIL_HOST = "localhost"


@pytest.fixture
def desk(client, owner, password):
    """The owner's browser, who has just shown who it is."""
    return proven(client, "ada@example.org", password)


def proven(client, email, password):
    client.post("/accounts/login/", {"login": email, "password": password})
    client.post("/accounts/reauthenticate/", {"password": password})
    return client


def invite(desk, email="mona@example.org", role="moderator"):
    return desk.post("/desk/people/", {"email": email, "role": role})


def link():
    return re.search(r"http\S+/accounts/invitation/\S+", Email.objects.latest("pk").text)[0]


def join(client, path, **said):
    return client.post(path, {"name": "Mona", "password": "a lamp beside the sea"} | said)


def edit(desk, who, **changes):
    now = {"name": who.name, "handle": who.handle or "", "bio": who.bio, "website": who.website, "role": who.role}
    if changes.pop("is_active", who.is_active):
        now["is_active"] = "on"
    return desk.post(f"/desk/people/{who.pk}/", now | changes)


def test_somebody_new_is_invited_and_says_yes(desk, people, logged_in):
    assert invite(desk)["Location"] == "/desk/people/"
    mona = Client()
    page = mona.get(link()).content.decode()
    assert "Ada" in page and "Moderator" in page
    assert not people.filter(email="mona@example.org").exists()
    assert join(mona, link())["Location"] == "/desk/"
    person = logged_in(mona)
    assert (person.name, person.role, person.email) == ("Mona", "moderator", "mona@example.org")
    assert person.check_password("a lamp beside the sea")
    assert EmailAddress.objects.get(user=person).verified


def test_a_link_works_once(desk, people):
    invite(desk)
    join(Client(), link())
    answer = join(Client(), link(), name="Mallory")
    assert answer.status_code == 403
    assert not people.filter(name="Mallory").exists()


def test_a_link_works_for_a_week(desk, people):
    invite(desk)
    Invitation.objects.update(created_at=timezone.now() - timedelta(days=8))
    assert join(Client(), link()).status_code == 403
    assert people.count() == 1


def test_a_link_that_somebody_changed_opens_nothing(desk, people):
    invite(desk)
    for path in [link()[:-4] + "abc/", "/accounts/invitation/1:mona@example.org:x/", "/accounts/invitation/x/"]:
        assert join(Client(), path).status_code == 403
    assert people.count() == 1


def test_a_withdrawn_invitation_opens_nothing(desk):
    invite(desk)
    desk.post(f"/desk/people/invitation/{Invitation.objects.get().pk}/withdraw/")
    assert Client().get(link()).status_code == 403


def test_looking_at_the_link_uses_nothing_up(desk):
    invite(desk)
    for _ in range(3):
        assert Client().get(link()).status_code == 200
        assert Client().head(link()).status_code == 200
    assert join(Client(), link()).status_code == 302


def test_a_second_invitation_takes_the_place_of_the_first(desk):
    invite(desk)
    first = link()
    invite(desk, role="editor")
    assert Client().get(first).status_code == 403
    assert "Editor" in Client().get(link()).content.decode()


def test_a_reader_who_has_the_address_takes_the_role_in_their_own_account(desk, people, log_in, logged_in):
    browser = Client()
    log_in("google", "ann", client=browser)
    ann = logged_in(browser)
    invite(desk, "ann@example.org", "author")
    stranger = Client().get(link()).content.decode()
    assert "Log in to it" in stranger and 'name="password"' not in stranger
    assert browser.post(link())["Location"] == "/desk/"
    ann.refresh_from_db()
    assert (ann.role, ann.handle) == ("author", "ann-reader")
    assert people.filter(email="ann@example.org").count() == 1


def test_a_stranger_with_the_link_never_gets_the_readers_account(desk, people, log_in, logged_in):
    log_in("google", "ann", client=Client())
    invite(desk, "ann@example.org", "owner")
    mallory = Client()
    join(mallory, link())
    log_in("github", "bob", client=mallory)
    mallory.post(link())
    assert logged_in(mallory).role == "reader"
    assert people.get(email="ann@example.org").role == "reader"


def test_an_owner_who_is_invited_as_something_else_stays_the_owner(desk, owner):
    Invitation.objects.create(email=owner.email, role="author", by=owner).send()
    desk.post(link())
    owner.refresh_from_db()
    assert owner.role == "owner"


def test_a_weak_password_is_refused_with_the_name_kept(desk, people):
    invite(desk)
    page = join(Client(), link(), password="password").content.decode()
    assert "too common" in page and 'value="Mona"' in page
    assert people.count() == 1 and Invitation.objects.open().exists()


def test_whoever_works_here_already_is_not_invited_again(desk):
    assert "works here already" in invite(desk, "ada@example.org").content.decode()
    assert not Invitation.objects.exists()


def test_without_mail_the_owner_gets_a_link_to_pass_on_which_proves_no_address(desk, settings, logged_in):
    settings.EMAIL_HOST = ""
    invite(desk)
    assert not Email.objects.exists()
    page = desk.get("/desk/people/").content.decode()
    mona = Client()
    join(mona, re.search(r'value="(http[^"]+/accounts/invitation/[^"]+)"', page)[1].replace("&amp;", "&"))
    assert logged_in(mona).role == "moderator"
    assert not EmailAddress.objects.get(user=logged_in(mona)).verified


def test_the_list_shows_who_works_here_and_no_readers(desk, people):
    people.create_user("mona@example.org", name="Mona", role="moderator")
    people.create_user("rene@example.org", name="Rene")
    page = desk.get("/desk/people/").content.decode()
    assert "Mona" in page and "mona@example.org" in page and "Rene" not in page


def test_a_role_changes_at_the_desk(desk, people):
    mona = people.create_user("mona@example.org", name="Mona", role="moderator")
    assert edit(desk, mona, role="author").status_code == 302
    mona.refresh_from_db()
    assert (mona.role, mona.handle) == ("author", "mona")


def test_handle_and_words_about_somebody_change(desk, people):
    mona = people.create_user("mona@example.org", name="Mona", role="author", handle="mona")
    edit(desk, mona, handle="mona-lisa", bio="Smiles.\u202e", website="mona.example")
    mona.refresh_from_db()
    assert (mona.handle, mona.bio, mona.website) == ("mona-lisa", "Smiles.", "https://mona.example")


def test_two_people_have_two_handles(desk, owner, people):
    mona = people.create_user("mona@example.org", name="Mona", role="author", handle="mona")
    assert edit(desk, mona, handle="ada").status_code == 422
    assert people.create_user(name="x").handle is None
    second = people.create_user(name="Mona", role="reader")
    second.become(roles.AUTHOR)
    assert second.handle == "mona-2"


def test_a_closed_account_is_out_at_once(desk, people):
    mona = people.create_user("mona@example.org", "a lamp beside the sea", name="Mona", role="editor")
    browser = Client()
    browser.post("/accounts/login/", {"login": "mona@example.org", "password": "a lamp beside the sea"})
    assert browser.get("/desk/posts/").status_code == 200
    edit(desk, mona, is_active=False)
    assert browser.get("/desk/posts/")["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("role", ["moderator", "contributor", "editor"])
@pytest.mark.parametrize("was_first", ["helper", "reader"])
def test_whose_role_was_taken_away_is_still_found_and_may_get_another(desk, people, role, was_first):
    mona = people.create_user("mona@example.org", name="Mona", role="reader" if was_first == "reader" else role)
    mona.become(role)
    assert edit(desk, mona, role="reader", handle="").status_code == 302
    mona.refresh_from_db()
    assert (mona.role, mona.handle) == ("reader", None)
    assert f"/desk/people/{mona.pk}/" in desk.get("/desk/people/").content.decode()
    assert desk.get(f"/desk/people/{mona.pk}/").status_code == 200
    assert edit(desk, mona, role="moderator").status_code == 302
    mona.refresh_from_db()
    assert mona.role == "moderator"


def test_who_only_ever_read_is_no_helper(desk, people):
    rene = people.create_user("rene@example.org", name="Rene")
    assert desk.get(f"/desk/people/{rene.pk}/").status_code == 404
    assert f"/desk/people/{rene.pk}/" not in desk.get("/desk/people/").content.decode()


def test_the_last_owner_cannot_demote_or_close_himself(desk, owner, people):
    for changes in [{"role": "editor"}, {"is_active": False}]:
        assert "needs an owner" in edit(desk, owner, **changes).content.decode()
    people.create_user("eve@example.org", name="Eve", role="owner", is_active=False)
    assert edit(desk, owner, role="editor").status_code == 422
    owner.refresh_from_db()
    assert (owner.role, owner.is_active) == ("owner", True)


def test_one_of_two_owners_may_go(desk, owner, people):
    people.create_user("eve@example.org", name="Eve", role="owner")
    assert edit(desk, owner, role="editor").status_code == 302
    owner.refresh_from_db()
    assert owner.role == "editor"
    assert desk.get("/desk/people/").status_code == 403


@pytest.mark.parametrize("role", [role for role in roles.NAMES if role != "owner"])
def test_nobody_but_an_owner_comes_in(role, people, owner):
    people.create_user("x@example.org", "a lamp beside the sea", name="X", role=role)
    browser = proven(Client(), "x@example.org", "a lamp beside the sea")
    for path in ["/desk/people/", f"/desk/people/{owner.pk}/", "/desk/people/invitation/1/withdraw/"]:
        assert browser.get(path).status_code == 403
        assert browser.post(path, {"email": "y@example.org", "role": "owner"}).status_code == 403
    assert not Invitation.objects.exists()


def test_a_guest_is_sent_to_log_in(client, owner):
    for path in ["/desk/people/", f"/desk/people/{owner.pk}/"]:
        assert client.get(path)["Location"].startswith("/accounts/login/")


def test_changing_people_asks_for_the_password_again_and_goes_on(client, owner, password, people):
    client.post("/accounts/login/", {"login": "ada@example.org", "password": password})
    assert client.get("/desk/people/").status_code == 200
    answer = invite(client)
    assert answer["Location"] == "/accounts/reauthenticate/?next=%2Fdesk%2Fpeople%2F"
    assert not Invitation.objects.exists()
    client.post(answer["Location"], {"password": password})
    assert Invitation.objects.get().email == "mona@example.org"


def test_readers_have_no_page_at_this_desk(desk, people):
    rene = people.create_user("rene@example.org", name="Rene")
    assert desk.get(f"/desk/people/{rene.pk}/").status_code == 404
    assert edit(desk, rene, role="owner").status_code == 404


@pytest.mark.parametrize("email", ["nonsense", "", "o\u212asana@example.org", "a@b\nBcc: c@d.example"])
def test_an_address_that_is_none_is_refused(desk, email):
    assert invite(desk, email).status_code == 422
    assert not Email.objects.exists()


@pytest.mark.parametrize("role", ["reader", "emperor", ""])
def test_a_role_that_helps_nobody_is_refused(desk, role):
    assert invite(desk, role=role).status_code == 422


def logged_in_as(mona, browser):
    client = Client(headers={"User-Agent": browser})
    client.post("/accounts/login/", {"login": mona.email, "password": "a lamp beside the sea"})
    assert client.get("/desk/").status_code == 200
    return client


def test_the_owner_ends_one_login_of_somebody_or_all_of_them(desk, owner, people):
    mona = people.create_user("mona@example.org", "a lamp beside the sea", name="Mona", role="moderator")
    phone, laptop, tablet = (logged_in_as(mona, name) for name in ("Phone", "Laptop", "Tablet <b>"))
    path = f"/desk/people/{mona.pk}/"
    page = desk.get(path).content.decode()
    assert all(name in page for name in ("Phone", "Laptop", "Tablet &lt;b&gt;", "127.0.0.1")) and "Since" in page
    one = UserSession.objects.get(user=mona, user_agent="Phone")
    answer = desk.post(f"{path}sessions/{one.pk}/end/", follow=True).content.decode()
    assert "logged out in 1 browser." in answer and "Phone" not in answer
    assert phone.get("/desk/").status_code == 302 and laptop.get("/desk/").status_code == 200
    assert "logged out already" in desk.post(f"{path}sessions/{one.pk}/end/", follow=True).content.decode()
    desk.post(f"{path}sessions/end/")
    assert laptop.get("/desk/").status_code == tablet.get("/desk/").status_code == 302
    assert "Not logged in anywhere" in desk.get(path).content.decode()
    assert desk.get("/desk/people/").status_code == 200, "the owner's own login goes on"
    first, second = SettingsChange.objects.order_by("pk")
    assert (first.by_name, first.about, first.area) == ("Ada", "Mona", "people")
    assert first.values[0][1].startswith("Phone · Since ") and len(second.values) == 2
    assert "Phone" in desk.get("/desk/settings/changes/").content.decode()


def test_a_session_is_ended_below_its_own_person_alone(desk, owner, people):
    mona = people.create_user("mona@example.org", "a lamp beside the sea", name="Mona", role="moderator")
    rene = people.create_user("rene@example.org", "a lamp beside the sea", name="Rene")
    reader = Client()
    reader.post("/accounts/login/", {"login": rene.email, "password": "a lamp beside the sea"})
    theirs = UserSession.objects.get(user=rene)
    assert desk.post(f"/desk/people/{rene.pk}/sessions/{theirs.pk}/end/").status_code == 404
    desk.post(f"/desk/people/{mona.pk}/sessions/{theirs.pk}/end/")
    assert reader.get("/accounts/").status_code == 200 and not SettingsChange.objects.exists()


def test_the_owner_ends_their_own_login(desk, owner):
    session = UserSession.objects.get(user=owner)
    assert "This browser" in desk.get(f"/desk/people/{owner.pk}/").content.decode()
    assert desk.post(f"/desk/people/{owner.pk}/sessions/{session.pk}/end/")["Location"] == "/"
    assert desk.get("/desk/").status_code == 302


def test_whoever_does_not_show_who_they_are_ends_no_login(client, owner, people, as_):
    mona = people.create_user("mona@example.org", "a lamp beside the sea", name="Mona", role="moderator")
    browser = logged_in_as(mona, "Phone")
    session = UserSession.objects.get(user=mona)
    answer = as_(owner).post(f"/desk/people/{mona.pk}/sessions/{session.pk}/end/")
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert browser.get("/desk/").status_code == 200
