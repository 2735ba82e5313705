"""200 generated texts and files meant to overload a blog, and readers who send requests at the same time."""

import io
import itertools
import random
import re
import struct
import threading
import time
import zlib
from dataclasses import dataclass, field

import requests
from PIL import Image

from tests.data.hostile_markdown import HOSTILE

COMMENT, POST, FIELD = 9_900, 60_000, 30_000  # characters
PATIENCE = 300  # seconds that a sender waits for a response


def texts():
    """(door, name, text): every second text for the comment form, the others for the other forms in turn."""
    others = itertools.cycle(["write", "preview", "autosave", "search", "settings", "category", "bio", "address"])
    for number, (name, make) in enumerate(HOSTILE.items()):
        door = next(others) if number % 2 else "comment"
        yield (
            door,
            name,
            make({"comment": COMMENT, "write": POST, "preview": POST // 2, "autosave": POST}.get(door, FIELD)),
        )
    for name, text in FLAT.items():
        yield "write", name, text
    for name, line in LINES.items():
        for door in ("name", "website", "subscribe", "search", "password", "address"):
            yield door, name, line


FLAT = {
    "ampersands": "&" * 990_000,
    "ampersands and spaces": "& " * 400_000,
    "references that do not end": "&#1" * 300_000,
    "headings": "# a\n" * 75_000,
    "no-break spaces": "\xa0" * 300_000,
    "one word": "w" * 900_000,
    "marks above one letter": "a" + "\u0301" * 300_000,
    "directions": "\u202e\u2066" * 150_000,
    "lines": "\n" * 900_000,
    "tags": "<b>" * 100_000,
}
LINES = {
    "at signs": "@" * 2_000,
    "dots": "a@" + "a." * 1_000 + "example",
    "slashes": "http://" + "/" * 1_900,
    "hosts": "https://" + "a." * 900 + "example",
    "letters of other scripts": "\u0430\u0391\U0001d4d0" * 600,
    "marks": "e" + "\u0323\u0302" * 900,
}


def files():
    """(name, bytes): small uploads that need much memory or time, or are truncated."""
    yield "frames.gif", many_frames(10_000)
    yield "frames2.gif", many_frames(3_000, (64, 64))
    for side in (7_000, 30_000, 65_000):
        yield f"bomb{side}.png", flat_png(side)
    yield "chunks.png", flat_png(4, more=b"".join(chunk(b"tEXt", b"k\0" + b"v" * 50) for _ in range(40_000)))
    yield "inflates.png", flat_png(4, more=chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(60_000_000), 9)))
    yield "deep.gpx", b'<?xml version="1.0"?><gpx>' + b"<trk>" * 200_000
    yield (
        "entities.gpx",
        b'<?xml version="1.0"?><!-- <gpx> ' + b"-" * 8_000 + b' --><!DOCTYPE a [<!ENTITY b "c">]><gpx/>',
    )
    chance = random.Random(14)
    for kind, ending in (("JPEG", "jpg"), ("PNG", "png"), ("GIF", "gif"), ("WEBP", "webp"), ("AVIF", "avif")):
        whole = picture(kind)
        for part in (0.1, 0.5, 0.95):
            yield f"cut{part}.{ending}", whole[: int(len(whole) * part)]
        for number in range(2):
            spoilt = bytearray(whole)
            for _ in range(40):
                spoilt[chance.randrange(20, len(spoilt))] = chance.randrange(256)
            yield f"spoilt{number}.{ending}", bytes(spoilt)
    for ending, begins in BEGINNINGS.items():
        yield f"noise.{ending}", begins + chance.randbytes(200_000)


BEGINNINGS = {
    "jpg": b"\xff\xd8\xff\xe0", "png": b"\x89PNG\r\n\x1a\n", "gif": b"GIF89a", "webp": b"RIFF\xff\xff\xff\x7fWEBPVP8X",
    "avif": b"\0\0\0\x1cftypavif", "pdf": b"%PDF-1.7\n", "mp3": b"ID3\x04\0", "mp4": b"\0\0\0\x18ftypisom",
}  # fmt: skip


def picture(kind):
    out = io.BytesIO()
    Image.effect_noise((300, 200), 90).convert("RGB").save(out, kind)
    return out.getvalue()


