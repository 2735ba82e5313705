"""An S3 server on loopback, for tests: moto's (`python -m moto.server`), in a process of its own.

It speaks S3 over HTTP as Amazon's does, with ranges, listings and entity tags. It keeps everything in memory, checks no
signature and no right: that a key is refused is not shown by it.
"""

import contextlib
import itertools
import os
import subprocess
import sys
import time

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.ports import free_port

_numbers = itertools.count()


class S3Server:
    def __init__(self):
        self.port, self.process = free_port(), None
        self.endpoint = f"http://127.0.0.1:{self.port}"
        retries = {"max_attempts": 0}
        self.client = boto3.client(
            "s3", endpoint_url=self.endpoint, aws_access_key_id="key", aws_secret_access_key="se/cret",
            region_name="us-east-1", config=Config(retries=retries, connect_timeout=5, read_timeout=60),
        )  # fmt: skip

    def start(self):
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)]
        env = {name: value for name, value in os.environ.items() if not name.startswith("DJANGO_")}
        self.process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            with contextlib.suppress(BotoCoreError, ClientError):
                self.client.list_buckets()
                return self
            assert self.process.poll() is None, "moto's server ended at once"
            time.sleep(0.1)
        raise AssertionError("moto's server did not come up")

    def stop(self):
        if self.process:
            self.process.kill()
            self.process.wait(60)

    def bucket(self, name=""):
        """The STORAGE_URL of a new bucket."""
        name = name or f"bucket-{os.getpid()}-{next(_numbers)}"
        self.client.create_bucket(Bucket=name)
        return f"s3+http://key:se%2Fcret@127.0.0.1:{self.port}/{name}?region=us-east-1"

    def keys(self, url):
        """{key: bytes} of what is in the bucket of a STORAGE_URL."""
        bucket, _slash, prefix = url.split("?")[0].split("/", 3)[3].partition("/")
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        found = [row["Key"] for page in pages for row in page.get("Contents", [])]
        return {key: self.client.get_object(Bucket=bucket, Key=key)["Body"].read() for key in found}


@contextlib.contextmanager
def running():
    server = S3Server()
    try:
        yield server.start()
    finally:
        server.stop()


@pytest.fixture(scope="session")
def s3_server():
    with running() as server:
        yield server


@pytest.fixture
def bucket(s3_server, settings):
    """This test's media are in a new bucket; its STORAGE_URL."""
    from config.environment import media_storage

    url = s3_server.bucket()
    settings.STORAGES = settings.STORAGES | {"default": media_storage(settings.LONGRUN_DATA, url)[1]}
    return url
