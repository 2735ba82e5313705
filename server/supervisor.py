"""The supervisor: restarts child processes that end, and stops them all when it gets a signal."""

import os
import signal
import subprocess
import time
from contextlib import suppress

from core.stop_flag import POLL_SECONDS, StopFlag
from server.forked_process import ForkedProcess

PAUSES = (0, 1, 2, 4, 8, 16, 30)  # seconds before each restart in a row; the last one from then on
LONGEST_PAUSE_OF_ANSWERING = 1  # seconds, for a child that has answered since its last start: its start is no problem
MAX_DEATHS = 6  # of a child that has never answered
STEADY_SECONDS = 10  # a child that lives so long has answered, and its next death is the first again
STOP_SECONDS = 30  # seconds between SIGTERM and SIGKILL
SECOND_SIGNAL_SECONDS = (
    0.3  # seconds after which a second signal means "kill them now"; under make, the first signal arrives twice
)


class TooManyRestarts(Exception):
    """A child process kept ending and has never answered; the message says which."""


class Child:
    """A command that runs as a process, again and again."""

    def __init__(self, name, command):
        self.name, self.command = name, command
        self.process, self.started_at, self.restart_at = None, 0.0, 0.0
        self.deaths, self.has_answered = 0, False
        self.answers = False  # since its last start

    @property
    def is_steady(self):
        return time.monotonic() - self.started_at >= STEADY_SECONDS

    def pause(self):
        """Count a death; returns the seconds before the next start."""
        self.has_answered = self.has_answered or self.is_steady
        self.deaths = 1 if self.is_steady else self.deaths + 1
        pause = PAUSES[min(self.deaths, len(PAUSES)) - 1]
        return min(pause, LONGEST_PAUSE_OF_ANSWERING) if self.answers else pause


class Supervisor:
    """Runs the commands ({name: arguments, or a function to be called in a fork}) until a signal asks it to stop, or
    one of them ends too often without ever having answered. `has_answered(name)` is called after each start until it
    returns true."""

    def __init__(self, commands, say, environment=None, *, has_answered=lambda name: False, own_groups=True):
        self.children = [Child(name, command) for name, command in commands.items()]
        self.say, self.environment, self.has_answered, self.own_groups = say, environment, has_answered, own_groups
        self.stop, self.is_urgent = StopFlag(), False
        self.signalled_at = 0.0  # 0: `stop` was set without a signal, or is not set

    def run(self, on_tick=lambda: None):
        """Start all and block; `on_tick` is called about ten times a second. Raises TooManyRestarts."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.handle_signal)
        try:
            for child in self.children:
                self.start(child)
            while not self.stop.wait(POLL_SECONDS):
                for child in self.children:
                    self.look_after(child)
                on_tick()
        finally:
            self.stop_all()

    def handle_signal(self, number, frame):
        """Signal handler: it only sets flags and takes no lock, since it may interrupt code that holds one."""
        now = time.monotonic()
        if not self.signalled_at:
            self.signalled_at = now
            self.stop.set()
        elif now - self.signalled_at > SECOND_SIGNAL_SECONDS:
            self.is_urgent = True

    def start(self, child):
        if callable(child.command):
            child.process = ForkedProcess(child.name, child.command)
        else:
            apart = {"process_group": 0, "stdin": subprocess.PIPE} if self.own_groups else {}
            child.process = subprocess.Popen(child.command, env=self.environment, **apart)
        child.started_at, child.answers = time.monotonic(), False

    def look_after(self, child):
        """Start a child that has ended, at once or after a pause that grows with each death."""
        if child.process is None:
            if time.monotonic() >= child.restart_at:
                self.start(child)
        elif child.process.poll() is None:
            child.answers = child.answers or self.has_answered(child.name)
            child.has_answered = child.has_answered or child.is_steady or child.answers
        else:
            self.kill_group(child)  # whatever it has left behind
            code, child.process, pause = child.process.returncode, None, child.pause()
            if not child.has_answered and child.deaths >= MAX_DEATHS:
                raise TooManyRestarts(
                    f"the {child.name} ended {child.deaths} times and has never answered (exit code {code})"
                )
            when = f" in {pause} s" if pause else ""
            self.say(f"The {child.name} ended (exit code {code}); starting it again{when}.")
            child.restart_at = time.monotonic() + pause
            if not pause:
                self.start(child)

    def kill_group(self, child):
        """Kill the processes that a child has started and that still run."""
        if self.own_groups:
            with suppress(OSError):
                os.killpg(child.process.pid, signal.SIGKILL)

    def stop_all(self):
        running = [child for child in self.children if child.process]
        for child in running:
            child.process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for child in running:
            process = child.process
            while process.poll() is None and time.monotonic() < deadline and not self.is_urgent:
                time.sleep(POLL_SECONDS)
            if process.poll() is None:
                if not self.is_urgent:
                    self.say(f"The {child.name} did not end within {STOP_SECONDS} s and was stopped.")
                process.kill()
                process.wait()
            self.kill_group(child)
