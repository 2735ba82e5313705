"""A snippet for analytics: its scripts, and what the Content-Security-Policy of a page with them allows.

Pages are cached, so there are no nonces: an inline script is allowed by the SHA-256 hash of its text (CSP Level 3), a
script of another site by its host.
"""

import base64
import hashlib
import re
from dataclasses import dataclass
from functools import cached_property
from html.parser import HTMLParser
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from blog.markup.safe_html import trusted

LONGEST = 20_000  # characters
MOST_HOSTS = 20
SCRIPT_ATTRIBUTES = frozenset("async charset crossorigin defer id integrity nomodule referrerpolicy src type".split())
IMAGE_ATTRIBUTES = frozenset("alt height loading referrerpolicy src width".split())
SCRIPT_TYPES = frozenset(["", "text/javascript", "application/javascript", "module"])

_HOST = re.compile(r"(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]{2,}(?::[0-9]{1,5})?")


@dataclass(frozen=True)
class Element:
    """A script, or a picture within <noscript>. `text`: an inline script as it was checked."""

    name: str
    attributes: tuple[tuple[str, str], ...]
    text: str = ""

    @property
    def script(self) -> str:
        return trusted(self.text)

    @property
    def source(self) -> str:
        """What script-src names for it."""
        if self.text:
            return f"'sha256-{base64.b64encode(hashlib.sha256(self.text.encode()).digest()).decode()}'"
        return policy_source(dict(self.attributes)["src"])


@dataclass(frozen=True)
class Snippet:
    elements: tuple[Element, ...] = ()
    hosts: tuple[str, ...] = ()  # further ones, as sources

    @cached_property
    def html(self) -> str:
        """As pages have it: written anew from what was read, so that browsers read the same."""
        return render_to_string("blog/_snippet_elements.html", {"elements": self.elements}) if self.elements else ""

    @property
    def directives(self) -> dict[str, list[str]]:
        """What is added to the policy of a page with it."""
        sources = [each.source for each in self.elements if each.name == "script"]
        named = sorted({source for source in (*sources, *self.hosts) if source.startswith("https:")})
        hashes = sorted({source for source in sources if source.startswith("'sha")})
        return {"script-src": named + hashes} | ({"connect-src": ["'self'", *named]} if named else {})


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self.script: Element | None = None  # the one that is not closed
        self.is_in_noscript = False

    def refuse(self, sentence: str) -> None:
        raise ValidationError(_("Line %(line)d: %(sentence)s") % {"line": self.getpos()[0], "sentence": sentence})

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "script" and not self.is_in_noscript:
            self.check(given, SCRIPT_ATTRIBUTES)
            if given.get("type", "").strip().lower() not in SCRIPT_TYPES:
                self.refuse(_("A script of the type “%s” is not possible.") % given["type"])
            self.script = Element("script", tuple(given.items()))
        elif tag == "noscript" and not self.is_in_noscript:
            self.is_in_noscript = True
        elif tag == "img" and self.is_in_noscript:
            self.check(given, IMAGE_ATTRIBUTES)
            if "src" not in given:
                self.refuse(_("A picture needs an address."))
            self.elements.append(Element("img", tuple(given.items())))
        elif self.is_in_noscript:
            self.refuse(_("Within <noscript> only pictures can stand, not <%s>.") % tag)
        else:
            self.refuse(_("Only <script> and <noscript> can stand here, not <%s>.") % tag)

    def check(self, given: dict[str, str], allowed: frozenset[str]) -> None:
        for name in given:
            if name not in allowed and not re.fullmatch(r"data-[a-z0-9_.-]+", name):
                self.refuse(_("The attribute “%s” is not possible.") % name)
        if "src" in given and policy_source(given["src"]) == "":
            self.refuse(_("Write addresses with https:// and the host, or with / for a file of this blog."))

    def handle_endtag(self, tag: str) -> None:
        if tag == "script" and self.script:
            self.elements.append(self.checked(self.script))
            self.script = None
        elif tag == "noscript" and self.is_in_noscript:
            self.is_in_noscript = False
        else:
            self.refuse(_("</%s> closes nothing.") % tag)

    def checked(self, script: Element) -> Element:
        text, has_address = script.text, "src" in dict(script.attributes)
        if text.strip() and has_address:
            self.refuse(_("A script with an address has no text: browsers would skip it."))
        if not text.strip() and not has_address:
            self.refuse(_("This script is empty."))
        if "<!--" in text or "<script" in text.lower():
            self.refuse(
                _("Take “<!--” and “<script” out of the script: browsers look for its end in another way then.")
            )
        return Element("script", script.attributes, "" if has_address else text)

    def handle_data(self, data: str) -> None:
        if self.script is not None:
            self.script = Element("script", self.script.attributes, self.script.text + data)
        elif data.strip():
            self.refuse(_("Text outside of <script> would be seen by readers."))

    def handle_decl(self, decl: str) -> None:
        self.refuse(_("Only <script> and <noscript> can stand here."))

    def handle_pi(self, data: str) -> None:
        self.handle_decl(data)

    def unknown_decl(self, data: str) -> None:
        self.handle_decl(data)


def policy_source(address: str) -> str:
    """The source of an address for the policy: "https://host", "'self'", or "" if it is not possible."""
    address = address.strip()
    if re.match(r"/(?![/\\])", address) and "\\" not in address:
        return "'self'"
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return (
        f"https://{parts.netloc.lower()}" if parts.scheme == "https" and _HOST.fullmatch(parts.netloc.lower()) else ""
    )


def read_snippet(text: str, hosts: str = "") -> Snippet:
    """The snippet of `text`; `hosts` has further ones that its scripts load from or send to, one a line.

    Raises ValidationError, which names the line.
    """
    return Snippet(elements_in(text), hosts_in(hosts))


def elements_in(text: str) -> tuple[Element, ...]:
    if len(text) > LONGEST:
        raise ValidationError(_("At most %d characters are possible.") % LONGEST)
    reader = Reader()
    reader.feed(text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", ""))
    reader.close()
    if reader.script or reader.is_in_noscript:
        reader.refuse(_("<script> or <noscript> is not closed."))
    return tuple(reader.elements)


def hosts_in(text: str) -> tuple[str, ...]:
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        if host := line.strip().lower().removeprefix("https://").rstrip("/"):
            if not _HOST.fullmatch(host):
                raise ValidationError(_("Line %d: write a host, such as stats.example.org.") % number)
            found.append(f"https://{host}")
    if len(found) > MOST_HOSTS:
        raise ValidationError(_("At most %d hosts are possible.") % MOST_HOSTS)
    return tuple(found)


def valid_snippet(text: str) -> None:
    elements_in(text)


def valid_hosts(text: str) -> None:
    hosts_in(text)
