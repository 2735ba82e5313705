"""What the doctor found when it was last asked stands on the dashboard."""

import pytest

from core import jobs
from server.doctor import findings, last_findings, other_servers
from server.jobs import ask_the_doctor, record_findings
from tests.markup import squeeze


@pytest.fixture
def desk(as_, ada, settings, tmp_path):
    settings.LONGRUN_DATA, settings.MEDIA_ROOT = tmp_path / "data", tmp_path / "data/media"
    settings.MEDIA_ROOT.mkdir(parents=True)
    return as_(ada)


@pytest.fixture
def fault(desk, settings, tmp_path):
    """Static files cannot be written; what is returned mends that."""
    before = settings.STATIC_ROOT
    (tmp_path / "taken").write_text("a file")
    settings.STATIC_ROOT = tmp_path / "taken"

    def mend():
        settings.STATIC_ROOT = before

    return mend


def first_things(desk):
    page = squeeze(desk.get("/desk/").content)
    return page[page.index('id="first-things"') : page.index('id="quick-draft"')]


def test_a_problem_stands_on_the_dashboard_until_the_doctor_finds_it_gone(desk, fault):
    assert "Static files" not in first_things(desk), "nobody has asked yet"
    record_findings.call()
    line = first_things(desk)
    assert '<a href="/desk/status/">' in line and "Static files" in line and "need" in line
    fault()
    assert "Static files" in first_things(desk), "it is not asked at each visit"
    assert desk.get("/desk/status/").status_code == 200
    assert "Static files" not in first_things(desk)


def test_what_has_a_line_of_its_own_is_not_said_twice(desk):
    (last_findings.settings.LONGRUN_DATA / last_findings.FILE).write_text('["backup", "static"]')
    line = first_things(desk)
    assert "1 item needs your attention</a>: Static files" in line
    assert "Newest backup" not in line and "There is no backup yet" in line


def test_only_who_may_see_the_page_sees_the_line(desk, fault, as_, mona):
    record_findings.call()
    assert "Static files" not in as_(mona).get("/desk/").content.decode()


@pytest.mark.parametrize("said", ["", "{", "[1]", '["unknown"]', "null"])
def test_a_file_that_says_nothing_known_changes_nothing(desk, said):
    (last_findings.settings.LONGRUN_DATA / last_findings.FILE).write_text(said)
    line = first_things(desk)
    assert "your attention" not in line


def test_a_full_disk_stops_nothing(desk, fault, caplog):
    (last_findings.settings.LONGRUN_DATA / last_findings.FILE).mkdir()
    record_findings.call()
    assert "what the doctor found could not be written" in caplog.text


def test_it_is_asked_daily_and_asks_no_login_provider_for_the_time(desk, monkeypatch):
    asked = []
    monkeypatch.setattr(findings, "WITH_DATABASE", [other_servers.time])
    monkeypatch.setattr(other_servers, "clocks", lambda: asked.append("clocks") or {})
    record_findings.call()
    assert not asked
    ask_the_doctor()
    assert "long" in jobs.waiting_jobs() and f"{ask_the_doctor.__module__}.ask_the_doctor" in jobs._entries
