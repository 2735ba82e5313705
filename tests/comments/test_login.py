import re
from html import unescape
from urllib.parse import urlsplit

import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError, OperationalError
from django.test import Client
from django.utils import timezone

from comments.models import Comment, SavedComment
from comments.models.saved_comment import delete_saved_comments
from comments.views import login
from core.models import Email
from tests.markup import squeeze

TEXT = "Typed before I logged in: <b>&\r\n“naïve” 🏃🏽‍♀️ " + "word " * 1800
PROVIDERS = ["google", "facebook", "twitter_oauth2", "github", "wordpress-com", "oidc"]


def text_in(page):
    return unescape(re.search(r"<textarea name=\"comment\".*?>\n(.*?)</textarea>", page, re.DOTALL)[1])


def press(client, post, provider, **fields):
    return client.post(f"/comments/{post.pk}/as/{provider}/", {"comment": TEXT} | fields)


def come_back(client, stand_in, page, who="ann"):
    """From "Connecting to …" through the provider to the form; the page, and the path it has."""
    back = urlsplit(stand_in.choose(page.context["address"], who))
    response = client.get(f"{back.path}?{back.query}")
    assert response.status_code == 302, response.content
    place = urlsplit(response["Location"])
    return client.get(f"{place.path}?{place.query}").content.decode(), response["Location"]


def test_the_form_offers_every_configured_provider(post):
    page = Client().get(post.path).content.decode()
    assert "Fill in your details below or click an icon to log in:" in page
    for provider in PROVIDERS:
        assert f'formaction="/comments/{post.pk}/as/{provider}/"' in page
    assert "Example ID" in page and "WordPress.com" in page


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_typed_text_comes_back_with_the_new_name(guest, post, make_comment, stand_in, provider):
    parent = make_comment("A question?", name="Bob")
    connecting = press(guest, post, provider, parent=parent.pk, author="Me")
    assert connecting.status_code == 200 and "Connecting to" in connecting.content.decode()
    page, place = come_back(guest, stand_in, connecting)
    assert place.startswith(f"{post.path}?draft=") and place.endswith("#respond")
    assert text_in(page) == TEXT
    assert "You are commenting using your" in page and "Leave a Reply to <bdi>Bob</bdi>" in page
    assert not Comment.objects.filter(text__startswith="Typed").exists()


def test_then_it_is_posted_under_the_accounts_name_and_the_draft_is_gone(guest, post, stand_in):
    page, _place = come_back(guest, stand_in, press(guest, post, "google"))
    draft = re.search(r'name="draft" value="([^"]+)"', squeeze(page))[1]
    response = guest.post(f"/comments/{post.pk}/", {"comment": text_in(page), "draft": draft, "author": "Ada"})
    assert response.status_code == 303
    comment = Comment.objects.get()
    user = get_user_model().objects.get(role="reader")
    assert (comment.person.account, comment.name, comment.state) == (user, user.name, "pending")
    assert not SavedComment.objects.exists() and "last_draft" not in guest.session
    assert "Your comment is awaiting moderation." in guest.get(post.path).content.decode()


def test_who_was_approved_once_with_this_account_is_known_in_every_browser(ada, guest, post, stand_in):
    come_back(guest, stand_in, press(guest, post, "google"))
    guest.post(f"/comments/{post.pk}/", {"comment": "One."})
    Comment.objects.get().approve(ada)
    elsewhere = Client(headers={"origin": "http://localhost:8000"}, REMOTE_ADDR="203.0.113.7")
    come_back(elsewhere, stand_in, press(elsewhere, post, "google"))
    from django.core.cache import cache

    cache.clear()
    elsewhere.post(f"/comments/{post.pk}/", {"comment": "Two."})
    assert Comment.objects.get(text="Two.").state == "approved"


def test_cancelling_comes_back_with_the_text(guest, post, stand_in):
    page, _place = come_back(guest, stand_in, press(guest, post, "google"), who="")
    assert text_in(page) == TEXT and "You are commenting using" not in page


def test_two_tabs_with_two_providers_both_come_back(guest, post, stand_in):
    one, two = press(guest, post, "google", comment="First tab"), press(guest, post, "github", comment="Second tab")
    assert text_in(come_back(guest, stand_in, two)[0]) == "Second tab"
    assert text_in(come_back(guest, stand_in, one)[0]) == "First tab"


