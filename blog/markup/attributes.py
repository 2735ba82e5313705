"""Attributes in braces: `{#name .class key=value}`. Braces with anything else in them are plain text."""

import re
from xml.etree.ElementTree import Element

from markdown.extensions.attr_list import get_attrs_and_remainder, sanitize_name

_BRACES = re.compile(r"\{(?=:| *[#.][^\s\d.#}]| *[\w:-]{1,50}=):? *([^{}\n]{1,400})\}")


def braces_at(text: str, place: int) -> tuple[dict[str, str], int] | None:
    """(attributes, end index) of the braces at this index, or None."""
    found = _BRACES.match(text, place)
    return (_read(found[1]), found.end()) if found else None


def put(element: Element, attributes: dict[str, str]) -> None:
    for name, value in attributes.items():
        if name == "class" and element.get("class"):
            value = f"{element.get('class')} {value}"
        element.set(name, value)


def _read(words: str) -> dict[str, str]:
    attributes: dict[str, str] = {}
    for name, value in get_attrs_and_remainder(words)[0]:
        if name == ".":
            attributes["class"] = f"{attributes.get('class', '')} {value}".strip()
        else:
            attributes[sanitize_name(name)] = name if value is None else value
    return attributes
