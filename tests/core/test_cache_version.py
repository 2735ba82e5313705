import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from core import cache_version, version_counters
from core.models import Site
from core.site import absolute_url, site


@pytest.fixture(params=["file", "redis"])
def counted_in(request, settings, tmp_path, monkeypatch):
    """A number of this test's own, in each of the two places where it may live."""
    monkeypatch.setattr(cache_version, "_started_pid", 0)
    settings.LONGRUN_DATA = tmp_path
    settings.CACHE_URL = "" if request.param == "file" else request.getfixturevalue("redis_server").url
    return request.param


@pytest.mark.db
@pytest.mark.django_db(transaction=True)
def test_the_number_rises_with_a_change_and_not_by_itself(counted_in):
    first = cache_version.current()
    assert cache_version.current() == first
    cache_version.invalidate(cache_version.EVERYTHING)
    assert cache_version.current() > first


@pytest.mark.db
@pytest.mark.django_db(transaction=True)
def test_the_number_rises_with_the_change_and_again_with_its_commit(counted_in):
    before = cache_version.current()
    with transaction.atomic():
        assert cache_version.is_stable()
        cache_version.invalidate(cache_version.EVERYTHING)
        meanwhile = cache_version.current()
        assert not cache_version.is_stable()
        cache_version.invalidate(cache_version.EVERYTHING)
        assert cache_version.current() == meanwhile > before, "a transaction is one change"
    assert cache_version.current() > meanwhile
    assert cache_version.is_stable()


@pytest.mark.db
@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_is_under_way_no_longer(counted_in):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        cache_version.invalidate(cache_version.EVERYTHING)
        raise ZeroDivisionError
    number = cache_version.current()
    assert cache_version.is_stable()
    assert cache_version.current() == number


@pytest.mark.db
@pytest.mark.django_db(transaction=True)
def test_a_part_that_is_rolled_back_takes_nothing_from_the_rest(counted_in):
    with transaction.atomic():
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            cache_version.invalidate(cache_version.EVERYTHING)
            raise ZeroDivisionError
        assert cache_version.is_stable()
        with transaction.atomic():
            cache_version.invalidate(cache_version.EVERYTHING)
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            cache_version.invalidate(cache_version.EVERYTHING)
            raise ZeroDivisionError
        assert not cache_version.is_stable()
        number = cache_version.current()
    assert cache_version.current() > number
    assert cache_version.is_stable()


@pytest.mark.db
@pytest.mark.django_db(transaction=True)
def test_while_another_changes_something_nothing_new_is_kept(counted_in):
    made = []

    @cache_version.cached_per_version()
    def result():
        made.append(1)
        return len(made)

    def change():
        with transaction.atomic():
            cache_version.invalidate(cache_version.EVERYTHING)
            begun.set()
            assert goes_on.wait(60)
        connection.close()

    begun, goes_on = threading.Event(), threading.Event()
    writer = threading.Thread(target=change)
    writer.start()
    assert begun.wait(60)
    assert [result(), result()] == [1, 2], "it may be of the rows of before"
    cache_version.begin_request()
    assert [result(), result()] == [3, 3], "within a request it is the same"
    cache_version.end_request()
    assert result() == 4
    goes_on.set()
    writer.join()
    assert [result(), result()] == [5, 5]


def test_each_start_of_a_process_raises_the_number(counted_in, monkeypatch):
    before = cache_version.current()
    monkeypatch.setattr(cache_version, "_started_pid", 0)
    assert cache_version.current() > before


def test_a_hundred_changes_from_many_threads_are_all_counted(counted_in):
    before = cache_version.current()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: cache_version.increment(), range(100)))
    if counted_in == "file":
        assert cache_version.current() == before + 100
    else:
        counter = cache_version.counter()
        assert counter.client.xlen(counter.place) == 101 and cache_version.current() > before


def test_an_emptied_data_folder_gets_a_new_number(settings, tmp_path, monkeypatch):
    monkeypatch.setattr(cache_version, "_started_pid", 0)
    settings.LONGRUN_DATA = tmp_path
    cache_version.current()
    (tmp_path / "cache_version").unlink()
    assert cache_version.current() == 1
    assert (tmp_path / "cache_version").stat().st_mode & 0o777 == 0o600


def test_a_redis_that_forgot_everything_never_repeats_a_number(settings, redis_server):
    settings.CACHE_URL = redis_server.url
    seen = {cache_version.current() for _ in range(3)}
    redis_server.client.flushall()
    time.sleep(0.01)  # a restart takes longer, and Redis numbers by the millisecond
    assert cache_version.current() not in seen


def test_a_redis_that_went_back_to_an_older_snapshot_never_repeats_a_number(settings, redis_server):
    """As many changes as it forgot must not lead to the number under which a process has cached its pages."""
    settings.CACHE_URL, client = redis_server.url, redis_server.client
    cache_version.increment(cache_version.POSTS)
    place = cache_version.counter().place
    snapshot = client.dump(place)
    cache_version.increment(cache_version.POSTS)
    before = cache_version.current_state()
    time.sleep(0.01)
    client.restore(place, 0, snapshot, replace=True)
    version_counters.RedisCounter(redis_server.url).increment({cache_version.COMMENTS})  # by another process
    after = cache_version.current_state()
    assert after.number > before.number
    assert after.version([cache_version.POSTS]) > before.version([cache_version.POSTS])


