"""What each kind of variable takes and how it is refused; the login providers; the secret key."""

import errno
import os
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import environment, secret_key


@pytest.fixture
def said(monkeypatch):
    """`said(NAME="value")` is the whole environment."""

    def say(**variables):
        monkeypatch.setattr(os, "environ", variables)

    say()
    return say


def refused(pattern):
    return pytest.raises(ImproperlyConfigured, match=pattern)


def test_a_secret_comes_from_a_file_and_the_variable_goes_first(said, tmp_path):
    (tmp_path / "key").write_text("from the file\n")
    said(EMAIL_API_KEY_FILE=str(tmp_path / "key"))
    assert environment.env("EMAIL_API_KEY") == "from the file"
    said(EMAIL_API_KEY_FILE=str(tmp_path / "key"), EMAIL_API_KEY="from here")
    assert environment.env("EMAIL_API_KEY") == "from here" and environment.env("OTHER", "usual") == "usual"
    said(EMAIL_API_KEY_FILE=str(tmp_path / "gone"))
    with refused("EMAIL_API_KEY_FILE names .*gone, which cannot be read: No such file"):
        environment.env("EMAIL_API_KEY")


@pytest.mark.parametrize("value, is_on", [("on", True), ("Yes", True), (" 1 ", True), ("off", False), ("FALSE", False)])
def test_a_switch_is_on_or_off(said, value, is_on):
    said(DEBUG=value)
    assert environment.switch("DEBUG", default=not is_on) is is_on
    said()
    assert environment.switch("DEBUG", default=True) is True and environment.switch("DEBUG") is False
    said(DEBUG="perhaps")
    with refused("DEBUG is 'perhaps': say on or off"):
        environment.switch("DEBUG")


def test_a_choice_a_number_and_words(said):
    said(LONGRUN_LOG="json", PORT="8080", LONGRUN_ALSO_HOSTS="a.example, b.example  c.example")
    assert environment.choice("LONGRUN_LOG", ["off", "json"]) == "json" and environment.choice("NONE", ["off"]) == "off"
    assert environment.number("PORT", 8000) == 8080 and environment.number("NONE", 8000) == 8000
    assert environment.words("LONGRUN_ALSO_HOSTS") == ["a.example", "b.example", "c.example"]
    said(LONGRUN_LOG="xml", PORT="80 80")
    with refused("LONGRUN_LOG is 'xml': expected one of off, json"):
        environment.choice("LONGRUN_LOG", ["off", "json"])
    with refused("PORT is '80 80': say a whole number"):
        environment.number("PORT", 8000)


def test_a_file_of_variables_is_read_as_shells_write_it(said, tmp_path):
    said(PORT="8000")
    file = tmp_path / ".env"
    file.write_text(
        "# mine\n\nexport EMAIL_HOST = 'mx.example.org'\nPORT=9\nNAME=\"a b\"\nEMPTY=\n", encoding="utf-8-sig"
    )
    environment.read_env_file(file)
    assert os.environ == {"PORT": "8000", "EMAIL_HOST": "mx.example.org", "NAME": "a b", "EMPTY": ""}
    for line in ("no equals sign", "1A=b", "a-b=c"):
        file.write_text(f"FIRST=1\n{line}\n")
        with refused(r"\.env, line 2: expected NAME=value"):
            environment.read_env_file(file)


def test_a_data_folder_that_is_a_file_or_read_only_is_said(said, tmp_path, monkeypatch):
    (tmp_path / "taken").write_text("a file")
    said(LONGRUN_DATA=str(tmp_path / "taken"))
    with refused("taken cannot be used: File exists"):
        environment.data_folder()
    said(LONGRUN_DATA=str(tmp_path / "data"))
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with refused("data cannot be written to by this user"):
        environment.data_folder()


