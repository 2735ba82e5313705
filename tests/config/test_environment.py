"""What the owner says is taken as they mean it, and what nothing can be made of is refused in one sentence."""

import os

import pytest

from config import environment


@pytest.fixture
def data(monkeypatch, tmp_path):
    """A data folder, as the environment names it; what its `.env` says is forgotten afterwards."""
    monkeypatch.setattr(os, "environ", {**os.environ, "LONGRUN_DATA": str(tmp_path)})
    return tmp_path


def test_a_data_folder_does_not_name_another_one(data):
    (data / ".env").write_text("LONGRUN_DATA=/elsewhere\nEMAIL_HOST=mail.example.org\n")
    assert environment.data_folder() == data
    assert os.environ["LONGRUN_DATA"] == str(data)
    assert os.environ["EMAIL_HOST"] == "mail.example.org"


def test_a_folder_beside_the_code_sends_no_child_elsewhere(data, monkeypatch):
    (data / "data").mkdir()
    (data / "data/.env").write_text("LONGRUN_DATA=/elsewhere\n")
    monkeypatch.setattr(environment, "HERE", data)
    del os.environ["LONGRUN_DATA"]
    assert environment.data_folder() == data / "data"
    assert "LONGRUN_DATA" not in os.environ


@pytest.mark.parametrize("name", ["blog", "my #1 blog", "why?", "100%25", "a%20b", "é"])
def test_the_database_lies_in_the_data_folder_whatever_that_is_called(monkeypatch, tmp_path, name):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    folder = tmp_path / name
    assert environment.database(folder)["NAME"] == str(folder / "longrun.sqlite3")
