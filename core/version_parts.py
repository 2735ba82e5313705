"""The parts of what readers see, each with a version of its own, and the versions at one moment.

A change names the parts that it changes (`cache_version.invalidate`), a cached result the parts on which it depends.
docs/architecture.md has the table of changes, parts and pages.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

EVERYTHING = "everything"  # whatever is cached: imports, an upgrade
SITE = "site"  # whatever is cached but how many posts there are: settings, the menu, people, files, names of terms
POSTS = "posts"  # what is public of posts and pages, in lists, menus and counts, and the posts themselves
COMMENTS = "comments"  # what is public of comments outside their post's page: their numbers, the newest ones, feeds
COUNTS = "counts"  # how many posts each month, category and tag has; whoever changes it changes POSTS as well
DESK = "desk"  # what only the desk shows, such as a draft: no page that guests read

PUBLIC = frozenset({POSTS, COMMENTS})  # a page that depends on both is renewed by every change that guests may see
MAX_CONVERSATIONS = 50  # a change of more posts' comments invalidates all posts instead of naming each
MAX_RAISED = 1_000  # versions of single parts in memory
WHOLE = (EVERYTHING, SITE, POSTS, COMMENTS, COUNTS, DESK)
NUMBERED = ("post", "month", "category", "tag")


def conversation(post_id: int) -> str:
    """The part that is the comments of one post; whoever changes it changes COMMENTS as well."""
    return f"post:{post_id}"


def comments_of(post_ids: Iterable[int]) -> frozenset[str]:
    """The parts that a change of these posts' comments invalidates."""
    numbers = set(post_ids)
    if len(numbers) > MAX_CONVERSATIONS:
        return PUBLIC
    return frozenset({COMMENTS, *map(conversation, numbers)})


def counts_of(months: Iterable[date | None] = (), **terms: Iterable[int]) -> frozenset[str]:
    """The parts that are the numbers of posts in these months and terms, `category` or `tag` by their pks. No page
    depends on them: whoever changes what is public raises POSTS as well, and then these are counted again."""
    parts = {f"month:{day.year * 100 + day.month}" for day in months if day}
    return frozenset(parts | {f"{kind}:{number}" for kind, numbers in terms.items() for number in numbers})


def counted_in(parts: Iterable[str]) -> dict[str, list[int]]:
    """{"month": [202611], "category": [pk], "tag": [pk]} of such parts among others."""
    found: dict[str, list[int]] = {"month": [], "category": [], "tag": []}
    for part in parts:
        kind, _colon, number = part.partition(":")
        if number and kind in found:
            found[kind].append(int(number))
    return found


def is_known(part: str) -> bool:
    kind, _colon, number = part.partition(":")
    return kind in NUMBERED and number.isdecimal() if number else part in WHOLE


def is_shown(part: str) -> bool:
    """Whether pages that guests read may depend on it."""
    return part != DESK and part.partition(":")[0] not in ("month", "category", "tag")


@dataclass(frozen=True, eq=False, slots=True)
class State:
    """The versions of all parts at one moment, as this process counts them. Immutable: a change makes another State.

    `place` and `number` say of which counter, and at which of its numbers.
    """

    place: str
    number: int
    serial: int = 1
    everything: int = 1
    raised: Mapping[str, int] = field(default_factory=dict)

    def version(self, parts: Iterable[str]) -> int:
        """A number that rises with each change of any of these parts, and of SITE."""
        latest = self.raised.get(SITE, self.everything)
        for part in parts:
            version = self.raised.get(part, latest)
            if version > latest:
                latest = version
        return latest

    def after(self, place: str, number: int, changed: Iterable[str] | None) -> "State":
        """The State after a change of these parts; None: of everything, or nobody knows of what."""
        serial = self.serial + 1
        if changed is not None and EVERYTHING not in (parts := set(changed)):
            raised = {**self.raised, **dict.fromkeys(parts, serial)}
            if len(raised) <= MAX_RAISED:
                return State(place, number, serial, self.everything, raised)
        return State(place, number, serial, serial)

    def raised_since(self, former: "State") -> set[str] | None:
        """The parts that were raised since a former state; None for everything, and where the counter cannot be read:
        then this state has no serial after the former one's."""
        if self.everything > former.serial or self.serial < former.serial:
            return None
        return {part for part, serial in self.raised.items() if serial > former.serial}


class Versioned:
    """What is cached: the parts on which it depends, and the last state of the versions at which it was valid."""

    __slots__ = ("parts", "state", "version")

    def __init__(self, parts: Iterable[str], state: State) -> None:
        self.parts, self.state = frozenset(parts), state
        self.version = state.version(self.parts)

    def is_valid_at(self, state: State) -> bool:
        """Whether no part on which it depends has changed. Another call for the same state compares no parts."""
        if self.state is not state:
            if self.version != state.version(self.parts):
                return False
            self.state = state
        return True
