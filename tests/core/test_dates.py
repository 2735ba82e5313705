"""Dates in words: one form for readers, one for the desk, and nothing that doubles a full stop."""

import re
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.utils import timezone, translation

from core import dates
from tests.blog_process import ROOT

AFTERNOON = datetime(2026, 11, 28, 15, 4, 7, tzinfo=UTC)
MIDNIGHT = datetime(2026, 3, 5, 0, 0, tzinfo=UTC)
NOON = datetime(2026, 5, 3, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "moment", "day", "day_and_time", "short_day_and_time"),
    [
        ("en", AFTERNOON, "November 28, 2026", "November 28, 2026 at 3:04 pm", "Nov 28, 2026, 3:04 pm"),
        ("en", MIDNIGHT, "March 5, 2026", "March 5, 2026 at 12:00 am", "Mar 5, 2026, 12:00 am"),
        ("en-us", NOON, "May 3, 2026", "May 3, 2026 at 12:00 pm", "May 3, 2026, 12:00 pm"),
        ("en-gb", AFTERNOON, "28 November 2026", "28 November 2026 at 15:04", "28 Nov 2026, 15:04"),
        ("en-au", AFTERNOON, "28 November 2026", "28 November 2026 at 3:04 pm", "28 Nov 2026, 3:04 pm"),
        ("en-nz", MIDNIGHT, "5 March 2026", "5 March 2026 at 12:00 am", "5 Mar 2026, 12:00 am"),
        ("de", AFTERNOON, "28. November 2026", "28. November 2026 15:04", "28.11.2026 15:04"),
        ("fr", AFTERNOON, "28 novembre 2026", "28 novembre 2026 15:04", "28/11/2026 15:04"),
        ("ja", AFTERNOON, "2026年11月28日", "2026年11月28日15:04", "2026/11/28 15:04"),
        ("el", NOON, "03/05/2026", "03/05/2026 12:00 μμ", "03/05/2026 12:00 μμ"),
        ("he", AFTERNOON, "28 בנובמבר 2026", "28 בנובמבר 2026 15:04", "28/11/2026 15:04"),
    ],
)
def test_dates_are_written_as_the_language_writes_them(language, moment, day, day_and_time, short_day_and_time):
    with translation.override(language), timezone.override(UTC):
        assert dates.day(moment) == day
        assert dates.day_and_time(moment) == day_and_time
        assert dates.short_day_and_time(moment) == short_day_and_time


def test_moments_are_told_at_the_blogs_hour():
    with timezone.override(ZoneInfo("Asia/Tokyo")):
        assert dates.day_and_time(AFTERNOON) == "November 29, 2026 at 12:04 am"
        assert dates.short_day_and_seconds(AFTERNOON) == "Nov 29, 2026, 12:04:07 am"
        assert dates.day(date(2026, 11, 28)) == "November 28, 2026"  # a day has no hour
    assert dates.day(None) == dates.short_day_and_time(None) == dates.short_day_and_seconds(None) == ""


def test_today_is_told_by_the_hour_alone():
    now = timezone.now()
    assert dates.time_or_day(now) == dates.format_date(now, "TIME_FORMAT")
    assert dates.time_or_day(AFTERNOON.replace(year=2025)) == "Nov 28, 2025, 3:04 pm"


def test_no_time_ends_in_a_full_stop_in_any_language():
    for language, _name in settings.LANGUAGES:
        with translation.override(language), timezone.override(UTC):
            for moment in (AFTERNOON, MIDNIGHT):
                for told in (dates.day_and_time(moment), dates.short_day_and_time(moment), dates.time_or_day(moment)):
                    assert not told.endswith("."), (language, told)


def test_a_script_writes_dates_as_the_pages_do(page):
    """static/js/desk/dates.js against core/dates.py, in every language of Django's."""
    script = (ROOT / "static/js/desk/dates.js").read_text()
    told, expected = [], []
    for language, _name in settings.LANGUAGES:
        for zone in ("UTC", "America/Los_Angeles", "Asia/Kathmandu"):
            with translation.override(language), timezone.override(ZoneInfo(zone)):
                for moment in (AFTERNOON, MIDNIGHT, NOON):
                    told.append([dates.javascript_formats(), moment.timestamp() * 1000])
                    expected.append([language, zone, dates.time_or_day(moment)])
    written = page.evaluate(
        """async ([script, told]) => {
            const { dateFormats } = await import("data:text/javascript," + encodeURIComponent(script));
            return told.map(([facts, at]) => dateFormats(facts).timeOrDay(at));
        }""",
        [script, told],
    )
    assert [[*each[:2], said] for each, said in zip(expected, written, strict=True)] == expected


DATE_FILTER = r"\|(?:day|day_and_time|short_day|short_day_and_time|short_day_and_seconds|time_or_day)\b"


def test_templates_print_dates_in_these_forms_alone():
    """A date may end in a full stop of its own (Hungarian, Croatian), so none stands before one of a sentence."""
    wrong = []
    for path in sorted(Path(ROOT / "templates").rglob("*.*")):
        text = path.read_text()
        wrong += [f"{path.name}: |{form}" for form in re.findall(r"\|(date:(?!\"c\")[^%}|]+|time\b[^%}|]*)", text)]
        for said, body in re.findall(r"{% blocktranslate ([^%]*)%}(.*?){% endblocktranslate %}", text, re.DOTALL):
            for name in re.findall(rf"(\w+)=[\w.]+{DATE_FILTER}", said):
                wrong += [f"{path.name}: {body}"] * bool(re.search(rf"{{{{ {name} }}}}[”]?\.", body))
        wrong += [f"{path.name}: {each}" for each in re.findall(rf"{{{{ [\w.]+{DATE_FILTER} }}}}\.", text)]
    assert wrong == []


def test_python_writes_dates_in_one_place():
    wrong = []
    for app in ("accounts", "blog", "comments", "config", "server", "core", "transfer"):
        for path in sorted((ROOT / app).rglob("*.py")):
            if path.name != "dates.py" and re.search(r"dateformat|date_format\((?!since, \"F\"\))", path.read_text()):
                wrong.append(str(path.relative_to(ROOT)))
    assert wrong == []
