from django.core.management.base import BaseCommand, CommandError

from core.file_locks import AlreadyLocked
from server import backups


class Command(BaseCommand):
    help = (
        "Restore the newest backup into a scratch folder, read every byte and render pages, to see that it would help."
    )
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument(
            "--from",
            dest="address",
            metavar="ADDRESS",
            nargs="?",
            const="",
            help="Fetch the newest copy from where copies lie, as BACKUP_TO names it, and restore that, without a file "
            "of this machine; without an address, from BACKUP_TO.",
        )

    def handle(self, *, address, **options):
        try:
            drill = backups.run_drill() if address is None else backups.run_drill_of_copy(address)
        except AlreadyLocked as taken:
            raise CommandError(str(taken)) from None
        if not drill.is_well:
            what = "The newest backup" if address is None else "The newest copy"
            raise CommandError(f"{drill.backup or what} does not restore: {drill.problem}.")
        self.stdout.write(
            f"{drill.backup} restores: {drill.posts:,} posts and pages, {drill.comments:,} comments, {drill.files:,} "
            f"media files, {drill.custom_files:,} files of templates and apps; {drill.pages} pages rendered, "
            f"{drill.compared} of them compared with this blog; {drill.seconds} s"
        )
