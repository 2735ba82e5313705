"""A disk that is full, has no inodes left or becomes read-only under a running blog: what is sent is stored or comes
back, and once there is room everything works again, without a restart. Small file systems are mounted for it."""

import errno
import os
import subprocess
import sys
import time
from contextlib import closing, suppress

import pytest

from tests.blog_process import Blog, copy, wait_for
from tests.server.visitors import RULES, Visitors

pytestmark = [
    pytest.mark.long,
    pytest.mark.process,
    pytest.mark.skipif(sys.platform != "linux", reason="mounts small file systems as Linux does"),
]


def mounted(*options):
    if subprocess.run(["mount", *map(str, options)], capture_output=True).returncode:
        pytest.skip("NOTICE: only root may mount a small disk")


@pytest.fixture
def disk(tmp_path):
    """An empty folder, whatever is mounted there in the end."""
    folder = tmp_path / "disk"
    folder.mkdir()
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=False)


@pytest.fixture
def served(disk, owned, prepared):
    """served() is a blog that runs on this disk, and its visitors."""
    blogs = []

    def start():
        copy(owned, disk / "data")
        blog = Blog(disk / "data", LONGRUN_STATIC=str(prepared / "static"))
        blog.log_file = disk.parent / "blog.log"
        blog.manage("shell", "-v0", "-c", RULES)
        blogs.append(blog.start())
        visitors = Visitors(blog)
        # The first backup is made at the start: the fault comes afterwards.
        wait_for(lambda: list(blog.data.glob("backups/????-??-??-??????")), "there is no backup", blog)
        visitors.until_everything_works()
        return blog, visitors

    yield start
    for blog in blogs:
        blog.kill()


def fill(folder):
    """Take all the room there is; returns what gives it back."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (2**20, 2**12):
            with suppress(OSError):
                while True:
                    file.write(bytes(size))
    return filler.unlink


def take_inodes(folder):
    place = folder / "many"
    place.mkdir()
    for number in range(100_000):
        try:
            (place / str(number)).touch()
        except OSError as error:
            assert error.errno == errno.ENOSPC
            break
    return lambda: [path.unlink() for path in place.iterdir()]


@pytest.mark.parametrize(
    ("options", "take", "length", "refused"),
    [
        ("size=160M", fill, 60_000, {"comment", "draft", "publish", "upload", "autosave"}),
        ("size=200M,nr_inodes=400", take_inodes, 0, {"upload"}),
    ],
    ids=["full", "no inodes"],
)
def test_what_is_sent_to_a_full_disk_is_stored_or_comes_back(disk, served, options, take, length, refused):
    mounted("-t", "tmpfs", "-o", options, "none", disk)
    blog, visitors = served()
    make_room = take(disk)
    failed, began = set(), time.monotonic()
    while not refused <= failed:
        assert time.monotonic() - began < 60, f"only {failed} were refused, which {refused} must be in the end"
        failed |= {"comment", "draft", "publish", "upload", "autosave"} - visitors.everything(length)
        assert visitors.get("/").status_code == visitors.get(visitors.post).status_code == 200, "readers read on"
    make_room()
    seconds = visitors.until_everything_works()
    print(f"{options}: {visitors.nothing_is_lost()}; all works {seconds:.1f} s after there was room")
    assert blog.process.poll() is None and blog.log.count("Traceback") < 100
    assert "database disk image is malformed" not in blog.log
    assert blog.get("/health/") == 200


def test_what_is_sent_to_a_disk_that_becomes_read_only_is_stored_or_comes_back(disk, served):
    """As a kernel does it after an error of the disk; only a new mount ends that, so the blog is started again."""
    image = disk.parent / "image"
    with closing(os.open(image, os.O_CREAT | os.O_RDWR) and image.open("r+b")) as file:
        file.truncate(160 * 2**20)
    if subprocess.run(["mkfs.ext4", "-q", str(image)], capture_output=True).returncode:
        pytest.skip("NOTICE: there is no mkfs.ext4 here")
    mounted("-o", "loop,errors=remount-ro", image, disk)
    blog, visitors = served()
    os.sync()  # what the test has copied just now, the secret key among it
    mounted("-o", "remount,abort", disk)
    assert visitors.everything() == set()
    assert visitors.get("/").status_code == 200, "readers read on"
    assert blog.get("/health/ready/") == 503
    blog.kill()
    unmounted = ["umount", str(disk)]
    wait_for(lambda: subprocess.run(unmounted, capture_output=True).returncode == 0, "the disk is in use", blog)
    subprocess.run(["fsck.ext4", "-p", str(image)], check=False, capture_output=True)
    mounted("-o", "loop", image, disk)
    began = time.monotonic()
    blog.start()
    visitors.until_everything_works()
    print(f"read-only: {visitors.nothing_is_lost()}; all works {time.monotonic() - began:.1f} s after the new mount")
