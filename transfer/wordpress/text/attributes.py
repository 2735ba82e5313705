"""Attributes of elements as the blog's sanitizer keeps them: sizes, anchors, alignment, and URLs of the new place."""

import re
from collections.abc import Callable
from html import escape

from transfer.wordpress.text.addresses import Addresses
from transfer.wordpress.text.scanner import Tag
from transfer.wordpress.text.tags import element

_ATTRIBUTES = {
    "a": "title", "blockquote": "cite", "col": "span", "colgroup": "span", "del": "cite datetime", "details": "open",
    "abbr": "title", "dfn": "title", "img": "title", "ins": "cite datetime", "li": "value", "ol": "reversed start type",
    "q": "cite", "source": "type", "td": "align colspan rowspan", "th": "align colspan rowspan scope",
    "time": "datetime", "video": "height width",
}  # fmt: skip
_EVERYWHERE = ("id", "lang", "dir")
_FLAGS = frozenset(("open", "reversed"))
_URLS = frozenset(("cite",))
_ALIGNED = frozenset(("alignleft", "alignright", "aligncenter"))
_ALIGNED_CELL = re.compile(r"text-align[-:]\s{0,3}(left|center|right)")
_BACKGROUND = re.compile(r"background-image:\s{0,9}url\(\s{0,9}['\"]?([^'\"()\s]{1,2000})")
_NUMBER = re.compile(r"\s{0,9}([0-9]{1,4})(?:\.[0-9]{1,9})?(?:px)?\s{0,9}")
_LANGUAGE = re.compile(r"(?:\A|[\s:])(?:language|lang|brush|lang-)[-:]\s{0,3}([A-Za-z0-9+#._-]{1,30})")
_PLACEHOLDER = re.compile(
    r"(?:blank|spacer|placeholder|lazy|grey|transparent|1x1|trans)[\w.-]{0,60}\.(?:gif|png|svg)\Z", re.I
)
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,30}):")
_LINK_SCHEMES = frozenset("http https mailto geo sms tel xmpp".split())
_FILE_SCHEMES = frozenset(("http", "https"))


