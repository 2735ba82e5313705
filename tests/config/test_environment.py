"""What the owner says is taken as they mean it, and what nothing can be made of is refused in one sentence."""

import os
import stat

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import environment, folders
from server.doctor.variables import VARIABLES
from tests.blog_process import Blog


@pytest.fixture
def data(monkeypatch, tmp_path):
    """A data folder, as the environment names it; what its `.env` says is forgotten afterwards."""
    monkeypatch.setattr(os, "environ", {**os.environ, "LONGRUN_DATA": str(tmp_path)})
    return tmp_path


def test_a_data_folder_does_not_name_another_one(data):
    (data / ".env").write_text("LONGRUN_DATA=/elsewhere\nEMAIL_HOST=mail.example.org\n")
    assert environment.data_folder() == data
    assert os.environ["LONGRUN_DATA"] == str(data)
    assert os.environ["EMAIL_HOST"] == "mail.example.org"


def test_a_folder_beside_the_code_sends_no_child_elsewhere(data, monkeypatch):
    (data / "data").mkdir()
    (data / "data/.env").write_text("LONGRUN_DATA=/elsewhere\n")
    monkeypatch.setattr(folders, "HERE", data)
    monkeypatch.setattr(folders, "IS_CHECKOUT", True)
    del os.environ["LONGRUN_DATA"]
    assert environment.data_folder() == data / "data"
    assert "LONGRUN_DATA" not in os.environ


@pytest.mark.parametrize(
    "variables, folder", [({"XDG_DATA_HOME": "{0}/xdg"}, "xdg/longrun"), ({}, "home/.local/share/longrun")]
)
@pytest.mark.skipif(os.name == "nt", reason="Windows has a variable of its own")
def test_an_installed_blog_keeps_its_data_in_the_users_folder(data, monkeypatch, variables, folder):
    monkeypatch.setattr(folders, "IS_CHECKOUT", False)
    del os.environ["LONGRUN_DATA"]
    os.environ.pop("XDG_DATA_HOME", None)
    os.environ.update({"HOME": str(data / "home")} | {name: each.format(data) for name, each in variables.items()})
    assert environment.data_folder() == data / folder
    assert folders.static_folder(data / folder) == data / folder / "static"


@pytest.mark.parametrize("name", ["blog", "my #1 blog", "why?", "100%25", "a%20b", "é"])
def test_the_database_lies_in_the_data_folder_whatever_that_is_called(monkeypatch, tmp_path, name):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    folder = tmp_path / name
    assert environment.database(folder)["NAME"] == str(folder / "longrun.sqlite3")


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("https://blog.example.org/", "https://blog.example.org"),
        ("HTTPS://Blog.Example.ORG", "https://blog.example.org"),
        ("https://blog.example.org:443", "https://blog.example.org"),
        ("http://blog.example.org:80", "http://blog.example.org"),
        ("https://blog.example.org:8443", "https://blog.example.org:8443"),
        ("https://blog.example.org.", "https://blog.example.org"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("https://STRASSE.Straße.example:81", "https://strasse.xn--strae-oqa.example:81"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("http://192.0.2.1", "http://192.0.2.1"),
        ("", "http://localhost:8000"),
    ],
)
def test_the_address_is_spelled_as_browsers_spell_it(monkeypatch, said, meant):
    monkeypatch.setenv("LONGRUN_URL", said)
    assert environment.site_url(8000) == meant


def test_a_blog_at_the_usual_port_does_not_name_it(monkeypatch):
    monkeypatch.delenv("LONGRUN_URL", raising=False)
    assert environment.site_url(80) == "http://localhost"


@pytest.mark.parametrize(
    "said",
    ["http://[::1", "https://ada@blog.example.org", "https://:x@blog.example.org", "https://blog.example.org/?a=b",
     "https://blog.example.org/blog", "https://blog.example.org#top", "https://blog.example.org:99999",
     "https://blog.example.org:0", "https://blog.example.org:x", "https://my_blog.example", "https://my blog.example",
     "https://", "ftp://blog.example.org", "blog.example.org", "https://xn--\u2603.example", "https://\u0301.example"],
)  # fmt: skip
def test_an_address_that_no_browser_comes_to_is_refused(monkeypatch, said):
    monkeypatch.setenv("LONGRUN_URL", said)
    with pytest.raises(ImproperlyConfigured, match="LONGRUN_URL is .*: say the blog's address"):
        environment.site_url(8000)


@pytest.mark.parametrize("said", ["²", "-1", "1.5", "eighty"])
def test_a_port_is_a_whole_number(monkeypatch, said):
    monkeypatch.setenv("PORT", said)
    with pytest.raises(ImproperlyConfigured, match="say a whole number"):
        environment.number("PORT", 8000)


@pytest.mark.parametrize("said", ["foo", "memcached://localhost", "localhost:6379"])
def test_a_cache_of_a_kind_that_nobody_knows_is_refused_without_its_password(monkeypatch, said):
    monkeypatch.setenv("CACHE_URL", f"{said}?password=secret")
    with pytest.raises(ImproperlyConfigured, match="CACHE_URL is not understood") as refusal:
        environment.cache_url()
    assert "secret" not in str(refusal.value)


