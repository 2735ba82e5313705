"""The child process of `core.child_process`: reads JSON objects from stdin, one a line, and writes the JSON result of
each as a line to stdout. It ends when stdin does, so it does not outlive its parent."""

import json
import os
import sys
from contextlib import suppress
from importlib import import_module
from math import ceil


def main() -> None:
    with suppress(AttributeError, OSError):  # Windows has no priorities of this kind
        os.nice(5)
    for line in sys.stdin.buffer:
        question = json.loads(line)
        _set_limits(question["memory"], question["seconds"])
        module, _, function = question["function"].rpartition(".")
        print(json.dumps(getattr(import_module(module), function)(**question["arguments"])), flush=True)


def _set_limits(memory: int, seconds: int) -> None:
    """Set the limits of one call in the kernel, so that they hold even if the parent has died.

    Windows has no such limits.
    """
    with suppress(ImportError, ValueError, OSError):
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF)
        end = ceil(used.ru_utime + used.ru_stime) + seconds
        resource.setrlimit(resource.RLIMIT_CPU, (end, resource.getrlimit(resource.RLIMIT_CPU)[1]))
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


if __name__ == "__main__":
    main()