class Attributes:
    """Reads the attributes of one text's tags. `note_loss` gets (kind, what) of what is left out."""

    def __init__(self, addresses: Addresses, note_loss: Callable[[str, str], None]) -> None:
        self.addresses, self.note_loss = addresses, note_loss

    def picture(self, tag: Tag) -> str:
        """An <img> with its size, alternative text and alignment; for a lazily loaded one the picture itself."""
        given = tag.attributes
        source = given.get("src", "").strip()
        others = [given.get(name, "") for name in ("data-orig-file", "data-large-file", "data-src", "data-lazy-src")]
        others = [each for each in [*others, *_in_srcset(given.get("srcset") or given.get("data-srcset", ""))] if each]
        if (not source or source.startswith("data:") or _PLACEHOLDER.search(source)) and others:
            source = given.get("data-src") or given.get("data-lazy-src") or others[0]
        if not self.is_allowed(source, _FILE_SCHEMES):
            return escape(given.get("alt", ""), quote=False)
        sizes = {name: _size(given.get(name, "")) for name in ("width", "height")}
        kept = {
            "class": self.classes("img", given),
            "src": self.addresses.picture(source, others),
            "alt": given.get("alt", ""),
            **sizes,
            "title": given.get("title", "") if given.get("title", "") != given.get("alt", "") else "",
        }
        return element("img", kept)

    def of(self, name: str, tag: Tag) -> dict[str, str]:
        """The attributes of an element with this new name."""
        given = tag.attributes
        kept: dict[str, str] = {}
        if not given and name not in ("audio", "video"):
            return kept
        if classes := self.classes(name, given):
            kept["class"] = classes
        if name == "a":
            if self.is_allowed(given.get("href", ""), _LINK_SCHEMES):
                kept["href"] = self.addresses.link(given["href"])
            if (anchor := given.get("id") or given.get("name", "")) and not anchor.startswith("wp-block-file--media"):
                kept["id"] = anchor
            if rel := " ".join(
                word for word in given.get("rel", "").split() if word in ("nofollow", "sponsored", "ugc")
            ):
                kept["rel"] = rel
        elif name in ("audio", "video"):
            kept["controls"] = ""
            if self.is_allowed(given.get("src", ""), _FILE_SCHEMES):
                kept["src"] = self.addresses.picture(given["src"])
            if self.is_allowed(given.get("poster", ""), _FILE_SCHEMES):
                kept["poster"] = self.addresses.picture(given["poster"])
        if name in ("td", "th") and (aligned := _ALIGNED_CELL.search(_cell_style(given))):
            kept["align"] = aligned[1]
        for key in (*_ATTRIBUTES.get(name, "").split(), *_everywhere(name)):
            value = given.get(key, "").strip()
            if key in given and key in _FLAGS:
                kept[key] = ""
            elif value and key not in kept:
                kept[key] = self.value(key, value)
        return {key: value for key, value in kept.items() if value or key in _FLAGS or key == "controls"}

    def value(self, key: str, value: str) -> str:
        if key in _URLS:
            return self.addresses.link(value) if self.is_allowed(value, _LINK_SCHEMES) else ""
        return _size(value) if key in ("width", "height") else value

    def file(self, url: str) -> str:
        """The new URL of a sound or video; "" for one that the blog does not keep."""
        return self.addresses.picture(url) if self.is_allowed(url, _FILE_SCHEMES) else ""

    def is_allowed(self, url: str, schemes: frozenset[str]) -> bool:
        """Whether the blog keeps such a URL; tells the scheme of one that it does not."""
        found = _SCHEME.match(url.strip())
        if found and found[1].lower() not in schemes:
            self.note_loss("html", f"{found[1].lower()}:")
            return False
        return bool(url.strip())

    def classes(self, name: str, given: dict[str, str]) -> str:
        """The classes that the blog's style sheets and highlighter know."""
        written = given.get("class", "")
        kept = [word for word in written.split() if word in _ALIGNED]
        if not kept and name in ("img", "table") and given.get("align") in ("left", "right", "center"):
            kept.append(f"align{given['align']}")
        if name == "figure" and "wp-block-gallery" in written.split():
            kept.append("wp-block-gallery")
        if name in ("pre", "code"):
            kept = []
            found = _LANGUAGE.search(written)
            language = found[1] if found else given.get("data-enlighter-language", "")
            if name == "code" and not language and re.fullmatch(r"[A-Za-z0-9+#-]{1,20}", given.get("lang", "")):
                language = given["lang"]
            if language.strip(".;").lower() not in ("", "plain", "text", "plaintext", "default", "generic"):
                kept.append(f"language-{language.strip('.;').lower()}")
        return " ".join(dict.fromkeys(kept))

    def background(self, tag: Tag, classes: str) -> str:
        """The picture of a block that has it as its background: of a cover it is shown, else it is a loss."""
        found = _BACKGROUND.search(tag.attributes.get("style", "")[:5_000])
        if not found:
            return ""
        if "wp-block-cover" not in classes and "wp-block-media-text" not in classes:
            self.note_loss("html", f"background-image: {found[1]}")
            return ""
        img = element("img", {"src": self.addresses.picture(found[1]), "alt": ""})
        return img if tag.name == "figure" else element("figure", {}, img)


def _everywhere(name: str) -> tuple[str, ...]:
    """The attributes that every element may have: the id of a link is read elsewhere, code has a program's language."""
    if name == "a":
        return ("lang", "dir")
    return ("id", "dir") if name in ("code", "pre") else _EVERYWHERE


def _cell_style(given: dict[str, str]) -> str:
    return f"{given.get('class', '')[:500]} {given.get('style', '')[:500]}"


def _in_srcset(text: str) -> list[str]:
    """URLs of a srcset, widest first."""
    found: list[tuple[float, str]] = []
    for entry in re.split(r",\s", text)[:50]:
        words = entry.split()
        if words:
            number = re.fullmatch(r"([0-9.]{1,8})[wx]", words[-1])
            try:
                found.append((float(number[1]) if number else 0, words[0].rstrip(",")))
            except ValueError:
                found.append((0, words[0].rstrip(",")))
    return [url for _, url in sorted(found, key=lambda entry: -entry[0])]


def _size(text: str) -> str:
    found = _NUMBER.fullmatch(text)
    return found[1] if found else ""
