"""Which elements WXR has, where they stand, and how their texts become records.

Source: `wp-admin/includes/export.php` of WordPress (1.0 of 2.1 to 1.2 of today) and what WordPress.com writes.
"""

import re
from collections.abc import Mapping

from transfer.records import Author, Channel, Comment, Item, Record, Term, TermUse
from transfer.wordpress import values

# Elements that hold elements, by the element they stand in.
CONTAINERS: Mapping[str, frozenset[str]] = {
    "": frozenset({"rss"}),
    "rss": frozenset({"channel"}),
    "channel": frozenset({"item", "wp:author", "wp:category", "wp:tag", "wp:term", "image"}),
    "item": frozenset({"wp:postmeta", "wp:comment"}),
    "wp:comment": frozenset({"wp:commentmeta"}),
    "wp:category": frozenset({"wp:termmeta"}),
    "wp:tag": frozenset({"wp:termmeta"}),
    "wp:term": frozenset({"wp:termmeta"}),
}
META = frozenset({"wp:postmeta", "wp:commentmeta", "wp:termmeta"})
# Elements that hold text, by the element they stand in.
META_TEXTS = frozenset({"wp:meta_key", "wp:meta_value"})
TEXTS: Mapping[str, frozenset[str]] = {
    "channel": frozenset(
        "title link description pubDate language generator wp:wxr_version wp:base_site_url wp:base_blog_url".split()
    ),
    "image": frozenset({"url", "title", "link"}),
    "item": frozenset(
        "title link pubDate dc:creator guid description content:encoded excerpt:encoded category wp:post_id "
        "wp:post_date wp:post_date_gmt wp:post_modified wp:post_modified_gmt wp:comment_status wp:ping_status "
        "wp:post_name wp:status wp:post_parent wp:menu_order wp:post_type wp:post_password wp:is_sticky "
        "wp:attachment_url".split()
    ),
    "wp:author": frozenset(
        "wp:author_id wp:author_login wp:author_email wp:author_display_name wp:author_first_name "
        "wp:author_last_name".split()
    ),
    "wp:category": frozenset(
        "wp:term_id wp:category_nicename wp:category_parent wp:cat_name wp:category_description".split()
    ),
    "wp:tag": frozenset("wp:term_id wp:tag_slug wp:tag_name wp:tag_description".split()),
    "wp:term": frozenset(
        "wp:term_id wp:term_taxonomy wp:term_slug wp:term_parent wp:term_name wp:term_description".split()
    ),
    "wp:comment": frozenset(
        "wp:comment_id wp:comment_author wp:comment_author_email wp:comment_author_url wp:comment_author_IP "
        "wp:comment_date wp:comment_date_gmt wp:comment_content wp:comment_approved wp:comment_type wp:comment_parent "
        "wp:comment_user_id".split()
    ),
    "wp:postmeta": META_TEXTS,
    "wp:commentmeta": META_TEXTS,
    "wp:termmeta": META_TEXTS,
}
# Elements that the receipt counts, and as what; an item is counted by its type.
COUNTED: Mapping[str, str] = {
    "wp:author": "authors",
    "wp:category": "categories",
    "wp:tag": "tags",
    "wp:term": "terms",
    "wp:comment": "comments",
    "item": "posts",
}
# Elements of the head: in an item, and without elements in them, they are text that nobody knows.
OF_THE_HEAD = frozenset({"wp:author", "wp:category", "wp:tag", "wp:term"})
# The element without which nobody can say that a counted element was there, when its start tag is lost.
KEYS: Mapping[str, str] = {
    "wp:author": "wp:author_login",
    "wp:category": "wp:category_nicename",
    "wp:tag": "wp:tag_slug",
    "wp:term": "wp:term_slug",
    "wp:comment": "wp:comment_id",
    "item": "wp:post_type",
}
# Elements of text that can belong to the channel or to an element without start tag.
LOOSE = frozenset({"title", "link", "pubDate", "dc:creator", "guid", "description", "wp:term_id"})
# The counted element in which alone an element of text stands.
OWNERS: Mapping[str, str] = {
    name: outer
    for outer in KEYS
    for name in TEXTS[outer]
    if sum(name in names for names in TEXTS.values()) == 1 and name not in LOOSE | {"category"}
}
# A type as sanitize_key() lets it be, behind what is left of a broken CDATA section.
POST_TYPE = re.compile(r"(?:<?!?\[?CDATA\[?|<(?=[!\[])|[\s!\[\]>])*+([A-Za-z0-9_-]+)")
POST_TYPES = {"post": "posts", "page": "pages", "attachment": "attachments", "nav_menu_item": "menu_items"}
EXPORT_URI = re.compile(r"https?://(?:www\.)?wordpress\.org/export/[0-9.]*/?(excerpt/?)?", re.IGNORECASE)
HOSTED = re.compile(r"https?://wordpress\.com/?", re.IGNORECASE)  # the base of every blog there, and no blog
OTHER_URIS = {
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/rss/1.0/modules/content/": "content",
}
PREFIXES = frozenset({"wp", "dc", "content", "excerpt"})

