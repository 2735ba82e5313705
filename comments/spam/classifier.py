"""A filter that learns from the owner what is spam, and knows a little before.

A logistic regression over the features and character n-grams of a text (`comments.spam.features`), trained on our own
seed list and on people's decisions. Each training example is a row, and their order makes no difference: a few new
ones are learned at once by some steps, many make it train anew, and so does one that is taken back.
"""

import csv
import math
import random
from array import array
from collections import Counter
from functools import cache

from comments.models.spam_training import FilterWeights, TrainingExample, key_of
from comments.spam import features

SPAM, HOLD = 0.98, 0.5
VERSION = 4  # of what signs and grams mean and of how they are learned; weights of another are made anew
BIAS = features.GRAMS + features.NAMES
TAUGHT, OF_EACH = 30, 10  # decisions in all, and of each kind: before that it has no right to throw anything away
MOST, SPARE = 2000, 500  # lessons of a kind, the newest; to train with all of them takes some seconds
FEW, STEPS = 30, 10  # so many new lessons, or a tenth, are learned on top of the others, each in so many steps
ROUNDS, RATE, FADE = 12, 0.3, 0.002
GRAM_RATE, START = 6.0, -1.5
CAUTION = 1.4  # an honest comment held is worse than spam let through: they count so much more, spam so much less
WORDS, COUNTED = 8, 1000  # of a text, and the newest lessons in which they are counted, to say why
TYPICAL = 2  # lessons of spam, and a word says something
DOUBT = 0.6  # spam wants an answer and is not shy: what is not outright must look far worse to be thrown away

_kept = (None, None)  # the state of the lessons, and the weights that were made of them


class SpamFilter:
    """`score` says how much a text looks like spam: 0 honest … 1 spam. Lessons are kept in the database."""

    def learn(self, text, *, spam, author="", url=""):
        """Remember what this text is; who says otherwise later is believed."""
        self.learn_all([(text, author, url, spam)])

    def learn_all(self, lessons):
        """The same for many (text, author, url, spam), in a few statements."""
        rows = {}
        for text, author, url, spam in lessons:
            key = key_of(text, author, url)
            rows[key] = TrainingExample(key=key, spam=bool(spam), marks=packed(*features.marks(text, author, url)))
        told = ["spam", "marks", "made_at"]
        TrainingExample.objects.bulk_create(
            rows.values(), 500, update_conflicts=True, unique_fields=["key"], update_fields=told
        )
        for spam in {row.spam for row in rows.values()}:
            TrainingExample.objects.filter(spam=spam).keep_newest(MOST, SPARE)

    def forget(self, text, *, author="", url=""):
        """Take a lesson back, as if it had never been given."""
        self.forget_all([(text, author, url)])

    def forget_all(self, texts):
        """The same for many (text, author, url)."""
        TrainingExample.objects.filter(key__in=[key_of(*said) for said in texts]).delete()

    def forget_everything(self):
        """What is left is our own seed list."""
        TrainingExample.objects.all().delete()
        FilterWeights.objects.all().delete()

    def score(self, text, *, author="", url=""):
        """0 (honest) … 1 (spam); one small query while nothing new was learned."""
        return judged(weights(), *features.marks(text, author, url))

    @staticmethod
    def is_taught():
        """Whether its owner has decided about enough comments for its word to send one to spam."""
        counts = TrainingExample.objects.counts()
        return sum(counts.values()) >= TAUGHT and min(counts.values()) >= OF_EACH

    def reasons(self, text, *, author="", url=""):
        """What speaks most for spam, as sentences for the owner: two at most. A word is told with how often it stands
        in what the owner decided about, and only where it is typical of spam there."""
        learned, found, speaks = weights(), features.grams(text, author, url), Counter()
        for name in features.signs(text, author, url):
            parts = [part for part in name.split(" & ") if part in features.SENTENCES]
            for part in parts:
                speaks[str(features.SENTENCES[part])] += learned[features.number_of(name)] / len(parts)
        words = Counter({number: learned[number] * share(found) for number in filter(found.get, found)})
        words = {number: weight for number, weight in words.most_common(WORDS) if weight > 0}
        for number, (spam, honest) in (counted(words) if words else {}).items():
            if spam >= TYPICAL and spam > 3 * honest:
                sentence = features.TYPICAL if honest else features.TYPICAL_OF_SPAM
                said = sentence % {"word": found[number], "spam": spam, "honest": honest}
                speaks[said] += words[number]
        return [sentence for sentence, weight in speaks.most_common(2) if weight > 0]


