"""`python -m tests.core.post_office PORT FOLDER`: an SMTP server in a process of its own, for blogs in theirs.

Each email becomes a file, 1.eml, 2.eml … Whoever hands over the one whose number stands in FOLDER/deadly is killed by
the pid in FOLDER/worker when the email is safe here and before they are told so.
"""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from email import message_from_bytes
from email.policy import default as modern
from pathlib import Path

from aiosmtpd.controller import Controller

from tests.ports import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 60


class Counter:
    def __init__(self, folder):
        self.folder = folder

    async def handle_DATA(self, server, session, envelope):
        number = len(list(self.folder.glob("*.eml"))) + 1
        coming = self.folder / "coming"
        coming.write_bytes(envelope.content)
        coming.replace(self.folder / f"{number}.eml")
        if str(number) in words_in(self.folder / "deadly"):
            with suppress(ProcessLookupError):
                os.kill(int((self.folder / "worker").read_text()), signal.SIGKILL)
        return "250 OK"


def words_in(file):
    return file.read_text().split() if file.exists() else []


class PostOffice:
    """What a test sees of it."""

    def __init__(self, folder, port):
        self.folder, self.port = folder, port

    @property
    def environment(self):
        return {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(self.port), "EMAIL_USE_TLS": "off"}

    @property
    def emails(self):
        files = sorted(self.folder.glob("*.eml"), key=lambda file: int(file.stem))
        return [message_from_bytes(file.read_bytes(), policy=modern) for file in files]

    def wait_for(self, number):
        deadline = time.monotonic() + PATIENCE
        while len(self.emails) < number:
            assert time.monotonic() < deadline, f"{len(self.emails)} of {number} emails came"
            time.sleep(0.05)
        return self.emails


@contextmanager
def opened(folder):
    port = free_port()
    command = [sys.executable, "-m", "tests.core.post_office", str(port), str(folder)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline() == "open\n"
        yield PostOffice(folder, port)
    finally:
        process.kill()
        process.wait()


def main(port, folder):
    controller = Controller(Counter(Path(folder)), hostname="127.0.0.1", port=int(port))
    controller.start()
    print("open", flush=True)
    signal.pause()


if __name__ == "__main__":
    main(*sys.argv[1:])
