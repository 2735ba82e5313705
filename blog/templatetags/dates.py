"""Template filters for dates. Formatted days are cached, because lists repeat the same few and Django needs forty
microseconds for each."""

from datetime import datetime
from functools import lru_cache

from django import template
from django.utils.translation import get_language

from core import dates

register = template.Library()

for written in (
    dates.day_and_time,
    dates.short_day,
    dates.short_day_and_time,
    dates.short_day_and_seconds,
    dates.time_or_day,
):
    register.filter(written.__name__, written)

register.simple_tag(dates.javascript_formats, name="dates_for_scripts")


@register.filter
def day(date):
    """ "May 3, 2026", in the active language; "" without a date."""
    if isinstance(date, datetime):
        return dates.day(date)
    return in_words(date, get_language()) if date else ""


@register.filter(expects_localtime=True)
def moment(date):
    """The same as `date:"c"`, without looking up a format."""
    return date.isoformat() if date else ""


@lru_cache(maxsize=4096)
def in_words(date, language):
    return dates.day(date)
