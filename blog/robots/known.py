"""Which robot a User-Agent header names, and of what kind it is: by the table of the package crawler-user-agents.

The package's own module holds its whole table, with examples, in memory; only its file is read here, at the first
request, and of that names, kinds and addresses are kept. Most of its patterns are plain words: they are found by their
first three characters, because 1,500 alternatives of a regular expression would cost a millisecond for each header that
was not seen before.
"""

import json
import re
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

LONGEST_AGENT = (
    400  # characters that are looked at; the name of a robot stands at the beginning or behind the browser's
)
KEY = 3  # characters


class Kind(TextChoices):
    SEARCH = "search", _("Search engines")
    AI_SEARCH = "ai_search", _("AI search and assistants")
    AI_TRAINING = "ai_training", _("AI training")
    ARCHIVES = "archives", _("Archives and research")
    MARKETING = "marketing", _("SEO and advertising")
    PREVIEWS = "previews", _("Link previews")
    FEEDS = "feeds", _("Feed readers")
    MONITORS = "monitors", _("Monitors")
    SCRIPTS = "scripts", _("Scripts and scanners")
    OTHERS = "others", _("Others")


class Robot(NamedTuple):
    name: str
    kind: Kind
    url: str


TAGS = {  # of the package; the first that a robot has counts
    "search-engine": Kind.SEARCH,
    "archiver": Kind.ARCHIVES,
    "academic": Kind.ARCHIVES,
    "advertising": Kind.MARKETING,
    "social-preview": Kind.PREVIEWS,
    "feed-reader": Kind.FEEDS,
    "monitoring": Kind.MONITORS,
    "http-library": Kind.SCRIPTS,
    "browser-automation": Kind.SCRIPTS,
    "scanner": Kind.SCRIPTS,
}
# The package's "ai-crawler" does not say what for. These fetch a page because somebody asks about it, or for a search
# engine that links to it; all others collect texts.
AI_SEARCH = re.compile(
    r"User|Search|Assist|Research|NotebookLM|AutoRAG|iask|kagi|atlassian|Anomura|Linkup|Phind|Citations|ShapBot|Tavily"
    r"|Zanista|linkReader|Liner|Devin|newsai",
    re.IGNORECASE,
)
AI_TRAINING = {"Diffbot\\/", "omgili"}  # which sell texts for it; the package calls them "seo"
# The package's "seo" holds whatever fits nowhere else, also tools that fetch a page for a reader or a shop.
MARKETING = re.compile(r"bot|crawl|spider|seo|rank|sistrix|ahrefs|majestic|backlink|domainstats", re.IGNORECASE)
BROWSERS = re.compile(r"SogouMobileBrowser|SogouMSE|MetaSr|coc_coc_browser")  # which are named like a robot
# Robots that the table does not know often say what they are.
UNKNOWN = re.compile(
    r"(?<!cu)bot\b|bot[/;_-]|crawl|spider|slurp|preview|fetch|monitor|lighthouse|headless|phantom|curl|wget|python|archiv"
    r"|facebookexternalhit|mediapartners|validator|scan",
    re.IGNORECASE,
)
# Names for robots.txt alone: they send no header with it, or another one.
ONLY_IN_ROBOTS_TXT = {
    Kind.SEARCH: ("Mail.Ru", "Yandex"),
    Kind.AI_TRAINING: ("Applebot-Extended", "Google-Extended"),
}


def find(agent: str) -> Robot | None:
    """The robot that a User-Agent header names; None for browsers and unknown ones. Of several the most specific."""
    return _find(agent[:LONGEST_AGENT])  # cut before it is remembered: a header may have many thousand characters


def is_robot(agent: str) -> bool:
    """Whether a User-Agent header is missing, or names a robot, be it one of the table or another."""
    return not agent or UNKNOWN.search(agent) is not None or find(agent) is not None


@lru_cache(maxsize=1024)
def _find(agent: str) -> Robot | None:
    words, patterns = _table()
    found = [
        (len(word), robot)
        for start in range(len(agent) - KEY + 1)
        for word, robot in words.get(agent[start : start + KEY], ())
        if agent.startswith(word, start)
    ]
    found += [(len(match[0]), robot) for pattern, robot in patterns if (match := pattern.search(agent))]
    if not found or BROWSERS.search(agent):
        return None
    return max(found, key=lambda one: (one[1].kind != Kind.SCRIPTS, one[0], one[1]))[1]


@cache
def by_name() -> dict[str, Robot]:
    words, patterns = _table()
    return {robot.name: robot for _pattern, robot in [*sum(words.values(), []), *patterns]}


@cache
def product_tokens(kind: Kind) -> list[str]:
    """The names of a kind as robots.txt calls them (RFC 9309, 2.2.1), in alphabetical order."""
    names = {robot.name for robot in by_name().values() if robot.kind == kind}
    tokens = {name.partition("/")[0] for name in names}
    return sorted(
        {token for token in tokens if re.fullmatch(r"[\w.-]{3,}", token)} | {*ONLY_IN_ROBOTS_TXT.get(kind, ())}
    )


@cache
def _table() -> tuple[dict[str, list[tuple[str, Robot]]], list[tuple[re.Pattern[str], Robot]]]:
    """Plain patterns by their first characters, and the other ones."""
    words: dict[str, list[tuple[str, Robot]]] = {}
    patterns = []
    for entry in _entries():
        pattern, tags = entry["pattern"], entry.get("tags", [])
        kind = _kind(pattern, tags)
        word = re.sub(r"\\([^a-zA-Z0-9])", r"\1", pattern)
        if len(word) >= KEY and _is_plain(pattern):
            robot = Robot(word.strip(" /;()"), kind, entry.get("url", ""))
            words.setdefault(word[:KEY], []).append((word, robot))
        else:
            compiled = re.compile(pattern)
            spellings = [match[0] for match in map(compiled.search, entry["instances"]) if match]
            same = [word for word in spellings if word.lower() == spellings[0].lower()]
            name = max(same, key=lambda word: sum(map(str.isupper, word)), default=pattern)
            patterns.append((compiled, Robot(name.strip(" /;()")[:60], kind, entry.get("url", ""))))
    return words, patterns


def _entries() -> list[dict[str, Any]]:
    spec = find_spec("crawleruseragents")
    if spec is None or spec.origin is None:
        return []
    file = Path(spec.origin).with_name("crawler-user-agents.json")
    return list(json.loads(file.read_text(encoding="utf-8")))


def _is_plain(pattern: str) -> bool:
    """Whether a regular expression stands for one word, with escaped punctuation."""
    return not re.search(r"[\[\](){}|*+?^$.]|\\[a-zA-Z0-9]", re.sub(r"\\[^a-zA-Z0-9]", "", pattern))


def _kind(pattern: str, tags: list[str]) -> Kind:
    if pattern in AI_TRAINING:
        return Kind.AI_TRAINING
    if "ai-crawler" in tags:
        return Kind.AI_SEARCH if "search-engine" in tags or AI_SEARCH.search(pattern) else Kind.AI_TRAINING
    for tag, kind in TAGS.items():
        if tag in tags:
            return kind
    return Kind.MARKETING if MARKETING.search(pattern) else Kind.OTHERS
