"""Drives Firefox by WebDriver BiDi (https://w3c.github.io/webdriver-bidi/) over a WebSocket, with the standard library.

Playwright 1.65 speaks BiDi to Firefox too, but asks Debian's ESR for a command that it does not know
(`emulation.setMediaFeaturesOverride`).
"""

import base64
import contextlib
import json
import os
import re
import shutil
import socket
import struct
import subprocess
import time

NAMES = ["firefox-esr", "firefox"]
MISSING = "There is no Firefox here: install it (apt-get install firefox-esr)."
PATIENCE = 120  # seconds, for the start and for everything that is waited for
TEXT, PING, PONG = 1, 9, 10  # opcodes of WebSocket frames (RFC 6455, 5.2)
# It asks nobody but this machine: everything else goes to a proxy that does not exist.
PREFERENCES = {
    "network.proxy.type": 1,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
    "app.normandy.enabled": False,
    "browser.startup.page": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
}


def installed():
    """The path of a Firefox, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class WebSocket:
    """The client's side of a WebSocket that carries JSON."""

    def __init__(self, port, path):
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.stream = self.socket.makefile("rb")
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Upgrade: websocket", "Connection: Upgrade"]
        lines += [f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13", "", ""]
        self.socket.sendall("\r\n".join(lines).encode())
        status = self.stream.readline()
        assert b" 101 " in status, status
        while self.stream.readline().strip():
            pass

    def send(self, value):
        self.send_frame(TEXT, json.dumps(value).encode())

    def send_frame(self, opcode, data):
        size, mask = len(data), os.urandom(4)
        if size < 126:
            length = struct.pack("!B", 128 | size)
        else:  # the shortest form that fits: Firefox closes the connection on another
            length = struct.pack("!BH", 128 | 126, size) if size < 1 << 16 else struct.pack("!BQ", 128 | 127, size)
        masked = bytes(byte ^ mask[at % 4] for at, byte in enumerate(data))
        self.socket.sendall(bytes([128 | opcode]) + length + mask + masked)

    def receive(self):
        """The next message; raises TimeoutError after `PATIENCE`."""
        data = b""
        while True:
            head = self.stream.read(2)
            if len(head) < 2:
                raise ConnectionError("Firefox closed the connection")
            first, size = head
            if size >= 126:
                size = int.from_bytes(self.stream.read(2 if size == 126 else 8), "big")
            payload = self.stream.read(size)
            if first & 15 == PING:
                self.send_frame(PONG, payload)
                continue
            data += payload
            if first & 128:
                return json.loads(data)

    def close(self):
        self.stream.close()
        self.socket.close()


class Firefox:
    """A headless Firefox with a session. `messages` has what its consoles said: "error: …", "warn: …"."""

    def __init__(self, program, profile):
        command = [program, "--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port", "0"]
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in PREFERENCES.items()]
        (profile / "user.js").write_text("\n".join(lines))
        self.log = profile / "stderr"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        self.messages, self.number = [], 0
        try:
            self.connection = WebSocket(self.port(), "/session")
            self.version = self.call("session.new", capabilities={})["capabilities"]["browserVersion"]
            self.call("session.subscribe", events=["log.entryAdded"])
        except BaseException:
            self.end()
            raise

    def port(self):
        end = time.monotonic() + PATIENCE
        while not (found := re.search(r"BiDi listening on ws://\S+:(\d+)", self.log.read_text(errors="replace"))):
            assert self.process.poll() is None and time.monotonic() < end, self.log.read_text(errors="replace")
            time.sleep(0.1)
        return int(found[1])

    def call(self, method, **params):
        """The result of a BiDi command."""
        self.number += 1
        self.connection.send({"id": self.number, "method": method, "params": params})
        while True:
            message = self.connection.receive()
            if message.get("method") == "log.entryAdded":
                entry = message["params"]
                self.messages.append(f"{entry['level']}: {entry['text']}")
            elif message.get("id") == self.number:
                assert message["type"] == "success", f"{method}: {message['error']}: {message['message']}"
                return message["result"]

    def new_page(self):
        """A page with cookies of its own."""
        context = self.call("browser.createUserContext")["userContext"]
        page = self.call("browsingContext.create", type="tab", userContext=context)["context"]
        return Page(self, page)

    def close(self):
        try:
            self.call("browser.close")
            self.connection.close()
            self.process.wait(20)
        finally:
            self.end()

    def end(self):
        self.process.kill()
        self.process.wait(PATIENCE)


class Page:
    """A tab. Elements are found by CSS selectors, and clicked and typed into as by mouse and keyboard."""

    def __init__(self, firefox, context):
        self.firefox, self.context = firefox, context

    def goto(self, url):
        self.firefox.call("browsingContext.navigate", context=self.context, url=url, wait="complete")

    def evaluate(self, expression):
        """The value of a JavaScript expression: a string, number or boolean; None for undefined and null."""
        target = {"context": self.context}
        done = self.firefox.call("script.evaluate", expression=expression, target=target, awaitPromise=True)
        assert done["type"] == "success", done
        return done["result"].get("value")

    def wait_for(self, expression):
        """Wait until the expression is true, also across navigations."""
        end = time.monotonic() + PATIENCE
        while True:
            with contextlib.suppress(AssertionError):  # the page may be replaced at this moment
                if self.evaluate(expression):
                    return
            assert time.monotonic() < end, f"never true: {expression}\n{self.evaluate('document.body.innerText')}"
            time.sleep(0.2)

    def click(self, selector):
        self.wait_for(f"document.readyState === 'complete' && !!document.querySelector({json.dumps(selector)})")
        self.evaluate(f"document.querySelector({json.dumps(selector)}).scrollIntoView({{block: 'center'}})")
        locator = {"type": "css", "value": selector}
        node = self.firefox.call("browsingContext.locateNodes", context=self.context, locator=locator)["nodes"][0]
        origin = {"type": "element", "element": {"sharedId": node["sharedId"]}}
        moves = [{"type": "pointerMove", "x": 0, "y": 0, "origin": origin}]
        moves += [{"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}]
        self.perform({"type": "pointer", "id": "mouse", "actions": moves})

    def type(self, selector, text):
        self.click(selector)
        keys = {"\n": "\ue007"}  # Enter
        typed = [keys.get(letter, letter) for letter in text]
        actions = [{"type": kind, "value": key} for key in typed for kind in ("keyDown", "keyUp")]
        self.perform({"type": "key", "id": "keyboard", "actions": actions})

    def press(self, key, held=""):
        """One key, with "Control" held if that is said."""
        keys = [{"Control": "\ue009"}[held]] if held else []
        actions = [{"type": "keyDown", "value": each} for each in [*keys, key]]
        actions += [{"type": "keyUp", "value": each} for each in [key, *keys]]
        self.perform({"type": "key", "id": "keyboard", "actions": actions})

    def perform(self, source):
        self.firefox.call("input.performActions", context=self.context, actions=[source])
