"""What a reader finds in rendered HTML: words, links, pictures, players, structure. Two renderings show the same if
these are equal."""

import re
from collections import Counter
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from blog.markup.dom import parse_html

# A line or cell of its own: words before and after it are not one word.
BREAKS = frozenset(
    """p h1 h2 h3 h4 h5 h6 ul ol li blockquote pre table hr dl dt dd figure figcaption div details summary audio video
    thead tbody tfoot tr td th caption br""".split()
)
# What is counted, by the name under which it is: paragraphs and containers are not, for HTML may leave them out.
STRUCTURE = {
    name: name
    for name in """h1 h2 h3 h4 h5 h6 ul ol li blockquote pre table tr td th hr dl dt dd details figcaption
    sub sup mark kbd abbr cite q u ins small time ruby code br strong em del""".split()
} | {"b": "strong", "i": "em", "s": "del"}
EMPTY = frozenset({"hr", "br", "td", "th"})  # these count without any content
PLAYERS = ("audio", "video", "source")
TYPOGRAPHY = str.maketrans({"’": "'", "‘": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"',
                            "–": "-", "—": "-", "\u00a0": " ", "\u202f": " ", "\u00ad": ""})  # fmt: skip
DASHES = re.compile(r"-+")


@dataclass(frozen=True)
class Parts:
    """`links` are (href, text), `pictures` (src, alt), in their order; `structure` counts elements by name; `targets`
    are the anchors that links within the text lead to and that are there."""

    words: tuple[str, ...]
    links: tuple[tuple[str, str], ...]
    pictures: tuple[tuple[str, str], ...]
    players: tuple[str, ...]
    code: tuple[str, ...]  # code blocks, with their line breaks and blanks
    structure: Counter[str]
    targets: frozenset[str]


def parts_of(html: str) -> Parts:
    """The parts of sanitized HTML."""
    root = parse_html(html)
    elements = list(root.iter())
    links = [(each.get("href", ""), words_of(each)) for each in elements if each.tag == "a" and each.get("href")]
    ids = {each.get("id", "") for each in elements}
    in_blocks = sum(each.tag == "code" for pre in root.iter("pre") for each in pre.iter())
    structure = Counter(STRUCTURE[each.tag] for each in elements if each.tag in STRUCTURE and has_content(each))
    structure["code"] -= in_blocks  # Markdown's code blocks have one, those of HTML need not
    return Parts(
        words=tuple(words_of(root).split()),
        links=tuple((href, " ".join(words.split())) for href, words in links),
        pictures=tuple((each.get("src", ""), plain(each.get("alt", ""))) for each in elements if each.tag == "img"),
        players=tuple(each.get("src", "") for each in elements if each.tag in PLAYERS and each.get("src")),
        code=tuple("".join(each.itertext()).strip("\n") for each in elements if each.tag == "pre"),
        structure=+structure,
        targets=frozenset(href[1:] for href, _words in links if href.startswith("#") and href[1:] in ids),
    )


def has_content(element: Element) -> bool:
    return element.tag in EMPTY or len(element) > 0 or bool((element.text or "").strip())


def words_of(element: Element) -> str:
    """The text, with a blank where a line or cell ends; typographic marks are as they were typed."""
    pieces: list[str] = []

    def add(each: Element) -> None:
        breaks = each.tag in BREAKS
        pieces.append(f" {each.text or ''}" if breaks else each.text or "")
        for child in each:
            add(child)
            pieces.append(child.tail or "")
        pieces.append(" " if breaks else "")

    add(element)
    return plain("".join(pieces))


def plain(text: str) -> str:
    """The text without what the renderer's typography changes: quotation marks, dashes, ellipses."""
    return DASHES.sub("-", text.translate(TYPOGRAPHY).replace("…", "..."))


def lines_of(html: str) -> str:
    """The text of rendered HTML, a line for each block, with the addresses of links and pictures behind their words."""
    lines = [""]

    def add(each: Element) -> None:
        breaks = each.tag in BREAKS
        if breaks:
            lines.append("")
        if each.tag == "img":
            lines[-1] += f"[{each.get('alt', '')}: {each.get('src', '')}]"
        lines[-1] += " ".join((each.text or "").split(" "))
        for child in each:
            add(child)
            lines[-1] += child.tail or ""
        if each.tag == "a" and each.get("href"):
            lines[-1] += f" ({each.get('href')})"
        if breaks:
            lines.append("")

    add(parse_html(html))
    return "\n".join(line for line in (" ".join(line.split()) for line in lines) if line)
