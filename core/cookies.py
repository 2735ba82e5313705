"""Every cookie that Longrun sets, in one table: each has one name, one path and one purpose.

The table in SECURITY.md and the draft of the privacy page name the same ones; tests compare them with the code.
"""

from dataclasses import dataclass

from django.contrib.messages.storage.cookie import CookieStorage
from django.core import signing
from django.http import HttpRequest

HOUR, DAY = 3600, 24 * 3600
YEAR = 365 * DAY


@dataclass(frozen=True)
class Cookie:
    """One cookie. `seconds` is its Max-Age, 0 for a session cookie; a post's number may follow `name`."""

    name: str
    path: str
    seconds: int
    purpose: str


WRITER = Cookie(
    "longrun_writer",
    "/",
    YEAR,
    "shows a guest their own held comments, carries the trust they earned, knows an address that they confirmed",
)
DETAILS = Cookie("longrun_me", "/", YEAR, "fills in name, email address and website, if the guest asked for it")
RETURN_TO_COMMENT = Cookie("longrun_return", "/", DAY, "leads back to the typed comment after a failed login")
SECRET_LINK = Cookie("longrun_secret_link", "/media/", DAY, "shows a draft's pictures to whoever has its secret link")
KNOWN_BROWSER = Cookie("longrun_known", "/", YEAR, "lets a browser that logged in before try its password again")
POST_PASSWORD = Cookie("longrun_post_", "/", 10 * DAY, "remembers that the password of a protected post was given")
SESSION = Cookie("sessionid", "/", 14 * DAY, "keeps people logged in")
MESSAGES = Cookie("messages", "/", 0, "holds a note for the next page, such as “Saved.”")
CSRF = Cookie("csrftoken", "/", YEAR, "protects the forms of the desk and of accounts against forgery")

COOKIES = (
    WRITER,
    DETAILS,
    RETURN_TO_COMMENT,
    SECRET_LINK,
    KNOWN_BROWSER,
    POST_PASSWORD,
    SESSION,
    MESSAGES,
    CSRF,
)


def is_signed(name: str, value: str) -> bool:
    """Whether this is a cookie that the blog has signed and that has not expired, by name and value: a guest's browser,
    the password of a post, a message."""
    request = HttpRequest()
    request.COOKIES = {name: value}
    try:
        if name == MESSAGES.name:
            signing.get_cookie_signer(salt=CookieStorage.key_salt).unsign(value)
        elif name == WRITER.name:
            request.get_signed_cookie(name, salt=WRITER.name, max_age=WRITER.seconds)
        elif name.startswith(POST_PASSWORD.name):
            request.get_signed_cookie(name, max_age=POST_PASSWORD.seconds)
        else:
            return False
    except signing.BadSignature:
        return False
    return True
