"""Raw text of WordPress to the HTML source of a post: blocks, shortcodes, embeds, punctuation, paragraphs, in one pass.

Every step takes time in proportion to the length, for any input; nothing raises.
"""

import re
from collections.abc import Callable
from html import unescape
from typing import NamedTuple

from transfer.wordpress.text import blocks, embeds, footnotes
from transfer.wordpress.text.addresses import Addresses
from transfer.wordpress.text.block_html import SPECIAL
from transfer.wordpress.text.context import Context, Converted, Notice
from transfer.wordpress.text.elements import Writer
from transfer.wordpress.text.opaque import finished, raw_code
from transfer.wordpress.text.paragraphs import paragraphs
from transfer.wordpress.text.scanner import OPAQUE, Node, Scanner, Tag, Text, Token
from transfer.wordpress.text.shortcode_html import HANDLERS, is_suspect
from transfer.wordpress.text.shortcodes import Finder, Shortcode
from transfer.wordpress.text.smilies import put_smilies
from transfer.wordpress.text.texturize import texturize

_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufeff]"  # no HTML, and our own sanitizer drops them
)
_MARK = re.compile(r"<|\[|\$latex\s[^$]{1,5000}\$|^[ \t]*(https?://[^\s<>\"\[\]]+)[ \t]*$", re.MULTILINE)
_MORE = re.compile(r"<!--\s{0,9}more(?:\s[^<>\n]{0,200})?-->", re.IGNORECASE)
_NEXT_PAGE = re.compile(r"<!--\s{0,9}nextpage\s{0,9}-->", re.IGNORECASE)
_LATEX_OPTIONS = re.compile(r"&(?:amp;)?(?:bg|fg|s)=[0-9A-Za-z-]{1,10}(?=&|\Z)")
# What scripts that load pictures late leave for browsers without scripts: the same picture a second time.
_NOSCRIPT = re.compile(
    r"<noscript\b[^<>]{0,300}>([^<]{0,300}<img\b[^<>]{1,4000}>[^<]{0,300})</noscript\s*>", re.IGNORECASE
)
_PICTURE = re.compile(r"""<img\b[^<>]{1,4000}>""", re.IGNORECASE)
_SOURCE = re.compile(
    r"""\b(?:src|data-src|data-lazy-src|data-orig-file)\s*=\s*["']([^"'<>]{1,2000})["']""", re.IGNORECASE
)
_CODE = frozenset(("pre", "code", "kbd", "tt", "samp"))
DEEPEST = 12  # shortcodes within shortcodes
MOST_FILES = 5_000  # attachments shown by galleries and playlists: captions may hold galleries


def to_html(raw: str, context: Context | None = None) -> Converted:
    """The HTML source of a post (`source_format="html"`) for the raw text of a WordPress post. Raises nothing.

    The same text and context give the same result. Of several `<!--more-->` the blog uses the first.
    """
    conversion = Conversion(context or Context())
    html = conversion.whole(raw)
    addresses = conversion.addresses
    return Converted(
        html=html,
        notices=tuple(conversion.notices),
        media_urls=tuple(addresses.media),
        links=tuple(addresses.links),
        other_spellings=addresses.other_spellings,
    )


def without_copies(text: str) -> str:
    """The text without the `<noscript>` copies of pictures that stand in it themselves."""
    if "<noscript" not in text.lower():
        return text
    shown = {url for tag in _PICTURE.findall(_NOSCRIPT.sub("", text)) for url in _SOURCE.findall(tag)}

    def copy_or_nothing(found: re.Match[str]) -> str:
        urls = _SOURCE.findall(found[1])
        return "" if urls and shown.issuperset(urls) else found[0]

    return _NOSCRIPT.sub(copy_or_nothing, text)


class _Mode(NamedTuple):
    classic: bool
    texturize: bool = True


