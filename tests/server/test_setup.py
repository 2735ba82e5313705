"""From an empty database to a blog with an owner."""

import os
import re
import sqlite3
import stat
import subprocess
import sys
from io import StringIO
from urllib.parse import urlsplit

import html5lib
import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.test import Client

from blog.models import Category, Post, ReadingSettings
from comments.models import Comment, DiscussionSettings
from core.models import Site
from server.setup import AlreadySetUp, create_blog, create_link, is_valid_link, middleware
from server.setup.setup_link import link_path
from tests.markup import squeeze

ANSWERS = {
    "title": "Evening pages",
    "tagline": "Written late",
    "name": "Ada Lovelace",
    "email": "Ada@Example.org",
    "password": "a quiet lamp on the table",
    "timezone": "Europe/Berlin",
    "language": "en",
}


@pytest.fixture(autouse=True)
def nobody_knows_the_owner():
    middleware.forget_owner()
    yield
    middleware.forget_owner()
    link_path().unlink(missing_ok=True)


@pytest.fixture
def link():
    return urlsplit(create_link()).path


def away(execute, sql, *others):
    if sql == "SELECT 1":
        raise OperationalError
    return execute(sql, *others)


def owners():
    return get_user_model().objects.owners()


@pytest.mark.django_db
class TestTheDoor:
    @pytest.mark.parametrize("path", ["/", "/desk/", "/accounts/login/", "/feed/", "/2026/11/23/x/", "/setupx"])
    def test_until_there_is_an_owner_every_page_says_so(self, client, path):
        answer = client.get(path)
        assert answer.status_code == 503
        assert "This blog is not set up yet" in answer.content.decode()
        assert answer["Retry-After"]

    def test_that_is_expected_and_not_logged(self, client, caplog):
        client.get("/")
        assert caplog.records == []
        with connection.execute_wrapper(away):
            assert client.get("/health/").status_code == 503
        assert "Service Unavailable: /health/" in caplog.text

    def test_a_post_is_not_let_in_either(self, client):
        assert client.post("/accounts/login/", {"login": "x"}).status_code == 503

    def test_machines_still_learn_that_it_is_alive(self, client):
        assert client.get("/health/").status_code == 200

    def test_a_wrong_link_opens_nothing_and_tells_nothing(self, client, link):
        answers = [client.get("/setup/wrong/"), client.post("/setup/wrong/", ANSWERS), client.get("/")]
        assert {answer.status_code for answer in answers} == {503}
        assert len({answer.content for answer in answers}) == 1
        assert not owners().exists()

    def test_without_a_link_made_no_link_is_right(self, client):
        assert client.get("/setup/x/").status_code == 503

    def test_the_pages_are_sound(self, client, link):
        for page in [client.get("/"), client.get(link), client.post(link, {})]:
            html5lib.HTMLParser(strict=True).parse(page.content.decode())


class TestTheLink:
    def test_it_has_128_random_bits_and_the_blogs_address(self, settings):
        one, two = create_link(), create_link()
        assert one.startswith(f"{settings.LONGRUN_URL}/setup/")
        assert one != two
        assert len(one.rstrip("/").rpartition("/")[2]) == 22

    def test_only_the_newest_works(self):
        old, new = (create_link().rstrip("/").rpartition("/")[2] for _ in range(2))
        assert is_valid_link(new)
        assert not is_valid_link(old)

    def test_it_lies_in_the_data_folder_as_a_hash_for_its_owner_alone(self):
        token = create_link().rstrip("/").rpartition("/")[2]
        assert token not in link_path().read_text()
        assert stat.S_IMODE(link_path().stat().st_mode) == 0o600

    @pytest.mark.django_db
    def test_the_command_prints_one_that_works(self, client):
        out = StringIO()
        call_command("setup_link", stdout=out)
        assert client.get(urlsplit(out.getvalue().strip()).path).status_code == 200


