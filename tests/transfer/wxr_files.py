"""Makes WXR files from records, and blogs of records: coherent ones by a seed, odd ones by hypothesis.

`blog(seed, posts, comments)` gives the records of a whole blog, `wxr(records, style)` the text of a file and
`write(path, records, style)` a file of any size. What a file of a style says, the reader gives back equal: `comparable`
takes away what depends on the file alone.
"""

import random
import string
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from hypothesis import strategies as st

from transfer.records import Author, Channel, Comment, Item, Notice, Record, Term, TermUse

ZERO = "0000-00-00 00:00:00"
# Texts that importers of others lose, cut or misread.
ODD_TEXTS = [
    "",
    "Plain words.",
    "“Curly”, dash – dash — and a\u00a0fixed space…",
    "a ]]> b ]]]]> c",
    "]]>",
    "<![CDATA[ not a section ]]>",
    "5 < 6 & 7 > 3 &amp; &nbsp; &#8217; &copy",
    "<p>Two\n\nlines</p>\n<!--more-->\nrest<!--nextpage-->",
    '<!-- wp:paragraph {"a":"b"} -->\n<p>Block</p>\n<!-- /wp:paragraph -->',
    "<item><title>not an item</title></item>",
    "</wp:comment_content></wp:comment></item>",
    "<wp:comment>no comment</wp:comment> <!-- and no end",
    'back\\slashes \\\\ and "quotes" it\\\'s',
    "日本語 العربية עברית \u202eright to left\u202c",
    "👩‍👩‍👧‍👦 e\u0301 ﬃ \U0001d54f",
    "tab\tand line\u2028separator \u0085".replace("\u0085", ""),
    '[gallery ids="1,2"] [caption id="a" width="3"]x[/caption]',
    'a:1:{s:3:"key";s:5:"value";}',
    "100% %e4%bd%a0",
    "<?xml version='1.0'?><!DOCTYPE html><?php echo 1; ?>",
]
STATUSES = ["publish", "draft", "pending", "private", "future", "trash"]
APPROVED = ["1", "1", "1", "0", "trash", "post-trashed"]
KINDS = ["", "", "comment", "comment", "pingback", "trackback", "note", "review"]
POST_FORMATS = ["aside", "gallery", "link", "image", "quote", "status", "video", "audio", "chat"]


@dataclass(frozen=True)
class Style:
    """How a file is written. WXR 1.0 has no authors and names each category of an item twice."""

    version: str = "1.2"
    uri: str = "http://wordpress.org/export/1.2/"  # "" leaves the prefix without declaration
    prefix: str = "wp"
    cdata: bool = True  # texts as CDATA sections; without, everything is escaped
    modified: bool = True  # WordPress 5.7 and later
    is_wordpress_com: bool = False  # no author_id
    newline: str = "\n"
    declaration: str = '<?xml version="1.0" encoding="UTF-8" ?>\n'


# Writing


def wxr(records: Iterable[Record], style: Style = Style()) -> str:
    """The text of one file. The first record is the Channel."""
    return "".join(parts(records, style))


