"""Replaces an <iframe> by a link to its page; `blog.embeds` turns the link of an embed alone in a paragraph into a
player."""

import re
from html import escape, unescape

from blog.embeds import embed_of

_OPENING = re.compile(r"<iframe(?=[\s/>])([^<>]*)>", re.IGNORECASE)
_CLOSING = re.compile(r"</iframe\s*>", re.IGNORECASE)
_PARAGRAPH = re.compile(r"<(/?)p(?=[\s>])", re.IGNORECASE)
_SOURCE = re.compile(r"""\ssrc\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)'|([^\s"'<>]+))""", re.IGNORECASE)


def link_frames(html: str) -> str:
    """The HTML with each iframe replaced by a link; one without an http(s) URL is left for the sanitizers to remove."""
    parts, start, in_paragraph = [], 0, False
    while opening := _OPENING.search(html, start):
        closing = _CLOSING.search(html, opening.end())
        if not closing:
            break
        between = html[start : opening.start()]
        for tag in _PARAGRAPH.finditer(between):
            in_paragraph = not tag[1]
        page = escape(page_at(html, opening.start()))
        link = f'<a href="{page}">{page}</a>' if in_paragraph else f'<p><a href="{page}">{page}</a></p>'
        parts += [between, link if page else html[opening.start() : closing.end()]]
        start = closing.end()
    return "".join(parts) + html[start:]


def page_at(html: str, place: int) -> str:
    """The page for the iframe whose tag begins at this index; "" if it has none."""
    opening = _OPENING.match(html, place)
    source = _SOURCE.search(opening[1]) if opening else None
    return page_of(unescape(source[1] or source[2] or source[3] or "")) if source else ""


def page_of(address: str) -> str:
    """The page for an iframe with this URL: the page of a known embed, else the URL; "" if not http(s)."""
    address = address.strip()
    address = f"https:{address}" if address.startswith("//") else address
    if embed := embed_of(address):
        return embed.watch
    return address if address.startswith(("https://", "http://")) else ""
