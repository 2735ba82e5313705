"""`python -m bench.storm`: what readers of a cached page wait for while much happens at once (`make bench-storm`).

The real server on one core, the load and the readers in processes of their own on others: each on its own where there
are three, else the readers have the priority. Two connections read the cached front page all the time; told are the
median and the 99th percentile of their response times, alone and in each storm, and beside them those of nginx with the
same page as a file under the same storm (nginx answers what it has no file for with 404 or 405):

    mixed     50 pages a second that are not cached, 10 comments a second, 20 uploads of 2 MB
    cookie    200 connections that request posts with a cookie that anybody can send
    crawlers  50 requests a second of addresses that are never the same twice, from many networks and with browsers'
              names, while a person opens posts that are not cached
    sessions  200 connections with session cookies that somebody made up, while the owner opens the desk
    idle      5,000 idle connections and 1,000 that send their headers slowly
    killed    no storm: how long it takes from `kill -9` of the web server's processes to the next response

    --quick          a tenth of the seconds and of the connections
    --json FILE      writes the figures as JSON as well
    STORM …          only these
"""

import argparse
import functools
import gzip
import http.client
import io
import itertools
import json
import multiprocessing
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from PIL import Image

from bench import machine
from bench import nginx as reference
from bench.floors import storm_floors
from bench.load import percentile
from tests.blog_process import ROOT, Blog

POSTS = (200, 1_000, 50)  # posts, comments, held comments of the blog
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:{0}.0) Gecko/20100101 Firefox/{0}.0"
LIMITED = {"crawlers"}  # storms against rate limits and budgets; the others measure without
READERS, PAUSE = 2, 0.005  # connections that read the cached page; seconds between two requests of one
NICENESS = 10  # of the load, which may share a core with the readers


@dataclass
class Result:
    """What readers of the cached page waited for, in milliseconds, and the responses to the storm by (kind, status)."""

    storm: str
    p50: float
    p99: float
    slowest: float
    reads: int
    failed: int
    statuses: dict = field(default_factory=dict)
    p95: float = 0.0
    person: float = 0.0  # the 95th percentile of a person's uncached pages in milliseconds
    grown: float = 0.0  # MiB by which the memory of all processes grew in the second half
    nginx_p50: float | None = None
    nginx_p99: float | None = None


