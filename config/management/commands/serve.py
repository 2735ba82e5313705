import os
import socket
import sys
from functools import partial

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connections

from config import refusals, start
from config.children import Children, GaveUp
from config.setup import new_link, owner_exists

THREADS = 4
# Counted per connection, idle ones too: a browser keeps up to six open.
CONNECTIONS = 512
SECONDS_FOR_A_HEADER = 15


class Command(BaseCommand):
    help = "Prepare, then serve the blog: the web server and the worker, until SIGTERM or Ctrl-C."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--host", default=os.environ.get("HOST") or "127.0.0.1", help="0.0.0.0 is everywhere.")
        parser.add_argument("--port", type=int, default=settings.PORT, help="8000, or PORT.")

    def handle(self, *, host, port, **options):
        say = partial(print, flush=True)
        refusals.refuse_a_taken_port(host, port)
        with start.serving() as unclean:
            start.prepare(say, unclean)
            greeting = self.greeting()
            connections.close_all()
            children = Children(commands(host, port), say)
            try:
                children.watch(partial(self.greet, greeting, host, port))
            except GaveUp as reason:
                sys.exit(f"Longrun stops: {reason}. The lines above say why.")
            say("Longrun has stopped.")

    def greeting(self):
        """What to say once the door is open."""
        lines = [f"\nLongrun is at {settings.LONGRUN_URL}"]
        if not settings.LONGRUN_LIMITS:
            lines.append("LONGRUN_LIMITS=off: nobody is told to slow down. For measuring only.")
        if not owner_exists():
            lines.append(f"Set it up, once, at {new_link()}")
        lines.append("Ctrl-C stops it.\n")
        return lines

    def greet(self, greeting, host, port):
        if greeting and is_open(host, port):
            print("\n".join(greeting), flush=True)
            greeting.clear()


def commands(host, port):
    manage = [sys.executable, str(settings.BASE_DIR / "manage.py")]
    server = [
        *[sys.executable, "-m", "granian", "--interface", "wsgi", "config.wsgi:application"],
        *["--working-dir", str(settings.BASE_DIR), "--host", socket.gethostbyname(host), "--port", str(port)],
        *["--workers", "1", "--blocking-threads", str(THREADS), "--backpressure", str(CONNECTIONS)],
        *["--http1-header-read-timeout", str(SECONDS_FOR_A_HEADER * 1000)],
        *["--respawn-failed-workers", "--no-ws", "--log-level", "warning"],
    ]
    if settings.DEBUG:
        server = [*manage, "runserver", f"{host}:{port}"]
    return {"web server": server, "worker": [*manage, "worker"]}


def is_open(host, port):
    try:
        socket.create_connection(("127.0.0.1" if host == "0.0.0.0" else host, port), timeout=1).close()
    except OSError:
        return False
    return True
