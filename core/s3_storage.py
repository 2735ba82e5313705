"""Media on S3-compatible storage (STORAGE_URL), by django-storages and boto3; imported only where it is configured.

Files are private there: readers get them from our own view, which asks what they may see (blog.media.serving).
"""

import hashlib
import mimetypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from storages.backends.s3 import S3Storage

from core.media_storage import CHUNK, FileFacts, StorageAway

MISSING = {"404", "NoSuchKey", "NotFound"}
AT_ONCE = 1000  # objects that one request may delete
# One thread: an upload has a thread of the web process already.
TRANSFER = TransferConfig(use_threads=False)
# Servers other than Amazon's do not all know the newer checksums.
CONFIG = {
    "connect_timeout": 5,
    "read_timeout": 15,
    "retries": {"max_attempts": 2, "mode": "standard"},
    "max_pool_connections": 50,
    "request_checksum_calculation": "when_required",
    "response_checksum_validation": "when_required",
}


@contextmanager
def translated_errors(name: str) -> Iterator[None]:
    """boto3's errors as OSError."""
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code in MISSING:
            raise FileNotFoundError(name) from error
        raise StorageAway(f"the storage refuses {name}: {code}") from error
    except BotoCoreError as error:
        raise StorageAway(f"the storage does not answer: {type(error).__name__}") from error


class ObjectStorage(S3Storage):
    """A bucket, or what is below a prefix in it."""

    is_remote = True

    def __init__(self, *, addressing: str = "path", **options: Any) -> None:
        config = Config(s3={"addressing_style": addressing}, signature_version="s3v4", **CONFIG)
        super().__init__(client_config=config, default_acl=None, querystring_auth=True, **options)

    @cached_property
    def client(self) -> Any:
        """Of all threads: boto3's clients are made for that, and making one takes a tenth of a second."""
        return self.connection.meta.client

    def key(self, name: str) -> str:
        return f"{self.location}{name}"

    def facts(self, name: str) -> FileFacts:
        with translated_errors(name):
            found = self.client.head_object(Bucket=self.bucket_name, Key=self.key(name))
        return object_facts(found["ContentLength"], found["LastModified"], found["ETag"])

    def read(self, name: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        wanted = {"Range": f"bytes={start}-{'' if end is None else end}"} if start or end is not None else {}
        with translated_errors(name):
            body = self.client.get_object(Bucket=self.bucket_name, Key=self.key(name), **wanted)["Body"]
        return chunks(name, body)

    def put(self, name: str, content: bytes | Path) -> None:
        kind = {"ContentType": mimetypes.guess_type(name)[0] or "application/octet-stream"}
        with translated_errors(name):
            if isinstance(content, bytes):
                self.client.put_object(Bucket=self.bucket_name, Key=self.key(name), Body=content, **kind)
            else:
                self.client.upload_file(str(content), self.bucket_name, self.key(name), ExtraArgs=kind, Config=TRANSFER)

    def put_folder(self, name: str, folder: Path) -> None:
        for file in sorted(folder.iterdir()):
            self.put(f"{name}/{file.name}", file)

    def replace_folder(self, name: str, by: str) -> Callable[[], object]:
        new = [found.removeprefix(f"{by}/") for found, _facts in self.files(by)]
        old = [found.removeprefix(f"{name}/") for found, _facts in self.files(name)]
        for each in new:
            source = {"Bucket": self.bucket_name, "Key": self.key(f"{by}/{each}")}
            with translated_errors(each):
                self.client.copy(source, self.bucket_name, self.key(f"{name}/{each}"), Config=TRANSFER)
        rest = [f"{by}/{each}" for each in new] + [f"{name}/{each}" for each in set(old) - set(new)]
        return lambda: self.delete_all(rest)

    def delete_folder(self, name: str) -> None:
        self.delete_all([found for found, _facts in self.files(name)])

    def delete_all(self, names: list[str]) -> None:
        for start in range(0, len(names), AT_ONCE):
            keys = [{"Key": self.key(name)} for name in names[start : start + AT_ONCE]]
            with translated_errors(names[start]):
                said = self.client.delete_objects(Bucket=self.bucket_name, Delete={"Objects": keys, "Quiet": True})
            if said.get("Errors"):
                raise StorageAway(f"the storage does not delete {said['Errors'][0]['Key']}")

    def delete(self, name: str) -> None:
        with translated_errors(name):
            self.client.delete_object(Bucket=self.bucket_name, Key=self.key(name))

    def exists(self, name: str) -> bool:
        try:
            self.facts(name)
        except FileNotFoundError:
            return False
        return True

    def files(self, name: str = "") -> Iterator[tuple[str, FileFacts]]:
        prefix = self.key(f"{name}/" if name else "")
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket_name, Prefix=prefix)
        with translated_errors(name or "the list of files"):
            for page in pages:
                for found in page.get("Contents", []):
                    if found["Key"].endswith("/"):  # a folder, as consoles make one: an empty object
                        continue
                    facts = object_facts(found["Size"], found["LastModified"], found["ETag"])
                    yield found["Key"].removeprefix(self.location), facts

    def staging(self) -> Path:
        return Path(settings.LONGRUN_DATA)


def object_facts(size: int, modified: datetime, etag: str) -> FileFacts:
    # The entity tag is quoted, and hashed once more: not every server makes it of the content alone.
    version = hashlib.sha256(etag.strip('"').encode()).hexdigest()[:16]
    when = int(modified.timestamp()) * 10**9  # lists give whole seconds, or more
    return FileFacts(size, modified.timestamp(), version, (size, when, when, int(version, 16)))


def chunks(name: str, body: Any) -> Iterator[bytes]:
    with translated_errors(name):
        try:
            yield from body.iter_chunks(CHUNK)
        finally:
            body.close()
