import os
import socket
import sys
from functools import partial

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connections

from server import startup, startup_checks
from server.connection_limit import max_connections, raise_file_limit
from server.request_queues import SERVER_THREADS
from server.setup import create_link, owner_exists
from server.supervisor import Supervisor, TooManyRestarts

SECONDS_FOR_A_HEADER = 15


class Command(BaseCommand):
    help = "Prepare, then serve the blog: the web server and the worker, until SIGTERM or Ctrl-C."
    requires_system_checks = []

    def handle(self, **options):
        say = partial(print, flush=True)
        place = startup_checks.check_port(os.environ.get("HOST") or "127.0.0.1", settings.PORT)
        with startup.serving() as unclean:
            startup.prepare(say, unclean)
            raise_file_limit()
            greeting = self.greeting()
            connections.close_all()
            children = Supervisor(commands(*place), say)
            try:
                children.run(partial(self.greet, greeting, place))
            except TooManyRestarts as reason:
                sys.exit(f"Longrun stops: {reason}. The lines above say why.")
            say("Longrun has stopped.")

    def greeting(self):
        """The lines to print once the port accepts connections."""
        lines = [f"\nLongrun is at {settings.LONGRUN_URL}"]
        if not settings.LONGRUN_LIMITS:
            lines.append("LONGRUN_LIMITS=off: there are no rate limits. For benchmarks only.")
        if not owner_exists():
            lines.append(f"Set up your blog at {create_link()}")
        lines.append("Ctrl-C stops it.\n")
        return lines

    def greet(self, greeting, place):
        if greeting and is_open(*place):
            print("\n".join(greeting), flush=True)
            greeting.clear()


def commands(host, port):
    manage = [sys.executable, str(settings.BASE_DIR / "manage.py")]
    server = [
        *[sys.executable, "-m", "granian", "--interface", "wsgi", "config.wsgi:application"],
        *["--working-dir", str(settings.BASE_DIR), "--host", host, "--port", str(port)],
        *["--workers", "1", "--blocking-threads", str(SERVER_THREADS), "--backpressure", str(max_connections())],
        *["--http1-header-read-timeout", str(SECONDS_FOR_A_HEADER * 1000)],
        # Warnings are hidden: the only one says that these threads are many for a small machine.
        *["--respawn-failed-workers", "--no-ws", "--log-level", "error"],
    ]
    if settings.DEBUG:
        server = [*manage, "runserver", f"[{host}]:{port}" if ":" in host else f"{host}:{port}"]
    return {"web server": server, "worker": [*manage, "worker"]}


def is_open(host, port):
    here = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    try:
        socket.create_connection((here, port), timeout=1).close()
    except OSError:
        return False
    return True