def counted(numbers):
    """{gram: (spam lessons, honest lessons)} of the newest lessons that hold each of these."""
    found = {number: [0, 0] for number in numbers}
    for marks, spam in TrainingExample.objects.order_by("-made_at", "-pk").values_list("marks", "spam")[:COUNTED]:
        held = found.keys() & array("I", bytes(marks))
        for number in held:
            found[number][0 if spam else 1] += 1
    return found


def packed(names, grams):
    return array("I", [*names, *grams]).tobytes()


def unpacked(marks):
    numbers = array("I", bytes(marks)).tolist()
    return [n for n in numbers if n >= features.GRAMS], [n for n in numbers if n < features.GRAMS]


# What is made of the lessons


def weights():
    """One number for each sign and gram, as of the newest lesson."""
    global _kept
    state = TrainingExample.objects.state()
    if _kept[0] != state:
        _kept = state, learned_at(state)
    return _kept[1]


def learned_at(state):
    """The stored weights and a few steps with what is new, or everything anew."""
    number, newest = state
    stored = FilterWeights.objects.filter(version=VERSION).first()
    base, known, until = (stored.weights, stored.number, stored.newest) if stored else (untaught(), 0, None)
    fresh = TrainingExample.objects.filter(made_at__gt=until) if until else TrainingExample.objects.all()
    few = max(FEW, known // 10)
    lessons = lessons_of(fresh.order_by("pk")[: few + 1])
    if len(lessons) <= few and known + len(lessons) == number:
        learned = array("f", bytes(base))
        descend(learned, lessons, STEPS)
        return learned
    learned = train(lessons_of(TrainingExample.objects.order_by("pk")))
    facts = {"weights": learned.tobytes(), "number": number, "newest": newest, "version": VERSION}
    FilterWeights.objects.update_or_create(pk=1, defaults=facts)
    return learned


def lessons_of(rows):
    return [(*unpacked(marks), spam, 1) for marks, spam in rows.values_list("marks", "spam")]


def train(lessons, listed=None):
    """Weights for (names, grams, spam, how much it counts). Our seeds (or those `listed`) keep a say, and both kinds
    have an even one but for `CAUTION`, however many there are of each."""
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


def descend(learned, lessons, rounds):
    """Go over the lessons in a mixed order, with smaller and smaller steps, against each error."""
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


def certainty(learned, names, grams):
    """How sure it is of spam: 0 is undecided, below is honest."""
    look = learned.__getitem__
    return learned[BIAS] + sum(map(look, names)) + share(grams) * sum(map(look, grams))


def share(grams):
    """Long texts have no more to say than short ones."""
    return 1 / math.sqrt(len(grams) or 1)


def judged(learned, names, grams):
    sure = certainty(learned, names, grams)
    return sigmoid(sure if sure < 0 or OUTRIGHT in names else sure * DOUBT)


def sigmoid(sure):
    return 1 / (1 + math.exp(-max(-30, min(30, sure))))


@cache
def seeds():
    """Our own small list, as lessons: it knows what everybody knows."""
    return [(*features.marks(text, author, url), spam) for text, author, url, spam in seed_texts()]


def seed_texts():
    for file, spam in (("spam", True), ("honest", False)):
        with open(features.SEEDS / f"{file}.tsv", encoding="utf-8", newline="") as rows:
            for row in csv.DictReader(rows, delimiter="\t", quoting=csv.QUOTE_NONE):
                yield row["text"].replace("\\n", "\n"), row["author"], row["url"], spam


@cache
def untaught():
    return train([]).tobytes()


OUTRIGHT = features.number_of("outright")
