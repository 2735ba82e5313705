from django.core.management.base import BaseCommand, CommandError

from server import backups


class Command(BaseCommand):
    help = "Back up the blog, also while it is running; the command restore restores it."
    requires_system_checks = []

    def handle(self, **options):
        try:
            made = backups.create_backup()
        except backups.BackupFailed as failure:
            raise CommandError(f"{failure}.") from None
        facts = made.manifest
        rows = sum(facts["tables"].values())
        self.stdout.write(f"{made.path}")
        self.stdout.write(f"checked: {rows:,} rows, {facts['files']:,} media files, {facts['bytes'] // 2**10:,} kB")
