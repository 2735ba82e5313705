"""`python -m bench.not_found`: what a path costs that does not exist, and one of those that scanners try everywhere.

The whole application answers in this process, without a web server; printed are microseconds of processor time of all
its threads for one request, and whether the goals are met. Each path is requested once. The blog is temporary.

    --json FILE      writes the figures as JSON as well
"""

import argparse
import gc
import io
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from bench.floors import not_found_floors
from tests.blog_process import ROOT, Blog

POSTS = (1_000, 1_000, 50)  # posts, comments, held comments of the blog
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
ROUNDS, REQUESTS = 7, 100  # the fastest round counts
PROBES = ("/wp-login.php", "/xmlrpc.php", "/.env", "/.git/config", "/wp-admin/setup-config.php", "/phpinfo.php")


def environ(path):
    said = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": "", "SERVER_PROTOCOL": "HTTP/1.1"}
    said |= {"SERVER_NAME": "localhost", "SERVER_PORT": "80", "REMOTE_ADDR": "203.0.113.7", "wsgi.input": io.BytesIO()}
    host = os.environ["LONGRUN_URL"].partition("//")[2]
    return said | {
        "wsgi.errors": sys.stderr,
        "wsgi.url_scheme": "http",
        "HTTP_HOST": host,
        "HTTP_USER_AGENT": "Firefox/145",
    }


def cost(application, paths):
    """(microseconds for one request, the statuses). The first round, which fills the caches, does not count."""
    fastest, statuses = float("inf"), set()
    for round in range(ROUNDS):
        for _time in range(REQUESTS // 8):  # a reader's network, which the budget for strangers does not concern
            b"".join(application(environ("/visits/1/"), lambda *_said: None))
        asked = [environ(path) for path in itertools.islice(paths, REQUESTS)]
        gc.collect()
        began = time.process_time()
        for each in asked:
            b"".join(application(each, lambda status, headers: statuses.add(status.partition(" ")[0])))
        if round:
            fastest = min(fastest, (time.process_time() - began) / len(asked) * 1_000_000)
    return fastest, sorted(statuses)


def measure(post):
    """{what: (microseconds, statuses)}; runs in a process of its own, with the environment of the blog."""
    from config.wsgi import application

    numbers = itertools.count()
    kinds = {
        "a cached page": itertools.repeat(post),
        "a misspelt post": (f"/2026/03/05/no-such-post-{number}/" for number in numbers),
        "a path of one word": (f"/nothing-{number}/" for number in numbers),
        "a path without a slash": (f"/some/where/{number}" for number in numbers),
        "another system's program": (f"/wp-content/plugins/x{number}/readme.php" for number in numbers),
        **{probe: itertools.repeat(probe) for probe in PROBES},
    }
    return {name: cost(application, paths) for name, paths in kinds.items()}


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="bench.not_found")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.inside:
        print(json.dumps(measure(given.inside)))
        return
    with tempfile.TemporaryDirectory(prefix="longrun-bench-") as folder:
        blog = Blog(Path(folder, "data"), LONGRUN_STATIC=str(Path(folder, "static")), LONGRUN_LIMITS="on")
        blog.env |= {"LONGRUN_URL": "http://localhost:8000", "DJANGO_SETTINGS_MODULE": "config.settings"}
        blog.manage("prepare")
        blog.set_up()

        def run(*command):
            done = subprocess.run(
                [sys.executable, "-m", *command], cwd=ROOT, env=blog.env, capture_output=True, text=True
            )
            assert done.returncode == 0, done.stderr
            return json.loads(done.stdout.splitlines()[-1])

        sown = run("bench.seed", *map(str, POSTS))
        found = run("bench.not_found", "--inside", sown["pages"]["post, 10 comments"])
    for name, (microseconds, statuses) in found.items():
        print(f"{name:<28}{microseconds:10.0f} µs  {', '.join(statuses)}")
    floors = not_found_floors({name: microseconds for name, (microseconds, _statuses) in found.items()}, PROBES)
    print("\n".join(floor.told() for floor in floors))
    if given.json:
        told = [asdict(each) | {"verdict": each.verdict} for each in floors]
        given.json.write_text(json.dumps({"results": found, "floors": told}, indent=1))


if __name__ == "__main__":
    main()
