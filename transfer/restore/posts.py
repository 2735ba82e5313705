"""Posts and pages of a source with their revisions and comments, a hundred at a time."""

from collections.abc import Iterator
from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone
from django.utils.translation import gettext as _

from blog.bulk_create import create_posts
from blog.models import Post, Revision
from comments.bulk_create import create_comments
from comments.models import Comment, CommentRevision, Person
from core.text import tidy
from transfer.exporting import columns
from transfer.restore.comment_texts import Texts, rendered_ahead
from transfer.restore.known import Known
from transfer.restore.parts import Refused
from transfer.restore.sources import Row
from transfer.restore.values import numbers_of, values_of

AT_A_TIME = 100
PUBLIC_STATES = (Comment.State.APPROVED, Comment.State.GONE)


def restore_posts(known: Known) -> None:
    parents: dict[int, int] = {}
    for rows, texts in rendered_ahead(in_parts(known.source.posts(), AT_A_TIME)):
        posts = [post_of(found, known) for found in rows]
        for post in posts:
            if post.parent_id:
                parents[post.pk] = post.parent_id
            post.get_ready()
        lists = [
            [numbers_of(found.get(name), getattr(known, name)) for found in rows] for name in ("categories", "tags")
        ]
        create_posts(posts, by=known.owner, categories=lists[0], tags=lists[1], revisions=not known.source.is_whole)
        known.posts |= {post.pk for post in posts}
        for post, found in zip(posts, rows, strict=True):
            restore_revisions(post, found, known)
        restore_comments(list(zip(posts, rows, strict=True)), texts, known)
        known.counted["pages"] += sum(post.kind == Post.Kind.PAGE for post in posts)
    known.counted["posts"] = len(known.posts) - known.counted["pages"]
    lost = [pk for pk, parent in parents.items() if parent not in known.posts or parent == pk]
    Post.objects.filter(pk__in=lost).update(parent=None)


def post_of(found: Row, known: Known) -> Post:
    """A post as it was; one with a password is private, because the password did not come."""
    where = f"post {found.get('id')}"
    facts = values_of(Post, found, columns.POST, where)
    path = facts.get("path")
    if facts.get("id") is None or not facts.get("guid") or path is not None and not is_path(path):
        raise Refused(_("%s does not have what belongs there.") % where)
    facts["author_id"] = known.users.get(facts.get("author_id") or 0, known.owner.pk)
    if facts.get("featured_id") not in known.media:
        facts["featured_id"] = None
    if facts.get("series_id") not in known.series:
        facts["series_id"] = None
    if facts.get("visibility") == Post.Visibility.PASSWORD:
        facts["visibility"] = Post.Visibility.PRIVATE
        known.counted["posts whose password did not come"] += 1
    post = Post(**facts, announced_at=facts.get("publish_at") or timezone.now())
    if post.source_format not in ("markdown", "html"):
        raise Refused(_("%s does not have what belongs there.") % where)
    post.acting = known.owner
    post.filed_at = post.publish_at
    return post


def is_path(path: str) -> bool:
    return path.startswith("/") and not path.startswith("//") and not any(ord(each) < 32 for each in path)


def restore_revisions(post: Post, found: Row, known: Known) -> None:
    rows, dates = [], {}
    for each in listed(found, "revisions"):
        facts = values_of(Revision, each, columns.REVISION, f"post {post.pk}", needed="id")
        facts["by_id"] = known.users.get(facts.get("by_id") or 0)
        dates[facts["id"]] = facts.pop("created_at", None)
        rows.append(Revision(post=post, **facts))
    Revision.objects.bulk_create(rows, batch_size=500)
    for row in rows:
        row.created_at = dates[row.pk] or row.created_at
    Revision.objects.bulk_update(rows, ["created_at"], batch_size=500)


def restore_comments(posts: list[tuple[Post, Row]], texts: Texts, known: Known) -> None:
    """The comments of some posts, with their threads and former texts; `texts` are those that are rendered already."""
    comments: list[Comment] = []
    former: list[CommentRevision] = []
    for post, found in posts:
        below: dict[int, tuple[Comment, Any]] = {}
        for each in listed(found, "comments"):
            comment, parent = comment_of(each, post, texts, known)
            below[comment.pk] = comment, parent
            former += comment_revisions(comment, each, known)
        for comment, parent in below.values():
            comment.parent = below[parent][0] if parent in below and not is_circular(comment.pk, below) else None
            comments.append(comment)
    create_comments(comments)
    CommentRevision.objects.bulk_create(former, batch_size=500)
    known.comments |= {comment.pk for comment in comments}
    known.counted["comments"] += len(comments)


def comment_of(found: Row, post: Post, texts: Texts, known: Known) -> tuple[Comment, Any]:
    """(the comment, the number of its parent). From a public source, `account_id` says whose account wrote it."""
    where = f"comment {found.get('id')}"
    facts = values_of(Comment, found, columns.COMMENT, where)
    parent = facts.pop("parent_id", None)
    if facts.get("id") is None or facts.get("source_format", "markdown") not in ("markdown", "html"):
        raise Refused(_("%s does not have what belongs there.") % where)
    if not known.source.is_whole and facts.get("state") not in PUBLIC_STATES:
        facts["state"] = Comment.State.PENDING
    if facts.get("person_id") not in known.commenters:
        account = found.get("account_id")
        user = known.users.get(account) if type(account) is int else None
        person = Person.objects.of_account(get_user_model().objects.get(pk=user)) if user else None
        facts["person_id"] = person.pk if person else None
    comment = Comment(post=post, **facts)
    text = tidy(comment.text)
    if html := texts.get((text, comment.source_format)):
        comment.set_html(text, html)
    comment.render()
    return comment, parent


def comment_revisions(comment: Comment, found: Row, known: Known) -> Iterator[CommentRevision]:
    for each in listed(found, "revisions"):
        facts = values_of(CommentRevision, each, columns.COMMENT_REVISION, f"comment {comment.pk}")
        facts["by_id"] = known.users.get(facts.get("by_id") or 0)
        yield CommentRevision(comment_id=comment.pk, **facts)


def is_circular(number: int, below: dict[int, tuple[Comment, Any]]) -> bool:
    """Whether the parents of a comment lead back to it."""
    seen: set[int] = set()
    at: Any = number
    while at in below:
        if at in seen:
            return True
        seen.add(at)
        at = below[at][1]
    return False


def listed(found: Row, name: str) -> list[Row]:
    rows = found.get(name) or []
    if not isinstance(rows, list) or not all(isinstance(each, dict) for each in rows):
        raise Refused(_("%s does not have what belongs there.") % name)
    return rows


def in_parts(rows: Iterator[Row], size: int) -> Iterator[list[Row]]:
    part: list[Row] = []
    for row in rows:
        part.append(row)
        if len(part) == size:
            yield part
            part = []
    if part:
        yield part
