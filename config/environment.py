"""Read the configuration: environment variables, files with secrets, and `.env` in the data folder."""

import os
import stat
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured
from django.http.request import split_domain_port

from config import folders

SQLITE = {
    "timeout": 10,
    # In WAL mode a read transaction that begins to write may fail at once, without the timeout; IMMEDIATE waits.
    "transaction_mode": "IMMEDIATE",
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA journal_size_limit=67108864; "
        "PRAGMA cache_size=-16000; PRAGMA temp_store=MEMORY; "
        # Overwrite deleted content; it is not the default of every SQLite build.
        "PRAGMA secure_delete=ON;"
    ),
}


def data_folder():
    """The data folder, created if missing, readable only by this user. Reads its `.env`; environment variables take
    precedence. Raises ImproperlyConfigured."""
    folder = folders.data_folder()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        make_private(folder)
        env_file = folder / ".env"
        if env_file.is_file():
            read_env_file(env_file)
    except OSError as error:
        raise ImproperlyConfigured(f"the data folder {folder} cannot be used: {error.strerror}.") from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ImproperlyConfigured(f"the data folder {folder} cannot be written to by this user.")
    return folder


def make_private(path):
    """Remove other users' permissions from a file or folder. Raises ImproperlyConfigured if that is not possible."""
    if os.name == "nt":  # has no such permissions
        return
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & stat.S_ISVTX:  # a shared folder such as /tmp: other users need their access
        raise ImproperlyConfigured(f"{path} is a folder that all users of this machine share: choose one of its own.")
    if mode & 0o077:
        try:
            path.chmod(mode & ~0o077)
        except OSError:
            pass  # another user owns it and may have restricted it; checked below
        if path.stat().st_mode & stat.S_IRWXO:
            raise ImproperlyConfigured(
                f"{path} is open to every user of this machine, and this user cannot change that: chmod o-rwx {path}"
            )


def make_database_private(connection, **kwargs):
    """Receiver of Django's signal `connection_created`: SQLite creates its files readable by everybody."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite" and not connection.is_in_memory_db():
        for file in (Path(name), Path(f"{name}-wal"), Path(f"{name}-shm")):
            try:
                make_private(file)
            except FileNotFoundError:
                pass  # SQLite creates it at the first write, with the permissions of the database


def read_env_file(path):
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ImproperlyConfigured(f"{path} is not written in UTF-8: save it as that.") from None
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip().removeprefix("export ").strip()
        if not line or line.startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not equals or not name.strip().isidentifier():
            raise ImproperlyConfigured(f"{path}, line {number}: expected NAME=value.")
        value = value.strip()
        if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
            value = value[1:-1]
        if name.strip() != "LONGRUN_DATA":  # else child processes would use another folder than this one
            os.environ.setdefault(name.strip(), value)


def env(name, default=""):
    """The environment variable `name`, else the content of the file named by `name`_FILE, else `default`."""
    if value := os.environ.get(name):
        return value
    if path := os.environ.get(f"{name}_FILE"):
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE names {path}, which cannot be read: {error.strerror}.") from None
        except UnicodeDecodeError:
            raise ImproperlyConfigured(f"{name}_FILE names {path}, which is not written in UTF-8.") from None
    return default


def switch(name, default=False):
    value = env(name).strip().lower()
    if value in {"", "1", "true", "yes", "on", "0", "false", "no", "off"}:
        return value in {"1", "true", "yes", "on"} if value else default
    raise ImproperlyConfigured(f"{name} is {value!r}: say on or off.")


def choice(name, known):
    """One of the words; the first if nothing is set."""
    value = env(name) or known[0]
    if value not in known:
        raise ImproperlyConfigured(f"{name} is {value!r}: expected one of {', '.join(known)}.")
    return value


def number(name, default):
    value = env(name) or str(default)
    if not value.isdecimal():
        raise ImproperlyConfigured(f"{name} is {value!r}: say a whole number.")
    return int(value)


def words(name):
    return [word for word in env(name).replace(",", " ").split() if word]


def site_url(port):
    """The site's URL as browsers normalize it; hosts, absolute URLs and secure cookies depend on it."""
    usual = {"http": 80, "https": 443}
    url = env("LONGRUN_URL")
    if not url:
        return "http://localhost" if port == usual["http"] else f"http://localhost:{port}"
    try:
        parts = urlsplit(url.rstrip("/"))
        host, port = browsers_spell(parts.hostname or ""), parts.port
    except ValueError:
        host = ""
    if not host or parts.scheme not in usual or port == 0 or "@" in parts.netloc or any(parts[2:]):
        raise ImproperlyConfigured(f"LONGRUN_URL is {url!r}: say the blog's address, such as https://blog.example.org.")
    return f"{parts.scheme}://{host}" + ("" if port in (None, usual[parts.scheme]) else f":{port}")


def browsers_spell(host):
    """The host as browsers send it: bücher.example becomes xn--bcher-kva.example; "" if invalid. Raises ValueError."""
    if not host.isascii():
        import idna  # its tables take memory that most blogs do not need

        host = idna.encode(host, uts46=True).decode()
    return split_domain_port(f"[{host}]" if ":" in host else host)[0]


def cache_url():
    """The URL of a Redis shared by several machines; "" for a cache in this process's memory."""
    url = env("CACHE_URL")
    try:
        is_redis = urlsplit(url).scheme in ("redis", "rediss", "unix") and urlsplit(url).port != 0
    except ValueError:  # whose text would show a part of the password
        is_redis = False
    if url and not is_redis:
        raise ImproperlyConfigured(
            "CACHE_URL is not understood: say redis://:password@host:6379/0; in the password / is %2F and # is %23."
        )
    return url


