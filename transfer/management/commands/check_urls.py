"""`manage.py check_urls FILE…`: do the addresses of the old blog answer here?"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from transfer.management.blog_owner import who_owns_this_blog
from transfer.url_check import check, paths_in
from transfer.wordpress.errors import Refused


class Command(BaseCommand):
    help = (
        "Asks this blog for every address of an old sitemap, a WordPress export or a list, and names those that do not "
        "answer within one redirect. Run it before the domain moves."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="sitemap.xml, an export, or a list")
        parser.add_argument("--json", type=Path, metavar="FILE.json", help="write every answer there")

    def handle(self, *, files: Sequence[Path], **options: Any) -> None:
        who_owns_this_blog()
        answers = []
        for file in files:
            if not file.is_file():
                raise CommandError(f"There is no file {file}.")
            try:
                answers += [check(path) for path in paths_in(file)]
            except Refused as refusal:
                raise CommandError(str(refusal))
        wrong = [answer for answer in answers if not answer.is_fine]
        for answer in wrong:
            self.stdout.write(f"{answer.status} {answer.path}" + (f" → {answer.target}" if answer.target else ""))
        if options["json"]:
            rows = [{"path": each.path, "status": each.status, "target": each.target} for each in answers]
            options["json"].write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        redirects = sum(bool(answer.target) for answer in answers)
        self.stdout.write(f"{len(answers):,} addresses asked, {redirects:,} redirect, {len(wrong):,} do not answer.")
        if wrong:
            raise CommandError("Not every address answers.")
