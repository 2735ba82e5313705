"""From a bare machine to a restored backup: a clone, an empty environment, a copy in another place, the first page.

It prints the seconds of each step (docs/operations.md has them). What it needs from elsewhere, the packages, comes from
where pip is configured to look; the clone comes from this disk.
"""

import os
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.blog_process import OURS, ROOT, Blog
from tests.pace import allowed

POSTS, COMMENTS, PICTURES = 1_000, 5_000, 200
MINUTES = 10
DRAW = f"""
import io, os
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from blog.media.uploads import store_upload
ada = get_user_model().objects.owners().get()
for number in range({PICTURES}):
    file = io.BytesIO()
    Image.frombytes("RGB", (300, 200), os.urandom(300 * 200 * 3)).save(file, "JPEG", quality=80)
    store_upload(SimpleUploadedFile(f"picture-{{number}}.jpg", file.getvalue(), "image/jpeg"), ada)
"""


class NewMachine(Blog):
    """A clone with an environment of its own."""

    def __init__(self, clone, data, **environment):
        super().__init__(data, **environment)
        self.folder, self.program = clone, (str(clone / ".venv/bin/python"), str(clone / "manage.py"))


class Steps:
    def __init__(self):
        self.taken, self.last = {}, time.monotonic()

    def done(self, name):
        now = time.monotonic()
        self.taken[name], self.last = now - self.last, now


@pytest.fixture
def steps(copied):
    """Takes the time from when the other machine is gone."""
    steps = Steps()
    yield steps
    taken = steps.taken
    told = ", ".join(f"{name} {seconds:.0f} s" for name, seconds in taken.items())
    print(f"\nFrom a bare machine to the first page: {told}; together {sum(taken.values()):.0f} s")


@pytest.fixture
def copied(start_blog, tmp_path):
    """Ada's blog, copied encrypted to another disk; her machine is gone. {variable: value} of the copy."""
    (tmp_path / "other disk").mkdir()
    there = {"BACKUP_TO": str(tmp_path / "other disk"), "BACKUP_PASSPHRASE": "a long and winding passphrase"}
    blog = start_blog(set_up=True)
    blog.stop()
    blog.manage("seed_demo", "--posts", POSTS, "--comments", COMMENTS)
    blog.manage("shell", "-v0", "-c", DRAW)
    blog.env |= there
    blog.manage("backup")
    shutil.rmtree(blog.data)
    return there


@pytest.mark.long
@pytest.mark.process
@pytest.mark.skipif(not shutil.which("git") or not (ROOT / ".git").exists(), reason="needs git and a checkout")
def test_a_lost_blog_is_back_within_ten_minutes(copied, tmp_path, steps):
    clone, new = tmp_path / "clone", tmp_path / "new"
    run(["git", "clone", "--quiet", str(ROOT), str(clone)], tmp_path)
    steps.done("clone")
    run([sys._base_executable, "run.py", "setup"], clone, LONGRUN_DATA=str(tmp_path / "first"))
    steps.done("packages")
    machine = NewMachine(clone, new, LONGRUN_STATIC=str(tmp_path / "static"))
    first = NewMachine(clone, tmp_path / "first", **copied)
    said = first.manage("restore", "last", "--from", "--into", new)
    assert "NOT RESTORED" not in said
    steps.done("restore")
    try:
        machine.start()
        with urllib.request.urlopen(f"{machine.url}/", timeout=60) as answer:
            page = answer.read().decode()
        steps.done("start and first page")
        assert sum(steps.taken.values()) < allowed(MINUTES * 60)
        assert answer.status == 200 and 'class="entry' in page
        media = list(Path(new, "media").rglob("full.jpg"))
        assert len(media) == PICTURES
        counts = "from blog.models import Post; from comments.models import Comment; "
        counts += "print(Post.objects.count(), Comment.objects.count())"
        posts, comments = map(int, machine.manage("shell", "-v0", "-c", counts).split())
        assert posts >= POSTS and comments >= COMMENTS
    finally:
        machine.kill()


def run(command, folder, **environment):
    clean = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    done = subprocess.run(
        command, cwd=folder, env=clean | environment, capture_output=True, text=True, timeout=allowed(MINUTES * 60)
    )
    assert done.returncode == 0, done.stdout + done.stderr
