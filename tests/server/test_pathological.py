"""200 texts and files that are meant to hold a blog up, at every door: readers read and comment meanwhile."""

import pytest

from tests.pace import allowed
from tests.pathological import Assault, everything

MOST, ALL = 2, 20  # seconds: of 99 in a hundred answers, and of every one, where other tests want the processor too
IDLE = 0.01  # seconds, in which every second reader was answered alone where these bounds were chosen


def test_there_are_two_hundred_and_every_door_has_some():
    pieces = everything()
    doors = {"comment", "name", "website", "subscribe", "password", "write", "preview", "autosave", "settings",
             "category", "bio", "address", "search", "upload"}  # fmt: skip
    assert len(pieces) >= 200 and {door for door, _name, _what in pieces} == doors


@pytest.mark.long
def test_readers_are_answered_while_all_of_them_arrive(start_blog, capsys):
    assault = Assault(start_blog(set_up=True), everything()).run(alone=3)
    slowest = sorted(assault.answers, key=lambda answer: -answer[3])[:8]
    with capsys.disabled():
        print(f"\n{len(assault.answers)} pieces; {len(assault.reads)} times read; readers' answers in seconds:")
        for name, reads in (("idle", assault.idle), ("meanwhile", assault.reads)):
            taken = ", ".join(f"{part:.0%} within {assault.seconds(part, reads):.2f}" for part in (0.5, 0.9, 0.99, 1))
            print(f"{name} ({len(reads)}): {taken}")
        print("\n".join(f"{door:10}{name:40}{status:5}{seconds:8.2f} s" for door, name, status, seconds in slowest))
    assert len(assault.answers) == len(assault.pieces)
    assert {"comment", "write", "preview", "autosave", "category", "upload"} <= assault.doors_that_took()
    assert assault.broken() == []
    assert assault.kept_waiting(allowed(ALL)) == []
    assert assault.seconds(0.99) <= allowed(MOST) * max(1, assault.seconds(0.5, assault.idle) / IDLE)
