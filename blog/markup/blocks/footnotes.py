"""Footnotes, numbered in the order in which the text refers to them; those without a reference come last.

`md.footnotes` (label → <li>) is set before inline parsing, which makes references only to known labels. After it,
`number_notes` sets `md.footnote_order`: the labels in the order of their first reference.
"""

from collections.abc import Iterator
from xml.etree.ElementTree import Element, SubElement

from django.utils.translation import gettext
from markdown import Markdown

BACK = "↩\ufe0e"  # with a variation selector: text, not emoji
MOST_WAYS_BACK = 100  # back links of one footnote; more would not be useful
_TARGET = "#fn:"


def add_notes(root: Element, notes: dict[str, Element], *, has_box: bool = False) -> None:
    """Add footnotes at the end of the text, in the order in which they were typed; `has_box`: to those there."""
    if has_box:
        root[-1][1].extend(notes.values())
    elif notes:
        box = SubElement(root, "div", {"class": "footnote"})
        SubElement(box, "hr")
        SubElement(box, "ol").extend(notes.values())


def reference(label: str) -> Element:
    """The reference in the text; `number_notes` adds its number after inline parsing."""
    mark = Element("sup")
    SubElement(mark, "a", {"class": "footnote-ref", "href": f"{_TARGET}{label}"})
    return mark


def number_notes(root: Element, md: Markdown) -> None:
    """Number the references, sort the footnotes and add links from each back to its references."""
    if not md.footnotes:
        return
    box = root[-1][1]
    marks: dict[str, list[Element]] = {}
    for mark in _references(root, skip=box):
        marks.setdefault(_label(mark), []).append(mark)
    order = list(marks)
    for label in order:  # grows while iterating, by labels that only other footnotes refer to
        for mark in _references(md.footnotes[label]):
            if _label(mark) not in marks:
                order.append(_label(mark))
            marks.setdefault(_label(mark), []).append(mark)
    for number, label in enumerate(order, start=1):
        for place, mark in enumerate(marks[label], start=1):
            if place <= MOST_WAYS_BACK:
                mark.set("id", _name(label, place))
            mark[0].text = str(number)
        places = range(1, min(len(marks[label]), MOST_WAYS_BACK) + 1)
        _lead_back(md.footnotes[label], number, [_name(label, place) for place in places])
    md.footnote_order = order
    box[:] = []
    for label in [*order, *(label for label in md.footnotes if label not in marks)]:
        md.footnotes[label].set("id", f"fn:{label}")
        box.append(md.footnotes[label])


def _references(element: Element, skip: Element | None = None) -> Iterator[Element]:
    if element.tag == "sup" and len(element) == 1 and element[0].get("class") == "footnote-ref":
        yield element
    for child in element:
        if child is not skip:
            yield from _references(child, skip)


def _label(mark: Element) -> str:
    return mark[0].get("href", "").removeprefix(_TARGET)


def _name(label: str, place: int) -> str:
    return f"fnref{place if place > 1 else ''}:{label}"


def _lead_back(note: Element, number: int, names: list[str]) -> None:
    holder = note[-1] if len(note) and note[-1].tag == "p" else SubElement(note, "p")
    for name in names:
        if len(holder):
            holder[-1].tail = (holder[-1].tail or "") + "\xa0"
        elif holder.text:
            holder.text += "\xa0"
        link = SubElement(holder, "a", {"class": "footnote-backref", "href": f"#{name}"})
        link.set("title", gettext("Jump back to footnote {} in the text").format(number))
        link.text = BACK
