"""What every visitor may see, as files: the part of the mirror that may be published.

    site.json   people.json   categories.json   tags.json   series.json   podcasts.json   redirects.json
    icons/SIZE.png
    posts/2026-03-05-the-first-mile-12.md   pages/about-3.md   comments/12.json (the number of their post)
    media/NAME.json   media/NAME/full.jpg   pictures/NAME.webp (of people)
    link_cards.json   link-pictures/HASH.webp

A row is here if everybody may read it without a password now, and of its columns those that its page shows. Addresses,
networks, drafts, and the names of terms and files that nothing public uses, are not.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import get_user_model

from accounts.avatars import stored_name
from blog.models import Category, Icon, LinkCard, Media, MenuLink, Podcast, Post, ReadingSettings, Redirect, Tag
from comments.models import Comment, DiscussionSettings
from core.models import Site
from core.site import site
from transfer.exporting import columns, rows
from transfer.exporting.columns import row, settings_row
from transfer.exporting.files import front_matter
from transfer.exporting.json_export import Row, encoded_value
from transfer.exporting.link_cards import cards_of
from transfer.exporting.markdown import file_stem
from transfer.mirror.folder import File, Stored

PICTURE = re.compile(r"/picture/([0-9a-f]{32})\.webp\Z")
SHOWN_STATES = (Comment.State.APPROVED, Comment.State.GONE)

README = """# A mirror of this blog

