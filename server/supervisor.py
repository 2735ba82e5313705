"""A small parent and its children: who dies is started again, and a signal to the parent reaches them all."""

import signal
import subprocess
import time
from collections import deque

from core.stop_flag import POLL_SECONDS, StopFlag

MOST_RESTARTS, WINDOW = 5, 60  # at most so many restarts in so many seconds, all children together
PATIENCE = 30  # seconds between asking to stop and insisting
AGAIN = 0.3  # seconds after which a second signal means impatience; make passes on the first one, which comes twice


class GaveUp(Exception):
    """A child kept dying; the text says which."""


class Children:
    """Runs the named commands until a signal asks it to stop, or one of them dies too often."""

    def __init__(self, commands, say, environment=None):
        self.commands, self.say, self.environment = commands, say, environment
        self.processes = {}
        self.deaths = deque(maxlen=MOST_RESTARTS + 1)
        self.stop, self.asked_at, self.is_urgent = StopFlag(), 0.0, False

    def watch(self, at_each_pulse=lambda: None):
        """Start them all and stay; `at_each_pulse` is called about ten times a second."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.asked_to_stop)
        try:
            for name in self.commands:
                self.start(name)
            while not self.stop.wait(POLL_SECONDS):
                for name, process in self.processes.items():
                    if process.poll() is not None:
                        self.start_again(name, process.returncode)
                at_each_pulse()
        finally:
            self.end()

    def asked_to_stop(self, number, frame):
        """A handler of signals: it only notes that they came, and takes no lock."""
        now = time.monotonic()
        if not self.stop.is_set():
            self.asked_at = now
            self.stop.set()
        elif now - self.asked_at > AGAIN:
            self.is_urgent = True

    def start(self, name):
        self.processes[name] = subprocess.Popen(self.commands[name], env=self.environment)

    def start_again(self, name, code):
        self.deaths.append(time.monotonic())
        if len(self.deaths) > MOST_RESTARTS and self.deaths[-1] - self.deaths[0] < WINDOW:
            raise GaveUp(f"the {name} ended {len(self.deaths)} times within a minute (exit code {code})")
        self.say(f"The {name} ended (exit code {code}); starting it again.")
        self.start(name)

    def end(self):
        for process in self.processes.values():
            process.terminate()
        deadline = time.monotonic() + PATIENCE
        for name, process in self.processes.items():
            while process.poll() is None and time.monotonic() < deadline and not self.is_urgent:
                time.sleep(POLL_SECONDS)
            if process.poll() is None:
                if not self.is_urgent:
                    self.say(f"The {name} did not end within {PATIENCE} s and was stopped.")
                process.kill()
                process.wait()
