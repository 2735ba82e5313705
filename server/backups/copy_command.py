"""BACKUP_COMMAND: a program of the owner's that copies the folder of backups, such as rclone or restic."""

import contextlib
import os
import signal
import subprocess
import tempfile
import time

from django.conf import settings

from config.backup_copies import PATH
from server.backups.create import Interrupted
from server.backups.files import BackupFailed, folder

SECONDS = 12 * 3600  # the queue is said to be stuck after that
POLL = 0.2
PATIENCE = 5  # seconds that it has to end
SHOWN = 300  # characters of what it said


def run_command(should_stop=lambda: False):
    """Run it to its end. Raises BackupFailed or Interrupted; the program and its children are ended then."""
    words = [word.replace(PATH, str(folder())) for word in settings.BACKUP_COMMAND]
    own_group = {"process_group": 0} if os.name != "nt" else {}
    with tempfile.TemporaryFile(dir=settings.LONGRUN_DATA) as said:
        try:
            running = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=said, stderr=said, cwd=settings.LONGRUN_DATA, **own_group
            )
        except OSError as error:
            raise BackupFailed(f"{words[0]} cannot be started: {error.strerror}") from error
        deadline = time.monotonic() + SECONDS
        try:
            while running.poll() is None:
                if should_stop():
                    raise Interrupted
                if time.monotonic() > deadline:
                    raise BackupFailed(f"{words[0]} had not ended after {SECONDS // 3600} hours")
                time.sleep(POLL)
        finally:
            end_group(running)
        if running.returncode:
            said.seek(max(0, said.tell() - 10_000))
            lines = said.read().decode("utf-8", "replace").split("\n")
            last = next((line.strip() for line in reversed(lines) if line.strip()), "nothing")
            raise BackupFailed(f"{words[0]} ended with {running.returncode} and said: {last[:SHOWN]}")


def end_group(running):
    if running.poll() is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        if os.name == "nt":
            running.terminate()
        else:
            os.killpg(running.pid, signal.SIGTERM)
    try:
        running.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            if os.name == "nt":
                running.kill()
            else:
                os.killpg(running.pid, signal.SIGKILL)
        running.wait()
