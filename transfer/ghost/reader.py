"""Reads the exports of Ghost, of every generation (0.x to 6.x), into records.

Ghost has no numbers and its files do not contain the blog's address: the ids become numbers below zero, and the address
has to be given; without it, a name of the reserved domain `.invalid` stands for it.
"""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from transfer.date_values import in_utc
from transfer.ghost.cards import lexical_html, mobiledoc_text
from transfer.ghost.files import documents
from transfer.ghost.members import subscribers_of
from transfer.records import Author, Channel, Comment, Item, Notice, Record, Term, TermUse, number_of_id
from transfer.wordpress.errors import Refused
from transfer.wordpress.values import without_controls

Row = dict[str, Any]
Tables = dict[str, list[Row]]
PLACEHOLDER = "__GHOST_URL__"
SIZED = re.compile(r"(/content/images/)size/w\d+(?:h\d+)?/(?:format/\w+/)?")
RELATIVE = re.compile(r"(?<=[\"'(\s,])/content/(?=(?:images|media|files)/)")
FILE = re.compile(r"https?://[^\s\"'<>/\\]+(?:/[^\s\"'<>/\\]+)*?/content/(?:images|media|files)/[^\s\"'<>),\\?#&]+")
# A block that is not for everybody. Its text stands in the HTML of the post.
GATED = re.compile(r"kg-gated-block:begin[^>]*nonMember:\s*false", re.IGNORECASE)
STATUSES = {"published": "publish", "draft": "draft", "scheduled": "future", "sent": "private"}
COMMENT_STATES = {"published": "1", "hidden": "0", "deleted": "trash"}
SOURCES = ("html", "lexical", "mobiledoc", "markdown")
KEPT = ("meta_title", "meta_description", "canonical_url", "codeinjection_head", "codeinjection_foot",
        "custom_template", "visibility", "uuid", "feature_image_alt", "feature_image_caption")  # fmt: skip


def read(paths: Sequence[str | Path], url: str = "") -> Iterator[Record]:
    """The records of all files. Raises Refused for what is no export of Ghost."""
    for name, text in documents(paths):
        for record in Export(tables_of(text, name), url, name).records():
            record.file = name
            yield record


def tables_of(text: str, name: str) -> Tables:
    """{table: rows} of a document."""
    try:
        document = json.loads(without_controls(text), strict=False)
    except json.JSONDecodeError as error:
        raise Refused(f"This file is no complete JSON ({error.msg}).", error.lineno, name)
    except (RecursionError, ValueError):
        raise Refused("This file is no JSON that can be read.", file=name)
    if isinstance(document, dict) and isinstance(document.get("db"), list) and document["db"]:
        document = document["db"][0]
    if isinstance(document, list) and document:
        document = document[0]
    if isinstance(document, dict) and isinstance(document.get("data"), dict) and "posts" not in document["data"]:
        document = document["data"]  # as other programs write what they have made for Ghost
    data = document.get("data", document) if isinstance(document, dict) else None
    if not isinstance(data, dict) or not isinstance(data.get("posts"), list):
        raise Refused("This is a JSON file, but no export of Ghost: it has no list of posts.", file=name)
    tables = {
        table: [row for row in rows if isinstance(row, dict)] for table, rows in data.items() if isinstance(rows, list)
    }
    meta = document.get("meta") if isinstance(document, dict) else None
    return tables | {"meta": [meta] if isinstance(meta, dict) else []}


def text(row: Row, key: str) -> str:
    value = row.get(key)
    return "" if value is None or isinstance(value, dict | list) else str(value)


def id_of(row: Row, key: str = "id") -> str:
    return text(row, key).strip()


