import signal

from django.core.management.base import BaseCommand

from core import jobs
from core.stop_flag import StopFlag


class Command(BaseCommand):
    help = (
        "Run background jobs: send emails, announce posts, clean up. `manage.py serve` starts "
        "one; others, also on other machines, share its work."
    )
    requires_system_checks = []

    def handle(self, **options):
        stop = StopFlag()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        jobs.run_worker(stop)
