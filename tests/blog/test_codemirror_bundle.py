"""The bundles of the rich editor: what they were made from, how large they are, and whose they are."""

import gzip
import hashlib
import json

import pytest

from tests.blog_process import ROOT

FOLDER = ROOT / "static/vendor/codemirror-6"
TOLD = json.loads((FOLDER / "bundle.json").read_text())
LOCK = json.loads((FOLDER / "package-lock.json").read_text())["packages"]
LARGEST = 200_000  # bytes, of both together as they are sent
FREE = {"MIT", "BSD-2-Clause", "BSD-3-Clause", "ISC", "Apache-2.0"}


def sha256(name):
    return hashlib.sha256((FOLDER / name).read_bytes()).hexdigest()


def test_the_bundles_are_those_that_the_script_made_of_the_locked_packages():
    assert {name: sha256(name) for name in TOLD["madeOf"]} == TOLD["madeOf"]
    assert TOLD["madeOf"].keys() == {"build.mjs", "package.json", "package-lock.json"}
    assert {name: sha256(name) for name in TOLD["bundles"]} == {
        name: bundle["sha256"] for name, bundle in TOLD["bundles"].items()
    }
    assert {path.name for path in FOLDER.glob("*.js")} == TOLD["bundles"].keys()


def test_the_lock_names_versions_and_hashes_and_no_registry():
    assert LOCK[""]["dependencies"] == json.loads((FOLDER / "package.json").read_text())["dependencies"]
    for path, package in LOCK.items():
        if path:
            assert package["integrity"].startswith("sha512-"), path
            assert "resolved" not in package, path
    assert "registry" not in (FOLDER / "package-lock.json").read_text()


def test_the_bundles_are_small_enough_and_ask_nobody():
    texts = [(FOLDER / name).read_bytes() for name in TOLD["bundles"]]
    assert sum(len(gzip.compress(text, 9)) for text in texts) <= LARGEST
    for text in texts:
        assert b"import(" not in text
        assert b"fetch(" not in text


@pytest.mark.parametrize("name", TOLD["bundles"])
def test_each_package_has_its_locked_version_and_a_free_licence_whose_text_is_there(name):
    licences = (FOLDER / "LICENSES").read_text()
    for package, version, licence in map(str.split, TOLD["bundles"][name]["packages"]):
        locked = LOCK[f"node_modules/{package}"]
        assert (version, licence) == (locked["version"], locked["license"])
        assert licence in FREE
        assert f"{package} {version} ({licence})\n" in licences
        assert "Permission is hereby granted" in licences


def test_only_the_write_page_loads_it(client, ada):
    client.force_login(ada)
    for path in ("/desk/", "/desk/posts/", "/"):
        assert "codemirror" not in client.get(path).content.decode()
    page = client.get("/desk/write/").content.decode()
    assert 'class="write__editor"' in page
    # The module is found by the scripts of the write page, which no other page loads.
    users = {
        path.name for path in (ROOT / "static/js").rglob("*.js") if "codemirror-6/codemirror.js" in path.read_text()
    }
    assert users == {each for each in users if each.startswith(("editor-", "rich-editor"))}
    loads = {path.name for path in (ROOT / "static/js").rglob("*.js") if "./rich-editor.js" in path.read_text()}
    assert loads == {"editor.js"}
