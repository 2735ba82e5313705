"""An OAuth 2 and OpenID Connect provider that plays six services at once, over real HTTP on 127.0.0.1.

    python tests/stand_in/server.py PORT

http://127.0.0.1:PORT/oidc is an issuer for OIDC_ISSUER (any client id, the secret "known to the stand-in");
/google, /github, /facebook, /x and /wordpress-com speak as those do. In a browser one chooses who
to be. Tests tell it how to fail at /_control (see `plugin.py`).
"""

import base64
import hashlib
import html
import json
import secrets
import sys
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.stand_in import cast, shapes

# What may go wrong at a provider: its pages, its token endpoint or its answers about a person.
TROUBLES = {"refuse", "pages_down", "token_down", "token_refused", "me_down", "me_nonsense", "discovery_down"}
TROUBLES |= {"picture_down", "picture_nonsense"}


class World:
    """All that the providers know: people, codes and tokens given out, and what is broken today."""

    def __init__(self, origin):
        self.lock = threading.Lock()
        self.providers = {key: shape(key, origin) for key, shape in shapes.PROVIDERS.items()}
        self.reset()

    def reset(self):
        self.people = cast.everybody()
        self.troubles = {}
        self.codes, self.tokens, self.asked = {}, {}, []

    def control(self, wish):
        with self.lock:
            if wish.get("reset"):
                self.reset()
            for provider, trouble in wish.get("troubles", {}).items():
                if trouble not in TROUBLES:
                    raise ValueError(f"no such trouble: {trouble}")
                self.troubles[provider] = trouble
            for key, changes in wish.get("people", {}).items():
                self.people[key] = replace(self.people.get(key) or cast.Somebody("", key, key, ""), **changes)
        return {"people": {key: person.as_json() for key, person in self.people.items()}, "asked": self.asked}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    world = None

    def do_GET(self):
        self.answer("GET")

    def do_POST(self):
        self.answer("POST")

    def answer(self, method):
        url = urlsplit(self.path)
        self.query = dict(parse_qsl(url.query, keep_blank_values=True))
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        if url.path == "/_control":
            return self.json(self.world.control(json.loads(body or "{}")))
        key, _, rest = url.path.lstrip("/").partition("/")
        provider, path = self.world.providers.get(key), f"/{rest}"
        if provider is None:
            return self.text(404, "No such provider.")
        self.form = dict(parse_qsl(body, keep_blank_values=True))
        self.trouble = self.world.troubles.get(key)
        self.world.asked.append(f"{method} {url.path}")
        return self.route(provider, method, path)

    def route(self, provider, method, path):
        if path.startswith(("/pictures/", "/profile_images/", "/u/")):
            return self.picture()
        if path in provider.open_pages():
            if self.trouble == "discovery_down":
                return self.text(503, "Down for maintenance.")
            return self.json(provider.open_pages()[path])
        if path == provider.authorize:
            return self.authorize(provider, method)
        if path == provider.token:
            return self.token(provider)
        if path in provider.pages():
            return self.me(provider, path)
        return self.text(404, "No such page.")

    # The browser's part

    def authorize(self, provider, method):
        if self.trouble == "pages_down":
            return self.text(503, "Down for maintenance.")
        back = self.query.get("redirect_uri", "")
        if self.query.get("response_type") != "code" or not self.query.get("client_id") or "://" not in back:
            return self.text(400, "This is no authorization request.")
        if method == "GET":
            return self.page(provider)
        if self.trouble == "refuse":
            return self.back(error="server_error", error_description="Not today.")
        if self.form.get("who") not in self.world.people:
            return self.back(error="access_denied", error_description="The user denied the request.")
        code = secrets.token_urlsafe(16)
        self.world.codes[code] = {"who": self.form["who"], "provider": provider.key} | self.query
        return self.back(code=code)

    def back(self, **answer):
        if "state" in self.query:
            answer["state"] = self.query["state"]
        base = self.query["redirect_uri"]
        self.send_response(302)
        self.send_header("Location", f"{base}{'&' if '?' in base else '?'}{urlencode(answer)}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def page(self, provider):
        buttons = "\n".join(
            f'<p><button name="who" value="{html.escape(key)}">{html.escape(person.name)}</button></p>'
            for key, person in self.world.people.items()
        )
        self.text(
            200,
            f"""<!DOCTYPE html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{provider.name} (stand-in)</title>
<body style="font: 18px sans-serif; max-width: 30em; margin: 3em auto">
<h1>{provider.name} (stand-in)</h1><p>Somebody asks who you are. Log in as:</p>
<form method="post">{buttons}<p><button name="who" value="">Cancel</button></p></form></body></html>""",
            "text/html; charset=utf-8",
        )

    # The blog's part

    def token(self, provider):
        if self.trouble == "token_down":
            return self.text(503, "Down for maintenance.")
        said = self.form | (self.query if self.command == "GET" else {})
        client_id, secret = self.client(said)
        if secret not in ("known to the stand-in", "known-to-the-stand-in"):
            return self.json(provider.stranger(), provider.stranger_status)
        grant = self.world.codes.pop(said.get("code"), None)
        if (
            self.trouble == "token_refused"
            or grant is None
            or grant["provider"] != provider.key
            or grant["client_id"] != client_id
            or grant["redirect_uri"] != said.get("redirect_uri")
            or not proves(grant, said.get("code_verifier", ""))
        ):
            return self.json({"error": "invalid_grant"}, 400)
        access_token = secrets.token_urlsafe(16)
        self.world.tokens[access_token] = grant["who"]
        person = self.world.people[grant["who"]]
        return self.json(provider.token_answer(access_token, person, client_id, grant.get("nonce")))

    def client(self, said):
        kind, _, code = self.headers.get("Authorization", "").partition(" ")
        if kind == "Basic":
            client_id, _, secret = base64.b64decode(code).decode().partition(":")
            return unquote(client_id), unquote(secret)
        return said.get("client_id"), said.get("client_secret")

    def me(self, provider, path):
        if self.trouble == "me_down":
            return self.text(503, "Down for maintenance.")
        if self.trouble == "me_nonsense":
            return self.json({"weather": "fine"})
        token = self.query.get("access_token") or self.headers.get("Authorization", "").partition(" ")[2]
        if token not in self.world.tokens:
            return self.json({"error": "invalid_token"}, 401)
        return self.json(provider.pages()[path](self.world.people[self.world.tokens[token]]))

    def picture(self):
        if self.trouble == "picture_down":
            return self.text(503, "Down for maintenance.")
        if self.trouble == "picture_nonsense":
            return self.bytes(200, b"<svg onload=alert(1)>", "image/png")
        return self.bytes(200, shapes.PICTURE, "image/png")

    def json(self, thing, status=200):
        self.text(status, json.dumps(thing), "application/json")

    def text(self, status, text, kind="text/plain; charset=utf-8"):
        self.bytes(status, text.encode(), kind)

    def bytes(self, status, body, kind):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        """Say nothing: a test that fails tells what it asked for."""


def proves(grant, verifier):
    """Whether the code is redeemed by the one who asked for it (PKCE, RFC 7636)."""
    if "code_challenge" not in grant:
        return True
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == grant["code_challenge"]


def serve(port):
    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    Handler.world = World(f"http://127.0.0.1:{server.server_port}")
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    serve(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
