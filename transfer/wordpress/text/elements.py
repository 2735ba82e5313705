"""Writes tokens as HTML that the blog's sanitizer keeps as it is: allowed elements and attributes, well-formed nesting,
URLs of the new place. Everything else is unwrapped, so that its words stay.

`blog.markup.policies` has the list of what survives; `tests/transfer/wordpress/text/` renders the results with it.
"""

import re
from collections.abc import Callable
from html import escape

from transfer.wordpress.text.addresses import Addresses
from transfer.wordpress.text.attributes import Attributes
from transfer.wordpress.text.scanner import VOID, Node, Tag, Text, Token
from transfer.wordpress.text.tags import element

_RENAMED = {
    **dict.fromkeys(
        "address article aside center dialog fieldset footer form header hgroup legend main nav search section".split(),
        "div",
    ),
    **dict.fromkeys(("strike",), "s"),
    **dict.fromkeys("listing plaintext".split(), "pre"),
    "acronym": "abbr", "dir": "ul", "menu": "ul", "tt": "code",
}  # fmt: skip
_KEPT = frozenset(
    """a abbr audio b bdi bdo blockquote br caption cite code col colgroup dd del details dfn div dl dt em figcaption
    figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q rp rt ruby s samp small source span strong sub summary
    sup table tbody td tfoot th thead time tr u ul var video wbr""".split()
)
# Elements that end a paragraph (HTML standard, "in body").
_ENDS_PARAGRAPH = frozenset(
    """blockquote details div dl dd dt figcaption figure h1 h2 h3 h4 h5 h6 hr li ol p pre summary table ul""".split()
)
_FORMATTING = frozenset("a b code em i s small strong sub sup u".split())
_DROPPED_IF_EMPTY = frozenset("a p div figure figcaption span i b em strong small blockquote ul sup sub u s".split())
# What an opening tag closes first, and where the search for it ends.
_CLOSES_BEFORE = {
    "li": (frozenset(("li",)), frozenset(("ul", "ol"))),
    "dt": (frozenset(("dt", "dd")), frozenset(("dl",))),
    "dd": (frozenset(("dt", "dd")), frozenset(("dl",))),
}
_CELLS = frozenset(("td", "th"))
_SECTIONS = frozenset(("thead", "tbody", "tfoot"))
_TABLE_PARTS = frozenset(("tr", "caption", "colgroup", *_CELLS, *_SECTIONS))
_HOLDS_WORDS = frozenset(("caption", *_CELLS))
_UNWRAPPED_CLASSES = re.compile(
    r"(?:\A|\s)(?:wp-block-(?:group|columns|column|buttons|image|gallery|cover|media-text|pullquote|spacer|text-columns"
    r"|table|quote__|jetpack-markdown|social-links|accordion|embed|footnotes)(?:__[\w-]+)?|wp-block-group__inner-container"
    r"|blocks-gallery-(?:grid|item)|jetpack-video-wrapper|embed-[\w-]+)(?=\s|\Z)"
)
_LONE_AMPERSAND = re.compile(r"&(?!(?:[A-Za-z][A-Za-z0-9]{1,31}|#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6});)")
_CONTAINER = "container"  # a block's element that is not written
DEEPEST = 100
MOST_FORMATTING = 12  # elements that go on behind one block
MOST_REOPENED = 20_000  # in one text: unclosed formatting must not multiply it


class _Open:
    __slots__ = ("closing", "name", "out", "written")

    def __init__(self, name: str, written: str, closing: str, out: str = "") -> None:
        self.name, self.written, self.closing, self.out = name, written, closing, out or name


