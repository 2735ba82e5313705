import os
from getpass import getpass

from django.core.management.base import BaseCommand, CommandError
from django.utils.text import slugify

from server.setup import AlreadySetUp, create_blog, owner_exists
from server.setup.forms import SetUpForm


class Command(BaseCommand):
    help = (
        "Set up the blog without a browser: its owner and the first content. "
        "With --noinput from DJANGO_SUPERUSER_EMAIL, _PASSWORD and _USERNAME (the last part of /author/…/)."
    )

    def add_arguments(self, parser):
        parser.add_argument("--noinput", "--no-input", action="store_false", dest="interactive", help="Ask nothing.")
        parser.add_argument("--email", help="The owner logs in with it.")
        parser.add_argument("--username", help="The owner's handle: the last part of /author/…/.")

    def handle(self, *, interactive, email, username, **options):
        if owner_exists():
            raise CommandError("This blog has an owner already.")
        email = email or os.environ.get("DJANGO_SUPERUSER_EMAIL", "")
        username = username or os.environ.get("DJANGO_SUPERUSER_USERNAME", "")
        password = os.environ.get("DJANGO_SUPERUSER_PASSWORD", "")
        if interactive:
            email, username, password = self.ask(email, username, password)
        data = self.validated(email=email, name=username or email.partition("@")[0], password=password)
        handle = slugify(username, allow_unicode=True)[:60]
        if username and not handle:
            raise CommandError(f"The username {username!r} has no letter or digit for /author/…/.")
        try:
            owner = create_blog(**data, handle=handle)
        except AlreadySetUp:
            raise CommandError("This blog has an owner already.") from None
        self.stdout.write(f"{owner.name} owns this blog now and logs in with {owner.email}.")

    def ask(self, email, username, password):
        try:
            email = email or input("Email: ").strip()
            username = username or input("Name: ").strip()
            password = password or self.ask_password()
        except (EOFError, KeyboardInterrupt):
            raise CommandError("Nothing was changed.") from None
        return email, username, password

    def ask_password(self):
        password = getpass("Password: ")
        if getpass("Once more: ") != password:
            raise CommandError("The two passwords do not match. Nothing was changed.")
        return password

    def validated(self, **data):
        """Validate with the form of the set-up page. Raises CommandError with all errors in one line."""
        form = SetUpForm({"title": "A new blog", "timezone": "UTC", "language": "en"} | data)
        if form.is_valid():
            return form.cleaned_data
        names = {
            "email": "DJANGO_SUPERUSER_EMAIL (or --email)",
            "password": "DJANGO_SUPERUSER_PASSWORD",
            "name": "DJANGO_SUPERUSER_USERNAME (or --username)",
        }
        wrong = [f"{names[field]}: {' '.join(errors)}" for field, errors in form.errors.items()]
        raise CommandError(" ".join(wrong).replace("\n", " "))
