"""The process that `core.child_process.call` starts: a question on its input, the answer on its output, both JSON."""

import json
import os
import sys
from importlib import import_module


def main() -> None:
    question = json.load(sys.stdin.buffer)
    _stay_within(question["memory"], question["seconds"])
    module, _, function = question["function"].rpartition(".")
    json.dump(getattr(import_module(module), function)(**question["arguments"]), sys.stdout)


def _stay_within(memory: int, seconds: int) -> None:
    """Ask the system to refuse more, also when nobody waits for the answer any more, and to let the server go first;
    Windows has no such limits."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        os.nice(5)
    except (ImportError, ValueError, OSError):
        pass


if __name__ == "__main__":
    main()
