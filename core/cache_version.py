"""The versions of what readers see: numbers that rise with each change, one for each part (core.version_parts).

Results computed from the database and cached in memory (pages, the layout, settings) are valid as long as no part on
which they depend changes. Behind the numbers of the parts stands one counter that all processes share
(core.version_counters): while it is unchanged, everything cached is valid, so a request reads nothing else. Each start
of a process increments it too, as a change of everything.

A change increments the counter twice: while its transaction is open, and after the commit. In between, other processes
may still read the old rows, so they use their results without caching them (`is_stable()`). A process may therefore
die at any moment, even right after its commit: results cached before have an outdated version, and the lock that marks
the change is released by the operating system with the process, after which the others cache again.
"""

import logging
import os
import threading
import time
import weakref
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial, wraps
from typing import Any, Generic, TypeVar

from django.core.signals import request_finished, request_started
from django.db import connection, transaction
from django.utils.translation import get_language

from core.single_flight import SingleFlight
from core.version_counters import Counter, counter
from core.version_parts import (
    COMMENTS,
    COUNTS,
    DESK,
    EVERYTHING,
    POSTS,
    PUBLIC,
    SITE,
    State,
    Versioned,
    comments_of,
    conversation,
    counts_of,
    is_shown,
)

__all__ = [
    "COMMENTS",
    "COUNTS",
    "DESK",
    "EVERYTHING",
    "POSTS",
    "PUBLIC",
    "SITE",
    "State",
    "Versioned",
    "comments_of",
    "conversation",
    "counts_of",
]

logger = logging.getLogger(__name__)

_start_lock = threading.Lock()
LOG_INTERVAL = 60  # seconds between two equal errors in the log
MAX_ENTRIES = 500  # results that one function or object caches by keys
_last_logged: dict[str, float] = {}  # message: time, in monotonic seconds
_started_pid = 0  # id of the process that has incremented the number at its start


T = TypeVar("T")


_state: State | None = None  # the versions when this process last looked
_state_lock = threading.Lock()


class _Thread(threading.local):
    """What a thread knows: the state that its request has read, the results cached for that request alone, the parts on
    which what it computes depends, and the calls of `invalidate()` in its transaction, as weak references, the last one
    at the end."""

    def __init__(self) -> None:
        self.state: State | None = None
        self.results: dict[Any, Entry[Any]] | None = None
        self.parts: set[str] | None = None
        self.calls: list[weakref.ref[Call]] = []


_thread = _Thread()


def invalidate(part: str, *others: str) -> None:
    """Raise the versions of these parts now and again when the transaction commits; only once outside a transaction."""
    _thread.state, parts = None, (part, *others)
    if not connection.in_atomic_block:
        increment_or_log(*parts)
        return
    before = _last_call()
    if before:
        before.results.clear()
    change = before.change if before else Change()
    change.add(parts)
    call = Call(change)
    _thread.calls.append(weakref.ref(call))
    transaction.on_commit(call.on_commit, robust=True)


def increment(*parts: str) -> None:
    """Raise the versions of these parts, of everything if none is named, at once: for changes made without a Django
    transaction (a restore, a test)."""
    _thread.state = None
    counter().increment(parts or (EVERYTHING,))


def current() -> int:
    """The counter now. If two calls return the same number, nothing has changed in between."""
    return current_state().number


def current_state() -> State:
    """The versions of all parts now: the same object as before if nothing has changed."""
    shared, known = counter(), _state
    try:
        if _started_pid != os.getpid():
            _increment_at_start()
        if known and known.place == shared.place and known.number == shared.read():
            return known
        return _look_again(shared)
    except shared.errors as error:
        log_error("the cache version cannot be read, so nothing is cached", error)
        _forget()
        never = -time.monotonic_ns()  # never equal for two calls: nothing is cached, and nothing is stale
        return State("", never, never, never)


def _look_again(shared: Counter) -> State:
    """The State at the counter's number. Read it under the lock, so that an older number never replaces a newer one."""
    global _state
    with _state_lock:
        place, number = shared.place, shared.read()
        if _state is None:
            _state = State(place, number)
        elif _state.place != place:
            _state = _state.after(place, number, None)
        elif _state.number != number:
            _state = _state.after(place, number, shared.changed_parts(_state.number, number))
        return _state


