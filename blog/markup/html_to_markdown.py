"""HTML as Markdown. What Markdown has no words for stays HTML, which our Markdown keeps.

Input is sanitized HTML, as `render` gives it. Nothing here proves that the result shows the same: render it and compare
(blog.markup.rendered_parts).
"""

import re
from collections.abc import Callable, Iterator
from html import escape
from xml.etree.ElementTree import Element

from blog.markup.dom import free_tree, parse_html

BLOCKS = frozenset(
    """p h1 h2 h3 h4 h5 h6 ul ol li blockquote pre table hr dl dt dd figure figcaption div details summary audio video
    thead tbody tfoot tr td th caption colgroup col""".split()
)
HEADINGS = {f"h{level}": "#" * level for level in range(1, 7)}
MARKS = {"strong": "**", "em": "*", "b": "**", "i": "*", "del": "~~", "s": "~~"}
SPACE = re.compile(r"[ \t\r\n\f]+")
BLANK_LINES = re.compile(r"\n[ \t]*(?=\n)")
FENCE = re.compile(r"`{3,}")
LANGUAGE = re.compile(r"language-([\w+#.-]+)")
ALIGNMENTS = {"left": ":--", "right": "--:", "center": ":-:"}
# What begins a block at the start of a line; the backslash stands before its last character.
LINE_START = re.compile(r"^((?:[#>+=:|~-]|\d{1,9}[.)]))(?=[\s#>+=:|~-]|$)|^()(?=\{)")
PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
# Punctuation that Markdown may read as markup: a backslash before punctuation, code, emphasis (not a lone asterisk, nor
# an underscore within a word), a link, a tag, a reference like &amp;, strikethrough.
SPECIAL = re.compile(
    r"\\(?=[!-/:-@\[-`{-~])|`|\*(?!(?<=\s\*)\s)|(?<![^\W_])_|_(?![^\W_])|\[(?=[^\]]*\][(\[:])|\[(?=\^)|<(?=[A-Za-z/!?])"
    r"|&(?=#?\w+;)|~(?=~)|\](?=[(\[:])"
)
WIDE = 600  # pixels; a wider picture fills the column, whatever its width is


def html_to_markdown(html: str, *, careful: bool = False, prefix: str = "", more_text: str = "") -> str:
    """`careful` escapes all punctuation and leaves emphasis as HTML: uglier, and right in more cases.

    `prefix` is that of all ids in the HTML, `more_text` the words of its `<!--more-->` (see blog.markup.Rendered).
    Raises RecursionError for HTML that is nested too deeply.
    """
    root = parse_html(html.replace(f'id="{prefix}', 'id="').replace(f'href="#{prefix}', 'href="#'))
    targets = {element.get("href", "")[1:] for element in root.iter("a") if element.get("href", "").startswith("#")} - {
        ""
    }
    return "\n\n".join(Writer(targets, careful, more_text).blocks(root)) + "\n"


