"""What the bench says of figures: percentiles, processor time, ratios and floors, worked out by hand."""

import pytest

from bench import after_change, changing, floors, importing, load, machine, pages


def test_a_percentile_is_a_time_that_was_really_taken():
    times = [5.0, 1.0, 4.0, 2.0, 3.0]
    assert load.percentile(times, 50) == 3.0
    assert load.percentile(times, 99) == load.percentile(times, 100) == 5.0
    assert load.percentile(list(range(1, 201)), 99) == 198
    assert load.percentile([], 99) == 0.0


def test_the_rate_of_nothing_is_nothing():
    assert load.Load(0, 0.0, 0, 0).rate == 0
    assert load.Load(300, 2.0, 0, 0).rate == 150


@pytest.fixture
def proc(tmp_path):
    """A /proc with a parent, two children, a grandchild with a nasty name, and a stranger."""
    for pid, parent, name, ticks in [
        (10, 1, "serve", (100, 50, 7, 3)),
        (11, 10, "longrun web", (200, 0, 0, 0)),
        (12, 10, "a) S 1 (b", (30, 5, 0, 0)),
        (13, 12, "worker", (1, 1, 1, 1)),
        (99, 1, "stranger", (9000, 0, 0, 0)),
    ]:
        folder = tmp_path / str(pid)
        folder.mkdir()
        before = " ".join(["0"] * 9)
        (folder / "stat").write_text(f"{pid} ({name}) S {parent} {before} {' '.join(map(str, ticks))} 20 0\n")
        (folder / "comm").write_text(f"{name}\n")
        (folder / "cmdline").write_text(f"python\0{name}\0")
        (folder / "smaps_rollup").write_text(f"Rss: 9 kB\nPss: {pid * 1024} kB\n")
    return tmp_path


def test_a_tree_costs_what_all_its_processes_cost_and_no_stranger(proc):
    assert sorted(machine.tree(10, proc)) == [10, 11, 12, 13]
    assert machine.cpu_seconds(10, proc) * machine.TICK == 160 + 200 + 35 + 4
    assert sum(machine.pss(10, proc).values()) == 10 + 11 + 12 + 13
    assert machine.pss(99, proc) == {"99 stranger": 99.0}


def test_a_tree_is_at_rest_when_it_uses_no_more(proc, monkeypatch):
    used = iter([5.0, 5.09, 5.18, 5.18, 9.0])
    monkeypatch.setattr(machine, "cpu_seconds", lambda _pid, _proc: next(used))
    assert machine.rest(10, pause=0.01, proc=proc)
    assert next(used) == 9.0
    used = iter(range(1000))
    assert not machine.rest(10, patience=0.05, pause=0.01, proc=proc)


def figures(rate, cpu, foreign=0.0):
    return {"rate": rate, "p50": 1.0, "p99": 2.0, "cpu": cpu, "failed": 0, "foreign": foreign}


def test_a_row_holds_medians_and_a_ratio_is_the_median_of_those_of_each_round():
    rounds = [
        (figures(100, 40), figures(200, 10)),  # 0.5, 4
        (figures(300, 20), figures(300, 20)),  # 1, 1
        (figures(50, 60), figures(500, 20)),  # 0.1, 3
    ]
    row = pages.medians(rounds)
    assert (row["rate"], row["cpu"], row["rate_ratio"], row["cpu_ratio"]) == (100, 40, 0.5, 3)
    assert "cpu_ratio" not in pages.medians([(figures(1, 1), None)])
    assert "cpu_ratio" not in pages.medians([(figures(1, 1), figures(5, 0))])


def test_growth_compares_the_same_page_of_both_blogs_in_the_same_round():
    def rounds(*costs):
        return [(figures(1, cost), figures(1, 1)) for cost in costs]

    found = {
        ("small", "kept: home", "plain"): rounds(1, 1, 1),
        ("small", "cold: home", "plain"): rounds(10, 20, 10),
        ("small", "cold: home", "gzip"): rounds(20, 30, 20),
        ("big", "cold: home", "plain"): rounds(12, 22, 30),  # 1.2, 1.1, 3
    }
    assert pages.growth(found) == {"home": 1.2}
    assert pages.growth({what: rounds for what, rounds in found.items() if what[0] == "small"}) == {}


