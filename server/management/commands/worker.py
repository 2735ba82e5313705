import signal

from django.core.management.base import BaseCommand, CommandError

from core import jobs
from core.file_locks import AlreadyLocked
from core.stop_flag import StopFlag


class Command(BaseCommand):
    help = (
        "Run background jobs: send emails, announce posts, clean up. `manage.py serve` starts "
        "one; there is never a second."
    )
    requires_system_checks = []

    def handle(self, **options):
        stop = StopFlag()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        try:
            jobs.run_worker(stop)
        except AlreadyLocked as taken:
            raise CommandError(str(taken)) from None
