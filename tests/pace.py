"""How fast this machine is: a bound in seconds must hold on one that is half as fast, and on a busy one.

And how much of what takes long by nature is run: all of it by `make soak`.
"""

import os
import re
from time import thread_time

# What the work below takes where the bounds of the tests were chosen, in seconds of the processor.
THERE = 0.004


def often(times, least=1):
    """`times` in `make soak`, a tenth of them elsewhere."""
    return times if os.environ.get("LONGRUN_SOAK") else max(least, times // 10)


def allowed(seconds):
    """The bound of `seconds`, longer by as much as Python is slower here and now; never shorter."""
    return seconds * max(1, min(work() for _time in range(3)) / THERE)


def work():
    """Seconds of the processor for what our code mostly does: words, tables of them, patterns, sums."""
    began = thread_time()
    counted = {}
    for number in range(4_000):
        word = f"{number % 997:x}-{number & 63}"
        counted[word] = counted.get(word, 0) + len(word)
    text = " ".join(counted)
    found = re.findall(r"\b(\d+|[a-f]+)-(\d)\b", text)
    sorted(found, key=lambda pair: pair[1] + pair[0])
    return thread_time() - began
