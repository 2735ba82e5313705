"""`longrun upgrade` and `longrun rollback`, with a blog that is served and commented meanwhile, from one real wheel to
another."""

import http.client
import os
import signal
import subprocess
import sys
import sysconfig
import threading
import time
from functools import partial
from urllib.parse import quote, urlencode

import pytest
from django.db import connection

from tests import postgres
from tests.blog_process import ROOT, Blog, copy, wait_for
from tests.pace import often
from tests.server.wheels import InstalledBlog, build, install, next_tree

pytestmark = [pytest.mark.process, pytest.mark.long]
APPLIED = "from server.upgrade.steps import applied_migrations; print(('core', '0999_next') in applied_migrations())"

POST = """
from accounts.models import User
from blog.models import Post
post = Post(title="Twelve miles", source="Along the river.", author=User.objects.get())
post.publish()
print("number", post.pk)
"""
# A table that is new, and a while in which others read and write.
SLOW = """
import time
from django.db import migrations

class Migration(migrations.Migration):
    dependencies = [("core", "{last}")]
    operations = [
        migrations.RunSQL("CREATE TABLE of_the_next_version (id integer)", "DROP TABLE of_the_next_version"),
        migrations.RunPython(lambda apps, editor: time.sleep(2), migrations.RunPython.noop),
    ]
"""
FAILING = SLOW.replace("time.sleep(2)", "1 / 0")
MUTE = (ROOT / "server/forked_process.py").read_text(encoding="utf-8")
MUTE = MUTE.replace("def preload():", "def preload():\n    sys.exit('not today')\n")
ENDING = "import sys; sys.exit('the web server of this version is broken')"


@pytest.fixture(scope="module")
def wheels(tmp_path_factory):
    """wheels(name, **files): the wheel of this version, or of a later one."""
    made = {}

    def make(name, version="9.0.0", **files):
        if name not in made:
            folder = tmp_path_factory.mktemp(name)
            made[name] = build(folder / "dist", next_tree(folder / "tree", version, **files) if files else None)
        return made[name]

    return make


def slow(wheels):
    return wheels("slow", **{"core__migrations__0999_next.py": migration(SLOW)})


def migration(text):
    from django.db.migrations.loader import MigrationLoader

    [(_app, last)] = MigrationLoader(None).graph.leaf_nodes("core")
    return text.replace("{last}", last)


@pytest.fixture
def blog(wheels, tmp_path):
    """A blog with a post, served by this version, installed from its wheel."""
    commands = install(wheels("present"), tmp_path / "environment")
    blog = InstalledBlog(
        tmp_path / "data", commands, PYTHONPATH=sysconfig.get_path("purelib"), PIP_NO_INDEX="1", PIP_NO_CACHE_DIR="1"
    )
    try:
        blog.start().set_up()
        blog.post = blog.manage("shell", "-c", POST).split("number ")[1].split()[0]
        yield blog
    finally:
        blog.kill()
        subprocess.run(["pkill", "-9", "-f", str(tmp_path)], check=False)


class Commenter(threading.Thread):
    """Comments without a pause and keeps what became of each comment."""

    def __init__(self, blog):
        super().__init__()
        self.blog, self.ended = blog, threading.Event()
        self.stored, self.returned, self.silent, self.others = [], [], [], []

    def run(self):
        number = 0
        while not self.ended.is_set():
            number += 1
            text = f"Comment number {number} of {id(self)}"
            status, page = self.send(text)
            if status == 303:
                self.stored.append(text)
            elif status == 503:
                self.returned.append(text in page)
            elif status == 0:
                self.silent.append(time.monotonic())
            else:
                self.others.append((status, page[:300]))
            time.sleep(0.05)

    def send(self, text):
        line = http.client.HTTPConnection("localhost", self.blog.port, timeout=60)
        fields = urlencode({"comment": text, "author": "Ann", "email": "ann@example.org"})
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
        try:
            line.request("POST", f"/comments/{self.blog.post}/", fields, headers)
            answer = line.getresponse()
            return answer.status, answer.read().decode()
        except (OSError, http.client.HTTPException):
            return 0, ""
        finally:
            line.close()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_how):
        self.ended.set()
        self.join()

    def check(self):
        """Every comment that was answered with 303 is there; every refusal gave the text back."""
        assert self.stored and not self.others
        assert all(self.returned)
        assert self.missing() == []

    def missing(self):
        there = self.blog.manage("shell", "-c", "print(*Comment.objects.values_list('text', flat=True), sep='\\n')")
        return [text for text in self.stored if text not in there.splitlines()]


