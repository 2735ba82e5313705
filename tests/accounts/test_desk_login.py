"""The desk's page about logins and `manage.py check_login`: what is missing, mistyped, or out of reach."""

import copy
import io
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from accounts import roles
from accounts.login_providers import SERVICES, check_provider, check_settings
from core.site import absolute_url
from tests.blog_process import ROOT, Blog
from tests.blog_process import copy as copy_data

SECRET = "known-to-the-stand-in"
IDS = {
    "google": "123456-abcdef.apps.googleusercontent.com",
    "facebook": "1234567890123",
    "twitter_oauth2": "bGl0dGxlIGlk",
    "github": "Ov23liABCDEF01234567",
    "wordpress-com": "12345",
    "oidc": "longrun",
}
every_service = pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.id)


@pytest.fixture(autouse=True)
def configured(settings):
    """Every service with keys that look like its own."""
    providers = copy.deepcopy(settings.SOCIALACCOUNT_PROVIDERS)
    for name in ["google", "facebook", "twitter_oauth2", "github"]:
        providers[name]["APP"] = dict(providers[name]["APP"])
    for name, id in IDS.items():
        app_of(providers, name).update(client_id=id, secret=SECRET)
    settings.SOCIALACCOUNT_PROVIDERS = providers
    settings.LOGIN_VARIABLES = {name for service in SERVICES for name in service.variables}


@pytest.fixture
def desk(client, owner, password):
    client.post("/accounts/login/", {"login": "ada@example.org", "password": password})
    client.post("/accounts/reauthenticate/", {"password": password})
    return client


def app_of(providers, name):
    if name in ("wordpress-com", "oidc"):
        return next(app for app in providers["openid_connect"]["APPS"] if app["provider_id"] == name)
    return providers[name]["APP"]


def change(settings, service, **facts):
    app_of(settings.SOCIALACCOUNT_PROVIDERS, service.id).update(facts)


@every_service
def test_a_service_that_knows_our_keys_works(service, stand_in):
    assert check_provider(service).state == "ready"


@every_service
def test_a_service_that_does_not_know_them_says_so(service, stand_in, settings):
    change(settings, service, secret="another-key")
    found = check_provider(service)
    assert (found.state, found.is_trouble) == ("unknown", True)
    assert "does not know these keys" in found.why


@every_service
def test_a_service_that_is_down_is_out_of_reach(service, stand_in):
    stand_in.breaks("x" if service.id == "twitter_oauth2" else service.id, "token_down")
    assert check_provider(service).state == "unreachable"


def test_an_issuer_where_nobody_answers_is_out_of_reach(stand_in, settings):
    oidc = SERVICES[-1]
    stand_in.breaks("oidc", "discovery_down")
    assert check_provider(oidc).state == "unreachable"
    settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][1]["settings"] = {"server_url": f"{stand_in.url}/nobody"}
    assert check_provider(oidc).state == "unreachable"


@every_service
def test_half_of_the_keys_is_named(service, settings):
    settings.LOGIN_VARIABLES = {service.variables[0]}
    found = check_settings(service)
    assert found.state == "half" and service.variables[1] in found.why


@every_service
def test_without_keys_it_is_off_and_no_trouble(service, settings):
    settings.LOGIN_VARIABLES = set()
    assert (check_settings(service).state, check_settings(service).is_trouble) == ("absent", False)


@pytest.mark.parametrize(
    "id, wrong",
    [("google", "GOCSPX-1234"), ("facebook", "abc"), ("github", "abc"), ("wordpress-com", "my blog"), ("oidc", "a b")],
)
def test_an_id_of_another_shape_is_mistyped(settings, id, wrong):
    service = next(service for service in SERVICES if service.id == id)
    change(settings, service, client_id=wrong)
    assert check_settings(service).state == "mistyped"


@pytest.mark.parametrize("secret", ['"quoted"', "with a space", "<secret>"])
def test_a_secret_that_can_be_none_is_mistyped(settings, secret):
    change(settings, SERVICES[0], secret=secret)
    assert check_settings(SERVICES[0]).state == "mistyped"


