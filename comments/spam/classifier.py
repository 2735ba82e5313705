"""The spam classifier: a logistic regression, trained on a built-in seed list and on moderators' decisions.

Its inputs are the features, words and character n-grams of a text (`comments.spam.features`). Each training example is
a row. A few new examples are added to the stored weights by some gradient steps; many new ones, or a removed one, cause
a full training.
"""

import csv
import math
import random
import threading
from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from functools import cache
from heapq import nlargest
from typing import TypeAlias

from django.db.models import QuerySet

from comments.models.spam_training import FilterWeights, TrainingExample, key_of
from comments.spam import features

SPAM, HOLD = 0.98, 0.5
VERSION = 4  # of the features and the training; stored weights of another version are discarded
BIAS = features.GRAMS + features.NAMES  # index of the bias in the weights
TAUGHT, OF_EACH = 30, 10  # training examples in all, and of each kind, before it may mark comments as spam
MOST, SPARE = 2000, 500  # newest examples kept of each kind; more than MOST + SPARE are cut back to MOST
FEW, STEPS = 30, 10  # up to FEW new examples (or a tenth) are learned incrementally, in STEPS passes
ROUNDS, RATE, FADE = 12, 0.3, 0.002  # passes of a full training, learning rate, weight decay
GRAM_RATE, START = 6.0, -1.5  # learning rate of n-grams, initial bias
CAUTION = 1.4  # weight of honest examples, and 1/weight of spam: a held honest comment is worse than missed spam
WORDS, COUNTED = 8, 1000  # for the reasons: words of a text, and newest examples in which they are counted
TYPICAL = 2  # spam examples with a word, before it is given as a reason
DOUBT = 0.6  # factor for texts without the feature "outright": they need a higher certainty to be marked as spam

State = tuple[int, datetime | None]  # of the training examples: number, time of the newest
Numbers: TypeAlias = Sequence[int]  # an array where there are many: a tenth of the memory of a list
Seed = tuple[Numbers, Numbers, bool]  # features, grams, whether it is spam
TrainingRow = tuple[Numbers, Numbers, bool, float]  # a seed with its weight

Weights: TypeAlias = "array[float]"  # indexed by feature

_training = threading.Lock()
_kept: tuple[State, Weights] | None = None  # (state of the training examples, weights computed from them)


class SpamFilter:
    """Scores texts from 0 (honest) to 1 (spam). Training examples are stored in the database."""

    def learn(self, text: str, *, spam: bool, author: str = "", url: str = "") -> None:
        """Store a training example; it replaces an earlier one of the same text, author and URL."""
        self.learn_all([(text, author, url, spam)])

    def learn_all(self, lessons: Iterable[tuple[str, str, str, bool]]) -> None:
        """`learn` for many (text, author, url, spam), in a few statements."""
        rows = {}
        for text, author, url, spam in lessons:
            key = key_of(text, author, url)
            rows[key] = TrainingExample(key=key, spam=bool(spam), features=packed(*features.marks(text, author, url)))
        told = ["spam", "features", "created_at"]
        TrainingExample.objects.bulk_create(
            rows.values(), 500, update_conflicts=True, unique_fields=["key"], update_fields=told
        )
        for spam in {row.spam for row in rows.values()}:
            TrainingExample.objects.filter(spam=spam).keep_newest(MOST, SPARE)

    def forget(self, text: str, *, author: str = "", url: str = "") -> None:
        """Delete a training example, which also removes its effect."""
        self.forget_all([(text, author, url)])

    def forget_all(self, texts: Iterable[tuple[str, str, str]]) -> None:
        """`forget` for many (text, author, url)."""
        TrainingExample.objects.filter(key__in=[key_of(*said) for said in texts]).delete()

    def forget_everything(self) -> None:
        """Delete all training examples; only the built-in seed list is left."""
        TrainingExample.objects.all().delete()
        FilterWeights.objects.all().delete()

    def score(self, text: str, *, author: str = "", url: str = "") -> float:
        """From 0 (honest) to 1 (spam). Costs one small query while the training examples are unchanged."""
        return judged(weights(), *features.marks(text, author, url))

    @staticmethod
    def is_taught() -> bool:
        """Whether there are enough training examples for the classifier to mark comments as spam by itself."""
        counts = TrainingExample.objects.counts()
        return sum(counts.values()) >= TAUGHT and min(counts.values()) >= OF_EACH

    def reasons(self, text: str, *, author: str = "", url: str = "") -> list[str]:
        """The features that contribute most to the score, as sentences for the owner: two at most.

        A word is given only if it is typical of spam among the training examples, with its counts there."""
        learned, found = weights(), features.grams(text, author, url)
        speaks: defaultdict[str, float] = defaultdict(float)
        for name in features.signs(text, author, url):
            parts = [part for part in name.split(" & ") if part in features.SENTENCES]
            for part in parts:
                speaks[str(features.SENTENCES[part])] += learned[features.number_of(name)] / len(parts)
        weighed = {number: learned[number] * share(found) for number in filter(found.get, found)}
        words = {
            number: weighed[number]
            for number in nlargest(WORDS, weighed, key=weighed.__getitem__)
            if weighed[number] > 0
        }
        for number, (spam, honest) in (counted(words) if words else {}).items():
            if spam >= TYPICAL and spam > 3 * honest:
                sentence = features.TYPICAL if honest else features.TYPICAL_OF_SPAM
                said = sentence % {"word": found[number], "spam": spam, "honest": honest}
                speaks[said] += words[number]
        return [sentence for sentence in nlargest(2, speaks, key=speaks.__getitem__) if speaks[sentence] > 0]


