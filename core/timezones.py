"""The time zones that a person is asked to choose from."""

import zoneinfo
from importlib import resources
from pathlib import Path

# Prefixes of names that are not places, or that were given up for those of places.
OBSOLETE = ("Brazil/", "Canada/", "Chile/", "Etc/", "Mexico/", "SystemV/", "US/", "posix/", "right/")


def offered_timezones() -> list[str]:
    """UTC and the names of places that are in use today, such as "Europe/Berlin", without their former names.

    Source: the file zone.tab of the time zone database, on this system or in the package tzdata. Without it, every name
    with a place but those with a prefix in OBSOLETE.
    """
    known = zoneinfo.available_timezones()
    current = _in_zone_tab() & known
    if not current:
        current = {name for name in known if "/" in name and not name.startswith(OBSOLETE)}
    return ["UTC", *sorted(current)]


def _in_zone_tab() -> set[str]:
    files = [Path(folder, "zone.tab") for folder in zoneinfo.TZPATH]
    for file in files:
        if file.is_file():
            return _names(file.read_text(encoding="utf-8"))
    try:
        return _names(resources.files("tzdata.zoneinfo").joinpath("zone.tab").read_text(encoding="utf-8"))
    except (ImportError, OSError):
        return set()


def _names(text: str) -> set[str]:
    lines = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
    return {line[2].strip() for line in lines if len(line) > 2}
