"""`python -m bench.cache_version`: what each request pays to learn that nothing has changed, in microseconds.

Every cached page asks for the cache version: the size of a file, or, with CACHE_URL, the last entry of a stream in a
Redis. Starts a redis-server on this machine, so the network between two machines comes on top. Prints the medians of
some rounds, of time and of CPU time.
"""

import os
import tempfile
import time
from pathlib import Path
from statistics import median

ROUNDS, ASKED = 9, 3_000


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    with tempfile.TemporaryDirectory() as data:
        os.environ["LONGRUN_DATA"] = data
        import django

        django.setup()
        from core.version_counters import FileCounter, RedisCounter
        from tests.redis_server import running

        tell("file", FileCounter().read)
        with running(Path(data)) as server:
            tell("Redis", RedisCounter(server.url).read)


def tell(name, read):
    times = [measured(read) for _round in range(ROUNDS)]
    wall, cpu = (median(each[number] for each in times) * 1e6 / ASKED for number in (0, 1))
    print(f"{name}: {wall:.1f} µs, of which {cpu:.1f} µs CPU of the web process")


def measured(read):
    wall, cpu = time.perf_counter(), time.process_time()
    for _time in range(ASKED):
        read()
    return time.perf_counter() - wall, time.process_time() - cpu


if __name__ == "__main__":
    main()
