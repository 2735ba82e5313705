"""While an upgrade is at work nothing is written: forms give their text back, jobs and counters wait."""

import os
import subprocess
import sys
from collections import Counter

import pytest
from django.conf import settings

from core import jobs
from core.file_locks import AlreadyLocked
from core.read_only import SWITCH, UNPROVEN, read_only, writing
from core.write_behind import WriteBehindCounter
from tests.server.test_database_away import FORMS, HERE, LONG, things  # noqa: F401

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no upgrades")

HOLD = """
import fcntl, sys
file = open(sys.argv[1], "a")
fcntl.flock(file, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def upgrading(tmp_path, settings):
    """Another process holds the lock of an upgrade, as long as the test runs."""
    settings.LONGRUN_DATA = tmp_path
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "writing.lock")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout.readline() == b"held\n"
    yield holder
    holder.kill()
    holder.wait()
    holder.stdin.close()
    holder.stdout.close()


@pytest.mark.django_db
@pytest.mark.parametrize("address, field, who", FORMS)
def test_every_form_gives_its_text_back(upgrading, client, things, request, address, field, who):  # noqa: F811
    if who:
        client.force_login(request.getfixturevalue(who))
    answer = client.post(address.format(**things), {field: LONG, "name": "x", "action": "publish"}, headers=HERE)
    page = answer.content.decode()
    assert answer.status_code == 503 and answer["Retry-After"] == "30"
    assert LONG in page and "This blog is being upgraded" in page


@pytest.mark.django_db
def test_pages_are_read_meanwhile_and_logins_come_back_later(upgrading, client, ada):
    assert client.get("/").status_code == 200
    assert client.get("/accounts/github/login/callback/").status_code == 503


@pytest.mark.parametrize("name", [SWITCH, UNPROVEN])
def test_nothing_is_written_between_the_decision_and_the_first_answer(tmp_path, settings, name):
    settings.LONGRUN_DATA = tmp_path
    with writing() as allowed:
        assert allowed
    (tmp_path / "upgrade").mkdir()
    (tmp_path / name).touch()
    with writing() as allowed:
        assert not allowed


def test_a_lock_that_cannot_be_opened_hides_no_decision(tmp_path, settings):
    settings.LONGRUN_DATA = tmp_path
    (tmp_path / "writing.lock").mkdir()
    with writing() as allowed:
        assert allowed, "the database itself says whether it can be written"
    (tmp_path / "upgrade").mkdir()
    (tmp_path / SWITCH).touch()
    with writing() as allowed:
        assert not allowed


def test_an_upgrade_waits_for_those_who_write(tmp_path, settings):
    settings.LONGRUN_DATA = tmp_path
    with writing(), pytest.raises(AlreadyLocked), read_only(timeout=0.3):
        pass
    with read_only(timeout=0):
        pass


@pytest.mark.django_db
def test_jobs_and_scheduled_tasks_wait(upgrading, monkeypatch):
    ran = []
    monkeypatch.setattr(jobs, "_entries", {"late": (jobs.timedelta(minutes=1), lambda: ran.append("late"))})
    mailed.enqueue()
    jobs.run_due()
    assert jobs.run_ready() == 0 and not ran
    upgrading.kill()
    upgrading.wait()
    jobs.run_due()
    assert jobs.run_ready() == 1 and ran == ["late"]


@jobs.job
def mailed():
    pass


def test_counted_views_are_kept_until_they_may_be_written(upgrading):
    written = Counter()
    counter = WriteBehindCounter(written.update, seconds=3600)
    counter.add("post")
    counter.write()
    assert not written
    upgrading.kill()
    upgrading.wait()
    counter.write()
    assert written == {"post": 1}
    counter.forget()


@pytest.mark.process
def test_commands_wait_too(upgrading):
    environment = os.environ | {"LONGRUN_DATA": str(settings.LONGRUN_DATA), "DJANGO_SETTINGS_MODULE": "config.settings"}
    done = subprocess.run(
        [sys.executable, "manage.py", "createsuperuser"],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1 and "Longrun is being upgraded" in done.stderr
