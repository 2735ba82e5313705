"""Cards of links to other sites: what an export has of them beside the texts, which have the address alone."""

from base64 import b64encode
from collections.abc import Iterable, Iterator
from pathlib import Path

from blog import link_cards
from blog.models import LinkCard, Post
from transfer.exporting import columns
from transfer.exporting.files import path_inside


def cards_of(post: Post) -> list[LinkCard]:
    """The cards that the post's HTML shows, in its order; no query without any."""
    addresses = link_cards.addresses_of_cards(post.html)
    if not addresses:
        return []
    found = {card.address: card for card in LinkCard.objects.filter(address__in=addresses)}
    return [found[address] for address in addresses if address in found]


def all_cards() -> Iterator[LinkCard]:
    return LinkCard.objects.exclude(title="").order_by("address").iterator(chunk_size=20)


def facts_of(cards: Iterable[LinkCard]) -> list[dict[str, object]]:
    """For front matter: what a page elsewhere is called, and the path of its picture."""
    return [
        {"address": card.address, "title": card.title, "site": card.site, "picture": card.picture_path or None}
        for card in cards
    ]


def write_pictures(root: Path, cards: Iterable[LinkCard]) -> None:
    """The pictures at the addresses that the blog gives them."""
    for card in cards:
        if card.picture:
            path_inside(root, f"static{card.picture_path}").write_bytes(bytes(card.picture))


def rows() -> Iterator[dict[str, object]]:
    """Every card as a row; its picture is WebP in base64, or null."""
    for card in all_cards():
        picture = b64encode(bytes(card.picture)).decode("ascii") if card.picture else None
        yield columns.row(card, columns.LINK_CARD) | {"picture": picture}