class Export:
    def __init__(self, tables: Tables, url: str, name: str) -> None:
        self.tables, self.name = tables, name
        settings = {text(row, "key"): text(row, "value") for row in self.rows("settings")}
        self.settings = settings
        title = re.sub(r"[^a-z0-9]+", "-", settings.get("title", "").lower()).strip("-")[:50]
        self.url = (url or f"https://{title or 'blog'}.ghost.invalid").rstrip("/")
        self.has_address = bool(url)
        self.users = {id_of(row): row for row in self.rows("users")}
        self.tags = {id_of(row): row for row in self.rows("tags")}
        self.meta = {id_of(row, "post_id"): row for row in self.rows("posts_meta")}
        self.post_tags = self.links("posts_tags", "tag_id")
        self.post_authors = self.links("posts_authors", "author_id")
        self.comments: dict[str, list[Row]] = {}
        posts = {id_of(row) for row in self.rows("posts")}
        for row in self.rows("comments"):
            post = id_of(row, "post_id")
            self.comments.setdefault(post if post in posts else "", []).append(row)
        self.members = {id_of(row): row for row in self.rows("members")}

    def rows(self, table: str) -> list[Row]:
        return self.tables.get(table, [])

    def links(self, table: str, key: str) -> dict[str, list[str]]:
        """{post: ids in their order} of a table that connects posts with something."""
        found: dict[str, list[str]] = {}
        for row in sorted(self.rows(table), key=lambda row: order_of(row)):
            found.setdefault(id_of(row, "post_id"), []).append(id_of(row, key))
        return found

    def records(self) -> Iterator[Record]:
        version = text(self.rows("meta")[0], "version") if self.rows("meta") else ""
        exported = in_utc(self.rows("meta")[0].get("exported_on")) if self.rows("meta") else None
        yield Channel(
            title=self.settings.get("title", ""),
            url=self.url,
            description=self.settings.get("description", ""),
            language=self.settings.get("locale")
            or self.settings.get("lang")
            or self.settings.get("default_locale", ""),
            version=version,
            generator=f"Ghost {version}".strip(),
            exported_at=exported,
        )
        if not self.has_address:
            yield Notice(
                reason="The files of Ghost do not contain the blog's address. Files and links of the old blog are "
                "found if it is given."
            )
        yield from subscribers_of(self.tables)
        for row in self.users.values():
            yield Author(login=text(row, "slug") or id_of(row), email=text(row, "email"), name=text(row, "name"))
        for row in self.tags.values():
            yield self.term(row)
        files: set[str] = set()
        for row in self.rows("posts"):
            item = self.item(row)
            for url in self.files(row):
                if file_key(url) not in files:
                    files.add(file_key(url))
                    yield Item(
                        kind="attachment",
                        number=number_of_id("file", file_key(url)),
                        title=url.rpartition("/")[2],
                        attachment_url=url,
                        status="inherit",
                        parent=item.number or 0,
                    )
            if picture := self.picture(row):
                item.meta.append(("_thumbnail_id", str(number_of_id("file", file_key(picture)))))
            yield item
        if lost := self.comments.get(""):
            yield Item(kind="comments without a post", number=number_of_id("ghost", self.name, "comments"),
                       comments=[self.comment(row) for row in lost])  # fmt: skip

    def term(self, row: Row) -> Term:
        return Term(self.taxonomy(row), text(row, "slug"), text(row, "name"), description=text(row, "description"),
                    element="tag")  # fmt: skip

    def taxonomy(self, row: Row) -> str:
        """Tags that begin with "#" are for the theme and never shown."""
        internal = text(row, "visibility") == "internal" or text(row, "name").startswith("#")
        return "internal_tag" if internal else "post_tag"

    def facts(self, row: Row) -> Row:
        """The row with what a later generation keeps in another table."""
        return {key: value for key, value in self.meta.get(id_of(row), {}).items() if key != "id"} | row

    def item(self, row: Row) -> Item:
        facts = self.facts(row)
        is_page = text(row, "type") == "page" or text(row, "page") in ("1", "True", "true")
        content, content_format = self.content(row)
        slug = text(row, "slug")
        authors = self.post_authors.get(id_of(row)) or [id_of(row, "author_id") or id_of(row, "created_by")]
        logins = [text(self.users[each], "slug") or each for each in authors if each in self.users]
        tags = [self.tags[each] for each in self.post_tags.get(id_of(row), []) if each in self.tags]
        status = self.status(facts, content)
        meta = [(f"ghost_{key}", text(facts, key)) for key in KEPT if text(facts, key) not in ("", "public")]
        meta += [("ghost_author", login) for login in logins[1:]]
        return Item(
            kind="page" if is_page else "post",
            number=number_of_id("ghost", id_of(row) or text(row, "uuid") or slug),
            title=text(row, "title"),
            link=f"{self.url}/{slug}/" if slug and status in ("publish", "private", "future") else "",
            creator=logins[0] if logins else "",
            content=content,
            content_format=content_format,
            excerpt=text(facts, "custom_excerpt"),
            date_gmt=in_utc(row.get("published_at")) or in_utc(row.get("created_at")),
            modified_gmt=in_utc(row.get("updated_at")),
            slug=slug,
            status=status,
            is_sticky=text(row, "featured") in ("1", "True", "true"),
            terms=[TermUse(self.taxonomy(tag), text(tag, "slug"), text(tag, "name")) for tag in tags],
            meta=meta,
            comments=[self.comment(each) for each in self.comments.get(id_of(row), [])],
        )

    def status(self, facts: Row, content: str) -> str:
        """What only members may read, or was only a letter, is private here."""
        status = STATUSES.get(text(facts, "status"), text(facts, "status") or "draft")
        is_public = text(facts, "visibility") in ("", "public") and not GATED.search(content)
        only_mailed = text(facts, "email_only") in ("1", "True", "true")
        return "private" if status in ("publish", "future") and (only_mailed or not is_public) else status

    def content(self, row: Row) -> tuple[str, str]:
        """(text, its format): the HTML where the file has it, else what its source says."""
        if (html := text(row, "html")).strip():
            return self.absolute(html), "html"
        if (source := text(row, "lexical")).strip() and (html := lexical_html(source)):
            return self.absolute(html), "html"
        if (source := text(row, "mobiledoc")).strip():
            found, content_format = mobiledoc_text(source)
            if found:
                return self.absolute(found), content_format
        return self.absolute(text(row, "markdown")), "markdown"

    def absolute(self, source: str) -> str:
        """A text with whole addresses of the old blog, and pictures in their own size."""
        return SIZED.sub(r"\1", RELATIVE.sub(f"{self.url}/content/", source.replace(PLACEHOLDER, self.url)))

    def picture(self, row: Row) -> str:
        found = text(self.facts(row), "feature_image") or text(row, "image")
        found = self.absolute(f" {found}").strip()
        return found if found.startswith(("http://", "https://")) else ""

    def files(self, row: Row) -> list[str]:
        """The addresses of the files that a post shows, each once."""
        source = next((text(row, key) for key in SOURCES if text(row, key).strip()), "")
        found = [self.picture(row)] if self.picture(row) else []
        return list(dict.fromkeys(found + FILE.findall(self.absolute(source))))

    def comment(self, row: Row) -> Comment:
        member = self.members.get(id_of(row, "member_id"), {})
        parent = id_of(row, "parent_id")
        return Comment(
            number=number_of_id("ghost", "comment", id_of(row)),
            parent=number_of_id("ghost", "comment", parent) if parent else 0,
            author=text(member, "name"),
            email=text(member, "email"),
            date_gmt=in_utc(row.get("created_at")),
            content=text(row, "html"),
            approved=COMMENT_STATES.get(text(row, "status"), "0"),
        )


def order_of(row: Row) -> float:
    value = row.get("sort_order")
    return value if isinstance(value, int | float) else 0


def file_key(url: str) -> str:
    """A file's address without the host, so that one in two spellings is one file; the whole address elsewhere."""
    _host, found, inside = url.partition("/content/")
    return f"{found}{inside}" if found else url