Fields = dict[str, str]
Meta = list[tuple[str, str]]


def prefix_of(uri: str) -> str:
    """The usual prefix of a namespace: "wp" for every version of WordPress's URI, "" for a namespace of others."""
    match = EXPORT_URI.fullmatch(uri.strip())
    if match:
        return "excerpt" if match.group(1) else "wp"
    return OTHER_URIS.get(uri.strip(), "")


def with_prefix(prefix: str, name: str, outer: str) -> str:
    """The name with the usual prefix of its default namespace, where `outer` has such an element."""
    full = f"{prefix}:{name}"
    return full if full in CONTAINERS.get(outer, ()) or full in TEXTS.get(outer, ()) else name


def type_of(text: str) -> str:
    """The post type that an element `wp:post_type` names: "post" where it names none."""
    match = POST_TYPE.match(text)
    return match.group(1).lower() if match else "post"


def kind_of_type(post_type: str) -> str:
    """The kind (of records.KINDS) of an item by its post type."""
    return POST_TYPES.get(post_type, "other")


def kind_of(record: Record) -> str:
    """The kind of records.KINDS as which a record is counted; "" for Channel and Notice."""
    match record:
        case Item():
            return kind_of_type(record.kind)
        case Author():
            return "authors"
        case Term(element="category"):
            return "categories"
        case Term(element="tag"):
            return "tags"
        case Term():
            return "terms"
    return getattr(record, "kind", "")


def channel(fields: Fields, line: int) -> Channel:
    site = fields.get("wp:base_site_url", "")
    if HOSTED.fullmatch(site.strip()):
        site = ""
    url = fields.get("wp:base_blog_url") or site or fields.get("link", "")
    return Channel(
        title=fields.get("title", "").strip(),
        url=url.strip().rstrip("/"),
        home=fields.get("link", "").strip(),
        description=fields.get("description", "").strip(),
        language=fields.get("language", "").strip(),
        version=fields.get("wp:wxr_version", "").strip(),
        exported_at=values.rfc822_date(fields.get("pubDate", "")),
        generator=fields.get("generator", "").strip(),
        icon_url=fields.get("icon", "").strip(),
        line=line,
    )


def author(fields: Fields, line: int) -> Author:
    return Author(
        login=fields.get("wp:author_login", "").strip(),
        number=values.number(fields.get("wp:author_id", "")),
        email=fields.get("wp:author_email", "").strip(),
        name=fields.get("wp:author_display_name", "").strip(),
        first_name=fields.get("wp:author_first_name", "").strip(),
        last_name=fields.get("wp:author_last_name", "").strip(),
        line=line,
    )


# The element, and where it has slug, name, parent and description.
TERM_NAMES = {
    "wp:category": ("wp:category_nicename", "wp:cat_name", "wp:category_parent", "wp:category_description"),
    "wp:tag": ("wp:tag_slug", "wp:tag_name", "wp:tag_parent", "wp:tag_description"),
    "wp:term": ("wp:term_slug", "wp:term_name", "wp:term_parent", "wp:term_description"),
}
TAXONOMIES = {"wp:category": "category", "wp:tag": "post_tag"}


