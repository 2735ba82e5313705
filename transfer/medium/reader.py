"""Reads the export of Medium (a zip archive, or the folder in it) into records: one page for each story, draft and
response in posts/.

Medium's ids become numbers below zero. Tags stand in old exports alone. What one answered elsewhere comes as items of
the kind "response", which the import keeps as data.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from transfer.date_values import in_utc
from transfer.html_tree import parse
from transfer.medium.content import Story, story_of
from transfer.records import Author, Channel, Item, Loss, Notice, Record, Term, TermUse, number_of_id
from transfer.textfiles.tree import Tree
from transfer.wordpress.errors import Refused

TEXT = re.compile(r"(?:^|/)posts/[^/]+\.html?$", re.IGNORECASE)
PROFILE = re.compile(r"(?:^|/)profile/profile\.html$")
NAME = re.compile(r"(?:draft_|(?P<date>\d{4}-\d{2}-\d{2})_)?(?P<slug>.*?)-{1,2}(?P<id>[0-9a-f]{8,16})$")


def read(paths: Sequence[str | Path], url: str = "") -> Iterator[Record]:
    """The records of all exports. Raises Refused for what is none."""
    for path in map(Path, paths):
        tree = Tree(path)
        try:
            for record in Export(tree, url).records():
                record.file = record.file or tree.name
                yield record
        finally:
            if tree.archive is not None:
                tree.archive.close()


def slug_of(text: str) -> str:
    return re.sub(r"[\W_]+", "-", text.casefold()).strip("-")


class Export:
    def __init__(self, tree: Tree, url: str) -> None:
        self.tree = tree
        self.names = [name for name in sorted(tree.real) if TEXT.search(name)]
        if not self.names:
            raise Refused("This is no export of Medium: there are no pages in a folder “posts” in it.", file=tree.name)
        profile = next((name for name in sorted(tree.real) if PROFILE.search(name)), "")
        self.name, self.handle, self.email = self.profile(tree.text(profile)) if profile else ("", "", "")
        self.url = (
            url or (f"https://medium.com/@{self.handle}" if self.handle else "https://blog.medium.invalid")
        ).rstrip("/")
        self.has_address = bool(url or self.handle)
        self.authors: set[str] = set()
        self.tags: set[str] = set()
        self.files: set[str] = set()

    def profile(self, text: str) -> tuple[str, str, str]:
        """(display name, handle, email address) of the page profile/profile.html."""
        tree = parse(text)
        name, link = tree.first("", "p-name"), tree.first("a", "u-url")
        email = re.search(r"Email address:\s*([^\s<>]+@[^\s<>]+)", tree.text)
        handle = re.search(r"@([\w.-]+)", link.get("href") if link else "")
        return name.text if name else "", handle[1] if handle else "", email[1] if email else ""

    def records(self) -> Iterator[Record]:
        yield Channel(title=self.name, url=self.url, generator="Medium")
        if not self.has_address:
            yield Notice(reason="The files of Medium do not say where the blog was: give the address with --url.")
        if self.handle:
            yield self.author(self.handle, self.name, self.email)
        for name in self.names:
            try:
                text = self.tree.text(name)
            except Refused as refusal:
                yield Loss(kind="posts", reason=refusal.reason, file=name)
                continue
            yield from self.story(story_of(text), name)

    def author(self, login: str, name: str, email: str = "") -> Author:
        self.authors.add(login)
        return Author(login=login, name=name, email=email)

    def story(self, story: Story, name: str) -> Iterator[Record]:
        stem = PurePosixPath(name).stem
        is_draft = stem.startswith("draft_")
        found = NAME.fullmatch(stem)
        address = urlsplit_path(story.canonical)
        last = address.rpartition("/")[2]
        own = re.fullmatch(r"(.*?)-?([0-9a-f]{8,16})", last)
        identity = (own and own[2]) or (found and found["id"]) or stem
        slug = (own and own[1]) or slug_of(found["slug"] if found else "") or slug_of(story.title)
        date = in_utc(story.written) or (in_utc(found["date"]) if found and found["date"] else None)
        login = match[1] if (match := re.search(r"@([\w.-]+)", story.profile)) else ""
        if login and login not in self.authors:
            yield self.author(login, story.author)
        for tag in story.tags:
            if slug_of(tag) not in self.tags:
                self.tags.add(slug_of(tag))
                yield Term("post_tag", slug_of(tag), tag, element="tag")
        kind = "response" if story.is_response and not is_draft else "post"
        item = Item(
            kind=kind,
            number=number_of_id("medium", identity),
            title=story.title,
            link=self.link(story, address),
            creator=login or self.handle,
            content=story.html,
            content_format="html",
            excerpt=story.subtitle,
            date_gmt=date,
            slug=slug,
            status="draft" if is_draft or not date else "publish",
            terms=[TermUse("post_tag", slug_of(tag), tag) for tag in story.tags],
            meta=[("medium_canonical", story.canonical), ("medium_link", story.link), ("medium_id", identity)],
        )
        for url in story.files if kind == "post" else []:
            if url not in self.files:
                self.files.add(url)
                yield Item(kind="attachment", number=number_of_id("file", url), title=url.rpartition("/")[2],
                           attachment_url=url, status="inherit", parent=item.number or 0)  # fmt: skip
            if url == story.featured:
                item.meta.append(("_thumbnail_id", str(number_of_id("file", url))))
        yield item

    def link(self, story: Story, address: str) -> str:
        """Where the story was on the blog of `url`: canonical addresses of other hosts keep their path alone."""
        if not story.canonical.startswith(("http://", "https://")):
            return ""
        if story.canonical.startswith(f"{self.url}/"):
            return story.canonical
        return f"{self.url}/{address.rpartition('/')[2]}" if "medium.com" in urlsplit(story.canonical).netloc else ""


def urlsplit_path(url: str) -> str:
    try:
        return unquote(urlsplit(url).path).rstrip("/")
    except ValueError:
        return ""