def test_a_provider_that_is_down_leaves_the_text_in_the_form(guest, post, stand_in):
    stand_in.breaks("oidc", "discovery_down")
    response = press(guest, post, "oidc")
    assert response.status_code == 502
    assert text_in(response.content.decode()) == TEXT
    assert "does not answer just now" in response.content.decode()


def test_a_provider_that_breaks_on_the_way_leads_back_to_the_text(guest, post, stand_in):
    connecting = press(guest, post, "github")
    stand_in.breaks("github", "token_down")
    page, _place = come_back(guest, stand_in, connecting)
    assert text_in(page) == TEXT and "did not work this time" in page


def test_an_unknown_provider_is_a_404(guest, post):
    assert press(guest, post, "myspace").status_code == 404


def test_logging_out_at_the_form_keeps_the_text(rene, as_, post):
    client = as_(rene)
    page = client.get(post.path).content.decode()
    assert "<strong><bdi>Rene</bdi>:</strong> You are commenting using your <bdi>Ada runs</bdi> account." in page
    response = client.post(
        f"/comments/{post.pk}/leave/", {"comment": TEXT, "then": "change"}, headers={"origin": "http://localhost:8000"}
    )
    assert response.status_code == 303
    place = urlsplit(response["Location"])
    page = client.get(f"{place.path}?{place.query}").content.decode()
    assert text_in(page) == TEXT and "You are commenting using" not in page
    assert "_auth_user_id" not in client.session


def test_a_foreign_page_logs_nobody_in_or_out_and_shows_the_text(rene, as_, post):
    client = as_(rene)
    for address in ["leave/", "as/google/"]:
        response = client.post(
            f"/comments/{post.pk}/{address}", {"comment": TEXT}, headers={"origin": "https://evil.example"}
        )
        assert response.status_code == 403 and "naïve" in response.content.decode()
    assert "_auth_user_id" in client.session and not SavedComment.objects.exists()


@pytest.mark.parametrize("address", ["leave/", "as/google/", ""])
def test_asking_without_pressing_changes_nothing(rene, as_, post, address):
    client = as_(rene)
    assert client.get(f"/comments/{post.pk}/{address}").status_code == 405
    assert "_auth_user_id" in client.session


def test_a_draft_is_opened_by_its_signed_name_alone_and_on_its_post(guest, make_post, post):
    draft = SavedComment.objects.create(post=post, text="marker")
    other = make_post("Other")
    assert "marker" in guest.get(draft.return_path.partition("#")[0]).content.decode()
    for path in [
        f"{post.path}?draft={draft.token}",
        f"{post.path}?draft={draft.signed}x",
        f"{other.path}?draft={draft.signed}",
    ]:
        assert "marker" not in guest.get(path).content.decode()


def test_drafts_go_after_a_day(guest, post):
    old = SavedComment.objects.create(
        post=post, text="marker", created_at=timezone.now() - timezone.timedelta(hours=25)
    )
    new = SavedComment.objects.create(post=post, text="fresh")
    assert "marker" not in guest.get(old.return_path.partition("#")[0]).content.decode()
    delete_saved_comments()
    assert list(SavedComment.objects.all()) == [new]


def test_starting_logins_all_day_is_stopped_with_the_text_in_the_form(guest, post, stand_in):
    for _ in range(10):
        assert press(guest, post, "google").status_code == 200
    response = press(guest, post, "google")
    assert response.status_code == 429 and int(response["Retry-After"]) > 0
    assert text_in(response.content.decode()) == TEXT


def test_text_that_is_too_long_to_keep_stays_in_the_form(guest, post):
    response = press(guest, post, "google", comment="x" * 60_001)
    assert response.status_code == 422 and len(text_in(response.content.decode())) == 60_001


@pytest.mark.parametrize("address", ["as/github/", "as/passkey/", "leave/"])
@pytest.mark.parametrize("error", [OperationalError("database is locked"), IntegrityError("FOREIGN KEY failed")])
def test_a_text_that_cannot_be_stored_stays_in_the_form(guest, post, monkeypatch, address, error):
    def fail(draft):
        raise error

    monkeypatch.setattr(SavedComment, "save", fail)
    response = guest.post(f"/comments/{post.pk}/{address}", {"comment": TEXT})
    page = response.content.decode()
    assert response.status_code == 503 and text_in(page) == TEXT
    assert "could not be stored just now" in page


