"""Databases of Isso for tests, with the tables that Isso makes."""

import sqlite3
from contextlib import closing

TABLES = """
CREATE TABLE preferences (key VARCHAR PRIMARY KEY, value VARCHAR);
CREATE TABLE threads (id INTEGER PRIMARY KEY, uri VARCHAR(256) UNIQUE, title VARCHAR(256));
CREATE TABLE comments (tid REFERENCES threads(id), id INTEGER PRIMARY KEY, parent INTEGER, created FLOAT NOT NULL,
    modified FLOAT, mode INTEGER, remote_addr VARCHAR, text VARCHAR, author VARCHAR, email VARCHAR, website VARCHAR,
    likes INTEGER DEFAULT 0, dislikes INTEGER DEFAULT 0, voters BLOB NOT NULL, notification INTEGER DEFAULT 0);
CREATE TRIGGER remove_stale_threads AFTER DELETE ON comments
    BEGIN DELETE FROM threads WHERE id NOT IN (SELECT tid FROM comments); END;
INSERT INTO preferences VALUES ('session-key', 'a5d9c1');
"""
POSTED = 1391400306.5  # 2014-02-03 04:05:06 UTC


def comment(number, tid=1, text="Words", mode=1, parent=None, **more):
    facts = {"id": number, "tid": tid, "text": text, "mode": mode, "parent": parent, "created": POSTED}
    facts |= {"remote_addr": "203.0.113.0", "author": "Bo", "email": "bo@example.org", "website": "https://bo.example/"}
    return facts | more


def write(path, *comments, threads=((1, "/a-page/", "A page"),), script=TABLES):
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)
        connection.executemany("INSERT INTO threads VALUES (?, ?, ?)", threads)
        for facts in comments:
            names = ", ".join([*facts, "voters"])
            marks = ", ".join("?" * (len(facts) + 1))
            connection.execute(f"INSERT INTO comments ({names}) VALUES ({marks})", [*facts.values(), b"\x00" * 32])
        connection.commit()
    return path
