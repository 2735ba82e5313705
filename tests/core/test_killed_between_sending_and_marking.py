"""The worker dies when an email is handed over and before that is written down, again and again."""

import collections
import shutil
import subprocess
import sys

import pytest

from tests.blog_process import ROOT, Blog
from tests.core.post_office import PATIENCE, opened

EMAILS, DEATHS = 8, (2, 6)
WRITE = f"""
from core import mail
for n in range({EMAILS}):
    mail.queue(to=f"r{{n}}@example.org", subject=f"Number {{n}}", text="News.", key=f"number {{n}}")
"""
COUNT = "from core.models import Email; print(sorted(Email.objects.counts().items()))"


@pytest.mark.long
def test_a_worker_killed_between_sending_and_marking_doubles_one_email_at_most_and_loses_none(prepared, tmp_path):
    data, folder = tmp_path / "data", tmp_path / "post"
    shutil.copytree(prepared / "data", data, ignore=shutil.ignore_patterns("*.lock"))
    folder.mkdir()
    with opened(folder) as post:
        blog = Blog(data, LONGRUN_STATIC=str(prepared / "static"), **post.environment)
        blog.manage("shell", "-c", WRITE)
        (folder / "deadly").write_text(" ".join(map(str, DEATHS)))
        for _ in DEATHS:
            assert work(blog, folder).wait(PATIENCE) == -9
        worker = work(blog, folder)
        try:
            post.wait_for(EMAILS + len(DEATHS))
        finally:
            worker.terminate()
            worker.wait(PATIENCE)
        emails = post.emails
        told = blog.manage("shell", "-c", COUNT)
    assert {email["To"] for email in emails} == {f"r{n}@example.org" for n in range(EMAILS)}, "none is missing"
    copies = collections.Counter(email["Message-ID"] for email in emails)
    assert len(copies) == EMAILS, "a second copy has the first one's Message-ID"
    assert sorted(copies.values())[-len(DEATHS) :] == [2] * len(DEATHS) and sum(copies.values()) == EMAILS + len(DEATHS)
    assert f"('sent', {EMAILS})" in told and "('waiting', 0)" in told


def work(blog, folder):
    worker = subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), "worker"], cwd=ROOT, env=blog.env, stdin=subprocess.DEVNULL
    )
    (folder / "worker").write_text(str(worker.pid))
    return worker
