"""Create the demo's comments and commenters in bulk, with the same result as `Comment`'s methods for one."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import cache

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from comments.bulk_create import put_in_search
from comments.models import Comment, Person
from comments.models.person import new_browser
from comments.models.queryset import recount
from core import cache_version, confusables
from transfer.demo.corpus import Name, corpus
from transfer.demo.posts import DemoPost
from transfer.demo.threads import DemoComment

CHUNK = 1000
FRIENDS = 3  # of the regular readers


def create_comments(
    lines: Sequence[DemoComment],
    demo_posts: Sequence[DemoPost],
    owner: User,
    seed: str,
    progress: Callable[[str, int], object],
) -> None:
    """Create a comment for each DemoComment. Their posts must be saved already."""
    builder = CommentBuilder(lines, demo_posts, Commenters(owner, seed))
    for start in range(0, len(lines), CHUNK):
        part = range(start, min(start + CHUNK, len(lines)))
        with transaction.atomic():
            comments = builder.build(part)
            recount({comment.post_id for comment in comments})
            put_in_search(comments)
            cache_version.invalidate(cache_version.EVERYTHING)
        progress("comments", len(part))


class CommentBuilder:
    """Creates comments and remembers the saved ones: a reply needs its parent's primary key."""

    def __init__(self, lines: Sequence[DemoComment], demo_posts: Sequence[DemoPost], commenters: "Commenters") -> None:
        self.lines, self.demo_posts, self.commenters = lines, demo_posts, commenters
        self.rows: dict[int | None, tuple[int, int]] = {}  # {index of a line: (comment pk, thread pk)}
        self.fingerprints: set[str | None] = set()

    def build(self, part: Sequence[int]) -> list[Comment]:
        """Save the lines with these indices, parents before replies. Returns their comments."""
        self.commenters.create_strangers(at for at in part if self.lines[at].state != Comment.State.APPROVED)
        made = []
        for level in by_depth(part, self.lines):
            comments = Comment.objects.bulk_create(map(self.comment, level))
            for at, comment in zip(level, comments, strict=True):
                self.rows[at] = comment.pk, comment.thread_id or comment.pk
            made += comments
        return made

    def comment(self, at: int) -> Comment:
        """An unsaved comment. Like an imported one it has no fingerprint if an equal comment has it already."""
        line, commenters = self.lines[at], self.commenters
        parent, thread = self.rows.get(line.parent, (None, None))
        html, version = rendered(line.text)
        comment = Comment(
            post_id=self.demo_posts[line.post].post.pk,
            parent_id=parent,
            thread_id=thread,
            person=commenters.person(at, line),
            state=line.state,
            former_state=Comment.State.PENDING if line.state == Comment.State.SPAM else "",
            text=line.text,
            html=html,
            html_version=version,
            posted_at=line.moment,
            **commenters.facts(line),
        )
        comment.name_key = name_key(comment.name)
        if line.state == Comment.State.PENDING:
            why = _("It is the first comment by this commenter.")
            comment.reasons = [{"rule": "hold_first_comment", "verdict": "pending", "why": why}]
        comment.sign(commenters.signature(comment, line))
        if comment.fingerprint in self.fingerprints:
            comment.fingerprint = None
        self.fingerprints.add(comment.fingerprint)
        return comment


def by_depth(part: Iterable[int], lines: Sequence[DemoComment]) -> list[list[int]]:
    """Group indices by depth: first lines whose parent is not in this chunk, then replies to those, and so on."""
    depth: dict[int | None, int] = {}
    groups: defaultdict[int, list[int]] = defaultdict(list)
    for at in part:
        depth[at] = depth.get(lines[at].parent, -1) + 1
        groups[depth[at]].append(at)
    return [groups[step] for step in sorted(groups)]


class Commenters:
    """The commenters: the owner, regular readers with a browser each, and strangers with one comment each."""

    def __init__(self, owner: User, seed: str) -> None:
        self.owner = owner
        self.author = Person.objects.of_account(owner)
        self.emails = {name: f"reader{at}@example.org" for at, name in enumerate(corpus().names, 1)}
        self.regulars = {name: Person.objects.of_browser(browser_of(seed, name)) for name in corpus().names}
        self.strangers: dict[int, Person] = {}
        friends = [person.pk for person in list(self.regulars.values())[:FRIENDS]]
        Person.objects.filter(pk__in=friends).update(trust=Person.Trust.FRIEND)

    def create_strangers(self, numbers: Iterable[int]) -> None:
        """Create the strangers of a chunk: held comments and spam come from unknown persons."""
        self.strangers = {at: Person(browser=new_browser()) for at in numbers}
        Person.objects.bulk_create(self.strangers.values())

    def person(self, at: int, line: DemoComment) -> Person:
        return self.strangers.get(at) or (self.regulars[line.writer] if line.writer else self.author)

    def facts(self, line: DemoComment) -> dict[str, str]:
        """The comment's fields about its author."""
        if line.writer:
            return {"name": line.writer.text, "email": self.emails[line.writer], "url": line.writer.website}
        return {"name": self.owner.name, "email": self.owner.email or "", "url": self.owner.website}

    def signature(self, comment: Comment, line: DemoComment) -> str:
        """The author's key for the fingerprint, as `comments.views.create` makes it for guests and accounts."""
        return f"{comment.name}\n{comment.email}".casefold() if line.writer else f"account {self.owner.pk}"


def browser_of(seed: str, name: Name) -> str:
    return hashlib.sha256(f"{seed}:{name.text}".encode()).hexdigest()[:32]


@cache
def name_key(name: str) -> str:
    return confusables.skeleton(name)


@cache
def rendered(text: str) -> tuple[str, int]:
    pattern = Comment(text=text)
    pattern.render()
    return pattern.html, pattern.html_version
