"""Math: TeX as MathML, which browsers show without scripts.

While a text is parsed and sanitized, a formula is a <span class="longrun-math"> with the TeX. The sanitizers allow no
<math>; `typeset` puts it into their result, made only of the elements and attributes below.
"""

import re
from dataclasses import replace
from html import escape, unescape
from xml.etree.ElementTree import Element

from blog.markup.notices import MISTAKE, Notice
from blog.markup.render_result import Rendered

LONGEST = 2_000  # characters of a formula
MOST = 1_000  # formulas of a text
DEEPEST = 60  # nested elements of a formula

TAGS = frozenset(
    """math menclose mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow ms mspace msqrt mstyle
    msub msubsup msup mtable mtd mtext mtr munder munderover none""".split()
)
ATTRIBUTES = frozenset(
    """accent accentunder columnalign columnlines columnspacing depth display displaystyle fence form height
    largeop linethickness lspace mathsize mathvariant maxsize minsize movablelimits notation rowlines rowspacing rspace
    scriptlevel separator stretchy symmetric voffset width""".split()
)
_VALUE = re.compile(r"[A-Za-z0-9 .%+-]{1,60}")
_SPAN = re.compile(r'<span class="longrun-math( longrun-math--display)?">([^<]*)</span>')
_MATH = re.compile(r'<math [^>]*?alttext="([^"]*)"[^>]*>.*?</math>', re.DOTALL)


class NotTypeset(Exception):
    """The formula has a mistake, exceeds a limit or uses what we do not allow."""


def typeset(rendered: Rendered) -> Rendered:
    """The rendering with its formulas as MathML; one with a mistake is shown as code, and a notice names it."""
    if 'class="longrun-math' not in rendered.html:
        return rendered
    failed: list[str] = []
    html = _typeset(rendered.html, failed)
    notices = {*rendered.notices, *(Notice(0, MISTAKE, f"${tex[:60]}$") for tex in failed)}
    return replace(rendered, html=html, teaser_html=_typeset(rendered.teaser_html, []), notices=tuple(sorted(notices)))


def _typeset(html: str, failed: list[str]) -> str:
    made: dict[str, str] = {}

    def math(span: re.Match[str]) -> str:
        if span[0] not in made:
            tex = unescape(span[2])
            try:
                if len(made) >= MOST:
                    raise NotTypeset
                made[span[0]] = mathml_of(tex, display=bool(span[1]))
            except NotTypeset:
                failed.append(tex)
                made[span[0]] = f"<code>{span[2]}</code>"
        return made[span[0]]

    return _SPAN.sub(math, html)


def mathml_of(tex: str, *, display: bool) -> str:
    """The MathML of a formula. Raises NotTypeset."""
    from latex2mathml import converter  # loaded with the first formula

    if len(tex) > LONGEST:
        raise NotTypeset
    try:
        tree = converter.convert_to_element(tex, display="block" if display else "inline")
    except Exception as error:  # the library raises errors of many classes, IndexError and KeyError among them
        raise NotTypeset from error
    root = Element("math", {"display": "block"} if display else {})
    root.set("alttext", tex)
    return f"{_opening(root, ['alttext', 'display'])}{_inside(tree, 0)}</math>"


def _inside(element: Element, depth: int) -> str:
    if depth > DEEPEST:
        raise NotTypeset
    parts = [escape(unescape(element.text or ""), quote=False)]
    for child in element:
        if child.tag not in TAGS:
            raise NotTypeset
        parts += [
            _opening(child, sorted(ATTRIBUTES & child.attrib.keys())),
            _inside(child, depth + 1),
            f"</{child.tag}>",
        ]
        parts.append(escape(unescape(child.tail or ""), quote=False))
    return "".join(parts)


def _opening(element: Element, names: list[str]) -> str:
    given = [(name, element.attrib[name]) for name in names if name in element.attrib]
    kept = [f' {name}="{escape(value)}"' for name, value in given if name == "alttext" or _VALUE.fullmatch(value)]
    return f"<{element.tag}{''.join(kept)}>"


def as_source(html: str) -> str:
    """HTML with each formula as code, for feeds and emails: most of their readers drop MathML and leave its letters."""
    return _MATH.sub(r"<code>\1</code>", html) if "<math " in html else html
