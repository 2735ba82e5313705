from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from server import backups
from server.backups.files import APPS, POSTGRES, SECRET_KEY
from server.backups.restore import RECEIPT

SHOWN = 10  # names of files


class Command(BaseCommand):
    help = (
        "Check a backup and restore it into an empty folder. Without --into it is only checked. A file that is missing "
        "or damaged is left out and named, unless it is the database."
    )
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("backup", help='Its name, its folder, the zip from the desk, or "last".')
        parser.add_argument(
            "--from",
            dest="address",
            metavar="ADDRESS",
            nargs="?",
            const="",
            help="Fetch it first from where copies lie, as BACKUP_TO names it; without an address, from BACKUP_TO.",
        )
        parser.add_argument("--into", metavar="FOLDER", type=Path, help="A folder that is empty or does not exist yet.")
        parser.add_argument("--strict", action="store_true", help="Restore nothing if a single file is not whole.")

    def handle(self, *, backup, address, into, strict, **options):
        try:
            found = backups.find(backup) if address is None else self.fetch(backup, address)
            if into is None:
                self.check(found)
                return
            made = backups.restore(found, into.absolute(), strict=strict)
        except backups.BackupFailed as failure:
            raise CommandError(f"{failure}. {'Nothing was restored.' if into else ''}".strip()) from None
        self.stdout.write(f"{found.name} was checked and restored to {into.absolute()}: {', '.join(made.names)}")
        if made.missing:
            self.tell_missing(found, made.missing, into.absolute())
        if POSTGRES in made.names:
            self.stdout.write(f"Its database: pg_restore --no-owner --dbname=NAME {into.absolute() / POSTGRES}")
        if APPS in made.names:
            self.stdout.write("Its apps are used if LONGRUN_APPS names them, in .env or in the environment.")
        self.stdout.write(f"Serve it with LONGRUN_DATA={into.absolute()}")

    def fetch(self, backup, address):
        found = backups.fetch_backup(backup, address, say=self.stderr.write)
        self.stdout.write(f"{found.name} was fetched to {found.path}")
        return found

    def check(self, found):
        damaged = backups.damaged_files(found)
        if damaged:
            names = "; ".join(f"{name} {why}" for name, why in list(damaged.items())[:SHOWN])
            raise backups.BackupFailed(
                f"{len(damaged):,} of {len(found.sums):,} files of {found.name} are not whole: {names}"
            )
        backups.verify_rows(found)
        self.stdout.write(f"{found.name} is complete: {len(found.sums):,} files.")

    def tell_missing(self, found, missing, into):
        self.stdout.write(
            f"NOT RESTORED: {len(missing):,} of {len(found.sums):,} files, which the backup does not have whole; "
            f"{into / RECEIPT} lists them:"
        )
        for name, why in list(missing.items())[:SHOWN]:
            self.stdout.write(f"  {name} {why}")
        if len(missing) > SHOWN:
            self.stdout.write(f"  and {len(missing) - SHOWN:,} more")
        if SECRET_KEY in missing:
            self.stdout.write("Without the secret key it does not start: `manage.py prepare --new-key` makes another.")