class Writer:
    def __init__(self, targets: set[str], careful: bool, more_text: str) -> None:
        self.targets, self.careful = targets, careful
        self.more = f"<!--more {more_text}-->" if more_text else "<!--more-->"

    # Blocks

    def blocks(self, element: Element) -> list[str]:
        """The blocks inside an element; text and inline elements between them are paragraphs."""
        found: list[str] = []
        run: list[Element | str] = [element.text or ""]
        for child in element:
            if is_block(child):
                found += self.paragraph(run)
                found += self.block(child)
                run = [child.tail or ""]
            else:
                run += [child, child.tail or ""]
        found += self.paragraph(run)
        return avoid_joined_lists(found)

    def block(self, element: Element) -> list[str]:
        tag = element.tag
        if tag == "div" and not self.needs_html(element):
            return self.blocks(element)
        write = getattr(self, f"write_{'heading' if tag in HEADINGS else tag}", None)
        written = None if write is None or self.needs_html(element) else write(element)
        if written is None:
            return [as_html(element)]
        return [written] if written else []

    def needs_html(self, element: Element) -> bool:
        """Whether attributes say what Markdown cannot: an anchor of a link, alignment, language, direction."""
        if element.tag in HEADINGS and element.get("id") in self.targets:
            return False  # written with its name
        return (
            element.get("id") in self.targets
            or bool(alignment_of(element))
            or any(element.get(name) for name in ("lang", "title", "cite", "type", "reversed", "value"))
            or element.get("dir") in ("rtl", "auto")
        )

    def paragraph(self, run: list[Element | str]) -> list[str]:
        text = self.inline_run(run).strip(" \n")
        return ["\n".join(self.safe_start(line) for line in text.split("\n"))] if text else []

    def safe_start(self, line: str) -> str:
        """The line, without anything at its start that begins a block."""
        found = LINE_START.match(line)
        if not found:
            return line
        at = max(found.end() - 1, 0) if found[0] else 0
        return f"{line[:at]}\\{line[at:]}"

    def write_p(self, element: Element) -> str:
        return "".join(self.paragraph([element.text or "", *with_tails(element)]))

    def write_heading(self, element: Element) -> str:
        text = self.inline(element).replace("\\\n", " ").replace("\n", " ").strip()
        name = f" {{#{element.get('id')}}}" if element.get("id") in self.targets else ""
        return f"{HEADINGS[element.tag]} {text}{name}" if text else ""

    def write_hr(self, element: Element) -> str:
        return "---"

    def write_pre(self, element: Element) -> str | None:
        is_marked = len(element) == 1 and element[0].tag == "code" and not (element.text or "").strip()
        holder = element[0] if is_marked else element
        if any(child.tag not in ("span", "code") for child in holder.iter() if child is not holder):
            return None
        text = "".join(element.itertext())
        language = LANGUAGE.search(f"{element.get('class', '')} {holder.get('class', '')}")
        longest = max((len(run) for run in FENCE.findall(text)), default=2)
        fence = "`" * (longest + 1)
        return f"{fence}{language[1] if language else ''}\n{text.removesuffix(chr(10))}\n{fence}"

    def write_blockquote(self, element: Element) -> str:
        lines = "\n\n".join(self.blocks(element)).split("\n")
        return "\n".join(f"> {line}".rstrip() for line in lines)

    def write_ul(self, element: Element) -> str | None:
        return self.list_of(element, lambda number: "- ")

    def write_ol(self, element: Element) -> str | None:
        start = element.get("start", "1")
        first = int(start) if start.isdecimal() else None
        return None if first is None else self.list_of(element, lambda number: f"{first + number}. ")

    def list_of(self, element: Element, marker: Callable[[int], str]) -> str | None:
        if any(child.tag != "li" or self.needs_html(child) or (child.tail or "").strip() for child in element):
            return None
        if (element.text or "").strip() or not len(element):
            return None
        is_loose = any(child.tag == "p" for item in element for child in item)
        written = []
        for number, item in enumerate(element):
            sign = marker(number)
            inside = ("\n\n" if is_loose else "\n").join(self.blocks(item))
            indent = " " * len(sign)
            lines = inside.split("\n")
            written.append(sign + "\n".join(indent + line if at and line else line for at, line in enumerate(lines)))
        return ("\n\n" if is_loose else "\n").join(each.rstrip() for each in written)

    def write_dl(self, element: Element) -> str | None:
        lines: list[str] = []
        for child in element:
            if child.tag not in ("dt", "dd") or any(map(is_block, child)) or (child.tail or "").strip():
                return None
            text = self.inline(child).replace("\\\n", " ").replace("\n", " ").strip()
            if child.tag == "dt":
                lines += ["", text] if lines and lines[-1].startswith(":") else [text]
            else:
                lines.append(f": {text}")
        return "\n".join(lines)

    def write_figure(self, element: Element) -> str | None:
        """A picture alone; one with a caption stays HTML."""
        only = element[0] if len(element) == 1 else None
        if only is None or (element.text or "").strip() or (only.tail or "").strip():
            return None
        picture = only[0] if only.tag == "a" and len(only) == 1 else only
        return "".join(self.paragraph([only])) if picture.tag == "img" else None

    def write_table(self, element: Element) -> str | None:
        """A table with a head, without cells that span others or contain blocks."""
        rows = list(element.iter("tr"))
        cells = [[cell for cell in row if cell.tag in ("td", "th")] for row in rows]
        others = {child.tag for child in element.iter()} & {"caption", "col", "tfoot"}
        nested = sum(child.tag == "table" for child in element.iter()) > 1
        if len(rows) < 2 or others or nested or len({len(row) for row in cells}) != 1 or not cells[0]:
            return None
        if any(cell.tag != "th" for cell in cells[0]) or any(cell.tag == "th" for row in cells[1:] for cell in row):
            return None
        if any(cell.get("colspan") or cell.get("rowspan") or any(map(is_block, cell)) for row in cells for cell in row):
            return None
        lines = ["| " + " | ".join(map(self.cell, row)) + " |" for row in cells]
        rules = [ALIGNMENTS.get(alignment_of(cell).removeprefix("align"), "---") for cell in cells[0]]
        return "\n".join([lines[0], "| " + " | ".join(rules) + " |", *lines[1:]])

    def cell(self, element: Element) -> str:
        text = self.inline(element).replace("\\\n", "<br>").replace("\n", " ").strip()
        return re.sub(r"(?<!\\)\|", r"\\|", text)

    # Text and inline elements

    def inline(self, element: Element) -> str:
        return self.inline_run([element.text or "", *with_tails(element)])

    def inline_run(self, run: list[Element | str]) -> str:
        return "".join(self.text(each) if isinstance(each, str) else self.element(each) for each in run)

    def text(self, text: str) -> str:
        text = SPACE.sub(" ", text)
        if self.careful:
            return PUNCTUATION.sub(r"\\\1", text)
        return SPECIAL.sub(r"\\\g<0>", text)

    def element(self, element: Element) -> str:
        tag = element.tag
        if tag == "br":
            return "\\\n"
        if tag == "img":
            return self.picture(element)
        if tag == "a":
            return self.link(element)
        if tag == "code" and not len(element) and not element.attrib:
            return code_span(element.text or "") or tagged(element, "")
        inside = self.inline(element)
        if tag == "span" and element.get("id") == "more" and not inside:
            return self.more
        if tag == "span" and not (set(element.attrib) - {"class"}) and not alignment_of(element):
            return inside
        if tag in MARKS and not (set(element.attrib) - {"class"}) and not self.careful:
            return with_delimiters(inside, MARKS[tag])
        return tagged(element, inside)

    def link(self, element: Element) -> str:
        href, inside = element.get("href", ""), self.inline(element)
        more = set(element.attrib) - {"href", "title", "class", "dir"} or element.get("id") in self.targets
        if not href or more or not inside.strip() or "\\\n" in inside or re.search(r"[\s<>]", href):
            return tagged(element, inside)
        text = "".join(element.itertext())
        if text == href and not len(element) and href.startswith(("http://", "https://")) and not element.get("title"):
            return f"<{href}>"
        before, words, after = split_surrounding_spaces(inside)
        return f"{before}[{words}]({target(href)}{title_of(element)}){after}"

    def picture(self, element: Element) -> str:
        src = element.get("src", "")
        if not src or re.search(r"[\s<>]", src):
            return tagged(element, "")
        alt = element.get("alt", "")
        alt = PUNCTUATION.sub(r"\\\1", alt) if self.careful or re.search(r"[\[\]\\]", alt) else self.text(alt)
        written = f"![{SPACE.sub(' ', alt)}]({target(src)}{title_of(element)})"
        return written + attributes_of_picture(element)


