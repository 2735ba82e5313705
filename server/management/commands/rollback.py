from django.core.management.base import BaseCommand, CommandError

from server.management.commands.upgrade import ask
from server.upgrade.steps import WRITERS, UpgradeFailed, rollback


class Command(BaseCommand):
    help = "Go back to the version and the database of before the last upgrade; what came since is exported first."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--yes", action="store_true", help="do not ask after listing what came since")
        parser.add_argument(
            "--wait", type=int, default=WRITERS, metavar="SECONDS",
            help="how long to wait for jobs and commands that write (%(default)s)",
        )  # fmt: skip

    def handle(self, *, yes, wait, **options):
        def is_confirmed(what):
            self.stdout.write(f"\n{what}\n")
            return yes or ask("Go back, without it? [y/N] ")

        try:
            rollback(self.stdout.write, is_confirmed=is_confirmed, wait=wait)
        except UpgradeFailed as failure:
            raise CommandError(f"Nothing was rolled back: {failure}.")
