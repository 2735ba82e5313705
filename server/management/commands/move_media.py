from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from server.media_move import CopyFailed, move_media, storage_of


class Command(BaseCommand):
    help = "Copy all media to other storage and compare them by hash. Can be interrupted and run again."
    requires_system_checks = []

    def add_arguments(self, parser):
        wanted = "s3://key:secret@endpoint/bucket?region=name or file:///folder"
        parser.add_argument("--to", metavar="URL", required=True, help=wanted)
        parser.add_argument("--from", metavar="URL", dest="source", help="Default: where this blog's media are.")

    def handle(self, *, to, source, **options):
        try:
            receipt = move_media(storage_of(to), source and storage_of(source), say=self.stderr.write)
        except ImproperlyConfigured as reason:
            raise CommandError(str(reason)) from None
        except CopyFailed as failure:
            raise CommandError(f"{failure}. Run the command again: it goes on from here.") from None
        self.stdout.write(f"{len(receipt.files):,} files, {receipt.size:,} bytes, compared by hash; copied now: "
                          f"{receipt.copied:,}; only there: {receipt.others:,}")  # fmt: skip
        self.stdout.write(f"Receipt: {receipt.write()}")
        self.stdout.write("Now set STORAGE_URL to this storage, and start the blog again.")
