"""How well the spam filter would have judged what people decided."""

import random

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from comments.models import TrainingExample
from comments.spam import classifier, evaluation, training

FOLDS = 10
OWN_TEXTS = settings.BASE_DIR / "tests" / "data"


class Command(BaseCommand):
    help = "Measure the spam filter on the owner's own decisions (10-fold cross-validation)."

    def add_arguments(self, parser):
        parser.add_argument(
            "--rebuild", action="store_true", help="first delete what was learned, and retrain on all decisions"
        )
        parser.add_argument(
            "--own-texts", action="store_true", help="measure the held-out third of the project's own texts instead"
        )

    def handle(self, *args, rebuild, own_texts, **options):
        if own_texts:
            self.judge_own_texts()
        else:
            self.judge_decisions(rebuild)

    def judge_decisions(self, rebuild):
        if rebuild:
            self.stdout.write(f"Retrained on {training.rebuild()} decisions.")
        told = classifier.training_rows(TrainingExample.objects.order_by("pk"))
        spams = sum(lesson[2] for lesson in told)
        self.stdout.write(f"Decisions: {len(told)}, of them {spams} spam and {len(told) - spams} honest.")
        if not classifier.SpamFilter.is_taught():
            self.stdout.write(
                f"It only holds until there are {classifier.TAUGHT} decisions, {classifier.OF_EACH} of each kind."
            )
        if min(spams, len(told) - spams) < FOLDS:
            self.stdout.write(f"Too few to measure: it takes {FOLDS} of each. The filter learns from the first.")
            return
        for line in lines(scores(told)):
            self.stdout.write(line)

    def judge_own_texts(self):
        if not (OWN_TEXTS / "ham.tsv").exists():
            raise CommandError(f"The texts are part of the source code, and {OWN_TEXTS} is not here.")
        self.stdout.write("The held-out third of our own texts; in brackets the share and its 95 % interval.")
        for name, judged in evaluation.figures(OWN_TEXTS).items():
            self.stdout.write(judged.line(name))


def scores(told):
    """(score, whether it is spam) of each lesson, by a filter that learned the other nine tenths."""
    mixed = random.Random(FOLDS).sample(told, len(told))
    for fold in range(FOLDS):
        learned = classifier.train([lesson for at, lesson in enumerate(mixed) if at % FOLDS != fold])
        for names, grams, is_spam, _counts in mixed[fold::FOLDS]:
            yield classifier.judged(learned, names, grams), is_spam


def lines(judged):
    bad, good = [], []
    for score, is_spam in judged:
        (bad if is_spam else good).append(score)
    for limit, what in ((classifier.HOLD, "held or sent to spam"), (classifier.SPAM, "sent to spam")):
        caught, blocked = (sum(score >= limit for score in scores) for scores in (bad, good))
        precision = caught / (caught + blocked) if caught + blocked else 1
        yield (
            f"{what.capitalize()} (from {limit}): precision {precision:.1%}, "
            f"spam {evaluation.share(caught, len(bad))}, honest {evaluation.share(blocked, len(good))}."
        )
