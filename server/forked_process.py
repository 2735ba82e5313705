"""Child processes that share the memory of what their parent has loaded (Linux).

Starting Django takes seconds and 70 MB. `serve` loads it once, then forks the web server and the worker, which share
those pages of memory as long as neither writes to them; a child that is started again needs no loading. macOS and
Windows do not fork safely: there the children are commands of their own.
"""

import ctypes
import gc
import multiprocessing
import signal
import sys
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from django.template import engines
from django.urls import get_resolver
from django.utils.module_loading import autodiscover_modules, import_string

IS_SUPPORTED = sys.platform == "linux"
SIGNALS = (signal.SIGTERM, signal.SIGINT)
PR_SET_PDEATHSIG = 1  # of <sys/prctl.h>


class ForkedProcess:
    """Calls a function in a fork of this process; it has those methods of subprocess.Popen that the supervisor uses."""

    def __init__(self, name, function):
        self.process = multiprocessing.get_context("fork").Process(target=_run, args=(name, function), name=name)
        # A signal that came before the child has its own handlers would set the parent's flag there, and be lost.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        try:
            self.process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    @property
    def returncode(self):
        return self.process.exitcode

    def poll(self):
        return self.process.exitcode

    def wait(self):
        self.process.join()
        return self.process.exitcode

    def terminate(self):
        self.process.terminate()

    def kill(self):
        self.process.kill()


def end_with_parent():
    """Let the system send SIGTERM to this process when its parent has died, even of SIGKILL (Linux)."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _run(name, function):
    end_with_parent()
    for number in SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    with suppress(OSError):
        Path("/proc/self/comm").write_text(f"longrun {name.split()[0]}", encoding="utf-8")  # for `ps`
    function()


def call(function):
    """Call `function` in a fork, so that what it loads leaves no trace here. Raises ImproperlyConfigured as it does."""
    if not IS_SUPPORTED:
        return function()
    ours, theirs = multiprocessing.get_context("fork").Pipe(duplex=False)

    def run():
        try:
            theirs.send(("", function()))
        except ImproperlyConfigured as problem:
            theirs.send((str(problem), None))

    process = ForkedProcess("prepare", run)
    theirs.close()
    try:
        problem, result = ours.recv()
    except EOFError:  # it has printed its traceback
        process.wait()
        sys.exit(1)
    process.wait()
    if problem:
        raise ImproperlyConfigured(problem)
    return result


def preload():
    """Load what requests and jobs need, and exclude it from garbage collection, which would write to every page."""
    get_resolver().url_patterns  # noqa: B018
    for path in settings.MIDDLEWARE:
        import_string(path)
    engines.all()
    autodiscover_modules("jobs")
    connections.close_all()
    gc.collect()
    gc.freeze()