class Writer:
    """Writes the tokens of one text. `note_loss` gets (kind, what) of what is left out."""

    def __init__(self, addresses: Addresses, note_loss: Callable[[str, str], None]) -> None:
        self.attributes, self.note_loss = Attributes(addresses, note_loss), note_loss
        self.out: list[str] = []
        self.open: list[_Open] = []
        self.reopen: list[_Open] = []  # formatting that a block has ended
        self.reopened = 0
        self.broken: int | None = None  # how many elements are open around a paragraph that a block has ended
        self.skipped: list[str] = []  # opening tags below the deepest allowed nesting

    def write(self, tokens: list[Token]) -> str:
        for token in tokens:
            if isinstance(token, Text):
                self.text(token)
            elif isinstance(token, Node):
                self.node(token)
            elif token.closes:
                self.close(token.name)
            else:
                self.start(token)
        self.pop_to(0)
        return "".join(self.out)

    def text(self, token: Text) -> None:
        if not token.value:
            return
        if not token.value.isspace():
            self.resume()
        elif "\n" in token.value and not any(each.out == "pre" for each in self.open):
            if self.out and not self.out[-1].endswith("\n"):
                self.out.append("\n")
            return
        value = token.value
        if "&" in value:
            value = _LONE_AMPERSAND.sub("&amp;", value)
        self.out.append(value.replace("<", "&lt;").replace(">", "&gt;"))

    def node(self, node: Node) -> None:
        if node.block:
            self.end_paragraph()
        elif not node.ignored:
            self.resume()
        self.out.append(node.html)

    def resume(self) -> None:
        """Begin the rest of a paragraph behind a block that stood in it, or one for words directly in a container."""
        if self.broken is not None and len(self.open) == self.broken:
            self.push("p", "<p>")
            self.broken = None
            return
        self.keep_in_cell()
        if self.open and self.open[-1].out == _CONTAINER:
            self.push("", "<p>", out="p")

    def keep_in_cell(self) -> None:
        """In a table but in no cell: begin one. Parsers would move the words before the table."""
        inner = next((each for each in reversed(self.open) if each.written), None)
        if inner is None or inner.out != "table" and inner.out not in _TABLE_PARTS - _HOLDS_WORDS:
            return
        if inner.out == "colgroup":
            self.table_part("tr")
        if inner.out != "tr":
            self.push("", "<tr>", out="tr")
        self.push("", "<td>", out="td")

    def table_part(self, name: str) -> bool:
        """Close what this part of a table ends, and open the row of a cell; False outside of tables."""
        table = next((at for at in range(len(self.open) - 1, -1, -1) if self.open[at].out == "table"), None)
        if table is None:
            return False
        above = {"tr": _SECTIONS, "td": {"tr"}, "th": {"tr"}}.get(name, frozenset())
        at = next((at for at in range(len(self.open) - 1, table, -1) if self.open[at].out in above), None)
        if at is None and name in _CELLS:
            self.table_part("tr")
            self.push("tr", "<tr>")
        else:
            self.pop_to((table if at is None else at) + 1)
        return True

    def push(self, name: str, written: str, out: str = "", closing: str | None = None) -> None:
        self.out.append(written)
        self.open.append(_Open(name, written, f"</{out or name}>" if closing is None else closing, out or name))

    def end_paragraph(self) -> None:
        """A block begins: it ends the paragraph around it, which goes on behind it."""
        self.keep_in_cell()
        for at in range(len(self.open) - 1, -1, -1):
            if self.open[at].out == "p":
                self.pop_to(at, keep_formatting=True)
                self.broken = at
                return
            if self.open[at].out in _ENDS_PARAGRAPH or self.open[at].out in ("td", "th"):
                return

    def start(self, tag: Tag) -> None:
        classes = tag.attributes.get("class", "")
        name = _by_class(tag.name, classes.split()) if classes else _RENAMED.get(tag.name, tag.name)
        if name == "img" and "wp-block-cover__image-background" in classes:
            self.end_paragraph()
            self.out.append(element("figure", {}, self.attributes.picture(tag)))
        elif name == "img":
            self.resume()
            self.out.append(self.attributes.picture(tag))
        elif name in VOID:
            self.void(name, tag)
        elif name not in _KEPT or name == "mark" and "wp-note" in classes:
            self.push(tag.name, "", closing="")
        elif len(self.open) >= DEEPEST:
            self.note_loss("limit", f"<{name}>")
            self.skipped.append(tag.name)
        else:
            self.begin(name, tag, classes)

    def begin(self, name: str, tag: Tag, classes: str) -> None:
        if name in _ENDS_PARAGRAPH:
            self.end_paragraph()
            if name == "p":
                self.broken = None
        elif name not in _TABLE_PARTS:
            self.resume()
        elif not self.table_part(name):
            self.push(tag.name, "", closing="")
            return
        self.close_before(name)
        picture = self.attributes.background(tag, classes)
        if picture:
            self.out.append(picture)
        if (
            name in ("div", "ul", "li", "figure")
            and _UNWRAPPED_CLASSES.search(classes)
            and not self.is_kept(name, classes)
        ):
            self.push(tag.name, "", out=_CONTAINER, closing="")
            return
        if "wp-block-file__button" in classes:
            self.out.append(" ")
        name = (
            "p"
            if classes and name == "div" and re.search(r"(?:\A|\s)wp-block-(?:button|file)(?=\s|\Z)", classes)
            else name
        )
        if name == "span" and "style" in tag.attributes:
            name = _by_style(tag.attributes["style"])
        attributes = self.attributes.of(name, tag)
        if name == "pre" and "class" in attributes:
            self.push("pre", f'<pre><code class="{escape(attributes["class"])}">', closing="</code></pre>")
            return
        if name == "a" and attributes.keys().isdisjoint(("href", "id")) or name == "span" and not attributes:
            self.push(tag.name, "", closing="")
            return
        written = "".join(f' {key}="{escape(value)}"' for key, value in attributes.items())
        self.push(tag.name, f"<{name}{written}>", out=name)
        if name == "p" and self.reopen:
            self.reopened += len(self.reopen)
            for each in self.reopen if self.reopened < MOST_REOPENED else []:
                self.push(each.name, each.written, out=each.out)
            self.reopen = []

    def is_kept(self, name: str, classes: str) -> bool:
        """Whether the element of a block means something without its class."""
        return name == "figure" and "wp-block-pullquote" not in classes and "wp-block-table" not in classes

    def close_before(self, name: str) -> None:
        closes, scope = _CLOSES_BEFORE.get(name, (frozenset(), frozenset()))
        if not closes:
            return
        for at in range(len(self.open) - 1, -1, -1):
            if self.open[at].out in closes:
                self.pop_to(at)
                return
            if self.open[at].out in scope:
                return

    def close(self, name: str) -> None:
        if name == "br":
            self.out.append("<br>")
        if self.skipped and self.skipped[-1] == name:
            self.skipped.pop()
            return
        at = self.opened_by(name)
        if at is None:
            if self.reopen and name in [each.name for each in self.reopen]:
                self.reopen = [each for each in self.reopen if each.name != name]
            elif name == "p":
                self.broken = None
            return
        self.pop_to(at, keep_formatting=name == "p")
        if name == "p":
            self.broken = None

    def opened_by(self, name: str) -> int | None:
        """The index of the element that a closing tag ends; it does not reach out of a cell or table."""
        for at in range(len(self.open) - 1, -1, -1):
            out = self.open[at].out
            if self.open[at].name == name:
                return at
            if out == "table" or out in _HOLDS_WORDS and name not in _TABLE_PARTS and name != "table":
                return None
        return None

    def pop_to(self, at: int, *, keep_formatting: bool = False) -> None:
        ended = self.open[at:]
        while len(self.open) > at:
            self.end(self.open.pop())
        if keep_formatting:
            self.reopen = [each for each in ended if each.out in _FORMATTING and each.written][:MOST_FORMATTING]
        if self.broken is not None and len(self.open) < self.broken:
            self.broken = None

    def end(self, ended: _Open) -> None:
        if not ended.written or ended.out not in _DROPPED_IF_EMPTY or " id=" in ended.written:
            self.out.append(ended.closing)
            return
        blank = len(self.out)
        while blank and (not self.out[blank - 1] or self.out[blank - 1].isspace()):
            blank -= 1
        if blank and self.out[blank - 1] == ended.written:
            spaces = "".join(self.out[blank:])
            del self.out[blank - 1 :]
            self.out.append(spaces if ended.out not in _ENDS_PARAGRAPH else "")
        else:
            self.out.append(ended.closing)

    def void(self, name: str, tag: Tag) -> None:
        inside = self.open[-1].out if self.open else ""
        if name == "hr":
            self.end_paragraph()
            self.out.append("<hr>")
        elif name in ("br", "wbr"):
            self.out.append(f"<{name}>")
        elif name == "col" and inside in ("table", "colgroup"):
            self.out.append(element("col", self.attributes.of("col", tag)))
        elif name == "source" and inside in ("audio", "video"):
            source = self.attributes.file(tag.attributes.get("src", ""))
            self.out.append(element("source", {"src": source, **self.attributes.of("source", tag)}))
        elif name == "input":
            self.note_loss("form", "<input>")
            self.out.append(" ")


def _by_class(name: str, classes: list[str]) -> str:
    """The name of an element; captions of old texts are no figures yet."""
    if name == "div" and "wp-caption" in classes:
        return "figure"
    if name in ("p", "dd") and "wp-caption-text" in classes:
        return "figcaption"
    return _RENAMED.get(name, name)


def _by_style(style: str) -> str:
    """The element for a <span> that an editor styled."""
    style = style.replace(" ", "").lower()
    if "text-decoration:underline" in style:
        return "u"
    if "text-decoration:line-through" in style:
        return "s"
    if "font-weight:bold" in style or "font-weight:700" in style:
        return "strong"
    return "em" if "font-style:italic" in style else "span"