def write(path: Path, records: Iterable[Record], style: Style = Style()) -> Path:
    """A file on the disk, written record by record."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(parts(records, style))
    return path


def parts(records: Iterable[Record], style: Style) -> Iterator[str]:
    writer = Writer(style)
    for record in records:
        yield writer.record(record).replace("\n", style.newline)
    yield writer.end().replace("\n", style.newline)


class Writer:
    """Writes the elements of WXR, in the order in which WordPress writes them."""

    def __init__(self, style: Style) -> None:
        self.style = style

    def text(self, text: str) -> str:
        """A text as WordPress's wxr_cdata() writes it."""
        if not self.style.cdata:
            return escape(text)
        return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"

    def element(self, name: str, value: object, cdata: bool = True) -> str:
        name = f"{self.style.prefix}:{name.removeprefix('wp:')}" if name.startswith("wp:") else name
        text = self.text(str(value)) if cdata else escape(str(value))
        return f"<{name}>{text}</{name}>\n"

    def block(self, name: str, inner: str) -> str:
        name = f"{self.style.prefix}:{name}"
        return f"<{name}>\n{inner}</{name}>\n"

    def record(self, record: Record) -> str:
        match record:
            case Channel():
                return self.channel(record)
            case Author():
                return "" if self.style.version == "1.0" else self.author(record)
            case Term():
                return self.term(record)
            case Item():
                return self.item(record)
        raise TypeError(record)

    def end(self) -> str:
        return "</channel>\n</rss>\n"

    def channel(self, channel: Channel) -> str:
        style = self.style
        bound = f'\txmlns:{style.prefix}="{style.uri}"\n' if style.uri else ""
        icon = ""
        if channel.icon_url:
            url = escape(channel.icon_url)
            icon = f"<image>\n<url>{url}</url>\n<title>{escape(channel.title)}</title>\n<link>x</link>\n</image>\n"
        return (
            f"{style.declaration}<!-- This is a WordPress eXtended RSS file. <item> in a comment is none. -->\n"
            f'<rss version="2.0"\n\txmlns:excerpt="http://wordpress.org/export/{style.version}/excerpt/"\n'
            '\txmlns:content="http://purl.org/rss/1.0/modules/content/"\n'
            '\txmlns:wfw="http://wellformedweb.org/CommentAPI/"\n'
            f'\txmlns:dc="http://purl.org/dc/elements/1.1/"\n{bound}>\n<channel>\n'
            + self.element("title", channel.title, cdata=False)
            + self.element("link", channel.home, cdata=False)
            + self.element("description", channel.description, cdata=False)
            + self.element("pubDate", rfc822(channel.exported_at), cdata=False)
            + self.element("language", channel.language, cdata=False)
            + self.element("wp:wxr_version", style.version, cdata=False)
            + self.element(
                "wp:base_site_url", "https://wordpress.com/" if style.is_wordpress_com else channel.url, False
            )
            + self.element("wp:base_blog_url", channel.url, cdata=False)
            + (f"<generator>{escape(channel.generator)}</generator>\n" if channel.generator else "")
            + icon
        )

    def author(self, author: Author) -> str:
        number = "" if author.number is None else self.element("wp:author_id", author.number, cdata=False)
        return self.block(
            "author",
            number
            + self.element("wp:author_login", author.login)
            + self.element("wp:author_email", author.email)
            + self.element("wp:author_display_name", author.name)
            + self.element("wp:author_first_name", author.first_name)
            + self.element("wp:author_last_name", author.last_name),
        )

    def term(self, term: Term) -> str:
        slug, parent = encoded(term.slug), encoded(term.parent)
        inner = "" if term.number is None else self.element("wp:term_id", term.number, cdata=False)
        if term.element == "category":
            inner += self.element("wp:category_nicename", slug) + self.element("wp:category_parent", parent)
            inner += self.element("wp:cat_name", term.name) + self.element("wp:category_description", term.description)
        elif term.element == "tag":
            inner += self.element("wp:tag_slug", slug) + self.element("wp:tag_name", term.name)
            inner += self.element("wp:tag_description", term.description)
        else:
            inner += self.element("wp:term_taxonomy", term.taxonomy) + self.element("wp:term_slug", slug)
            inner += self.element("wp:term_parent", parent) + self.element("wp:term_name", term.name)
            inner += self.element("wp:term_description", term.description)
        return self.block(term.element, inner + self.meta("termmeta", term.meta))

    def meta(self, name: str, meta: list[tuple[str, str]]) -> str:
        return "".join(
            self.block(name, self.element("wp:meta_key", key) + self.element("wp:meta_value", value))
            for key, value in meta
        )

    def item(self, item: Item) -> str:
        modified = ""
        if self.style.modified:
            modified = self.element("wp:post_modified", mysql(item.modified))
            modified += self.element("wp:post_modified_gmt", mysql(item.modified_gmt))
        number = "" if item.number is None else self.element("wp:post_id", item.number, cdata=False)
        attached = self.element("wp:attachment_url", item.attachment_url) if item.attachment_url else ""
        return (
            "<item>\n"
            + self.element("title", item.title)
            + self.element("link", item.link, cdata=False)
            + self.element("pubDate", rfc822(item.published), cdata=False)
            + self.element("dc:creator", item.creator)
            + f'<guid isPermaLink="false">{escape(item.guid)}</guid>\n<description></description>\n'
            + self.element("content:encoded", item.content)
            + self.element("excerpt:encoded", item.excerpt)
            + number
            + self.element("wp:post_date", mysql(item.date))
            + self.element("wp:post_date_gmt", mysql(item.date_gmt))
            + modified
            + self.element("wp:comment_status", item.comment_status)
            + self.element("wp:ping_status", item.ping_status)
            + self.element("wp:post_name", encoded(item.slug))
            + self.element("wp:status", item.status)
            + self.element("wp:post_parent", item.parent, cdata=False)
            + self.element("wp:menu_order", item.menu_order, cdata=False)
            + self.element("wp:post_type", item.kind)
            + self.element("wp:post_password", item.password)
            + self.element("wp:is_sticky", int(item.is_sticky), cdata=False)
            + attached
            + "".join(map(self.term_use, item.terms))
            + self.meta("postmeta", item.meta)
            + "".join(map(self.comment, item.comments))
            + "</item>\n"
        )

    def term_use(self, use: TermUse) -> str:
        text, domain = self.text(use.name), use.taxonomy
        twice = ""
        if self.style.version == "1.0":
            domain = {"post_tag": "tag"}.get(domain, domain)
            without = "" if domain == "category" else f" domain={quoteattr(domain)}"
            twice = f"<category{without}>{text}</category>\n"
        slug = f" nicename={quoteattr(encoded(use.slug))}" if use.slug else ""
        return f"{twice}<category domain={quoteattr(domain)}{slug}>{text}</category>\n"

    def comment(self, comment: Comment) -> str:
        number = "" if comment.number is None else self.element("wp:comment_id", comment.number, cdata=False)
        return self.block(
            "comment",
            number
            + self.element("wp:comment_author", comment.author)
            + self.element("wp:comment_author_email", comment.email)
            + self.element("wp:comment_author_url", comment.url, cdata=False)
            + self.element("wp:comment_author_IP", comment.ip)
            + self.element("wp:comment_date", mysql(comment.date))
            + self.element("wp:comment_date_gmt", mysql(comment.date_gmt))
            + self.element("wp:comment_content", comment.content)
            + self.element("wp:comment_approved", comment.approved)
            + self.element("wp:comment_type", comment.kind)
            + self.element("wp:comment_parent", comment.parent, cdata=False)
            + self.element("wp:comment_user_id", comment.user, cdata=False)
            + self.meta("commentmeta", comment.meta),
        )


