"""People at a running blog for tests of faults: a guest who comments, and Ada, who is logged in and writes and uploads.

Each of them remembers what was acknowledged (`Visitors.kept`), and every refusal must give the text back.
"""

import json
import re
import secrets
import time
from collections import Counter

import requests

from tests.markup import squeeze

RULES = """
from comments.models import DiscussionSettings
rules = DiscussionSettings.objects.get_or_create()[0]
rules.previously_approved = rules.hold_in_waves = rules.manual_approval = False
rules.flood_seconds, rules.mail_published, rules.comments_per_page = 0, True, 50
rules.save()
"""
STORED = """
import json
from blog.models import Autosave, Media, Post
from comments.models import Comment
from core.models import Email
rows = lambda things, field: list(things.objects.values_list(field, flat=True))
print("STORED" + json.dumps({
    "comment": rows(Comment, "text"), "draft": rows(Post, "title"), "post": rows(Post, "title"),
    "upload": rows(Media, "title"), "autosave": rows(Autosave, "source"), "emails": rows(Email, "state"),
}))
"""
REFUSED = (503, 507)


class Visitors:
    def __init__(self, blog, timeout=60):
        self.blog, self.timeout, self.number, self.more = blog, timeout, 0, {}
        self.kept = {name: [] for name in ("comment", "draft", "post", "upload", "autosave")}
        self.refused = dict.fromkeys(self.kept, 0)
        self.post = re.search(r'class="p-name u-url" href="([^"]+)"', self.get("/").text)[1]
        self.form = re.search(r'action="(/comments/\d+/)"', self.get(self.post).text)[1]
        self.ada = requests.Session()
        self.ada.headers.update({"Origin": blog.url, "Referer": f"{blog.url}/"})
        page = squeeze(self.ada.get(f"{blog.url}/accounts/login/").text)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
        who = {"login": blog.email, "password": blog.password, "csrfmiddlewaretoken": token}
        answer = self.ada.post(f"{blog.url}/accounts/login/", data=who, allow_redirects=False)
        assert answer.status_code == 302, answer.text[:500]
        page = squeeze(self.ada.get(f"{blog.url}/desk/write/").text)
        self.who = re.search(r'data-who="(\d+)"', page)[1]
        self.author = re.search(r'name="author".*?value="(\d+)"', page, re.S)[1]

    def get(self, path, **more):
        return requests.get(self.blog.url + path, timeout=self.timeout, **more)

    def desk(self, path, fields, **more):
        fields |= {"csrfmiddlewaretoken": self.ada.cookies["csrftoken"]}
        return self.ada.post(self.blog.url + path, data=fields, allow_redirects=False, timeout=self.timeout, **more)

    def judge(self, what, name, answer, accepted, text=""):
        """Keep what was acknowledged; a refusal must say when to come back, or hold the text. Returns whether it was
        acknowledged."""
        if answer.status_code == accepted:
            self.kept[what].append(name)
            return True
        assert answer.status_code in REFUSED, (what, answer.status_code, answer.text[:300])
        assert text in answer.text, (what, answer.text[:300])
        self.refused[what] += 1
        return False

    def comment(self, length=0, session=requests, **headers):
        self.number += 1
        text = f"Mile {self.number} was a long one, and I would run it again." + " Step by step." * min(
            length // 14, 200
        )
        fields = {"comment": text, "author": f"Ann {self.number}", "email": f"ann{self.number}@example.org"}
        fields |= self.more
        headers = {"Origin": self.blog.url} | {name.replace("_", "-"): value for name, value in headers.items()}
        answer = session.post(
            self.blog.url + self.form, fields, headers=headers, allow_redirects=False, timeout=self.timeout
        )
        return self.judge("comment", text, answer, 303, text)

    def draft(self, length=0, action="save", what="draft"):
        self.number += 1
        title, text = f"Day {self.number}", "Ten miles before breakfast. " * (1 + length // 28)
        fields = {"title": title, "source": text, "author": self.author, "action": action}
        return self.judge(what, title, self.desk("/desk/write/", fields), 302, text.strip()[:2_000])

    def publish(self, length=0):
        return self.draft(length, "publish", "post")

    def upload(self, length=50_000):
        self.number += 1
        name = f"race-{self.number}.pdf"
        content = b"%PDF-1.7\n" + secrets.token_bytes(length)
        answer = self.desk("/desk/media/", {}, files={"files": (name, content)}, headers={"Accept": "application/json"})
        if answer.status_code == 422 and "no room left" in answer.text:  # the file is refused by its name
            self.refused["upload"] += 1
            return False
        return self.judge("upload", name, answer, 200)

    def autosave(self, length=0):
        """The script of the page keeps the text until it hears that it is stored, and sends it again."""
        self.number += 1
        text = f"Unsaved {self.number}. " + "On and on. " * (length // 11)
        fields = {"who": self.who, "tab": secrets.token_hex(16), "count": "1", "mark": secrets.token_hex(16)}
        answer = self.desk("/desk/write/autosave/", fields | {"title": "", "source": text})
        return self.judge("autosave", text, answer, 200)

    def everything(self, length=0):
        """One of each; returns the names of those that were acknowledged."""
        deeds = [self.comment, self.draft, self.publish, self.upload, self.autosave]
        return {deed.__name__ for deed in deeds if deed(*([length] if length else []))}

    def until_everything_works(self, patience=60):
        """Seconds until all of them are acknowledged again."""
        began = time.monotonic()
        while len(done := self.everything()) < len(self.kept):
            assert time.monotonic() - began < patience, f"after {patience} s only {done} work"
            time.sleep(0.2)
        return time.monotonic() - began

    def nothing_is_lost(self):
        """Compare what was acknowledged with what is stored; returns the figures."""
        told = self.blog.manage("shell", "-v0", "-c", STORED)
        stored = json.loads(told.partition("STORED")[2].splitlines()[0])
        for what, names in self.kept.items():
            lost = set(names) - set(stored[what])
            assert not lost, f"{what}: {len(lost)} of {len(names)} acknowledged are lost"
        found = Counter(stored["comment"])
        assert not [text for text in self.kept["comment"] if found[text] > 1], "a comment is there twice"
        kept = ", ".join(f"{len(names)} {what}s" for what, names in self.kept.items())
        return f"acknowledged {kept}, none lost; refused {sum(self.refused.values())} {self.refused}"
