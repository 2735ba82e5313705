"""`python -m server.parent_pipe MODULE …` runs a module, or `FILE.py …` a file, and ends it with its parent.

Where processes are not forked (macOS, Windows), the supervisor keeps a pipe to the standard input of each child. It
ends when the supervisor does, however that dies; then this process and its group are killed.
"""

import os
import runpy
import signal
import sys
import threading


def main(name, *arguments):
    threading.Thread(target=end_with_parent, daemon=True).start()
    sys.argv = [name, *arguments]
    if name.endswith(".py"):
        runpy.run_path(name, run_name="__main__")
    else:
        runpy.run_module(name, run_name="__main__", alter_sys=True)


def end_with_parent():
    while os.read(0, 1024):
        pass
    if hasattr(os, "killpg"):
        os.killpg(0, signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGTERM)  # on Windows this ends the process


if __name__ == "__main__":
    main(*sys.argv[1:])
