"""One short run of the bench, from the sown blog to the floors."""

import json

import pytest

from bench import nginx, pages


@pytest.mark.long
@pytest.mark.process
def test_a_run_tells_every_figure_and_every_floor(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(pages, "ROUNDS", 1)
    tiny = pages.Plan((20, 40, 50), None, 0.3, 1, 200, changes=2, kept=("home",), cold=("post, 10 comments", "queue"),
                      imports=(100,))  # fmt: skip
    monkeypatch.setattr(pages, "QUICK", tiny)
    pages.main(["--quick", "--json", str(tmp_path / "bench.json")])
    told = json.loads((tmp_path / "bench.json").read_text())
    rows = {(row["page"], row["form"]): row for row in told["rows"]}
    assert rows.keys() == {
        *(("kept: home", form) for form in ("plain", "gzip", "304")),
        *(("cold: post, 10 comments", form) for form in ("plain", "gzip")),
        *(("cold: queue", "plain"), ("a comment", "posted")),
    }
    for row in rows.values():
        assert row["rate"] > 0 and row["cpu"] > 0 and row["p99"] >= row["p50"] > 0 and not row["failed"]
        assert ("cpu_ratio" in row) == bool(nginx.found())
    assert rows["kept: home", "gzip"]["cpu"] < rows["cold: post, 10 comments", "plain"]["cpu"]
    assert [each["change"] for each in told["first pages"]] == ["post", "setting", "comment"]
    assert all(each["one"] > 0 and each["many"] > 0 for each in told["first pages"]) and min(told["rates"][:2]) > 0
    assert 0 <= told["foreign"]["median"] <= 1 and told["foreign"]["quiet"] <= told["foreign"]["runs"]
    (brought,) = told["imports"]
    assert brought["items"] == 110 and brought["rate"] > 0 and brought["ratio"] > 1 and brought["memory"] > 20
    assert told["stale"]["answers"] >= 200 and told["stale"]["renamed"] > 1 and told["stale"]["stale"] == 0
    printed = capsys.readouterr().out
    assert all(floor["what"] in printed and floor["verdict"] in printed for floor in told["floors"])