def is_block(element: Element) -> bool:
    """Whether it is one, or has one inside, as links around figures do."""
    return element.tag in BLOCKS or any(child.tag in BLOCKS for child in element.iter() if child is not element)


def with_tails(element: Element) -> Iterator[Element | str]:
    for child in element:
        yield child
        yield child.tail or ""


def alignment_of(element: Element) -> str:
    """ "alignleft", "alignright", "aligncenter", or ""."""
    names = [name for name in element.get("class", "").split() if name in ("alignleft", "alignright", "aligncenter")]
    return names[0] if names else f"align{element.get('align')}" if element.get("align") else ""


def as_html(element: Element) -> str:
    """The element as HTML. A blank line would end it."""
    holder = Element("root")
    tail, element.tail = element.tail, None
    holder.append(element)
    html = free_tree(holder)
    element.tail = tail
    return BLANK_LINES.sub("", html).strip()


def tagged(element: Element, inside: str) -> str:
    """An inline element as HTML around Markdown."""
    attributes = "".join(f' {name}="{escape(value)}"' for name, value in element.attrib.items())
    end = "" if element.tag in ("img", "wbr", "br") else f"{inside}</{element.tag}>"
    return f"<{element.tag}{attributes}>{end}"


def split_surrounding_spaces(text: str) -> tuple[str, str, str]:
    """(blanks before, the words, blanks after)."""
    words = text.strip(" ")
    before = text[: len(text) - len(text.lstrip(" "))]
    return before, words, text[len(before) + len(words) :]


