"""Addresses in finished HTML, where it stands away from the page that it was written for: in feeds, letters, lists.

Works on HTML that our cleaners have written: quoted attributes, no "<" in text. Addresses are resolved as the URL
standard does it from the page at its own address.
"""

import re
from html import escape, unescape
from urllib.parse import unquote, urljoin

from core.site import absolute_url

_TAG = re.compile(r'<[a-z](?:[^>"]|"[^"]*")*>')
_ADDRESSES = re.compile(r'(?<=\s)(href|src|srcset|poster|cite)="([^"]*)"')
_CANDIDATE = re.compile(r"([^\s,](?:\S*[^\s,])?)(,+|\s[^,]*(?:,|$)|$)")  # of a srcset
# What may be meant from the page: all but a scheme, a host, or a path of ours from its beginning.
_FROM_THE_PAGE = re.compile(r'\s(?:href|src|poster|cite)="(?![a-z][a-z0-9+.-]*:|/)', re.IGNORECASE)
_ID = re.compile(r'\sid="([^"]*)"')


def in_full(html, url):
    """The HTML with every address in full, for who does not know where we are; `url` is that of its page, in full."""
    return _changed(html, lambda address: urljoin(url, address))


def stands_alone(html):
    """Whether no address in it hangs on its page."""
    return '="' not in html or not _FROM_THE_PAGE.search(html)


def from_elsewhere(html, path, *, keep_places=False):
    """The HTML of the page at `path` for other pages of this blog.

    What was meant from that page is said from the root. A link to a place in the text leads there, if it is here, else
    to the page; `keep_places` where "#name" is meant wherever the HTML stands.
    """
    if stands_alone(html):
        return html
    here = {unescape(name) for name in _ID.findall(html)}
    root = absolute_url("/")[:-1]

    def resolved(address):
        if address.startswith("#") and (keep_places or not here.isdisjoint({address[1:], unquote(address[1:])})):
            return address
        if address.startswith("/"):
            return address
        return urljoin(root + path, address).removeprefix(root) or "/"

    return _changed(html, resolved)


def in_new_tabs(html):
    """The HTML whose links leave the page where it is, for who looks at it in passing."""
    return _TAG.sub(lambda tag: re.sub("^<a(?= )", '<a target="_blank"', tag[0]), html)


def _changed(html, resolve):
    def one(address):
        try:
            return resolve(address.strip())
        except ValueError:  # "//[x]/": it leads nowhere, here and on the page
            return address

    def said(attribute):
        name, value = attribute[1], unescape(attribute[2])
        if name == "srcset":
            new = _CANDIDATE.sub(lambda part: one(part[1]) + part[2], value)
        else:
            new = one(value)
        return attribute[0] if new == value else f'{name}="{escape(new)}"'

    return _TAG.sub(lambda tag: _ADDRESSES.sub(said, tag[0]), html)
