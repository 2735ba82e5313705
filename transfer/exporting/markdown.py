"""The blog as a folder of text files for Hugo: posts with front matter, comments as YAML beside, media, redirects.

    hugo.toml   layouts/   content/lists/NAME/_index.md (lists of posts; see transfer.exporting.hugo)
    content/posts/2026-03-05-the-first-mile.md   content/pages/about.md
    data/comments/NUMBER.yaml (approved comments of the post with this number, without addresses)
    private/comments/NUMBER.yaml (all others, and addresses; not for the public)
    static/media/…   static/link-picture-….webp (of cards; `longrun.cards` of the front matter)   redirects.json

A text that came in as HTML stays HTML (`.html`). Whatever is not public has `draft: true`, so that no build shows it.
"""

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from blog.models import Category, Media, Post, Redirect, Tag
from blog.models.media import FORMATS
from comments.models import Comment
from core.site import site
from transfer.exporting import rows
from transfer.exporting.files import copy_media, front_matter, new_folder, write_text, yaml_scalar
from transfer.exporting.hugo import write_site
from transfer.exporting.link_cards import cards_of, write_pictures
from transfer.exporting.link_cards import facts_of as link_card_facts
from transfer.textfiles.shortcodes import without_shortcodes

State = Comment.State
Progress = Callable[[str, int], None]
PRIVATE = (State.PENDING, State.TRASH, State.SPAM)


def write_folder(root: Path, progress: Progress = lambda kind, number: None) -> dict[str, int]:
    """Write everything below `root`, which must be new or empty; returns how many of each kind. Raises NotEmpty."""
    root = new_folder(root).resolve()
    counted = {"posts": 0, "pages": 0, "comments": 0, "media": 0, "missing files": 0}
    write_site(root)
    names: set[str] = set()
    former = former_paths()
    for post, comments in rows.posts_with_comments(states=(State.APPROVED, *PRIVATE)):
        write_post(root, post, names, former[post.pk])
        write_comments(root, post, comments)
        counted["pages" if post.kind == Post.Kind.PAGE else "posts"] += 1
        counted["comments"] += len(comments)
        progress("posts", 1 + len(comments))
    for media in rows.media():
        counted["media" if write_media(root, media) else "missing files"] += 1
        progress("attachments", 1)
    write_text(root, "redirects.json", yaml_scalar(redirects()) + "\n")
    return counted


def former_paths() -> dict[int, list[str]]:
    """The former public paths of each post, as Hugo's `aliases`: pages that redirect."""
    found = defaultdict(list)
    rows = Redirect.objects.filter(was_public=True).exclude(post=None).order_by("key").values_list("post", "key")
    for post, key in rows:
        if key.isprintable() and not {".", ".."} & set(key.split("/")):
            found[post].append(key)
    return found


def write_post(root: Path, post: Post, names: set[str], aliases: list[str]) -> None:
    folder = "pages" if post.kind == Post.Kind.PAGE else "posts"
    ending = "md" if post.source_format == "markdown" else "html"
    base = f"content/{folder}/{file_stem(post)}"
    name = base if base not in names else f"{base}-{post.pk}"
    names.add(name)
    facts = facts_of(post) | {"aliases": aliases}
    write_pictures(root, cards_of(post))
    write_text(root, f"{name}.{ending}", front_matter(facts) + without_shortcodes(post.source) + "\n")


def file_stem(post: Post) -> str:
    """The name of a post's file without its ending: date and slug, short enough in bytes for every file system."""
    day = f"{post.published_on}-" if post.published_on and post.kind == Post.Kind.POST else ""
    slug = post.slug.encode("utf-8")[:180].decode("utf-8", "ignore")
    return f"{day}{slug or post.pk}"


def facts_of(post: Post) -> dict[str, object]:
    is_open = post.status == Post.Status.PUBLISHED and post.visibility == Post.Visibility.PUBLIC
    terms: list[Category | Tag] = [*post.categories.all(), *post.tags.all()]
    return {
        "title": post.title,
        "date": post.publish_at and post.publish_at.astimezone(site().zone).isoformat(),
        "lastmod": post.updated_at.isoformat(),
        "slug": post.slug,
        "url": post.path,
        "draft": True if not is_open else None,
        "author": post.author.name,
        "categories": [each.name for each in post.categories.all()],
        "tags": [each.name for each in post.tags.all()],
        "series": [post.series.name] if post.series else [],
        "description": post.excerpt,
        "language": post.language,
        "weight": post.menu_order or None,
        "longrun": {
            "number": post.pk,
            "kind": post.kind,
            "day": str(post.published_on or ""),
            "author": post.author.handle,
            "lists": [{"name": each.name, "path": each.path} for each in terms],
            "guid": post.guid,
            "status": post.status,
            "visibility": post.visibility,
            "format": post.format,
            "link": post.link_url,
            "sticky": post.sticky,
            "comments_open": post.comments_open,
            "contact_form": post.contact_form or None,
            "extended_markdown": post.extended_markdown or None,
            "series": post.series.name if post.series else None,
            "part": post.series_number,
            "parent": post.parent.path if post.parent else None,
            "featured": post.featured.get_absolute_url() if post.featured else None,
            "cards": link_card_facts(cards_of(post)) or None,
        },
    }


def write_comments(root: Path, post: Post, comments: list[Comment]) -> None:
    """What every visitor may see goes where a theme reads it; addresses and all else goes to `private`."""
    is_open = post.is_public and post.visibility == Post.Visibility.PUBLIC
    shown = [comment for comment in comments if comment.state == State.APPROVED and is_open]
    if shown:
        write_text(root, f"data/comments/{post.pk}.yaml", "".join(map(public_entry, shown)))
    if comments:
        write_text(root, f"private/comments/{post.pk}.yaml", "".join(map(whole_entry, comments)))


def public_entry(comment: Comment) -> str:
    return entry(shown_facts(comment))


def whole_entry(comment: Comment) -> str:
    return entry(shown_facts(comment) | {"state": comment.state, "kind": comment.kind, "email": comment.email})


def shown_facts(comment: Comment) -> dict[str, object]:
    return {
        "number": comment.pk,
        "parent": comment.parent_id,
        "name": comment.name,
        "website": comment.url,
        "date": comment.posted_at.isoformat(),
        "format": comment.source_format,
        "text": comment.text,
        "html": comment.html,
    }


def entry(facts: dict[str, object]) -> str:
    lines = [f"{key}: {yaml_scalar(value)}" for key, value in facts.items() if value not in ("", None)]
    return "- " + "\n  ".join(lines) + "\n"


def write_media(root: Path, media: Media) -> bool:
    """The file and its widths, at the addresses that the texts have."""
    base = f"static/media/{media.name}"
    found = copy_media(f"{media.folder}/{media.full_for_readers}", root, f"{base}/{media.file_name}")
    for width in media.widths:
        copy_media(f"{media.folder}/{width}.webp", root, f"{base}/{media.narrow_name(width)}")
    if media.poster:
        copy_media(f"{media.folder}/{media.poster_file}", root, f"{base}/{media.poster_name}")
    facts = {"title": media.title, "alt": media.alt, "caption": media.caption, "type": FORMATS[media.format][1]}
    write_text(
        root, f"data/media/{media.name}.yaml", "".join(f"{key}: {yaml_scalar(value)}\n" for key, value in facts.items())
    )
    return found


def redirects() -> list[dict[str, object]]:
    """Former public paths, and where they lead; null for what is gone."""
    found = Redirect.objects.filter(was_public=True).with_things().order_by("key")
    return [{"from": row.key, "to": row.thing.get_absolute_url() if row.thing else row.target or None} for row in found]
