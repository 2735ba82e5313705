"""`manage.py restore_from FOLDER`: a blog from its mirror, or from a JSON export."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.site import site_locale
from transfer.management.blog_owner import who_owns_this_blog
from transfer.restore.parts import Refused
from transfer.restore.restorer import restore_blog
from transfer.restore.sources import source_of


class Command(BaseCommand):
    help = (
        "Restores a blog from a mirror folder (public/ alone gives what everybody may see) or from a file of "
        "export_json, into a new blog. Every hash is compared first. Passwords, keys and logins do not come."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, metavar="FOLDER", help="the mirror, its public part, or a JSON export")
        parser.add_argument("--media", type=Path, help="for a JSON export: the folder media of the blog's data folder")

    def handle(self, *, folder: Path, media: Path | None, **options: Any) -> None:
        owner, _site = who_owns_this_blog()
        try:
            with site_locale():
                counted = restore_blog(source_of(folder, media), owner)
        except Refused as refusal:
            raise CommandError(f"Nothing was restored. {refusal}")
        except OSError as trouble:
            raise CommandError(f"Nothing was restored: {trouble}")
        self.stdout.write("Restored " + ", ".join(f"{number:,} {kind}" for kind, number in counted.items()) + ".")
        self.stdout.write(f"{owner.name} owns this blog and logs in as before. Nobody else has a password.")