def test_a_database_is_named_by_its_url(said, tmp_path):
    facts = environment.database_at("postgres://ada:hu%40sh@db.example.org:5433/blog?sslmode=require")
    assert (facts["NAME"], facts["HOST"], facts["PASSWORD"]) == ("blog", "db.example.org", "hu@sh")
    assert facts["OPTIONS"] == {"sslmode": "require", "options": "-c statement_timeout=10000"}
    assert environment.database_at(f"sqlite:///{tmp_path}/a.sqlite3") == environment.sqlite(tmp_path / "a.sqlite3")
    for url, pattern in (
        ("nonsense", "is not understood: say postgres"),
        ("mysql://ada:hush@db/blog", "must name a PostgreSQL or an SQLite database"),
        ("postgres://ada:hush@db", "must name a PostgreSQL or an SQLite database"),
    ):
        with refused(f"DATABASE_URL {pattern}") as found:
            environment.database_at(url)
        assert "hush" not in str(found.value)
    said(DATABASE_URL="sqlite:////srv/blog.sqlite3")
    assert environment.database(tmp_path)["NAME"] == "/srv/blog.sqlite3"


def test_a_provider_has_a_button_when_its_id_and_its_secret_are_there(said):
    said(GITHUB_CLIENT_ID="id", GOOGLE_CLIENT_ID="a", GOOGLE_CLIENT_SECRET="b")
    found = environment.login_providers()
    assert found.keys() == {"google"}
    assert found["google"]["APP"] == {"client_id": "a", "secret": "b", "key": ""} and found["google"]["SCOPE"]
    assert environment.login_variables() == {"GITHUB_CLIENT_ID", "GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET"}


def test_providers_by_openid_connect_stand_beside_each_other(said):
    wordpress = {"WORDPRESS_COM_CLIENT_ID": "7", "WORDPRESS_COM_CLIENT_SECRET": "s"}
    own = {"OIDC_CLIENT_ID": "blog", "OIDC_CLIENT_SECRET": "s"}
    said(**wordpress, **own, OIDC_ISSUER="https://id.example.org", OIDC_NAME="Our club")
    first, second = environment.login_providers()["openid_connect"]["APPS"]
    assert (first["provider_id"], first["settings"]["server_url"]) == (
        "wordpress-com", "https://public-api.wordpress.com",
    )  # fmt: skip
    assert (second["provider_id"], second["name"]) == ("oidc", "Our club")
    assert second["settings"] == {"server_url": "https://id.example.org"}
    said(**own)
    with refused("OIDC_CLIENT_ID is set, but OIDC_ISSUER"):
        environment.login_providers()


# The secret key


def test_the_key_of_the_environment_goes_before_the_file(said, tmp_path):
    said(SECRET_KEY="from the environment")
    assert secret_key.secret_key(tmp_path) == "from the environment" and not list(tmp_path.iterdir())


@pytest.mark.parametrize("trace", ["longrun.sqlite3", "cache_version"])
def test_the_lost_key_of_a_blog_that_was_used_is_not_replaced(said, tmp_path, trace):
    (tmp_path / trace).touch()
    assert not secret_key.is_used(tmp_path), "an empty file is left by a start that failed"
    (tmp_path / trace).write_text("used")
    with refused("is gone, and this blog has been used. No backup in .* has it; look for other copies"):
        secret_key.secret_key(tmp_path)
    kept = tmp_path / "backups" / "2026-01-01-040000" / "secret_key"
    kept.parent.mkdir(parents=True)
    kept.write_text("k" * 60)
    with refused(f"the newest backup that has it: cp {kept} {tmp_path}"):
        secret_key.secret_key(tmp_path)
    assert not (tmp_path / "secret_key").exists()


def test_a_key_that_was_cut_short_is_named_and_a_new_one_is_made_on_request(said, tmp_path, monkeypatch):
    (tmp_path / "secret_key").write_text("cut short")
    with refused(r"the secret key in .* is cut short\..*prepare --new-key` makes another: everybody is logged out"):
        secret_key.secret_key(tmp_path)
    monkeypatch.setattr(sys, "argv", ["manage.py", "prepare", secret_key.NEW_KEY])
    made = secret_key.secret_key(tmp_path)
    assert len(made) >= secret_key.MIN_LENGTH and (tmp_path / "secret_key").read_text() == made
    assert secret_key.secret_key(tmp_path) == made, "a good one is kept all the same"


def test_a_disk_that_takes_no_key_is_one_sentence(said, tmp_path, monkeypatch):
    def full(path):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(secret_key, "create_key", full)
    with refused("the secret key .* cannot be written: No space left on device"):
        secret_key.secret_key(Path(tmp_path))
