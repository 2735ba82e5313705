"""Changes to sanitized HTML: heading levels and ids, table of contents, figures, galleries, task lists, link targets.

Works on the element tree, whether the source was Markdown or HTML; the result is sanitized once more (`nh3_clean`).
"""

import re
from copy import deepcopy
from dataclasses import dataclass
from urllib.parse import unquote
from xml.etree.ElementTree import Element, SubElement

from django.utils.translation import gettext

from blog.markup import galleries
from blog.markup.address_lines import set_apart
from blog.markup.dom import DROPPED, KEPT, UNWRAPPED, VOID, is_blank, prune
from blog.markup.policies import Policy
from blog.markup.read_more import cut, place
from blog.markup.text_extraction import plain
from blog.slugs import slugify

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_HOMES = {
    "dd": {"dl"},
    "dt": {"dl"},
    "figcaption": {"figure"},
    "li": {"ol", "ul"},
    "rp": {"ruby"},
    "rt": {"ruby"},
    "source": {"audio", "video"},
    "summary": {"details"},
}
_TASK = re.compile(r"\s*\[([ xX])\]\s+")
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True)
class Finished:
    root: Element
    toc: Element | None
    teaser: Element | None


def finish(root: Element, policy: Policy, *, prefix: str, more: str, tasks: bool) -> Finished:
    """Apply all changes to the tree. `prefix` begins every id; `more` is the placeholder where the teaser ends, or "";
    `tasks`: whether it was Markdown, where `[x]` makes a task list and pictures in a row a gallery."""
    unwrap_idle_links(root)
    if not policy.ids:
        return Finished(root, None, None)
    wrap_loose_content(root)
    settle_pictures(root)
    align_by_class(root)
    if tasks:
        mark_tasks(root)
    set_apart(root)
    make_figures(root)
    if tasks:
        galleries.gather(root)
    drop_empty_paragraphs(root)
    target = place(root, more) if more else None
    level_headings(root)
    names = name_headings_and_targets(root, prefix)
    point_links(root, names)
    toc = contents(root)
    place_contents(root, toc)
    teaser = None if target is None else cut(root, target, f"{prefix}more")
    return Finished(root, toc, teaser)


def unwrap_idle_links(root: Element) -> None:
    """Replace links whose URL was removed by their content."""

    def fate(parent: Element, child: Element) -> str:
        is_idle = child.tag == "a" and child.attrib.keys().isdisjoint({"href", "id", "name"})
        return UNWRAPPED if is_idle else KEPT

    prune(root, fate)


def wrap_loose_content(root: Element) -> None:
    """Turn elements outside of their required parent (see _HOMES) into a div or span; drop empty ones."""

    def fate(parent: Element, child: Element) -> str:
        if child.tag not in _HOMES or parent.tag in _HOMES[child.tag]:
            return KEPT
        if child.tag in VOID:
            return DROPPED
        child.tag = "span" if child.tag in ("rp", "rt") else "div"
        child.attrib.pop("value", None)
        return KEPT

    prune(root, fate)


def settle_pictures(root: Element) -> None:
    """Give every image an `alt` and lazy loading; replace one without `src` by its `alt`."""

    def fate(parent: Element, child: Element) -> str:
        if child.tag != "img":
            return KEPT
        if not child.get("src"):
            child.tail = child.get("alt", "") + (child.tail or "")
            return DROPPED
        child.attrib.update(alt=child.get("alt", ""), decoding="async", loading="lazy")
        return KEPT

    prune(root, fate)


def align_by_class(root: Element) -> None:
    """Replace the obsolete attribute `align` of table cells by a class."""
    for cell in root.iter():
        if where := cell.attrib.pop("align", None):
            _add_class(cell, f"align-{where}")


def mark_tasks(root: Element) -> None:
    """Turn `[ ]` and `[x]` at the start of a list item into a check box character with a label for screen readers."""
    for item in list(root.iter("li")):
        holder = item[0] if is_blank(item.text) and len(item) and item[0].tag == "p" else item
        text = holder.text or ""
        state = _TASK.match(text)
        if not state:
            continue
        done = state[1] != " "
        mark = Element("span", {"class": "task__mark", "role": "img"})
        mark.set("aria-label", gettext("Done") if done else gettext("To do"))
        mark.text = "☑" if done else "☐"
        mark.tail = " " + text[state.end() :]
        holder.text = None
        holder.insert(0, mark)
        _add_class(item, "task task--done" if done else "task")


