"""What the start and the idle memory of a blog are, as `make bench` tells them."""

import pytest

from bench import start
from bench.floors import start_floors


@pytest.mark.long
@pytest.mark.process
def test_the_first_answer_costs_little_more_than_loading_the_code():
    found = start.measured(rounds=1, rest=1)
    assert found.loading > 0
    assert found.ratio <= 10 * 1.3
    assert {name.partition(" ")[2] for name in found.parts} >= {"longrun web", "longrun worker"}
    assert found.told().count(",") >= 3


def test_floors_of_the_start():
    found = start.Start(answer=1.5, loading=1.0, parts={"shared": 60, "7 longrun worker": 50, "8 longrun web": 12})
    assert [(floor.value, floor.verdict) for floor in start_floors(found)] == [(122, "met"), (1.5, "NOT MET")]
    assert "largest parts are shared 60, 7 longrun worker 50, 8 longrun web 12" in found.told()
