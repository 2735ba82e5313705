"""LONGRUN_APPS: what it may name."""

import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.named_apps import named_apps


@pytest.fixture
def path(monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))
    return sys.path


def test_without_it_python_looks_where_it_did(tmp_path, monkeypatch, path):
    monkeypatch.delenv("LONGRUN_APPS", raising=False)
    before = list(path)
    assert named_apps(tmp_path) == [] and sys.path == before


def test_packages_in_the_data_folder_are_found_after_all_others(tmp_path, monkeypatch, path):
    for name in ("laces", "json"):
        (tmp_path / "apps" / name).mkdir(parents=True)
        (tmp_path / "apps" / name / "__init__.py").touch()
    monkeypatch.setenv("LONGRUN_APPS", "laces.apps.LacesConfig")
    assert named_apps(tmp_path) == named_apps(tmp_path) == ["laces.apps.LacesConfig"]
    assert sys.path[-1] == str(tmp_path / "apps") and sys.path.count(sys.path[-1]) == 1


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nothing_like_it", "Python finds no package nothing_like_it"),
        ("nothing.like.it", "Python finds no package nothing.like.it"),
        ("..x", "Python finds no package"),
        ("blog", "a name of Longrun's own"),
        ("core.jobs", "a name of Longrun's own"),
    ],
)
def test_what_is_not_there_stops_the_start_in_words(name, words, tmp_path, monkeypatch, path):
    monkeypatch.setenv("LONGRUN_APPS", name)
    with pytest.raises(ImproperlyConfigured, match=words):
        named_apps(tmp_path)