def make_figures(root: Element) -> None:
    """Turn an image alone in its paragraph into a figure, its title into the caption."""
    typed = {id(child) for figure in root.iter("figure") for child in figure}
    for paragraph in list(root.iter("p")):
        holder = paragraph
        if len(holder) == 1 and holder[0].tag == "a" and _holds_only_its_child(holder):
            holder = holder[0]
        if len(holder) != 1 or holder[0].tag != "img" or not _holds_only_its_child(holder):
            continue
        picture = holder[0]
        paragraph.tag = "div" if id(paragraph) in typed else "figure"  # do not nest in a typed figure
        paragraph.text = holder.text = picture.tail = None
        paragraph[0].tail = None
        if paragraph.tag == "figure" and (title := picture.attrib.pop("title", "").strip()):
            SubElement(paragraph, "figcaption").text = title


def _holds_only_its_child(element: Element) -> bool:
    return is_blank(element.text) and is_blank(element[0].tail)


def drop_empty_paragraphs(root: Element) -> None:
    def fate(parent: Element, child: Element) -> str:
        return DROPPED if child.tag == "p" and not len(child) and is_blank(child.text) else KEPT

    begun = [pre for pre in root.iter("pre") if not pre.text and len(pre) and fate(pre, pre[0]) == DROPPED]
    prune(root, fate)
    for pre in begun:  # parsers ignore a newline at the start of <pre> (HTML standard)
        pre.text = (pre.text or "").removeprefix("\n")


def level_headings(root: Element) -> None:
    """Renumber the heading levels used in the text to h2, h3 … without gaps: h1 is the title of the page."""
    headings = [element for element in root.iter() if element.tag in HEADINGS]
    used = sorted({heading.tag for heading in headings})
    level = {tag: f"h{min(place, 6)}" for place, tag in enumerate(used, start=2)}
    for heading in headings:
        heading.tag = level[heading.tag]


def name_headings_and_targets(root: Element, prefix: str) -> dict[str, str]:
    """Give every heading an id, and every id the prefix; returns {old id: new id}."""
    names: dict[str, str] = {}
    used: dict[str, int] = {}
    for element in root.iter():
        given = element.attrib.pop("id", "") or element.attrib.get("name", "")
        element.attrib.pop("name", None)
        wanted = _without_spaces(given)
        if element.tag in HEADINGS and not wanted:
            wanted = slugify(plain(element)) or "section"  # without numbers of footnotes
        if not wanted:
            continue
        new = wanted if wanted.startswith(prefix) else prefix + wanted
        new = _free(new[:200], used)
        element.set("id", new)
        names.setdefault(wanted, new)
    return names


def _without_spaces(name: str) -> str:
    return _SPACES.sub("-", name.strip())


def _free(name: str, used: dict[str, int]) -> str:
    free = name
    while free in used:
        used[name] += 1
        free = f"{name}-{used[name]}"
    used[free] = 1
    return free


def point_links(root: Element, names: dict[str, str]) -> None:
    """Change fragment links to the new ids ("#caf%C3%A9" finds "Café"); those to ids outside of the text stay."""
    for link in root.iter("a"):
        target = link.get("href", "")
        if target.startswith("#"):
            wanted = _without_spaces(unquote(target[1:]))
            link.set("href", "#" + (names.get(wanted) or names.get(slugify(wanted)) or target[1:]))


def contents(root: Element) -> Element | None:
    """The table of contents, nested like the headings; None with fewer than two headings."""
    headings = [element for element in root.iter() if element.tag in HEADINGS]
    if len(headings) < 2:
        return None
    box = Element("div", {"class": "toc"})
    lists = [(1, SubElement(box, "ul"))]
    for heading in headings:
        level = int(heading.tag[1])
        while level < lists[-1][0] and len(lists) > 1:
            lists.pop()
        if level > lists[-1][0] and len(lists[-1][1]):
            lists.append((level, SubElement(lists[-1][1][-1], "ul")))
        elif level > lists[-1][0]:
            lists[-1] = (level, lists[-1][1])
        entry = SubElement(SubElement(lists[-1][1], "li"), "a", {"href": f"#{heading.get('id')}"})
        entry.text = " ".join(plain(heading).split())
    return box


def place_contents(root: Element, toc: Element | None) -> None:
    """Put the table of contents in place of the first [TOC] and remove the others."""
    places = [p for p in root.iter("p") if not len(p) and (p.text or "").strip().lower() == "[toc]"]
    if places and toc is not None:
        first = places.pop(0)
        tail = first.tail
        first.clear()
        first.tag, first.tail = toc.tag, tail
        first.attrib.update(toc.attrib)
        first.extend(deepcopy(list(toc)))
    surplus = set(places)
    if surplus:
        prune(root, lambda parent, child: DROPPED if child in surplus else KEPT)


def _add_class(element: Element, name: str) -> None:
    element.set("class", f"{element.get('class', '')} {name}".strip())
