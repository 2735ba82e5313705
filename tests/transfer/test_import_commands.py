"""What every command that brings a blog refuses before it stores anything, and what it prints and writes of one."""

import io
import json
from importlib import import_module
from pkgutil import iter_modules

import pytest
from django.core.management import CommandError, call_command

from blog.models import Post
from transfer.importing.systems import SYSTEMS
from transfer.management import commands
from transfer.management.import_command import ImportCommand
from transfer.models import ImportRun

NAMES = sorted(name for _finder, name, _is_package in iter_modules(commands.__path__) if name.startswith("import_"))
BLOGS = [
    name for name in NAMES
    if issubclass(import_module(f"{commands.__name__}.{name}").Command, ImportCommand)
]  # fmt: skip
TEXT = "---\ntitle: A long run\ndate: 2020-02-02\n---\nTen miles before breakfast.\n"


def run(name, *words):
    told, progress = io.StringIO(), io.StringIO()
    call_command(name, *map(str, words), stdout=told, stderr=progress)
    return told.getvalue()


@pytest.fixture
def folder(settings, tmp_path, ada):
    """A folder of Markdown with one post."""
    settings.MEDIA_ROOT = tmp_path / "media"
    place = tmp_path / "old"
    (place / "content" / "posts").mkdir(parents=True)
    (place / "content" / "posts" / "a-long-run.md").write_text(TEXT)
    return place


def test_there_is_a_command_for_each_system():
    systems = {import_module(f"{commands.__name__}.{name}").Command.system for name in BLOGS}
    assert len(BLOGS) > 8 and systems <= set(SYSTEMS)


@pytest.mark.parametrize("name", BLOGS)
def test_a_file_that_is_not_there_is_named_and_nothing_begins(name, ada, tmp_path):
    with pytest.raises(CommandError, match=r"There is no file .*gone\.zip"):
        run(name, tmp_path / "gone.zip")
    assert not ImportRun.objects.exists()


@pytest.mark.parametrize("name", BLOGS)
def test_a_file_of_another_kind_is_refused_in_a_sentence(name, ada, tmp_path):
    file = tmp_path / "export.bin"
    file.write_bytes(b"\x00\xff no export of anything")
    with pytest.raises(CommandError) as refusal:
        run(name, file)
    assert len(str(refusal.value)) > 20 and "Traceback" not in str(refusal.value)
    assert not Post.objects.filter(kind="post").exists()


@pytest.mark.parametrize(
    "words, reason",
    [
        (["--timezone", "Mars/Olympus"], "“Mars/Olympus” is not a known time zone"),
        (["--author-map", "ada"], "Write --author-map as LOGIN=WHO"),
        (
            ["--author-map", "old=nobody@example.org"],
            "Nobody here has the email address or handle “nobody@example.org”",
        ),
        (["--media", "/nowhere/at/all"], "“all” is neither a folder nor a zip or tar file"),
    ],
)
def test_options_that_nothing_can_be_made_of_are_refused(folder, words, reason):
    with pytest.raises(CommandError, match=reason):
        run("import_markdown", folder, *words)
    assert not ImportRun.objects.exists()


def test_an_address_is_a_whole_one(ada, tmp_path):
    file = tmp_path / "export.json"
    file.write_text("{}")
    with pytest.raises(CommandError, match="Write --url as a whole address"):
        run("import_commento", file, "--url", "example.com")


def test_two_folders_are_brought_one_at_a_time(folder):
    with pytest.raises(CommandError, match="Bring one folder at a time"):
        run("import_markdown", folder, folder)


def test_a_dry_run_counts_and_stores_nothing(folder, tmp_path):
    said = run("import_markdown", folder, "--dry-run", "--receipt", tmp_path / "receipt.json")
    assert "Nothing was stored: this was a dry run." in said and "post" in said
    receipt = json.loads((tmp_path / "receipt.json").read_text())
    assert receipt["dry_run"] is True and not Post.objects.filter(title="A long run").exists()


def test_a_folder_is_brought_once_with_a_receipt(folder, tmp_path, ada):
    words = (folder, "--author-map", "old=ada", "--timezone", "Europe/Berlin", "--receipt", tmp_path / "receipt.json")
    run("import_markdown", *words)
    post = Post.objects.get(title="A long run")
    assert "Ten miles before breakfast." in post.html
    assert json.loads((tmp_path / "receipt.json").read_text())
    run("import_markdown", folder)
    assert Post.objects.filter(title="A long run").count() == 1
    with pytest.raises(CommandError, match="the receipt could not be written"):
        run("import_markdown", folder, "--receipt", tmp_path / "no folder" / "receipt.json")
