"""Owner, guest, writer of a comment that waits, guest: nobody's page is ever shown to the next one."""

import logging
import os
import random

import pytest
from django.conf import settings as django_settings
from django.test import Client

from blog.redirects import not_found_log
from comments.models import DiscussionSettings
from core.page_cache import is_cacheable
from tests import matrix
from tests.asking import ask, process

SEED = "SEQUENCE_SEED"


@pytest.fixture
def seed():
    """Said by a failure; the same again with SEQUENCE_SEED=… in the environment."""
    number = int(os.environ.get(SEED) or random.randrange(10**6))
    print(f"{SEED}={number}")
    return number


@pytest.fixture
def world(ada, ed, arthur, cora, mona, rene, settings, tmp_path, caplog):
    settings.MEDIA_ROOT = tmp_path
    settings.LONGRUN_LIMITS = False
    caplog.set_level(logging.CRITICAL)
    cast = {"editor": ed, "author": arthur, "contributor": cora, "moderator": mona, "reader": rene}
    yield matrix.build(ada, cast)
    not_found_log.counted.forget()


@pytest.fixture
def visitors(world, as_, ada):
    """The cookies of the owner and of somebody whose comment waits."""
    DiscussionSettings.objects.create(manual_approval=True)
    writer = Client(headers={"origin": django_settings.LONGRUN_URL})
    post = world.posts[matrix.word("public")]
    said = {"comment": "For the owner's eyes: qzwaitszq", "author": "Bo", "email": "bo@example.org", "consent": "on"}
    assert writer.post(f"/comments/{post.pk}/", said).status_code == 303
    return as_(ada).cookies.output(header="", sep=";"), writer.cookies.output(header="", sep=";")


def crumbs(cookies):
    return "; ".join(part.strip() for part in cookies.split(";") if "longrun_" in part or "sessionid" in part)


def walk(paths, visitors, seed):
    owner, writer = map(crumbs, visitors)
    assert "sessionid" in owner and "longrun_writer" in writer and "longrun_me" in writer
    order = random.Random(seed)
    order.shuffle(paths)
    blog = process(django_settings.LONGRUN_HOST)
    commit()
    wrong, met = [], set()
    for _name, path in paths:
        before = ask(blog, path)
        for cookies in (owner, writer):
            met |= set(matrix.WORD.findall(ask(blog, path, cookies=cookies).body.decode(errors="ignore")))
            after = ask(blog, path, cookies=order.choice(["", "longrun_me=author%3DCy", "csrftoken=" + "x" * 32]))
            if not same(path, before, after):
                wrong.append(path)
    assert not wrong, f"{SEED}={seed}: {wrong}"
    assert {matrix.word("private"), matrix.word("waits")} <= met, "each has seen what is theirs"


def same(path, before, after):
    """The same to the byte; only a page that is never kept may give each guest a token of their own."""
    cookies = {value.partition("=")[0] for one in (before, after) for key, value in one.headers if key == "Set-Cookie"}
    if not is_cacheable(path.partition("?")[0]) and (cookies or b"csrfmiddlewaretoken" in after.body):
        return before.status == after.status and "private" in after["Cache-Control"]
    own = matrix.WORD.findall(after.body.decode(errors="ignore"))
    return (
        (before.status, before.body) == (after.status, after.body) and not cookies and matrix.word("waits") not in own
    )


def commit():
    from django.db import connection

    while connection.run_on_commit:
        connection.run_on_commit.pop(0)[1]()


def all_paths(world):
    post = world.posts[matrix.word("public")]
    queries = [
        f"/?p={post.pk}",
        f"{post.path}?replytocom=1",
        "/?page=2&x=1",
        f"{post.path}?draft=x",
        "/search/?q=heron",
    ]
    return [*matrix.paths(world), *(("query", path) for path in queries)]


def test_guests_see_the_same_whoever_came_before(world, visitors, seed):
    """Forty paths, those of posts among them; `make test-long` walks all."""
    posts = [("post", path) for found in ("public", "private") if (path := world.posts[matrix.word(found)].path)]
    others = [entry for entry in all_paths(world) if not entry[0].startswith(("desk", "mfa"))]
    walk([*posts, *random.Random(seed).sample(others, 38)], visitors, seed)


@pytest.mark.long
@pytest.mark.parametrize("again", range(3))
def test_over_every_address_of_every_name(world, visitors, seed, again):
    walk(all_paths(world), visitors, seed + again)
