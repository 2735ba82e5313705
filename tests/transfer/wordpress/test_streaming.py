"""Large files: memory does not grow with the file, in either reader, nor does the time of an item."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.transfer import wxr_files
from tests.transfer.wxr_files import Style, Writer, blog
from transfer.records import Item

ROOT = Path(__file__).resolve().parents[3]
pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of memory is read from Linux's /proc"),
]

# Prints records, peak memory in MB, and records and comments per second of processor time.
MEASURE = """
import re, sys, time
from transfer.wordpress.reader import read
started, found = time.process_time(), 0
for record in read([sys.argv[1]]):
    found += 1 + len(getattr(record, "comments", ()))
took = time.process_time() - started
peak = re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())
print(found, int(peak.group(1)) // 1024, int(found / took))
"""


def measure(path):
    run = subprocess.run([sys.executable, "-c", MEASURE, path], cwd=ROOT, capture_output=True, text=True, check=True)
    return map(int, run.stdout.split())


@pytest.mark.parametrize("status", ["<wp:status>", "<wp:status>a & b"], ids=["whole", "broken at its first item"])
def test_memory_is_flat_in_the_size_of_the_file(tmp_path, status):
    path, writer = tmp_path / "export.xml", Writer(Style())
    records = list(blog(1, posts=200, comments=10, words=600))
    items = [writer.record(record) for record in records if isinstance(record, Item)]
    with path.open("w") as file:
        file.writelines(writer.record(record) for record in records if not isinstance(record, Item))
        file.write(items[0].replace("<wp:status>", status))
        while file.tell() < 100 << 20:
            file.writelines(items)
        file.write(writer.end())
    found, megabytes, _rate = measure(path)
    assert found > 70_000
    assert megabytes < 100


def test_posts_with_ten_comments_each_are_read_at_a_tenth_of_the_goal_or_faster(tmp_path):
    """The goal is ten thousand records and comments a second."""
    path = wxr_files.write(tmp_path / "export.xml", blog(1, posts=1000, comments=10, words=600))
    found, _megabytes, rate = measure(path)
    print(f"{found} items, {rate} a second")
    assert found == 11_217 + 1
    assert rate > 1_000
