from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from server import backups
from server.backups.files import POSTGRES


class Command(BaseCommand):
    help = "Check a backup and restore it into an empty folder. Without --into it is only checked."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("backup", help='Its name, its folder, the zip from the desk, or "last".')
        parser.add_argument("--into", metavar="FOLDER", type=Path, help="A folder that is empty or does not exist yet.")

    def handle(self, *, backup, into, **options):
        try:
            found = backups.find(backup)
            if into is None:
                self.stdout.write(f"{found.name} is complete: {len(backups.verify_backup(found)):,} files.")
                return
            there = backups.restore(found, into.absolute())
        except backups.BackupFailed as failure:
            raise CommandError(f"{failure}. {'Nothing was restored.' if into else ''}".strip()) from None
        self.stdout.write(f"{found.name} was checked and restored to {into.absolute()}: {', '.join(there)}")
        if POSTGRES in there:
            self.stdout.write(f"Its database: pg_restore --no-owner --dbname=NAME {into.absolute() / POSTGRES}")
        self.stdout.write(f"Serve it with LONGRUN_DATA={into.absolute()}")
