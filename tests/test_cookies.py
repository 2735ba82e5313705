"""Each cookie has one name, one path and one line in a table, which documents and the privacy page repeat."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from core.cookies import COOKIES

ROOT = Path(__file__).resolve().parent.parent
APPS = ["config", "server", "transfer", "comments", "blog", "accounts", "core"]


def test_no_two_share_a_name():
    names = [cookie.name for cookie in COOKIES]
    assert len(set(names)) == len(names)


def test_every_cookie_that_the_code_sets_is_in_the_table():
    """Names are written in the table alone: no other file spells one that begins with "longrun_"."""
    spelled = set()
    for app in APPS:
        for file in (ROOT / app).rglob("*.py"):
            if file.name != "cookies.py" or app != "core":
                spelled |= {(str(file), name) for name in re.findall(r'"(longrun_[a-z_]+)"', file.read_text())}
    names = {cookie.name for cookie in COOKIES}
    assert not {(file, name) for file, name in spelled if name in names}
    for name in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME):
        assert name in names


@pytest.mark.parametrize("cookie", COOKIES, ids=lambda cookie: cookie.name)
def test_the_documents_name_it(cookie):
    security = (ROOT / "SECURITY.md").read_text()
    assert re.search(rf"^\| `{cookie.name}\w*` \| `{re.escape(cookie.path)}` \|", security, re.MULTILINE), cookie
    assert cookie.name in (ROOT / "templates/desk/privacy.txt").read_text()