def test_a_password_that_ends_the_host_of_the_cache_is_not_shown(monkeypatch):
    monkeypatch.setenv("CACHE_URL", "redis://:hush/hush@cache.example.org:6379/0")
    with pytest.raises(ImproperlyConfigured, match="CACHE_URL is not understood.*/ is %2F") as refusal:
        environment.cache_url()
    assert "hush" not in str(refusal.value)
    monkeypatch.setenv("CACHE_URL", "unix://:x@/run/redis.sock?db=1")
    assert environment.cache_url().startswith("unix:")


def test_files_in_an_old_encoding_are_named(data, monkeypatch):
    (data / "key").write_bytes("schlüssel".encode("latin-1"))
    os.environ["EMAIL_API_KEY_FILE"] = str(data / "key")
    with pytest.raises(ImproperlyConfigured, match="key, which is not written in UTF-8"):
        environment.env("EMAIL_API_KEY")
    (data / ".env").write_bytes("OIDC_NAME=Bücher\n".encode("latin-1"))
    with pytest.raises(ImproperlyConfigured, match=".env is not written in UTF-8"):
        environment.data_folder()


@pytest.fixture
def usual_umask():
    before = os.umask(0o022)
    yield
    os.umask(before)


def modes(*paths):
    return [oct(stat.S_IMODE(path.stat().st_mode)) for path in paths]


@pytest.mark.parametrize("before", [0o755, 0o777, 0o770, 0o705])
def test_a_data_folder_that_was_open_to_others_is_shut(data, before):
    data.chmod(before)
    assert environment.data_folder() == data
    assert modes(data) == ["0o700"]


@pytest.mark.parametrize(
    ("before", "said"),
    [(0o755, "is open to every user"), (0o701, "is open to every user"), (0o1777, "all users of this machine share")],
)
def test_a_folder_that_cannot_be_shut_is_refused_in_words(data, monkeypatch, before, said):
    data.chmod(before)

    def not_yours(*args):
        raise PermissionError("not the owner")

    monkeypatch.setattr(type(data), "chmod", not_yours)
    with pytest.raises(ImproperlyConfigured, match=said):
        environment.data_folder()


def test_a_folder_of_somebody_else_may_be_open_to_a_group(data, monkeypatch):
    data.chmod(0o770)
    monkeypatch.setattr(type(data), "chmod", lambda *args: None)
    assert environment.data_folder() == data


@pytest.mark.parametrize("is_there", [False, True])
def test_the_database_is_its_owners_alone_whichever_command_makes_it(tmp_path, usual_umask, is_there):
    file = tmp_path / "longrun.sqlite3"
    if is_there:
        file.touch()
        file.chmod(0o644)
    Blog(tmp_path).manage("showmigrations", "sessions")
    assert set(modes(*tmp_path.glob("longrun.sqlite3*"))) == {"0o600"}


def test_sessions_are_in_the_database_or_by_choice_in_redis(monkeypatch):
    assert environment.session_place("") == "database"
    monkeypatch.setenv("SESSIONS", "cache")
    assert environment.session_place("redis://here") == "cache"
    with pytest.raises(ImproperlyConfigured, match="CACHE_URL names no Redis"):
        environment.session_place("")
    monkeypatch.setenv("SESSIONS", "cookies")
    with pytest.raises(ImproperlyConfigured, match="say database or cache"):
        environment.session_place("redis://here")


def test_media_are_in_the_data_folder_in_another_or_on_s3(tmp_path):
    root, folder = environment.media_storage(tmp_path, "")
    assert root == tmp_path / "media" and "OPTIONS" not in folder
    root, folder = environment.media_storage(tmp_path, "file:///mnt/all%20media/")
    assert str(root) == "/mnt/all media" and "OPTIONS" not in folder
    url = "s3://the%2Bkey:se%2Fcret@s3.example.org:9000/bucket/a/blog?region=eu-1&addressing=virtual"
    assert environment.media_storage(tmp_path, url)[1]["OPTIONS"] == {
        "bucket_name": "bucket",
        "location": "a/blog/",
        "access_key": "the+key",
        "secret_key": "se/cret",
        "endpoint_url": "https://s3.example.org:9000",
        "region_name": "eu-1",
        "addressing": "virtual",
    }


@pytest.mark.parametrize(
    "said",
    ["s3://", "s3://key:hidden@/bucket", "s3://key:hidden@host", "s3://key@host/bucket", "https://key:hidden@host/bucket",
     "/mnt/media", "file://", "file:///", "file://host/media", "s3://key:hidden@host:port/bucket", "s3://[::1/bucket",
     "s3://key:hidden@host/bucket?acl=public-read", "s3://key:hidden@host/bucket?addressing=host"],
)  # fmt: skip
def test_a_storage_that_is_not_understood_is_refused_without_its_key(tmp_path, said):
    with pytest.raises(ImproperlyConfigured, match="STORAGE_URL") as refusal:
        environment.media_storage(tmp_path, said)
    assert "hidden" not in str(refusal.value)


def test_no_variable_is_taken_for_the_file_of_another():
    """NAME_FILE names a file with the value of NAME: no variable may have such a name itself."""
    assert not VARIABLES & {f"{name}_FILE" for name in VARIABLES}
