"""CPU time of rendering a text: per character of prose, and for 300 kB of other text, hostile text included.

    .venv/bin/python -m bench.rendering            prints the figures for docs/performance.md
    .venv/bin/python -m bench.rendering 60000      with texts of 60,000 characters

Each figure is compared with prose of the same length in the same run: the ratios are the same on other machines, the
seconds are not. The goals are 12 µs per character of prose and 10 s for 300 kB.
"""

import os
import sys
from time import process_time

SIZE = 300_000
ROUNDS = 3
GOAL_MICROSECONDS, GOAL_SECONDS = 12, 10
WORST = 12  # number of hostile texts printed


def main(size):
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    from tests.data.hostile_markdown import HOSTILE
    from tests.data.long_posts import LONG_POSTS

    prose = texts_of(LONG_POSTS["words"], size)
    base = min(seconds(prose) for _ in range(ROUNDS))
    each = base / len(prose) * 1e6
    print(f"prose: {each:.1f} µs a character, {base:.2f} s for {len(prose):,} (goal {GOAL_MICROSECONDS} µs)")
    print_all("as people write", {name: texts_of(make, size) for name, make in LONG_POSTS.items()}, base)
    for source_format in ("markdown", "html"):
        strange = {name: make(size) for name, make in HOSTILE.items()}
        print_all(f"hostile {source_format}, the worst {WORST}", strange, base, source_format, WORST)


def print_all(title, texts, base, source_format="markdown", most=1000):
    taken = sorted(((seconds(text, source_format), name) for name, text in texts.items()), reverse=True)
    print(f"\n{title} (goal {GOAL_SECONDS} s for 300 kB)")
    for spent, name in taken[:most]:
        print(f"{spent:7.2f} s {spent / base:6.1f} × prose  {name}")


def texts_of(make, size):
    """A text by `make`, repeated up to 64 times and cut to `size` characters."""
    times = 1
    while len(make(times)[0]) < size and times < 64:
        times += 1
    return make(times)[0][:size]


def seconds(text, source_format="markdown"):
    from blog.markup import POST, render

    start = process_time()
    rendered = render(text, POST, prefix="p-", source_format=source_format)
    _ = rendered.summary, rendered.plain, rendered.words
    return process_time() - start


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else SIZE)
