"""7 roles × every address of the desk × own and others' things, looked at and changed.

Whoever may not is refused, and nothing is written; whoever may is not. A new address without a line in tests/rights.py
fails the first test.
"""

import logging
import re

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction
from django.urls import reverse

from blog.models import Revision
from tests import rights, rights_people, rights_things

WRITTEN = re.compile(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM) "?(\w+)"?', re.I)
BESIDE = {"django_session", "usersessions_usersession"}  # of the visitor, not of the blog
HERE = {"Origin": "http://localhost:8000"}
REFUSED = {302, 403, 404, 405}
ALL_BY_FORM = {"blog.change_settings", "accounts.manage_people"}  # a line without a form is one of looking alone
# Every role at every address takes minutes.
SHORT = {"author", "moderator"}
HOW_MUCH = ["short", pytest.param("all", marks=pytest.mark.long)]


@pytest.fixture
def things(ada, ed, arthur, cora, mona, rene, settings, tmp_path, caplog, settled):
    settings.MEDIA_ROOT, settings.EMAIL_HOST = tmp_path, "localhost"
    settings.LONGRUN_LIMITS = False
    caplog.set_level(logging.CRITICAL)
    built = rights_things.build(dict(zip(rights.ROLES, (ada, ed, arthur, cora, mona, rene), strict=True)))
    settled()  # else each of thousands of answers makes menu and sidebar anew
    return built


def test_every_address_of_the_desk_has_a_line():
    assert rights.without_a_line() == [], "a new address needs a line in tests/rights.py"


def asked(client, method, path, form, state):
    """(status, tables that were written, whether `state()` is another) of a request, which is taken back."""
    tables, before = set(), state()

    def look(execute, sql, *others):
        if (found := WRITTEN.match(sql)) and found[1] not in BESIDE:
            tables.add(found[1])
        return execute(sql, *others)

    cookies = client.cookies.copy()
    with transaction.atomic(), connection.execute_wrapper(look):
        answer = client.post(path, form, headers=HERE) if method == "POST" else client.get(path)
        is_another = state() != before
        transaction.set_rollback(True)
    client.cookies = cookies
    return answer.status_code, tables, is_another


def requests(things, role, user, all_of_them):
    """(words for a failure, line, thing, path, form) of all that this role is to ask."""
    for name, line in rights.lines():
        if not (line.short or all_of_them):
            continue
        some = things.of(line.thing, role)
        for whose, thing in some if all_of_them else dict(some).items():  # one of each kind is enough for a short look
            if isinstance(thing, Revision):
                args, thing = {"pk": thing.post_id, "number": thing.pk}, thing.post
            elif line.args:
                args = line.args(thing)
            else:
                args = {"pk": thing.pk} if thing and (not line.in_form or name in rights.BY_NUMBER) else {}
            form = line.form(user, thing) if callable(line.form) else line.form
            what = f"{role} at {name} ({whose} {line.thing} {thing or ''})"
            yield what, line, thing, reverse(name, kwargs=args), form


def wrong(client, user, line, thing, path, form, *, looks):
    """What is not as the table of roles says, by method."""
    enters = user.is_authenticated and (not line.door or user.has_perm("core.use_desk") and user.has_perm(line.door))
    state = (lambda: line.state(thing)) if line.state else (lambda: None)
    may_change = enters and rights.may(user, line.change, thing)
    for method, may in (("POST", may_change), ("GET", enters and rights.may(user, line.see, thing))):
        if method == "GET" and not looks:
            continue
        status, written, is_another = asked(client, method, path, form, state)
        if not may and line.state and line.in_form:
            bad = is_another
        elif not may:
            bad = written or status not in REFUSED and not line.in_form
        elif method == "POST":
            done = is_another if line.state else written or not form
            bad = status in (403, 404) or not done or not form and line.door in ALL_BY_FORM and status != 405
        else:
            bad = may_change and status == 403
        if bad or status == 500:
            yield method, status, written


@pytest.mark.parametrize("how_much", HOW_MUCH)
def test_each_role_may_do_what_the_table_says_and_nothing_else(things, as_, how_much):
    failed, tried = [], 0
    for role in ("guest", *rights.ROLES):
        if how_much == "short" and role not in SHORT:
            continue
        user = things.people.get(role, AnonymousUser())
        client = as_(things.people.get(role))
        client.raise_request_exception, looked = False, set()
        if user.is_authenticated:
            rights_people.show_who_it_is(client, user)
        for what, *request in requests(things, role if role != "guest" else "reader", user, how_much == "all"):
            tried += 1
            looks = how_much == "all" and request[2] not in looked  # a page of settings once, not for each of them
            looked.add(request[2])
            failed += [f"{role}: {what}: {found}" for found in wrong(client, user, *request, looks=looks)]
    assert not failed, "\n".join(failed)
    assert tried > 40
