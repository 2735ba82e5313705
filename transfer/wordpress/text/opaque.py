"""Elements that the blog cannot hold: players become links, scripts of known services too, forms and drawings are
named."""

import re
from html import unescape
from typing import TYPE_CHECKING

from transfer.wordpress.text import embeds
from transfer.wordpress.text.scanner import Node, Scanner, Tag, Text, Token
from transfer.wordpress.text.tags import code_block

if TYPE_CHECKING:
    from transfer.wordpress.text.convert import Conversion

_URL = re.compile(r"""\b(?:src|data|value|href)\s{0,5}=\s{0,5}["']?((?:https?:)?//[^\s"'<>]{1,2000})""", re.IGNORECASE)
_ANY_TAG = re.compile(r"<[^<>]*>")
_GIST = re.compile(r"https?://gist\.github\.com/[\w/-]+")
_POLL = re.compile(r"(?:static\.polldaddy\.com/p|secure\.polldaddy\.com/p)/([0-9]+)\.js")
# Languages of people; any other `lang` of a <pre> is that of a program (WP-Syntax, WP-GeSHi).
_SPOKEN = frozenset("ar da de el en es fi fr he hu id it ja ko nl no pl pt ro ru sv tr uk vi zh".split())
_PROGRAM = re.compile(r"[A-Za-z][A-Za-z0-9+#_-]{0,20}")


def finished(conversion: "Conversion", tag: Tag) -> list[Token]:
    """What stands for an element whose content is no markup."""
    if tag.closes:
        return []
    match tag.name:
        case "iframe" | "embed":
            return _player(conversion, tag.attributes.get("src") or tag.attributes.get("data-src", ""), tag)
        case "object":
            return _object(conversion, tag)
        case "script":
            return _script(conversion, tag)
        case "textarea" | "select":
            conversion.note_loss("form", f"<{tag.name}>")
            words = _ANY_TAG.sub(" ", tag.content)
            return [Text(f" {words} ")]
        case "xmp":
            return [Node(code_block(tag.content), block=True)]
        case "math" | "noembed" | "noframes" | "template":
            words = _ANY_TAG.sub("", tag.content)
            conversion.note_loss("html", f"<{tag.name}>")
            return [Text(words)]
        case "style" | "title" | "head":
            return []
    conversion.note_loss("html", f"<{tag.name}>")
    return []


def _player(conversion: "Conversion", url: str, tag: Tag) -> list[Token]:
    url = embeds.absolute(url)
    if not url.startswith(("http://", "https://")):
        conversion.note_loss("html", f"<{tag.name}>")
        return []
    is_video = bool(embeds.video(url))
    if not is_video and not embeds.is_provider(url):
        conversion.note_loss("embed", url)
    return [conversion.embed(url, block=is_video)]


def _object(conversion: "Conversion", tag: Tag) -> list[Token]:
    if "wp-block-file__embed" in tag.attributes.get("class", ""):
        return []  # a link to the file follows
    urls = [unescape(url) for url in _URL.findall(tag.content)]
    urls = [*([tag.attributes["data"]] if tag.attributes.get("data") else []), *urls]
    url = next((url for url in urls if embeds.video(url)), urls[0] if urls else "")
    words = _ANY_TAG.sub(" ", tag.content).strip()
    return [*_player(conversion, url, tag), *([Text(f" {words}")] if words else [])]


def _script(conversion: "Conversion", tag: Tag) -> list[Token]:
    source = embeds.absolute(tag.attributes.get("src", ""))
    if gist := _GIST.match(source):
        return [conversion.embed(gist[0].removesuffix(".js"), block=True)]
    if poll := _POLL.search(source):
        conversion.note_loss("poll", source)
        return [conversion.embed(f"https://poll.fm/{poll[1]}", block=True)]
    conversion.note_loss("html", f"<script> {source}".strip())
    return []


def raw_code(scanner: Scanner, tag: Tag, start: int) -> tuple[Node, int] | None:
    """For `<pre lang="php">` of WP-Syntax, whose content is no HTML: (the code block, the place after it)."""
    language = tag.attributes.get("lang", "").lower()
    if not _PROGRAM.fullmatch(language) or language in _SPOKEN:
        return None
    end = scanner.closing("pre", start)
    if not end:
        return None
    code = scanner.text[start : end.start()]
    if tag.attributes.get("escaped") == "true" or "<" not in code:
        code = unescape(code)
    return Node(code_block(code.removeprefix("\n"), language), block=True), end.end()
