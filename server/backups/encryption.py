"""What copies of backups look like elsewhere: as they are here, or encrypted in the format of age
(https://age-encryption.org/v1), which the program age opens.

For encrypted copies a key pair is made once. Its secret part lies beside them as identity.age, encrypted with the
passphrase, and again in the folder of each backup; every file is encrypted to its public part, in a stream. Media are
named by the HMAC of their hash under a key that only the identity gives: nobody can tell from the names whether a known
picture is among them.
"""

import contextlib
import hashlib
import hmac
import io
from collections.abc import Iterable
from functools import lru_cache

from django.conf import settings

from server.backups.destination import IDENTITY, Destination
from server.backups.files import MANIFEST, MEDIA, PART, BackupFailed, check_space, folder
from server.backups.manifests import PATTERN
from server.backups.passphrase import seal

AGE = ".age"
OBJECTS = "objects"  # of each encrypted backup: the names of its media there and here, for whoever has only age
NAMES = b"longrun: names of media in encrypted backups"


class DamagedCopy(BackupFailed):
    """A file of a copy is missing, or is not what was sent."""


class PlainCopies:
    """Copies that are the same files as here. `names` is {name: size} of what is there, and kept up to date."""

    suffix = ""

    def __init__(self, destination, names):
        self.destination, self.storage, self.names = destination, destination.storage, names

    def stored(self, name):
        return name + self.suffix

    def media(self, digest):
        """The name of the media file with this SHA-256."""
        return self.stored(f"{MEDIA}/{digest[:2]}/{digest}")

    def complete(self):
        """The names of the backups that are complete there, the newest first."""
        found = (name.partition("/") for name in self.names)
        manifest = self.stored(MANIFEST)
        return sorted(
            (first for first, _, rest in found if rest == manifest and PATTERN.fullmatch(first)), reverse=True
        )

    def has(self, stored, size):
        return self.names.get(stored) == size

    def put(self, stored, path):
        """Store a file of this machine under a name that `stored` or `media` gave. Returns the bytes sent."""
        return self.send(stored, path, path.stat().st_size)

    def send(self, stored, content, size):
        with self.said():
            self.storage.put(stored, content)
            arrived = self.storage.facts(stored).size
        if arrived != size:
            raise BackupFailed(f"{self.destination.label}: {stored} arrived with {arrived:,} of {size:,} bytes")
        self.names[stored] = size
        return size

    def read_into(self, stored, file):
        """Write what is stored, decrypted, into an open file. Raises BackupFailed, DamagedCopy for what is missing or
        damaged, and OSError of the file."""
        for data in self.pieces(stored):
            file.write(data)

    def pieces(self, stored):
        try:
            yield from self.storage.read(stored)
        except FileNotFoundError as error:
            raise DamagedCopy(f"{self.destination.label} has no {stored}") from error
        except OSError as error:
            raise BackupFailed(f"{self.destination.label}: {error}") from error

    def read(self, stored):
        file = io.BytesIO()
        self.read_into(stored, file)
        return file.getvalue()

    def delete(self, names):
        with self.said():
            for name in names:
                self.storage.delete(name)
                del self.names[name]

    @contextlib.contextmanager
    def said(self):
        try:
            yield
        except OSError as error:
            raise BackupFailed(f"{self.destination.label}: {error}") from error


class EncryptedCopies(PlainCopies):
    """Copies that are encrypted to an identity."""

    suffix = AGE

    def __init__(self, destination, names, identity, sealed):
        super().__init__(destination, names)
        self.identity, self.sealed = identity, sealed
        self.key = hashlib.sha256(NAMES + str(identity).encode()).digest()

    def media(self, digest):
        hidden = hmac.new(self.key, bytes.fromhex(digest), hashlib.sha256).hexdigest()
        return super().media(hidden)

    def has(self, stored, size):
        return self.names.get(stored, 0) > size  # how much longer it is differs

    def put(self, stored, path):
        part = folder() / f"encrypting{PART}"
        check_space(path.stat().st_size, folder())
        try:
            part.unlink(missing_ok=True)  # of a run that was killed
            part.touch(mode=0o600)
            with path.open("rb") as source, part.open("wb") as target:
                age().encrypt_io(source, target, [self.identity.to_public()])
            return super().put(stored, part)
        finally:
            part.unlink(missing_ok=True)

    def read_into(self, stored, file):
        pieces = Pieces(self.pieces(stored))
        try:
            age().decrypt_io(pieces, file, [self.identity])
        except (OSError, age().DecryptError) as error:
            if pieces.failure:
                raise pieces.failure from error
            if getattr(error, "errno", None):  # of the file that is written
                raise
            raise DamagedCopy(f"{stored} at {self.destination.label} cannot be decrypted: {error}") from error


