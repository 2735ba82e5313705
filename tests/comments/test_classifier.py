"""The filter on texts of our own that its seed list has not seen (tests/data/ham.tsv, spam.tsv)."""

import csv
import math
import time
from array import array
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from comments.models import FilterWeights, TrainingExample
from comments.spam import classifier, evaluation, features
from comments.spam.classifier import HOLD, SPAM, SpamFilter
from comments.spam.training import keep_up
from tests.pace import allowed

DATA = Path(__file__).parent.parent / "data"
OLD = 307, 204  # the first lines of each file, on which most of this is tried; all of them in the figures at the end

# Kinds that come from one corner of the world: learned in one, tried in all others.
SOURCES = {
    "messages": ({"prize"}, {"chat", "short", "reply"}),
    "films and songs": ({"channel"}, {"song", "enthusiasm", "short"}),
    "blogs": ({"praise", "seo", "links", "auto", "goods", "local"}, {"praise", "link", "code", "memory", "complaint"}),
    "money": ({"crypto", "loan", "work", "fraud"}, {"money", "question"}),
    "sin": ({"adult", "casino", "pharma"}, {"health", "recipe", "long"}),
}


def read(path):
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            yield row | {"text": row["text"].replace("\\n", "\n")}


@pytest.fixture(scope="module")
def ham():
    return list(read(DATA / "ham.tsv"))[: OLD[0]]


@pytest.fixture(scope="module")
def junk():
    return list(read(DATA / "spam.tsv"))[: OLD[1]]


def said(row):
    return {"text": row["text"], "author": row["author"], "url": row["url"]}


def marks(row):
    return features.marks(row["text"], row["author"], row["url"])


def lessons(rows, is_spam):
    return [(*marks(row), is_spam, 1) for row in rows]


def scores(learned, rows):
    return [classifier.judged(learned, *marks(row)) for row in rows]


def share(found, limit):
    return sum(score >= limit for score in found) / len(found)


class NaiveBayes:
    """The usual filter on words, to be compared with."""

    def __init__(self, ham, junk):
        self.counts = [Counter(), Counter()]
        for rows, counts in zip((ham, junk), self.counts, strict=True):
            for row in rows:
                counts.update(features.words_of(row["text"].lower()))
        self.size = len(self.counts[0] | self.counts[1])
        self.totals = [sum(counts.values()) for counts in self.counts]
        self.start = math.log(len(junk) / len(ham))

    def score(self, row):
        for_ham, for_spam = (
            sum(math.log((counts[word] + 1) / (total + self.size)) for word in features.words_of(row["text"].lower()))
            for counts, total in zip(self.counts, self.totals, strict=True)
        )
        return classifier.sigmoid(self.start + for_spam - for_ham)


def area(good, bad):
    """How often spam scores above ham: 0.5 is chance, 1 never errs."""
    return sum((b > g) + (b == g) / 2 for g in good for b in bad) / len(good) / len(bad)


# What we try it on


def test_the_texts_are_many_and_the_seed_list_holds_none_of_them():
    texts = list(evaluation.texts(DATA))
    honest, bad = ([text for text in texts if text.spam == is_spam] for is_spam in (False, True))
    assert len(honest) >= 2400 and len(bad) >= 1200
    assert min(len({text.language for text in each}) for each in (honest, bad)) >= 7
    assert min(len({text.corner for text in each}) for each in (honest, bad)) >= 6
    assert all(0.3 < sum(text.is_held_back for text in each) / len(each) < 0.37 for each in (honest, bad))
    assert 0.2 < sum(bool(text.url) for text in honest) / len(honest) < 0.6
    seeds = {row["text"] for file in ("spam", "honest") for row in read(features.SEEDS / f"{file}.tsv")}
    assert len({text.text for text in texts}) == len(texts) and not seeds & {text.text for text in texts}


# What it knows before it has learned anything


def test_no_honest_text_is_sent_to_spam_and_few_are_held(db, ham, junk):
    unlearned = SpamFilter()
    good = [unlearned.score(**said(row)) for row in ham]
    bad = [unlearned.score(**said(row)) for row in junk]
    assert max(good) < SPAM
    assert share(good, HOLD) <= 0.05
    assert share(bad, HOLD) >= 0.7
    assert area(good, bad) > 0.96


