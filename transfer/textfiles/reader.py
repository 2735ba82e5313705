"""Reads folders of Markdown (Hugo, Jekyll, Eleventy, Astro, our own export) into records.

They have no numbers: the name of a file becomes one below zero. Our own export says the number that a post had.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from transfer.date_values import in_utc, parse_date
from transfer.records import Author, Channel, Comment, Item, Loss, Notice, Record, Term, TermUse, number_of_id
from transfer.textfiles.front_matter import Facts, FrontMatterError, is_false, is_true, list_at, split, text_at
from transfer.textfiles.own_export import comments_of, own_item, own_term
from transfer.textfiles.references import References
from transfer.textfiles.shortcodes import with_shortcodes
from transfer.textfiles.site import DATED, STYLES, Site, slugged
from transfer.textfiles.templates import shown
from transfer.textfiles.tree import UNCONVERTED, Tree, kind_by, trees

DATES = ("date", "publishdate", "pubdate", "pubdatetime", "published_at", "created", "created_at")
CHANGES = ("lastmod", "last_modified_at", "modified", "updated", "updateddate", "moddatetime", "updated_at")
HEADING = re.compile(r"\s*#\s+(.+?)\s*#*\s*(?:\n|\Z)")
# What says that not everybody may read it. A build shows some of it without a link to it.
HIDDEN = ("private", "hidden", "unlisted", "password", "protected", "headless", "members_only")
COLLECTIONS = ("all", "nav", "post", "posts")  # tags of Eleventy that are none for readers
KNOWN = set(
    "title date lastmod slug url permalink aliases redirect_from draft published categories category tags tag "
    "description excerpt summary author authors weight layout longrun language".split()
)


@dataclass
class Text:
    """A file with front matter, before its text is read."""

    name: str
    facts: Facts
    kind: str
    line: int
    number: int
    link: str = ""
    when: datetime | None = None
    has_front_matter: bool = True
    is_built: bool = True  # a build of the site makes a page of it


def read(paths: Sequence[str | Path], url: str = "") -> Iterator[Record]:
    """The records of all folders and archives. Raises Refused for what has no texts."""
    for tree in trees(paths):
        for record in Blog(tree, url).records():
            record.file = record.file or tree.name
            yield record


def authors_of(facts: Facts) -> list[str]:
    """The names of a text's authors, each slug once."""
    return distinct([list_at(facts, "author", "authors")], slugged)


