from django.core.management.base import BaseCommand

from server import startup


class Command(BaseCommand):
    help = "Make ready to serve: check the database and its place, migrate (a copy is kept), collect static files."
    requires_system_checks = []

    def handle(self, **options):
        startup.prepare(self.stdout.write)
        self.stdout.write("Ready.")
