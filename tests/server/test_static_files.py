"""The style sheets as the browser gets them."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command

from server import static_files
from server.static_files import BUNDLES, BundleFinder, bundle, minify


@pytest.mark.parametrize(
    ("css", "expected"),
    [
        ("a { color : red ; }", "a{color :red}"),
        ("/* a word */ a{b:c}", "a{b:c}"),
        ("a, b > c { d: e, f; g: h }\n\n i { j: k; }", "a,b > c{d:e,f;g:h}i{j:k}"),
        ("a{margin:0/**/auto}", "a{margin:0 auto}"),
        ("a :hover{b:c} a:hover{b:c}", "a :hover{b:c}a:hover{b:c}"),
        ("a{--empty: ;b:c}", "a{--empty: ;b:c}"),
        ("a{width:calc(1px + 2px)}", "a{width:calc(1px + 2px)}"),
        ('a::before { content: "/* not a comment */  ;}" }', 'a::before{content:"/* not a comment */  ;}"}'),
        ("a{content:'\\'  '}", "a{content:'\\'  '}"),
        ("a{b:url( data:image/svg+xml;x,/*y*/ )}", "a{b:url(data:image/svg+xml;x,/*y*/)}"),
        ("a{b:url(../img/x.svg)}", "a{b:url(img/x.svg)}"),
        ('a{b:url("y.svg")}', 'a{b:url("css/y.svg")}'),
        ("a{b:url(/z.svg)} c{d:url(#e)}", "a{b:url(/z.svg)}c{d:url(#e)}"),
    ],
)
def test_a_sheet_gets_smaller_and_says_the_same(css, expected):
    assert minify(css) == expected


def test_tokens_come_first_and_the_others_by_their_names(tmp_path):
    (tmp_path / "css/desk").mkdir(parents=True)
    for name in ("zebra", "article", "tokens"):
        (tmp_path / f"css/{name}.css").write_text(f".{name} {{ x: y }}")
    (tmp_path / "css/desk/menu.css").write_text(".desk-menu { x: url(../../img/a.svg) }")
    assert bundle("site.css", [tmp_path]) == ".tokens{x:y}.article{x:y}.zebra{x:y}\n"
    assert bundle("desk.css", [tmp_path]) == ".desk-menu{x:url(img/a.svg)}\n"


def test_each_sheet_is_found_joined_and_its_parts_are_not():
    assert finders.find("site.css")
    assert not finders.find("css/tokens.css")
    listed = [path for path, storage in BundleFinder().list([])]
    assert set(BUNDLES) <= set(listed)
    assert not [path for path in listed if path.startswith("css")]


def test_collected_files_have_hashed_names_and_are_compressed(tmp_path, settings):
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": "server.static_files.HashedStaticFilesStorage"}}
    call_command("collectstatic", interactive=False, verbosity=0)
    (sheet,) = tmp_path.glob("site.????????????.css")
    assert (tmp_path / f"{sheet.name}.br").stat().st_size <= 12 * 1024
    assert not list(tmp_path.glob("css/*.css"))


def test_a_module_asks_for_another_one_by_its_hashed_name(tmp_path, settings):
    (tmp_path / "source/js").mkdir(parents=True)
    (tmp_path / "source/js/page.js").write_text('import { zoom } from "./zoom.js";\n')
    (tmp_path / "source/js/zoom.js").write_text("export const zoom = 1;\n")
    settings.STATICFILES_DIRS = [tmp_path / "source"]
    settings.STATIC_ROOT = tmp_path / "made"
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": "server.static_files.HashedStaticFilesStorage"}}
    finders.get_finder.cache_clear()
    call_command("collectstatic", interactive=False, verbosity=0)
    finders.get_finder.cache_clear()
    (page,) = (tmp_path / "made/js").glob("page.????????????.js")
    (zoom,) = (tmp_path / "made/js").glob("zoom.????????????.js")
    assert page.read_text() == f'import {{ zoom }} from "./{zoom.name}";\n'


def test_a_changed_sheet_is_seen_without_a_restart(tmp_path, settings):
    settings.STATICFILES_DIRS = [tmp_path]
    (tmp_path / "css").mkdir()
    (tmp_path / "css/a.css").write_text("a{b:c}")
    finder = BundleFinder()
    with open(finder.find("site.css")) as sheet:
        assert sheet.read() == "a{b:c}\n"
    (tmp_path / "css/a.css").write_text("a{b:d}")
    with open(finder.find("site.css")) as sheet:
        assert sheet.read() == "a{b:d}\n"


def test_requests_that_come_at_once_share_one_folder(monkeypatch, tmp_path):
    made = []

    class Slow:
        def __init__(self, prefix):
            made.append(tmp_path / f"{prefix}{len(made)}")
            time.sleep(0.05)
            made[-1].mkdir()
            self.name = str(made[-1])

    static_files._temporary.cache_clear()
    monkeypatch.setattr(static_files, "TemporaryDirectory", Slow)
    try:
        with ThreadPoolExecutor(4) as pool:
            found = set(pool.map(finders.find, ["site.css", "content.css", "desk.css", "site.css"]))
    finally:
        static_files._temporary.cache_clear()
    assert len(made) == 1 and all(Path(path).read_text(encoding="utf-8") for path in found)
