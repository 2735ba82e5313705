"""Galleries: pictures that follow one another, side by side in rows.

`gather` groups them in the tree of a post; `blog.gallery_shapes` adds the shape of each one.
"""

import re
from xml.etree.ElementTree import Element

from blog.markup.dom import is_blank

GALLERY = "longrun-gallery"

_SCHEME = re.compile(r"//|[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def gather(root: Element) -> None:
    """Put two or more pictures in a row, each in a paragraph of its own or all in one, into a gallery."""
    for parent in list(root.iter()):
        if parent.tag in ("root", "div", "blockquote", "li", "section", "details") and parent.get("class") != GALLERY:
            _gather_children(parent)


def _gather_children(parent: Element) -> None:
    kept: list[Element] = []
    run: list[Element] = []

    def settle() -> None:
        if len(run) > 1:
            box = Element("div", {"class": GALLERY})
            box.text, box.tail = "\n", run[-1].tail
            for figure in run:
                figure.tail = "\n"
            box.extend(run)
            kept.append(box)
        else:
            kept.extend(run)
        run.clear()

    for child in parent:
        pictures = _pictures_of(child)
        if pictures:
            run.extend(pictures)
            if not is_blank(child.tail):
                settle()
        else:
            settle()
            kept.append(child)
    settle()
    parent[:] = kept


def _pictures_of(element: Element) -> list[Element]:
    """The figures of a picture or of a paragraph of nothing but pictures; none of one that is aligned or named."""
    if element.attrib.keys() - {"dir"} or not is_blank(element.text):
        return []
    if element.tag == "figure":
        return [element] if len(element) and _is_picture(element[0]) else []
    if element.tag != "p" or len(element) < 2:
        return []
    pictures = [child for child in element if child.tag != "br"]
    if not pictures or not all(is_blank(child.tail) for child in element) or not all(map(_is_own_picture, pictures)):
        return []
    figures = []
    for picture in pictures:
        figure = Element("figure")
        picture.tail = None
        figure.append(picture)
        image = picture[0] if picture.tag == "a" else picture
        if title := image.attrib.pop("title", "").strip():
            caption = Element("figcaption")
            caption.text = title
            figure.append(caption)
        figures.append(figure)
    figures[-1].tail = element.tail
    return figures


def _is_picture(element: Element) -> bool:
    if element.tag == "a" and len(element) == 1 and is_blank(element.text) and is_blank(element[0].tail):
        element = element[0]
    return element.tag == "img" and not element.get("class")


def _is_own_picture(element: Element) -> bool:
    """A picture of this site: several small ones from elsewhere in one paragraph are badges."""
    image = element[0] if element.tag == "a" and len(element) else element
    return _is_picture(element) and not _SCHEME.match(image.get("src", ""))
