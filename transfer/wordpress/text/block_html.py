"""Blocks whose saved HTML is not what the blog shows. A handler gets (conversion, block) and returns finished HTML, or
None to use the block's own HTML.

Source: the `save` and `render` functions of core's blocks, as their markup documents them.
"""

import re
from collections.abc import Callable
from html import escape, unescape
from typing import TYPE_CHECKING

from transfer.wordpress.text.blocks import Block, text_in
from transfer.wordpress.text.tags import code_block, element

if TYPE_CHECKING:
    from transfer.wordpress.text.convert import Conversion

_CAPTION = re.compile(r"<figcaption[^<>]{0,300}>", re.IGNORECASE)
_TABLE = re.compile(r"<table[^<>]{0,1000}>", re.IGNORECASE)
_ANY_TAG = re.compile(r"<[^<>]*>")
_URL = re.compile(r"https?://[^\s<>\"]+")


def _caption_of(html: str) -> tuple[str, str, str]:
    """(the HTML before the last <figcaption>, its content, the HTML after it)."""
    every = list(_CAPTION.finditer(html))
    if not every:
        return html, "", ""
    found = every[-1]
    end = html.find("</figcaption>", found.end())
    end = len(html) if end < 0 else end
    return html[: found.start()], html[found.end() : end].strip(), html[end:].removeprefix("</figcaption>")


def _table(conversion: "Conversion", block: Block) -> str | None:
    """The caption moves into the table."""
    before, words, after = _caption_of(text_in(block))
    table = _TABLE.search(before)
    if not table or not words:
        return None
    moved = f"{before[: table.end()]}<caption>{words}</caption>{before[table.end() :]}{after}"
    return conversion.html(moved) + "\n"


def _embed(conversion: "Conversion", block: Block) -> str | None:
    """A video in the form of which the blog makes a player, any other a link; the caption below."""
    before, words, _ = _caption_of(text_in(block))
    url = block.attributes.get("url")
    if not isinstance(url, str) or not _URL.fullmatch(url.strip()):
        found = _URL.search(unescape(_ANY_TAG.sub(" ", before)))
        url = found[0] if found else ""
    if not url:
        return None
    player = conversion.embed(url.strip(), block=True).html.strip()
    caption = element("figcaption", {}, conversion.inline(words)) if words else ""
    return (element("figure", {}, player + caption) if caption else player) + "\n"


def _code(conversion: "Conversion", block: Block) -> str | None:
    """SyntaxHighlighter's block: its language is in the attributes."""
    html = text_in(block).strip()
    start, end = html.find(">") + 1, html.rfind("</pre>")
    if not html.startswith("<pre") or end < start:
        return None
    language = block.attributes.get("language")
    return code_block(unescape(html[start:end]), language if isinstance(language, str) else "") + "\n"


def _footnotes(conversion: "Conversion", block: Block) -> str | None:
    return conversion.footnote_list()


def _social_link(conversion: "Conversion", block: Block) -> str | None:
    url, service = block.attributes.get("url"), block.attributes.get("service")
    if not isinstance(url, str) or not url:
        return ""
    label = block.attributes.get("label") or (service.capitalize() if isinstance(service, str) else url)
    return element("p", {}, element("a", {"href": conversion.addresses.link(url)}, escape(str(label), quote=False)))


def _poll(conversion: "Conversion", block: Block) -> str | None:
    """A poll: the question and its answers stay as a list."""
    question, answers = block.attributes.get("question"), block.attributes.get("answers")
    conversion.note_loss("poll", question if isinstance(question, str) and question else block.name)
    if not isinstance(question, str) or not isinstance(answers, list):
        return None
    items = [each.get("text") for each in answers if isinstance(each, dict)]
    listed = "".join(element("li", {}, conversion.inline(item)) for item in items if isinstance(item, str) and item)
    return element("p", {}, conversion.inline(question)) + (element("ul", {}, listed) if listed else "") + "\n"


def _form(conversion: "Conversion", block: Block) -> str | None:
    conversion.note_loss("form", block.name)
    return None


def _math(conversion: "Conversion", block: Block) -> str | None:
    formula = block.attributes.get("latex")
    if not isinstance(formula, str) or not formula:
        return None
    code = element("code", {"class": "language-latex"}, escape(formula, quote=False))
    return element("pre", {}, code) + "\n"


SPECIAL: dict[str, Callable[["Conversion", Block], str | None]] = {
    "table": _table,
    "embed": _embed,
    **{f"core-embed/{name}": _embed for name in "youtube vimeo twitter facebook instagram wordpress soundcloud spotify "
       "flickr animoto cloudup crowdsignal dailymotion imgur issuu kickstarter mixcloud polldaddy reddit reverbnation "
       "screencast scribd slideshare smugmug speaker speaker-deck ted tumblr videopress wordpress-tv amazon-kindle "
       "tiktok meetup-com hulu collegehumor funnyordie".split()},
    "syntaxhighlighter/code": _code,
    "footnotes": _footnotes,
    "social-link": _social_link,
    "crowdsignal-forms/poll": _poll,
    "crowdsignal-forms/vote": _poll,
    "jetpack/contact-form": _form,
    "contact-form-7/contact-form-selector": _form,
    "wpforms/form-selector": _form,
    "math": _math,
}  # fmt: skip
