"""Turns the text of one block into a flat list of text and tokens, in one pass and linear time.

CommonMark 0.31, section 6 and the appendix's "Phase 2"; GitHub's bare URLs and ~~strikethrough~~; `extended`
adds the syntax that is on for some posts only.
"""

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from typing import Any

from blog.markup import attributes
from blog.markup.iframes import page_of
from blog.markup.inlines import addresses, extended, links
from blog.markup.inlines.code_spans import TICKS, CodeSpans
from blog.markup.inlines.emphasis import pair, run_of
from blog.markup.inlines.escapes import PUNCTUATION, REFERENCE, encoded, resolved, unescaped
from blog.markup.inlines.tags import Tags, attributes_of
from blog.markup.inlines.tokens import Braces, Break, Close, Code, Fixed, Footnote, Open, Run, Tag
from blog.markup.link_references import normal_label
from blog.markup.notices import DROPPED, EMBED
from blog.markup.policies import COMMENT, POST, Policy
from blog.markup.raw_html import disposition

_COMMENT = re.compile(r"<!--(?:-?>)?")
# Emoticons and file name patterns in comments, which are no emphasis: "*_*", "_._", "*.*".
_SIGNS_BETWEEN = re.compile(r"(?<![\w*])\*[_.^=+~,;:?-]{1,3}\*(?![\w*])|(?<!\w)_[*.^=+~,;:?-]{1,3}_(?!\w)")
_INDENT = re.compile(r"\n[ \t]+")
# In comments a backslash is more often meant literally than as an escape: "¯\_(ツ)_/¯", "C:\Users\_me",
# "\\server\share".
_PATH = re.compile(r"(?<![^\s(\"'])(?:[A-Za-z]:|\\)\\(?:[^\s<>*|\"]|(?<=\\)\*|\*(?=\.))*+")
_ESCAPED_BY_READERS = re.compile(r"\\(?:[*`\[\]<&]|(?<=^\\)[-#+>=~]|(?<=\n\\)[-#+>=~]|(?<=[0-9]\\)[.)])")
_ESCAPED_UNDERSCORE = re.compile(r"(?<![^\s(\"'*\\])\\_(?=\w)|(?<=[^\W_])\\_(?!\w)")
_ARM = re.compile(r"\\\\(?:\\?_)?|\\_")


@dataclass(frozen=True)
class Dialect:
    """The syntax of a text, and what its blocks share: link references, footnote labels, unbalanced tags."""

    policy: Policy = POST
    extensions: bool = True
    extended: bool = False  # the syntax in `blog.markup.inlines.extended`
    references: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    footnotes: Container[str] = ()
    elsewhere: frozenset[str] = frozenset()
    inline_notes: dict[str, str] = field(default_factory=dict)  # label → text of `^[…]`; the scanner adds to it
    note_lines: dict[str, int] = field(default_factory=dict)  # label → line of the source, 0 if unknown
    takes_notes: bool = True  # whether `^[…]` is read
    told: set[str] = field(default_factory=set)  # limits of which the author is told, once for the whole text

    @property
    def signs(self) -> re.Pattern[str]:
        """The pattern for characters with a special meaning."""
        if self.for_readers:
            return _SIGNS_OF_READERS
        return _ALL_SIGNS if self.extended else _SIGNS_AND_MORE if self.extensions else _SIGNS

    @property
    def for_readers(self) -> bool:
        return self.policy is COMMENT


class Bracket:
    """An open "[" or "!["."""

    __slots__ = ("token", "run", "place", "picture", "holds_bracket")

    def __init__(self, token: int, run: int, place: int, picture: bool) -> None:
        self.token, self.run, self.place, self.picture = token, run, place, picture
        self.holds_bracket = False