def test_the_page_says_what_to_paste_and_where(desk, settings):
    page = desk.get("/desk/login/").content.decode()
    for service in SERVICES:
        assert f'value="{settings.LONGRUN_URL}' in page and service.callback in page
        assert all(f"{name}=" in page for name in service.variables)
    assert "https://github.com/settings/developers" in page


@every_service
def test_the_callback_is_where_the_provider_sends_its_answer(service):
    if service.id in ("wordpress-com", "oidc"):
        path = reverse("openid_connect_callback", kwargs={"provider_id": service.id})
    else:
        path = reverse(f"{service.id}_callback")
    assert service.callback == absolute_url(path)


# Prints the page as the owner of a new blog sees it.
OPEN_PAGE = """
import django
django.setup()
from django.conf import settings
from django.test import Client
desk = Client(HTTP_HOST=settings.LONGRUN_HOST)
desk.post("/accounts/login/", {"login": "%s", "password": "%s"})
print(desk.get("/desk/login/").content.decode())
"""


@pytest.mark.process
def test_it_is_told_before_a_service_is_configured(tmp_path, owned, prepared):
    """Only then there is a view at its callback URL."""
    copy_data(owned, tmp_path / "data")
    blog = Blog(tmp_path / "data", LONGRUN_STATIC=str(prepared / "static"), GITHUB_CLIENT_ID=IDS["github"])
    said = blog.manage("check_login", code=1)
    assert "GITHUB_CLIENT_SECRET is missing" in said and "/accounts/github/login/callback/" in said
    env = blog.env | {"DJANGO_SETTINGS_MODULE": "config.settings"}
    page = [sys.executable, "-c", OPEN_PAGE % (blog.email, blog.password)]
    done = subprocess.run(page, cwd=ROOT, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for service in SERVICES:
        assert f"/{service.id}/login/callback/" in done.stdout


@pytest.mark.parametrize("host, sent", [("", False), ("mail.example.org", True)])
def test_both_pages_know_whether_email_is_configured(desk, settings, host, sent):
    settings.EMAIL_HOST = host
    page, people = (desk.get(path).content.decode() for path in ("/desk/login/", "/desk/people/"))
    assert ("Readers can log in with a code sent by email." in page) is sent
    assert ("They get an email with a link" in people) is sent


def test_looking_asks_nobody_and_the_button_asks_everybody(desk, stand_in):
    desk.get("/desk/login/")
    assert stand_in.asked() == []
    page = desk.post("/desk/login/").content.decode()
    assert page.count("answers and knows these keys") == len(SERVICES)
    assert stand_in.asked()


def test_no_secret_is_shown_or_stored(desk, stand_in, settings):
    from allauth.socialaccount.models import SocialApp

    for name in IDS:
        app_of(settings.SOCIALACCOUNT_PROVIDERS, name)["secret"] = f"secret-of-{name}"
    for answer in [desk.get("/desk/login/"), desk.post("/desk/login/")]:
        page = answer.content.decode()
        assert "secret-of-" not in page and not any(id in page for id in IDS.values() if id != "longrun")
    assert not SocialApp.objects.exists()


@pytest.mark.parametrize("role", [role for role in roles.NAMES if role != "owner"])
def test_nobody_but_an_owner_comes_in(role, people):
    people.create_user("x@example.org", "a lamp beside the sea", name="X", role=role)
    browser = Client()
    browser.post("/accounts/login/", {"login": "x@example.org", "password": "a lamp beside the sea"})
    assert browser.get("/desk/login/").status_code == browser.post("/desk/login/").status_code == 403


def test_the_command_says_the_same(stand_in, settings):
    out = io.StringIO()
    call_command("check_login", stdout=out)
    assert [line[:3] for line in out.getvalue().splitlines()] == ["ok "] * len(SERVICES)
    settings.LOGIN_VARIABLES -= {"GITHUB_CLIENT_SECRET"}
    with pytest.raises(CommandError):
        call_command("check_login", stdout=out)
    assert "!! GitHub: GITHUB_CLIENT_SECRET is missing" in out.getvalue()


def test_the_command_is_content_with_a_blog_without_logins(settings):
    settings.LOGIN_VARIABLES = set()
    out = io.StringIO()
    call_command("check_login", stdout=out)
    assert out.getvalue().count("-- ") == len(SERVICES)