def test_no_floor_is_hidden():
    found = floors.floors({("home", "gzip"): {"rate": 0.5, "cpu": 2.6}}, {"home": 401.0}, {"rare word": 2.0}, None, 0)
    said = {floor.what: floor.verdict for floor in found}
    assert len(said) == len(floors.KEPT) * 6 + len(floors.COLD) + len(floors.BY_COOKIE) + len(floors.GROWTH) + 2
    assert said["kept: home, gzip: rate ÷ nginx"] == "met"
    assert said["kept: home, gzip: CPU ÷ nginx"] == "NOT MET"
    assert said["cold: home: CPU ÷ nginx"] == "NOT MET"
    assert said["grown: rare word: CPU ÷ small blog"] == "met"
    assert said["a guest's comment through all rules: CPU ÷ nginx"] == "not measured"
    assert said["stale answers while things change"] == "met"


def test_others_are_all_but_the_bench_and_what_it_started(proc, monkeypatch):
    clock = iter([100.0, 104.0])
    monkeypatch.setattr(machine.time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(machine.os, "getpid", lambda: 10)
    monkeypatch.setattr(machine, "CORES", [0, 1])
    tick = machine.TICK
    (proc / "stat").write_text("cpu  0 0 0 900 0 0 0 0 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n")
    with machine.ForeignShare(proc) as share:
        # 4 s on two cores; others used 1 s, of which the host took 0.25.
        (proc / "stat").write_text(f"cpu  {3 * tick // 4} 0 0 900 0 0 0 {tick // 4} 0 0\n")
    assert share.value == 1 / 8
    assert machine.busy_seconds(proc / "nowhere") == 0


def test_only_quiet_rounds_are_judged(tmp_path):
    run = pages.Bench(pages.QUICK, tmp_path)
    run.stale = 0
    theirs = figures(100, 10)
    run.figures = {
        ("small", "kept: home", "gzip"): [(figures(100, 40, 0.3), theirs), (figures(100, 20), theirs)],
        ("small", "cold: home", "plain"): [(figures(1, 9, 0.06), theirs), (figures(1, 9), figures(1, 10, 0.2))],
        ("small", "cold: home", "gzip"): [(figures(1, 9000), theirs)],
        ("small", "a comment", "posted"): [(figures(1, 1), None)],
    }
    said = {floor.what: (floor.value, floor.verdict) for floor in run.floors()}
    assert said["kept: home, gzip: CPU ÷ nginx"] == (2, "met")
    assert said["cold: home: CPU ÷ nginx"] == (0.9, "not judged: busy")
    assert said["cold by cookie: home, gzip: CPU ÷ nginx"] == (900, "NOT MET")
    assert said["a guest's comment through all rules: CPU ÷ nginx"] == (None, "not measured")
    assert sorted(run.shares())[-3:] == [0.06, 0.2, 0.3]


def test_the_goals_after_a_change():
    quick = after_change.FirstPage("post", cpu=20, one=10, many=12, foreign=0.01)
    slow = after_change.FirstPage("setting", cpu=31, one=10, many=14, foreign=0.05)
    beside_others = after_change.FirstPage("comment", cpu=90, one=10, many=12, foreign=0.06)
    found = floors.change_floors([quick, slow, beside_others], (100, 40, 0.0))
    assert [floor.verdict for floor in found] == [
        *("met", "met", "NOT MET", "NOT MET", "not judged: busy", "not judged: busy", "NOT MET"),
    ]


def test_an_import_has_a_goal_for_each_size():
    slow = importing.Figures(1_000, 1_100, seconds=2.75, cpu=8, parser=0.05, memory=299)
    quick = importing.Figures(100_000, 110_000, seconds=200, cpu=300, parser=5, memory=301)
    said = {floor.what: (floor.value, floor.verdict) for floor in floors.import_floors([slow, quick])}
    assert said["import, 1,000 comments: items a second"] == (400, "NOT MET")
    assert said["import, 1,000 comments: CPU ÷ parser"] == (160, "NOT MET")
    assert said["import, 1,000 comments: memory in MiB"] == (299, "met")
    assert said["import, 100,000 comments: items a second"] == (550, "met")
    assert said["import, 100,000 comments: CPU ÷ parser"] == (60, "met")
    assert said["import, 100,000 comments: memory in MiB"] == (301, "NOT MET")
    assert len(importing.table([slow, quick]).splitlines()) == 3


def test_an_older_title_is_told_from_a_newer_one():
    assert pages.number_in(f"<h1>{changing.TITLE % 42}</h1>".encode()) == 42
    assert pages.number_in(b"<h1>As it was</h1>") > 10**8


def test_no_two_comments_are_alike():
    posted = [pages.comment(number, "http://localhost") for number in range(300)]
    assert len({body for _method, body, _headers in posted}) == 300
    assert len({headers["X-Forwarded-For"] for _method, _body, headers in posted}) == 300
