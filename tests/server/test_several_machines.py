"""Three web processes, two workers and nginx before them, on a real PostgreSQL, a real Redis and an S3 server (moto's:
tests/s3_server.py says what it is), under reading, commenting, uploading and publishing, while one process after the
other is killed.

What was published through one is there in the next request to the others; nothing that was acknowledged is lost; each
email left once, with at most one double for a kill. Every other kill ends an engine, which is away for two seconds:
PostgreSQL at once, Redis with all that it has on its disk, and what stands before the S3 server, which keeps everything
in memory. The kills come from a seed, which is printed:
`KILL_SEED=7 pytest tests/server/test_several_machines.py`. `make soak` goes on for five minutes.
"""

import json
import os
import random
import re
import subprocess
import threading
import time
from collections import Counter
from contextlib import contextmanager
from email import message_from_bytes

import pytest

from core.rate_limits import LIMITS
from tests import postgres, redis_server, s3_server, tcp_forwarder
from tests.core import smtp
from tests.pace import allowed, often
from tests.ports import free_port
from tests.programs import there
from tests.server.machines import Browser, blog_of_machines, json_of, log_in

pytestmark = [pytest.mark.long, pytest.mark.process]

SEED = int(os.environ.get("KILL_SEED", "20261129"))
SECONDS = often(300)
PAUSE = 10 if SECONDS > 100 else 3  # between two kills
ENGINE_SECONDS = 2  # that an engine is away

