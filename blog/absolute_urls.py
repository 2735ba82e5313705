"""Changes URLs in rendered HTML that is shown away from its own page: in feeds, emails and lists.

Works on HTML that our sanitizer has written: quoted attributes, no "<" in text. URLs are resolved as the URL standard
does it, against the page's own URL.
"""

import re
from html import escape, unescape
from urllib.parse import unquote, urljoin

from core.site import absolute_url

_TAG = re.compile(r'<[a-z](?:[^>"]|"[^"]*")*>')
_ADDRESSES = re.compile(r'(?<=\s)(href|src|srcset|poster|cite)="([^"]*)"')
_CANDIDATE = re.compile(r"([^\s,](?:\S*[^\s,])?)(,+|\s[^,]*(?:,|$)|$)")  # of a srcset
# URLs that are relative to the page: without a scheme and without a leading slash.
# Written as a literal with lookbehinds, which searches a long text faster than the attributes' names would.
_FROM_THE_PAGE = re.compile(
    r'="(?:(?<=\shref=")|(?<=\ssrc=")|(?<=\sposter=")|(?<=\scite="))(?![a-z][a-z0-9+.-]*:|/)', re.IGNORECASE
)
_FILES = ("/media/", "/link-picture-")
_ID = re.compile(r'\sid="([^"]*)"')


def in_full(html, url):
    """The HTML with every URL made absolute; `url` is the absolute URL of its page."""
    return _changed(html, lambda address: urljoin(url, address))


def files_in_full(html):
    """The HTML with the URLs of its files (pictures, recordings, documents) made absolute, and no others."""
    return _changed(html, lambda address: absolute_url(address) if address.startswith(_FILES) else address)


def stands_alone(html):
    """Whether no URL in it depends on its page."""
    return '="' not in html or not _FROM_THE_PAGE.search(html)


def from_elsewhere(html, path, *, keep_places=False):
    """The HTML of the page at `path`, for other pages of this blog.

    Relative URLs become paths from the root. A fragment link stays as it is if its target is in the HTML, otherwise it
    leads to the page; with `keep_places` fragment links always stay.
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
    """The HTML with links that open in a new tab, for previews."""
    return _TAG.sub(lambda tag: re.sub("^<a(?= )", '<a target="_blank"', tag[0]), html)


def _changed(html, resolve):
    def one(address):
        try:
            return resolve(address.strip())
        except ValueError:  # an invalid URL such as "//[x]/" stays as it is
            return address

    def said(attribute):
        name, value = attribute[1], unescape(attribute[2])
        if name == "srcset":
            new = _CANDIDATE.sub(lambda part: one(part[1]) + part[2], value)
        else:
            new = one(value)
        return attribute[0] if new == value else f'{name}="{escape(new)}"'

    return _TAG.sub(lambda tag: _ADDRESSES.sub(said, tag[0]), html)
