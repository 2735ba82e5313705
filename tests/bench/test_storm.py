"""A tenth of each storm of the bench: readers of cached pages are served, and whoever comments gets an answer."""

import json

import pytest

from bench import storm
from bench.floors import KEPT_IN_A_STORM
from tests.pace import allowed

pytestmark = [pytest.mark.long, pytest.mark.process]


def test_cached_pages_are_served_in_every_storm(tmp_path, capsys):
    storm.main(["--quick", "--json", str(tmp_path / "storm.json")])
    told = json.loads((tmp_path / "storm.json").read_text())
    results = {each["storm"]: each for each in told["results"]}
    assert results.keys() == set(storm.STORMS)
    for name, limit in KEPT_IN_A_STORM.items():
        each = results[name]
        assert each["reads"] > 20 and each["failed"] == 0, each
        assert each["p99"] < allowed(10 * limit), each
    mixed, cookie, crawlers = (results[name]["statuses"] for name in ("mixed", "cookie", "crawlers"))
    assert {status for status in mixed if status.startswith("comment")} <= {"comment 303", "comment 503"}
    assert mixed["comment 303"] > 0 and mixed["upload 302"] == 2 and mixed["cold 200"] > 0
    assert cookie.keys() == {"cookie 200"}
    answered = {status for status in crawlers if status.startswith("crawler")}
    assert answered <= {"crawler 200", "crawler 301", "crawler 404", "crawler 503"} and len(answered) > 1
    assert results["crawlers"]["p95"] < allowed(500) and results["crawlers"]["grown"] < 40
    forged = results["sessions"]["statuses"]
    assert forged["forged 503"] > 0, "there are more than their queue takes"
    for name in ("crawlers", "sessions"):
        said = {status: count for status, count in results[name]["statuses"].items() if status.startswith("person ")}
        assert said.keys() == {"person 200"} and results[name]["person"] < allowed(3000), (name, said)
    assert results["killed"]["reads"] == 2 and results["killed"]["slowest"] < allowed(30_000)
    printed = capsys.readouterr().out
    assert all(floor["what"] in printed and floor["verdict"] in printed for floor in told["floors"])