@pytest.mark.parametrize(
    "text",
    [
        "Buy viagra online, cheap pills without prescription http://pills-now.example",
        "Ｂｕｙ ｃｈｅａｐ ｐｉｌｌｓ http://pills-now.example",
        "Buy ch3ap p!lls 0nline, v1agra and c1alis, pills-now.example",
        "B\u200bu\u200by c\u200bh\u200be\u200ba\u200bp pi\u00adlls, order at pills-now.example",
        "Вuу сhеар рills оnlinе, оrdеr аt pills-now.example",
        "[url=http://pills-now.example]cheap pills[/url] [url=http://pills-now.example]online casino[/url]",
        '<a href="http://pills-now.example">cheap pills</a>',
        "{Great|Nice} {post|article}! Visit {my|our} site for cheap pills",
        "v i a g r a  c i a l i s  cheap, write me on whatsapp",
    ],
)
def test_a_disguise_does_not_help(db, text):
    assert SpamFilter().score(text) >= HOLD


@pytest.mark.parametrize(
    "text",
    [
        "See https://docs.djangoproject.com/en/5.2/ref/models/querysets/#bulk-create, since 4.1.",
        "It is at https://example.org/maps/27 if you want to print it.",
        "My doctor told me to take two pills a day, and I still limp.",
        "We paid $1,200 for the roof and the insurance paid nothing.",
        "Spasibo, дорогой друг! Я читал это в Python 3.11 и думал о casino в Сочи.",
        "YES!!! Finally!!!",
        "`for name in names:` is all it takes, no index needed.",
        "",
        "?",
        "日本語のコメントです。とても面白かったです。",
    ],
)
def test_honest_people_may_speak_of_everything(db, text):
    assert SpamFilter().score(text) < HOLD


WEBSITES = ["https://www.annhale.example", "http://bikeandhike.example/blog/", "https://petra.example.com/index.html"]


@pytest.mark.parametrize("url", WEBSITES)
def test_a_website_in_the_field_for_it_is_no_sign(db, ham, url):
    without = [SpamFilter().score(row["text"], author=row["author"]) for row in ham[::6]]
    given = [SpamFilter().score(row["text"], author=row["author"], url=url) for row in ham[::6]]
    assert given == pytest.approx(without, abs=0.03)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[link](https://maps.example/3)", ""),
        ("See [img 1](https://maps.example/1.png) and [url](https://maps.example)", ""),
        ("![img](https://maps.example/1.png)", ""),
        ("x[link] = a[url] + b[i] - c[b]", ""),
        ("[link]: https://maps.example/3", ""),
        ("The [i] and the [b] of it, [size] and [color=]", ""),
        ("[b]fett", ""),
        ("[/url] alone", ""),
        ("[b]" + "x" * 3000 + "[/b]", ""),
        ("Go [url=http://a.example]here[/url]", "[url=http://a.example]"),
        ("Go [URL='http://a.example'] here", "[URL='http://a.example']"),
        ("[link=http://a.example/]a[/link]", "[link=http://a.example/]"),
        ("[img]http://a.example/1.png[/img]", "[img]http://a.example/1.png[/img]"),
        ("[url]http://a.example[/url]", "[url]http://a.example[/url]"),
        ("so [B]loud[/b] it is", "[B]loud[/b]"),
        ("[size=7][color=red]Sale[/color][/size]", "[color=red]Sale[/color]"),
        ('[quote="Ann"]Yes[/quote]', '[quote="Ann"]Yes[/quote]'),
    ],
)
def test_the_code_of_a_forum(text, found):
    assert features.forum_code(text) == found
    assert ("bracket code" in features.signs(text)) == bool(found)


