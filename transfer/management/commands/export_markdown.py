"""`manage.py export_markdown DIR`: this blog as text files with front matter."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.site import site_locale
from transfer.exporting.files import NotEmpty
from transfer.exporting.markdown import write_folder
from transfer.management.blog_owner import who_owns_this_blog


class Command(BaseCommand):
    help = (
        "Writes the whole blog as a folder of text files with front matter, which Hugo builds: posts, pages, comments, "
        "media, redirects. Whatever is not public is marked as a draft or lies in the folder private."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR", help="a new or empty folder")

    def handle(self, *, folder: Path, **options: Any) -> None:
        who_owns_this_blog()
        try:
            with site_locale():
                counted = write_folder(folder)
        except NotEmpty:
            raise CommandError(f"{folder} is not empty. Name a new folder.")
        except OSError as trouble:
            raise CommandError(f"The folder could not be written: {trouble}")
        self.stdout.write(
            f"Wrote {folder}: " + ", ".join(f"{number:,} {kind}" for kind, number in counted.items()) + "."
        )
