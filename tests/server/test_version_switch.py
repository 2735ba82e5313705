"""Another version takes over, or the former one again: each file is in its place, whatever a start of `serve` finds."""

from pathlib import Path

import pytest

from config.environment import database_at
from server.upgrade import steps


@pytest.mark.parametrize("name", ["my blog", "50%25", "a#b", "what?", "grün"])
def test_the_url_of_a_copy_names_this_file_alone(name):
    file = Path("/srv", name, "new.sqlite3")
    assert database_at(steps.sqlite_url(file))["NAME"] == str(file)
