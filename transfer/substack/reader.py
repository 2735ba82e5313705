"""Reads the export of Substack (a zip archive, or the folder in it) into records: posts.csv, the texts in posts/, and
the list of subscribers.

Substack's numbers become numbers below zero. The address of the blog is the name of its list of subscribers at
substack.com, if none is given; without both, a name of the reserved domain `.invalid` stands for it.
"""

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path, PurePosixPath

from transfer.date_values import in_utc
from transfer.records import Channel, Item, Loss, Notice, Record, number_of_id
from transfer.subscribers import reader as subscribers_reader
from transfer.subscribers.list_formats import folded
from transfer.subscribers.tables import Row, rows
from transfer.substack.content import is_gated, plain_html
from transfer.textfiles.tree import Tree
from transfer.wordpress.errors import Refused
from transfer.wordpress.files import Source

TABLE = "posts.csv"
TEXT = re.compile(r"(?:^|/)posts/[^/]+\.html$")
LIST = re.compile(r"(?:^|/)email_list(?:\.([\w-]+))?\.csv$")
YES = ("true", "1", "yes")
KINDS = {"newsletter": "post", "podcast": "post", "thread": "post", "video": "post", "page": "page", "": "post"}
KEPT = ("type", "audience", "email_sent_at", "podcast_url", "post_id")


def read(paths: Sequence[str | Path], url: str = "") -> Iterator[Record]:
    """The records of all exports. Raises Refused for what is none."""
    for path in map(Path, paths):
        tree = Tree(path)
        try:
            export = Export(tree, url)
            for record in export.records():
                record.file = record.file or tree.name
                yield record
        finally:
            if tree.archive is not None:
                tree.archive.close()


def source_of(tree: Tree, name: str) -> Source:
    return Source(f"{tree.name}/{PurePosixPath(name).name}", io.BytesIO(tree.read(name)))


class Export:
    def __init__(self, tree: Tree, url: str) -> None:
        self.tree = tree
        self.lists = sorted(name for name in tree.real if LIST.search(name))
        self.texts = {PurePosixPath(name).stem: name for name in sorted(tree.real) if TEXT.search(name)}
        self.table = next((name for name in sorted(tree.real, key=len) if PurePosixPath(name).name == TABLE), "")
        if not self.table and not self.texts:
            raise Refused("This is no export of Substack: there is no posts.csv in it.", file=tree.name)
        named = next((match[1] for name in self.lists if (match := LIST.search(name)) and match[1]), "")
        self.has_address = bool(url or named)
        self.url = (url or f"https://{named or 'blog'}.substack.{'com' if named else 'invalid'}").rstrip("/")
        self.files: set[str] = set()
        self.textless: list[str] = []  # titles of posts whose text is not in the archive

    def records(self) -> Iterator[Record]:
        yield Channel(url=self.url, generator="Substack")
        if not self.has_address:
            yield Notice(reason="The files of Substack do not contain the blog's address: give it with --url, so that "
                                "old links and addresses lead here.")  # fmt: skip
        used: set[str] = set()
        for row, facts in self.posts():
            if facts is None:
                yield Loss(kind="posts", reason=row.reason, line=row.line, file=f"{self.tree.name}/{TABLE}")
                continue
            name = self.text_of(facts.get("postid", ""))
            used.add(name)
            yield from self.item(facts, name, row.line)
        for name in self.texts.values():
            if name not in used:  # a text without its line, of which nobody knows whether it was public
                yield from self.item({"postid": PurePosixPath(name).stem}, name, 0)
        if self.textless:
            some = f"{len(self.textless)}, such as “{self.textless[0]}”"
            yield Notice(reason=f"The archive has no text for these posts: {some}.")
        for name in self.lists:
            source = source_of(self.tree, name)
            table = rows(source)
            header = next(table, None)
            if header and header.cells:
                columns = [folded(cell) for cell in header.cells]
                if "email" in columns:
                    yield from subscribers_reader.records_of(source, table, columns, "")

    def posts(self) -> Iterator[tuple[Row, Mapping[str, str] | None]]:
        """(row, {folded column: cell}) of posts.csv; None for a line that cannot be read."""
        if not self.table:
            return
        table = rows(source_of(self.tree, self.table))
        header = next(table, None)
        columns = [folded(cell) for cell in header.cells or []] if header else []
        if "postid" not in columns:
            raise Refused("This is no export of Substack: posts.csv has no column post_id.", 1, self.tree.name)
        for row in table:
            yield row, None if row.cells is None else dict(zip(columns, row.cells, strict=True))

    def text_of(self, number: str) -> str:
        """The file of a post: "posts/123.slug.html", also for a row that says 123 alone; "" for none."""
        if found := self.texts.get(number):
            return found
        return next((name for stem, name in self.texts.items() if number and stem.partition(".")[0] == number), "")

    def item(self, facts: Mapping[str, str], name: str, line: int) -> Iterator[Record]:
        number, _dot, slug = (PurePosixPath(name).stem if name else facts["postid"]).partition(".")
        raw = self.tree.text(name) if name else ""
        html, files = plain_html(raw)
        audio = facts.get("podcasturl", "")
        if audio.startswith(("http://", "https://")):
            html = f'<figure><audio controls src="{escape(audio)}"></audio></figure>\n{html}'
            files.insert(0, audio)
        elif not raw.strip():
            self.textless.append(facts.get("title", "") or number)
        own = facts.get("type", "").lower()
        kind = KINDS.get(own, own or "post")
        status = self.status(facts, is_gated(raw))
        item = Item(
            kind=kind,
            number=number_of_id("substack", number or slug or f"{line}"),
            title=facts.get("title", ""),
            link=f"{self.url}/p/{slug}" if slug and status in ("publish", "private") else "",
            content=html,
            content_format="html",
            excerpt=facts.get("subtitle", ""),
            date_gmt=in_utc(facts.get("postdate", "")),
            slug=slug,
            status=status,
            meta=[(f"substack_{key}", facts[folded(key)]) for key in KEPT if facts.get(folded(key))],
            line=line,
        )
        for url in files if kind in ("post", "page") else []:
            if url not in self.files:
                self.files.add(url)
                yield Item(kind="attachment", number=number_of_id("file", url), title=url.rpartition("/")[2],
                           attachment_url=url, status="inherit", parent=item.number or 0)  # fmt: skip
        yield item

    def status(self, facts: Mapping[str, str], gated: bool) -> str:
        """What only subscribers could read is private here; what nobody says was published is a draft."""
        if facts.get("ispublished", "").lower() not in YES:
            return "draft"
        return "publish" if facts.get("audience", "").lower() == "everyone" and not gated else "private"
