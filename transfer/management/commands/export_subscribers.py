"""`manage.py export_subscribers FILE`: the subscribers and stopped addresses as CSV."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from comments.notifications.subscriber_list import csv_lines
from transfer.exporting.files import write_parts
from transfer.management.blog_owner import who_owns_this_blog


class Command(BaseCommand):
    help = (
        "Writes the confirmed subscribers as CSV, and the addresses that have stopped, so that nobody writes to them."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.csv", help="the file to write; - writes to the output")

    def handle(self, *, file: Path, **options: Any) -> None:
        who_owns_this_blog()
        if str(file) == "-":
            sys.stdout.writelines(csv_lines())
            return
        try:
            write_parts(file, csv_lines())
        except OSError as trouble:
            raise CommandError(f"The file could not be written: {trouble}")
        self.stdout.write(f"Wrote {file}.")
