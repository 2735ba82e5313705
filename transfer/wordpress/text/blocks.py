"""The block comments of WordPress's editor: `<!-- wp:name {json} -->…<!-- /wp:name -->`, `<!-- wp:name {json} /-->`.

Most blocks hold their HTML, so that it is enough to take their comments out; this module cuts a text into parts and
tells, for each, how it is to be read. Source: the block grammar of WordPress's documentation ("Key Concepts: Data and
Attributes") and the saved markup of core's blocks.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

HTML, CLASSIC, FINISHED = "html", "classic", "finished"

_COMMENT = re.compile(r"<!--\s+(/?)wp:([a-z][a-z0-9_-]*(?:/[a-z][a-z0-9_-]*)?)\s")
_VOID = re.compile(r"/\s*\Z")
_URL = re.compile(r"https?://[^\s<>\"]+")
DEEPEST = 200
MOST_CHARACTERS = 4_000_000  # of one text with its reusable blocks

# Blocks that the server fills: there is nothing of them in the text.
DYNAMIC = frozenset(
    """archives avatar calendar categories comments-query-loop latest-comments latest-posts loginout navigation
    page-list pattern post-content post-date post-excerpt post-featured-image post-terms post-title query rss search
    site-logo site-tagline site-title tag-cloud template-part""".split()
)
CORE = frozenset(
    """accordion accordion-heading accordion-item accordion-panel audio block button buttons code column columns cover
    details embed file footnotes freeform gallery group heading html image list list-item math media-text missing more
    nextpage paragraph preformatted pullquote quote read-more separator shortcode social-link social-links spacer
    subhead table text-columns verse video""".split()
)


@dataclass
class Block:
    name: str  # without "core/"
    attributes: dict[str, Any] = field(default_factory=dict)
    parts: list["Block | str"] = field(default_factory=list)
    closed: bool = True


def has_blocks(text: str) -> bool:
    """Whether WordPress takes the text for blocks: then it makes no paragraphs itself."""
    return "<!-- wp:" in text


def parse(text: str) -> Block:
    """The blocks of a text, as the parts of a nameless one. A block without its end goes to the end of the block
    around it; a closing comment without its opening one is left out, as is nesting below 200."""
    root = Block("")
    above = [root]
    place = 0
    for start, end, closes, name, attributes, is_void in _comments(text):
        if text[place:start]:
            above[-1].parts.append(text[place:start])
        place = end
        if closes:
            names = [block.name for block in above[1:]]
            if name in names:
                del above[len(names) - names[::-1].index(name) :]
        elif len(above) <= DEEPEST:
            block = Block(name, attributes)
            above[-1].parts.append(block)
            if not is_void:
                above.append(block)
    if text[place:]:
        above[-1].parts.append(text[place:])
    return root


def _comments(text: str) -> Iterator[tuple[int, int, bool, str, dict[str, Any], bool]]:
    place = 0
    while found := _COMMENT.search(text, place):
        end = text.find("-->", found.end() - 1)
        if end < 0:
            return
        place = end + 3
        inside = text[found.end() : end]
        is_void = bool(_VOID.search(inside[-20:]))
        inside = inside.rstrip().removesuffix("/") if is_void else inside
        yield found.start(), place, bool(found[1]), found[2].removeprefix("core/"), _attributes(inside), is_void


def _attributes(text: str) -> dict[str, Any]:
    text = text.strip()
    if not text.startswith("{"):
        return {}
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _background(attributes: dict[str, Any]) -> str:
    """The URL of the picture behind a block, which its theme writes into no HTML; "" without one."""
    found: Any = attributes
    for name in ("style", "background", "backgroundImage", "url"):
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, str) else ""


def text_in(block: Block) -> str:
    """The HTML of a block with that of the blocks in it, without comments."""
    done: list[str] = []
    waiting: list[Block | str] = [block]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            done.append(part)
        else:
            waiting.extend(reversed(part.parts))
    return "".join(done)


Part = tuple[str, str]  # (HTML, CLASSIC or FINISHED; text)


class Reader:
    """Cuts the blocks of a text into parts, in order, adjacent ones of a kind joined.

    `special` has a function for each block that needs more than its own HTML: it gets the block and returns finished
    HTML, or None to use the HTML as it is. `note_loss` is called with (kind, what) for what is not carried as it was.
    """

    def __init__(
        self,
        reusable: Callable[[int], str | None],
        special: dict[str, Callable[[Block], str | None]],
        note_loss: Callable[[str, str], None],
    ) -> None:
        self.reusable, self.special, self.note_loss = reusable, special, note_loss
        self.under_way: list[int] = []  # the reusable blocks around this place
        self.characters = 0

    def parts(self, text: str) -> list[Part]:
        joined: list[tuple[str, list[str]]] = []
        for kind, piece in self._parts(parse(text), is_root=True):
            if joined and joined[-1][0] == kind:
                joined[-1][1].append(piece)
            else:
                joined.append((kind, [piece]))
        return [(kind, "".join(pieces)) for kind, pieces in joined]

    def _parts(self, block: Block, *, is_root: bool = False) -> Iterator[Part]:
        waiting: list[tuple[Block | str, bool] | int] = [(part, is_root) for part in reversed(block.parts)]
        while waiting:
            step = waiting.pop()
            if isinstance(step, int):  # the end of a reusable block
                self.under_way.remove(step)
                continue
            part, at_root = step
            if isinstance(part, str):
                yield (CLASSIC if at_root and part.strip() else HTML), part
            elif part.name == "block":
                number = self._reference(part)
                if number is not None:
                    self.under_way.append(number)
                    waiting.append(number)
                    inside = self.reusable(number) or ""
                    self.characters += len(inside)
                    kinds = (
                        parse(inside) if has_blocks(inside) else Block("", parts=[Block("freeform", parts=[inside])])
                    )
                    waiting.extend((each, True) for each in reversed(kinds.parts))
            else:
                yield from self._own(part, waiting)

    def _own(self, block: Block, waiting: list[tuple[Block | str, bool] | int]) -> Iterator[Part]:
        if block.name in self.special:
            finished = self.special[block.name](block)
            if finished is not None:
                yield FINISHED, finished
            else:
                waiting.extend((each, False) for each in reversed(block.parts))
        elif block.name in ("freeform", "shortcode"):
            yield CLASSIC, text_in(block)
        elif block.name == "spacer":
            return
        else:
            self._tell(block)
            waiting.extend((each, False) for each in reversed(block.parts))

    def _tell(self, block: Block) -> None:
        if background := _background(block.attributes):
            self.note_loss("html", f"background-image: {background}")
        if block.name.startswith("jetpack/field"):
            self.note_loss("form", block.name)
        elif block.name in DYNAMIC:
            self.note_loss("block", f"core/{block.name}")
        elif block.name not in CORE:
            self.note_loss("block", block.name if "/" in block.name else f"core/{block.name}")

    def _reference(self, block: Block) -> int | None:
        number = block.attributes.get("ref")
        if not isinstance(number, int) or isinstance(number, bool) or self.reusable(number) is None:
            self.note_loss("block", f"core/block {number}")
            return None
        if number in self.under_way or len(self.under_way) >= 10 or self.characters > MOST_CHARACTERS:
            self.note_loss("limit", f"core/block {number}")
            return None
        return number