class Conversion:
    """One text under way; the handlers of shortcodes and blocks get it."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.addresses = Addresses(context)
        self.notices: dict[Notice, None] = {}
        self.footnotes = footnotes.footnotes_in(context.footnotes)
        self.footnotes_shown = False
        self.depth = 0
        self.files_left = MOST_FILES

    def note_loss(self, kind: str, what: str) -> None:
        self.notices.setdefault(Notice(kind, " ".join(what[:2_000].split())[:300]))

    def whole(self, raw: str) -> str:
        text = without_copies(_FORBIDDEN.sub("", raw.replace("\r\n", "\n").replace("\r", "\n")))
        tokens = self.all_tokens(text)
        if not self.footnotes_shown and footnotes.are_marked(tokens, self.footnotes):
            tokens.append(Node(self.footnote_list(), block=True))
        numbers = {note.key: number for number, note in enumerate(self.footnotes, start=1)}
        tokens = footnotes.number_marks(tokens, numbers) if "data-fn" in text or self.context.blocks else tokens
        html = Writer(self.addresses, self.note_loss).write(tokens)
        return html.strip()

    def all_tokens(self, text: str) -> list[Token]:
        if not blocks.has_blocks(text):
            return self.tokens(text, _Mode(classic=True))
        special = {name: self._bound(handler) for name, handler in SPECIAL.items()}
        reader = blocks.Reader(self.context.blocks.get, special, self.note_loss)
        tokens: list[Token] = []
        for kind, part in reader.parts(text):
            if kind == blocks.FINISHED:
                tokens += [Node(part, block=True), Text("\n")]
            else:
                tokens += self.tokens(part, _Mode(classic=kind == blocks.CLASSIC))
        return tokens

    def _bound(
        self, handler: Callable[["Conversion", blocks.Block], str | None]
    ) -> Callable[[blocks.Block], str | None]:
        return lambda block: handler(self, block)

    def footnote_list(self) -> str:
        if self.footnotes_shown:
            return ""
        self.footnotes_shown = True
        return footnotes.list_html([(note.key, self.inline(note.content)) for note in self.footnotes])

    def tokens(self, text: str, mode: _Mode) -> list[Token]:
        """The text with everything done but the writing."""
        tokens = self.scan(text)
        if self.context.texturize and mode.texturize:
            texturize(tokens, self.context.language)
        put_smilies(tokens)
        if mode.classic:
            tokens = paragraphs(tokens)
        return self.embedded(tokens)

    def html(self, text: str, *, classic: bool = False) -> str:
        """Finished HTML of a part of the text."""
        return Writer(self.addresses, self.note_loss).write(self.tokens(text, _Mode(classic))).strip()

    def inline(self, text: str) -> str:
        """Finished HTML of a caption or the like: a newline is a <br>."""
        return self.html(text.strip().replace("\n", "<br>\n"))

    def embedded(self, tokens: list[Token]) -> list[Token]:
        """The tokens with each paragraph that is only a URL made a link, or a player."""
        for at in range(len(tokens) - 2):
            before, text, after = tokens[at : at + 3]
            if (
                isinstance(before, Tag)
                and isinstance(after, Tag)
                and isinstance(text, Text)
                and before.name == after.name == "p"
                and after.closes
                and not before.closes
                and embeds.ALONE.fullmatch(text.value.strip())
            ):
                tokens[at + 1] = self.embed(unescape(text.value.strip()), block=False)
        return tokens

    def embed(self, url: str, *, block: bool) -> Node:
        """A link to what a URL shows; that of a video alone in its paragraph becomes a player."""
        page = embeds.video(url)
        if not page:
            if embeds.is_provider(url):
                self.note_loss("embed", url)
            page = self.addresses.link(embeds.absolute(url))
        link = embeds.link_html(page, page)
        return Node(f"<p>{link}</p>\n", block=True) if block else Node(link)

    def scan(self, text: str) -> list[Token]:
        """Tags, texts, and shortcodes as what they stand for."""
        return _Scan(self, text).tokens()


class _Scan:
    """One way through a text."""

    def __init__(self, conversion: Conversion, text: str) -> None:
        self.conversion, self.text = conversion, text
        self.scanner, self.finder = Scanner(text), Finder(text)
        self.done: list[Token] = []
        self.place = 0  # up to here everything is in `done`
        self.code: list[str] = []  # open elements whose text is code

    def tokens(self) -> list[Token]:
        at = 0
        while mark := _MARK.search(self.text, at):
            start = mark.start()
            if mark[0][0] == "<":
                at = self.tag(start)
            elif mark[0][0] == "[":
                at = self.shortcode(start)
            elif mark[1]:
                at = self.url(mark)
            else:
                at = self.latex(mark)
        self.flush(len(self.text))
        return self.done

    def flush(self, end: int) -> None:
        if end > self.place:
            self.done.append(Text(self.text[self.place : end]))

    def put(self, start: int, end: int, tokens: list[Token]) -> int:
        self.flush(start)
        self.done += tokens
        self.place = end
        return end

    def tag(self, start: int) -> int:
        tag, end = self.scanner.tag(start)
        if tag is None and end == start:
            is_comment = self.text.startswith("<!--", start)  # without an end: its words must not be lost
            return self.put(start, start + 4, [Text("<!--", literal=True)]) if is_comment else start + 1
        if tag is None:
            return self.comment(start, end)
        if tag.name in _CODE:
            if not tag.closes:
                self.code.append(tag.name)
            elif tag.name in self.code:
                del self.code[len(self.code) - 1 - self.code[::-1].index(tag.name) :]
        if tag.name in OPAQUE or tag.name == "embed":
            return self.put(start, end, finished(self.conversion, tag))
        if tag.name == "pre" and not tag.closes and (player := raw_code(self.scanner, tag, end)):
            self.code.pop()
            return self.put(start, player[1], [player[0]])
        return self.put(start, end, [tag])

    def comment(self, start: int, end: int) -> int:
        written = self.text[start : min(end, start + 300)]
        if more := _MORE.fullmatch(written):
            return self.put(start, end, [Node(more[0], ignored=True)])
        if _NEXT_PAGE.fullmatch(written):
            return self.put(start, end, [Text("\n\n")])
        return self.put(start, end, [])

    def url(self, mark: re.Match[str]) -> int:
        """A URL alone on its line."""
        if self.code:
            return mark.end()
        url = unescape(mark[1])
        is_block = bool(embeds.video(url)) or embeds.is_provider(url)
        if self._is_in_tag():
            return mark.end()
        return self.put(mark.start(), mark.end(), [self.conversion.embed(url, block=is_block)])

    def _is_in_tag(self) -> bool:
        """Whether the last tag opened a link, whose text is this URL."""
        last = next((token for token in self.done[:-6:-1] if isinstance(token, Tag)), None)
        return last is not None and last.name == "a" and not last.closes

    def latex(self, mark: re.Match[str]) -> int:
        if self.code:
            return mark.end()
        formula = _LATEX_OPTIONS.sub("", unescape(mark[0][6:-1]).strip())
        formula = formula.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        return self.put(mark.start(), mark.end(), [Node(f'<code class="language-latex">{formula}</code>')])

    def shortcode(self, start: int) -> int:
        closing = self.finder.closing_at(start)
        if closing:
            if closing[0] in HANDLERS:  # without an opening one: WordPress leaves it visible
                return self.put(start, closing[1], [Text(self.text[start : closing[1]], literal=True)])
            return closing[1]
        found = self.finder.at(start)
        if found is None:
            return start + 1
        if found.name in HANDLERS:
            return self.known(start, found)
        if not self.code and is_suspect(found):
            self.conversion.note_loss("shortcode", found.source)
            return self.put(start, found.tag_end, [Text(self.text[start : found.tag_end], literal=True)])
        return start + 1

    def known(self, start: int, found: Shortcode) -> int:
        if found.is_escaped:
            return self.put(start, found.end, [Text(found.source, literal=True)])
        conversion = self.conversion
        content = self.text[found.tag_end : found.content_end] if found.content_end >= 0 else None
        if conversion.depth >= DEEPEST:
            tokens = None
            conversion.note_loss("limit", found.source)
        else:
            conversion.depth += 1
            tokens = HANDLERS[found.name](conversion, found, content)
            conversion.depth -= 1
        if tokens is None:
            conversion.note_loss("shortcode", found.source)
            return self.put(start, found.tag_end, [Text(found.source, literal=True)])
        return self.put(start, found.end, tokens)
