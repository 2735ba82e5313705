"""Where copies of backups lie outside the data folder: S3-compatible storage, or a folder of another disk.

identity.age                the key of encrypted copies (server.backups.encryption); not there for plain ones
2026-11-23-041847/          one backup, its manifest.json last: without it, it is not complete
media/ab/ab12…              each media file once
"""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from config.backup_copies import as_url
from config.environment import media_storage
from core.media_storage import FolderStorage, Unreadable
from server.backups.files import MEDIA, BackupFailed
from server.backups.manifests import PATTERN
from server.sqlite_copies import sync

IDENTITY = "identity.age"


class SyncedFolder(FolderStorage):
    """A folder in which a file is on the disk before anything else is done."""

    def put(self, name, content):
        super().put(name, content)
        path = self.at(name)
        sync(path)
        for each in self.folders_of(path):
            sync(each)
        sync(self.at(""))

    def delete(self, name):
        path = self.at(name)
        path.unlink(missing_ok=True)
        for each in self.folders_of(path):
            if any(each.iterdir()):
                break
            each.rmdir()

    def folders_of(self, path):
        """The folders that a file lies in, the innermost first, without this one."""
        return [each for each in path.parents if self.at("") in each.parents]


class Destination:
    """One such place. `label` is what may be shown of its address."""

    def __init__(self, address, name="BACKUP_TO"):
        """Raises BackupFailed."""
        try:
            root, configuration = media_storage(settings.LONGRUN_DATA, as_url(address), name)
        except ImproperlyConfigured as reason:
            raise BackupFailed(str(reason).removesuffix(".")) from None
        self.storage, self.label = SyncedFolder(location=root), str(root)
        if "OPTIONS" in configuration:
            self.storage, self.label = object_storage(configuration)

    def names(self):
        """{name: size} of everything there that belongs to backups. Raises BackupFailed."""
        storage = self.storage
        try:
            if not storage.is_remote and not storage.at("").is_dir():
                raise BackupFailed(f"{self.label} is not there: is its disk mounted?")
            return {name: facts.size for name, facts in storage.files() if is_ours(name)}
        except (OSError, Unreadable) as error:
            raise BackupFailed(f"{self.label}: {error}") from error


def copies_address(said=""):
    """The address where copies are: `said`, or else BACKUP_TO. Raises BackupFailed."""
    if not (said or settings.BACKUP_TO):
        raise BackupFailed("BACKUP_TO is not set: say where the copies are")
    return said or settings.BACKUP_TO


def object_storage(configuration):
    options = configuration["OPTIONS"]
    try:
        made = import_string(configuration["BACKEND"])(**options)
    except ImportError:
        raise BackupFailed("S3-compatible storage needs the extra s3: pip install 'longrun[s3]'") from None
    where = "/".join(filter(None, [options["bucket_name"], options["location"].strip("/")]))
    return made, f"{options['endpoint_url'].partition('://')[2]}/{where}"


def is_ours(name):
    first, _slash, _rest = name.partition("/")
    return name == IDENTITY or first == MEDIA or bool(PATTERN.fullmatch(first))
