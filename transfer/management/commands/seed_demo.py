"""`manage.py seed_demo --posts 10000 --comments 50000`: demo content, also for benchmarks."""

import argparse
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone, translation

from core import languages
from transfer.demo.post_rows import PASSWORD
from transfer.demo.seed import AlreadySeeded, seed_blog
from transfer.management.blog_owner import who_owns_this_blog
from transfer.management.progress import Progress

LAST_DAY = date(2026, 10, 31)
MOST = 1_000_000


def parse_count(text: str) -> int:
    """argparse type: a whole number from 0 to MOST."""
    if not (text.isascii() and text.isdecimal()) or int(text) > MOST:
        raise argparse.ArgumentTypeError(f"“{text}” is not a whole number from 0 to {MOST:,}")
    return int(text)


def parse_date(text: str) -> date:
    """argparse type: a date from 1980 on, such as 2026-10-31."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}” is not a date; write it as 2026-10-31")
    if found.year < 1980:
        raise argparse.ArgumentTypeError(f"“{text}” is too early for a blog")
    return found


class Command(BaseCommand):
    help = "Fill this blog with demo content: eight years of posts in three languages, with comments."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--posts", type=parse_count, default=200, metavar="N", help="how many posts (200)")
        parser.add_argument("--comments", type=parse_count, default=1000, metavar="M", help="how many comments (1000)")
        parser.add_argument("--seed", default="1", metavar="S", help="another seed gives other content (1)")
        parser.add_argument(
            "--until", type=parse_date, default=LAST_DAY, metavar="DAY", help=f"the day of the newest post ({LAST_DAY})"
        )

    def handle(self, *, posts: int, comments: int, seed: str, until: date, **options: Any) -> None:
        owner, site = who_owns_this_blog()
        if until >= timezone.localdate(timezone=site.zone):
            raise CommandError(f"The last day must be over, and {until} is not: choose an earlier one with --until.")
        if comments and not posts:
            raise CommandError("Comments need posts: use --posts as well.")
        progress = Progress(self.stderr, {"posts": posts, "comments": comments})
        try:
            with translation.override(languages.interface(site.language)):
                seed_blog(owner, posts=posts, comments=comments, seed=seed, last_day=until, progress=progress)
        except AlreadySeeded:
            raise CommandError(f"The demo of seed {seed} is in this blog already: use another --seed for more of it.")
        except KeyboardInterrupt:
            raise CommandError(f"Stopped. What was created so far is kept: {progress.summary}.")
        self.stdout.write(f"Made {progress.summary} in {progress.seconds:.0f} s.")
        self.stdout.write(f"The password of protected posts is “{PASSWORD}”.")
