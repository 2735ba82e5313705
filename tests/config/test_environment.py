"""What the owner says is taken as they mean it, and what nothing can be made of is refused in one sentence."""

import pytest

from config import environment


@pytest.mark.parametrize("name", ["blog", "my #1 blog", "why?", "100%25", "a%20b", "é"])
def test_the_database_lies_in_the_data_folder_whatever_that_is_called(monkeypatch, tmp_path, name):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    folder = tmp_path / name
    assert environment.database(folder)["NAME"] == str(folder / "longrun.sqlite3")
