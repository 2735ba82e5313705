"""`manage.py mirror on|off|write|history`: the folder that always holds the blog in files."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from core.file_locks import AlreadyLocked
from core.site import site_locale
from transfer.management.blog_owner import who_owns_this_blog
from transfer.mirror import folder, git
from transfer.mirror.write import write_mirror
from transfer.models import MirrorSettings


class Command(BaseCommand):
    help = (
        "Keeps a folder with the whole blog in files: public/ has what every visitor may see, private/ the rest if it "
        "is switched on. The worker writes it after each change."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["on", "off", "write", "history"], help="history: what Git still has")
        parser.add_argument("--private", action="store_true", help="with on: also mirror what is not public")

    def handle(self, *, action: str, private: bool, **options: Any) -> None:
        who_owns_this_blog()
        here = folder.root()
        with site_locale():
            if action == "history":
                self.history()
                return
            if action in ("on", "off"):
                facts = {"is_on": action == "on", "with_private": action == "on" and private}
                MirrorSettings.objects.update_or_create(pk=1, defaults=facts)
            if action == "off":
                self.stdout.write(f"The mirror is off. {here} stays as it is: erasures no longer reach it.")
                return
            try:
                written = write_mirror()
            except AlreadyLocked as trouble:
                raise CommandError(str(trouble))
            except OSError as trouble:
                raise CommandError(f"The mirror could not be written: {trouble}")
        self.stdout.write(f"{timezone.localtime():%H:%M} {here}: {written.number:,} files changed.")
        if error := MirrorSettings.load().error:
            self.stderr.write(error)

    def history(self) -> None:
        public = folder.root() / folder.PUBLIC
        if not git.has_history(public):
            self.stdout.write("There is no Git repository in the public part.")
            return
        found = git.traces(public)
        for trace in found:
            if not trace["path"]:
                raise CommandError("There is a Git repository, but it could not be read: is git installed?")
            numbers = ", ".join(map(str, trace["comments"]))
            self.stdout.write(f"{trace['path']}: erased comments {numbers} in commits {' '.join(trace['commits'])}")
        if not found:
            self.stdout.write("The history has no comment that was erased here.")
