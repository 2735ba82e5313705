"""`manage.py import_subscribers FILE…`: bring the subscribers of a newsletter into this blog, from its lists."""

from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandParser

from transfer.management.import_command import ImportCommand
from transfer.subscribers.list_formats import SERVICES


class Command(ImportCommand):
    help = (
        "Brings subscribers from lists (CSV) of Substack, Mailchimp, Buttondown, Ghost, or of another Longrun. Only "
        "whoever has confirmed, as the list proves, gets new posts; who unsubscribed stays so. Nobody is written to."
    )
    system = "subscribers"
    files = "the lists: .csv, or a .zip with some"

    def add_arguments(self, parser: CommandParser) -> None:
        self.add_files(parser)
        parser.add_argument(
            "--system",
            choices=sorted(SERVICES),
            help="which service wrote the lists, if their columns do not tell",
        )

    def handle(self, **options: Any) -> None:
        super().handle(**options | {"media": "skip", "author_map": [], "timezone": None})

    def own_options(self, options: Mapping[str, Any]) -> dict[str, str]:
        return {"service": options["system"]} if options.get("system") else {}
