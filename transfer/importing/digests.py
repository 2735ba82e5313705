"""Hashes by which an import tells whether an element of the file, or its row here, has changed."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import is_dataclass
from typing import Any

from blog.models import Post
from comments.models import Comment

POST_FIELDS = (
    "kind",
    "status",
    "visibility",
    "format",
    "title",
    "source",
    "source_format",
    "excerpt",
    "publish_at",
    "sticky",
    "comments_open",
    "author_id",
)
COMMENT_FIELDS = ("text", "name", "email", "url", "state", "post_id")
TERM_FIELDS = ("name", "slug", "description", "parent_id")
LEFT_OUT = frozenset({"line", "file", "repeated", "element", "comments", "identifier"})
# Fields that records did not have from the beginning: left out at these values, so that older digests stay true.
ADDED = {"login": "", "source_format": "html"}


def of_record(record: Any) -> str:
    """The digest of a record, without the place where it stands and without an item's comments."""
    fields = {name: value for name, value in vars(record).items() if name not in LEFT_OUT}
    for name, default in ADDED.items():
        if fields.get(name) == default:
            del fields[name]
    return _hash(fields)


def of_row(row: Any, names: Iterable[str]) -> str:
    return _hash([str(getattr(row, name, "")) for name in names])


def of_post(post: Post) -> str:
    """The syntax counts where it is the extended one: digests from before there was one stay true."""
    return of_row(post, (*POST_FIELDS, "extended_markdown") if post.extended_markdown else POST_FIELDS)


def of_comment(comment: Comment) -> str:
    return of_row(comment, COMMENT_FIELDS)


def of_term(term: Any) -> str:
    return of_row(term, TERM_FIELDS)


def _hash(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, default=_plain)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _plain(value: Any) -> Any:
    return vars(value) if is_dataclass(value) else str(value)
