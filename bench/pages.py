"""`python -m bench.pages`: what a page costs, beside nginx giving out the same bytes as a file, and then what an import
costs (`make bench`).

The real server on one core, wrk on the other. For each page, in each form, a few seconds of ours and then of nginx's,
three rounds of everything; told are medians. CPU is that of the whole tree of processes, divided by the requests.
Kept pages are asked for as readers do; cold ones with a cookie for which nothing is kept, plain and compressed. Then
the first page after a change, and a cached page while changes go on. Goals are judged by rounds in which others used at
most 5 % of the CPU; without such a round it says "not judged: busy".

    --quick          a smaller blog, shorter rounds, no growth: under two minutes
    --json FILE      where the figures go as JSON as well (bench.json)
"""

import argparse
import gzip
import itertools
import json
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

from bench import after_change, changing, importing, load, machine, nginx
from bench import start as starts
from bench.floors import BY_COOKIE, COLD, KEPT, QUIET, change_floors, floors, import_floors, start_floors
from tests.blog_process import ROOT, Blog
from transfer.demo.corpus import corpus

ROUNDS = 3
STALE_ASKERS = 4


@dataclass(frozen=True)
class Plan:
    """The sizes of the blogs as (posts, comments, held comments), the seconds of one run of a page, and the number of
    responses to check while a post is renamed."""

    small: tuple
    big: tuple | None
    seconds: float
    nginx_seconds: float
    answers: int
    changes: int = after_change.TIMES
    kept: tuple = KEPT
    cold: tuple = ()  # all of them
    imports: tuple = importing.SIZES


FULL = Plan((1_000, 5_000, 1_000), (50_000, 250_000, 100_000), 2, 1, 10_000)
QUICK = Plan((200, 1_000, 100), None, 1, 1, 2_000, kept=("post, 100 comments", "home"), cold=tuple(COLD),
             imports=importing.SIZES[:1])  # fmt: skip


@dataclass
class Sown:
    """A running blog, with what `bench.seed` printed: `pages` is {kind: path}, `session` the owner's session key,
    `bypass` a cookie that bypasses the page cache."""

    name: str
    blog: Blog
    pages: dict
    session: str
    bypass: str

    @property
    def pid(self):
        return self.blog.process.pid

    def url(self, page):
        return f"{self.blog.url}{self.pages[page]}"


