"""Comments that come from another system as HTML: text with a few tags, in which line breaks count.

WordPress stores a comment as it was typed: paragraphs are separated by blank lines, tags of its short allow-list stand
between them, and URLs become links when the page is made. `html_of_foreign_comment` does the same before sanitizing.
"""

import re

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)[^<>]*>")
_PARAGRAPHS = frozenset(("div", "p"))
_BLOCKS = frozenset(
    ("blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "pre", "table", "td", "th", "tr", "ul")
)
_LISTS = frozenset(("ol", "pre", "table", "ul"))  # inside which line breaks do not make paragraphs
_EQUIVALENT = {"b": "strong", "i": "em"}  # tags that WordPress allows in comments, and ours
_QUOTES = ("“", "”")  # as browsers show <q>, which our comments do not have
_BLANK = re.compile(r"\n(?:[ \t]*\n)+")
_PART = r"[^\s<>\"'()\[\]{}|\\^`]"
_URL = re.compile(rf"(?<![\w/@.:=\"'])(?:https?://|www\.){_PART}+(?:\({_PART}*\){_PART}*)?")
_TRAILING = ".,;:!?'\"”’…"


def html_of_foreign_comment(text: str) -> str:
    """The unsanitized HTML of a comment's text with tags: paragraphs, line breaks and links. Linear in its length."""
    done: list[str] = []  # finished blocks
    line: list[str] = []  # the text and inline tags since the last block
    kept = 0  # open elements inside which line breaks do not count
    links = 0

    def flush() -> None:
        piece = "".join(line)
        line.clear()
        if piece.strip():
            done.append(piece if kept else _paragraphs(piece))

    end = 0
    for tag in _TAG.finditer(text):
        before, end = text[end : tag.start()], tag.end()
        line.append(before if links else _URL.sub(_link, before))
        closes, name = bool(tag[1]), tag[2].lower()
        if name in _PARAGRAPHS:
            line.append("\n\n")
        elif name in _BLOCKS:
            flush()
            done.append(tag[0])
            kept = max(0, kept + (-1 if closes else 1)) if name in _LISTS else kept
        else:
            line.append(_inline_tag(tag[0], name, closes))
            links = max(0, links + (-1 if closes else 1)) if name == "a" else links
    line.append(_URL.sub(_link, text[end:]))
    flush()
    return "".join(done)


def _inline_tag(tag: str, name: str, closes: bool) -> str:
    if name == "q":
        return _QUOTES[closes]
    return f"<{'/' if closes else ''}{_EQUIVALENT[name]}>" if name in _EQUIVALENT else tag


def _paragraphs(text: str) -> str:
    pieces = (piece.strip() for piece in _BLANK.split(text))
    return "".join(f"<p>{piece.replace(chr(10), '<br>' + chr(10))}</p>\n" for piece in pieces if piece)


def _link(found: re.Match[str]) -> str:
    url = found[0].rstrip(_TRAILING)
    target = url if url.startswith("http") else f"http://{url}"
    return f'<a href="{target}">{url}</a>{found[0][len(url) :]}'
