"""`manage.py export_json FILE`: this blog as one JSON document."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.site import site_locale
from transfer.exporting.files import write_parts
from transfer.exporting.json_export import json_parts
from transfer.exporting.schema import text
from transfer.management.blog_owner import who_owns_this_blog


class Command(BaseCommand):
    help = "Writes the whole blog as one JSON document, with everything but passwords, keys and logins."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file", type=Path, metavar="FILE.json", nargs="?", help="the file to write; - writes to the output"
        )
        parser.add_argument("--schema", action="store_true", help="print the JSON Schema of the file instead")

    def handle(self, *, file: Path | None, schema: bool, **options: Any) -> None:
        if schema:
            self.stdout.write(text(), ending="")
            return
        if file is None:
            raise CommandError("Name the file to write.")
        who_owns_this_blog()
        with site_locale():
            if str(file) == "-":
                sys.stdout.writelines(json_parts())
                return
            try:
                write_parts(file, json_parts())
            except OSError as trouble:
                raise CommandError(f"The file could not be written: {trouble}")
        self.stdout.write(f"Wrote {file}.")
