"""The system of an uploaded file is recognised from the file itself."""

import gzip
import io
import zipfile

import pytest

from tests.transfer.blogger.test_import_blogger import HEAD
from tests.transfer.disqus import disqus_xml
from tests.transfer.ghost import ghost_files
from tests.transfer.wxr_text import export, item
from transfer.importing.recognition import clues_of
from transfer.importing.systems import SYSTEMS, recognized

WXR = export(item(7)).encode()
BLOGGER = f"{HEAD}</feed>".encode()
GHOST = ghost_files.export(ghost_files.post()).encode()


def zipped(**files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), content)
    return out.getvalue()


FILES = {
    "wordpress.xml": (WXR, "wordpress"),
    "wordpress.xml.gz": (gzip.compress(WXR), "wordpress"),
    "wordpress.zip": (zipped(a_xml=WXR, notes_md=b"# Notes"), "wordpress"),
    "utf-16.xml": (WXR.decode().encode("utf-16"), "wordpress"),
    "blog.xml": (BLOGGER, "blogger"),
    "feed.atom": (BLOGGER, "blogger"),
    "takeout.zip": (zipped(Takeout__Blogger__Blogs__Ours__feed_atom=BLOGGER), "blogger"),
    "ghost.json": (GHOST, "ghost"),
    "ghost.zip": (zipped(content__data__blog_json=GHOST), "ghost"),
    "forum-all.xml.gz": (gzip.compress(disqus_xml.export().encode()), "disqus"),
    "comments.json": (b'{"version": 1, "comments": [{"commentHex": "aa"}], "commenters": []}', "commento"),
    "backup-blog-20240101.gz": (gzip.compress(b'{"version":1,"users":[],"posts":[]}\n'), "remark42"),
    "hugo.zip": (zipped(hugo_toml=b"title='x'", content__posts__first_md=b"---\ntitle: x\n---\n"), "markdown"),
    "feed.xml": (b"<?xml version='1.0'?><rss version='2.0'><channel></channel></rss>", ""),
    "other.json": (b'{"posts": []}', ""),
    "pictures.zip": (zipped(one_png=b"\x89PNG"), ""),
    "empty.xml": (b"", ""),
    "no.zip": (b"PK\x03\x04" + b"\x00" * 40, ""),
    "half.xml.gz": (gzip.compress(WXR)[:40], ""),
    "noise": (bytes(range(256)) * 40, ""),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_tells_its_system(tmp_path, name):
    content, system = FILES[name]
    (tmp_path / name).write_bytes(content)
    assert recognized([tmp_path / name]) == system


def test_a_file_that_is_not_there_has_no_clues(tmp_path):
    assert clues_of(tmp_path / "none.xml").head == "" and recognized([tmp_path / "none.xml"]) == ""


def test_only_the_beginning_of_a_file_is_read(tmp_path):
    (tmp_path / "long.xml").write_bytes(b" " * 200_000 + WXR)
    assert recognized([tmp_path / "long.xml"]) == "" and len(clues_of(tmp_path / "long.xml").head) < 100_000


def test_every_system_has_a_label_and_endings():
    assert all(system.label and system.endings for system in SYSTEMS.values())
