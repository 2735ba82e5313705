"""deploy/longrun.service: how exposed it is, and that Longrun works under what it forbids, tried by hand.

What `confined.py` names as untried is untried.
"""

import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
import requests

from server import supervisor, web_server
from tests.blog_process import ROOT, Blog, copy, wait_for

UNIT = ROOT / "deploy/longrun.service"
NOBODY = 65534
CONFINED = [
    *("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"),
    *("--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"),
    *(sys.executable, str(ROOT / "tests/server/confined.py"), sys.executable, str(ROOT / "manage.py")),
]
TRIALS = """
import ctypes, mmap, os, socket
from core import child_process
from server import backups

def refused(deed, *words):
    try:
        deed(*words)
    except OSError as error:
        return error.errno

writable_code = mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC
print("setuid", refused(os.setuid, 0))
print("priority", refused(os.nice, 5))
print("chown", refused(os.chown, os.environ["LONGRUN_DATA"], 65534, 65534))
print("netlink", refused(socket.socket, socket.AF_NETLINK, socket.SOCK_RAW))
print("sockets", refused(socket.socket, socket.AF_UNIX), refused(socket.socket, socket.AF_INET6))
print("code", refused(mmap.mmap, -1, 4096, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, writable_code))
libc = ctypes.CDLL(None, use_errno=True)
print("namespace", libc.unshare(0x10000000), ctypes.get_errno())
print("personality", libc.personality(8), ctypes.get_errno())
print("mount", libc.mount(b"a", b"/", b"b", 0, 0), ctypes.get_errno())
print("child", child_process.call("json.dumps", {"obj": [1]}, seconds=20, memory=2**29))
print("backup", backups.create_backup().posts)
"""
FOUND = {
    "setuid": "1",
    "priority": "1",
    "chown": "1",
    "netlink": "97",
    "sockets": "None None",
    "code": "13",
    "namespace": "-1 1",
    "personality": "-1 1",
    "mount": "-1 1",
    "child": "[1]",
    "backup": "2",
}


def setting(name):
    return re.search(rf"^{name}=(.*)$", UNIT.read_text(), re.MULTILINE)[1]


def test_it_is_hardly_exposed():
    if not shutil.which("systemd-analyze"):
        pytest.skip("NOTICE: there is no systemd-analyze here.")
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", str(UNIT)]
    said = subprocess.run(command, capture_output=True, text=True).stdout
    assert float(re.search(r"Overall exposure level for longrun.service: ([\d.]+)", said)[1]) <= 2.5, said


def test_systemd_waits_longer_than_we_do():
    assert int(setting("TimeoutStopSec")) > supervisor.STOP_SECONDS + 10 > web_server.SECONDS_TO_STOP
    assert setting("KillMode") == "mixed", "the parent alone gets the signal, and passes it on"
    assert setting("ReadWritePaths").startswith("-"), "without the folder the unit starts all the same"


def nobody_cannot_read(path):
    asked = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "test", "-r", str(path)]
    return subprocess.run(asked).returncode != 0


@pytest.fixture
def blog(owned, prepared):
    """A blog in a folder of a user without any rights."""
    if os.geteuid() or platform.machine() != "x86_64" or not shutil.which("setpriv"):
        pytest.skip("NOTICE: only root on x86-64 Linux with setpriv can try these restrictions.")
    unreadable = nobody_cannot_read(ROOT / "tests/server/confined.py")
    if unreadable and os.environ.get("CI") != "true":
        pytest.skip(f"NOTICE: the user of the unit cannot read {ROOT}.")
    assert not unreadable, f"a user without any rights cannot read {ROOT}"
    place = Path(tempfile.mkdtemp(prefix="longrun-confined-", dir="/tmp"))
    copy(owned, place / "data")
    shutil.copytree(prepared / "static", place / "static")
    for path in (place, *place.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
    blog = Blog(place / "data", LONGRUN_STATIC=str(place / "static"), PYTHONDONTWRITEBYTECODE="1", HOME=str(place))
    yield blog
    if blog.process:
        blog.kill()
    shutil.rmtree(place)


@pytest.mark.long
@pytest.mark.process
def test_it_serves_backs_up_and_starts_processes_under_these_restrictions(blog):
    command = [*CONFINED, "shell", "-v0", "-c", TRIALS]
    tried = subprocess.run(command, env=blog.env, cwd=ROOT, capture_output=True, text=True)
    assert tried.returncode == 0, tried.stderr
    assert dict(line.split(" ", 1) for line in tried.stdout.splitlines()) == FOUND
    with blog.log_file.open("ab") as log:
        blog.process = subprocess.Popen(
            [*CONFINED, "serve"], cwd=ROOT, env=blog.env, stdout=log, stderr=log, process_group=0
        )
    wait_for(blog.answers, "it did not come up", blog)
    home = requests.get(f"{blog.url}/").text
    permalink = re.search(r'class="p-name u-url" href="([^"]+)"', home)[1]
    form = re.search(r'action="(/comments/\d+/)"', requests.get(blog.url + permalink).text)[1]
    fields = {"comment": "Under restrictions.", "author": "Ann", "email": "ann@example.org"}
    headers = {"Origin": blog.url}
    assert requests.post(blog.url + form, fields, headers=headers, allow_redirects=False).status_code == 303
    assert blog.stop() == 0
