"""The child process of `core.child_process.call`: reads a JSON object from stdin, writes the JSON result to stdout."""

import json
import os
import sys
from importlib import import_module


def main() -> None:
    question = json.load(sys.stdin.buffer)
    _set_limits(question["memory"], question["seconds"])
    module, _, function = question["function"].rpartition(".")
    json.dump(getattr(import_module(module), function)(**question["arguments"]), sys.stdout)


def _set_limits(memory: int, seconds: int) -> None:
    """Set the limits in the kernel, so that they hold even if the parent has died, and lower the priority.

    Windows has no such limits.
    """
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        os.nice(5)
    except (ImportError, ValueError, OSError):
        pass


if __name__ == "__main__":
    main()