def counted(numbers: Iterable[int]) -> dict[int, list[int]]:
    """{gram: [spam examples, honest examples]} with that gram, among the newest `COUNTED` examples."""
    found = {number: [0, 0] for number in numbers}
    for marks, spam in TrainingExample.objects.order_by("-created_at", "-pk").values_list("features", "spam")[:COUNTED]:
        held = found.keys() & array("I", bytes(marks))
        for number in held:
            found[number][0 if spam else 1] += 1
    return found


def packed(names: Iterable[int], grams: Iterable[int]) -> bytes:
    return array("I", [*names, *grams]).tobytes()


def unpacked(marks: bytes | memoryview) -> tuple[Numbers, Numbers]:
    numbers = array("I", bytes(marks))
    return array("I", [n for n in numbers if n >= features.GRAMS]), array(
        "I", [n for n in numbers if n < features.GRAMS]
    )


# Training


def weights() -> Weights:
    """The current weights, an array of floats indexed by feature; cached until the training examples change."""
    global _kept
    state = TrainingExample.objects.state()
    if not _kept or _kept[0] != state:
        _kept = state, learned_at(state)
    return _kept[1]


def learned_at(state: State) -> Weights:
    """The stored weights, updated with a few new examples; or the result of a full training, which is stored."""
    number, newest = state
    stored = FilterWeights.objects.filter(version=VERSION).first()
    base, known, until = (stored.weights, stored.number, stored.newest) if stored else (untaught(), 0, None)
    fresh = TrainingExample.objects.filter(created_at__gt=until) if until else TrainingExample.objects.all()
    few = max(FEW, known // 10)
    lessons = training_rows(fresh.order_by("pk")[: few + 1])
    if len(lessons) <= few and known + len(lessons) == number:
        learned = array("f", bytes(base))
        descend(learned, lessons, STEPS)
        return learned
    learned = train(training_rows(TrainingExample.objects.order_by("pk")))
    facts = {"weights": learned.tobytes(), "number": number, "newest": newest, "version": VERSION}
    FilterWeights.objects.update_or_create(pk=1, defaults=facts)
    return learned


def training_rows(rows: QuerySet[TrainingExample]) -> list[TrainingRow]:
    return [(*unpacked(marks), spam, 1) for marks, spam in rows.values_list("features", "spam")]


def train(lessons: Collection[TrainingRow], listed: Sequence[Seed] | None = None) -> Weights:
    """Train weights on examples (features, grams, spam, weight) and the seeds, or `listed` in their place.

    The seeds' weight grows with the number of examples, up to 4. Spam and honest examples have the same total weight,
    however many there are of each, except for `CAUTION`."""
    listed = listed or seeds()
    loud = max(1, min(4, len(lessons) / 3 / len(listed)))
    every = [*lessons, *((names, grams, spam, loud) for names, grams, spam in listed)]
    total = {kind: sum(counts for *_, spam, counts in every if spam == kind) for kind in (True, False)}
    even = {kind: sum(total.values()) / 2 / total[kind] for kind in total}
    even[True], even[False] = even[True] / CAUTION, even[False] * CAUTION
    learned = array("f", bytes(4 * (BIAS + 1)))
    learned[BIAS] = START
    for name, weight in features.EXPECTED.items():
        learned[features.number_of(name)] = weight
    weighed = [(names, grams, spam, counts * even[spam]) for names, grams, spam, counts in every]
    descend(learned, weighed, max(4, min(ROUNDS, ROUNDS * 1500 // len(weighed))))
    return learned


def descend(learned: Weights, lessons: list[TrainingRow], rounds: int) -> None:
    """Stochastic gradient descent on `learned`, in place, with a decreasing rate. The shuffling is deterministic."""
    mixed = random.Random(len(lessons))
    for turn in range(rounds):
        rate = RATE / (1 + 0.3 * turn)
        mixed.shuffle(lessons)
        for names, grams, spam, counts in lessons:
            error = (spam - sigmoid(certainty(learned, names, grams))) * min(counts, 5) * rate
            learned[BIAS] += error / 2
            for number in names:
                learned[number] += error * 0.3 - FADE * rate * learned[number]
            change = error * GRAM_RATE * share(grams)
            for number in grams:
                learned[number] += change


def certainty(learned: Weights, names: Iterable[int], grams: Collection[int]) -> float:
    """The log-odds of spam: 0 is undecided, negative is honest."""
    look = learned.__getitem__
    return learned[BIAS] + sum(map(look, names)) + share(grams) * sum(map(look, grams))


def share(grams: Collection[int]) -> float:
    """Normalizes the contribution of n-grams, so that long texts do not outweigh short ones."""
    return 1 / math.sqrt(len(grams) or 1)


def judged(learned: Weights, names: Collection[int], grams: Collection[int]) -> float:
    sure = certainty(learned, names, grams)
    return sigmoid(sure if sure < 0 or OUTRIGHT in names else sure * DOUBT)


def sigmoid(sure: float) -> float:
    return 1 / (1 + math.exp(-max(-30, min(30, sure))))


@cache
def seeds() -> list[Seed]:
    """The built-in seed list as (features, grams, spam), for a classifier without training examples."""
    marked = ((features.marks(text, author, url), spam) for text, author, url, spam in seed_texts())
    return [(array("I", names), array("I", grams), spam) for (names, grams), spam in marked]


def seed_texts() -> Iterator[tuple[str, str, str, bool]]:
    for file, spam in (("spam", True), ("honest", False)):
        with open(features.SEEDS / f"{file}.tsv", encoding="utf-8", newline="") as rows:
            for row in csv.DictReader(rows, delimiter="\t", quoting=csv.QUOTE_NONE):
                yield row["text"].replace("\\n", "\n"), row["author"], row["url"], spam


def store_untaught() -> None:
    """Store the weights of the seed list, unless there are others: to train them takes a second, to read them none."""
    if not FilterWeights.objects.filter(version=VERSION).exists():
        facts = {"weights": untaught(), "number": 0, "newest": None, "version": VERSION}
        FilterWeights.objects.update_or_create(pk=1, defaults=facts)
    _untaught.cache_clear()


def untaught() -> bytes:
    """The weights of the seed list, trained once in a process, by one thread at a time."""
    with _training:
        return _untaught()


@cache
def _untaught() -> bytes:
    return train([]).tobytes()


OUTRIGHT = features.number_of("outright")
