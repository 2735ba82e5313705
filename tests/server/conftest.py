import hashlib
import shutil
import sqlite3
import threading
from contextlib import closing

import pytest


class WrittenBlog:
    """A data folder in use: its database is a file, as in life, and its media have rows that name them."""

    def __init__(self, folder):
        self.folder, self.database, self.media = folder, folder / "longrun.sqlite3", folder / "media"
        with closing(self.connect()) as rows:
            rows.execute("PRAGMA journal_mode=WAL")
            rows.execute("CREATE TABLE upload (id INTEGER PRIMARY KEY, name TEXT UNIQUE)")
            rows.execute("CREATE TABLE picture (id INTEGER PRIMARY KEY, upload INTEGER REFERENCES upload (id))")

    def connect(self):
        return sqlite3.connect(self.database, isolation_level=None, timeout=30)

    def upload(self, number, content=None):
        """As an upload does it: beside its place, moved there when it is whole, then the row."""
        content = content or f"{number} ".encode() * 3000
        name = hashlib.sha256(f"{number}".encode()).hexdigest()[:32]
        coming = self.media / f".coming-{name}"
        coming.mkdir(parents=True)
        (coming / "full.jpg").write_bytes(content)
        place = self.media / name[:2] / name
        place.parent.mkdir(exist_ok=True)
        coming.replace(place)
        with closing(self.connect()) as rows:
            rows.execute("BEGIN IMMEDIATE")
            made = rows.execute("INSERT INTO upload (name) VALUES (?)", [f"{name[:2]}/{name}/full.jpg"]).lastrowid
            rows.execute("INSERT INTO picture (upload) VALUES (?)", [made])
            rows.execute("COMMIT")
        return place / "full.jpg"

    def add_to_library(self):
        """A row of the media library, of whatever the columns take."""
        with closing(self.connect()) as rows:
            columns = rows.execute("SELECT name FROM pragma_table_info('blog_media') WHERE \"notnull\" AND NOT pk")
            names = [f'"{name}"' for (name,) in columns]
            marks = ", ".join("1" * len(names))
            rows.execute(f"INSERT INTO blog_media ({', '.join(names)}) VALUES ({marks})")

    def delete(self, path):
        with closing(self.connect()) as rows:
            rows.execute("BEGIN IMMEDIATE")
            name = path.relative_to(self.media).as_posix()
            rows.execute("DELETE FROM picture WHERE upload = (SELECT id FROM upload WHERE name = ?)", [name])
            rows.execute("DELETE FROM upload WHERE name = ?", [name])
            rows.execute("COMMIT")
        shutil.rmtree(path.parent)


@pytest.fixture
def written(tmp_path, prepared, settings, monkeypatch):
    """A blog whose data lie in a folder of their own, for backups made by this process."""
    data = tmp_path / "data"
    shutil.copytree(prepared / "data", data, ignore=shutil.ignore_patterns("*.lock"))
    blog = WrittenBlog(data)
    settings.LONGRUN_DATA, settings.MEDIA_ROOT = data, blog.media
    monkeypatch.setitem(settings.DATABASES["default"], "NAME", str(blog.database))
    return blog


@pytest.fixture
def write_load(written):
    """Somebody uploads and deletes all the time, until the test is done; `.count` says how much."""
    stop = threading.Event()

    def work():
        number, there = 0, []
        while not stop.wait(0.001):
            there.append(written.upload(f"load {number}"))
            number += 1
            work.count = number
            if number % 3 == 0:
                written.delete(there.pop(0))

    work.count = 0
    thread = threading.Thread(target=work)
    thread.start()
    yield work
    stop.set()
    thread.join()
