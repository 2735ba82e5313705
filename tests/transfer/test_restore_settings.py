"""Settings of a source: what runs in readers' browsers does not come with them."""

from types import SimpleNamespace

from blog.models import ReadingSettings
from transfer.restore.settings_rows import restore_site

SCRIPT = '<script src="https://evil.example/x.js"></script>'


def source(**reading):
    return SimpleNamespace(site={"title": "Another"}, settings=lambda: {"reading": reading}, menu=list, icons=list)


def test_own_css_comes_and_a_snippet_does_not(ada):
    found = source(own_css="h1 { color: red }", snippet=SCRIPT, snippet_hosts="evil.example")
    restore_site(SimpleNamespace(source=found))
    row = ReadingSettings.objects.get()
    assert (row.own_css, row.snippet, row.snippet_hosts) == ("h1 { color: red }", "", "")
