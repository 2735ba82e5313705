"""Evaluation of the spam classifier: error counts with 95 % confidence intervals, on the test data.

The data are `tests/data/ham.tsv` and `spam.tsv`. A third of them, chosen by a hash of the text, is the hold-out set: no
weight, phrase or threshold was chosen by looking at it. Both sets have texts by the same authors, so the figures by
source, with nothing of the tested source in training, are a better estimate for another blog.
"""

import csv
import hashlib
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from comments.spam import classifier, features
from comments.spam.features import Marks

RESEMBLANCE = 0.2

# {group: (sources of honest texts, sources of spam)}: similar sources, which are left out of training together.
SOURCES = {
    "blogs": ({"sport", "home", "travel"}, {"blog"}),
    "technology": ({"tech"}, {"tech"}),
    "messages": ({"chat"}, {"messages"}),
    "music and films": ({"culture"}, {"video"}),
    "buying and selling": ({"market"}, {"market"}),
    "news and quarrels": ({"news"}, {"news"}),
    "letters": ({"letters"}, {"letters"}),
}


@dataclass
class Text:
    text: str
    author: str
    url: str
    source: str
    language: str
    spam: bool

    @property
    def is_held_back(self) -> bool:
        return int(hashlib.sha256(self.text.encode()).hexdigest(), 16) % 3 == 0

    @property
    def corner(self) -> str:
        return next(name for name, both in SOURCES.items() if self.source in both[self.spam])

    @property
    def marks(self) -> Marks:
        return features.marks(self.text, self.author, self.url)


@dataclass
class Judged:
    """Scores of honest texts and of spam."""

    honest: list[float]
    spam: list[float]

    def held(self, limit: float = classifier.HOLD) -> tuple[int, int]:
        """(number of honest texts, number of spam texts) with at least this score."""
        return sum(score >= limit for score in self.honest), sum(score >= limit for score in self.spam)

    @property
    def mcc(self) -> float:
        """Matthews correlation coefficient of "held" and "is spam": 1 is perfect, 0 is chance."""
        wrong, right = self.held()
        missed, passed = len(self.spam) - right, len(self.honest) - wrong
        root = math.sqrt((right + wrong) * (right + missed) * (passed + wrong) * (passed + missed))
        return (right * passed - wrong * missed) / root if root else 0.0

    def line(self, name: str) -> str:
        (held, found), (filed, thrown) = self.held(), self.held(classifier.SPAM)
        return (
            f"{name}: honest held {share(held, len(self.honest))}, filed {share(filed, len(self.honest))}; "
            f"spam held {share(found, len(self.spam))}, filed {share(thrown, len(self.spam))}; MCC {self.mcc:.3f}"
        )


def interval(found: int, of: int) -> tuple[float, float]:
    """The Wilson score interval (95 %) of a proportion, as (lower, upper)."""
    if not of:
        return 0.0, 1.0
    z = 1.96
    middle = (found + z * z / 2) / (of + z * z)
    reach = z / (of + z * z) * math.sqrt(found * (of - found) / of + z * z / 4)
    return max(0.0, middle - reach), min(1.0, middle + reach)


def share(found: int, of: int) -> str:
    """A count with its percentage and 95 % interval: "3 of 800 (0.38 %, 0.13 to 1.10)"."""
    low, high = interval(found, of)
    return f"{found} of {of} ({100 * found / (of or 1):.2f} %, {100 * low:.2f} to {100 * high:.2f})"


def texts(folder: Path) -> Iterator[Text]:
    """Yields every Text of the data in this folder."""
    for file, is_spam in (("ham", False), ("spam", True)):
        with open(folder / f"{file}.tsv", encoding="utf-8", newline="") as rows:
            for row in csv.DictReader(rows, delimiter="\t", quoting=csv.QUOTE_NONE):
                text = row["text"].replace("\\n", "\n")
                yield Text(text, row["author"], row["url"], row["source"], row["language"], is_spam)


def figures(folder: Path) -> dict[str, Judged]:
    """{name: Judged} on the hold-out set: "untaught" (seeds only), "taught" (trained on the other two thirds), and per
    group of sources, trained on the other groups."""
    marked = [(text, text.marks) for text in texts(folder)]
    seen = [(text, marks) for text, marks in marked if not text.is_held_back]
    held_back = [(text, marks) for text, marks in marked if text.is_held_back]
    found = {
        "untaught": judged(classifier.train([]), held_back),
        "taught": judged(taught_by(seen), held_back),
    }
    for name in SOURCES:
        learned = taught_by([(text, marks) for text, marks in seen if text.corner != name])
        found[name] = judged(learned, [(text, marks) for text, marks in held_back if text.corner == name])
    return found


def tuning_figures(folder: Path) -> dict[str, Judged]:
    """{group: Judged} on the texts outside the hold-out set, each group by a classifier trained on the others.

    The seed list was written after reading these texts, so seeds that resemble a tested text are left out too. Use
    these figures while changing features, phrases or thresholds, and `figures` only once, at the end.
    """
    marked = [(text, text.marks) for text in texts(folder) if not text.is_held_back]
    seeds = list(zip(classifier.seed_texts(), classifier.seeds(), strict=True))
    runs = [(runs_of(text), is_spam) for (text, *_by, is_spam), _lesson in seeds]
    found = {}
    for name in SOURCES:
        here = [pair for pair in marked if pair[0].corner == name]
        judged_runs = [(runs_of(text.text), text.spam) for text, _marks in here]
        kept = [
            lesson
            for (_said, lesson), (mine, is_spam) in zip(seeds, runs, strict=True)
            if not any(is_spam == spam and resembles(mine, other) for other, spam in judged_runs)
        ]
        found[name] = judged(taught_by([pair for pair in marked if pair[0].corner != name], kept), here)
    return found


def runs_of(text: str) -> set[str]:
    """The set of character 5-grams of a text."""
    line = " ".join(features.words_of(features.plain(text)))
    return {line[at : at + 5] for at in range(max(1, len(line) - 4))}


def resembles(one: set[str], other: set[str]) -> bool:
    """Whether the Jaccard index of two sets of n-grams is at least `RESEMBLANCE`."""
    return len(one & other) >= RESEMBLANCE * len(one | other)


def taught_by(
    marked: Iterable[tuple[Text, Marks]], seeds: Sequence[classifier.Seed] | None = None
) -> classifier.Weights:
    return classifier.train([(*marks, text.spam, 1) for text, marks in marked], seeds)


def judged(learned: classifier.Weights, marked: Iterable[tuple[Text, Marks]]) -> Judged:
    scores = Judged([], [])
    for text, marks in marked:
        (scores.spam if text.spam else scores.honest).append(classifier.judged(learned, *marks))
    return scores
