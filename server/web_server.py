"""The web server: granian with one process, as a function and as a command line."""

import multiprocessing

from django.conf import settings

from server.connection_limit import max_connections
from server.forked_process import end_forks_with_this
from server.request_queues import SERVER_THREADS

APPLICATION = "config.wsgi:application"
SECONDS_FOR_A_HEADER = 15
SECONDS_TO_STOP = 20  # then its process is killed; less than the supervisor's patience


def serve_web(host, port):
    """Serve until SIGTERM, with what this process has loaded."""
    from granian import Granian  # starts threads of its own where it is imported
    from granian.http import HTTP1Settings
    from granian.log import LogLevels

    multiprocessing.set_start_method("fork", force=True)  # its worker shares what this process has loaded
    end_forks_with_this()
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
        workers_kill_timeout=SECONDS_TO_STOP,
        websockets=False,
        # Warnings are hidden: the only one says that these threads are many for a small machine.
        log_level=LogLevels.error,
    ).serve()


def command(host, port):
    """The same as the name of a module and its arguments."""
    return [
        *["granian", "--interface", "wsgi", APPLICATION],
        *["--working-dir", str(settings.BASE_DIR), "--host", host, "--port", str(port)],
        *["--workers", "1", "--blocking-threads", str(SERVER_THREADS), "--backpressure", str(max_connections())],
        *["--http1-header-read-timeout", str(SECONDS_FOR_A_HEADER * 1000)],
        *[
            "--respawn-failed-workers",
            "--workers-kill-timeout",
            str(SECONDS_TO_STOP),
            "--no-ws",
            "--log-level",
            "error",
        ],
    ]
