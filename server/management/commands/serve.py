import http.client
import os
import socket
import sys
import time
from functools import partial

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils.module_loading import import_string

from server import allocators, damaged_database, forked_process, orphans, startup, startup_checks, web_server
from server.connection_limit import raise_file_limit
from server.setup import create_link, owner_exists
from server.supervisor import Supervisor, TooManyRestarts
from server.upgrade import version_switch
from server.web_server import serve_web

ANSWER_SECONDS = 90  # for a version that has taken over; `upgrade` waits longer


class Command(BaseCommand):
    help = "Prepare, then serve the blog: the web server and the worker, until SIGTERM or Ctrl-C."
    requires_system_checks = []
    supervisor, began = None, 0.0

    def handle(self, **options):
        say = partial(print, flush=True)
        orphans.end_orphans(say)
        place = startup_checks.check_port(os.environ.get("HOST") or "127.0.0.1", settings.PORT)
        with startup.serving() as unclean:
            if not version_switch.is_pending():
                self.serve(say, place, unclean)
            if is_switched := version_switch.is_pending() and not self.is_signalled():
                version_switch.complete()
        if is_switched and not self.is_signalled():
            say("Another version takes over.")
            version_switch.start_current(["serve"])
        say("Longrun has stopped.")

    def serve(self, say, place, unclean):
        """Serve until a signal, or until another version was decided for."""
        try:
            greeting = forked_process.call(partial(self.prepare, say, unclean))
            os.umask(startup.UMASK)
            raise_file_limit()
            allocators.return_freed_memory()
            forked_process.preload()
            answered = partial(self.has_answered, place)
            self.supervisor = Supervisor(children(*place), say, has_answered=answered, own_groups=not settings.DEBUG)
            self.began = time.monotonic()
            self.supervisor.run(partial(self.on_tick, greeting, place))
        except (ImproperlyConfigured, TooManyRestarts, SystemExit) as reason:
            if version_switch.go_back_if_unproven(say):
                say(f"The new version did not come up ({reason}); the former one takes over again.")
            elif isinstance(reason, TooManyRestarts):
                sys.exit(f"Longrun stops: {reason}. The lines above say why.")
            else:
                raise

    def is_signalled(self):
        """Whether a signal asks to stop: then no other version is started, and the next start brings it."""
        return self.supervisor is not None and self.supervisor.signalled_at > 0

    def on_tick(self, greeting, place):
        self.greet(greeting, place)
        self.prove(place)
        if version_switch.is_pending():
            self.supervisor.stop.set()

    def prepare(self, say, unclean):
        if version_switch.unfinished().exists() and not version_switch.unproven().exists():  # it was killed
            import_string("server.upgrade.steps.undo_killed")(say)
        startup.prepare(say, unclean)
        with damaged_database.naming_damage():
            return self.greeting()

    def greeting(self):
        """The lines to print once the port accepts connections."""
        lines = [f"\nLongrun is at {settings.LONGRUN_URL}"]
        if not settings.LONGRUN_LIMITS:
            lines.append("LONGRUN_LIMITS=off: there are no rate limits. For benchmarks only.")
        if not owner_exists():
            lines.append(f"Set up your blog at {create_link()}")
        lines.append("Ctrl-C stops it.\n")
        return lines

    def has_answered(self, place, name):
        """Whether the web server answers anything: its port is open before its code is loaded."""
        return name == "web server" and health(*place) > 0

    def greet(self, greeting, place):
        if greeting and is_open(*place):
            print("\n".join(greeting), flush=True)
            greeting.clear()

    def prove(self, place):
        """A version that has taken over may write once it answers: its port is open before its code is loaded. Raises
        ImproperlyConfigured if it never does."""
        if not version_switch.unproven().exists():
            return
        if is_healthy(*place):
            version_switch.proven()
        elif time.monotonic() - self.began > ANSWER_SECONDS and not version_switch.is_return():
            raise ImproperlyConfigured(f"it has not answered for {ANSWER_SECONDS} s")


def children(host, port):
    """{name: what the supervisor runs}: functions to be called in a fork, or command lines."""
    if forked_process.IS_SUPPORTED and not settings.DEBUG:
        return {"web server": partial(serve_web, host, port), "worker": partial(call_command, "worker")}
    manage = str(settings.BASE_DIR / "manage.py")
    if settings.DEBUG:
        address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        web, worker = [manage, "runserver", address], [manage, "worker"]
    else:
        web, worker = (
            ["-m", "server.parent_pipe", *words] for words in (web_server.command(host, port), [manage, "worker"])
        )
    return {"web server": [sys.executable, *web], "worker": [sys.executable, *worker]}


def is_open(host, port):
    try:
        socket.create_connection((reachable(host), port), timeout=1).close()
    except OSError:
        return False
    return True


def is_healthy(host, port):
    """Whether the web server says that it and its database are well."""
    return health(host, port) == 200


def health(host, port):
    """The status of the web server's answer about its health; 0 without an answer within a second."""
    line = http.client.HTTPConnection(reachable(host), port, timeout=1)
    try:
        line.request("GET", "/health/")
        return line.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        line.close()


def reachable(host):
    """The address at which this machine reaches a server that listens at `host`."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
