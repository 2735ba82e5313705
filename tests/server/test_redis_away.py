"""Two web processes with a real Redis that goes away: readers are answered, and nothing is stale when it is back."""

import signal
import time

import pytest

from tests.pace import often
from tests.server.machines import Browser, blog_of_machines, log_in

pytestmark = [pytest.mark.long, pytest.mark.process]

AWAY = often(60)  # seconds: a minute in the soak


@pytest.fixture(scope="module")
def redis_here(tmp_path_factory):
    from tests.redis_server import running

    with running(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(scope="module", params=["database", "cache"])
def machines(request, tmp_path_factory, prepared, redis_here):
    folder = tmp_path_factory.mktemp("machines")
    database = f"sqlite:///{folder / 'shared.sqlite3'}"
    told = {"DATABASE_URL": database, "CACHE_URL": redis_here.url, "SESSIONS": request.param}
    with blog_of_machines(folder, prepared, web=2, **told) as (base, web, _workers):
        yield request.param, base, web


def title(browser):
    page = browser.get("/")
    assert page.status == 200, page.text[:500]
    return page.text.partition("<title>")[2].partition("</title>")[0].partition(" – ")[0]


def rename(base, name):
    script = f"from core.models import Site; site = Site.objects.get(); site.title = {name!r}; site.save()"
    base.manage("shell", "-c", script)


@pytest.mark.parametrize("how", ["silent", "restarted"])
def test_a_while_without_redis(machines, redis_here, how):
    place, base, web = machines
    guests = [Browser(machine.port, base.url) for machine in web]
    ada = log_in(Browser(web[0].port, base.url))
    assert ada.at(web[1].port).get("/desk/").status == 200
    rename(base, f"Before {how}")
    assert [title(guest) for guest in guests] == [f"Before {how}"] * 2

    redis_here.pause(signal.SIGSTOP) if how == "silent" else redis_here.stop()
    rename(base, f"Meanwhile {how}")
    began, asked = time.monotonic(), 0
    while time.monotonic() < began + AWAY:
        assert [title(guest) for guest in guests] == [f"Meanwhile {how}"] * 2
        asked += 1
    assert asked > AWAY, "readers waited for Redis again and again"
    desk = ada.get("/desk/").status
    assert desk == (200 if place == "database" else 503)
    redis_here.pause(signal.SIGCONT) if how == "silent" else redis_here.start()

    time.sleep(1.5)
    assert [title(guest) for guest in guests] == [f"Meanwhile {how}"] * 2
    rename(base, f"After {how}")
    assert [title(guest) for guest in guests] == [f"After {how}"] * 2
    stays = place == "database" or how == "silent"  # this Redis writes nothing to its disk
    assert ada.at(web[1].port).get("/desk/").status == (200 if stays else 302)