@pytest.mark.db
@pytest.mark.django_db
class TestTheForm:
    def test_it_makes_the_blog_and_ends_at_the_write_page(self, client, link):
        answer = client.post(link, ANSWERS)
        assert (answer.status_code, answer["Location"]) == (302, "/desk/write/")
        owner = owners().get()
        assert int(client.session["_auth_user_id"]) == owner.pk
        assert (owner.name, owner.email, owner.handle, owner.role) == (
            "Ada Lovelace",
            "ada@example.org",
            "ada-lovelace",
            "owner",
        )
        site = Site.objects.get()
        assert (site.title, site.tagline, site.timezone, site.language) == (
            "Evening pages",
            "Written late",
            "Europe/Berlin",
            "en",
        )

    def test_the_owner_is_told_three_next_steps(self, client, link):
        client.post(link, ANSWERS)
        page = client.get("/desk/write/").content.decode()
        assert "Your blog is ready." in page
        assert "Next steps" in page
        assert "Next steps" not in client.get("/desk/write/").content.decode()

    def test_the_owner_can_log_in_again(self, client, link):
        client.post(link, ANSWERS)
        client.logout()
        client.post("/accounts/login/", {"login": "ada@example.org", "password": ANSWERS["password"]})
        assert int(client.session["_auth_user_id"]) == owners().get().pk
        address = EmailAddress.objects.get()
        assert (address.email, address.verified, address.primary) == ("ada@example.org", True, True)

    def test_the_blog_greets(self, client, link):
        client.post(link, ANSWERS)
        reader = Client()
        home = reader.get("/").content.decode()
        assert "The first page of a new book" in home
        post = Post.objects.posts().get()
        assert "A friendly margin" in reader.get(post.get_absolute_url()).content.decode()
        assert reader.get("/about/").status_code == 200
        assert (Category.objects.count(), Post.objects.count(), Comment.objects.count()) == (1, 2, 1)
        assert (ReadingSettings.objects.count(), DiscussionSettings.objects.count()) == (1, 1)
        assert Post.objects.get(pk=post.pk).comment_count == 1
        assert not Post.objects.to_announce().exists()

    def test_the_link_is_dead_afterwards(self, client, link):
        client.post(link, ANSWERS)
        assert not link_path().exists()
        stranger = Client()
        assert stranger.get(link).status_code == 404
        assert stranger.post(link, ANSWERS | {"email": "mallory@example.org"}).status_code == 404
        assert owners().count() == 1

    @pytest.mark.parametrize(
        "wrong",
        [
            {"title": ""},
            {"name": ""},
            {"email": "no address"},
            {"password": "short"},
            {"password": "password123"},
            {"password": "ada@example.org"},
            {"timezone": "Mars/Olympus"},
            {"language": "klingon"},
            {"title": "x" * 201},
        ],
    )
    def test_a_wrong_answer_brings_the_form_back_with_all_that_was_typed(self, client, link, wrong):
        answer = client.post(link, ANSWERS | wrong)
        text = answer.content.decode()
        assert answer.status_code == 422
        assert "<title>Error:" in text
        assert 'aria-invalid="true"' in text
        assert "Written late" in text
        assert not owners().exists()
        assert not Site.objects.exists()

    def test_a_form_from_another_site_is_refused(self, link):
        strict = Client(enforce_csrf_checks=True)
        assert strict.post(link, ANSWERS, headers={"Origin": "https://evil.example"}).status_code == 403
        assert not owners().exists()

    def test_the_language_of_the_browser_is_proposed(self, client, link):
        page = client.get(link, headers={"Accept-Language": "de-DE,de;q=0.9"})
        assert re.search(r'value="de"[^>]* selected', squeeze(page.content))


@pytest.mark.django_db
def test_a_second_time_is_refused():
    facts = {key: ANSWERS[key] for key in ["title", "name", "email", "password"]}
    create_blog(**facts)
    with pytest.raises(AlreadySetUp):
        create_blog(**facts | {"email": "mallory@example.org"})
    assert owners().count() == 1


