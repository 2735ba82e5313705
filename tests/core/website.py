"""A web server on this machine that says, byte by byte, what a test wants a stranger to say."""

import socket
import socketserver
import threading


class Website(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
    block_on_close = False

    def __init__(self, answer, tls=None, host="127.0.0.1"):
        """`answer` is bytes or a function of (request text, send) that sends them itself."""
        super().__init__((host, 0), Talk)
        self.answer, self.tls, self.requests = answer, tls, []
        self.over = threading.Event()
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def place(self):
        return f"127.0.0.1:{self.server_address[1]}"

    @property
    def url(self):
        return f"{'https' if self.tls else 'http'}://{self.place}/"

    def close(self):
        self.over.set()
        self.shutdown()
        self.server_close()

    def handle_error(self, request, client_address):
        """Clients that hang up are what these tests are about."""


class Talk(socketserver.StreamRequestHandler):
    def handle(self):
        if self.server.tls:
            self.request = self.server.tls.wrap_socket(self.request, server_side=True)
            self.rfile = self.request.makefile("rb")
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            if not (line := self.rfile.readline()):
                return
            head += line
        self.server.requests.append(head.decode("latin-1"))
        answer = self.server.answer
        if callable(answer):
            answer(head.decode("latin-1"), self.request.sendall, self.server.over)
        else:
            self.request.sendall(answer)
        self.request.shutdown(socket.SHUT_WR)


def page(body=b"hello", *headers, status="200 OK", length=None):
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}", *headers]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body