def many_frames(count, size=(1, 1)):
    """A GIF of one frame, repeated."""
    out = io.BytesIO()
    Image.new("P", size).save(out, "GIF")
    whole = out.getvalue()
    begins = whole.index(b",")
    return whole[:begins] + (b"!\xf9\x04\0\x01\0\0\0" + whole[begins:-1]) * count + b";"


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def flat_png(side, more=b""):
    """A PNG whose header says `side` x `side` pixels, but which has at most 200 rows."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0))
    lines = zlib.compress(b"\0" * (side + 1) * min(side, 200), 9)
    return b"\x89PNG\r\n\x1a\n" + head + more + chunk(b"IDAT", lines) + chunk(b"IEND", b"")


def everything():
    return [*texts(), *(("upload", name, content) for name, content in files())]


@dataclass
class Assault:
    """Some threads send the pieces, while others read and comment until the last piece has a response."""

    blog: object
    pieces: list
    answers: list = field(default_factory=list)  # (door, name, status, seconds)
    reads: list = field(default_factory=list)  # (path, status, seconds)
    idle: list = field(default_factory=list)  # the same, before the first piece is sent

    def run(self, senders=3, readers=2, alone=0):
        """`alone`: seconds before the first piece during which only the readers send requests."""
        self.permalink = re.search(r'class="p-name u-url" href="([^"]+)"', requests.get(self.blog.url).text)[1]
        self.form = re.search(r'action="(/comments/\d+/)"', requests.get(self.blog.url + self.permalink).text)[1]
        self.desk, waiting, guard = self.logged_in(), iter(self.pieces), threading.Lock()
        if alone:
            self.read_until([threading.Timer(alone, lambda: None)], readers)
            self.idle, self.reads = self.reads, []

        def send():
            while True:
                with guard:
                    piece = next(waiting, None)
                if piece is None:
                    return
                began = time.monotonic()
                status = self.send(*piece)
                self.answers.append((*piece[:2], status, time.monotonic() - began))

        self.read_until([threading.Thread(target=send) for _ in range(senders)], readers)
        return self

    def read_until(self, threads, readers):
        """Run these threads, and readers until they have ended."""
        self.over = threading.Event()
        others = [threading.Thread(target=self.read, args=(number,)) for number in range(readers)]
        for thread in [*threads, *others]:
            thread.start()
        for thread in threads:
            thread.join()
        self.over.set()
        for thread in others:
            thread.join()

    def logged_in(self):
        session = requests.Session()
        page = session.get(f"{self.blog.url}/accounts/login/").text
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
        who = {"login": self.blog.email, "password": self.blog.password, "csrfmiddlewaretoken": token}
        session.post(f"{self.blog.url}/accounts/login/", data=who, headers={"Referer": self.blog.url})
        assert session.get(f"{self.blog.url}/desk/", allow_redirects=False).status_code == 200
        return session

    def send(self, door, name, what):
        """Send one piece; returns the status of the response, 0 without one."""
        what = what.encode("utf-8", "surrogatepass") if isinstance(what, str) else what
        options = {"timeout": PATIENCE, "allow_redirects": False, "headers": {"Origin": self.blog.url}}
        if door == "search":
            return self.answer(requests.get, "/search/", params={"q": what[:2_000]}, **options)
        path, form, files, is_desk = self.filled(door, name, what)
        if is_desk:
            form["csrfmiddlewaretoken"] = self.desk.cookies["csrftoken"]
            options["headers"] |= {"Referer": self.blog.url}
        return self.answer(self.desk.post if is_desk else requests.post, path, data=form, files=files, **options)

    def answer(self, ask, path, **options):
        try:
            return ask(self.blog.url + path, **options).status_code
        except requests.RequestException:
            return 0

    def filled(self, door, name, what):
        """(path, form, files, whether the owner must be logged in) of the request with this text or file."""
        comment = {"comment": f"About {name}", "author": "Mallory", "email": "mallory@example.org"}
        post = {"title": name, "source": what, "slug": "", "excerpt": "", "format": "standard", "visibility": "public"}
        post |= {"status": "draft", "comments_open": "on", "action": "save", "author": "1"}
        kept = {
            "who": "1",
            "tab": "a" * 32,
            "count": str(time.monotonic_ns() % 10**9),
            "mark": "b" * 32,
            "kind": "post",
        }
        return {
            "comment": (self.form, comment | {"comment": what}, None, False),
            "name": (self.form, comment | {"author": what, "comment": f"Who {name}"}, None, False),
            "website": (self.form, comment | {"url": what, "comment": f"Where {name}"}, None, False),
            "subscribe": ("/comments/subscribe/", {"email": what}, None, False),
            "password": ("/accounts/password/reset/", {"email": what}, None, True),
            "write": ("/desk/write/", post, None, True),
            "preview": ("/desk/preview/", {"title": name, "source": what}, None, True),
            "autosave": ("/desk/write/autosave/", kept | {"source": what, "title": name, "excerpt": ""}, None, True),
            "settings": ("/desk/settings/discussion/", {"moderation_keys": what}, None, True),
            "category": ("/desk/categories/", {"name": name, "slug": "", "description": what}, None, True),
            "bio": ("/accounts/", {"name": what, "website": what}, None, True),
            "address": ("/desk/redirects/", {"old": b"/" + what, "to": "/"}, None, True),
            "upload": ("/desk/media/", {}, {"files": (name, what)} if door == "upload" else None, True),
        }[door]

    def read(self, number):
        """One of the readers: opens pages and sends comments in turn."""
        for turn, path in enumerate(itertools.cycle(["/", self.permalink, "/feed/", "/search/?q=run", self.form])):
            if self.over.is_set():
                return
            began = time.monotonic()
            if path == self.form:
                said = {
                    "comment": f"Reader {number} says {turn} after {len(self.idle)}",
                    "author": f"R{number}",
                    "email": f"r{number}@example.org",
                }
                options = {"data": said, "timeout": PATIENCE, "allow_redirects": False}
                status = self.answer(requests.post, path, headers={"Origin": self.blog.url}, **options)
            else:
                status = self.answer(requests.get, path, timeout=PATIENCE)
            self.reads.append((path, status, time.monotonic() - began))
            time.sleep(0.02)

    def broken(self):
        """The pieces without a response or with a server error."""
        return [answer[:3] for answer in self.answers if answer[2] in (0, 500, 502, 504)]

    def doors_that_took(self):
        """The doors that accepted at least one piece; a door that refused all was not tested."""
        return {door for door, _name, status, _seconds in self.answers if status in (200, 302, 303)}

    def seconds(self, part, reads=None):
        """A quantile of the readers' response times in seconds; `part` 0.5 is the median."""
        taken = sorted(seconds for _path, _status, seconds in reads or self.reads)
        return taken[min(len(taken) - 1, int(part * len(taken)))]

    def kept_waiting(self, seconds):
        """The readers' requests that failed or took longer than `seconds`."""
        return [read for read in self.reads if read[1] not in (200, 303) or read[2] > seconds]
