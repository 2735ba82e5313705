import sys

from django.core.management.base import BaseCommand, CommandError

from server.upgrade.steps import WRITERS, UpgradeFailed, upgrade


class Command(BaseCommand):
    help = "Install another version beside this one, migrate a copy of the database and let the new version take over."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument(
            "source", metavar="WHEEL|TAG", help="the file of the new version, or a tag of this checkout"
        )
        parser.add_argument("--yes", action="store_true", help="do not ask after showing what is new")
        parser.add_argument(
            "--wait", type=int, default=WRITERS, metavar="SECONDS",
            help="how long to wait for jobs and commands that write (%(default)s)",
        )  # fmt: skip

    def handle(self, *, source, yes, wait, **options):
        def is_confirmed(news):
            self.stdout.write(f"\n{news}\n")
            return yes or ask("Upgrade? [y/N] ")

        try:
            upgrade(source, self.stdout.write, is_confirmed=is_confirmed, wait=wait)
        except UpgradeFailed as failure:
            raise CommandError(f"Nothing was upgraded: {failure}.")


def ask(question):
    """Whether somebody at a terminal says yes."""
    return sys.stdin.isatty() and input(question).strip().lower() in ("y", "yes")