def mysql(moment: datetime | None) -> str:
    return moment.isoformat(sep=" ", timespec="seconds") if moment else ZERO


def rfc822(moment: datetime | None) -> str:
    return format_datetime(moment.replace(tzinfo=UTC)) if moment else "Wed, 30 Nov -0001 00:00:00 +0000"


def encoded(slug: str) -> str:
    """As sanitize_title() stores a slug: percent codes in lower case, at least for what is not ASCII."""
    return quote(slug, safe=string.printable.replace("%", "")).lower() if not slug.isascii() or "%" in slug else slug


def comparable(records: Iterable[Record], style: Style = Style()) -> list[Record]:
    """What a reader must find in a file of this style, without lines and file names."""
    found: list[Record] = []
    for record in records:
        if isinstance(record, Notice) or (isinstance(record, Author) and style.version == "1.0"):
            continue
        record = replace(record, line=0, file="", repeated=False)
        if isinstance(record, Channel):
            record.version = style.version
        if isinstance(record, Item):
            record.comments = [replace(comment, line=0) for comment in record.comments]
            if not style.modified:
                record.modified = record.modified_gmt = None
        found.append(record)
    return found


# Coherent blogs


def blog(seed: int = 0, posts: int = 20, comments: int = 5, words: int = 60, pages: int = 5) -> Iterator[Record]:
    """A blog: `posts` posts of some `words` words with `comments` comments each, pages, attachments, a menu, terms.

    All states and kinds occur from 20 posts on; every third text is one of ODD_TEXTS. Comments answer one another, now
    and then one that comes later; replies stay in their post. The same seed gives the same blog.
    """
    return Blog(seed, comments, words).records(posts, pages)


