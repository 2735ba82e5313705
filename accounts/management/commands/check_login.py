from django.core.management.base import BaseCommand, CommandError

from accounts.login_providers import ABSENT, SERVICES, check_provider


class Command(BaseCommand):
    help = "Check that each login service answers and accepts our keys."

    def handle(self, **options):
        findings = [check_provider(service) for service in SERVICES]
        for found in findings:
            mark = {True: "!!", False: "ok"}[found.is_trouble] if found.state != ABSENT else "--"
            self.stdout.write(f"{mark} {found.service.name}: {found.why}")
            if found.is_trouble:
                self.stdout.write(f"   its callback address: {found.service.callback}")
        if any(found.is_trouble for found in findings):
            raise CommandError("Readers cannot log in everywhere: see above and docs/login.md.")