@pytest.mark.parametrize("part", ["[b]", "[url", "[url=", "[url=x ", "[quote=]", "[/b]", "[b][i]", "[img]x[/url]"])
def test_looking_for_the_code_of_a_forum_takes_no_time(part):
    start = time.process_time()
    features.forum_code(part * (60_000 // len(part)))
    assert time.process_time() - start < allowed(0.2)


# What it learns


def test_it_learns_and_forgets(db):
    learner, text = SpamFilter(), "The blue umbrella society meets under the old oak. Bring a blue umbrella."
    before = learner.score(text)
    assert before < HOLD
    learner.learn(text, spam=True)
    learner.learn("Another blue umbrella society needs you", spam=True)
    assert learner.score("Join the blue umbrella society of the old oak") > before
    assert learner.score(text) >= HOLD
    assert any("umbrella" in reason for reason in learner.reasons(text))
    learner.forget(text)
    learner.forget("Another blue umbrella society needs you")
    assert learner.score(text) == pytest.approx(before)
    assert not TrainingExample.objects.exists()
    assert TrainingExample.objects.state() == (0, None)


def test_who_says_otherwise_later_is_believed(db):
    learner, text = SpamFilter(), "The blue umbrella society meets under the old oak."
    learner.learn(text, spam=True)
    wrong = learner.score(text)
    learner.learn(text, spam=False)
    assert TrainingExample.objects.state() == (1, TrainingExample.objects.get().created_at)
    assert learner.score(text) < wrong


def test_the_order_of_the_lessons_makes_no_difference(db, ham, junk):
    told = [(*said(row).values(), True) for row in junk[:40]] + [(*said(row).values(), False) for row in ham[:40]]
    found = []
    for order in (told, told[::-1]):
        TrainingExample.objects.all().delete()
        SpamFilter().learn_all(order)
        found.append([SpamFilter().score(**said(row)) for row in [*ham[40:80], *junk[40:80]]])
    assert found[0] == pytest.approx(found[1], abs=0.1)


def test_a_few_lessons_are_learned_at_once_and_many_train_it_anew(db, ham, junk):
    SpamFilter().learn_all([(*said(row).values(), False) for row in ham[: classifier.FEW]])
    SpamFilter().score("x")
    assert not FilterWeights.objects.exists()
    SpamFilter().learn_all([(*said(row).values(), True) for row in junk[:20]])
    SpamFilter().score("x")
    assert FilterWeights.objects.get().number == classifier.FEW + 20
    SpamFilter().learn("The blue umbrella society", spam=True)
    SpamFilter().score("x")
    assert FilterWeights.objects.get().number == classifier.FEW + 20


def test_weights_of_an_older_version_are_made_anew_from_the_stored_lessons(db, ham, junk):
    told = [(*said(row).values(), True) for row in junk[:25]] + [(*said(row).values(), False) for row in ham[:25]]
    SpamFilter().learn_all(told)
    before = SpamFilter().score(junk[0]["text"])
    old = array("f", [1.0]) * (classifier.BIAS + 1)
    FilterWeights.objects.update(version=classifier.VERSION - 1, weights=old.tobytes())
    classifier._kept = (None, None)
    assert SpamFilter().score(junk[0]["text"]) == pytest.approx(before)
    assert FilterWeights.objects.get().version == classifier.VERSION


@pytest.mark.parametrize("number", [0, 3])
def test_nobody_waits_for_the_seed_list_before_there_are_many_lessons(db, junk, ham, monkeypatch, number):
    SpamFilter().learn_all([(*said(row).values(), True) for row in junk[:number]])
    before = [SpamFilter().score(**said(row)) for row in [*ham[:20], *junk[:20]]]
    keep_up()
    assert FilterWeights.objects.get().number == 0
    classifier._untaught.cache_clear()
    monkeypatch.setattr(classifier, "_kept", (None, None))  # the process that answers readers is another one
    monkeypatch.setattr(classifier, "train", lambda every: pytest.fail("a reader waited"))
    assert [SpamFilter().score(**said(row)) for row in [*ham[:20], *junk[:20]]] == pytest.approx(before)
    monkeypatch.undo()
    SpamFilter().learn_all([(*said(row).values(), True) for row in junk[: classifier.FEW + 1]])
    keep_up()
    assert FilterWeights.objects.get().number == classifier.FEW + 1


def test_the_worker_learns_anew_so_that_no_reader_waits_for_it(db, junk, monkeypatch):
    SpamFilter().learn_all([(*said(row).values(), True) for row in junk[: classifier.FEW + 1]])
    keep_up()
    assert FilterWeights.objects.get().number == classifier.FEW + 1
    monkeypatch.setattr(classifier, "_kept", (None, None))  # the process that answers readers is another one
    monkeypatch.setattr(classifier, "train", lambda every: pytest.fail("a reader waited"))
    assert SpamFilter().score("Buy now") > 0


def test_another_process_knows_what_one_has_learned(db, junk):
    SpamFilter().learn_all([(*said(row).values(), True) for row in junk])
    known = SpamFilter().score("Hello there")
    classifier._kept = (None, None)
    assert SpamFilter().score("Hello there") == pytest.approx(known, abs=1e-6)


def test_a_score_costs_one_query(db, django_assert_num_queries, junk):
    SpamFilter().learn_all([(*said(row).values(), True) for row in junk])
    SpamFilter().score("Hello")
    with django_assert_num_queries(1):
        SpamFilter().score("Hello again", author="Ann", url="https://ann.example")
    with django_assert_num_queries(2):  # and how often its words stand in what was decided about
        SpamFilter().reasons("Hello again, cheap pills")


def test_lessons_hold_no_words(db):
    SpamFilter().learn("My telephone number is a secret", author="Ann", url="https://ann.example", spam=False)
    row = TrainingExample.objects.get()
    assert b"secret" not in bytes(row.features) and "secret" not in row.key


def test_the_oldest_lessons_are_forgotten(db, monkeypatch):
    monkeypatch.setattr(classifier, "MOST", 5)
    monkeypatch.setattr(classifier, "SPARE", 2)
    for number in range(8):
        SpamFilter().learn(f"Honest number {number}", spam=False)
    SpamFilter().learn("Spam", spam=True)
    assert TrainingExample.objects.filter(spam=False).count() == 5
    SpamFilter().forget("Honest number 0")
    assert TrainingExample.objects.filter(spam=False).count() == 5


# How it does where it has learned nothing


@pytest.mark.long
@pytest.mark.parametrize("source", SOURCES)
def test_what_it_learned_in_one_corner_holds_in_the_others(source, ham, junk):
    bad, good = SOURCES[source]
    taught = [row for row in junk if row["kind"] in bad], [row for row in ham if row["kind"] in good]
    others = [row for row in junk if row["kind"] not in bad], [row for row in ham if row["kind"] not in good]
    learned = classifier.train([*lessons(taught[0], True), *lessons(taught[1], False)])
    for_spam, for_ham = scores(learned, others[0]), scores(learned, others[1])
    assert share(for_ham, SPAM) < 0.01
    assert share(for_ham, HOLD) < 0.08
    assert share(for_spam, HOLD) > 0.65
    words = NaiveBayes(taught[1], taught[0])
    by_words = area([words.score(row) for row in others[1]], [words.score(row) for row in others[0]])
    assert area(for_ham, for_spam) > by_words + 0.05


@pytest.mark.long
def test_it_knows_kinds_that_are_missing_from_its_seed_list(ham, junk, monkeypatch):
    """Each kind is left out of the seeds in turn, and then looked for."""
    listed = list(read(features.SEEDS / "spam.tsv"))
    honest = [(*marks(row), False) for row in read(features.SEEDS / "honest.tsv")]
    by_kind = defaultdict(list)
    for row in junk:
        by_kind[row["kind"]].append(row)
    found, worst = [], 0
    for kind in ("casino", "crypto", "loan", "adult", "essay", "spell", "work", "seo", "goods"):
        left = [(*marks(row), True) for row in listed if row["kind"] != kind]
        monkeypatch.setattr(classifier, "seeds", lambda left=left: [*left, *honest])
        learned = classifier.train([])
        found += scores(learned, by_kind[kind])
        worst = max(worst, share(scores(learned, ham), SPAM))
    assert share(found, HOLD) > 0.6
    assert worst < 0.01


def test_honest_comments_that_were_written_for_the_demo_are_let_through(db):
    folder = DATA.parent.parent / "transfer" / "demo" / "texts" / "comments"
    lines = "\n".join(file.read_text(encoding="utf-8") for file in folder.glob("*.md")).splitlines()
    texts = [line for line in lines if line not in ("", "* * *")]
    found = [SpamFilter().score(text, author="Ann") for text in texts]
    assert len(found) >= 140
    assert share(found, HOLD) <= 0.02 and share(found, SPAM) == 0


@pytest.mark.long
def test_the_figures_on_the_texts_that_are_held_back():
    """What docs/moderation.md says; the goal that is not reached (.90 for blogs) stands there as well."""
    found = evaluation.figures(DATA)
    for name in ("untaught", "taught"):
        held, caught = found[name].held()
        filed, _thrown = found[name].held(SPAM)
        assert filed == 0
        assert held / len(found[name].honest) <= 0.015
        assert caught / len(found[name].spam) >= 0.93
    assert found["taught"].mcc >= 0.95
    for name in evaluation.SOURCES:
        judged = found[name]
        assert judged.mcc >= (0.89 if name == "blogs" else 0.9) and judged.held(SPAM)[0] == 0, name
        assert judged.held()[0] / len(judged.honest) <= 0.02, name
    said = (DATA.parent.parent / "docs" / "moderation.md").read_text(encoding="utf-8")
    for judged in found.values():
        for number, of in zip(judged.held(), (len(judged.honest), len(judged.spam)), strict=True):
            assert f"{number} of {of}" in said


@pytest.mark.parametrize(
    ("found", "of", "low", "high"),
    [(0, 100, 0, 0.0370), (100, 100, 0.9630, 1), (5, 100, 0.0215, 0.1118), (50, 100, 0.4038, 0.5962), (0, 0, 0, 1),
     (1, 742, 0.0002, 0.0076)],
)  # fmt: skip
def test_the_interval_of_a_share(found, of, low, high):
    """Wilson's, as in "Probable inference" (1927)."""
    assert evaluation.interval(found, of) == pytest.approx((low, high), abs=1e-4)


def test_tuning_looks_at_no_text_that_is_held_back(monkeypatch):
    every = list(evaluation.texts(DATA))[::25]
    looked_at = []
    monkeypatch.setattr(evaluation, "texts", lambda _folder: every)
    monkeypatch.setattr(evaluation.Text, "marks", property(lambda text: looked_at.append(text) or marks(vars(text))))
    found = evaluation.tuning_figures(DATA)
    assert looked_at == [text for text in every if not text.is_held_back]
    assert sum(len(judged.honest) + len(judged.spam) for judged in found.values()) == len(looked_at) < len(every)


def test_texts_that_resemble_each_other():
    one, other, third = map(
        evaluation.runs_of,
        ["Nice blog, thank you for the tips", "Great blog, thank you for these tips", "My oven is too cold for bread"],
    )
    assert evaluation.resembles(one, other) and not evaluation.resembles(one, third)


# What it says, and what it bears


def test_the_reasons_are_sentences(db):
    reasons = SpamFilter().reasons(
        "Best online casino, free spins! Register now http://spin-win.example", author="Casino bonus"
    )
    assert len(reasons) == 2 and len(set(reasons)) == 2
    assert all(reason.endswith(".") for reason in reasons)
    assert "It is about gambling." in SpamFilter().reasons("casino casino poker bets")
    assert SpamFilter().reasons("") == []


@pytest.mark.parametrize(
    "text",
    ["a" * 10_000, "<a " * 3000, "@ " * 5000, "1 " * 5000, "a.a." * 2500, "!" * 9999, "{a|" * 3000, "[url " * 2000,
     "www." * 2500, "- a" * 3000, "text a " * 1400, "“" * 9999, "\ud800\x00\u202e", "ﷺ" * 3000, "е" * 5000,
     "👉" * 5000],
)  # fmt: skip
def test_hostile_text_takes_no_time(text):
    features.marks("warm", "", "")
    start = time.process_time()
    features.marks(text, text[:245], "http://x.example/" + text[:300])
    assert time.process_time() - start < allowed(0.25)
