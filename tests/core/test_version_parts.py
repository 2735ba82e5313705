"""The parts of what readers see: which of them a change raises, in every process, whatever becomes of its record."""

import os
import random

import pytest
from django.db import connection, transaction

from core import cache_version, version_counters
from core.cache_version import COMMENTS, DESK, EVERYTHING, POSTS, Results, cached_per_version, comments_of
from core.version_counters import FileCounter
from core.version_parts import MAX_RAISED, State

ALL = (POSTS, COMMENTS, DESK, "post:1", "post:2")


@pytest.fixture(params=["file", "redis"])
def counted_in(request, settings, tmp_path, monkeypatch):
    monkeypatch.setattr(cache_version, "_started_pid", os.getpid())
    settings.LONGRUN_DATA = tmp_path
    settings.CACHE_URL = "" if request.param == "file" else request.getfixturevalue("redis_server").url
    cache_version.current()
    return request.param


@pytest.fixture
def file(settings, tmp_path, monkeypatch):
    """The file in which the parts are recorded, as this process has read it."""
    monkeypatch.setattr(cache_version, "_started_pid", os.getpid())
    settings.LONGRUN_DATA, settings.CACHE_URL = tmp_path, ""
    cache_version.current()
    return tmp_path / "cache_version"


@pytest.fixture
def changed():
    """`changed(parts)`: which of ALL were raised since the last call."""
    before = cache_version.current_state()

    def look():
        nonlocal before
        former, before = before, cache_version.current_state()
        return {part for part in ALL if former.version([part]) != before.version([part])}

    look()
    return look


def test_a_change_raises_its_parts_alone(counted_in, changed):
    for parts in ([POSTS], [COMMENTS, "post:2"], [DESK], [POSTS, DESK], comments_of([1])):
        cache_version.increment(*parts)
        assert changed() == set(parts)
        assert changed() == set()


def test_a_change_of_everything_raises_every_part(counted_in, changed):
    cache_version.increment(COMMENTS)
    cache_version.increment(EVERYTHING)
    cache_version.increment(COMMENTS)
    assert changed() == set(ALL)


def test_several_changes_between_two_looks_are_all_seen(counted_in, changed):
    for part in (POSTS, "post:1", POSTS):
        cache_version.increment(part)
    assert changed() == {POSTS, "post:1"}


def test_after_very_many_changes_everything_counts_as_changed(counted_in, changed):
    for _time in range(120 if counted_in == "redis" else 4_000):
        cache_version.increment(COMMENTS, "post:1")
    assert changed() == set(ALL)


def test_a_part_that_this_version_does_not_know_is_everything(counted_in, changed):
    cache_version.increment("widgets")
    assert changed() == set(ALL)


@pytest.mark.parametrize(
    "written",
    ["." , "+", "\n", "+comments", "+comments post:1", "comments\n", "+comments  post:1\n", "+post:\n", "+post:x\n",
     "+posts+comments\n", ".+posts\n", "+posts\n.", "+posts\n+", "\0", "+comments post:1+posts\n", "2\n", "+post\n"],
)  # fmt: skip
def test_what_is_not_a_whole_record_is_everything(file, changed, written):
    with file.open("a") as log:
        log.write(written)
    assert changed() == set(ALL)


def test_a_record_that_is_read_while_it_is_written_hides_nothing(file, changed):
    """However many reads cut a record: what was changed in it is raised by at least one of them."""
    for record in (b"+comments post:12\n", b"+desk posts\n", b"+post:1 post:2 posts\n"):
        for cut in range(1, len(record)):
            seen = set()
            for piece in (record[:cut], record[cut:]):
                with file.open("ab") as log:
                    log.write(piece)
                seen |= changed()
            assert seen == set(ALL)


def test_records_that_a_full_disk_cut_off_hide_none_of_the_next(file, changed):
    whole = [b"+comments post:1\n", b"+posts\n", b"+desk\n", b"+comments post:2\n", b"."]
    shuffled = random.Random(7)
    for _time in range(300):
        first, second = shuffled.choice(whole), shuffled.choice(whole)
        parts = {part for part in ALL if part.encode() in first + second or b"." in first + second}
        with file.open("ab") as log:
            log.write(first[: shuffled.randint(1, len(first))] + second)
        assert changed() >= parts


def test_a_file_that_was_emptied_or_replaced_is_everything(file, changed):
    cache_version.increment(POSTS)
    changed()
    file.write_bytes(b"")
    assert changed() == set(ALL)
    file.unlink()
    assert changed() == set(ALL)
    file.write_bytes(b"+desk\n" * 50)
    assert changed() in ({DESK}, set(ALL))


def test_where_appending_is_not_atomic_no_record_is_written(file, changed, monkeypatch):
    monkeypatch.setattr(version_counters.sys, "platform", "win32")
    cache_version.increment(COMMENTS)
    assert changed() == set(ALL)


