"""Messages for the place to which a redirect leads: a page that opens at `#comment-12` does not show its top.

A message carries the path and the fragment of that place. The page at this path prints it there; every other page, to
which another tab may bring it, prints it at its top like all messages.
"""

from urllib.parse import quote, unquote, urlsplit

from django.contrib import messages

PLACE = "at:"
FOR_GUESTS = "for-guests"


def add(request, level, text, place, *, for_guests=False):
    """Say `text` where `place` leads, a path with a fragment; `for_guests`: to nobody who is logged in by then."""
    address = urlsplit(place)
    tags = [FOR_GUESTS] if for_guests else []
    if address.fragment:
        tags.append(f"{PLACE}{quote(unquote(address.path))}#{address.fragment}")
    messages.add_message(request, level, text, extra_tags=" ".join(tags))


def for_this_visitor(request):
    """What is to be said on this page, wherever it stands on it."""
    said = messages.get_messages(request)
    return [message for message in said if not (FOR_GUESTS in message.tags and request.user.is_authenticated)]


def fragment_of(message, path):
    """The id of the element at which the page at `path` prints a message; "" for its top."""
    for tag in message.tags.split():
        place, _hash, fragment = tag.removeprefix(PLACE).partition("#")
        if tag.startswith(PLACE) and unquote(place) == path:
            return fragment
    return ""


def at_top(request, *, has_places):
    """`has_places` is True, or the ids of the elements at which this page prints messages."""

    def stands_below(message):
        fragment = fragment_of(message, request.path)
        return bool(fragment and (has_places is True or has_places and fragment in has_places))

    return [message for message in for_this_visitor(request) if not stands_below(message)]


def by_fragment(request):
    """{id of an element of this page: what is said there}."""
    placed = {}
    for message in for_this_visitor(request):
        if fragment := fragment_of(message, request.path):
            placed.setdefault(fragment, []).append(message)
    return placed
