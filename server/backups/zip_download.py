"""A backup as one zip, written while it is sent, that unpacks into a data folder."""

import zipfile

from server.backups.files import MANIFEST, MEDIA, SUMS, BackupFailed, chunks

LARGE = 2**30  # bytes; larger files are written as ZIP64


class ZipBuffer:
    """The file object that a zip is written to; `drain` returns the bytes written since its last call."""

    def __init__(self):
        self.pieces = []

    def write(self, data):
        self.pieces.append(bytes(data))
        return len(data)

    def flush(self):
        pass

    def drain(self):
        pieces, self.pieces = self.pieces, []
        return b"".join(pieces)


def stream(backup):
    """Yield the bytes of the zip. The database and lists are compressed; media are compressed formats already.

    Raises BackupFailed in the middle if a file is missing: the zip then has no directory, so no program opens it.
    """
    buffer = ZipBuffer()
    with zipfile.ZipFile(buffer, "w", allowZip64=True) as made:
        for name in (MANIFEST, SUMS, *backup.sums):
            about = zipfile.ZipInfo(name, backup.made.timetuple()[:6])
            about.external_attr = 0o100600 << 16
            media = name.startswith(f"{MEDIA}/")
            about.compress_type = zipfile.ZIP_STORED if media else zipfile.ZIP_DEFLATED
            try:
                with backup.open(name) as file, made.open(about, "w", force_zip64=size_of(file) > LARGE) as packed:
                    for data in chunks(file):
                        packed.write(data)
                        yield buffer.drain()
            except OSError as error:
                raise BackupFailed(f"{name} cannot be read: {error}") from error
    yield buffer.drain()


def size_of(file):
    size = file.seek(0, 2)
    file.seek(0)
    return size
