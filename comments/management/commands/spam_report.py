"""How well the spam filter would have judged what people decided."""

import random

from django.core.management.base import BaseCommand

from comments import lessons, spam
from comments.models import Lesson

FOLDS = 10


class Command(BaseCommand):
    help = "Shows how the spam filter judges the owner's own decisions, each by what the others teach (10-fold)."

    def add_arguments(self, parser):
        parser.add_argument(
            "--rebuild", action="store_true", help="first forget everything and learn the decisions anew"
        )

    def handle(self, *args, rebuild, **options):
        if rebuild:
            self.stdout.write(f"Learned anew: {lessons.rebuild()} decisions.")
        told = spam.lessons_of(Lesson.objects.order_by("pk"))
        spams = sum(lesson[2] for lesson in told)
        self.stdout.write(f"Decisions: {len(told)}, of them {spams} spam and {len(told) - spams} honest.")
        if min(spams, len(told) - spams) < FOLDS:
            self.stdout.write(f"Too few to measure: it takes {FOLDS} of each. The filter learns from the first.")
            return
        for line in lines(scores(told)):
            self.stdout.write(line)


def scores(told):
    """(score, whether it is spam) of each lesson, by a filter that learned the other nine tenths."""
    mixed = random.Random(FOLDS).sample(told, len(told))
    for fold in range(FOLDS):
        learned = spam.train([lesson for at, lesson in enumerate(mixed) if at % FOLDS != fold])
        for names, grams, is_spam, _counts in mixed[fold::FOLDS]:
            yield spam.judged(learned, names, grams), is_spam


def lines(judged):
    bad, good = [], []
    for score, is_spam in judged:
        (bad if is_spam else good).append(score)
    for limit, what in ((spam.HOLD, "held or sent to spam"), (spam.SPAM, "sent to spam")):
        caught, blocked = (sum(score >= limit for score in scores) for scores in (bad, good))
        precision = caught / (caught + blocked) if caught + blocked else 1
        yield (
            f"{what.capitalize()} (from {limit}): precision {precision:.1%}, recall {caught / len(bad):.1%}, "
            f"blocked ham {blocked} of {len(good)} ({blocked / len(good):.2%})."
        )