class Blog:
    URL = "https://old.example.net/blog"
    OFFSET = timedelta(hours=-7)  # local time is not UTC

    def __init__(self, seed: int, comments: int, words: int) -> None:
        self.random = random.Random(seed)
        self.comments_each, self.words_each = comments, words
        self.number = self.comment_number = 0
        self.start = datetime(2009, 3, 1, 22, 30)  # noqa: DTZ001  (records are naive)
        self.authors = [
            Author("ada", 1, "ada@example.net", "Ada Lovelace", "Ada", "Lovelace"),
            Author("rené", 2, "rene@example.net", "René “Z” & Co", "René", ""),
        ]
        self.categories = [
            Term("category", "reisen", "Reisen & mehr", "", "Über <em>Wege</em>", 1, element="category"),
            Term("category", "日本", "日本", "reisen", "", 2, [("color", "#fff")], element="category"),
            Term("category", "same-slug", "Same", "", "", 3, element="category"),
        ]
        self.tags = [
            Term("post_tag", "same-slug", "Same", "", "", 4, element="tag"),
            Term("post_tag", "c", "C++", "", "A language", 5, element="tag"),
        ]
        self.terms = [
            Term("nav_menu", "main", "Main", "", "", 6),
            Term("series", "part-two", "Part two", "part-one", "", 7, [("order", "2")]),
        ]

    def records(self, posts: int, pages: int) -> Iterator[Record]:
        yield Channel(
            title="Old blog & more",
            url=self.URL,
            home=f"{self.URL}/",
            description="Just another site",
            language="de-DE",
            version="1.2",
            exported_at=self.start + timedelta(days=6000),
            generator="https://wordpress.org/?v=6.9",
            icon_url=f"{self.URL}/wp-content/uploads/icon.png",
        )
        yield from [*self.authors, *self.categories, *self.tags, *self.terms]
        first_page = 10_000_000
        for index in range(posts):
            yield self.post(index)
            if index % 5 == 0:
                yield self.attachment(index, self.number)
        for index in range(pages):
            yield self.page(index, first_page)
        yield self.menu_item(first_page)
        yield self.other("custom_css", "body { color: red }")
        yield self.other("wp_block", "<!-- wp:paragraph --><p>Reused</p><!-- /wp:paragraph -->")

    def text(self) -> str:
        words = [self.random.choice(WORDS) for _ in range(self.words_each)]
        chosen = self.random.choice(ODD_TEXTS) if self.random.random() < 0.34 else ""
        return " ".join(words[: len(words) // 2]) + chosen + "\n\n" + " ".join(words[len(words) // 2 :])

    def dated(self, item: Item, index: int) -> Item:
        """Dates an item; drafts have no date in UTC, as WordPress writes them."""
        moment = self.start + timedelta(hours=37 * index)
        item.date, item.modified = moment, moment + timedelta(days=2)
        item.modified_gmt = item.modified - self.OFFSET
        if item.status not in ("draft", "pending"):
            item.date_gmt = item.published = moment - self.OFFSET
        return item

    def next_number(self) -> int:
        self.number += self.random.randint(1, 3)
        return self.number

    def post(self, index: int) -> Item:
        number, status = self.next_number(), STATUSES[index % len(STATUSES)] if index % 3 == 2 else "publish"
        slug = ["", f"post-{index}", f"öffentlich-{index}", f"日本-{index}"][index % 4]
        if status not in ("draft", "pending"):
            slug = slug or f"entry-{index}"
        item = Item(
            number=number,
            title=f"Post {index} {self.random.choice(ODD_TEXTS)}".strip(),
            guid=f"{self.URL}/?p={number}",
            creator=self.random.choice(["ada", "rené", "gone"]),
            content=self.text(),
            excerpt=self.random.choice(["", "", "Short <b>words</b>"]),
            comment_status=self.random.choice(["open", "closed"]),
            ping_status=self.random.choice(["open", "closed"]),
            slug=f"{slug}__trashed" if status == "trash" else slug,
            status=status,
            password="secret & <word>" if index % 7 == 6 else "",
            is_sticky=index == 1,
            terms=self.uses(index),
            meta=self.post_meta(index),
        )
        self.dated(item, index)
        item.link = f"{self.URL}/{item.date:%Y/%m/%d}/{encoded(item.slug)}/" if item.date_gmt else item.guid
        item.comments = list(self.comments(item))
        return item

    def uses(self, index: int) -> list[TermUse]:
        terms = [*self.categories, *self.tags]
        chosen = self.random.sample(terms, self.random.randint(0, len(terms)))
        uses = [TermUse(term.taxonomy, term.slug, term.name) for term in chosen]
        if index % 4 == 0:
            name = POST_FORMATS[index // 4 % len(POST_FORMATS)]
            uses.append(TermUse("post_format", f"post-format-{name}", name.title()))
        return uses

    def post_meta(self, index: int) -> list[tuple[str, str]]:
        meta = [("_edit_last", "1")]
        if index % 5 == 1:
            meta += [("_thumbnail_id", str(self.number - 1)), ("_wp_old_slug", "first"), ("_wp_old_slug", "second")]
        if index % 6 == 5:
            meta += [("enclosure", "https://old.example.net/a.mp3\n123\naudio/mpeg"), ("_oembed_1", "{{unknown}}")]
        if index % 3 == 0:
            meta.append(("odd", self.random.choice(ODD_TEXTS)))
        return meta

    def comments(self, item: Item) -> Iterator[Comment]:
        first = self.comment_number + 1
        for place in range(self.comments_each):
            self.comment_number += 1
            number = self.comment_number
            moment = (item.date or self.start) + timedelta(minutes=11 * (place + 1))
            parent = 0
            if place and self.random.random() < 0.4:
                parent = self.random.randrange(first, number)
            elif place + 1 < self.comments_each and self.random.random() < 0.05:
                parent = number + 1  # which comes later
            user = self.random.choice([0, 0, 0, 1, 77])
            yield Comment(
                number=number,
                parent=parent,
                author="Ada Lovelace"
                if user == 1
                else self.random.choice(["Rene", "O’Neil & Söhne", "<b>Mallory</b>", ""]),
                email=self.random.choice(["rene@example.com", "", "not an address"]),
                url=self.random.choice(["", "https://example.com/?a=1&b=2"]),
                ip=self.random.choice(["192.0.2.7", "2001:db8::7", ""]),
                date=moment,
                date_gmt=moment - self.OFFSET,
                content=f"{self.random.choice(WORDS)} {self.random.choice(ODD_TEXTS)}",
                approved=self.random.choice(APPROVED),
                kind=self.random.choice(KINDS),
                user=user,
                meta=[("akismet_result", "false"), ("odd", "ä\\")] if self.random.random() < 0.2 else [],
            )

    def page(self, index: int, first: int) -> Item:
        number = first + index
        page = Item(
            kind="page",
            number=number,
            title=f"Page {index}",
            link=f"{self.URL}/page-{index}/",
            guid=f"{self.URL}/?page_id={number}",
            creator="ada",
            content=self.text(),
            comment_status="closed",
            ping_status="closed",
            slug=f"page-{index}",
            status="publish",
            parent=first + index + 1 if index == 0 else first * (index > 2),  # the first one's parent comes later
            menu_order=index - 1,
            meta=[("_wp_page_template", "default")],
        )
        return self.dated(page, index)

    def attachment(self, index: int, parent: int) -> Item:
        number, name = self.next_number(), f"Bild-ä{index}"
        url = f"{self.URL}/wp-content/uploads/2009/03/{quote(name)}-scaled.jpg"
        attachment = Item(
            kind="attachment",
            number=number,
            title=name,
            link=f"{self.URL}/{encoded(name)}/",
            guid=url,
            creator="ada",
            content="The description",
            excerpt="The caption",
            comment_status="open",
            ping_status="closed",
            slug=name.lower(),
            status="inherit",
            parent=parent,
            attachment_url=url,
            meta=[("_wp_attached_file", f"2009/03/{name}-scaled.jpg"), ("_wp_attachment_image_alt", "A “tree”")],
        )
        return self.dated(attachment, index)

    def menu_item(self, page: int) -> Item:
        item = Item(
            kind="nav_menu_item",
            number=self.next_number(),
            creator="ada",
            status="publish",
            slug="menu-1",
            menu_order=1,
            terms=[TermUse("nav_menu", "main", "Main")],
            meta=[("_menu_item_type", "post_type"), ("_menu_item_object_id", str(page))],
        )
        return self.dated(item, 1)

    def other(self, kind: str, content: str) -> Item:
        item = Item(kind=kind, number=self.next_number(), title=kind, creator="ada", content=content, status="publish")
        return self.dated(item, 2)


WORDS = (
    "train window tea letter the a and of river “quoted” it’s don't naïve Straße мост 橋 harbour <b>bold</b> "
    "<em>early</em> market 1984 & bread"
).split()

# Odd records


def texts(max_size: int = 40) -> st.SearchStrategy[str]:
    """Everything that XML can say; without carriage returns and C1 controls, which a reader may not give back."""
    characters = st.characters(
        exclude_categories=["Cs", "Cc"], include_characters="\n\t", exclude_characters="\ufeff\ufffe\uffff"
    )
    return st.one_of(st.sampled_from(ODD_TEXTS), st.text(characters, max_size=max_size))


def short_texts() -> st.SearchStrategy[str]:
    return texts(20).map(str.strip)


def slugs() -> st.SearchStrategy[str]:
    return st.one_of(
        st.just(""),
        st.text("abcdefgh-0123", max_size=12),
        st.text("äöß日本語àé", min_size=1, max_size=8),
    )


def moments() -> st.SearchStrategy[datetime | None]:
    return st.one_of(
        st.none(),
        st.datetimes(datetime(1900, 1, 1), datetime(2099, 1, 1)).map(lambda moment: moment.replace(microsecond=0)),  # noqa: DTZ001
    )


def numbers() -> st.SearchStrategy[int]:
    return st.integers(0, 2**53)


def metas() -> st.SearchStrategy[list[tuple[str, str]]]:
    keys = st.text(string.ascii_lowercase + "_", min_size=1, max_size=8)
    return st.lists(st.tuples(keys, texts()), max_size=3)


def odd_channels() -> st.SearchStrategy[Channel]:
    return st.builds(
        Channel,
        title=short_texts(),
        url=st.just("https://old.example.net"),
        home=st.just("https://old.example.net/"),
        description=short_texts(),
        language=st.sampled_from(["", "en", "de-DE"]),
        exported_at=moments(),
    )


def odd_authors() -> st.SearchStrategy[Author]:
    return st.builds(
        Author,
        login=short_texts(),
        number=st.none() | numbers(),
        email=short_texts(),
        name=short_texts(),
        first_name=short_texts(),
        last_name=short_texts(),
    )


def odd_terms() -> st.SearchStrategy[Term]:
    fields = {
        "slug": slugs(),
        "name": short_texts(),
        "description": texts(),
        "number": st.none() | numbers(),
        "meta": metas(),
    }
    return st.one_of(
        st.builds(Term, taxonomy=st.just("category"), element=st.just("category"), parent=slugs(), **fields),
        st.builds(Term, taxonomy=st.just("post_tag"), element=st.just("tag"), **fields),
        st.builds(Term, taxonomy=st.sampled_from(["nav_menu", "series"]), parent=slugs(), **fields),
    )


def odd_comments() -> st.SearchStrategy[Comment]:
    return st.builds(
        Comment,
        number=st.none() | numbers(),
        parent=numbers(),
        author=short_texts(),
        email=short_texts(),
        url=short_texts(),
        ip=short_texts(),
        date=moments(),
        date_gmt=moments(),
        content=texts(),
        approved=st.sampled_from(["1", "0", "trash", "post-trashed", "spam", ""]),
        kind=st.sampled_from(KINDS),
        user=numbers(),
        meta=metas(),
    )


def odd_items() -> st.SearchStrategy[Item]:
    uses = st.builds(
        TermUse,
        taxonomy=st.sampled_from(["category", "post_tag", "author", "series"]),
        slug=slugs(),
        name=st.text("abcdef &<>\"'ß", min_size=1, max_size=8).map(str.strip).filter(bool),
    )
    return st.builds(
        Item,
        kind=st.sampled_from(["post", "page", "attachment", "nav_menu_item", "wp_block", "a_plugin"]),
        number=st.none() | numbers(),
        title=short_texts(),
        link=short_texts(),
        guid=short_texts(),
        creator=short_texts(),
        content=texts(200),
        excerpt=texts(),
        date=moments(),
        date_gmt=moments(),
        modified=moments(),
        modified_gmt=moments(),
        published=moments(),
        comment_status=st.sampled_from(["open", "closed", ""]),
        ping_status=st.sampled_from(["open", "closed", ""]),
        slug=slugs(),
        status=st.sampled_from([*STATUSES, "inherit", "acf-disabled"]),
        parent=numbers(),
        menu_order=st.integers(-5, 1000),
        password=short_texts(),
        is_sticky=st.booleans(),
        attachment_url=short_texts(),
        terms=st.lists(uses, max_size=4, unique_by=lambda use: (use.taxonomy, use.name)),
        meta=metas(),
        comments=st.lists(odd_comments(), max_size=3),
    )


def odd_blogs() -> st.SearchStrategy[list[Record]]:
    """A channel, then authors, terms and items of all values that the format can carry."""
    return st.builds(
        lambda channel, *lists: [channel, *(record for records in lists for record in records)],
        odd_channels(),
        st.lists(odd_authors(), max_size=2),
        st.lists(odd_terms(), max_size=3),
        st.lists(odd_items(), max_size=3),
    )


def styles() -> st.SearchStrategy[Style]:
    uris = [
        f"{scheme}://wordpress.org/export/{version}/"
        for scheme in ("http", "https")
        for version in ("1.0", "1.1", "1.2")
    ]
    return st.builds(
        Style,
        version=st.sampled_from(["1.0", "1.1", "1.2"]),
        uri=st.sampled_from([*uris, ""]),
        cdata=st.booleans(),
        modified=st.booleans(),
        newline=st.sampled_from(["\n", "\r\n"]),
    )