def draft_in(page):
    return re.search(r'name="draft" value="([^"]+)"', squeeze(page))[1]


def test_who_presses_a_second_service_and_goes_back_finds_the_text(guest, post, stand_in):
    page, place = come_back(guest, stand_in, press(guest, post, "google"), who="")
    press(guest, post, "github", comment="Longer by now.", draft=draft_in(page))
    assert text_in(guest.get(place.partition("#")[0]).content.decode()) == "Longer by now."
    assert SavedComment.objects.count() == 1


def test_a_draft_of_another_post_is_left_alone(guest, post, make_post):
    other = SavedComment.objects.create(post=make_post("Other"), text="marker")
    press(guest, post, "github", draft=other.signed)
    other.refresh_from_db()
    assert other.text == "marker" and SavedComment.objects.count() == 2


def test_a_text_that_waited_while_comments_were_closed_can_be_copied(guest, post):
    draft = SavedComment.objects.create(post=post, text="Half a <b>thought")
    post.comments_open = False
    post.save()
    page = guest.get(draft.return_path.partition("#")[0]).content.decode()
    assert "Half a &lt;b&gt;thought</textarea>" in page and "Comments are closed." in page
    assert 'id="respond"' in page and "Post Comment" not in page


def test_a_text_that_waited_while_the_post_moved_comes_along(guest, post):
    path = SavedComment.objects.create(post=post, text="Half a thought").return_path.partition("#")[0]
    post.move_to("elsewhere")
    assert text_in(guest.get(path, follow=True).content.decode()) == "Half a thought"


def test_nothing_typed_makes_no_draft(guest, post, stand_in):
    _page, place = come_back(guest, stand_in, press(guest, post, "google", comment=""))
    assert place == f"{post.path}#respond" and not SavedComment.objects.exists()


def newest_code():
    return re.search(r"^    (\S+)$", Email.objects.latest("pk").text, re.MULTILINE)[1]


def test_a_code_by_mail_brings_the_text_back_under_the_typed_name(guest, post, settings):
    settings.EMAIL_HOST = "localhost"
    page = guest.get(post.path).content.decode()
    assert f'formaction="/comments/{post.pk}/as/mail/"' in page
    answer = press(guest, post, "mail", email="Nora@example.org", author="Nora")
    assert answer["Location"] == "/accounts/login/code/enter/"
    assert Email.objects.get().to == "nora@example.org"
    back = urlsplit(guest.post(answer["Location"], {"code": newest_code()})["Location"])
    page = guest.get(f"{back.path}?{back.query}").content.decode()
    assert text_in(page) == TEXT
    assert "<strong><bdi>Nora</bdi>:</strong> You are commenting using your" in page


def test_where_no_address_is_typed_the_next_page_asks_for_it(guest, post, settings):
    settings.EMAIL_HOST = "localhost"
    for email in ["", "nonsense", "o\u212asana@example.org"]:
        answer = press(guest, post, "mail", email=email)
        assert answer["Location"].startswith("/accounts/login/code/?next=")
    assert not Email.objects.exists()


def test_too_many_emails_are_refused_with_the_text_kept(guest, post, settings):
    settings.EMAIL_HOST = "localhost"
    for _ in range(3):
        press(guest, post, "mail", email="nora@example.org")
    answer = press(guest, post, "mail", email="nora@example.org")
    page = guest.get(answer["Location"]).content.decode()
    assert "Several codes were sent" in page and "?draft=" in page
    assert Email.objects.count() == 3


def test_without_mail_no_code_is_offered(guest, post):
    assert "/as/mail/" not in guest.get(post.path).content.decode()
    assert press(guest, post, "mail", email="nora@example.org").status_code == 404


def test_the_passkey_button_leads_to_the_login_page_and_back(guest, post):
    answer = press(guest, post, "passkey")
    page = guest.get(answer["Location"]).content.decode()
    assert 'id="passkey_login"' in page and f'name="next" value="{post.path}?draft=' in page


