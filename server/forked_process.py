"""Child processes that share the memory of what their parent has loaded (Linux).

Starting Django takes seconds and 70 MB. `serve` loads it once, then forks the web server and the worker, which share
those pages of memory as long as neither writes to them; a child that is started again needs no loading. macOS and
Windows do not fork safely: there the children are commands of their own.
"""

import ctypes
import gc
import multiprocessing
import os
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
    """Calls a function in a fork of this process; it has those methods of subprocess.Popen that the supervisor uses.

    The child leads a process group of its own and ends with this process. Call it in the main thread: the system ends
    the child when the thread ends that forked it.
    """

    def __init__(self, name, function):
        arguments = (name, function, os.getpid())
        self.process = multiprocessing.get_context("fork").Process(target=_run, args=arguments, name=name)
        # A signal that came before the child has its own handlers would set the parent's flag there, and be lost.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        try:
            self.process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    @property
    def pid(self):
        return self.process.pid

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


def end_with_parent(parent):
    """Let the system kill this process when its parent, whose number is `parent`, has died (Linux).

    By SIGKILL: at SIGTERM a web server finishes what it is sending, and would be on the port beside the next one; one
    that has just been forked would not notice it at all.
    """
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before
        os.kill(os.getpid(), signal.SIGKILL)


def end_forks_with_this():
    """Let all processes that this one forks from now on end with it, and leave them no signal handlers of this one.

    A signal that reached a fork between its birth and its own handlers would be handled by a copy of the parent's,
    which does nothing there: the fork would never end.
    """
    former = []

    def before():
        former.append((os.getpid(), signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)))

    def after():
        signal.pthread_sigmask(signal.SIG_SETMASK, former.pop()[1])

    def after_in_child():
        end_with_parent(former[-1][0])
        for number in SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        after()

    os.register_at_fork(before=before, after_in_parent=after, after_in_child=after_in_child)


def _run(name, function, parent):
    end_with_parent(parent)
    os.setpgid(0, 0)
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
