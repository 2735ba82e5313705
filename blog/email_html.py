"""A post's HTML for emails: absolute URLs, one file for each picture, inline styles.

Mail programs load no style sheet and run no scripts, and some do not support <picture>. Works on HTML that our
sanitizer has written, as `blog.responsive_images` does. Colours that differ in dark mode are set by classes in the
email's <style> element; without it the text is dark on a light background.
"""

from urllib.parse import urljoin
from xml.etree.ElementTree import Element

from django.utils.translation import gettext as _

from blog.markup.dom import drop, free_tree, parse_html, unwrap, walk

SANS = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,sans-serif"
MONO = "font-family:ui-monospace,Menlo,Consolas,monospace;font-size:0.85em"
STYLES = {
    "a": "color:#3a5f2c;text-decoration:underline",
    "blockquote": "margin:1em 0;padding:0 0 0 1em;border-left:3px solid #8c8475",
    "code": MONO,
    "dd": "margin:0 0 0.75em 1.25em",
    "dt": "font-weight:bold",
    "figcaption": f"{SANS};font-size:0.8em;line-height:1.4;padding-top:0.4em",
    "figure": "margin:1.5em 0",
    "h2": "font-size:1.35em;line-height:1.25;font-weight:normal;margin:1.6em 0 0.5em",
    "h3": "font-size:1.15em;line-height:1.3;margin:1.5em 0 0.5em",
    "h4": "font-size:1em;margin:1.5em 0 0.5em",
    "hr": "border:0;border-top:1px solid #8c8475;margin:2em 25%",
    "img": "max-width:100%;height:auto;border:0;display:block",
    "li": "margin:0.25em 0",
    "ol": "margin:1em 0;padding-left:1.5em",
    "p": "margin:0 0 1em",
    "pre": f"{MONO};white-space:pre-wrap;overflow-wrap:anywhere;margin:1em 0;padding:0.75em 1em;background:#f4f0e6",
    "table": "border-collapse:collapse;margin:1em 0;width:100%",
    "td": "padding:0.35em 0.6em;border-bottom:1px solid #8c8475;vertical-align:top",
    "th": "padding:0.35em 0.6em;border-bottom:2px solid #8c8475;text-align:left;vertical-align:bottom",
    "ul": "margin:1em 0;padding-left:1.5em",
}
# The same for what is read from right to left: mail programs do not know the logical properties.
STYLES_RTL = STYLES | {
    "blockquote": "margin:1em 0;padding:0 1em 0 0;border-right:3px solid #8c8475",
    "dd": "margin:0 1.25em 0.75em 0",
    "ol": "margin:1em 0;padding-right:1.5em",
    "th": "padding:0.35em 0.6em;border-bottom:2px solid #8c8475;text-align:right;vertical-align:bottom",
    "ul": "margin:1em 0;padding-right:1.5em",
}
CLASSES = {"a": "l-link", "pre": "l-shade", "figcaption": "l-soft"}
KEPT = {"href", "src", "alt", "width", "height", "colspan", "rowspan", "start", "lang", "dir", "title", "cite"}
PLAYED = ("audio", "video", "iframe")


def inline_styles(html: str, url: str) -> str:
    """The HTML of a post whose page has the absolute URL `url`."""
    root = parse_html(html)
    for element in list(root.iter()):
        if element.tag in PLAYED:
            link_to_post(element, url)
    for parent, child in walk(root):
        if child.tag in ("source", "button"):
            drop(parent, child)
    for parent, child in reversed(list(walk(root))):  # innermost first: an unwrapped element no longer has its parent
        if child.tag in ("picture", "details"):
            unwrap(parent, child)
        elif child.tag == "summary":
            child.tag = "h4"
    for element in root.iter():
        if element is not root:
            plainly(element, url)
    return free_tree(root)


def link_to_post(element: Element, url: str) -> None:
    """Replace audio, video and iframes with a link to the file, or to the page."""
    where = element.get("src") or next((each.get("src") for each in element.iter("source")), None) or url
    tail = element.tail
    element.clear()
    element.tag, element.text, element.tail = "a", _("Play it on the page"), tail
    element.set("href", where)


def plainly(element: Element, url: str) -> None:
    """Keep only attributes that mail programs support, and add the inline style."""
    kept = {name: value for name, value in element.attrib.items() if name in KEPT}
    for name in ("href", "src", "cite"):
        if name in kept:
            try:
                kept[name] = urljoin(url, kept[name])
            except ValueError:  # an invalid URL such as "//[x]/"
                del kept[name]
    if element.tag in STYLES:
        kept["style"] = (STYLES_RTL if kept.get("dir") == "rtl" else STYLES)[element.tag]
    if element.tag in CLASSES:
        kept["class"] = CLASSES[element.tag]
    element.attrib.clear()
    element.attrib.update(kept)