def test_while_redis_is_away_nothing_is_kept(settings, caplog):
    settings.CACHE_URL = "redis://127.0.0.1:1/0"
    assert cache_version.current() != cache_version.current()
    assert "nothing is cached" in caplog.text
    said = len(caplog.records)
    cache_version.current()
    assert len(caplog.records) == said, "once a minute is enough"


@pytest.mark.db
@pytest.mark.django_db(transaction=True)
def test_a_disk_that_takes_no_byte_does_not_undo_what_was_saved(settings, tmp_path, caplog):
    settings.LONGRUN_DATA = tmp_path / "nowhere"
    assert cache_version.current() != cache_version.current()
    with transaction.atomic():
        Site(title="Kept").save()
    assert Site.objects.get().title == "Kept"
    assert "nowhere" in caplog.text


@pytest.mark.db
@pytest.mark.django_db(transaction=True)
def test_a_result_is_made_once_a_generation_for_all_threads():
    made = []

    @cache_version.cached_per_version()
    def result():
        made.append(threading.get_ident())
        return len(made)

    assert result() == 1
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: result(), range(20))) == {1}
    cache_version.invalidate(cache_version.EVERYTHING)
    assert result() == 2


@pytest.mark.db
@pytest.mark.django_db(transaction=True)
def test_a_request_looks_once_and_again_after_a_change_of_its_own(monkeypatch):
    cache_version.current()  # this process has started, and knows the number
    looks, read = [], version_counters.FileCounter.read
    monkeypatch.setattr(version_counters.FileCounter, "read", lambda counter: looks.append(1) or read(counter))

    @cache_version.cached_per_version()
    def result():
        return len(looks)

    result(), result()
    assert len(looks) == 2, "outside of a request nothing is presumed"
    cache_version.begin_request()
    try:
        result(), result(), result()
        assert len(looks) == 3
        cache_version.invalidate(cache_version.EVERYTHING)
        result(), result()
        assert len(looks) == 5, "it has changed, so look again with the lock held"
    finally:
        cache_version.end_request()
    result()
    assert len(looks) == 6


@pytest.mark.db
@pytest.mark.django_db(transaction=True)
def test_nobody_keeps_what_may_still_be_rolled_back():
    @cache_version.cached_per_version()
    def title():
        return Site.objects.get().title

    Site(title="Before").save()
    assert title() == "Before"
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        Site(title="Never").save()
        assert title() == "Never"
        raise ZeroDivisionError
    assert title() == "Before"


@pytest.mark.db
@pytest.mark.django_db(transaction=True)
def test_what_a_savepoint_changed_is_forgotten_with_it():
    @cache_version.cached_per_version()
    def title():
        return Site.objects.get().title

    with transaction.atomic():
        Site(title="Outer").save()
        assert title() == "Outer"
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            Site(title="Never").save()
            assert title() == "Never"
            raise ZeroDivisionError
        assert title() == "Outer"
        with transaction.atomic():
            Site(title="Inner").save()
        assert title() == "Inner"
    assert title() == "Inner"


@pytest.mark.db
@pytest.mark.django_db(transaction=True)
def test_an_exception_that_is_kept_keeps_no_change_alive(counted_in):
    @cache_version.cached_per_version()
    def result():
        raise ZeroDivisionError

    with transaction.atomic():
        with pytest.raises(ZeroDivisionError) as kept, transaction.atomic():
            cache_version.invalidate(cache_version.EVERYTHING)
            result()
        assert kept.traceback
        assert cache_version.is_stable()
        cache_version.invalidate(cache_version.EVERYTHING)
        number = cache_version.current()
    assert cache_version.current() > number
    assert cache_version.is_stable()


@pytest.mark.db
@pytest.mark.django_db(transaction=True)
def test_the_site_row_costs_no_query_until_it_changes(django_assert_num_queries):
    Site(title="First").save()
    assert site().title == "First"
    with django_assert_num_queries(0):
        assert site().title == "First"
    row = Site.objects.get()
    row.title = " A \n better\0 title "
    row.save()
    assert site().title == "A better title"


@pytest.mark.db
@pytest.mark.django_db(transaction=True)
def test_before_the_set_up_there_is_a_site_with_defaults():
    assert (site().title, site().language, site().zone.key) == ("A new blog", "en", "UTC")


def test_addresses_are_those_of_the_site_and_nothing_else(settings):
    settings.LONGRUN_URL = "https://blog.example"
    assert absolute_url("/2010/09/09/hello/") == "https://blog.example/2010/09/09/hello/"
    for evil in ("", "https://evil.example/", "javascript:alert(1)", "hello/"):
        with pytest.raises(ValueError, match="not a path"):
            absolute_url(evil)
