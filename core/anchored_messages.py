"""Django messages that are shown beside an element of the page: a page opened at `#comment-12` does not show its top.

The path and fragment are stored in the message's extra tags. The page at that path prints the message at the element;
any other page (another tab may be first to show it) prints it at the top, like every message.
"""

from collections.abc import Collection
from urllib.parse import quote, unquote, urlsplit

from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest

TAG_PREFIX = "at:"
FOR_GUESTS = "for-guests"


def add(request: HttpRequest, level: int, text: str, url: str, *, for_guests: bool = False) -> None:
    """Add a message for `url`, a path with an optional fragment. `for_guests`: hide it from logged-in users."""
    address = urlsplit(url)
    tags = [FOR_GUESTS] if for_guests else []
    if address.fragment:
        tags.append(f"{TAG_PREFIX}{quote(unquote(address.path))}#{address.fragment}")
    messages.add_message(request, level, text, extra_tags=" ".join(tags))


def visible_messages(request: HttpRequest) -> list[Message]:
    """All messages that this page shows, at whatever place."""
    said = messages.get_messages(request)
    return [message for message in said if not (FOR_GUESTS in message.tags and request.user.is_authenticated)]


def fragment_of(message: Message, path: str) -> str:
    """The id of the element at which the page at `path` shows the message; "" for the top of the page."""
    for tag in message.tags.split():
        place, _hash, fragment = tag.removeprefix(TAG_PREFIX).partition("#")
        if tag.startswith(TAG_PREFIX) and unquote(place) == path:
            return fragment
    return ""


def top_messages(request: HttpRequest, *, anchors: Collection[str] | bool) -> list[Message]:
    """The messages for the top of the page.

    `anchors`: the ids of the elements at which this page prints messages; True if it prints all that have one.
    """

    def stands_below(message: Message) -> bool:
        fragment = fragment_of(message, request.path)
        return bool(fragment and (anchors is True or anchors and fragment in anchors))

    return [message for message in visible_messages(request) if not stands_below(message)]


def messages_by_fragment(request: HttpRequest) -> dict[str, list[Message]]:
    """{id of an element of this page: its messages}."""
    placed: dict[str, list[Message]] = {}
    for message in visible_messages(request):
        if fragment := fragment_of(message, request.path):
            placed.setdefault(fragment, []).append(message)
    return placed
