"""The search in the desk's lists of comments.

A query matches text, name, email, website and account. Three prefixes search a single field:
`host:spam.example` (website or link), `email:ann@example.org`, `person:12`.
"""

from functools import reduce
from operator import or_

from django.apps import apps
from django.db.models import Q

from core.row_ids import row_id

MAX_LENGTH = 200
PLACES = ["text", "name", "email", "url"]
PLACES_OF_ACCOUNTS = ["account__name", "account__email"]


def search_filter(words):
    words = words.strip()[:MAX_LENGTH]
    kind, colon, rest = words.partition(":")
    rest = rest.strip()
    if colon and rest and kind in OPERATORS:
        return OPERATORS[kind](rest)
    return anywhere(words)


def anywhere(words):
    """A Q for the words in any field. SQLite's LIKE ignores case in ASCII only, so the usual spellings are combined."""
    spellings = {words} if words.isascii() else {words, words.lower(), words.upper(), words.capitalize()}
    # Few people have accounts: they are looked up once, instead of joined with every comment.
    accounts = apps.get_model("comments.Person").objects.filter(contains(PLACES_OF_ACCOUNTS, spellings))
    return contains(PLACES, spellings) | Q(person__in=accounts.values("pk"))


def contains(places, spellings):
    return reduce(or_, (Q(**{f"{place}__icontains": each}) for place in places for each in spellings))


def by_host(host):
    """A Q for comments whose website or links are on this host, with or without "www."."""
    found = Q()
    for start in (f"//{host}", f"//www.{host}"):
        found |= Q(url__icontains=start)
        for scheme in ("http", "https"):
            found |= Q(html__icontains=f'href="{scheme}:{start}')
    return found


def by_email(address):
    return Q(email__iexact=address) | Q(person__account__email__iexact=address)


def by_person(number):
    person = row_id(number)
    return Q(pk__in=[]) if person is None else Q(person=person)


OPERATORS = {"host": by_host, "email": by_email, "person": by_person}
