"""A process that asks the doctor, as the web process and the worker do, keeps its locks on SQLite's file."""

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

# Has a connection, asks the doctor, says so; then writes a row after each line that it is told.
ASKING = """
import sys, django
django.setup()
from core.models import Email
from server.doctor.findings import examine
Email.objects.count()
print(len(examine(thoroughly=False)), flush=True)
for line in sys.stdin:
    Email.objects.create(to="ann@example.org", subject=line.strip())
    print("written", flush=True)
"""


@pytest.mark.process
def test_what_is_written_after_the_doctor_was_asked_is_seen_by_others(tmp_path, prepared):
    file = tmp_path / "longrun.sqlite3"
    shutil.copy(prepared / "data" / "longrun.sqlite3", file)
    inherited = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    env = inherited | {"LONGRUN_DATA": str(tmp_path), "DJANGO_SETTINGS_MODULE": "config.settings"}
    env["PYTHONPATH"] = os.pathsep.join(sys.path)

    def subjects():
        with closing(sqlite3.connect(file, timeout=10)) as rows:  # without locks it would delete the journal at its end
            return [subject for (subject,) in rows.execute("select subject from core_email order by id")]

    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", ASKING], env=env, **pipes) as asking:
        try:
            assert int(asking.stdout.readline()) > 10
            assert subjects() == []
            for number in range(3):
                asking.stdin.write(f"row {number}\n")
                asking.stdin.flush()
                assert asking.stdout.readline() == "written\n"
                assert subjects() == [f"row {before}" for before in range(number + 1)]
        finally:
            asking.kill()