class Blog:
    def __init__(self, tree: Tree, url: str) -> None:
        self.tree, self.site = tree, Site(tree, url)
        self.texts: list[Text] = []
        self.losses: list[Loss] = []
        self.own_terms: dict[tuple[str, str], Term] = {}  # (taxonomy, name) → as a list of our own export has it
        self.lists = self.read_lists() if self.site.system == "hugo" else {}
        for name in tree.texts():
            self.add(name)
        self.references = References(tree, self.site.url, {text.name: text.link for text in self.texts})

    def read_lists(self) -> dict[PurePosixPath, Facts]:
        """{folder: front matter of its `_index` file}, for what lists hand down to their texts."""
        found: dict[PurePosixPath, Facts] = {}
        for name in self.tree.texts():
            if kind_by(name, "", False) == "section":
                try:
                    facts = split(self.tree.text(name))[0]
                except FrontMatterError:
                    continue
                found.setdefault(PurePosixPath(name).parent, facts or {})
        return found

    def add(self, name: str) -> None:
        try:
            source = self.tree.text(name)
            facts, body, line = split(source)
        except FrontMatterError as error:
            kind = "pages" if kind_by(name, "", False) == "page" else "posts"
            kind = "other" if kind_by(name, "", False) == "section" else kind
            reason = f"The front matter cannot be read: {error.reason}."
            self.losses.append(Loss(kind, name, reason, line=error.line, file=name))
            return
        if facts is None and PurePosixPath(name).suffix.lower() in (".html", ".htm"):
            return
        known = self.site.with_defaults(facts or {}, name, self.lists)
        known = self.with_categories_of_folders(known, name)
        when = date_of(known, name)
        if term := own_term(known, source):
            self.own_terms[term.taxonomy, term.name] = term
            return
        layout = text_at(known, "layout", "type").lower()
        kind = kind_by(name, layout, when is not None, has_text=bool(body.strip()) and "list" not in known)
        own = known.get("longrun")
        number = own.get("number") if isinstance(own, dict) else None
        digits = str(number or "")
        number = int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 16 else 0
        text = Text(name, known, kind, line, number or number_of_id("file", name), when=when,
                    has_front_matter=facts is not None,
                    is_built=self.site.is_built(name, has_date_in_name=dated(name) is not None)
                    and language_of(name) == "")  # fmt: skip
        text.link = self.link(text)
        self.texts.append(text)

    def with_categories_of_folders(self, facts: Facts, name: str) -> Facts:
        """Jekyll's posts in `running/_posts` are in the category "running"."""
        path = self.site.path_of(name)
        above = list(path.parts[: path.parts.index("_posts")]) if "_posts" in path.parts else []
        if self.site.system != "jekyll" or not above:
            return facts
        own = list_at(facts, "categories", "category", spaces=True)
        return {key: value for key, value in facts.items() if key != "category"} | {"categories": [*above, *own]}

    def categories(self, facts: Facts) -> list[str]:
        names = list_at(facts, "categories", "category", spaces=self.site.system == "jekyll")
        return distinct([names], lambda name: self.term_slug("category", name))

    def tags(self, facts: Facts) -> list[str]:
        names = list_at(facts, "tags", "tag", "keywords", spaces=self.site.system == "jekyll")
        if self.site.system == "eleventy":  # where tags make collections, too
            names = [name for name in names if name.lower() not in COLLECTIONS]
        return distinct([names], lambda name: self.term_slug("post_tag", name))

    def term_slug(self, taxonomy: str, name: str) -> str:
        own = self.own_terms.get((taxonomy, name))
        return own.slug if own else slugged(name)

    def terms(self) -> Iterator[Term]:
        """Every category and tag: those of our own lists, then those that texts name beside."""
        yield from self.own_terms.values()
        used = [text.facts for text in self.texts if text.kind != "section"]
        yield from self.other_terms("category", "category", map(self.categories, used))
        yield from self.other_terms("post_tag", "tag", map(self.tags, used))

    def other_terms(self, taxonomy: str, element: str, names: Iterable[list[str]]) -> Iterator[Term]:
        seen = {term.slug for (of, _name), term in self.own_terms.items() if of == taxonomy}
        for name in distinct(names, lambda name: self.term_slug(taxonomy, name)):
            if (slug := self.term_slug(taxonomy, name)) not in seen:
                yield Term(taxonomy, slug, name, element=element)

    def link(self, text: Text) -> str:
        given = text_at(text.facts, "url", "permalink")
        if given.startswith(("http://", "https://")):
            return given
        if given and given not in ("true", "false", *STYLES) and "{" not in given and ":" not in given:
            return f"{self.site.url}/{given.lstrip('/')}"
        slug = text_at(text.facts, "slug")
        rule = given if "{" not in given and (":" in given or given in STYLES) else ""
        own = self.site.permalink(text.name, slug, text.when, self.categories(text.facts), text.kind, rule)
        return self.site.url + own

    def records(self) -> Iterator[Record]:
        site = self.site
        yield Channel(title=site.value("title"), url=site.url, description=site.value("description", "tagline"),
                      language=site.value("languagecode", "lang", "locale"), generator=site.system)  # fmt: skip
        if not site.has_address:
            yield Notice(
                reason="The files do not say where the blog was. Links to its whole address are found if it is given."
            )
        yield from self.losses
        languages = Counter(name for text in self.texts if (name := language_of(text.name)))
        for name, number in languages.items():
            rest = "It is not turned into HTML here; they are drafts with the text as it was written."
            yield Notice(reason=f"Texts in {name}: {number}. {rest}")
        if unbuilt := [text.name for text in self.texts if not text.is_built and not language_of(text.name)]:
            some = f"{len(unbuilt)}, such as {unbuilt[0]}"
            yield Notice(reason=f"The old blog had no page for these texts; they are drafts: {some}.")
        for name in distinct((authors_of(text.facts) for text in self.texts), slugged):
            yield Author(login=slugged(name), name=name)
        yield from self.terms()
        parents = {text.link.removeprefix(site.url): text.number for text in self.texts}
        files: set[str] = set()
        for text in self.texts:
            item = self.item(text)
            own_item(item, text.facts, parents, self.tree)
            for name in self.references.found:
                if name not in files:
                    files.add(name)
                    url = self.references.address(name)
                    yield Item(kind="attachment", number=number_of_id("file", name), title=PurePosixPath(name).name,
                               attachment_url=url, status="inherit", parent=item.number or 0, file=name)  # fmt: skip
            yield item

    def item(self, text: Text) -> Item:
        facts = text.facts
        _facts, body, _line = split(self.tree.text(text.name))
        title = text_at(facts, "title")
        is_own = isinstance(facts.get("longrun"), dict)  # says what it has; nothing is guessed
        if not title and not is_own and (heading := HEADING.match(body)):
            title, body = heading[1], body[heading.end() :]
        body = body.removeprefix("\n").removesuffix("\n")
        self.references.found = []
        is_html = PurePosixPath(text.name).suffix.lower() in (".html", ".htm")
        content = self.references.rewritten(body, text.name)
        content = (
            with_shortcodes(content)
            if is_own
            else shown(content, self.site.system, is_html, {"site": self.site.facts, "page": facts})
        )
        meta = [("_old_path", alias) for alias in list_at(facts, "aliases", "redirect_from") if alias]
        if picture := self.references.picture(facts, text.name):
            meta.append(("_thumbnail_id", str(number_of_id("file", picture))))
        _name, code = self.site.languages.placed(text.name)
        code = code if code != self.site.languages.default else ""
        if language := text_at(facts, "language") or code:
            meta.append(("_longrun_language", language))
        meta += [(key, str(value)[:2000]) for key, value in facts.items() if key not in KNOWN and is_plain(value)]
        authors = authors_of(facts)
        meta += [("_other_author", slugged(name)) for name in authors[1:]]
        changed = next((found for key in CHANGES if (found := parse_date(facts.get(key)))), None)
        return Item(
            kind=text.kind,
            number=text.number,
            title=title or ("" if is_own else title_by(text.name)),
            link=text.link,
            guid="",
            creator=slugged(authors[0]) if authors else "",
            content=content,
            content_format="html" if is_html else "markdown",
            excerpt=text_at(facts, "description", "excerpt", "summary"),
            date=text.when.replace(tzinfo=None) if text.when else None,
            date_gmt=in_utc(text.when) if text.when and text.when.tzinfo else None,
            modified=None if changed and changed.tzinfo else changed,
            modified_gmt=in_utc(changed) if changed and changed.tzinfo else None,
            slug=self.slug(text),
            status=status_of(text),
            menu_order=int(weight) if re.fullmatch(r"-?\d{1,9}", weight := text_at(facts, "weight", "order")) else 0,
            comment_status="closed" if is_false(facts, "comments") else "",
            terms=[TermUse("category", self.term_slug("category", name), name) for name in self.categories(facts)]
            + [TermUse("post_tag", self.term_slug("post_tag", name), name) for name in self.tags(facts)],
            meta=meta,
            comments=self.comments(text),
            line=text.line,
            file=text.name,
        )

    def slug(self, text: Text) -> str:
        """As the front matter says, else the last part of the address, else the file's name without its date."""
        path = PurePosixPath(self.site.languages.placed(text.name)[0])
        stem = path.parent.name if path.stem in ("index", "_index") and path.parent.name else path.stem
        found = DATED.fullmatch(stem)
        given = text_at(text.facts, "url", "permalink")
        is_own = given and ":" not in given and given not in STYLES
        last = PurePosixPath(text.link.removeprefix(self.site.url)).stem if is_own else ""
        return text_at(text.facts, "slug").strip("/") or last or (found[4] if found else stem)

    def comments(self, text: Text) -> list[Comment]:
        return comments_of(self.tree, text.number) if text.number > 0 else []


