"""Jobs and entries for the tests of the worker: they leave their traces as emails, which nobody sends."""

import os
import signal
import time

from core import jobs
from core.models import Email

trouble = {"times": 0}


def leave(kind):
    Email.objects.create(to="trace@example.org", subject="trace", text=str(os.getpid()), kind=kind)


@jobs.job
def trace(kind):
    leave(kind)


@jobs.job(queue="long")
def long_trace(kind):
    leave(kind)


@jobs.job
def stumble():
    """Fails as often as the test has said."""
    leave("stumble")
    if trouble["times"] > 0:
        trouble["times"] -= 1
        raise RuntimeError("not this time")


@jobs.job(queue="long")
def in_parts(parts):
    """Does one part each time."""
    leave("part")
    if Email.objects.filter(kind="part").count() < parts:
        raise jobs.Requeue


@jobs.job
def die_once():
    """Kills its own worker in the middle, the first time."""
    first = not Email.objects.filter(kind="die").exists()
    leave("die")
    if first:
        os.kill(os.getpid(), signal.SIGKILL)
    leave("lived")


@jobs.job
def take_time(number, seconds):
    leave(f"begin {number}")
    time.sleep(seconds)
    leave(f"end {number}")


@jobs.job
def give_back_nonsense():
    leave("nonsense")
    return object()
