from django.core.management.base import BaseCommand

from config.secret_key import NEW_KEY
from server import startup


class Command(BaseCommand):
    help = "Prepare to serve: check the database and its disk, migrate (a copy is kept), collect static files."
    requires_system_checks = []

    def add_arguments(self, parser):
        # config.secret_key reads it before any command runs: settings are not complete without the key.
        parser.add_argument(
            NEW_KEY,
            action="store_true",
            help="Make a new secret key if it was lost.",
        )

    def handle(self, **options):
        startup.prepare(self.stdout.write)
        self.stdout.write("Ready.")