WHICH = "from server.upgrade.programs import this_program; print(this_program().version)"


def version(blog):
    return blog.manage("shell", "-c", WHICH).split()[-1]


def is_writable(blog, text):
    """Whether a comment is stored; 409 says that it is there already, when an earlier answer was lost."""
    return Commenter(blog).send(text)[0] in (303, 409)


def test_a_served_blog_is_upgraded_and_goes_back(blog, wheels):
    present, process = version(blog), blog.process.pid
    with Commenter(blog) as commenter:
        said = blog.manage("upgrade", slow(wheels), "--yes")
    assert "- A later version." in said and "serves the blog" in said, said
    assert version(blog) == "9.0.0" and blog.process.poll() is None and blog.process.pid == process
    assert commenter.returned, "nothing was read-only"
    commenter.check()
    with Commenter(blog) as since:
        time.sleep(2)
    since.check()

    assert "upgraded: " in blog.manage("upgrade", slow(wheels), "--yes", code=1)  # it runs already
    refused = blog.manage("rollback", code=1)  # no terminal that could say yes
    counted = int(refused.split("Comments since then: ")[1].split()[0])
    assert len(since.stored) <= counted <= len(since.stored + commenter.stored) and version(blog) == "9.0.0"
    said = blog.manage("rollback", "--yes")
    assert version(blog) == present, said
    [*_, export] = sorted((blog.data / "backups").glob("before-rollback-*.json"))
    assert all(text in export.read_text() for text in commenter.stored + since.stored)
    assert commenter.missing() and len(commenter.missing() + since.missing()) == counted
    with Commenter(blog) as again:
        time.sleep(2)
    again.check()


@pytest.mark.parametrize(
    "name, files, reason",
    [
        ("failing", {"core__migrations__0999_next": None}, "division by zero"),
        ("broken", {"config__wsgi": ENDING}, "check_pages"),
    ],
)
def test_a_version_that_fails_leaves_everything_as_it_was(blog, wheels, name, files, reason):
    files = {f"{path}.py": text or migration(FAILING) for path, text in files.items()}
    present = version(blog)
    with Commenter(blog) as commenter:
        said = blog.manage("upgrade", wheels(name, **files), "--yes", code=1)
        time.sleep(1)
    assert "Nothing was upgraded" in said and reason in said, said
    assert version(blog) == present and not (blog.data / "upgrade/new.sqlite3").exists()
    assert commenter.stored[-1] and not commenter.silent
    commenter.check()


def test_a_version_that_never_serves_gives_way_to_the_former_one(blog, wheels):
    files = {"server__forked_process.py": MUTE}
    present = version(blog)
    with Commenter(blog) as commenter:
        said = blog.manage("upgrade", wheels("mute", **files), "--yes", code=1)
        wait_for(partial(is_writable, blog, "after all"), "it stays read-only", blog)
    assert "did not come up, and the former one serves again" in said, said
    assert version(blog) == present and "not today" in blog.log
    commenter.check()


def test_an_upgrade_killed_anywhere_leaves_the_old_version_or_the_new_one(blog, wheels):
    present, times = version(blog), often(20, least=3)
    command = [*blog.program, "upgrade", str(slow(wheels)), "--yes"]
    stored, longest = [], 0
    for kill in range(times):
        with Commenter(blog) as commenter:
            upgrade = subprocess.Popen(
                command, env=blog.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
            )
            time.sleep(2 + 20 * kill / times)
            if upgrade.poll() is None:
                os.killpg(upgrade.pid, signal.SIGKILL)
            upgrade.communicate()
            killed = time.monotonic()
            if kill % 2:  # and the blog with it, as in a power failure
                blog.kill()
                blog.start()
            wait_for(lambda: blog.get("/") == 200, "the blog does not answer after a kill", blog)
            wait_for(partial(is_writable, blog, f"after kill {kill}"), "it stays read-only", blog)
            longest = max(longest, time.monotonic() - killed)
        commenter.check()
        stored += commenter.stored
        if version(blog) != present:
            break
    print(f"{kill + 1} kills, {len(stored)} comments kept, writable again after at most {longest:.1f} s")
    assert longest < 300
    if version(blog) == present:
        blog.manage("upgrade", slow(wheels), "--yes")
    assert version(blog) == "9.0.0"
    commenter.check()