def _forget() -> None:
    """What was cached before the counter was away is outdated: others may have changed something and told nobody."""
    global _state
    with _state_lock:
        if _state is not None:
            _state = _state.after("", 0, None)


def is_stable() -> bool:
    """Whether no change is in progress. Call it after `current_state()` and before computing a result to be cached."""
    shared = counter()
    try:
        return not shared.is_changing()
    except shared.errors as error:
        log_error("it is unknown whether a change is in progress, so nothing is cached", error)
        return False


class Entry(Versioned, Generic[T]):
    """A cached result, and the state at which it was computed."""

    def __init__(self, value: T, parts: Iterable[str], state: State) -> None:
        super().__init__(parts, state)
        self.value, self.computed_at = value, state


class Results(Generic[T]):
    """Results cached by a key and the interface's language, each until a part on which it depends changes.

    These are `parts` and those of the cached results that it used. All threads share the results; one computes one, and
    the others wait for it (core.single_flight). Inside a transaction that has called `invalidate()` the result is
    computed again, and cached for that transaction until it calls `invalidate()` again or that call is rolled back:
    others must not see what may be rolled back. While another transaction is changing something, the result is cached
    for one request.
    """

    def __init__(self, *parts: str) -> None:
        self.parts, self.flights = parts, SingleFlight()
        self.entries: dict[Hashable, Entry[T]] = {}  # MAX_ENTRIES at most

    def get(
        self, key: Hashable, compute: Callable[[], T], update: Callable[[T, Collection[str]], T] | None = None
    ) -> T:
        """The result cached for this key, or that of `compute()`.

        Where only some parts have changed since a result was computed, `update(that result, these parts)` is called
        instead, if it is given; they are all that were raised, whether the result depends on them or not.
        """
        key = get_language(), key  # the desk may be shown in another language than the readers' pages
        entry = self._entry(key, partial(self._renew, key, compute, update) if update else compute)
        depend_on(*entry.parts)
        return entry.value

    def _renew(self, key: Hashable, compute: Callable[[], T], update: Callable[[T, Collection[str]], T]) -> T:
        state = _state_for_request()
        former = self._former(key)
        raised = state.raised_since(former.computed_at) if former else None
        return compute() if former is None or raised is None else update(former.value, raised)

    def _former(self, key: Hashable) -> Entry[T] | None:
        """The last cached result, although it is outdated."""
        return self.entries.get(key)

    def _entry(self, key: Hashable, compute: Callable[[], T]) -> Entry[T]:
        if connection.in_atomic_block and (results := _results_in_transaction()) is not None:
            if (self, key) not in results:
                results[self, key] = self._compute(compute, _state_for_request())
            return results[self, key]
        state = _state_for_request()  # read first, so that a concurrent change invalidates this result
        if entry := self._find(key, state):
            return entry
        if is_stable():
            flight = key, state.version(self.parts)
            return self.flights.run(
                flight, lambda: self._find(key, state), lambda: self._store(key, self._compute(compute, state))
            )
        ours = _thread.results
        if ours is not None and (self, key) in ours and ours[self, key].is_valid_at(state):
            return ours[self, key]
        entry = self._compute(compute, state)
        if ours is not None:
            ours[self, key] = entry
        return entry

    def _find(self, key: Hashable, state: State) -> Entry[T] | None:
        entry = self.entries.get(key)
        return entry if entry and entry.is_valid_at(state) else None

    def _store(self, key: Hashable, entry: Entry[T]) -> Entry[T]:
        there = self.entries.get(key)
        if (
            there is None or there.state.serial <= entry.state.serial
        ):  # a faster thread may have that of a newer version
            if len(self.entries) >= MAX_ENTRIES:
                self.entries.clear()
            self.entries[key] = entry
        return entry

    def _compute(self, compute: Callable[[], T], state: State) -> Entry[T]:
        with tracked_parts(*self.parts) as parts:
            value = compute()
        return Entry(value, parts, state)