class Storm:
    """A running blog (or nginx in its place), its readers, and the threads that send the storm."""

    def __init__(self, blog, pages, seconds, share):
        self.blog, self.pages, self.seconds, self.share = blog, pages, seconds, share
        self.over, self.statuses, self.lock = threading.Event(), Counter(), threading.Lock()
        self.numbers = itertools.count(int(time.time()))
        self.person_times = []

    def measure(self, name, *senders):
        """The Result for readers, in one process, while each of `senders` (functions without arguments) runs in a
        thread of another."""
        load = in_process(self.load, senders, niceness=NICENESS)
        readers = in_process(self.readers, core=2)
        time.sleep(self.seconds / 2)
        before = sum(machine.pss(self.blog.process.pid).values())
        (times, failed), (statuses, person_times) = readers(), load()
        grown = sum(machine.pss(self.blog.process.pid).values()) - before
        told = {f"{kind} {status}": count for (kind, status), count in sorted(statuses.items())}
        return Result(name, percentile(times, 50), percentile(times, 99), max(times, default=0.0),
                      len(times), failed, told, p95=percentile(times, 95),
                      person=percentile(person_times, 95) if person_times else 0.0, grown=grown)  # fmt: skip

    def load(self, senders):
        """({(kind, status): number of responses}, times of a person's pages) of the senders, which end after
        `seconds`."""
        self.statuses.clear()
        self.in_threads(senders)
        return dict(self.statuses), self.person_times

    def readers(self):
        """(times in milliseconds, number of failures) of the readers."""
        times, failed = [], []
        self.in_threads([functools.partial(self.read, times, failed)] * READERS)
        return times, len(failed)

    def in_threads(self, functions):
        threads = [threading.Thread(target=function, daemon=True) for function in functions]
        for thread in threads:
            thread.start()
        time.sleep(self.seconds)
        self.over.set()
        for thread in threads:
            thread.join(60)

    def killed(self):
        """The time to the next response after each kill, of the web server's two processes in turn."""
        times = []
        for number in range(2 * max(1, round(self.seconds / 5))):
            time.sleep(12)  # the supervisor pauses longer after deaths in a row
            tree = sorted(machine.tree(self.blog.process.pid))
            web = [pid for pid in tree if Path(f"/proc/{pid}/comm").read_text() == "longrun web\n"]
            os.kill(web[number % 2], signal.SIGKILL)
            began = time.perf_counter()
            while self.send("killed", "GET", "/health/")[0] != 200:
                time.sleep(0.01)
            times.append((time.perf_counter() - began) * 1000)
        return Result("killed", percentile(times, 50), percentile(times, 99), max(times), len(times), 0)

    def read(self, times, failed):
        connection = http.client.HTTPConnection("127.0.0.1", self.blog.port, timeout=60)
        while not self.over.is_set():
            began = time.perf_counter()
            try:
                connection.request("GET", "/", headers=self.headers())
                answer = connection.getresponse()
                answer.read()
                if answer.status != 200:
                    failed.append(answer.status)
            except OSError:
                failed.append(0)
                connection.close()
            times.append((time.perf_counter() - began) * 1000)
            time.sleep(PAUSE)
        connection.close()

    def headers(self, network=None, **more):
        client = {"X-Forwarded-For": network} if network else {}
        return {"Host": f"localhost:{self.blog.port}", "Origin": self.blog.url} | client | more

    def send(self, kind, method, path, body=None, headers=None):
        """One request on a connection of its own; its status is counted, 0 if there was no response."""
        connection = http.client.HTTPConnection("127.0.0.1", self.blog.port, timeout=60)
        status, content = 0, b""
        try:
            connection.request(method, path, body, headers or self.headers())
            answer = connection.getresponse()
            status, content = answer.status, answer.read()
        except OSError:
            pass
        finally:
            connection.close()
        with self.lock:
            self.statuses[kind, status] += 1
        return status, content

    def at_rate(self, kind, rate, request):
        """A sender that begins `rate` requests a second, whether earlier ones have ended or not; `request()` returns
        the arguments of `send`."""

        def run():
            began, number = time.perf_counter(), 0
            while not self.over.is_set():
                threading.Thread(target=self.send, args=(kind, *request()), daemon=True).start()
                number += 1
                time.sleep(max(0, began + number / rate - time.perf_counter()))

        return run

    def without_end(self, kind, request):
        def run():
            while not self.over.is_set():
                self.send(kind, *request())

        return run

    # --- The storms ---

    def alone(self):
        return self.measure("alone")

    def mixed(self):
        uploads = [self.upload] * max(2, 20 // self.share)
        return self.measure("mixed", self.at_rate("cold", 50, self.cold), self.at_rate("comment", 10, self.comment),
                            *uploads)  # fmt: skip

    def cookie(self):
        forged = self.headers(Cookie="longrun_post_0=x")
        path = self.pages["post, 100 comments"]
        sender = self.without_end("cookie", lambda: ("GET", path, None, forged))
        return self.measure("cookie", *[sender] * (200 // self.share))

    def sessions(self):
        forged = lambda: ("GET", "/desk/", None, self.headers(Cookie=f"sessionid={next(self.numbers):032}"))  # noqa: E731
        owner = self.headers(Cookie=f"sessionid={self.blog.session[0]}")
        self.send("person", "GET", "/desk/", None, owner)  # since the start of the server she has opened one page
        desk = lambda: self.open_pages(itertools.repeat("/desk/posts/"), owner)  # noqa: E731
        return self.measure("sessions", *[self.without_end("forged", forged)] * (200 // self.share), desk)

    def crawlers(self):
        posts = iter(re.findall(r"<loc>[^<]*?(/\d{4}/[^<]+)</loc>", self.page("/sitemap-posts.xml")))
        return self.measure("crawlers", self.at_rate("crawler", 50, self.never_twice), lambda: self.person(posts))

    def idle(self):
        with ExitStack() as lines:
            for number in range(6_000 // self.share):
                line = lines.enter_context(socket.create_connection(("127.0.0.1", self.blog.port), timeout=60))
                if number % 6 == 0:
                    line.sendall(b"GET / HTTP/1.1\r\nHost: local")
            time.sleep(0.5)
            return self.measure("idle")

    # --- Their requests ---

    def page(self, path):
        return self.send("page", "GET", path)[1].decode()

    def person(self, posts):
        """Somebody who opens one post after the other, with the style sheet of the first; each is not cached yet."""
        here = self.headers("203.0.113.7", **{"User-Agent": AGENT.format(145)})
        sheet = re.search(r'rel="stylesheet" href="([^"]+)"', self.page("/"))[1]
        self.send("person's sheet", "GET", sheet, None, here)
        self.open_pages(posts, here)

    def open_pages(self, paths, headers):
        for path in paths:
            if self.over.is_set():
                return
            began = time.perf_counter()
            self.send("person", "GET", path, None, headers)
            self.person_times.append((time.perf_counter() - began) * 1000)
            time.sleep(0.3)

    def cold(self):
        """A page that is not in the cache: a search for words that nobody has searched for."""
        number = next(self.numbers)
        return "GET", f"/search/?q=river+{number}", None, self.headers(network(number))

    def comment(self):
        number = next(self.numbers)
        said = {"comment": f"I ran along the river as well, {number}.", "author": f"Ann {number}",
                "email": f"ann{number}@example.org"}  # fmt: skip
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        return "POST", self.pages["comment form"], urlencode(said), self.headers(network(number), **form)

    def upload(self):
        """Uploads a picture, again and again until the server takes it."""
        token = "b" * 32  # the form and the cookie hold the same, as Django asks
        cookies = f"sessionid={self.blog.session[0]}; csrftoken={token}"
        form = {"Content-Type": "multipart/form-data; boundary=part", "Cookie": cookies}
        body = multipart({"csrfmiddlewaretoken": token}, "files", f"{next(self.numbers)}.jpg", picture())
        while not self.over.is_set():
            if self.send("upload", "POST", "/desk/media/", body, self.headers(**form))[0] != 503:
                return
            time.sleep(1)

    def never_twice(self):
        number = next(self.numbers)
        paths = (f"/search/?q=w{number}", f"/?page={number}", f"/tag/t{number}/feed/", f"/?replytocom={number}",
                 f"/{1980 + number % 60}/{number % 12 + 1:02}/?n={number}", f"/{number % 40 + 1980}/page/7/",
                 f"/wp-content/{number}.php", f"/2026/03/05/a-misspelt-path-{number}/")  # fmt: skip
        everywhere = f"10.{number // 256 % 256}.{number % 256}.7"
        agent = AGENT.format(number % 50 + 90)
        return "GET", paths[number % len(paths)], None, self.headers(everywhere, **{"User-Agent": agent})


def in_process(function, *arguments, core=1, niceness=0):
    """Starts `function` in a process of its own, on this core if there are so many; returns a function that waits for
    its result."""
    context = multiprocessing.get_context("fork")  # before this process has threads
    ours, theirs = context.Pipe(duplex=False)

    def run():
        os.nice(niceness)
        with machine.on_core(core if core < len(machine.CORES) else 1):
            theirs.send(function(*arguments))

    process = context.Process(target=run)
    process.start()
    theirs.close()

    def result():
        try:
            return ours.recv()
        finally:
            process.join()

    return result


@functools.cache
def picture():
    """A photograph of some 2 MB, made of noise."""
    content = io.BytesIO()
    Image.effect_noise((2400, 1600), 60).convert("RGB").save(content, "JPEG", quality=92)
    return content.getvalue()


def multipart(fields, name, file_name, content):
    """The body of a form with one file; its boundary is "part"."""
    part = '--part\r\nContent-Disposition: form-data; name="{}"'
    head = "".join(f"{part.format(key)}\r\n\r\n{value}\r\n" for key, value in fields.items())
    file = f'{part.format(name)}; filename="{file_name}"\r\n'
    return head.encode() + file.encode() + b"Content-Type: image/jpeg\r\n\r\n" + content + b"\r\n--part--\r\n"


def network(number):
    return f"198.{18 + number // 65536 % 2}.{number // 256 % 256}.{number % 256}"


STORMS = ("alone", "mixed", "cookie", "crawlers", "sessions", "idle", "killed")


def run(storms, seconds, share=1):
    """[Result] of these storms, on a blog of its own, with nginx's figures where it is installed."""
    with tempfile.TemporaryDirectory(prefix="longrun-storm-") as folder, ExitStack() as servers:
        blog = Blog(Path(folder, "data"), LONGRUN_STATIC=str(Path(folder, "static")), LONGRUN_PROXIES="1")
        blog.manage("prepare")
        blog.set_up()
        command = [sys.executable, "-m", "bench.seed", *map(str, POSTS)]
        sown = json.loads(subprocess.run(command, cwd=ROOT, env=blog.env, capture_output=True, check=True).stdout)
        blog.session = [sown["session"]]
        results, file_server = [], None
        for limited in (False, True):
            if not (names := [name for name in storms if (name in LIMITED) == limited]):
                continue
            blog.env["LONGRUN_LIMITS"] = "on" if limited else "off"
            with machine.on_core(0):
                blog.start()
            with ExitStack() as running, machine.on_core(1):
                running.callback(blog.stop)
                if reference.found() and file_server is None:
                    file_server = nginx_with_home(blog, Path(folder, "nginx"), servers)
                for name in names:
                    result = getattr(Storm(blog, sown["pages"], seconds, share), name)()
                    machine.rest(blog.process.pid)
                    if file_server and name != "killed":
                        beside = getattr(Storm(file_server, sown["pages"], max(1, seconds // 2), share), name)()
                        result.nginx_p50, result.nginx_p99 = beside.p50, beside.p99
                    results.append(result)
        return results


@dataclass
class FileServer:
    """nginx in the place of a blog."""

    port: int
    url: str
    session: list
    process: subprocess.Popen


def nginx_with_home(blog, folder, running):
    server = reference.Nginx(folder)
    running.callback(server.stop)
    with urllib.request.urlopen(f"{blog.url}/") as answer:
        home = answer.read()
    server.put("index", home, gzip.compress(home, 6))
    return FileServer(server.port, server.url, blog.session, server.process)


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="bench.storm")
    parser.add_argument("storms", nargs="*", metavar="STORM", help=", ".join(STORMS))
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args(arguments)
    if unknown := set(given.storms) - set(STORMS):
        parser.error(f"there is no storm {', '.join(sorted(unknown))}; there are {', '.join(STORMS)}")
    results = run(given.storms or STORMS, *((2, 10) if given.quick else (20, 1)))
    for each in results:
        print(f"{each.storm:10} p50 {each.p50:8.1f} ms  p99 {each.p99:8.1f} ms  slowest {each.slowest:8.1f} ms  "
              f"{each.reads:6} reads, {each.failed} failed, {each.grown:+.1f} MiB; "
              f"{beside(each)}{each.statuses or ''}")  # fmt: skip
    found = storm_floors({each.storm: each for each in results})
    print("\n".join(floor.told() for floor in found))
    if given.json:
        floors = [asdict(each) | {"verdict": each.verdict} for each in found]
        told = {"results": [asdict(each) for each in results], "floors": floors}
        given.json.write_text(json.dumps(told, indent=1))


def beside(result):
    """nginx's figures, in words."""
    if result.nginx_p99 is None:
        return ""
    return f"nginx p50 {result.nginx_p50:.1f}, p99 {result.nginx_p99:.1f} ms; "


if __name__ == "__main__":
    main()
