"""Dates in words. A list of posts prints the same few again and again, and each takes Django forty microseconds."""

from functools import lru_cache

from django import template
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def day(date):
    """ "May 3, 2026", in the language of the blog; "" where there is no date."""
    return in_words(date, get_language()) if date else ""


@register.filter(expects_localtime=True)
def moment(date):
    """The same as `date:"c"`, without asking for a format."""
    return date.isoformat() if date else ""


@lru_cache(maxsize=4096)
def in_words(date, language):
    return date_format(date, _("F j, Y"))
