"""The blog as WordPress's export format, WXR 1.2, element by element as `wp-admin/includes/export.php` writes it.

WordPress reads HTML: a Markdown post goes out as its HTML. The source of every text stands beside it as meta
(`_longrun_source`), which an import here prefers. A post with a password goes out as private, because its password is
stored as a hash and without it the post would be public there. Spam is left out, as WordPress leaves it out. The file
is streamed.
"""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.utils import timezone

from accounts.models import User
from blog.absolute_urls import files_in_full
from blog.models import Category, LinkCard, Media, Post, Tag
from comments.models import Comment
from core import languages
from core.site import absolute_url, site
from transfer.exporting import link_cards, rows

HEAD = """<?xml version="1.0" encoding="UTF-8" ?>
<!-- An export of a Longrun blog in WordPress's format. WordPress: Tools, Import, WordPress. -->
<rss version="2.0"
\txmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"
\txmlns:content="http://purl.org/rss/1.0/modules/content/"
\txmlns:wfw="http://wellformedweb.org/CommentAPI/"
\txmlns:dc="http://purl.org/dc/elements/1.1/"
\txmlns:wp="http://wordpress.org/export/1.2/">
<channel>
"""
NEVER = "0000-00-00 00:00:00"
# Characters that XML 1.0 cannot carry.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")

Status, Visibility, State = Post.Status, Post.Visibility, Comment.State
STATES = (State.APPROVED, State.PENDING, State.TRASH)
APPROVED = {State.APPROVED: "1", State.PENDING: "0", State.TRASH: "trash"}
FORMATS: dict[str, str] = {Post.Format.NOTE: "aside", Post.Format.QUOTE: "quote", Post.Format.LINK: "link"}

Progress = Callable[[str, int], None]


def wxr_parts(progress: Progress = lambda kind, number: None) -> Iterator[str]:
    """The file in pieces of a few kilobytes."""
    yield HEAD
    yield channel()
    for author in rows.authors():
        yield author_element(author)
    for category in rows.categories():
        yield category_element(category)
    for tag in rows.tags():
        yield tag_element(tag)
    yield element("generator", "Longrun")
    numbers = Numbers()
    shown: set[int] = set()
    for media in rows.media():
        yield attachment(media, numbers)
        progress("attachments", 1)
    for post, comments in rows.posts_with_comments(states=STATES):
        yield item(post, comments, numbers)
        progress("posts", 1)
        progress("comments", len(comments))
        shown |= {card.pk for card in link_cards.cards_of(post) if card.digest}
    for card in LinkCard.objects.filter(pk__in=shown).defer("picture").order_by("pk"):
        yield card_picture(card, numbers)
    yield "</channel>\n</rss>\n"


class Numbers:
    """WordPress numbers posts and files in one row. Posts keep theirs; files get numbers above."""

    def __init__(self) -> None:
        highest = Post.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        self.base = highest
        self.above_media = highest + (Media.objects.order_by("-pk").values_list("pk", flat=True).first() or 0)

    def of_media(self, media: Media) -> int:
        return self.base + media.pk

    def of_card(self, card: LinkCard) -> int:
        return self.above_media + card.pk


# Elements


def text(value: object) -> str:
    return _FORBIDDEN.sub("", str(value))


def cdata(value: object) -> str:
    return f"<![CDATA[{text(value).replace(']]>', ']]]]><![CDATA[>')}]]>"


