from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from accounts.login_links import MINUTES, create_link


class Command(BaseCommand):
    help = f"Print a link that logs the owner in once, within {MINUTES} minutes."

    def add_arguments(self, parser):
        parser.add_argument("--email", help="Somebody else's email address, instead of the owner's.")
        parser.add_argument(
            "--without-second-factor",
            action="store_true",
            help="Skip the authenticator app or passkey, for somebody who has lost it.",
        )

    def handle(self, *, email, without_second_factor, **options):
        people = get_user_model().objects
        chosen = people.with_address(email).filter(is_active=True) if email else people.owners()
        person = chosen.order_by("pk").first()
        if person is None:
            raise CommandError(
                f"There is no account with the address {email}."
                if email
                else "This blog has no owner yet: see setup_link."
            )
        self.stdout.write(create_link(person, without_second_factor=without_second_factor))