@pytest.mark.db
@pytest.mark.django_db(transaction=True)
def test_a_postgresql_database_is_migrated_back_after_a_failure(wheels, tmp_path):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has tests of its own")
    blog = InstalledBlog(
        tmp_path / "data",
        install(wheels("present"), tmp_path / "environment"),
        DATABASE_URL=new_database(),
        PYTHONPATH=sysconfig.get_path("purelib"),
        PIP_NO_INDEX="1",
        PATH=f"{postgres.find_programs()}:{os.environ['PATH']}",
    )
    blog.manage("prepare")
    blog.set_up()
    present = version(blog)
    broken = wheels("late", **{"core__migrations__0999_next.py": migration(SLOW), "config__wsgi.py": ENDING})
    assert "check_pages" in blog.manage("upgrade", broken, "--yes", code=1)
    assert version(blog) == present and "False" in blog.manage("shell", "-c", APPLIED)

    wheel = wheels("later", "9.0.1", **{"core__migrations__0999_next.py": migration(SLOW)})
    upgrade = subprocess.Popen([*blog.program, "upgrade", str(wheel), "--yes"], env=blog.env, start_new_session=True)
    wait_for((blog.data / "upgrade/migrating.json").exists, "it did not begin to migrate", blog)
    os.killpg(upgrade.pid, signal.SIGKILL)
    upgrade.wait()
    assert version(blog) == present
    mute = {"core__migrations__0999_next.py": migration(SLOW), "server__forked_process.py": MUTE}
    try:
        blog.start()
        assert "the former one serves again" in blog.manage("upgrade", wheels("late mute", **mute), "--yes", code=1)
        assert version(blog) == present and "False" in blog.manage("shell", "-c", APPLIED)
        assert "serves the blog" in blog.manage("upgrade", wheel, "--yes")
    finally:
        blog.kill()
        subprocess.run(["pkill", "-9", "-f", str(tmp_path)], check=False)
    assert version(blog) == "9.0.1" and "True" in blog.manage("shell", "-c", APPLIED)


def new_database():
    """The URL of an empty database on the server of the tests."""
    facts, name = connection.settings_dict, f"upgrade_{os.getpid()}"
    with connection.cursor() as rows:
        rows.execute(f"CREATE DATABASE {name}")
    login = f"{facts['USER']}:{facts['PASSWORD']}" if facts["PASSWORD"] else facts["USER"]
    port = f":{facts['PORT']}" if facts["PORT"] else ""
    return f"postgres://{login}@{quote(facts['HOST'], safe='')}{port}/{name}"


def test_a_checkout_is_upgraded_to_a_tag(prepared, tmp_path):
    tree = tmp_path / "checkout"
    git = ["git", "-C", str(tree), "-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    for number in ("0.2.0", "9.0.0"):
        next_tree(tree, number)
        if number == "0.2.0":
            subprocess.run([*git, "init", "--quiet"], check=True)
        for words in (["add", "--all"], ["commit", "--quiet", "--message", number], ["tag", f"v{number}"]):
            subprocess.run([*git, *words], check=True, stdout=subprocess.DEVNULL)
    subprocess.run([*git, "checkout", "--quiet", "v0.2.0"], check=True)
    copy(prepared, tmp_path / "data")
    blog = Blog(tmp_path / "data", PYTHONPATH=sysconfig.get_path("purelib"), PIP_NO_INDEX="1")
    blog.program, blog.folder = (sys.executable, str(tree / "manage.py")), tree
    try:
        blog.start().set_up()
        assert "this checkout has no tag v8" in blog.manage("upgrade", "v8", "--yes", code=1)
        assert "- A later version." in blog.manage("upgrade", "v9.0.0", "--yes")
        assert version(blog) == "9.0.0" and blog.get("/") == 200
    finally:
        blog.kill()
        subprocess.run(["pkill", "-9", "-f", str(tmp_path)], check=False)