class Bench:
    """One run: at most two blogs, one nginx, and the measurements by (blog, page, form)."""

    def __init__(self, plan, folder):
        self.plan, self.folder = plan, Path(folder)
        self.figures, self.memory = {}, {}
        self.first_pages, self.rates = [], None
        self.nginx = None

    def run(self):
        with ExitStack() as running:
            with machine.on_core(0):
                self.nginx = nginx.Nginx(self.folder / "nginx") if nginx.found() else None
            if self.nginx:
                running.callback(self.nginx.stop)
            small = self.sown("small", self.plan.small, running)
            with machine.on_core(1):
                self.kept(small)
            blogs = [small]
            if self.plan.big:
                blogs.append(self.sown("big", self.plan.big, running))
            with machine.on_core(1):
                self.cold(blogs)
                self.comments(small)
                self.change(small)
                self.after_changes(blogs[-1])
            self.memory = {sown.name: machine.pss(sown.pid) for sown in blogs}

    def sown(self, name, size, running):
        """Start a blog of this size; it is stopped when `running` exits."""
        say(f"{name}: creating {size[0]:,} posts, {size[1]:,} comments, {size[2]:,} that wait")
        blog = Blog(self.folder / name, LONGRUN_STATIC=str(self.folder / "static"), LONGRUN_PROXIES="1")
        blog.manage("prepare")
        blog.set_up()
        command = [sys.executable, "-m", "bench.seed", *map(str, size)]
        sown = subprocess.run(command, cwd=ROOT, env=blog.env, capture_output=True, text=True)
        if sown.returncode:
            sys.exit(f"The blog could not be sown:\n{sown.stderr}")
        with machine.on_core(0):
            running.callback(blog.start().stop)
        return Sown(name, blog, **json.loads(sown.stdout))

    def kept(self, sown):
        """Measure cached pages: plain, gzipped and 304."""
        for number, page in itertools.product(range(ROUNDS), self.plan.kept):
            plain, headers = fetched(sown.url(page))
            packed, _headers = fetched(sown.url(page), {"Accept-Encoding": "gzip"})
            file = self.nginx and self.nginx.put(f"kept{KEPT.index(page)}", plain, packed)
            for form, asked in forms(headers.get("ETag")).items():
                ours = self.asked(sown.pid, sown.url(page), self.plan.seconds, asked)
                theirs = file and self.asked(
                    self.nginx.pid, file, self.plan.nginx_seconds, forms(fetched(file)[1]["ETag"])[form]
                )
                self.note((sown.name, f"kept: {page}", form), ours, theirs)
            say(f"{sown.name}: round {number + 1}: kept {page}")

    def cold(self, blogs):
        """Measure pages that bypass the cache. The blogs take turns page by page, so that changing load on a shared
        machine affects both alike."""
        pages = self.plan.cold or tuple(page for page in blogs[0].pages if page != "comment form")
        for number, page in itertools.product(range(ROUNDS), pages):
            for sown in blogs:
                self.cold_page(sown, page, "plain")
            if not self.plan.cold or page in BY_COOKIE:
                self.cold_page(blogs[0], page, "gzip")
            say(f"round {number + 1}: cold {page}")

    def cold_page(self, sown, page, form):
        cookie = {"Cookie": f"sessionid={sown.session}"} if page == "queue" else {"Cookie": sown.bypass}
        plain, _headers = fetched(sown.url(page), cookie)
        file = self.nginx and self.nginx.put("cold", plain, gzip.compress(plain, 6))
        asked = forms(None)[form]
        ours = self.asked(sown.pid, sown.url(page), self.plan.seconds, asked | cookie)
        theirs = file and self.asked(self.nginx.pid, file, self.plan.nginx_seconds, asked)
        self.note((sown.name, f"cold: {page}", form), ours, theirs)

    def comments(self, sown):
        """Measure guests' comments through all rules, each with its own text, email address and network."""
        count = itertools.count()
        url = sown.url("comment form")
        for number in range(ROUNDS):
            ours = self.costing(
                sown.pid,
                lambda: load.by_threads(url, self.plan.seconds, lambda: comment(next(count), sown.blog.url)),
            )
            self.note((sown.name, "a comment", "posted"), ours, self.reference())
            say(f"{sown.name}: round {number + 1}: comments")

    def reference(self):
        """nginx's cost of a file, as the reference for requests that have no equivalent file."""
        if not self.nginx:
            return None
        file = f"{self.nginx.url}/kept{KEPT.index(self.plan.kept[0])}.html"
        fetched(file)  # raises if it does not exist
        return self.asked(self.nginx.pid, file, self.plan.nginx_seconds, forms(None)["gzip"])

    def change(self, sown):
        """Rename a post repeatedly while four clients request it, and count responses older than their request."""
        path = sown.pages["post, 10 comments"]
        command, pipe = [sys.executable, "-m", "bench.changing", path], subprocess.PIPE
        writer = subprocess.Popen(command, cwd=ROOT, env=sown.blog.env, stdin=pipe, stdout=pipe, text=True)
        self.answers, self.stale, self.renamed = stale_answers(f"{sown.blog.url}{path}", writer, self.plan.answers)
        say(f"{sown.name}: {self.answers:,} answers while a post was renamed {self.renamed:,} times")

    def after_changes(self, sown):
        """Measure the first page after a change, and a cached page while changes go on."""
        path = sown.pages["post, 10 comments"]
        self.first_pages = after_change.first_pages(sown.blog, path, sown.url("home"), fetched, self.plan.changes)
        self.rates = after_change.rates(sown.blog, path, sown.url("post, 100 comments"), self.plan.seconds)
        say(f"{sown.name}: the first page after {self.plan.changes} changes of each kind, and while it changes")

    def asked(self, pid, url, seconds, headers):
        return self.costing(pid, partial(load.drive, url, seconds, headers))

    def costing(self, pid, drive):
        """The figures of a run; "cpu" is the CPU time per request of `pid` and its descendants in microseconds,
        "foreign" the share of the CPU that others used meanwhile."""
        machine.rest(pid)
        before = machine.cpu_seconds(pid)
        with machine.foreign_share() as share:
            run = drive()
        cpu = (machine.cpu_seconds(pid) - before) / max(run.requests, 1) * 1e6
        return {
            "rate": run.rate,
            "p50": run.p50,
            "p99": run.p99,
            "cpu": cpu,
            "failed": run.failed,
            "foreign": share.value,
        }

    def note(self, what, ours, theirs):
        self.figures.setdefault(what, []).append((ours, theirs))

    # Results

    def rows(self):
        """{(blog, page, form): medians of the rounds}, with ratios to nginx."""
        return {what: medians(rounds) for what, rounds in self.figures.items()}

    def floors(self):
        """The goals, judged by the quiet rounds; by all of them, and marked as busy, where there is none."""
        quiet = {what: quiet_rounds(rounds) for what, rounds in self.figures.items()}
        rows = {what: medians(rounds or self.figures[what]) for what, rounds in quiet.items()}
        busy = [goal_of(*what) for what, rounds in quiet.items() if not rounds]
        kept = {
            (page.removeprefix("kept: "), form): {"rate": row["rate_ratio"], "cpu": row["cpu_ratio"]}
            for (_blog, page, form), row in rows.items()
            if page.startswith("kept: ") and "cpu_ratio" in row
        }
        cold = {
            page.removeprefix("cold: "): row["cpu_ratio"]
            for (blog, page, form), row in rows.items()
            if page.startswith("cold: ") and blog == "small" and form == "plain" and "cpu_ratio" in row
        }
        by_cookie = {
            page.removeprefix("cold: "): row["cpu_ratio"]
            for (blog, page, form), row in rows.items()
            if page.startswith("cold: ") and blog == "small" and form == "gzip" and "cpu_ratio" in row
        }
        comment = rows.get(("small", "a comment", "posted"), {}).get("cpu_ratio")
        judged = floors(kept, cold, growth(self.figures), comment, self.stale, by_cookie, busy)
        return judged + change_floors(self.first_pages, self.rates)

    def shares(self):
        """The share of the CPU that others used in each run of ours and of nginx's."""
        return [each["foreign"] for rounds in self.figures.values() for pair in rounds for each in pair if each]


