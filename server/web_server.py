"""The web server: granian with one process, as a function and as a command line."""

import multiprocessing
import os
import sys

from django.conf import settings

from server.connection_limit import max_connections
from server.forked_process import end_with_parent
from server.request_queues import SERVER_THREADS

APPLICATION = "config.wsgi:application"
SECONDS_FOR_A_HEADER = 15


def serve_web(host, port):
    """Serve until SIGTERM, with what this process has loaded."""
    from granian import Granian  # starts threads of its own where it is imported
    from granian.http import HTTP1Settings
    from granian.log import LogLevels

    multiprocessing.set_start_method("fork", force=True)  # its worker shares what this process has loaded
    os.register_at_fork(after_in_child=end_with_parent)
    Granian(
        APPLICATION,
        address=host,
        port=port,
        interface="wsgi",
        working_dir=settings.BASE_DIR,
        workers=1,
        blocking_threads=SERVER_THREADS,
        backpressure=max_connections(),
        http1_settings=HTTP1Settings(header_read_timeout=SECONDS_FOR_A_HEADER * 1000),
        respawn_failed_workers=True,
        websockets=False,
        # Warnings are hidden: the only one says that these threads are many for a small machine.
        log_level=LogLevels.error,
    ).serve()


def command(host, port):
    """The same as a command line."""
    return [
        *[sys.executable, "-m", "granian", "--interface", "wsgi", APPLICATION],
        *["--working-dir", str(settings.BASE_DIR), "--host", host, "--port", str(port)],
        *["--workers", "1", "--blocking-threads", str(SERVER_THREADS), "--backpressure", str(max_connections())],
        *["--http1-header-read-timeout", str(SECONDS_FOR_A_HEADER * 1000)],
        *["--respawn-failed-workers", "--no-ws", "--log-level", "error"],
    ]
