"""The two cookies of commenters.

`longrun_writer` is signed and HttpOnly. It identifies a guest's browser, shows them their own held comments and carries
the trust they have earned. `longrun_me` has the name, email and website that a guest asked to remember. A script fills
them into the form, so that cached pages are the same for everybody.
"""

from urllib.parse import parse_qs, quote, unquote, urlencode

from django.conf import settings

from core import cookies
from core.cookies import YEAR

WRITER, ME = cookies.WRITER.name, cookies.DETAILS.name


def browser_of(request):
    """The id of the visitor's signed browser cookie, or ""."""
    return request.get_signed_cookie(WRITER, default="", salt=WRITER, max_age=YEAR)


def remember_browser(response, browser):
    response.set_signed_cookie(WRITER, browser, salt=WRITER, max_age=YEAR, httponly=True, **cookie_options())


def remember_details(response, name, email, url):
    """Set `longrun_me`: a URL-quoted query string, to be read with decodeURIComponent and URLSearchParams."""
    details = urlencode({"author": name, "email": email, "url": url})
    response.set_cookie(ME, quote(details, safe=""), max_age=YEAR, **cookie_options())


def read_details(request):
    """What a guest asked to remember, as a dict with some of "author", "email" and "url"."""
    said = parse_qs(unquote(request.COOKIES.get(ME, "")))
    return {name: said[name][0][:400] for name in ("author", "email", "url") if name in said}


def forget_details(response):
    response.delete_cookie(ME, samesite="Lax")


def cookie_options():
    return {"samesite": "Lax", "secure": settings.LONGRUN_HTTPS}
