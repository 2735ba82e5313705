"""`python -m tests.tcp_forwarder PORT TARGET` passes connections on to the port TARGET of this machine.

Killed in place of a server that keeps everything in memory, it is to its clients as if that had been killed.
"""

import asyncio
import contextlib
import socket
import subprocess
import sys
import time

from tests.ports import free_port


class Forwarder:
    def __init__(self, target):
        self.port, self.target, self.process = free_port(), target, None

    def start(self):
        command = [sys.executable, "-m", "tests.tcp_forwarder", str(self.port), str(self.target)]
        self.process = subprocess.Popen(command)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
                return self
            time.sleep(0.02)
        raise AssertionError("the forwarder did not come up")

    def stop(self):
        if self.process:
            self.process.kill()
            self.process.wait(60)


async def serve(port, target):
    async def pass_on(reader, writer):
        with contextlib.suppress(OSError):
            while part := await reader.read(2**16):
                writer.write(part)
                await writer.drain()
        writer.close()

    async def accept(reader, writer):
        try:
            there = await asyncio.open_connection("127.0.0.1", target)
        except OSError:
            writer.close()
            return
        await asyncio.gather(pass_on(reader, there[1]), pass_on(there[0], writer))

    server = await asyncio.start_server(accept, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(*map(int, sys.argv[1:])))
