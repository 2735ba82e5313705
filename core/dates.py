"""Dates and times in words: one form for readers, a shorter one for the desk, in the blog's language and timezone.

The formats are Django's for the language, which also decides between 12 and 24 hours. English has its own here, because
Django's ("Nov. 28, 2026, 3:04 p.m.") end in a full stop, which a sentence then doubles.
"""

import json
from datetime import UTC, date, datetime

from django.utils import dateformat, timezone
from django.utils.formats import get_format
from django.utils.translation import get_language

Moment = date | datetime | None

MONTH_FIRST = {"en", "en-us", "en-ca", "en-ph"}
HOURS_24 = {"en-gb", "en-ie", "en-za"}


class DateFormat(dateformat.DateFormat):
    """Django's date format with "am" and "pm" instead of "a.m." and "p.m.", and with minutes even on the hour."""

    def a(self) -> str:
        return super().a().replace(".", "")

    def P(self) -> str:
        return f"{self.g()}:{self.i()} {self.a()}"


def date_format(name: str) -> str:
    """DATE_FORMAT, DATETIME_FORMAT, SHORT_DATE_FORMAT, SHORT_DATETIME_FORMAT or TIME_FORMAT of the active language."""
    language = get_language() or "en"
    if language.split("-")[0] != "en":
        return str(get_format(name))
    time = "H:i" if language in HOURS_24 else "g:i a"
    day, short = ("F j, Y", "M j, Y") if language in MONTH_FIRST else ("j F Y", "j M Y")
    formats = {
        "DATE_FORMAT": day,
        "DATETIME_FORMAT": rf"{day} \a\t {time}",
        "SHORT_DATE_FORMAT": short,
        "SHORT_DATETIME_FORMAT": f"{short}, {time}",
        "TIME_FORMAT": time,
    }
    return formats.get(name) or str(get_format(name))


def format_date(moment: Moment, name: str) -> str:
    """A datetime in the blog's timezone, or a date, in the named format; "" for None."""
    if not moment:
        return ""
    if isinstance(moment, datetime) and timezone.is_aware(moment):
        moment = timezone.localtime(moment)
    return DateFormat(moment).format(date_format(name))


def day(moment: Moment) -> str:
    """ "November 28, 2026": readers' pages."""
    return format_date(moment, "DATE_FORMAT")


def day_and_time(moment: Moment) -> str:
    """ "November 28, 2026 at 3:04 pm": readers' pages."""
    return format_date(moment, "DATETIME_FORMAT")


def month(moment: Moment) -> str:
    """ "November 2026"."""
    return format_date(moment, "YEAR_MONTH_FORMAT")


def short_day(moment: Moment) -> str:
    """ "Nov 28, 2026": the desk."""
    return format_date(moment, "SHORT_DATE_FORMAT")


def short_day_and_time(moment: Moment) -> str:
    """ "Nov 28, 2026, 3:04 pm": the desk."""
    return format_date(moment, "SHORT_DATETIME_FORMAT")


def short_day_and_seconds(moment: datetime | None) -> str:
    """ "Nov 28, 2026, 3:04:07 pm": for lists whose entries may be of the same minute."""
    if not moment:
        return ""
    minutes = "i", "i:s"
    return DateFormat(timezone.localtime(moment)).format(date_format("SHORT_DATETIME_FORMAT").replace(*minutes))


def time_or_day(moment: datetime | None) -> str:
    """ "3:04 pm" of today, else "Nov 27, 2026, 3:04 pm": when a post was last saved."""
    if moment and timezone.localdate(moment) == timezone.localdate():
        return format_date(moment, "TIME_FORMAT")
    return short_day_and_time(moment)


def javascript_formats() -> str:
    """The desk's date formats as JSON, for static/js/desk/dates.js."""
    months = [date(2001, month, 1) for month in range(1, 13)]
    halves = [datetime(2001, 1, 1, hour, tzinfo=UTC) for hour in (1, 13)]
    formats = {
        "zone": timezone.get_current_timezone_name(),
        "time": date_format("TIME_FORMAT"),
        "moment": date_format("SHORT_DATETIME_FORMAT"),
        "months": {letter: [DateFormat(month).format(letter) for month in months] for letter in "FMN"},
        "halves": {letter: [DateFormat(half).format(letter) for half in halves] for letter in "aA"},
    }
    return json.dumps(formats, ensure_ascii=False)
