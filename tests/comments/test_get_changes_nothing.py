"""No GET and no HEAD changes anything: every link of every page and of every email is followed, by everybody.

Mail scanners press what they find, browsers fetch ahead, crawlers follow all: what changes something is a POST.
"""

import re
from html import unescape
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from django.db import connection

from comments.models import Comment
from core.models import Email
from tests import furnished, pages

HOME = "http://localhost:8000"
LINK = re.compile(r"""\b(?:href|src|formaction|action)=["']([^"']+)["']""")
IN_TEXT = re.compile(r"http://localhost:8000/\S+")
WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE|REPLACE|ALTER|DROP|CREATE)\b", re.IGNORECASE)
PAGES = ("text/html", "text/xml", "application/xml", "application/rss+xml", "application/atom+xml")
WHO = ["guest", "reader", "moderator", "owner"]
QUICK = 60  # pages; the exhaustive walk belongs to make test-long


@pytest.fixture
def house(ada, say, guest, settings, discussion):
    """A blog with something of everything, and emails that lead into it."""
    settings.LONGRUN_LIMITS = False
    furnished.furnish(ada)
    say(guest, Comment.objects.approved().first().post, "A question of a guest, which waits.")
    assert Email.objects.count()
    return [path for _name, _who, path in pages.paths()]


@pytest.fixture
def visitor(as_, ada, mona, rene, request):
    def of(who):
        people = {"guest": None, "reader": rene, "moderator": mona, "owner": ada}
        return as_(people[who])

    return of


@pytest.mark.long
@pytest.mark.parametrize("who", WHO)
def test_a_walk_through_the_house_changes_nothing(house, visitor, who):
    walk(visitor(who), house, most=QUICK)


@pytest.mark.long
@pytest.mark.parametrize("who", WHO)
def test_every_link_there_is_changes_nothing(house, visitor, who, stand_in):
    seen = walk(visitor(who), house)
    assert len(seen) > QUICK


@pytest.mark.parametrize("path", ["/accounts/github/login/", "/accounts/oidc/oidc/login/?process=login"])
def test_a_head_begins_no_login(client, ada, path):
    answer = client.head(path)
    assert (answer.status_code, answer.content) == (200, b"") and "sessionid" not in client.cookies


def walk(client, starts, most=None):
    """Follow everything from `starts` and the emails; what was asked for."""
    emails = [urlsplit(link).path for email in Email.objects.all() for link in IN_TEXT.findall(email.text)]
    assert emails
    waiting, seen, written = [*emails, *starts], set(), []
    before = everything()

    def watch(execute, sql, params, many, context):
        if WRITES.match(sql):
            written.append(f"{here}: {sql[:120]}")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        while waiting and len(seen) != most:
            here = urldefrag(waiting.pop(0)).url
            if here in seen:
                continue
            seen.add(here)
            client.head(here)
            answer = client.get(here)
            assert answer.status_code < 500, (here, answer.status_code)
            waiting += links_of(answer, here)
    assert written == []
    assert everything() == before
    return seen


def links_of(answer, here):
    """Where the page leads on this site, its forms included: a crawler does not know what a form is for."""
    if answer.streaming:
        answer.close()
        return []
    found = [answer.headers["Location"]] if "Location" in answer.headers else []
    if answer.headers.get("Content-Type", "").startswith(PAGES):
        found += LINK.findall(answer.content.decode())
    found = [urlsplit(urljoin(f"{HOME}{here}", unescape(link))) for link in found]
    ours = [link for link in found if f"{link.scheme}://{link.netloc}" == HOME and not link.path.startswith("/static/")]
    return [f"{link.path}?{link.query}" if link.query else link.path for link in ours]


def everything():
    """Every row of every table."""
    rows = {}
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            rows[table] = sorted(map(repr, cursor.fetchall()))
    return rows
