"""Places for copies of backups: a folder of another disk, and a bucket of S3."""

from datetime import UTC, datetime

PASSPHRASE = "a long and winding passphrase"


class There:
    """A place for copies, and what is in it."""

    def __init__(self, settings, path):
        settings.BACKUP_TO, self.path = str(path), path
        path.mkdir()

    def files(self):
        found = {path.relative_to(self.path).as_posix(): path for path in self.path.rglob("*") if path.is_file()}
        return {name: path.read_bytes() for name, path in found.items()}

    def delete(self, name):
        (self.path / name).unlink()

    def write(self, name, content):
        (self.path / name).parent.mkdir(exist_ok=True)
        (self.path / name).write_bytes(content)


class Bucket(There):
    def __init__(self, settings, server):
        self.server, self.name = server, f"bucket-{id(self)}-{datetime.now(UTC):%H%M%S%f}"
        settings.BACKUP_TO = server.bucket(self.name).replace("?", "/longrun/of%20ada?")

    def files(self):
        found = self.server.keys(f"s3+http://key@host/{self.name}?x")
        assert all(key.startswith("longrun/of%20ada/") for key in found)
        return {key.removeprefix("longrun/of%20ada/"): content for key, content in found.items()}

    def delete(self, name):
        self.server.client.delete_object(Bucket=self.name, Key=f"longrun/of%20ada/{name}")

    def write(self, name, content):
        self.server.client.put_object(Bucket=self.name, Key=f"longrun/of%20ada/{name}", Body=content)


def elsewhere(settings, path):
    """Another machine, with nothing on it."""
    settings.LONGRUN_DATA = path
    path.mkdir()
