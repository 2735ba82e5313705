"""The bench of paths that do not exist: every goal is judged, at ten times its limit here."""

import json

import pytest

from bench import not_found
from tests.pace import allowed

pytestmark = [pytest.mark.long, pytest.mark.process]


def test_paths_that_do_not_exist_are_cheap(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(not_found, "POSTS", (100, 100, 5))
    not_found.main(["--json", str(tmp_path / "not_found.json")])
    told = json.loads((tmp_path / "not_found.json").read_text())
    results = {name: (cost, statuses) for name, (cost, statuses) in told["results"].items()}
    cached = results.pop("a cached page")
    assert cached[1] == ["200"]
    assert set(not_found.PROBES) < results.keys() and len(results) == len(not_found.PROBES) + 4
    for name, (cost, statuses) in results.items():
        assert statuses == (["302"] if name == "/wp-login.php" else ["404"]), name
        assert cost < (cached[0] * 20 if name in not_found.PROBES else allowed(10) * 1000), name
    printed = capsys.readouterr().out
    assert all(floor["what"] in printed and floor["verdict"] in printed for floor in told["floors"])