def media_storage(folder, url, name="STORAGE_URL"):
    """(MEDIA_ROOT, what STORAGES says of media) for a STORAGE_URL: S3-compatible storage, or a folder; "" for the data
    folder's own. Raises ImproperlyConfigured, which calls the URL `name` and never names the key."""
    here = {"BACKEND": "core.media_storage.FolderStorage"}
    if not url:
        return folder / "media", here
    wanted = "say s3://key:secret@endpoint/bucket?region=name, or file:///folder"
    try:
        parts = urlsplit(url)
        host, bucket, options = parts.hostname, parts.path.strip("/"), dict(parse_qsl(parts.query))
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        raise ImproperlyConfigured(f"{name} is not understood: {wanted}.") from None
    if parts.scheme == "file" and not parts.netloc and parts.path.strip("/"):
        return Path(unquote(parts.path)), here
    if parts.scheme not in ("s3", "s3+http") or not (host and bucket and parts.username and parts.password):
        raise ImproperlyConfigured(f"{name} is not understood: {wanted}.")
    if unknown := sorted(options.keys() - {"region", "addressing"}):
        raise ImproperlyConfigured(f"{name} has an unknown option, {unknown[0]}: {wanted}.")
    if options.get("addressing", "path") not in ("path", "virtual", "auto"):
        raise ImproperlyConfigured(f"{name}: addressing is path, virtual or auto.")
    bucket, _slash, prefix = bucket.partition("/")
    there = {
        "bucket_name": bucket,
        "location": f"{prefix}/" if prefix else "",
        "access_key": unquote(parts.username),
        "secret_key": unquote(parts.password),
        "endpoint_url": f"{'http' if parts.scheme == 's3+http' else 'https'}://{host}{port}",
        "region_name": options.get("region", "us-east-1"),
        "addressing": options.get("addressing", "path"),
    }
    return folder / "media", {"BACKEND": "core.s3_storage.ObjectStorage", "OPTIONS": there}


def session_place(cache):
    """Where sessions are kept: "database", or "cache" by choice if there is a Redis."""
    place = env("SESSIONS", "database")
    if place not in ("database", "cache"):
        raise ImproperlyConfigured(f"SESSIONS is {place!r}: say database or cache.")
    if place == "cache" and not cache:
        raise ImproperlyConfigured("SESSIONS is 'cache', but CACHE_URL names no Redis that could keep them.")
    return place


def database(folder):
    """The `default` database: DATABASE_URL, else SQLite in the data folder."""
    url = env("DATABASE_URL")
    if not url:  # not built as a URL, since the folder's name may contain special characters
        return sqlite(folder / "longrun.sqlite3")
    return database_at(url)


def database_at(url, name="DATABASE_URL"):
    """The configuration of the database at this URL. Raises ImproperlyConfigured, which calls the URL `name`."""
    try:
        parsed = dj_database_url.parse(url)
    except Exception:
        raise ImproperlyConfigured(
            f"{name} is not understood: say postgres://user:password@host:5432/name or sqlite:////path/to/file."
        ) from None
    if parsed["ENGINE"].endswith("sqlite3"):
        return sqlite(parsed["NAME"])
    if not parsed["ENGINE"].endswith("postgresql") or not parsed.get("NAME"):
        raise ImproperlyConfigured(f"{name} must name a PostgreSQL or an SQLite database.")
    options = parsed.get("OPTIONS", {})
    options.setdefault("options", "-c statement_timeout=10000")
    return parsed | {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True, "OPTIONS": options}


def sqlite(file):
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(file), "OPTIONS": SQLITE, "CONN_MAX_AGE": None}


SERVICES = ("GOOGLE", "FACEBOOK", "X", "GITHUB", "WORDPRESS_COM", "OIDC")


def login_variables():
    """The names of the login variables that are set, for the desk; never their values."""
    names = [f"{service}_CLIENT_{part}" for service in SERVICES for part in ("ID", "SECRET")]
    return {name for name in [*names, "OIDC_ISSUER"] if env(name)}


def login_providers():
    """allauth's SOCIALACCOUNT_PROVIDERS, with only those providers whose keys are in the environment."""

    def keys(prefix):
        client_id, secret = env(f"{prefix}_CLIENT_ID"), env(f"{prefix}_CLIENT_SECRET")
        return {"client_id": client_id, "secret": secret, "key": ""} if client_id and secret else None

    providers = {
        "google": {"SCOPE": ["profile", "email"], "OAUTH_PKCE_ENABLED": True},
        "facebook": {"FIELDS": ["id", "name", "email", "picture"]},
        "twitter_oauth2": {},
        "github": {},
    }
    prefixes = {"google": "GOOGLE", "facebook": "FACEBOOK", "twitter_oauth2": "X", "github": "GITHUB"}
    found = {name: options | {"APP": app} for name, options in providers.items() if (app := keys(prefixes[name]))}
    issuers = []
    if app := keys("WORDPRESS_COM"):
        server = {"server_url": env("WORDPRESS_COM_ISSUER", "https://public-api.wordpress.com")}
        issuers.append(app | {"provider_id": "wordpress-com", "name": "WordPress.com", "settings": server})
    if app := keys("OIDC"):
        if not env("OIDC_ISSUER"):
            raise ImproperlyConfigured("OIDC_CLIENT_ID is set, but OIDC_ISSUER (the provider's address) is not.")
        server = {"server_url": env("OIDC_ISSUER")}
        issuers.append(app | {"provider_id": "oidc", "name": env("OIDC_NAME", "OpenID"), "settings": server})
    if issuers:
        found["openid_connect"] = {"APPS": issuers, "OAUTH_PKCE_ENABLED": True}
    return found