class Pieces(io.RawIOBase):
    """A file to read from, of pieces of bytes; `failure` is what their source raised."""

    def __init__(self, pieces: Iterable[bytes]):
        super().__init__()
        self.source, self.rest = iter(pieces), b""
        self.failure: BackupFailed | None = None

    def readable(self):
        return True

    def readinto(self, buffer):
        try:
            while not self.rest:
                self.rest = next(self.source)
        except StopIteration:
            return 0
        except BackupFailed as failure:
            self.failure = failure
            raise OSError(str(failure)) from failure
        size = min(len(buffer), len(self.rest))
        buffer[:size], self.rest = self.rest[:size], self.rest[size:]
        return size


def open_copies(destination: Destination, *, create=False):
    """The copies at a destination; `create`: the first ones may be made there. Raises BackupFailed, also if they are
    encrypted with another passphrase than BACKUP_PASSPHRASE, or without one and should be, or the other way round."""
    names, passphrase = destination.names(), settings.BACKUP_PASSPHRASE
    encrypted = any(name.endswith(AGE) for name in names)
    plain = [name for name in names if not name.endswith(AGE)]
    if not passphrase:
        if encrypted:
            raise BackupFailed(f"the copies at {destination.label} are encrypted: set BACKUP_PASSPHRASE")
        return PlainCopies(destination, names)
    if plain:
        raise BackupFailed(
            f"there are copies at {destination.label} that are not encrypted, such as {plain[0]}: name another place "
            "for the encrypted ones, or a prefix"
        )
    if not encrypted and create:
        make_identity(destination, names, passphrase)
    elif not encrypted:
        raise BackupFailed(f"there are no copies at {destination.label}")
    identity, sealed = open_identity(destination, names, passphrase)
    return EncryptedCopies(destination, names, identity, sealed)


def make_identity(destination, names, passphrase):
    sealed = seal(f"{age().x25519.Identity.generate()}\n".encode(), passphrase)
    PlainCopies(destination, names).send(IDENTITY, sealed, len(sealed))


def open_identity(destination, names, passphrase):
    """(the identity, its encrypted form). Whichever of its copies is whole will do."""
    own = [name for name in names if name.endswith(f"/{IDENTITY}")]
    kept = [name for name in [IDENTITY, *sorted(own, reverse=True)[:3]] if name in names]
    if not kept:
        raise BackupFailed(f"{IDENTITY} is gone from {destination.label}: without it no copy there can be decrypted")
    reader, tried, why = PlainCopies(destination, names), set(), ""
    for name in kept:
        sealed = reader.read(name)
        if sealed in tried:
            continue
        tried.add(sealed)
        try:
            return unseal(sealed, passphrase), sealed
        except (age().DecryptError, age().IdentityError, UnicodeDecodeError) as error:
            why = why or str(error)
    raise BackupFailed(
        f"BACKUP_PASSPHRASE does not open {IDENTITY} at {destination.label} ({why}): is it the right one?"
    )


@lru_cache(maxsize=2)
def unseal(sealed, passphrase):
    """The identity. The work of a second and of 128 MB, so that passphrases cannot be tried quickly."""
    return age().x25519.Identity.from_str(age().passphrase.decrypt(sealed, passphrase).decode().strip())


def age():
    try:
        import pyrage  # an optional dependency
    except ImportError:
        raise BackupFailed("encrypted copies need the extra age: pip install 'longrun[age]'") from None
    return pyrage
