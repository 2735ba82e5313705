"""As many connections as the limit of open files allows."""

import subprocess
import sys

import pytest

from server import connection_limit
from tests.blog_process import ROOT

resource = pytest.importorskip("resource")

RAISED = """
import resource
from server.connection_limit import max_connections, raise_file_limit
resource.setrlimit(resource.RLIMIT_NOFILE, (300, 4_000))
before = max_connections()
raise_file_limit()
print(before, resource.getrlimit(resource.RLIMIT_NOFILE)[0], max_connections())
"""


def test_the_limit_is_raised_to_what_the_system_allows():
    done = subprocess.run([sys.executable, "-c", RAISED], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["100", "4000", "3500"]


@pytest.mark.parametrize(
    ("files", "connections"),
    [(1_024, 524), (20_000, 10_000), (10_400, 9_900), (resource.RLIM_INFINITY, 10_000), (50, 100)],
)
def test_some_files_are_left_for_everything_else(monkeypatch, files, connections):
    monkeypatch.setattr(connection_limit.resource, "getrlimit", lambda _kind: (files, files))
    assert connection_limit.max_connections() == connections


def test_a_system_without_such_limits(monkeypatch):
    monkeypatch.setattr(connection_limit, "resource", None)
    connection_limit.raise_file_limit()
    assert connection_limit.max_connections() == 524