def test_a_redis_that_lost_records_tells_of_everything(settings, redis_server, monkeypatch):
    monkeypatch.setattr(cache_version, "_started_pid", os.getpid())
    settings.CACHE_URL = redis_server.url
    before = cache_version.current_state()
    cache_version.increment(COMMENTS)
    cache_version.increment(COMMENTS)
    redis_server.client.xtrim(cache_version.counter().place, maxlen=1, approximate=False)
    assert before.version([POSTS]) != cache_version.current_state().version([POSTS])


def test_the_parts_in_memory_are_bounded():
    state = State("here", 1)
    for number in range(3 * MAX_RAISED):
        former, state = state, state.after("here", number, {f"post:{number}"})
        assert former.version([f"post:{number}"]) < state.version([f"post:{number}"])
        assert len(state.raised) <= MAX_RAISED


def test_a_number_that_cannot_be_read_is_valid_for_nothing(settings, tmp_path):
    settings.LONGRUN_DATA = tmp_path / "nowhere"
    one, two = cache_version.current_state(), cache_version.current_state()
    assert len({one.version([POSTS]), two.version([POSTS]), one.version([]), two.version([])}) == 2


def test_while_it_cannot_be_read_no_former_result_is_updated(file, settings, tmp_path):
    results, computed = Results(POSTS), iter("abc")

    def result():
        return results.get(None, lambda: next(computed), lambda former, raised: f"{former} again")

    assert result() == "a"
    settings.LONGRUN_DATA = tmp_path / "nowhere"
    assert (result(), result()) == ("b", "c")


# In transactions


@pytest.mark.db
@pytest.mark.django_db(transaction=True)
def test_each_part_is_raised_while_the_transaction_is_open_and_after_it(counted_in, changed):
    with transaction.atomic():
        cache_version.invalidate(*comments_of([1]))
        assert changed() == {COMMENTS, "post:1"}
        assert not cache_version.is_stable()
        cache_version.invalidate(COMMENTS)
        assert changed() == set(), "it is raised already"
        cache_version.invalidate(POSTS)
        assert changed() == {POSTS}
    assert changed() == {COMMENTS, "post:1", POSTS}
    assert cache_version.is_stable()


@pytest.mark.db
@pytest.mark.django_db(transaction=True)
def test_a_part_of_a_savepoint_that_is_rolled_back_is_raised_once_more_at_most(counted_in, changed):
    with transaction.atomic():
        cache_version.invalidate(COMMENTS)
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            cache_version.invalidate(POSTS)
            raise ZeroDivisionError
        changed()
    assert {COMMENTS} <= changed() <= {COMMENTS, POSTS}
    assert cache_version.is_stable()


@pytest.mark.db
@pytest.mark.django_db(transaction=True)
def test_what_only_the_desk_shows_keeps_nobody_from_caching(counted_in, changed):
    with transaction.atomic():
        cache_version.invalidate(DESK)
        assert cache_version.is_stable()
        assert changed() == {DESK}
        cache_version.invalidate(POSTS)
        assert not cache_version.is_stable()
    assert changed() == {DESK, POSTS}
    assert cache_version.is_stable()


# What depends on them


def counted(*parts):
    """A cached result that counts how often it was computed."""
    computed = []

    @cached_per_version(*parts)
    def result():
        computed.append(1)
        return len(computed)

    return result


def test_a_result_is_computed_again_when_one_of_its_parts_changes(counted_in):
    settings, layout, comments = counted(), counted(POSTS), counted(POSTS, COMMENTS)
    for parts, expected in (
        ([], (1, 1, 1)),
        (comments_of([1]), (1, 1, 2)),
        ([DESK], (1, 1, 2)),
        ([POSTS], (1, 2, 3)),
        ([EVERYTHING], (2, 3, 4)),
        ([COMMENTS, DESK], (2, 3, 5)),
    ):
        if parts:
            cache_version.increment(*parts)
        assert (settings(), layout(), comments()) == expected
        assert (settings(), layout(), comments()) == expected


def test_a_result_depends_on_what_the_results_that_it_uses_depend_on(counted_in):
    inner = counted(COMMENTS)
    middle = cached_per_version(POSTS)(lambda: [inner()])
    outer = cached_per_version()(lambda: [middle()])
    assert outer() == [[1]]
    cache_version.increment(COMMENTS)
    assert inner() == 2, "that it is cached again tells nobody that it has not changed"
    assert outer() == [[2]]
    former = outer()
    cache_version.increment(DESK)
    assert outer() is former
    cache_version.increment(POSTS)
    assert outer() is not former


def test_results_by_keys_are_bounded(monkeypatch):
    monkeypatch.setattr(cache_version, "MAX_ENTRIES", 10)
    results = Results(POSTS)
    assert [results.get(number, lambda number=number: number) for number in range(100)] == list(range(100))
    assert len(results.entries) <= 10


def test_the_file_is_appended_to_and_readable_by_its_owner_alone(file):
    FileCounter().increment({COMMENTS, "post:7"})
    assert file.read_bytes().endswith(b"+comments post:7\n")
    assert file.stat().st_mode & 0o777 == 0o600
    assert not connection.in_atomic_block
