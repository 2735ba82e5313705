"""The two cookies of the conversation.

`longrun_writer` is signed and closed to scripts: it shows somebody their own comments that wait, and carries the
trust they have earned. `longrun_me` holds what a guest asked us to remember; only our script reads it, so that
kept pages serve everybody.
"""

from urllib.parse import parse_qs, quote, unquote, urlencode

from django.conf import settings

from core import cookies
from core.cookies import YEAR

WRITER, ME = cookies.WRITER.name, cookies.DETAILS.name


def browser_of(request):
    """What this signed browser is known by, or ""."""
    return request.get_signed_cookie(WRITER, default="", salt=WRITER, max_age=YEAR)


def remember_browser(response, browser):
    response.set_signed_cookie(WRITER, browser, salt=WRITER, max_age=YEAR, httponly=True, **common())


def remember_details(response, name, email, url):
    """Written so that a script reads it as a query string: decodeURIComponent, then URLSearchParams."""
    details = urlencode({"author": name, "email": email, "url": url})
    response.set_cookie(ME, quote(details, safe=""), max_age=YEAR, **common())


def details_in(request):
    """What a guest asked us to remember: some of author, email and url."""
    said = parse_qs(unquote(request.COOKIES.get(ME, "")))
    return {name: said[name][0][:400] for name in ("author", "email", "url") if name in said}


def forget_details(response):
    response.delete_cookie(ME, samesite="Lax")


def common():
    return {"samesite": "Lax", "secure": settings.LONGRUN_HTTPS}
