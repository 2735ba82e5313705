"""`manage.py export_wordpress FILE`: this blog as a WordPress export file."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.site import site_locale
from transfer.exporting.files import write_parts
from transfer.exporting.wordpress import wxr_parts
from transfer.management.blog_owner import who_owns_this_blog


class Command(BaseCommand):
    help = (
        "Writes the whole blog as a WordPress export file (WXR 1.2): posts, pages, comments, categories, tags, authors "
        "and the addresses of files. Spam, passwords and logins are left out."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.xml", help="the file to write; - writes to the output")

    def handle(self, *, file: Path, **options: Any) -> None:
        who_owns_this_blog()
        counted = {"posts": 0, "comments": 0, "attachments": 0}

        def progress(kind: str, number: int) -> None:
            counted[kind] += number

        with site_locale():
            if str(file) == "-":
                sys.stdout.writelines(wxr_parts(progress))
                return
            try:
                write_parts(file, wxr_parts(progress))
            except OSError as trouble:
                raise CommandError(f"The file could not be written: {trouble}")
        done = ", ".join(f"{number:,} {kind}" for kind, number in counted.items())
        self.stdout.write(f"Wrote {file}: {done}.")
