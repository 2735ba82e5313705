"""What an owner may look for in the lists of comments.

Words are looked for in text, name, email, website and account. Three beginnings ask for one thing exactly:
`host:spam.example` (website or link), `email:ann@example.org`, `person:12`.
"""

from django.db.models import Q

from core.row_ids import row_id

LONGEST = 200
PLACES = ["text", "name", "email", "url", "person__account__name", "person__account__email"]


def asked_for(words):
    words = words.strip()[:LONGEST]
    kind, colon, rest = words.partition(":")
    rest = rest.strip()
    if colon and rest and kind in WAYS:
        return WAYS[kind](rest)
    return anywhere(words)


def anywhere(words):
    """SQLite compares letters beyond ASCII as they are: the usual ways to write them are asked for together."""
    found = Q()
    for spelling in {words} if words.isascii() else {words, words.lower(), words.upper(), words.capitalize()}:
        for place in PLACES:
            found |= Q(**{f"{place}__icontains": spelling})
    return found


def by_host(host):
    """A writer's website or a link, with www or without."""
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


WAYS = {"host": by_host, "email": by_email, "person": by_person}
