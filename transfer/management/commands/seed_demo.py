"""`manage.py seed_demo --posts 10000 --comments 50000`: demo content, also for benchmarks."""

import argparse
import time
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser, OutputWrapper
from django.utils import timezone, translation

from accounts.models import User
from core import languages
from core.models import Site
from transfer.demo.post_rows import PASSWORD
from transfer.demo.seed import AlreadySeeded, seed_blog

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


def who_owns_this_blog() -> tuple[User, Site]:
    """(owner, site). Raises CommandError if the blog is not set up yet."""
    owner, site = User.objects.owners().order_by("pk").first(), Site.objects.first()
    if not owner or not site:
        raise CommandError(
            "This blog is not set up yet. Open the link that `manage.py setup_link` prints, or run"
            " `manage.py createsuperuser`, and then this again."
        )
    return owner, site


class Progress:
    """Prints progress and rows per second to `out`: at most once a second, and when a kind is finished."""

    def __init__(self, out: OutputWrapper, totals: Mapping[str, int]) -> None:
        self.out, self.totals = out, totals
        self.done = dict.fromkeys(totals, 0)
        self.started = self.kind_started = self.said = time.monotonic()

    def __call__(self, kind: str, count: int) -> None:
        now = time.monotonic()
        self.done[kind] += count
        finished = self.done[kind] == self.totals[kind]
        if finished or now - self.said >= 1:
            rate = self.done[kind] / max(now - self.kind_started, 0.001)
            self.out.write(f"{kind}: {self.done[kind]:,} of {self.totals[kind]:,}, {rate:,.0f} a second", str)
            self.said = now
        if finished:
            self.kind_started = now

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started

    @property
    def summary(self) -> str:
        return " and ".join(f"{done:,} {kind}" for kind, done in self.done.items())
