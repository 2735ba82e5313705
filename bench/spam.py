"""Accuracy of the spam classifier on the test third of our labeled texts, and its time per comment.

    .venv/bin/python -m bench.spam            prints the figures for docs/moderation.md
    .venv/bin/python -m bench.spam --tune     cross-validates on the other two thirds only, for tuning

The goals: of real comments, at most 0.2 % filed as spam by the untrained classifier, 0.5 % by the trained one, and at
most 3 % held; for each source, trained without its texts, at most 2 % held and a Matthews correlation of at least .90.
"""

import os
import sys
from pathlib import Path
from time import process_time

DATA = Path(__file__).parent.parent / "tests" / "data"


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    from comments.spam import classifier, evaluation

    tuning = "--tune" in sys.argv[1:]
    found = evaluation.tuning_figures(DATA) if tuning else evaluation.figures(DATA)
    for name, judged in found.items():
        print(judged.line(name))
    if tuning:
        return
    texts = list(evaluation.texts(DATA))
    learned = classifier.train([])
    start = process_time()
    for text in texts:
        classifier.judged(learned, *text.marks)
    print(f"{len(texts)} texts, {(process_time() - start) / len(texts) * 1000:.2f} ms each")


if __name__ == "__main__":
    main()
