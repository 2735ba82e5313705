from django.core.management.base import BaseCommand, CommandError

from server.setup import create_link, owner_exists


class Command(BaseCommand):
    help = "Print a new one-time link to the set-up page of a blog that has no owner yet."

    def handle(self, **options):
        if owner_exists():
            raise CommandError("This blog has an owner. `manage.py login_link` prints a link for them to log in.")
        self.stdout.write(create_link())