SETTINGS = """
from comments.models import DiscussionSettings
rules = DiscussionSettings.objects.get()
rules.previously_approved = rules.hold_in_waves = rules.manual_approval = False
rules.flood_seconds, rules.mail_published, rules.comments_per_page = 0, True, 50
rules.save()
"""
WHAT_IS_THERE = """
import json
from blog.models import Media, Post
from comments.models import Comment
from core.models import Email
from django_tasks_db.models import DBTaskResult
print("RESULT" + json.dumps({
    "comments": list(Comment.objects.values_list("text", flat=True)),
    "posts": list(Post.objects.values_list("title", flat=True)),
    "media": list(Media.objects.values_list("name", flat=True)),
    "emails": list(Email.objects.values_list("state", flat=True)),
    "backups": DBTaskResult.objects.filter(task_path__endswith="run_backup").count(),
}))
"""
FRONT = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f;
    uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    upstream blog {{ {servers} }}
    server {{
        listen 127.0.0.1:{port};
        client_max_body_size 110m;
        location / {{
            proxy_pass http://blog;
            proxy_connect_timeout 2s;
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $http_x_forwarded_for;
        }}
    }}
}}
"""


@contextmanager
def nginx(folder, ports):
    """A front for these ports; yields its own."""
    folder.mkdir()
    port = free_port()
    servers = " ".join(f"server 127.0.0.1:{each} max_fails=1 fail_timeout=1s;" for each in ports)
    (folder / "nginx.conf").write_text(FRONT.format(folder=folder, servers=servers, port=port))
    process = subprocess.Popen([there("nginx"), "-p", str(folder), "-c", "nginx.conf"], stderr=subprocess.DEVNULL)
    try:
        yield port
    finally:
        process.terminate()
        process.wait(30)


class Cluster:
    def __init__(self, base, web, workers, front, inbox, engines):
        self.engines = engines
        self.base, self.web, self.workers, self.front, self.inbox = base, web, workers, front, inbox
        self.dice = random.Random(SEED)
        self.over, self.kills, self.wrong = threading.Event(), Counter(), []
        self.refused, self.asked, self.seen = 0, 0, 0
        self.comments, self.posts, self.media = [], [], {}
        print(f"KILL_SEED={SEED}")

    def browser(self, port=None):
        return Browser(port or self.front, self.base.url)

    def what_is_there(self):
        return json.loads(self.base.manage("shell", "-c", WHAT_IS_THERE).partition("RESULT")[2].splitlines()[0])

    # Who does what, each in a thread; an OSError or a 5xx is nobody's answer

    def comment(self, number):
        text = f"Mile {number} of {SEED} was a long one, and I would run it again."
        fields = {"comment": text, "author": f"Ann {number}", "email": f"ann{number}@example.org"}
        fields["subscribe"] = "on"  # which an email asks to confirm
        guest = self.browser()
        said = guest.post(self.form, fields, X_Forwarded_For=network(number))
        if said.status == 303:
            self.comments.append(text)
            place = re.sub(r"^https?://[^/]+|#.*", "", said.headers["Location"])
            self.look_everywhere(place, lambda answer: text in answer.text, f"the comment {number}")
        return said.status

    def publish(self, number):
        ada = self.ada()
        title = f"Day {number} of {SEED}"
        token = ada.cookies["csrftoken"]
        fields = {
            "title": title,
            "source": "Ten miles.",
            "author": self.author,
            "action": "publish",
            "csrfmiddlewaretoken": token,
        }
        said = ada.post("/desk/write/", fields)
        if said.status == 302:
            self.posts.append(title)
            self.look_everywhere("/", lambda answer: title in answer.text, f"the post {number}")
        return said.status

    def upload(self, number):
        ada = self.ada()
        content = b"%PDF-1.7\n" + str(number).encode() * 50_000
        fields = {"csrfmiddlewaretoken": ada.cookies["csrftoken"]}
        files = {"files": (f"race-{number}.pdf", content)}
        said = ada.upload("/desk/media/", fields, files, Accept="application/json")
        if said.status == 200:
            (taken,) = json_of(said)["taken"]
            path = re.search(r"/media/([0-9a-f]{32})/[^\"')\s]+", json.dumps(taken))
            self.media[path[1]] = (path[0], content)
            self.look_everywhere(path[0], lambda answer: answer.body == content, f"the upload {number}", ada)
        return said.status

    def read(self, number):
        return self.browser().get(["/", self.post_path, "/feed/", "/sitemap.xml"][number % 4]).status

    def ada(self):
        browser = self.browser()
        browser.cookies = dict(self.session)
        return browser

    def look_everywhere(self, path, is_there, what, browser=None):
        """The next request to each machine must show it."""
        for machine in self.web:
            try:
                answer = (browser or self.browser()).at(machine.port).get(path)
            except OSError:
                continue
            if answer.status < 500:
                self.seen += 1
                if answer.status != 200 or not is_there(answer):
                    self.wrong.append(f"{what} is not in the next answer of {machine.port}: {answer.status}")

    def repeat(self, action, pause):
        number = 0
        while not self.over.wait(pause):
            number += 1
            self.asked += 1
            try:
                status = action(number)
            except OSError:
                status = 0
            except Exception as error:
                self.wrong.append(f"{action.__name__} {number}: {error!r}")
                raise
            self.refused += status == 0 or status >= 500
            if 400 <= status < 500:
                self.wrong.append(f"{action.__name__} {number} was answered by {status}")

    def kill_and_restart(self):
        while not self.over.wait(PAUSE):
            if self.kills.total() % 2 == 0:
                turn = self.kills.total() // 2
                name = [*self.engines][turn] if turn < len(self.engines) else self.dice.choice([*self.engines])
                self.engines[name].stop()
                time.sleep(ENGINE_SECONDS)
                self.engines[name].start()
            else:
                machine = self.dice.choice([*self.web, *self.workers])
                name = "worker" if machine in self.workers else "web"
                machine.kill()
                machine.start(wait=False)
            self.kills[name] += 1


def network(number):
    """An address of a network of its own, as a front that we trust tells it."""
    return f"198.{18 + number // 250 % 2}.{number % 250}.7"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory, prepared):
    folder = tmp_path_factory.mktemp("cluster")
    inbox = smtp.Inbox()
    mail = smtp.Server(inbox)
    mail.start()
    try:
        database = postgres.running()
        url = database.__enter__()
    except postgres.Missing as missing:
        pytest.fail(str(missing)) if os.environ.get("CI") == "true" else pytest.skip(f"NOTICE: {missing}")
    try:
        engines = {}
        if not os.environ.get("TEST_DATABASE_URL"):  # somebody's is not stopped
            engines["PostgreSQL"] = postgres.Database(url)
            engines["PostgreSQL"].stop()  # from now on a commit is not lost
            engines["PostgreSQL"].start()
        with redis_server.running(tmp_path_factory.mktemp("redis"), durable=True) as redis, s3_server.running() as s3:
            engines |= {"Redis": redis, "S3": tcp_forwarder.Forwarder(s3.port).start()}
            told = {
                "DATABASE_URL": url, "CACHE_URL": redis.url, "SESSIONS": "cache",
                "STORAGE_URL": s3.bucket().replace(f":{s3.port}/", f":{engines['S3'].port}/"),
                "LONGRUN_LIMITS": "on", "LONGRUN_PROXIES": "1", "EMAIL_HOST": "127.0.0.1",
                "EMAIL_PORT": str(mail.port), "EMAIL_USE_TLS": "off", "DEFAULT_FROM_EMAIL": "blog@example.org",
            }  # fmt: skip
            with (
                blog_of_machines(folder, prepared, web=3, workers=2, settings=SETTINGS, **told) as (
                    base,
                    web,
                    workers,
                ),
                nginx(folder / "nginx", [machine.port for machine in web]) as front,
            ):
                made = Cluster(base, web, workers, front, inbox, engines)
                browser = log_in(made.browser(web[0].port))
                page = browser.get("/desk/write/").text
                made.author = re.search(r'name="author".*?value="(\d+)"', page, re.S)[1]
                made.session = browser.cookies
                home = made.browser(web[0].port).get("/").text
                made.post_path = re.search(r'class="p-name u-url" href="([^"]+)"', home)[1]
                page = made.browser(web[0].port).get(made.post_path).text
                made.form = re.search(r'action="(/comments/\d+/)"', page)[1]
                yield made
    finally:
        if "S3" in engines:
            engines["S3"].stop()
        database.__exit__(None, None, None)
        mail.stop()


def test_a_login_at_one_machine_holds_at_all_and_ends_at_all(cluster):
    browser = log_in(cluster.browser(cluster.web[0].port))
    others = [browser.at(machine.port) for machine in cluster.web]
    assert [other.get("/desk/").status for other in others] == [200] * 3
    kept = dict(browser.cookies)
    others[2].submit("/accounts/logout/", {})
    for machine in cluster.web:
        late = cluster.browser(machine.port)
        late.cookies = kept
        assert late.get("/desk/").status == 302


def test_a_rate_limit_counts_over_all_machines(cluster):
    """So many comments a minute from one network, wherever they arrive."""
    most, said = LIMITS["comment_network"][0][0], []
    for number in range(most + 2):
        guest = cluster.browser(cluster.web[number % 3].port)
        fields = {"comment": f"Hasty words number {number}", "author": "Hasty", "email": f"h{number}@example.org"}
        said.append(guest.post(cluster.form, fields, X_Forwarded_For="203.0.113.9").status)
    assert said == [303] * most + [429] * 2


def test_nothing_acknowledged_is_lost_while_machines_are_killed(cluster):
    work = [(cluster.comment, 0.9), (cluster.publish, 3), (cluster.upload, 4), (cluster.read, 0.1)]
    threads = [threading.Thread(target=cluster.repeat, args=each) for each in work]
    threads.append(threading.Thread(target=cluster.kill_and_restart))
    for thread in threads:
        thread.start()
    time.sleep(SECONDS)
    cluster.over.set()
    for thread in threads:
        thread.join(120)
    for machine in cluster.web:
        machine.wait()

    deadline = time.monotonic() + allowed(420)  # whether an email has left that was on its way is known in five minutes
    found = cluster.what_is_there()
    while set(found["emails"]) & {"waiting", "sending"}:
        assert time.monotonic() < deadline, f"emails that did not leave: {found['emails']}"
        time.sleep(2)
        found = cluster.what_is_there()

    sent = [email.content for email in cluster.inbox.emails]
    letters = [(message["To"], message["Subject"], body_of(message)) for message in map(message_from_bytes, sent)]
    doubles = len(letters) - len(set(letters))
    acknowledged = f"{len(cluster.comments)} comments, {len(cluster.posts)} posts, {len(cluster.media)} uploads"
    kills = cluster.kills.total()
    print(
        f"{SECONDS} s, kills: {dict(cluster.kills)}; {cluster.asked} requests, {cluster.refused} had no answer or 5xx"
    )
    print(
        f"acknowledged: {acknowledged}; {cluster.seen} looks at other machines; {len(letters)} emails, {doubles} twice"
    )
    assert not cluster.wrong, cluster.wrong[:5]
    assert cluster.kills.keys() >= cluster.engines.keys() and kills >= SECONDS // (PAUSE + ENGINE_SECONDS + 2) - 2
    assert cluster.comments and cluster.posts and cluster.media
    assert set(cluster.comments) <= set(found["comments"])
    assert set(cluster.posts) <= set(found["posts"])
    assert len(found["comments"]) == len(set(found["comments"])), "a comment is there twice"
    assert cluster.media.keys() <= set(found["media"])
    for machine in cluster.web:
        for path, content in cluster.media.values():
            assert cluster.ada().at(machine.port).get(path).body == content
    assert set(found["emails"]) == {"sent"} and len(set(letters)) == len(found["emails"])
    assert doubles <= kills
    assert found["backups"] == 1, "the daily backup was asked for once over all workers"


def body_of(message):
    part = next((part for part in message.walk() if part.get_content_type() == "text/plain"), message)
    return part.get_payload(decode=True).decode()
