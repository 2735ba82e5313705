"""The supervisor: restarts child processes that end, and stops them all when it gets a signal."""

import signal
import subprocess
import time
from collections import deque

from core.stop_flag import POLL_SECONDS, StopFlag
from server.forked_process import ForkedProcess

MAX_RESTARTS, WINDOW = 5, 60  # at most so many restarts within so many seconds, all children together
STOP_SECONDS = 30  # seconds between SIGTERM and SIGKILL
SECOND_SIGNAL_SECONDS = (
    0.3  # seconds after which a second signal means "kill them now"; under make, the first signal arrives twice
)


class TooManyRestarts(Exception):
    """A child process kept ending; the message says which."""


class Supervisor:
    """Runs the commands ({name: arguments, or a function to be called in a fork}) until a signal asks it to stop, or
    they end too often."""

    def __init__(self, commands, say, environment=None):
        self.commands, self.say, self.environment = commands, say, environment
        self.processes = {}
        self.deaths = deque(maxlen=MAX_RESTARTS + 1)
        self.stop, self.stop_requested_at, self.is_urgent = StopFlag(), 0.0, False

    def run(self, on_tick=lambda: None):
        """Start all and block; `on_tick` is called about ten times a second. Raises TooManyRestarts."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.handle_signal)
        try:
            for name in self.commands:
                self.start(name)
            while not self.stop.wait(POLL_SECONDS):
                for name, process in self.processes.items():
                    if process.poll() is not None:
                        self.restart(name, process.returncode)
                on_tick()
        finally:
            self.stop_all()

    def handle_signal(self, number, frame):
        """Signal handler: it only sets flags and takes no lock, since it may interrupt code that holds one."""
        now = time.monotonic()
        if not self.stop.is_set():
            self.stop_requested_at = now
            self.stop.set()
        elif now - self.stop_requested_at > SECOND_SIGNAL_SECONDS:
            self.is_urgent = True

    def start(self, name):
        command = self.commands[name]
        if callable(command):
            self.processes[name] = ForkedProcess(name, command)
        else:
            self.processes[name] = subprocess.Popen(command, env=self.environment)

    def restart(self, name, code):
        self.deaths.append(time.monotonic())
        if len(self.deaths) > MAX_RESTARTS and self.deaths[-1] - self.deaths[0] < WINDOW:
            raise TooManyRestarts(f"the {name} ended {len(self.deaths)} times within a minute (exit code {code})")
        self.say(f"The {name} ended (exit code {code}); starting it again.")
        self.start(name)

    def stop_all(self):
        for process in self.processes.values():
            process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for name, process in self.processes.items():
            while process.poll() is None and time.monotonic() < deadline and not self.is_urgent:
                time.sleep(POLL_SECONDS)
            if process.poll() is None:
                if not self.is_urgent:
                    self.say(f"The {name} did not end within {STOP_SECONDS} s and was stopped.")
                process.kill()
                process.wait()