def cached_per_version(*parts: str) -> Callable[[Callable[[], T]], Callable[[], T]]:
    """Decorator: cache the result of a function without arguments until one of these parts changes, or one of those of
    the cached results that it uses (Results). EVERYTHING is always among them."""

    def decorate(function: Callable[[], T]) -> Callable[[], T]:
        results: Results[T] = Results(*parts)

        @wraps(function)
        def wrapper() -> T:
            return results.get(None, function)

        return wrapper

    return decorate


@contextmanager
def tracked_parts(*parts: str) -> Iterator[set[str]]:
    """Collect the parts on which what the block computes depends: `parts`, and those of the cached results it uses."""
    outer, _thread.parts = _thread.parts, set(parts)
    inner = _thread.parts
    try:
        yield inner
    finally:
        _thread.parts = outer


def depend_on(*parts: str) -> None:
    """What this thread computes, if it is to be cached, depends on these parts."""
    if _thread.parts is not None:
        _thread.parts.update(parts)


def begin_request(**_signal: Any) -> None:
    _thread.results, _thread.state = {}, None


def end_request(**_signal: Any) -> None:
    _thread.results, _thread.state = None, None


def _state_for_request() -> State:
    """The versions, read once per request: changes made by others meanwhile show in the next request."""
    state = _thread.state
    if state is None:
        state = current_state()
        if _thread.results is not None:
            _thread.state = state
    return state


request_started.connect(begin_request)
request_finished.connect(end_request)


class Change:
    """A change in progress. It ends with the commit, or when a rollback drops the last call that refers to it."""

    def __init__(self) -> None:
        self.counter: Counter | None = counter()
        self.parts: set[str] = set()
        self.mark: Any = None

    def add(self, parts: Iterable[str]) -> None:
        """Mark that these parts are being changed, and raise their versions, unless this was done before."""
        new = set(parts) - self.parts
        if not new or self.counter is None:
            return
        self.parts |= new
        try:
            if self.mark is None and any(map(is_shown, new)):
                self.mark = self.counter.begin_change()
            self.counter.increment(new)
        except self.counter.errors as error:
            log_error("the cache version cannot be incremented", error)

    def commit(self) -> None:
        _thread.state = None
        if self.counter:
            try:
                self.counter.increment(self.parts)
            finally:
                self.release()

    def release(self) -> None:
        counter, self.counter = self.counter, None
        if counter and self.mark is not None:
            try:
                counter.end_change(self.mark)
            except counter.errors as error:
                log_error("a change that has ended is still marked as in progress", error)

    __del__ = release


class Call:
    """A call of `invalidate()` in a transaction, with the results cached since.

    Nothing but Django's list of functions to run at the commit refers to it: when a savepoint or the transaction is
    rolled back, Django drops the function, and the call is gone.
    """

    def __init__(self, change: Change) -> None:
        self.change = change
        self.results: dict[Any, Entry[Any]] = {}

    def on_commit(self) -> None:
        self.change.commit()


def _last_call() -> Call | None:
    """The last call of `invalidate()` in this transaction that was not rolled back, or None."""
    while _thread.calls:
        call = _thread.calls[-1]()
        if call and call.change.counter:
            return call
        _thread.calls.pop()
    return None


def _results_in_transaction() -> dict[Any, Entry[Any]] | None:
    """The results cached in this transaction since its last call of `invalidate()`; None without such a call.

    The call itself is not returned: an exception of the caller would refer to it beyond the rollback.
    """
    call = _last_call()
    return call.results if call else None


def increment_or_log(*parts: str) -> None:
    shared = counter()
    try:
        shared.increment(parts)
    except shared.errors as error:
        log_error("the cache version cannot be incremented", error)


def log_error(what: str, error: Exception) -> None:
    """Log an error at most once a minute: each page reads the number several times, and Redis may be down for long."""
    now = time.monotonic()
    if now - _last_logged.get(what, -LOG_INTERVAL) >= LOG_INTERVAL:
        _last_logged[what] = now
        logger.error("%s: %s", what, error)


def _increment_at_start() -> None:
    """New code may render the same rows differently: no cached result may outlive an upgrade."""
    global _started_pid
    with _start_lock:
        if _started_pid != os.getpid():
            increment()
            _started_pid = os.getpid()
