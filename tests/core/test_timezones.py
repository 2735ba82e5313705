"""Nobody is offered a place under a name that it had before."""

import zoneinfo
from importlib import resources

from core import timezones


def test_places_of_today():
    offered = timezones.offered_timezones()
    assert offered[0] == "UTC" and offered[1:] == sorted(offered[1:])
    assert {"Europe/Berlin", "Asia/Kolkata", "America/Argentina/Buenos_Aires", "Pacific/Auckland"} <= set(offered)
    assert not {"Asia/Calcutta", "US/Pacific", "EST5EDT", "Etc/GMT+3", "America/Buenos_Aires", "Cuba"} & set(offered)
    assert set(offered) <= zoneinfo.available_timezones()


def test_by_the_package_where_the_system_has_no_list(monkeypatch, tmp_path):
    monkeypatch.setattr(zoneinfo, "TZPATH", (str(tmp_path),))
    monkeypatch.setattr(zoneinfo, "available_timezones", lambda: {"Europe/Berlin", "US/Pacific", "Asia/Tokyo", "EST"})
    monkeypatch.setattr(resources, "files", lambda name: tmp_path)
    assert timezones.offered_timezones() == ["UTC", "Asia/Tokyo", "Europe/Berlin"], "no list anywhere"
    (tmp_path / "zone.tab").write_text("# code\nDE\t+5230+01322\tEurope/Berlin\tmost\nXX\tshort\n", encoding="utf-8")
    monkeypatch.setattr(zoneinfo, "TZPATH", ())
    assert timezones.offered_timezones() == ["UTC", "Europe/Berlin"]
