"""The conversation below a post: which answers stand on which page, and who answers whom.

One query fetches the skeleton (numbers alone) of all that the visitor may see, a second one the comments of the page:
two queries for one answer and for a thousand. Pages are cut between threads, never inside one.
"""

from dataclasses import dataclass, field
from math import ceil

from django.db.models import BooleanField, Case, Q, When
from django.urls import reverse

from comments.models import Comment, Discussion


@dataclass
class Reply:
    """An answer in its place, as the templates print it."""

    comment: Comment
    permalink: str
    reply_url: str
    parent_name: str = ""
    edit_url: str = ""
    report_url: str = ""
    children: list = field(default_factory=list)

    removed = False

    @property
    def id(self):
        return self.comment.pk

    @property
    def name(self):
        return self.comment.writer

    @property
    def url(self):
        return self.comment.url

    @property
    def html(self):
        return self.comment.body

    @property
    def created_at(self):
        return self.comment.posted_at

    @property
    def avatar_url(self):
        """Only what we serve ourselves: no reader's browser asks a stranger for a face."""
        return self.comment.avatar if self.comment.avatar.startswith("/") else ""

    @property
    def initials(self):
        words = self.name.split()
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()

    @property
    def is_by_author(self):
        return self.comment.is_by_author

    @property
    def awaiting(self):
        return not self.comment.is_approved

    @property
    def edited_at(self):
        return self.comment.edited_at


@dataclass
class Place:
    """Where an answer stood that is not shown (any more), above answers that are. It tells nothing of what it was."""

    id: int
    children: list = field(default_factory=list)

    removed = True


@dataclass
class Conversation:
    """One page of the answers to a post. `total` counts all that this visitor sees, on every page."""

    replies: list
    total: int
    page: int
    pages: int
    older_url: str = ""
    newer_url: str = ""


class Skeleton:
    """Who answers whom, in numbers. What is hidden keeps its place above answers that are shown, if it is their parent
    or the root of their thread; else its answers hang at the thread's root."""

    def __init__(self, post, user, browser):
        everything = Comment.objects.on(post)
        seen = everything.seen_by(user, browser)
        shown = everything.filter(seen)
        places = Q(pk__in=shown.values("parent")) | Q(pk__in=shown.values("thread"))
        rows = everything.filter(seen | places).oldest_first()
        rows = rows.annotate(shown=Case(When(seen, then=True), default=False, output_field=BooleanField()))
        rows = list(rows.values_list("pk", "parent_id", "thread_id", "shown"))
        here = {pk for pk, *_rest in rows}
        self.shown = {pk for pk, _parent, _thread, is_shown in rows if is_shown}
        self.below = {}
        self.roots = []
        self.above = {}
        for pk, parent, thread, _shown in rows:
            above = parent if parent in here else thread if thread in here else None
            self.above[pk] = above
            if above is None:
                self.roots.append(pk)
            else:
                self.below.setdefault(above, []).append(pk)

    def __len__(self):
        return len(self.shown)

    def __contains__(self, pk):
        return pk in self.shown

    def root_of(self, pk):
        while self.above[pk] is not None:
            pk = self.above[pk]
        return pk

    def page_of(self, pk, settings):
        """The number of the page where a comment stands, from 1."""
        place = self.roots.index(self.root_of(pk))
        if settings.order == Discussion.Order.NEWEST:
            place = len(self.roots) - 1 - place
        return place // settings.comments_per_page + 1

    def pages(self, settings):
        return max(1, ceil(len(self.roots) / settings.comments_per_page))

    def roots_on(self, page, settings):
        roots = self.roots[::-1] if settings.order == Discussion.Order.NEWEST else self.roots
        start = (page - 1) * settings.comments_per_page
        return roots[start : start + settings.comments_per_page]

    def threads(self, roots):
        """All numbers below these roots, with them."""
        found, waiting = [], list(roots)
        while waiting:
            pk = waiting.pop()
            found.append(pk)
            waiting.extend(self.below.get(pk, ()))
        return found


def conversation(post, user, browser="", page=1, *, may_answer=True):
    """The answers on one page; None if there is no such page."""
    settings = Discussion.now()
    skeleton = Skeleton(post, user, browser)
    pages = skeleton.pages(settings)
    if not 1 <= page <= pages:
        return None
    roots = skeleton.roots_on(page, settings)
    comments = {}
    if roots:
        shown = Comment.objects.select_related("person").defer("text", "facts", "reasons", "email")
        comments = shown.in_bulk(skeleton.threads(roots))
    base = page_path(post, page, settings)
    may_report = not user.has_perm("comments.moderate")
    fixed = pages == 1 or settings.order == Discussion.Order.OLDEST

    def reply(pk):
        if pk not in skeleton:
            return Place(pk)
        comment = comments[pk]
        comment.post = post
        parent = comments.get(comment.parent_id) if comment.parent_id in skeleton else None
        mine = comment.is_by(user, browser)
        return Reply(
            comment,
            permalink=f"{base}#comment-{pk}" if fixed else comment.get_absolute_url(),
            reply_url=f"{base}?replytocom={pk}#respond" if may_answer and comment.is_approved else "",
            parent_name=parent.writer if parent else "",
            edit_url=reverse("comment_edit", args=[pk]) if mine and comment.is_fresh(settings) else "",
            report_url=reverse("comment_report", args=[pk]) if may_report and comment.is_approved and not mine else "",
        )

    older, newer = (page - 1, page + 1) if settings.order == Discussion.Order.OLDEST else (page + 1, page - 1)
    return Conversation(
        replies=planted(roots, skeleton.below, comments, reply, settings.thread_depth),
        total=len(skeleton),
        page=page,
        pages=pages,
        older_url=f"{page_path(post, older, settings)}#comments" if 1 <= older <= pages else "",
        newer_url=f"{page_path(post, newer, settings)}#comments" if 1 <= newer <= pages else "",
    )


def planted(roots, below, comments, reply, depth):
    """The tree of replies. What is deeper than `depth` stands beside its parent, in the order of the talk."""
    top = []
    waiting = [(pk, 1, top) for pk in reversed(roots)]
    while waiting:
        pk, level, siblings = waiting.pop()
        if pk not in comments:  # decided upon between the two queries
            continue
        node = reply(pk)
        siblings.append(node)
        place = (level + 1, node.children) if level < depth else (level, siblings)
        waiting.extend((child, *place) for child in reversed(below.get(pk, ())))
    return top


def page_path(post, page, settings):
    return post.get_absolute_url() if page == 1 else f"{post.get_absolute_url()}comment-page-{page}/"


def address_of(comment, user, browser=""):
    """Where this visitor finds the comment today: its page and its place there. Only if they may see it."""
    settings = Discussion.now()
    skeleton = Skeleton(comment.post, user, browser)
    page = skeleton.page_of(comment.pk, settings) if comment.pk in skeleton else 1
    return f"{page_path(comment.post, page, settings)}#comment-{comment.pk}"
