from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from config.environment import database_at
from server.database_move import MoveFailed, move_database, receipt_lines


class Command(BaseCommand):
    help = "Move the whole blog into an empty database, SQLite or PostgreSQL: all of it, compared by hash, or nothing."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument(
            "--to",
            metavar="URL",
            required=True,
            help="postgres://user:password@host:5432/name or sqlite:////path/to/file",
        )

    def handle(self, *, to, **options):
        try:
            receipt = move_database(database_at(to, "--to"), say=self.stderr.write)
        except ImproperlyConfigured as reason:
            raise CommandError(str(reason)) from None
        except MoveFailed as failure:
            raise CommandError(f"{failure}. Nothing was moved.") from None
        for line in receipt_lines(receipt):
            self.stdout.write(line)
        self.stdout.write(f"Receipt: {receipt.write()}")
        self.stdout.write("Now set DATABASE_URL to this database, and start the blog again.")
