from django.core.management.base import BaseCommand, CommandError

from server import backups


class Command(BaseCommand):
    help = (
        "Back up the blog, also while it is running, and copy the backups to where BACKUP_TO and BACKUP_COMMAND say; "
        "the command restore restores it."
    )
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument(
            "--verify",
            action="store_true",
            help="Read every media file and its copy, also those that have not changed.",
        )

        parser.add_argument(
            "--without-media",
            action="store_true",
            help="Go on if the files of the media library are lost for good.",
        )

    def handle(self, *, verify, without_media, **options):
        try:
            made = backups.create_backup(read_all=verify, without_media=without_media)
        except backups.BackupFailed as failure:
            raise CommandError(f"{failure}.") from None
        facts = made.manifest
        rows = sum(facts["tables"].values())
        self.stdout.write(f"{made.path}")
        self.stdout.write(f"checked: {rows:,} rows, {facts['files']:,} media files, {facts['bytes'] // 2**10:,} kB")
        if facts["custom_files"]:
            self.stdout.write(f"with {facts['custom_files']:,} files of templates and apps")
        if facts["left_out"]:
            self.stdout.write(f"NOT IN IT, since they are links, or have odd names: {', '.join(facts['left_out'])}")
        try:
            for copied in backups.copy_backups():
                self.stdout.write(f"copied: {copied.place} has {copied.backup}")
        except backups.BackupFailed as failure:
            raise CommandError(f"The backup was made, and not copied: {failure}.") from None