def test_whoever_works_here_is_offered_no_way_to_become_somebody_else(mona, as_, post):
    client = as_(mona)
    page = client.get(post.path).content.decode()
    assert "Log Out" in page and 'value="change"' not in page and "/as/google/" not in page
    answer = client.post(
        f"/comments/{post.pk}/as/google/", {"comment": TEXT}, headers={"origin": "http://localhost:8000"}
    )
    assert answer.status_code == 403 and text_in(answer.content.decode()) == TEXT
    assert "_auth_user_id" in client.session


def shown_to(client, post):
    return re.search(r'name="as" value="(\d*)"', squeeze(client.get(post.path).content))[1]


def test_nothing_goes_out_under_an_account_that_logged_in_after_the_form_was_shown(guest, post, say, stand_in):
    before = shown_to(guest, post)
    come_back(guest, stand_in, press(guest, post, "google", comment=""))
    answer = say(guest, post, "I was fired for this.", author="Anonymous Coward", **{"as": before})
    page = answer.content.decode()
    assert answer.status_code == 409 and not Comment.objects.exists()
    assert "You are now logged in as Ann Reader." in page and text_in(page) == "I was fired for this."
    now = re.search(r'name="as" value="(\d+)"', squeeze(page))[1]
    assert say(guest, post, "I was fired for this.", **{"as": now}).status_code == 303
    assert Comment.objects.get().name == "Ann Reader"


def test_a_form_of_one_account_posts_nothing_for_another(as_, ada, rene, post):
    fields = {"comment": "Rene wrote this.", "as": shown_to(as_(rene), post)}
    answer = as_(ada).post(f"/comments/{post.pk}/", fields, headers={"origin": "http://localhost:8000"})
    assert answer.status_code == 409 and "You are now logged in as Ada." in answer.content.decode()
    assert not Comment.objects.exists()


def test_what_an_account_wrote_does_not_go_out_nameless_when_its_session_is_over(guest, post, discussion, stand_in):
    discussion.require_name_email = False
    discussion.save()
    come_back(guest, stand_in, press(guest, post, "google", comment=""))
    fields = {"comment": TEXT, "as": shown_to(guest, post)}
    guest.cookies.clear()
    answer = guest.post(f"/comments/{post.pk}/", fields)
    page = answer.content.decode()
    assert answer.status_code == 409 and "You are no longer logged in." in page
    assert text_in(page) == TEXT and not Comment.objects.exists()


def test_a_form_that_does_not_say_whose_it_is_posts_for_whoever_sends_it(guest, post, say, stand_in):
    come_back(guest, stand_in, press(guest, post, "google", comment=""))
    assert say(guest, post, "Well said.").status_code == 303


@pytest.mark.parametrize(
    ("services", "shown", "behind_more"), [(0, 0, 0), (2, 4, 0), (3, 5, 0), (4, 4, 2), (6, 4, 4)], ids=str
)
def test_services_stand_in_one_row_with_more_behind_it(guest, post, monkeypatch, leaves, services, shown, behind_more):
    """A code by mail and a passkey are offered beside the services."""
    known = [login.Provider(name, name) for name in ("google", "facebook", "github", "oidc", "x", "y")[:services]]
    monkeypatch.setattr(login, "providers", lambda: known)
    monkeypatch.setattr(login, "login_methods", login.login_methods if known else list)
    row, more = login.buttons_for(post)
    assert (len(row), len(more)) == (shown, behind_more)
    assert ("identity__more" in guest.get(post.path).content.decode()) == bool(more)


@pytest.mark.parametrize(
    "wrong",
    [
        {"comment": "", "email": "", "author": ""},
        {"comment": "", "email": "ann", "author": "", "url": "javascript:x"},
        {"url": "javascript:x", "email": "ann"},
    ],
)
def test_the_list_of_errors_and_the_fields_have_one_order(guest, post, wrong):
    answer = guest.post(f"/comments/{post.pk}/", {"comment": "Hi.", "author": "Ann", "email": "a@example.org"} | wrong)
    page = answer.content.decode()
    linked = re.findall(r'<a href="#(id_\w+)">', page.partition('id="errors"')[2].partition("</ul>")[0])
    placed = re.findall(r'<(?:input|textarea)[^>]* id="(id_\w+)"', page)
    assert linked == [name for name in placed if name in linked] and len(linked) == len(wrong)