def distinct(lists: Iterable[list[str]], slug: Callable[[str], str]) -> list[str]:
    """The names of all lists, of those with one slug the first."""
    found: dict[str, str] = {}
    for names in lists:
        for name in names:
            found.setdefault(slug(name), name)
    return [name for key, name in found.items() if key]


def is_plain(value: object) -> bool:
    return isinstance(value, str | int | float | datetime) or (
        isinstance(value, list) and all(isinstance(each, str | int | float) for each in value)
    )


def date_of(facts: Facts, name: str) -> datetime | None:
    """The date of the front matter, else that in the file's name or its folder's."""
    if found := next((found for key in DATES if (found := parse_date(facts.get(key)))), None):
        return found
    named = dated(name)
    return parse_date(f"{named[1]}-{int(named[2]):02}-{int(named[3]):02}") if named else None


def dated(name: str) -> re.Match[str] | None:
    """The date and the rest of a file's name, or of its folder's."""
    path = PurePosixPath(name)
    return DATED.fullmatch(path.stem) or DATED.fullmatch(path.parent.name)


def title_by(name: str) -> str:
    """The title of a text that says none, as Jekyll makes it of the name behind a date."""
    path = PurePosixPath(name)
    if found := dated(name):
        return " ".join(word.capitalize() for word in found[4].split("-") if word)
    return path.parent.name if path.stem == "index" and path.parent.name else path.stem


def language_of(name: str) -> str:
    """The markup language of a text if nothing here turns it into HTML, else ""."""
    return UNCONVERTED.get(PurePosixPath(name).suffix.lower(), "")


def status_of(text: Text) -> str:
    """What a build would not show, or not to everybody, is a draft or private."""
    facts = text.facts
    folders = PurePosixPath(text.name).parts[:-1]
    status = text_at(facts, "status", "visibility").lower()
    expires = parse_date(facts.get("expirydate"))
    now = datetime.now(UTC)
    if not text.is_built or text_at(facts, "permalink") == "false":
        return "draft"
    if not text.has_front_matter and text.when is None:
        return "draft"
    if "_drafts" in folders or "drafts" in folders or is_true(facts, "draft") or is_false(facts, "published"):
        return "draft"
    if status in ("draft", "pending", "private", "trash"):
        return status
    if status not in ("", "publish", "published", "public"):
        return "draft"
    if expires and (expires if expires.tzinfo else expires.replace(tzinfo=UTC)) < now:
        return "draft"
    build = facts.get("_build") or facts.get("build")
    if isinstance(build, dict) and str(build.get("render", "always")).lower() not in ("always", "true"):
        return "private"
    return "private" if is_true(facts, *HIDDEN) else "publish"
