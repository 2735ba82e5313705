from django.core.management.base import BaseCommand, CommandError

from server import backups


class Command(BaseCommand):
    help = "Make a backup of the blog as it is now, also while it is served; `restore` brings it back."
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