def term(element: str, fields: Fields, meta: Meta, line: int) -> Term:
    """`element` is wp:category, wp:tag or wp:term."""
    slug, name, parent, description = (fields.get(key, "") for key in TERM_NAMES[element])
    return Term(
        taxonomy=TAXONOMIES.get(element) or fields.get("wp:term_taxonomy", "").strip(),
        slug=values.slug(slug),
        name=name.strip(),
        parent=values.slug(parent),
        description=description,
        number=values.number(fields.get("wp:term_id", "")),
        meta=meta,
        element=element.removeprefix("wp:"),
        line=line,
    )


def term_uses(found: list[tuple[str, str, str]]) -> list[TermUse]:
    """The `<category>` elements of an item from (domain, nicename, text).

    WXR 1.0 writes each twice, without and with its slug: the first is left out. Its domains "tag" and none are
    "post_tag" and "category" of today.
    """
    uses: list[TermUse] = []
    places: dict[tuple[str, str], int] = {}
    for domain, nicename, text in found:
        taxonomy = {"": "category", "tag": "post_tag"}.get(domain.strip(), domain.strip())
        slug, name = values.slug(nicename), text.strip()
        if not slug and not name:
            continue
        place = places.get((taxonomy, name))
        if place is not None and (not slug or not uses[place].slug or uses[place].slug == slug):
            uses[place].slug = uses[place].slug or slug
            continue
        places.setdefault((taxonomy, name), len(uses))
        uses.append(TermUse(taxonomy, slug, name))
    return uses


def comment(fields: Fields, meta: Meta, line: int) -> Comment:
    get = fields.get
    return Comment(
        number=values.number(get("wp:comment_id", "")),
        parent=values.number(get("wp:comment_parent", "")) or 0,
        author=get("wp:comment_author", "").strip(),
        email=get("wp:comment_author_email", "").strip(),
        url=get("wp:comment_author_url", "").strip(),
        ip=get("wp:comment_author_IP", "").strip(),
        date=values.date(get("wp:comment_date", "")),
        date_gmt=values.date(get("wp:comment_date_gmt", "")),
        content=get("wp:comment_content", ""),
        approved=get("wp:comment_approved", "").strip(),
        kind=get("wp:comment_type", "").strip(),
        user=values.number(get("wp:comment_user_id", "")) or 0,
        meta=meta,
        line=line,
    )


def item(fields: Fields, terms: list[tuple[str, str, str]], meta: Meta, comments: list[Comment], line: int) -> Item:
    get = fields.get
    return Item(
        kind=type_of(get("wp:post_type", "")),
        number=values.number(get("wp:post_id", "")),
        title=get("title", "").strip(),
        link=get("link", "").strip(),
        guid=get("guid", "").strip(),
        creator=get("dc:creator", "").strip(),
        content=get("content:encoded", ""),
        excerpt=get("excerpt:encoded", ""),
        date=values.date(get("wp:post_date", "")),
        date_gmt=values.date(get("wp:post_date_gmt", "")),
        modified=values.date(get("wp:post_modified", "")),
        modified_gmt=values.date(get("wp:post_modified_gmt", "")),
        published=values.rfc822_date(get("pubDate", "")),
        comment_status=get("wp:comment_status", "").strip(),
        ping_status=get("wp:ping_status", "").strip(),
        slug=values.slug(get("wp:post_name", "")),
        status=get("wp:status", "").strip(),
        parent=values.number(get("wp:post_parent", "")) or 0,
        menu_order=values.order(get("wp:menu_order", "")),
        password=get("wp:post_password", "").strip(),
        is_sticky=get("wp:is_sticky", "").strip() == "1",
        attachment_url=get("wp:attachment_url", "").strip(),
        terms=term_uses(terms),
        meta=meta,
        comments=comments,
        line=line,
    )