class Scanner:
    def __init__(self, text: str, dialect: Dialect) -> None:
        text = text.strip(" \t\n")
        self.text = _INDENT.sub("\n", text) if "\n " in text or "\n\t" in text else text
        self.dialect = dialect
        self.notices: list[tuple[int, str, str]] = []  # line from 0, kind, what
        self.lines, self.lines_until = 0, 0
        self.out: list[Any] = []
        self.runs: list[Run] = []
        self.serial = 0
        self.brackets: list[Bracket] = []
        self.no_links_before = -1  # token index of the last link; a "[" before it cannot be a link too
        self.spans: CodeSpans | None = None
        self.tags: Tags | None = None
        self.note_ends: dict[int, int] | None = None  # index of each "[" → index of its "]"
        self.no_end_of_comment_from = len(self.text)

    def tokens(self) -> list[Any]:
        text, out, place = self.text, self.out, 0
        search = self.dialect.signs.search
        readers = _EXTENDED_READERS if self.dialect.extended else _READERS
        while found := search(text, place):
            start = found.start()
            if start > place:
                out.append(text[place:start])
            read = readers.get(text[start], Scanner.address)
            end = read(self, start)
            if end is None:
                out.append(Fixed(text[start]))
                end = start + 1
            place = end
        if place < len(text):
            out.append(text[place:])
        pair(self.runs)
        return out

    def line_at(self, place: int) -> int:
        """The line of a place, from 0. Places are asked for in order."""
        self.lines += self.text.count("\n", self.lines_until, place)
        self.lines_until = max(self.lines_until, place)
        return self.lines

    def notice(self, place: int, kind: str, what: str) -> None:
        self.notices.append((self.line_at(place), kind, what))

    def escape(self, place: int) -> int | None:
        sign = self.text[place + 1 : place + 2]
        if sign == "\n":
            self.out.append(Break())
            return place + 2
        if self.dialect.for_readers:
            return self.escape_of_reader(place)
        if sign not in PUNCTUATION or not sign:
            return None
        self.out.append(Fixed(sign))
        return place + 2

    def escape_of_reader(self, place: int) -> int | None:
        if path := _PATH.match(self.text, place):
            self.out.append(Fixed(path[0]))
            return path.end()
        if _ESCAPED_BY_READERS.match(self.text, place) or _ESCAPED_UNDERSCORE.match(self.text, place):
            self.out.append(Fixed(self.text[place + 1]))
            return place + 2
        if arm := _ARM.match(self.text, place):
            self.out.append(Fixed("\\_" if arm[0].endswith("_") else "\\"))
            return arm.end()
        return None

    def path(self, place: int) -> int | None:
        """A Windows path, in which no character has a special meaning."""
        if not self.dialect.for_readers or not (found := _PATH.match(self.text, place)):
            return None
        self.out.append(Fixed(found[0]))
        return found.end()

    def line_end(self, place: int) -> int:
        before = self.out[-1] if self.out else ""
        if type(before) is str and before.endswith(" "):
            self.out[-1] = before.rstrip(" ")
            if before.endswith("  "):
                self.out.append(Break())
                return place + 1
        self.out.append(Break() if self.dialect.for_readers else "\n")
        return place + 1

    def code(self, place: int) -> int:
        if self.spans is None:
            self.spans = CodeSpans(self.text)
        end = TICKS.match(self.text, place).end()  # type: ignore[union-attr]  # one stands here
        length = end - place
        closing = self.spans.closing(length, end)
        if closing is None:
            self.out.append(Fixed(self.text[place:end]))
            return end
        inside = self.text[end:closing].replace("\n", " ")
        if inside[:1] == inside[-1:] == " " and inside.strip(" "):
            inside = inside[1:-1]
        self.out.append(Code(inside))
        return closing + length

    def run(self, place: int) -> int:
        text, sign = self.text, self.text[place]
        if self.dialect.for_readers and (typed := _SIGNS_BETWEEN.match(text, place)):
            self.out.append(Fixed(typed[0]))
            return typed.end()
        end = place + 1
        while text.startswith(sign, end):
            end += 1
        self.serial += 1
        within = not self.dialect.for_readers
        run = run_of(sign, end - place, text[place - 1 : place], text[end : end + 1], self.serial, within_words=within)
        if run.can_open or run.can_close:
            self.runs.append(run)
            self.out.append(run)
        else:
            self.out.append(Fixed(text[place:end]))
        return end

    def open_bracket(self, place: int, *, picture: bool = False) -> int:
        if not picture and (end := self.footnote(place)):
            return end
        if self.brackets:
            self.brackets[-1].holds_bracket = True
        end = place + 1 + picture
        self.brackets.append(Bracket(len(self.out), len(self.runs), end, picture))
        self.out.append(Fixed(self.text[place:end]))
        return end

    def footnote(self, place: int) -> int | None:
        if not self.dialect.footnotes or not self.text.startswith("[^", place):
            return None
        found = links.label_at(self.text, place)
        if not found:
            return None
        label = normal_label(found[0][1:])
        if label not in self.dialect.footnotes:
            return None
        if self.brackets:
            self.brackets[-1].holds_bracket = True
        self.out.append(Footnote(label, self.text[place : found[1]]))
        return found[1]

    def picture(self, place: int) -> int | None:
        if self.dialect.for_readers or not self.text.startswith("[", place + 1):
            return None
        return self.open_bracket(place, picture=True)

    def close_bracket(self, place: int) -> int | None:
        if not self.brackets:
            return None
        bracket = self.brackets.pop()
        if not bracket.picture and bracket.token < self.no_links_before:
            return None
        target = self.target(bracket, place)
        if target is None:
            return None
        address, title, end = target
        self.name_what_is_refused(address, place)
        inside = self.runs[bracket.run :]
        del self.runs[bracket.run :]
        pair(inside)
        named = {"title": title} if title else {}
        if bracket.picture:
            self.out[bracket.token] = Open("img", {"src": address, **named})
        else:
            self.out[bracket.token] = Open("a", {"href": address, **named})
            self.no_links_before = bracket.token
        self.out.append(Close())
        return end

    def target(self, bracket: Bracket, place: int) -> links.Target | None:
        """The target of the link: from `](…)`, `][label]`, `][]` or the text as a label; None if there is none."""
        text, behind = self.text, place + 1
        if text.startswith("(", behind):
            found = links.inline_target(text, behind, picture=bracket.picture)
            if found and (not self.dialect.for_readers or _is_address(found[0])):
                return found
        if self.dialect.for_readers:
            return None
        label, end = "", behind
        if text.startswith("[", behind) and (named := links.label_at(text, behind)):
            label, end = named
        if not label and not bracket.holds_bracket and place - bracket.place < 1000:
            label = text[bracket.place : place]
        known = self.dialect.references.get(normal_label(label)) if label else None
        return (encoded(unescaped(known[0])), unescaped(known[1] or ""), end) if known else None

    def name_what_is_refused(self, address: str, place: int) -> None:
        scheme = links.scheme_of(address)
        if scheme and scheme not in self.dialect.policy.schemes:
            self.notice(place, DROPPED, f"{scheme}:")

    def angle(self, place: int) -> int | None:
        policy = self.dialect.policy
        if found := addresses.in_angles(self.text, place, policy.schemes, mail=not self.dialect.for_readers):
            self.out.append(found[0])
            return found[1]
        return None if self.dialect.for_readers else self.tag(place)

    def tag(self, place: int) -> int | None:
        if found := _COMMENT.match(self.text, place):
            return found.end() if found[0].endswith(">") else self.end_of_comment(place)
        if self.tags is None:
            self.tags = Tags(self.text, self.dialect.elsewhere)
        if found := self.tags.closing_at(place):
            self.out.append(Tag(found[0], found[1].lower(), closing=True))
        elif found := self.tags.opening_at(place):
            return self.opening_tag(found, place, self.tags)
        return found.end() if found else None

    def opening_tag(self, found: re.Match[str], place: int, tags: Tags) -> int:
        name, given = found[1].lower(), attributes_of(found[2])
        if name == "iframe":
            address = page_of(unescaped(given.get("src", "")))
            self.notice(place, EMBED if address else DROPPED, "<iframe>")
            if address:
                self.out += [Open("a", {"href": encoded(address)}), Fixed(address), Close()]
            return tags.end_of(name, found.end())
        if disposition(name) == "drop":
            self.notice(place, DROPPED, f"<{name}>")
            return tags.end_of(name, found.end())
        for attribute in ("href", "src"):
            self.name_what_is_refused(unescaped(given.get(attribute, "")), place)
        self.out.append(Tag(found[0], name, closing=False))
        return found.end()

    def end_of_comment(self, place: int) -> int | None:
        if place >= self.no_end_of_comment_from:
            return None
        end = self.text.find("-->", place + 4)
        if end < 0:
            self.no_end_of_comment_from = place
            return None
        return end + 3

    def reference(self, place: int) -> int | None:
        found = REFERENCE.match(self.text, place)
        character = resolved(found[0]) if found else None
        if found is None or character is None:
            return None
        self.out.append(Fixed(character))
        return found.end()

    def braces(self, place: int) -> int | None:
        if self.dialect.for_readers or not self.out or type(self.out[-1]) in (str, Fixed):
            return None
        found = attributes.braces_at(self.text, place)
        if not found:
            return None
        self.out.append(Braces(self.text[place : found[1]], found[0]))
        return found[1]

    def address(self, place: int) -> int | None:
        if self.text.startswith("\\", place + 2):
            return self.path(place)
        policy = self.dialect.policy
        found = addresses.bare(self.text, place, policy.schemes, in_brackets=bool(self.brackets))
        if not found:
            return None
        self.out.append(found[0])
        return found[1]


