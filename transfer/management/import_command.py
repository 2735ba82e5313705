"""What the commands that bring a blog from another system share."""

import json
import zoneinfo
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from transfer.importing import receipt
from transfer.importing.authors import named
from transfer.importing.media_sources import getter
from transfer.importing.run import Cancelled, run_import, start
from transfer.management.blog_owner import who_owns_this_blog
from transfer.management.progress import Progress
from transfer.models import ImportRun
from transfer.old_urls import urlsplit_or_none
from transfer.records import KINDS
from transfer.wordpress.errors import Refused


class ImportCommand(BaseCommand):
    system = ""  # one of transfer.importing.systems.SYSTEMS
    files = "the export"  # what the command is given
    media = "where the files come from: nowhere (skip), the old host, or a copy of them"
    takes_folders = False
    has_address = True  # the files contain the address of the old blog
    address_help = "the address of the old blog, which its files do not contain"
    has_posts = True  # with files and local dates

    def add_files(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help=self.files)
        parser.add_argument("--dry-run", action="store_true", help="only show what would be brought")
        parser.add_argument("--receipt", type=Path, metavar="FILE.json", help="write what became of each element there")

    def add_arguments(self, parser: CommandParser) -> None:
        self.add_files(parser)
        if self.has_posts:
            parser.add_argument("--media", default="skip", metavar="skip|download|DIR|ARCHIVE", help=self.media)
            zone = "of dates without one (the blog's), such as Europe/Berlin"
            parser.add_argument("--timezone", metavar="TZ", help=zone)
        parser.add_argument(
            "--author-map",
            action="append",
            default=[],
            metavar="LOGIN=WHO",
            help="an author of the file is this person here (email address or handle); may be repeated",
        )
        if not self.has_address:
            parser.add_argument("--url", default="", metavar="URL", help=self.address_help)

    def handle(
        self,
        *,
        files: list[Path],
        dry_run: bool,
        media: str,
        author_map: Sequence[str],
        timezone: str | None,
        **others: Any,
    ) -> None:
        owner, _site = who_owns_this_blog()
        options = self.options(files, dry_run, media, author_map, timezone) | self.own_options(others)
        if dry_run:
            run = ImportRun(
                system=self.system, source=", ".join(file.name for file in files)[:500], options=options, by=owner
            )
        else:
            try:
                run = start(files, system=self.system, by=owner, **options)
            except OSError as trouble:
                raise CommandError(f"The file could not be read: {trouble}")
        if run.position or run.phase:
            self.stderr.write("Going on where the last import of these files stopped.")
        progress = Said(self)
        try:
            totals = run_import(run, files, progress=progress)
        except Refused as refusal:
            raise CommandError(str(refusal))
        except OSError as trouble:
            raise CommandError(f"The import stopped: {trouble}. Run the same command again to go on.")
        except (KeyboardInterrupt, Cancelled):
            raise CommandError("Stopped. Run the same command again to go on.")
        if others["receipt"]:
            self.write_receipt(others["receipt"], run, totals, dry_run)
        self.show(run, totals, dry_run)

    def options(
        self, files: Sequence[Path], dry_run: bool, media: str, author_map: Sequence[str], timezone: str | None
    ) -> dict[str, Any]:
        for file in files:
            if not (file.is_file() or self.takes_folders and file.is_dir()):
                raise CommandError(f"There is no file {file}.")
        try:
            getter(media)
        except ValueError as trouble:
            raise CommandError(str(trouble))
        if timezone and timezone not in zoneinfo.available_timezones():
            raise CommandError(f"“{timezone}” is not a known time zone.")
        pairs = [pair.partition("=") for pair in author_map]
        if any(not login or not who for login, _equals, who in pairs):
            raise CommandError("Write --author-map as LOGIN=WHO.")
        for _login, _equals, who in pairs:
            if named(who) is None:
                raise CommandError(f"Nobody here has the email address or handle “{who}”.")
        if media not in ("skip", "download"):
            media = str(Path(media).resolve())
        options = {"media": media, "author_map": {login: who for login, _equals, who in pairs}}
        return options | ({"timezone": timezone} if timezone else {}) | ({"dry_run": True} if dry_run else {})

    def own_options(self, options: Mapping[str, Any]) -> dict[str, str]:
        """What the run needs of the options that only this system has. Raises CommandError."""
        url = options.get("url")
        if not url:
            return {}
        parts = urlsplit_or_none(url)
        if parts is None or parts.scheme not in ("http", "https"):
            raise CommandError("Write --url as a whole address: https://example.com")
        return {"url": url.rstrip("/")}

    def write_receipt(self, path: Path, run: ImportRun, totals: Mapping[str, Any], dry_run: bool) -> None:
        content = {"source": run.source, "dry_run": True, "totals": totals} if dry_run else receipt.as_dict(run)
        try:
            path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        except OSError as trouble:
            raise CommandError(f"The blog was imported, but the receipt could not be written: {trouble}")

    def show(self, run: ImportRun, totals: Mapping[str, Any], dry_run: bool) -> None:
        for notice in run.notices:
            self.stdout.write(notice)
        names = list(receipt.RESULTS)
        self.stdout.write("".join([f"{'':12}", f"{'in file':>10}", *(f"{name:>11}" for name in names)]))
        for kind in KINDS:
            row = totals[kind]
            if row["in_file"] or any(row[name] for name in names):
                self.stdout.write(
                    "".join([f"{kind:12}", f"{row['in_file']:>10}", *(f"{row[name]:>11}" for name in names)])
                )
        if dry_run:
            self.stdout.write("Nothing was stored: this was a dry run.")


class Said:
    """Prints the progress of a phase at most once a second."""

    def __init__(self, command: BaseCommand) -> None:
        self.out, self.phase, self.done = command.stderr, "", 0
        self.progress: Progress | None = None

    def __call__(self, phase: str, done: int, total: int) -> None:
        if self.progress is None or phase != self.phase:
            self.phase, self.done, self.progress = phase, 0, Progress(self.out, {phase: total})
        self.progress(phase, done - self.done)
        self.done = done
