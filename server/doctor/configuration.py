"""Checks of the environment: what is set, and whether it fits together."""

import os
import sqlite3
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import django
from django.conf import settings

from core import template_overrides
from server.connection_limit import max_connections, raise_file_limit
from server.doctor.problem import Problem
from server.doctor.variables import misspelt


def versions():
    python = ".".join(map(str, sys.version_info[:3]))
    server = f"granian {version('granian')}"
    return f"Python {python}, Django {django.__version__}, {server}, SQLite {sqlite3.sqlite_version}"


def names():
    """Variables that nobody reads, because their names are misspelt."""
    found = misspelt(os.environ)
    if not found:
        return "no variable looks misspelt"
    told = ", ".join(f"{name} (do you mean {meant}?)" for name, meant in found.items())
    raise Problem(
        f"nothing reads {told}.",
        "Correct the name in the environment or in .env of the data folder, and start again; "
        "docs/configuration.md lists all names.",
    )


def address():
    if settings.LONGRUN_LIMITS:
        return settings.LONGRUN_URL
    raise Problem(
        f"{settings.LONGRUN_URL}, and LONGRUN_LIMITS=off: there are no rate limits.",
        "Remove LONGRUN_LIMITS=off; it is for measurements.",
    )


def hosts():
    """A URL where a host name belongs: `https://www.example.org` would be the host `https`."""
    odd = [host for host in settings.LONGRUN_ALSO_HOSTS if "/" in host]
    if odd:
        meant = " ".join(host.partition("://")[2].split("/")[0] or host.split("/")[0] for host in odd)
        raise Problem(
            f"LONGRUN_ALSO_HOSTS has {' '.join(odd)}: these are URLs, so nobody is redirected from there.",
            f"Give host names alone: LONGRUN_ALSO_HOSTS={meant}",
        )
    return " ".join(settings.LONGRUN_ALSO_HOSTS) or "no other host names"


def templates():
    """Templates of the data folder: those that cannot be compiled, and those that failed on a page."""
    names = sorted(name for name, _changed, _size in template_overrides.stamps())
    broken = {name: why for name in names if (why := template_overrides.compile_error(name))}
    broken |= {name: message for name, (message, _changed) in template_overrides.read_errors().items()}
    if broken:
        told = "; ".join(f"{name} ({why})" for name, why in broken.items())
        raise Problem(
            f"readers get Longrun's template instead of {told}.",
            f"Correct or delete the file in {template_overrides.templates_folder()}; a change counts at once.",
        )
    if not names:
        return "no templates in the data folder"
    return "1 template of the data folder is used" if len(names) == 1 else f"{len(names)} of the data folder are used"


def proxies():
    count = settings.TRUSTED_PROXY_COUNT
    if settings.LONGRUN_HTTPS and not count:
        raise Problem(
            "LONGRUN_URL begins with https, so a proxy stands in front, and LONGRUN_PROXIES is 0: all visitors share "
            "the proxy's address, and with it one rate limit.",
            "Set LONGRUN_PROXIES=1, or how many proxies there are, one behind the other.",
        )
    return f"{count} in front" if count else "none in front"


def debug():
    if settings.DEBUG and settings.LONGRUN_HTTPS:
        raise Problem(
            "DEBUG is on, and LONGRUN_URL begins with https: error pages show everybody settings and code.",
            "Remove DEBUG from the environment and from .env, and start again.",
        )
    return "on: never in public" if settings.DEBUG else "off"


def static():
    """Whether style sheets and scripts can be collected into LONGRUN_STATIC."""
    root = Path(settings.STATIC_ROOT).absolute()
    data, media = Path(settings.LONGRUN_DATA), Path(settings.MEDIA_ROOT).absolute()
    is_around = data.is_relative_to(root) or media.is_relative_to(root)
    if is_around or root.is_relative_to(media) or root.is_relative_to(data / "backups"):
        raise Problem(
            f"LONGRUN_STATIC is {root}, where data of the blog lie: everybody could read them.",
            "Name a folder of its own, or remove LONGRUN_STATIC.",
        )
    try:
        root.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=root).close()
    except OSError as error:
        raise Problem(
            f"the folder for static files, {root}, cannot be written ({error.strerror}).",
            "LONGRUN_STATIC names another: one that this user may write, or may make.",
        ) from None
    return str(root)


def capacity():
    raise_file_limit()  # as `serve` does
    return f"{max_connections():,} at once, by the limit of open files"