def _is_address(address: str) -> bool:
    """Whether a destination in a comment is meant as a URL, unlike the argument in `f[0](x)`."""
    return bool(links.scheme_of(address)) or address.startswith(("/", "#", "?"))


_READERS = {
    "\\": Scanner.escape,
    "\n": Scanner.line_end,
    "`": Scanner.code,
    "*": Scanner.run,
    "_": Scanner.run,
    "~": Scanner.run,
    "[": Scanner.open_bracket,
    "!": Scanner.picture,
    "]": Scanner.close_bracket,
    "<": Scanner.angle,
    "&": Scanner.reference,
    "{": Scanner.braces,
}
_EXTENDED_READERS = {**_READERS, **extended.READERS}
_SIGNS = re.compile(r"[\\\n`*_\[\]<&]|!(?=\[)")
_SIGNS_AND_MORE = re.compile(rf"{_SIGNS.pattern}|[~{{]|{addresses.BARE_BEGIN}")
_ALL_SIGNS = re.compile(rf"{_SIGNS_AND_MORE.pattern}|{extended.SIGNS}")
_SIGNS_OF_READERS = re.compile(rf"{_SIGNS.pattern}|{addresses.BARE_BEGIN}|(?<![^\s(\"'])[A-Za-z]:(?=\\)")