def escaped(value: object) -> str:
    return text(value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def element(name: str, value: object) -> str:
    return f"<{name}>{escaped(value)}</{name}>\n"


def section(name: str, value: object) -> str:
    return f"<{name}>{cdata(value)}</{name}>\n"


def html(name: str, value: object) -> str:
    """An element whose text is HTML in WordPress: titles, names, excerpts, captions and descriptions."""
    return section(name, escaped(value))


def wordpress_slug(slug: str) -> str:
    """A slug as WordPress stores it: percent-encoded in lower case."""
    return quote(slug).lower()


def meta(key: str, value: object) -> str:
    return f"<wp:postmeta>\n{section('wp:meta_key', key)}{section('wp:meta_value', value)}</wp:postmeta>\n"


def channel() -> str:
    here = site()
    return "".join(
        [
            element("title", here.title),
            element("link", settings.LONGRUN_URL),
            element("description", here.tagline),
            element("pubDate", format_datetime(timezone.now().astimezone(UTC))),
            element("language", languages.canonical(here.language)),
            element("wp:wxr_version", "1.2"),
            element("wp:base_site_url", settings.LONGRUN_URL),
            element("wp:base_blog_url", settings.LONGRUN_URL),
        ]
    )


def login_of(person: User) -> str:
    """The login name of an author: the handle. Email addresses are no names."""
    return person.handle or f"author-{person.pk}"


def author_element(person: User) -> str:
    first, _space, last = person.name.partition(" ")
    inner = [
        element("wp:author_id", person.pk),
        section("wp:author_login", login_of(person)),
        section("wp:author_email", person.email or ""),
        html("wp:author_display_name", person.name),
        html("wp:author_first_name", first),
        html("wp:author_last_name", last),
    ]
    return f"<wp:author>\n{''.join(inner)}</wp:author>\n"


def category_element(category: Category) -> str:
    inner = [
        element("wp:term_id", category.pk),
        section("wp:category_nicename", wordpress_slug(category.slug)),
        section("wp:category_parent", wordpress_slug(category.parent.slug) if category.parent else ""),
        html("wp:cat_name", category.name),
        html("wp:category_description", category.description) if category.description else "",
    ]
    return f"<wp:category>\n{''.join(inner)}</wp:category>\n"


def tag_element(tag: Tag) -> str:
    inner = [
        element("wp:term_id", 1_000_000 + tag.pk),
        section("wp:tag_slug", wordpress_slug(tag.slug)),
        html("wp:tag_name", tag.name),
        html("wp:tag_description", tag.description) if tag.description else "",
    ]
    return f"<wp:tag>\n{''.join(inner)}</wp:tag>\n"


def local(moment: datetime | None) -> str:
    return f"{moment.astimezone(site().zone):%Y-%m-%d %H:%M:%S}" if moment else NEVER


def gmt(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}" if moment else NEVER


def item(post: Post, comments: list[Comment], numbers: Numbers) -> str:
    dated = post.publish_at or post.updated_at
    is_filed = post.published_on and post.publish_at
    day = f"{post.published_on:%Y-%m-%d} {local(post.publish_at)[11:]}" if is_filed else local(dated)
    is_markdown = post.source_format == "markdown"
    parts = [
        html("title", post.title),
        element("link", absolute_url(post.get_absolute_url())),
        element("pubDate", format_datetime(dated.astimezone(UTC))),
        section("dc:creator", login_of(post.author)),
        f'<guid isPermaLink="false">{escaped(post.guid)}</guid>\n',
        "<description></description>\n",
        section("content:encoded", files_in_full(post.html) if is_markdown else post.source),
        html("excerpt:encoded", post.excerpt),
        element("wp:post_id", post.pk),
        section("wp:post_date", day),
        section("wp:post_date_gmt", gmt(post.publish_at)),
        section("wp:post_modified", local(post.updated_at)),
        section("wp:post_modified_gmt", gmt(post.updated_at)),
        section("wp:comment_status", "open" if post.comments_open else "closed"),
        section("wp:ping_status", "closed"),
        section("wp:post_name", wordpress_slug(post.slug)),
        section("wp:status", status_of(post)),
        element("wp:post_parent", post.parent_id or 0),
        element("wp:menu_order", post.menu_order),
        section("wp:post_type", post.kind),
        section("wp:post_password", ""),
        element("wp:is_sticky", int(post.sticky)),
    ]
    parts += [term("category", each) for each in post.categories.all()]
    parts += [term("post_tag", each) for each in post.tags.all()]
    if post.format in FORMATS:
        name = FORMATS[post.format]
        parts.append(f'<category domain="post_format" nicename="post-format-{name}">{cdata(name.title())}</category>\n')
    if post.featured:
        parts.append(meta("_thumbnail_id", numbers.of_media(post.featured)))
    if post.source:
        parts += [meta("_longrun_source", post.source), meta("_longrun_format", post.source_format)]
    if post.extended_markdown:
        parts.append(meta("_longrun_extended_markdown", "1"))
    if post.contact_form:
        parts.append(meta("_longrun_contact_form", "1"))
    if post.link_url:
        parts.append(meta("_longrun_link", post.link_url))
    if post.series:
        parts.append(meta("_longrun_series", post.series.name))
    if post.series_number is not None:
        parts.append(meta("_longrun_part", str(post.series_number)))
    if post.status != Status.PUBLISHED and post.visibility != Visibility.PUBLIC:
        parts.append(meta("_longrun_visibility", Visibility.PRIVATE))
    if post.language:
        parts.append(meta("_longrun_language", post.language))
    if post.status == Status.TRASH:
        before = "publish" if post.visibility == Visibility.PUBLIC else "private"
        parts.append(meta("_wp_trash_meta_status", before if post.trashed_from == Status.PUBLISHED else "draft"))
        parts.append(meta("_wp_desired_post_slug", wordpress_slug(post.slug)))
    present = {comment.pk for comment in comments}
    parts += [comment_element(comment, present) for comment in comments]
    return f"<item>\n{''.join(parts)}</item>\n"


def status_of(post: Post) -> str:
    if post.status != Status.PUBLISHED:
        return str(post.status)
    if post.visibility != Visibility.PUBLIC:
        return "private"
    return "future" if post.is_scheduled else "publish"


def term(domain: str, each: Category | Tag) -> str:
    slug, name = escaped(wordpress_slug(each.slug)), cdata(escaped(each.name))
    return f'<category domain="{domain}" nicename="{slug}">{name}</category>\n'


def comment_element(comment: Comment, present: set[int]) -> str:
    account = comment.person.account if comment.person else None
    inner = [
        element("wp:comment_id", comment.pk),
        html("wp:comment_author", comment.name),
        section("wp:comment_author_email", comment.email),
        element("wp:comment_author_url", comment.url),
        section("wp:comment_author_IP", ""),
        section("wp:comment_date", local(comment.posted_at)),
        section("wp:comment_date_gmt", gmt(comment.posted_at)),
        section("wp:comment_content", comment.text if comment.source_format == "html" else comment.html),
        section("wp:comment_approved", APPROVED[State(comment.state)]),
        section("wp:comment_type", comment.kind),
        element("wp:comment_parent", comment.parent_id if comment.parent_id in present else 0),
        element("wp:comment_user_id", account.pk if account and account.posts.exists() else 0),
    ]
    if comment.source_format != "html":
        source = section("wp:meta_key", "_longrun_source") + section("wp:meta_value", comment.text)
        inner.append(f"<wp:commentmeta>\n{source}</wp:commentmeta>\n")
    return f"<wp:comment>\n{''.join(inner)}</wp:comment>\n"


def attachment(media: Media, numbers: Numbers) -> str:
    address = absolute_url(media.get_absolute_url())
    more = [
        meta("_wp_attached_file", f"{media.name}/{media.file_name}"),
        meta("_wp_attachment_image_alt", media.alt) if media.alt else "",
    ]
    by, status = login_of(media.by) if media.by else "", "trash" if media.trashed_at else "inherit"
    facts = {"by": by, "caption": media.caption, "status": status}
    return file_item(address, numbers.of_media(media), media.created_at, media.title, more, **facts)


def card_picture(card: LinkCard, numbers: Numbers) -> str:
    """The picture of a link card, so that WordPress fetches it. An import here leaves it out."""
    address = absolute_url(card.picture_path)
    return file_item(
        address, numbers.of_card(card), card.asked_at, card.title, [meta("_longrun_link_card", card.address)]
    )


def file_item(
    address: str,
    number: int,
    moment: datetime,
    title: str,
    more: list[str],
    *,
    by: str = "",
    caption: str = "",
    status: str = "inherit",
) -> str:
    name = urlsplit(address).path.rpartition("/")[2]
    parts = [
        html("title", title),
        element("link", address),
        element("pubDate", format_datetime(moment.astimezone(UTC))),
        section("dc:creator", by),
        f'<guid isPermaLink="false">{escaped(address)}</guid>\n',
        "<description></description>\n",
        section("content:encoded", ""),
        html("excerpt:encoded", caption),
        element("wp:post_id", number),
        section("wp:post_date", local(moment)),
        section("wp:post_date_gmt", gmt(moment)),
        section("wp:comment_status", "closed"),
        section("wp:ping_status", "closed"),
        section("wp:post_name", name),
        section("wp:status", status),
        element("wp:post_parent", 0),
        element("wp:menu_order", 0),
        section("wp:post_type", "attachment"),
        section("wp:post_password", ""),
        element("wp:is_sticky", 0),
        section("wp:attachment_url", address),
        *more,
    ]
    return f"<item>\n{''.join(parts)}</item>\n"
