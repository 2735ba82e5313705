"""A port for a server of a test."""

import random
import socket

# Below what systems hand out to connections: a port that is free now is still free when its server starts.
RANGE = range(20_000, 32_000)


def free_port():
    while True:
        port = random.choice(RANGE)
        with socket.socket() as listener:
            try:
                listener.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
