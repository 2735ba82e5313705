"""Free ports for the servers of tests."""

import random
import socket

# Below the ephemeral ports, so that no outgoing connection takes the port before the server starts.
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
