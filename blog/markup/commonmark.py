"""What CommonMark and GitHub's tables read otherwise than Python-Markdown, where words or signs were lost by it.

"# C#" is called "C#", and "#running" is no heading (CommonMark 0.31, 4.2); a backslash escapes "<" (2.4) and breaks a
line that it ends (6.7); an address keeps the brackets that it opened, and a table may stand right below a line of text
(both GitHub). Braces are attributes only where attributes stand in them: "{a, b}" is words.
"""

import re
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.blockprocessors import HashHeaderProcessor
from markdown.extensions import Extension
from markdown.extensions.attr_list import AttrListTreeprocessor
from markdown.inlinepatterns import SubstituteTagInlineProcessor
from markdown.preprocessors import Preprocessor
from markdown.util import AtomicString
from pymdownx.magiclink import RE_LINK, MagiclinkPattern

from blog.markup.fences import lines_outside_code

_SHARP_BEFORE_BRACES = re.compile(r"(?<=[^\s\\])#(?= +\{[^{}]*\}$)")
_BETWEEN_HEAD_AND_ROWS = re.compile(r"\|? *:?-+:? *(?:\| *:?-+:? *)*\|? *")


class LikeCommonMark(Extension):
    """For readers and authors; after magiclink."""

    def extendMarkdown(self, md: Markdown) -> None:
        md.ESCAPED_CHARS.append("<")
        md.inlinePatterns.register(SubstituteTagInlineProcessor(r"\\\n", "br"), "backslash-break", 182)
        address = _Address(RE_LINK, md)
        address.config = md.inlinePatterns["magic-link"].config
        md.inlinePatterns.register(address, "magic-link", 85)


class LikeCommonMarkForAuthors(LikeCommonMark):
    """After attr_list, too."""

    def extendMarkdown(self, md: Markdown) -> None:
        super().extendMarkdown(md)
        md.preprocessors.register(_TablesApart(md), "tables-apart", 28)
        md.parser.blockprocessors.register(_Heading(md.parser), "hashheader", 70)
        md.treeprocessors.register(_Attributes(md), "attr_list", 8)


class _Heading(HashHeaderProcessor):
    RE = re.compile(r"(?:^|\n)(?P<level>#{1,6})(?=[ \n]|$)(?P<header>[^\n]*)(?:\n|$)")

    def run(self, parent: Element, blocks: list[str]) -> None:
        super().run(parent, blocks)
        heading = parent[-1]
        words = heading.text.rstrip("#")
        if not words or words.endswith(" "):
            heading.text = words.rstrip()
        # Behind braces the attributes' own reader takes "#" for the heading's closing ones.
        heading.text = _SHARP_BEFORE_BRACES.sub(r"\\#", heading.text)


class _Attributes(AttrListTreeprocessor):
    BASE_RE = r"\{(?=:| *[#.][^\s\d.#}]| *[\w:-]{1,50}=):?[ ]*([^\}\n ][^\n]*)\}"
    HEADER_RE = re.compile(rf"[ ]+{BASE_RE}[ ]*$")
    BLOCK_RE = re.compile(rf"\n[ ]*{BASE_RE}[ ]*$")
    INLINE_RE = re.compile(rf"^{BASE_RE}")


class _Address(MagiclinkPattern):
    def handleMatch(self, m: re.Match[str], data: str) -> tuple[Element, int, int]:
        link, start, end = super().handleMatch(m, data)
        opened = m["link"].count("(") - m["link"].count(")")
        closed = 0
        while closed < opened and data.startswith(")", end + closed):
            closed += 1
        link.text = AtomicString(link.text + ")" * closed)
        link.set("href", link.get("href") + ")" * closed)
        return link, start, end + closed


class _TablesApart(Preprocessor):
    """An empty line between a table and the text right above it."""

    def run(self, lines: list[str]) -> list[str]:
        out: list[str] = []
        outside = {place for place, _line in lines_outside_code("\n".join(lines))}
        place = 0
        for number, line in enumerate(lines):
            above = out[-1] if out else ""
            if place in outside and above.strip() and "|" not in above and _begins_table(lines[number : number + 2]):
                out.append("")
            out.append(line)
            place += len(line) + 1
        return out


def _begins_table(lines: list[str]) -> bool:
    if len(lines) < 2 or "|" not in lines[0] or "|" not in lines[1] or lines[0].startswith(" "):
        return False
    return bool(_BETWEEN_HEAD_AND_ROWS.fullmatch(lines[1]))
