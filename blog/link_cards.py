"""Links to pages elsewhere as cards: a URL alone in a paragraph that is no embed becomes a link with title, picture and
site of the page to which it leads, as far as the server has been told them (`blog.models.link_card`).

Works on HTML that our sanitizer has written, as `blog.embeds` does, and after it; the card is a template.
"""

import re
from collections.abc import Mapping
from html import unescape
from typing import Any

from django.template.loader import render_to_string

LONGEST_ADDRESS = 1000
_ALONE = re.compile(r'<p(?: dir="[a-z]+")?>\s*<a href="(https?://[^"\s]+)">(https?://[^<\s"]+)</a>\s*</p>')
_CARD = re.compile(
    r'<figure class="longrun-card">(?:<img [^>]*>)?<figcaption[^>]*>(.*?)</figcaption></figure>', re.DOTALL
)

_ADDRESS_OF_CARD = re.compile(
    r'<figure class="longrun-card">(?:<img [^>]*>)?<figcaption[^>]*><a\s+href="(https?://[^"]*)"'
)


def addresses_in(html: str) -> list[str]:
    """The URLs that could be cards, in order."""
    if '><a href="http' not in html:
        return []
    found = [unescape(link[2]) for link in _ALONE.finditer(html) if unescape(link[1]) == unescape(link[2])]
    return list(dict.fromkeys(address for address in found if len(address) <= LONGEST_ADDRESS))


def addresses_of_cards(html: str) -> list[str]:
    """The URLs of the cards in it, in order."""
    if 'class="longrun-card"' not in html:
        return []
    return list(dict.fromkeys(unescape(address) for address in _ADDRESS_OF_CARD.findall(html)))


def add_cards(html: str, cards: Mapping[str, Any]) -> str:
    """Replace each paragraph with only the URL of one of the `cards` {URL: LinkCard} with the card."""

    def dressed(paragraph: re.Match[str]) -> str:
        card = cards.get(unescape(paragraph[2])) if unescape(paragraph[1]) == unescape(paragraph[2]) else None
        return render_to_string("blog/_link_card.html", {"card": card}).strip() if card else paragraph[0]

    return _ALONE.sub(dressed, html) if cards else html


def as_links(html: str) -> str:
    """The HTML with each card as a paragraph with a link of its title, for feeds and emails."""
    return _CARD.sub(r"<p>\1</p>", html) if 'class="longrun-card"' in html else html
