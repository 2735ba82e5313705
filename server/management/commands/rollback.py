from django.core.management.base import BaseCommand, CommandError

from server.management.commands.upgrade import ask
from server.upgrade.steps import UpgradeFailed, rollback


class Command(BaseCommand):
    help = "Go back to the version and the database of before the last upgrade; what came since is exported first."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--yes", action="store_true", help="do not ask after listing what came since")

    def handle(self, *, yes, **options):
        def is_confirmed(what):
            self.stdout.write(f"\n{what}\n")
            return yes or ask("Go back, without it? [y/N] ")

        try:
            rollback(self.stdout.write, is_confirmed=is_confirmed)
        except UpgradeFailed as failure:
            raise CommandError(f"Nothing was rolled back: {failure}.")