def with_delimiters(inside: str, sign: str) -> str:
    before, words, after = split_surrounding_spaces(inside)
    return f"{before}{sign}{words}{sign}{after}" if words else inside


def code_span(text: str) -> str:
    """Code between as many backticks as it needs; "" for what cannot be said so."""
    if not text.strip() or "\n" in text:
        return ""
    ticks = "`" * (max((len(run) for run in re.findall(r"`+", text)), default=0) + 1)
    needs_blank = text[0] in "` " or text[-1] in "` "
    return f"{ticks} {text} {ticks}" if needs_blank else f"{ticks}{text}{ticks}"


def target(url: str) -> str:
    """A URL inside the brackets of a link."""
    return f"<{url}>" if re.search(r"[()\\]", url) else url.replace("*", "%2A") if "**" in url else url


def title_of(element: Element) -> str:
    title = SPACE.sub(" ", element.get("title", ""))
    escaped = re.sub(r'["\\]', r"\\\g<0>", title)
    return f' "{escaped}"' if title else ""


def attributes_of_picture(element: Element) -> str:
    """Alignment and a width below that of the column, in braces."""
    words = [f".{alignment_of(element)}"] if alignment_of(element) else []
    width, height = element.get("width", ""), element.get("height", "")
    if width.isdecimal() and int(width) < WIDE:
        words += [f"width={width}", *([f"height={height}"] if height.isdecimal() else [])]
    return f"{{{' '.join(words)}}}" if words else ""


def avoid_joined_lists(blocks: list[str]) -> list[str]:
    """Give the second of two lists that follow each other another bullet or delimiter, or they would be one."""
    found: list[str] = []
    for block in blocks:
        if found and (kind := list_kind(found[-1])) and kind == list_kind(block):
            block = relist(block, kind)
        found.append(block)
    return found


def list_kind(block: str) -> str:
    if block.startswith(("- ", "* ")):
        return block[0]
    number = re.match(r"\d{1,9}([.)]) ", block)
    return number[1] if number else ""


def relist(block: str, kind: str) -> str:
    if kind in "-*":
        other = "*" if kind == "-" else "-"
        return re.sub(rf"(?m)^\{kind} ", f"{other} ", block)
    other = ")" if kind == "." else "."
    return re.sub(rf"(?m)^(\d{{1,9}})\{kind} ", rf"\1{other} ", block)