def say(line):
    print(f"  {line}", file=sys.stderr, flush=True)


def forms(etag):
    """{form of a page: request headers for it}."""
    found = {"plain": {}, "gzip": {"Accept-Encoding": "gzip"}}
    return found | ({"304": {"Accept-Encoding": "gzip", "If-None-Match": etag}} if etag else {})


def fetched(url, headers=None):
    """(body, headers) of the URL. Raises HTTPError for error pages, which must not be measured."""
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers or {})) as answer:
        return answer.read(), answer.headers


def comment(number, origin):
    """A request with a unique comment: (method, body, headers)."""
    texts = corpus().comments["en", "remarks"]
    said = f"{texts[number % len(texts)]}\n\n{texts[(number // len(texts) + number + 1) % len(texts)]} {number}"
    fields = {"comment": said, "author": f"Reader {number}", "email": f"guest{number}@example.org", "url": ""}
    body = urlencode(fields | {"parent": ""})
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Sec-Fetch-Site": "same-origin",
        "Origin": origin,
        "User-Agent": "Mozilla/5.0 (bench)",
        "X-Forwarded-For": f"10.{number // 250 % 250}.{number % 250}.7",
    }
    return "POST", body, headers


def stale_answers(url, writer, wanted):
    """Request `url` while the process `writer` renames the post. Returns (responses since the first rename, at least
    `wanted`; how many of them showed a smaller number than the last one committed before the request; renames)."""
    committed, lock = [0], threading.Lock()
    answers, stale = [0], [0]
    done = threading.Event()

    def listen():
        for line in writer.stdout:
            committed[0] = int(line)
        done.set()

    def ask():
        while not done.is_set():
            known = committed[0]
            body, _headers = fetched(url)
            shown = number_in(body)
            with lock:
                answers[0] += known > 0
                stale[0] += known and shown < known
                if answers[0] == wanted:
                    writer.stdin.close()

    threads = [threading.Thread(target=listen), *(threading.Thread(target=ask) for _ in range(STALE_ASKERS))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    writer.wait()
    return answers[0], stale[0], committed[0]


def number_in(body):
    """The number in the title of the renamed post; 10**9 for its own title, which it gets back at the end."""
    before, _title, _after = changing.TITLE.encode().partition(b"%d")
    _page, found, rest = body.partition(before)
    digits = rest[:12].split(b" ")[0]
    return int(digits) if found and digits.isdigit() else 10**9


def medians(rounds):
    """Medians of our figures and nginx's; a ratio is the median of the ratios of each round.

    The kernel counts CPU time in ticks (usually 10 ms): a round in which nginx used none has no ratio.
    """
    row = {name: median(ours[name] for ours, _theirs in rounds) for name in ("rate", "p50", "p99", "cpu")}
    row["failed"] = sum(ours["failed"] for ours, _theirs in rounds)
    row["foreign"] = median(ours["foreign"] for ours, _theirs in rounds)
    pairs = [(ours, theirs) for ours, theirs in rounds if theirs and theirs["rate"] and theirs["cpu"]]
    if pairs:
        row |= {f"nginx_{name}": median(theirs[name] for _ours, theirs in pairs) for name in ("rate", "cpu")}
        row["rate_ratio"] = median(ours["rate"] / theirs["rate"] for ours, theirs in pairs)
        row["cpu_ratio"] = median(ours["cpu"] / theirs["cpu"] for ours, theirs in pairs)
    return row


def quiet_rounds(rounds):
    return [pair for pair in rounds if all(each["foreign"] <= QUIET for each in pair if each)]


def goal_of(blog, page, form):
    """What the goals that these figures decide begin with (bench.floors)."""
    if blog == "big":
        return page.replace("cold: ", "grown: ") + ":"
    if page == "a comment":
        return "a guest's comment"
    if page.startswith("kept: "):
        return f"{page}, {form}:"
    return f"{page}:" if form == "plain" else page.replace("cold: ", "cold by cookie: ") + f", {form}:"


def growth(figures):
    """{cold page: CPU in the big blog ÷ CPU in the small one}: the median of the ratios of each round."""
    return {
        page.removeprefix("cold: "): median(
            ours["cpu"] / small["cpu"]
            for (ours, _), (small, _) in zip(rounds, figures["small", page, form], strict=True)
        )
        for (blog, page, form), rounds in figures.items()
        if blog == "big"
    }


def table(rows):
    head = f"{'blog':<6}{'page':<27}{'form':<7}{'req/s':>8}{'p50 ms':>9}{'p99 ms':>9}{'CPU µs':>9}"
    lines = [head + f"{'nginx/s':>9}{'CPU µs':>8}{'rate ÷':>8}{'CPU ÷':>9}"]
    for (blog, page, form), row in rows.items():
        line = (
            f"{blog:<6}{page:<27}{form:<7}{row['rate']:>8,.0f}{row['p50']:>9.2f}{row['p99']:>9.2f}{row['cpu']:>9,.0f}"
        )
        if "cpu_ratio" in row:
            line += (
                f"{row['nginx_rate']:>9,.0f}{row['nginx_cpu']:>8.1f}{row['rate_ratio']:>8.3f}{row['cpu_ratio']:>9.2f}"
            )
        lines.append(line + (f"  {row['failed']} FAILED" if row["failed"] else ""))
    return "\n".join(lines)


def report(bench, imports, start, took):
    """Print the results. Returns them as a dictionary for JSON."""
    rows = bench.rows()
    judged, shares = bench.floors() + import_floors(imports) + start_floors(start), bench.shares()
    quiet = sum(share <= QUIET for share in shares)
    grown = growth(bench.figures)
    print(f"\n{machine.described()}; {load.driver()}; {'nginx' if bench.nginx else 'no nginx here: no ratios'}")
    print(f"limits on how often somebody may ask are off; medians of {ROUNDS} rounds; {took:.0f} s in all\n")
    print(f"Others used {median(shares):.0%} of the CPU (median); {quiet} of {len(shares)} runs were quiet\n")
    print(table(rows))
    for each in bench.first_pages:
        print(
            f"\nFirst page after a change ({each.change}): {each.cpu:.1f} ms of CPU, after {each.one:.1f} ms,", end=" "
        )
        print(f"for six readers after {each.many:.1f}; others used {each.foreign:.0%} of the CPU", end="")
    if bench.rates:
        print("\n\nA cached page: {:,.0f} a second, and {:,.0f} at ten changes a second".format(*bench.rates))
    if grown:
        print("\nCPU of a cold page in the big blog ÷ in the small one")
        for page, ratio in grown.items():
            print(f"  {page:<25}{ratio:>6.2f}")
    for name, sizes in bench.memory.items():
        print(f"\nMemory (PSS) after all that, {name} blog: {sum(sizes.values()):.0f} MiB")
        for process, size in sizes.items():
            print(f"  {process:<25}{size:>6.1f} MiB")
    print(f"\n{start.told()}")
    print(f"\nImports (posts of {importing.WORDS} words, {importing.EACH} comments each)\n{importing.table(imports)}")
    print(f"\n{bench.answers:,} answers while a post was renamed {bench.renamed:,} times: {bench.stale} stale\n")
    for floor in judged:
        print(floor.told())
    return {
        "machine": machine.described(),
        "rows": [{"blog": blog, "page": page, "form": form} | row for (blog, page, form), row in rows.items()],
        "growth": grown,
        "imports": importing.as_json(imports),
        "foreign": {"median": median(shares), "quiet": quiet, "runs": len(shares)},
        "first pages": [vars(each) for each in bench.first_pages],
        "rates": bench.rates,
        "memory": bench.memory,
        "start": vars(start),
        "stale": {"answers": bench.answers, "stale": bench.stale, "renamed": bench.renamed},
        "floors": [vars(floor) | {"verdict": floor.verdict} for floor in judged],
    }


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", type=Path, default=ROOT / "bench.json", metavar="FILE")
    options = parser.parse_args(arguments)
    began, plan = time.monotonic(), QUICK if options.quick else FULL
    with tempfile.TemporaryDirectory(prefix="longrun-bench-") as folder:
        bench = Bench(plan, folder)
        bench.run()
    imports = importing.measured(plan.imports)
    start = starts.measured()
    options.json.write_text(json.dumps(report(bench, imports, start, time.monotonic() - began), indent=1) + "\n")
    say(f"the same as JSON: {options.json}")


if __name__ == "__main__":
    main()
