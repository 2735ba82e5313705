"""Loaded by every Python of a blog whose clock a test sets (tests/server/test_clock_set.py).

libfaketime 0.9.10 mistakes the absolute time of the monotonic clock until which `time.sleep` waits for one of the clock
that it sets, and `time.sleep` fails.
"""

import select
import time


def sleep(seconds):
    select.select([], [], [], seconds)


time.sleep = sleep