Longrun writes this folder after each change: posts and pages as Markdown, approved comments, pictures and settings.
What is not public is not here. `manifest.json` has the SHA-256 of every file. `manage.py restore_from` makes a blog
of it.
"""


@dataclass(frozen=True)
class Shown:
    """The primary keys of what is public: what else a row names is left out."""

    posts: frozenset[int]
    people: frozenset[int]
    media: frozenset[int]
    categories: frozenset[int]
    tags: frozenset[int]
    series: frozenset[int]

    @classmethod
    def now(cls) -> "Shown":
        posts = Post.objects.open().order_by()
        parents = dict(Category.objects.values_list("pk", "parent"))
        categories: set[int] = set()
        for at in Category.objects.in_use().values_list("pk", flat=True):
            while at is not None and at not in categories:
                categories.add(at)
                at = parents.get(at)
        return cls(
            posts=frozenset(posts.values_list("pk", flat=True)),
            people=frozenset(posts.values_list("author", flat=True)),
            media=frozenset(Media.objects.public().values_list("pk", flat=True)),
            categories=frozenset(categories),
            tags=frozenset(Tag.objects.in_use().values_list("pk", flat=True)),
            series=frozenset(posts.exclude(series=None).values_list("series", flat=True)),
        )


def public_files() -> Iterator[File]:
    """Every file of the public part, a hundred posts at a time."""
    shown = Shown.now()
    pictures: set[str] = set()
    cards: dict[str, LinkCard] = {}
    yield File("README.md", README.encode("utf-8"))
    yield json_file("site.json", site_facts(shown))
    yield json_file("people.json", list(people(shown, pictures)))
    yield json_file("categories.json", [row(each, columns.CATEGORY) for each in rows.categories()
                                        if each.pk in shown.categories])  # fmt: skip
    yield json_file("tags.json", [row(each, columns.TERM) for each in rows.tags() if each.pk in shown.tags])
    yield json_file("series.json", [row(each, columns.TERM) for each in rows.series() if each.pk in shown.series])
    yield json_file("podcasts.json", [row(each, columns.PODCAST) for each in Podcast.objects.order_by("pk")
                                      if each.category_id in shown.categories])  # fmt: skip
    yield json_file("redirects.json", list(redirects(shown)))
    for icon in Icon.objects.order_by("size"):
        yield File(f"icons/{icon.size}.png", bytes(icon.png))
    for media in rows.media():
        if media.pk in shown.media:
            yield json_file(f"media/{media.name}.json", row(media, columns.PUBLIC_MEDIA))
            yield from media_files(media)
    for post, comments in rows.posts_with_comments(states=SHOWN_STATES):
        if post.pk in shown.posts and post.is_open:
            yield post_file(post, public_post(post, shown))
            cards |= {card.address: card for card in cards_of(post)}
            if comments:
                yield json_file(f"comments/{post.pk}.json", [public_comment(each, shown) for each in comments])
                pictures |= {found[1] for each in comments if (found := PICTURE.search(each.avatar))}
    yield from picture_files(pictures)
    yield from card_files(cards[address] for address in sorted(cards))


def site_facts(shown: Shown) -> Row:
    """Title, appearance and menu, and what the comment form shows of its rules."""
    stored = ReadingSettings.objects.first() or ReadingSettings()
    reading = settings_row(stored)
    for name, known in (
        ("default_category_id", shown.categories), ("header_picture_id", shown.media),
        ("about_picture_id", shown.media),
        ("logo_id", shown.media), ("privacy_page_id", shown.posts),
        ("front_page_id", shown.posts), ("posts_page_id", shown.posts),
    ):  # fmt: skip
        if reading.get(name) not in known:
            reading[name] = None
    reading["front_categories"] = [pk for pk in stored.front_categories if pk in shown.categories]
    discussion = DiscussionSettings.objects.first() or DiscussionSettings()
    here = Site.objects.first()
    return {
        "url": settings.LONGRUN_URL,
        "site": row(here, columns.SITE) if here else {},
        "reading": reading,
        "discussion": row(discussion, columns.PUBLIC_DISCUSSION),
        "menu": [row(each, columns.MENU) for each in MenuLink.objects.all()],
    }


def people(shown: Shown, pictures: set[str]) -> Iterator[Row]:
    """The authors of public posts, as their pages show them."""
    for person in get_user_model().objects.filter(pk__in=shown.people).order_by("pk"):
        if person.picture:
            pictures.add(person.picture)
        yield row(person, columns.PUBLIC_PERSON)


def redirects(shown: Shown) -> Iterator[Row]:
    """Former public paths whose target is here, and those that are gone."""
    known = {"post_id": shown.posts, "category_id": shown.categories, "tag_id": shown.tags, "author_id": shown.people,
             "media_id": shown.media, "series_id": shown.series}  # fmt: skip
    for each in Redirect.objects.filter(was_public=True).order_by("key"):
        if all(getattr(each, name) is None or getattr(each, name) in pks for name, pks in known.items()):
            yield row(each, columns.REDIRECT)


def public_post(post: Post, shown: Shown) -> Row:
    facts = row(post, columns.PUBLIC_POST)
    if post.parent_id not in shown.posts:
        facts["parent_id"] = None
    if post.featured_id not in shown.media:
        facts["featured_id"] = None
    return facts


def post_file(post: Post, facts: Row) -> File:
    """A text with front matter for people and other programs; `longrun` has the row."""
    facts = facts | {"categories": [each.pk for each in post.categories.all()],
                     "tags": [each.pk for each in post.tags.all()]}  # fmt: skip
    source = str(facts.pop("source"))
    head: Row = {
        "title": post.title,
        "date": post.publish_at and post.publish_at.astimezone(site().zone).isoformat(),
        "lastmod": post.updated_at.isoformat(),
        "url": post.path,
        "author": post.author.name,
        "categories": [each.name for each in post.categories.all()],
        "tags": [each.name for each in post.tags.all()],
        "series": [post.series.name] if post.series else [],
        "description": post.excerpt,
    }
    ending = "md" if post.source_format == "markdown" else "html"
    folder = "pages" if post.kind == Post.Kind.PAGE else "posts"
    longrun = f"longrun: {encoded_value(facts)}\n---\n\n"
    text = front_matter(head).removesuffix("---\n\n") + longrun + source + "\n"
    return File(f"{folder}/{file_stem(post)}-{post.pk}.{ending}", text.encode("utf-8"))


def public_comment(comment: Comment, shown: Shown) -> Row:
    """As the page shows it; `account_id` marks the author of the post."""
    account = comment.person.account_id if comment.person else None
    facts = row(comment, columns.PUBLIC_COMMENT)
    return facts | {"account_id": account if account in shown.people else None}


def media_files(media: Media) -> Iterator[File]:
    """The file, a track without the home zone, and its widths, under the names that they have on the disk."""
    yield File(f"media/{media.name}/{media.full}", Stored(f"{media.folder}/{media.full_for_readers}"))
    for name in media.kept_files[1:]:
        yield File(f"media/{media.name}/{name}", Stored(f"{media.folder}/{name}"))


def picture_files(names: Iterable[str]) -> Iterator[File]:
    for name in sorted(names):
        yield File(f"pictures/{name}.webp", Stored(stored_name(name)))


def card_files(cards: Iterable[LinkCard]) -> Iterator[File]:
    """What pages elsewhere are called, and their pictures by their hashes."""
    found = list(cards)
    yield json_file("link_cards.json", [row(each, columns.LINK_CARD) | {"digest": each.digest} for each in found])
    for digest, picture in {each.digest: each.picture for each in found}.items():
        if picture:
            yield File(f"link-pictures/{digest}.webp", bytes(picture))


def json_file(path: str, value: object) -> File:
    """One value on a line, so that versions can be compared."""
    if isinstance(value, list):
        inner = ",\n".join(map(encoded_value, value))
        return File(path, f"[\n{inner}\n]\n".encode())
    if isinstance(value, dict):
        inner = ",\n".join(f"{encoded_value(key)}: {encoded_value(each)}" for key, each in value.items())
        return File(path, f"{{\n{inner}\n}}\n".encode())
    raise TypeError(type(value))