@pytest.mark.django_db
def test_a_set_up_that_breaks_half_way_leaves_nothing(monkeypatch):
    monkeypatch.setattr("server.setup.first_content.about_page", lambda owner: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        create_blog(**{key: ANSWERS[key] for key in ["title", "name", "email", "password"]})
    assert not owners().exists()
    assert not Site.objects.exists()
    assert not Post.objects.exists()


@pytest.mark.long
def test_of_two_at_the_same_moment_one_wins(tmp_path):
    """Two real processes on one real database."""

    def run(*command, **more):
        environment = os.environ | {
            "LONGRUN_DATA": str(tmp_path),
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DJANGO_SUPERUSER_PASSWORD": "a quiet lamp on the table",
        }
        return subprocess.Popen(
            [sys.executable, "manage.py", *command],
            env=environment | more,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    assert run("migrate", "-v0").wait(120) == 0
    both = [
        run("createsuperuser", "--noinput", DJANGO_SUPERUSER_EMAIL=f"{who}@example.org") for who in ("ada", "mallory")
    ]
    said = [process.communicate(timeout=120) for process in both]
    assert sorted(process.returncode for process in both) == [0, 1]
    assert "an owner already" in "".join(error for _, error in said)
    assert "Traceback" not in "".join(error for _, error in said)
    with sqlite3.connect(tmp_path / "longrun.sqlite3") as database:
        assert database.execute("SELECT count(*) FROM accounts_user").fetchone() == (1,)
        assert database.execute("SELECT count(*) FROM core_site").fetchone() == (1,)
    database.close()


@pytest.mark.django_db
class TestTheCommand:
    @pytest.fixture(autouse=True)
    def environment(self, monkeypatch):
        monkeypatch.setenv("DJANGO_SUPERUSER_EMAIL", "ada@example.org")
        monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "a quiet lamp on the table")
        monkeypatch.setenv("DJANGO_SUPERUSER_USERNAME", "ada")

    def run(self):
        out = StringIO()
        call_command("createsuperuser", "--noinput", stdout=out)
        return out.getvalue()

    def test_it_does_the_same_without_a_browser(self):
        assert "ada@example.org" in self.run()
        owner, site = owners().get(), Site.objects.get()
        assert (owner.handle, owner.check_password("a quiet lamp on the table")) == ("ada", True)
        assert (site.title, site.timezone, site.language) == ("A new blog", "UTC", "en")
        assert EmailAddress.objects.get().verified
        assert Post.objects.listed().exists()

    def test_it_is_ours_and_not_djangos(self):
        from django.core.management import get_commands

        assert get_commands()["createsuperuser"] == "server"

    @pytest.mark.parametrize(
        ("name", "value", "says"),
        [
            ("DJANGO_SUPERUSER_EMAIL", "", "DJANGO_SUPERUSER_EMAIL"),
            ("DJANGO_SUPERUSER_EMAIL", "no address", "DJANGO_SUPERUSER_EMAIL"),
            ("DJANGO_SUPERUSER_PASSWORD", "", "DJANGO_SUPERUSER_PASSWORD"),
            ("DJANGO_SUPERUSER_PASSWORD", "12345", "too short"),
            ("DJANGO_SUPERUSER_USERNAME", "!!!", "no letter or digit"),
        ],
    )
    def test_what_is_wrong_is_said_in_one_line(self, monkeypatch, name, value, says):
        monkeypatch.setenv(name, value)
        with pytest.raises(CommandError, match=re.escape(says)) as error:
            self.run()
        assert "\n" not in str(error.value)
        assert not owners().exists()

    def test_a_second_owner_is_refused(self):
        self.run()
        with pytest.raises(CommandError, match="an owner already"):
            self.run()
        with pytest.raises(CommandError, match="login_link"):
            call_command("setup_link")

    def test_it_asks_when_somebody_is_there(self, monkeypatch):
        for name in ["EMAIL", "PASSWORD", "USERNAME"]:
            monkeypatch.delenv(f"DJANGO_SUPERUSER_{name}")
        answers = iter(["grace@example.org", "Grace"])
        monkeypatch.setattr("builtins.input", lambda prompt: next(answers))
        monkeypatch.setattr("server.management.commands.createsuperuser.getpass", lambda prompt: "a quiet lamp")
        call_command("createsuperuser", stdout=StringIO())
        assert owners().get().email == "grace@example.org"
