"""Reads backups of Blogger into records: comments stand beside the posts in the file, and come with them here."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from transfer.blogger.entries import Entry, Feed
from transfer.date_values import in_utc, parse_date
from transfer.records import Author, Channel, Comment, Item, Notice, Record, Term, TermUse, number_of_id
from transfer.wordpress.files import sources

LABEL = "http://www.blogger.com/atom/ns#"
NUMBER = re.compile(r"(?:post-|/default/|page-)(\d+)(?:/|$)")
STATUSES = {"live": "publish", "draft": "draft", "scheduled": "future", "soft_trashed": "trash", "trashed": "trash"}
COMMENT_STATES = {"live": "1", "pending": "0", "spam_comment": "spam", "spam": "spam", "ghosted": "spam",
                  "soft_trashed": "trash", "trashed": "trash"}  # fmt: skip
PICTURE = re.compile(
    r"""<img\b[^>]*?\bsrc=["'](https?://[^"'\s/]*(?:blogspot\.com|googleusercontent\.com|blogger\.com)/[^"'\s]+)""",
    re.I,
)


def read(paths: Sequence[str | Path], url: str = "") -> Iterator[Record]:
    """The records of all files. Raises Refused for what is no backup of Blogger."""
    for source in sources(paths):
        feed = Feed(source)
        entries = list(feed.entries())
        records = [*Backup(feed, entries, url).records(), *source.notices]
        if feed.failure:
            reason, line = feed.failure
            records.append(Notice(reason=f"The file is damaged here ({reason}). It was read up to there.", line=line))
        for record in records:
            record.file = source.name
            yield record


def label_of(term: str) -> str:
    """A label without the blanks around and between its words that nobody sees."""
    return " ".join(term.split())


def identifier(text: str) -> str:
    """The number in an id or address of Blogger; the whole text where there is none."""
    found = NUMBER.findall(text)
    return found[-1] if found else text.strip()


class Backup:
    def __init__(self, feed: Feed, entries: list[Entry], url: str) -> None:
        self.feed, self.entries = feed, entries
        self.kinds = [kind_of_entry(entry) for entry in entries]
        found = url or feed.head.link("alternate")
        if not found:
            links = (entry.link("alternate") for entry in entries)
            parts = next((urlsplit(link) for link in links if link.startswith("http")), None)
            found = f"{parts.scheme}://{parts.netloc}" if parts else ""
        self.has_address = bool(found)
        title = re.sub(r"[^a-z0-9]+", "-", feed.head.text("title").lower()).strip("-")
        self.url = (found or f"https://{title or 'blog'}.blogger.invalid").rstrip("/")
        posts = {
            identifier(entry.text("id"))
            for entry, kind in zip(entries, self.kinds, strict=True)
            if kind in ("post", "page")
        }
        self.comments: dict[str, list[Entry]] = {}
        for entry, kind in zip(entries, self.kinds, strict=True):
            if kind == "comment":
                post = identifier(entry.reply_to or entry.text("parent"))
                self.comments.setdefault(post if post in posts else "", []).append(entry)

    def records(self) -> Iterator[Record]:
        head = self.feed.head
        yield Channel(title=head.text("title"), url=self.url, generator="Blogger")
        if not self.has_address:
            yield Notice(
                reason="The file does not say where the blog was. Its old links are found if the address is given."
            )
        texts = [entry for entry, kind in zip(self.entries, self.kinds, strict=True) if kind in ("post", "page")]
        for name in dict.fromkeys(author_of(entry) for entry in texts):
            if name:
                yield Author(login=name, name=name)
        for label in dict.fromkeys(label for entry in texts for label in labels_of(entry)):
            yield Term("post_tag", label, label, element="tag")
        files: set[str] = set()
        for entry, kind in zip(self.entries, self.kinds, strict=True):
            if kind == "comment":
                continue
            item = self.item(entry, kind)
            for url in PICTURE.findall(item.content) if kind in ("post", "page") else []:
                if url not in files:
                    files.add(url)
                    yield Item(kind="attachment", number=number_of_id("file", url), title=url.rpartition("/")[2],
                               attachment_url=url, status="inherit", parent=item.number or 0)  # fmt: skip
            yield item
        if lost := self.comments.get(""):
            yield Item(kind="comments without a post", number=number_of_id("blogger", self.url, "comments"),
                       comments=[self.comment(each) for each in lost])  # fmt: skip

    def item(self, entry: Entry, kind: str) -> Item:
        key = identifier(entry.text("id"))
        link = entry.link("alternate") if entry.link("alternate").startswith("http") else ""
        if not link and (path := entry.text("filename")):
            link = f"{self.url}/{path.lstrip('/')}"
        published = entry.text("published") or entry.text("created")
        local = parse_date(published)
        slug = link.split("?")[0].rstrip("/").rpartition("/")[2]
        comments = self.comments.get(key, []) if kind in ("post", "page") else []
        return Item(
            kind=kind,
            number=number_of_id("blogger", entry.text("id") or link or f"{entry.line}"),
            title=entry.text("title"),
            link=link,
            guid=entry.text("id"),
            creator=author_of(entry),
            content=entry.texts.get("content") or entry.texts.get("summary", ""),
            content_format="html",
            date=local.replace(tzinfo=None) if local else None,
            date_gmt=in_utc(published) if local and local.tzinfo else None,
            modified_gmt=in_utc(entry.text("updated")),
            slug=re.sub(r"\.html?$", "", slug) or label_of(entry.text("title")),
            status=status_of(entry),
            terms=[TermUse("post_tag", label, label) for label in labels_of(entry)],
            comments=[self.comment(each) for each in comments],
            line=entry.line,
        )

    def comment(self, entry: Entry) -> Comment:
        email = entry.text("author email")
        related = entry.text("inReplyTo") or entry.link("related")
        return Comment(
            number=number_of_id("blogger", "comment", identifier(entry.text("id"))),
            parent=number_of_id("blogger", "comment", identifier(related)) if related else 0,
            author=entry.text("author name"),
            email="" if email.lower().startswith("noreply@") else email,
            url=entry.text("author uri"),
            date_gmt=in_utc(entry.text("published") or entry.text("created")),
            content=entry.texts.get("content", ""),
            approved=comment_state(entry),
            line=entry.line,
        )


def kind_of_entry(entry: Entry) -> str:
    """What an entry is; one that does not say it is a comment if it answers something, else a post."""
    return entry.kind or ("comment" if entry.reply_to else "post")


def author_of(entry: Entry) -> str:
    return label_of(entry.text("author name"))


def labels_of(entry: Entry) -> list[str]:
    return list(
        dict.fromkeys(label for scheme, term in entry.categories if scheme == LABEL and (label := label_of(term)))
    )


def status_of(entry: Entry) -> str:
    """Nothing is public of which the file does not say that it is a post or page, and no draft."""
    if entry.text("trashed") and entry.text("trashed").lower() != "false":
        return "trash"
    if entry.text("draft").lower() not in ("", "no", "false") or not entry.kind:
        return "draft"
    return STATUSES.get(entry.text("status").lower() or "live", "draft")


def comment_state(entry: Entry) -> str:
    if entry.is_removed or (entry.text("trashed") and entry.text("trashed").lower() != "false"):
        return "trash"
    if not entry.kind:
        return "0"
    return COMMENT_STATES.get(entry.text("status").lower() or "live", "0")
