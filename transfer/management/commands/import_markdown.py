"""`manage.py import_markdown DIR|ZIP`: bring a blog that is a folder of texts into this one."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from transfer.management.import_command import ImportCommand


class Command(ImportCommand):
    help = (
        "Brings a folder of Markdown (Hugo, Jekyll, Eleventy, Astro, our own export) into this blog: texts with their "
        "front matter, pictures, old addresses. Can be interrupted and run again; nothing is brought twice."
    )
    system = "markdown"
    files = "the folder of the blog, or a .zip of it"
    media = "where the files come from: nowhere (skip), the old host, or another folder than that of the texts"
    takes_folders = True
    has_address = False

    def options(
        self, files: Sequence[Path], dry_run: bool, media: str, author_map: Sequence[str], timezone: str | None
    ) -> dict[str, Any]:
        """Files lie beside the texts, unless something else is asked for."""
        if len(files) > 1:
            raise CommandError("Bring one folder at a time: pictures are looked for in it.")
        return super().options(files, dry_run, media or str(files[0]), author_map, timezone)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(media="")
