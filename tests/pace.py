"""Scales time limits of tests to the speed of this machine, and repetitions to the kind of run (`make soak`)."""

import os
import re
from time import thread_time

# CPU seconds that `work` took on the machine for which the limits in the tests were chosen.
THERE = 0.004


def often(times, least=1):
    """The number of repetitions: `times` in `make soak`, elsewhere a tenth of that, but at least `least`."""
    return times if os.environ.get("LONGRUN_SOAK") else max(least, times // 10)


def allowed(seconds):
    """The limit `seconds`, multiplied by how much slower Python runs here now; never less than `seconds`."""
    return seconds * max(1, min(work() for _time in range(3)) / THERE)


def work():
    """CPU seconds for a sample of typical work: strings, dictionaries, regular expressions, sorting."""
    began = thread_time()
    counted = {}
    for number in range(4_000):
        word = f"{number % 997:x}-{number & 63}"
        counted[word] = counted.get(word, 0) + len(word)
    text = " ".join(counted)
    found = re.findall(r"\b(\d+|[a-f]+)-(\d)\b", text)
    sorted(found, key=lambda pair: pair[1] + pair[0])
    return thread_time() - began
