"""The text of posts that Ghost keeps as mobiledoc (2.x to 4.x) or lexical (5.x on), where there is no HTML."""

import json
from html import escape
from typing import Any

BOLD, ITALIC, STRIKE, UNDERLINE, CODE, BELOW, ABOVE, MARK = (1 << bit for bit in range(8))
FORMATS = {BOLD: "strong", ITALIC: "em", STRIKE: "s", UNDERLINE: "u", CODE: "code", BELOW: "sub", ABOVE: "sup",
           MARK: "mark"}  # fmt: skip
TAGS = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "aside", "ul", "ol", "li", "pre"}
INLINE = {"strong", "b", "em", "i", "s", "u", "code", "sub", "sup", "mark", "a", "del"}
DEEPEST = 100


def document_of(source: str) -> dict[str, Any]:
    try:
        document = json.loads(source, strict=False)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def lexical_html(source: str) -> str:
    """The HTML of a lexical document: its text, lists, headings, links, and the cards that have a text or a file."""
    root = document_of(source).get("root")
    return "\n".join(filter(None, map(node_html, children(root)))) if isinstance(root, dict) else ""


def children(node: dict[str, Any]) -> list[dict[str, Any]]:
    found = node.get("children")
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def node_html(node: dict[str, Any], depth: int = 0) -> str:
    kind = str(node.get("type", ""))
    if kind in ("text", "extended-text"):
        return text_html(node)
    if kind == "linebreak":
        return "<br>"
    if not children(node):
        return card_html(kind, node)
    if depth > DEEPEST:
        return ""
    inside = "".join(node_html(each, depth + 1) for each in children(node))
    match kind:
        case "link" | "autolink":
            return f'<a href="{escape(str(node.get("url", "")))}">{inside}</a>'
        case "heading" | "extended-heading" | "list":
            tag = str(node.get("tag", ""))
            return f"<{tag}>{inside}</{tag}>" if tag in TAGS else f"<p>{inside}</p>"
        case "listitem":
            return f"<li>{inside}</li>"
        case "quote" | "extended-quote" | "aside":
            return f"<blockquote><p>{inside}</p></blockquote>"
        case _:
            return f"<p>{inside}</p>" if inside.strip() else ""


def text_html(node: dict[str, Any]) -> str:
    found = escape(str(node.get("text", "")), quote=False)
    flags = node.get("format")
    for flag, tag in FORMATS.items():
        if isinstance(flags, int) and flags & flag:
            found = f"<{tag}>{found}</{tag}>"
    return found


def card_html(kind: str, card: dict[str, Any]) -> str:
    """A card as HTML; "" for those that readers of the page never saw (letters, the paywall)."""

    def value(*names: str) -> str:
        return next((str(card[name]) for name in names if card.get(name)), "")

    if kind in ("email", "email-cta", "paywall"):
        return ""
    if kind in ("image", "card-image"):
        alt, src, caption = escape(value("alt")), escape(value("src")), value("caption")
        note = f"<figcaption>{caption}</figcaption>" if caption else ""
        return f'<figure><img src="{src}" alt="{alt}">{note}</figure>' if src else ""
    if kind == "gallery":
        images = card.get("images")
        return "".join(card_html("image", each) for each in images if isinstance(each, dict)) if isinstance(
            images, list) else ""  # fmt: skip
    if kind in ("code", "codeblock"):
        return f"<pre><code>{escape(value('code'), quote=False)}</code></pre>" if value("code") else ""
    if kind in ("hr", "horizontalrule"):
        return "<hr>"
    if kind == "bookmark" or (kind in ("video", "audio", "file", "button") and value("src", "buttonUrl")):
        url = value("url", "src", "buttonUrl")
        title = value("title", "fileTitle", "fileName", "buttonText") or url
        return f'<p><a href="{escape(url)}">{escape(title)}</a></p>' if url else ""
    if kind == "toggle":
        return f"<h4>{value('heading')}</h4>{value('content')}"
    if kind in ("callout", "call-to-action"):
        return f"<blockquote>{value('calloutText', 'textValue')}</blockquote>"
    return value("html")


def mobiledoc_text(source: str) -> tuple[str, str]:
    """(text, format): the Markdown of a document that is one card of it, else HTML."""
    document = document_of(source)
    cards = [card for card in rows(document, "cards") if len(card) > 1 and isinstance(card[1], dict)]
    sections = rows(document, "sections")
    if len(cards) == 1 and cards[0][0] in ("markdown", "card-markdown"):
        others = [section for section in sections if section[0] != 10 and any(marker_texts(section))]
        if not others:
            return str(cards[0][1].get("markdown", "")), "markdown"
    return "\n".join(filter(None, (section_html(document, section) for section in sections))), "html"


def rows(document: dict[str, Any], key: str) -> list[list[Any]]:
    found = document.get(key)
    return [each for each in found if isinstance(each, list) and each] if isinstance(found, list) else []


def marker_texts(section: list[Any]) -> list[str]:
    markers = section[2] if len(section) > 2 and isinstance(section[2], list) else []
    return [str(marker[3]) for marker in markers if isinstance(marker, list) and len(marker) > 3]


def section_html(document: dict[str, Any], section: list[Any]) -> str:
    kind = section[0]
    if kind == 10 and len(section) > 1:
        cards = document.get("cards")
        card = cards[section[1]] if isinstance(cards, list) and isinstance(section[1], int) and section[1] < len(
            cards) else None  # fmt: skip
        if not isinstance(card, list) or len(card) < 2 or not isinstance(card[1], dict):
            return ""
        if card[0] in ("markdown", "card-markdown"):
            return f"<p>{escape(str(card[1].get('markdown', '')), quote=False)}</p>"
        return card_html(str(card[0]), card[1])
    if kind == 2 and len(section) > 1:
        return card_html("image", {"src": section[1]})
    tag = str(section[1]).lower() if len(section) > 1 else "p"
    tag = tag if tag in TAGS else "p"
    if kind == 3 and len(section) > 2 and isinstance(section[2], list):
        items = "".join(f"<li>{markers_html(document, each)}</li>" for each in section[2] if isinstance(each, list))
        return f"<{tag}>{items}</{tag}>"
    inside = markers_html(document, section[2]) if len(section) > 2 and isinstance(section[2], list) else ""
    return f"<{tag}>{inside}</{tag}>" if inside else ""


def markers_html(document: dict[str, Any], markers: list[Any]) -> str:
    """Markers are [type, the markups that begin, how many end behind it, its text]."""
    markups = rows(document, "markups")
    out: list[str] = []
    begun: list[str] = []
    for marker in markers:
        if not isinstance(marker, list) or len(marker) < 4:
            continue
        for at in marker[1] if isinstance(marker[1], list) else []:
            markup = markups[at] if isinstance(at, int) and 0 <= at < len(markups) else ["span"]
            tag = str(markup[0]).lower()
            facts = markup[1] if len(markup) > 1 and isinstance(markup[1], list) else []
            href = str(facts[facts.index("href") + 1]) if "href" in facts[:-1] else ""
            begun.append(tag if tag in INLINE else "span")
            out.append(f'<a href="{escape(href)}">' if begun[-1] == "a" else f"<{begun[-1]}>")
        out.append("<br>" if marker[0] == 1 else escape(str(marker[3]), quote=False))
        for _each in range(marker[2] if isinstance(marker[2], int) else 0):
            if begun:
                out.append(f"</{begun.pop()}>")
    return "".join(out) + "".join(f"</{tag}>" for tag in reversed(begun))
