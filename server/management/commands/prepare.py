from django.core.management.base import BaseCommand

from server import startup


class Command(BaseCommand):
    help = "Prepare to serve: check the database and its disk, migrate (a copy is kept), collect static files."
    requires_system_checks = []

    def handle(self, **options):
        startup.prepare(self.stdout.write)
        self.stdout.write("Ready.")
