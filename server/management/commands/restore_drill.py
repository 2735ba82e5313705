from django.core.management.base import BaseCommand, CommandError

from core.file_locks import AlreadyLocked
from server import backups


class Command(BaseCommand):
    help = (
        "Restore the newest backup into a scratch folder, read every byte and render pages, to see that it would help."
    )
    requires_system_checks = []

    def handle(self, **options):
        try:
            drill = backups.run_drill()
        except AlreadyLocked as taken:
            raise CommandError(str(taken)) from None
        if not drill.is_well:
            raise CommandError(f"{drill.backup or 'The newest backup'} does not restore: {drill.problem}.")
        self.stdout.write(
            f"{drill.backup} restores: {drill.posts:,} posts and pages, {drill.comments:,} comments, {drill.files:,} "
            f"media files, {drill.custom_files:,} files of templates and apps; {drill.pages} pages rendered, "
            f"{drill.compared} of them compared with this blog; {drill.seconds} s"
        )
