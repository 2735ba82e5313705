"""Load generator: many requests for one URL and their times, by wrk, or by Python threads if wrk is missing."""

import http.client
import json
import shutil
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

CONNECTIONS = 16
TELL = Path(__file__).with_name("tell.lua")


@dataclass
class Load:
    """The result of one run: `seconds` is its duration; p50 and p99 are response times in milliseconds."""

    requests: int
    seconds: float
    p50: float
    p99: float
    failed: int = 0

    @property
    def rate(self):
        return self.requests / self.seconds if self.seconds else 0.0


def driver():
    return "wrk" if shutil.which("wrk") else "threads of Python"


def drive(url, seconds, headers):
    """Request `url` for `seconds` on CONNECTIONS connections."""
    if seconds < 1 or not shutil.which("wrk"):  # wrk counts whole seconds
        return by_threads(url, seconds, lambda: ("GET", None, headers))
    said = [word for name, value in headers.items() for word in ("-H", f"{name}: {value}")]
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(TELL), *said, url]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return Load(**json.loads(done.stdout.splitlines()[-1]))


def by_threads(url, seconds, next_request, connections=CONNECTIONS):
    """Generate load in Python, with any requests: `next_request()` returns (method, body, headers).

    For cheap pages the client limits the rate; the server's CPU per request is as valid as with wrk.
    """
    parts, end, times, failed = urlsplit(url), time.perf_counter() + seconds, [], []
    address = f"{parts.path}?{parts.query}" if parts.query else parts.path

    def ask():
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
        while (began := time.perf_counter()) < end:
            method, body, headers = next_request()
            connection.request(method, address, body, headers)
            answer = connection.getresponse()
            answer.read()
            times.append((time.perf_counter() - began) * 1000)
            if answer.status >= 400:
                failed.append(answer.status)
        connection.close()

    began = time.perf_counter()
    threads = [threading.Thread(target=ask) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Load(len(times), time.perf_counter() - began, percentile(times, 50), percentile(times, 99), len(failed))


def percentile(times, of_a_hundred):
    """The percentile of the times (nearest rank); 0.0 without any."""
    if not times:
        return 0.0
    ordered = sorted(times)
    return ordered[max(0, -(-len(ordered) * of_a_hundred // 100) - 1)]
