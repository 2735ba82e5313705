"""What an email looks like on its way: short lines of ASCII that every server leaves alone, in one thread."""

import re
from email import message_from_bytes
from email.header import decode_header, make_header
from email.policy import default as modern
from email.utils import parseaddr

import pytest

from core import cache_version, mail
from core.mail_message import named
from core.models import Email, Site

pytestmark = pytest.mark.django_db

SUBJECTS = [
    "[Ada runs] A long run",
    "[Ada läuft] Ärger mit Öl, " + "über und über " * 14,
    "[走ることについて] " + "語るときに僕の語ること" * 16,
    "日" * 240,
    "[Ada runs] " + "x" * 200,
    "x" * 240,
    "👟" * 120,
    "[Ada runs] plain words and " + "then some more of them " * 9,
]
TEXTS = ["Hello.", "Grüße aus Köln: a=b\n.\nFrom here\n" + "Wörter " * 400, "走る\n" * 50, "y" * 3000]


def wire(subject, text="Hello.", html="", title="Ada runs"):
    Site.objects.update_or_create(pk=1, defaults={"title": title, "timezone": "UTC"})
    cache_version.increment()
    row = Email(pk=7, to="ann@example.org", subject=subject, text=text, html=html, headers={})
    return mail._message(row).message().as_bytes()


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_subject_is_folded_without_a_line_of_its_name_alone(blog, subject):
    head = wire(subject).split(b"\n\n")[0]
    lines = head.decode("ascii").split("\n")
    assert not [line for line in lines if re.fullmatch(r"[\w-]+: *", line)]
    assert all(len(line) <= 78 for line in lines if "=?" in line)
    words = re.findall(rb"=\?[^ \n]+\?=", head)
    assert all(len(word) <= 75 for word in words)
    assert subject.isascii() or words
    assert message_from_bytes(wire(subject), policy=modern)["Subject"].strip() == subject.strip()


@pytest.mark.parametrize("html", ["", "<p>Grüße</p>", "<p>Hello</p>"])
@pytest.mark.parametrize("text", TEXTS)
def test_a_body_has_seven_bits_and_short_lines(blog, text, html):
    sent = wire("[Ada runs] Öl", text, html)
    assert sent.isascii() and max(map(len, sent.splitlines())) <= 998
    assert b"Content-Transfer-Encoding: 8bit" not in sent and b"base64" not in sent
    message = message_from_bytes(sent, policy=modern)
    assert message.get_body("plain").get_content().strip() == text.strip()
    assert not html or message.get_body("html").get_content().strip() == html


@pytest.mark.parametrize(
    "title", ["Ada runs", "Ada läuft", "走ることについて語るとき" * 8, 'A "quoted", <title>', "x" * 200]
)
def test_the_blogs_name_stands_before_its_address(blog, settings, title):
    settings.DEFAULT_FROM_EMAIL = "blog@example.org"
    sent = wire("Hello", title=title)
    name, address = parseaddr(str(make_header(decode_header(message_from_bytes(sent)["From"]))))
    assert address == "blog@example.org" and name and title.startswith(name)
    assert all(len(word) <= 75 for word in re.findall(rb"=\?[^ \n]+\?=", sent.split(b"\n\n")[0]))


def test_a_name_that_the_owner_gave_the_address_stays():
    assert named("Ada <blog@example.org>", "Ada runs") == "Ada <blog@example.org>"
    assert named("blog@example.org", "") == "blog@example.org"
