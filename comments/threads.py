"""The comments below a post: pagination and threads.

One query fetches the ids of all comments that the visitor may see with their parents, a second one the comments of the
page: two queries for any number of comments, three if visible comments are replies to hidden ones. A thread is never
split between pages.
"""

from collections import namedtuple
from dataclasses import dataclass, field
from functools import cache
from math import ceil

from django.contrib.auth.models import AnonymousUser
from django.db.models import CharField, Q
from django.urls import reverse
from django.utils.timezone import get_current_timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from blog.absolute_urls import from_elsewhere
from comments.models import Comment, DiscussionSettings
from comments.rendering import format_time
from core.text import visible
from core.written_queries import Parameter, PreparedQuery

# The columns fetched for each comment on the page, in the order of `Row`.
COLUMNS = (
    *("pk", "parent_id", "state", "kind", "html", "name", "url", "avatar", "posted_at", "edited_at"),
    *("service", "former_number"),
    *("person__account_id", "person__browser"),
)
Row = namedtuple("Row", [name.replace("__", "_") for name in COLUMNS])  # type: ignore[misc]  # computed
NUMBERS = ("pk", "parent_id", "thread_id")


def is_guest(user, browser):
    """Whether the visitor is neither logged in nor has a browser cookie, and so sees approved comments only."""
    return not browser and not user.is_authenticated


@PreparedQuery
def numbers_for_guests():
    return Comment.objects.on(Parameter("post")).approved().oldest_first().values_list(*NUMBERS)


@PreparedQuery
def numbers_for_writers():
    """The same for guests with a signed browser cookie, who also see their own held comments."""
    seen = Comment.objects.visible_to(AnonymousUser(), Parameter("browser", CharField()))
    return seen.on(Parameter("post")).oldest_first().values_list(*NUMBERS)


MAX_OWN = 200  # comments; for people with more, `all_on_one_page` does not try to tell


@PreparedQuery
def all_by():
    """(post id, the post's number of approved comments) for each comment of a person. Filtered by person alone: with
    the post as well, SQLite would choose an index that reads all held comments of the post."""
    return Comment.objects.filter(person=Parameter("person")).values_list("post", "post__comment_count")[:MAX_OWN]


@PreparedQuery
def rows_for_guests():
    return Comment.objects.on(Parameter("post")).approved().values_list(*COLUMNS)


@dataclass
class Reply:
    """A comment prepared for the template. A `removed` one is hidden or erased and shown only as a placeholder above
    its visible replies, without any data."""

    id: int
    name: str = ""
    url: str = ""
    avatar_url: str = ""
    initials: str = ""
    html: str = ""
    permalink: str = ""
    created: str = ""
    created_in_words: str = ""
    edited_in_words: str = ""
    parent_name: str = ""
    reply_url: str = ""
    edit_url: str = ""
    report_url: str = ""
    is_by_author: bool = False
    awaiting: bool = False
    minutes_left: int = 0  # in which this visitor may still edit it
    note: str = ""  # for its author (comments/views/comment_note.py)
    tell_url: str = ""  # to request the notification of its publication
    service: str = ""  # the author's login provider; "" for a guest
    former_number: str = ""  # on the blog it was imported from, where links to `#comment-NUMBER` still lead
    removed: bool = False
    children: list = field(default_factory=list)


@dataclass
class Conversation:
    """One page of a post's comments. `total` counts all comments that this visitor sees, on every page."""

    replies: list
    total: int
    page: int
    pages: int
    older_url: str = ""
    newer_url: str = ""


class CommentTree:
    """The tree of a post's comments as ids. A hidden comment stays in the tree if it is the parent of a visible one or
    the root of its thread. A reply whose parent is not in the tree is placed below the root of its thread."""

    def __init__(self, post, user, browser):
        if is_guest(user, browser):
            rows = numbers_for_guests(post=post.pk)
        elif not user.is_authenticated:
            rows = numbers_for_writers(post=post.pk, browser=browser)
        else:
            rows = list(Comment.objects.on(post).oldest_first().visible_to(user, browser).values_list(*NUMBERS))
        self.shown = {pk for pk, *_above in rows}
        above = {number for _pk, *above in rows for number in above}
        self.hidden = above - self.shown - {None}
        if self.hidden:  # rare; fetches only these hidden comments, not all held ones
            places = Comment.objects.on(post).filter(Comment.objects.seen_by(user, browser) | Q(pk__in=self.hidden))
            rows = list(places.oldest_first().values_list(*NUMBERS))
        here = {pk for pk, *_above in rows}
        self.below = {}
        self.roots = []
        self.above = {}
        for pk, parent, thread in rows:
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
        """The number of the page with a comment, from 1."""
        place = self.roots.index(self.root_of(pk))
        if settings.order == DiscussionSettings.Order.NEWEST:
            place = len(self.roots) - 1 - place
        return place // settings.comments_per_page + 1

    def pages(self, settings):
        return max(1, ceil(len(self.roots) / settings.comments_per_page))

    def roots_on(self, page, settings):
        roots = self.roots[::-1] if settings.order == DiscussionSettings.Order.NEWEST else self.roots
        start = (page - 1) * settings.comments_per_page
        return roots[start : start + settings.comments_per_page]

    def threads(self, roots):
        """The ids of these roots and all comments below them."""
        found, waiting = [], list(roots)
        while waiting:
            pk = waiting.pop()
            found.append(pk)
            waiting.extend(self.below.get(pk, ()))
        return found


def conversation(post, user, browser="", page=1, *, may_answer=True):
    """The Conversation with one page of comments; None if there is no such page."""
    settings = DiscussionSettings.now()
    skeleton = CommentTree(post, user, browser)
    pages = skeleton.pages(settings)
    if not 1 <= page <= pages:
        return None
    roots = skeleton.roots_on(page, settings)
    rows = {}
    if roots:
        if pages == 1 and is_guest(user, browser) and not skeleton.hidden:
            shown = rows_for_guests(post=post.pk)
        else:
            shown = Comment.objects.filter(pk__in=skeleton.threads(roots)).values_list(*COLUMNS)
        rows = {row[0]: Row(*row) for row in shown}
    older, newer = (page - 1, page + 1) if settings.order == DiscussionSettings.Order.OLDEST else (page + 1, page - 1)
    fixed = pages == 1 or settings.order == DiscussionSettings.Order.OLDEST
    reply = ReplyBuilder(post, user, browser, settings, skeleton, rows, page, fixed=fixed, may_answer=may_answer)
    return Conversation(
        replies=build_tree(roots, skeleton.below, rows, reply, settings.thread_depth),
        total=len(skeleton),
        page=page,
        pages=pages,
        older_url=f"{page_path(post, older, settings)}#comments" if 1 <= older <= pages else "",
        newer_url=f"{page_path(post, newer, settings)}#comments" if 1 <= newer <= pages else "",
    )


class ReplyBuilder:
    """Builds a Reply from a Row. What is the same for the whole page is computed once."""

    def __init__(self, post, user, browser, settings, skeleton, rows, page, *, fixed, may_answer):
        self.post, self.account, self.browser, self.settings = post, user.pk, browser, settings
        self.skeleton, self.rows = skeleton, rows
        self.zone, self.language, self.nobody = get_current_timezone(), get_language(), str(_("Anonymous"))
        self.here, self.fixed = page_path(post, page, settings), fixed
        self.path = post.get_absolute_url()
        self.may_answer, self.may_report = may_answer, not user.has_perm("comments.moderate")

    def __call__(self, pk):
        if pk not in self.skeleton:
            return Reply(pk, removed=True)
        row = self.rows[pk]
        above = self.rows.get(row.parent_id) if row.parent_id in self.skeleton else None
        approved, mine = row.state == Comment.State.APPROVED, self.is_mine(row)
        name = row.name or self.nobody
        posted = row.posted_at.astimezone(self.zone)
        minutes_left = self.minutes_left(row) if mine else 0
        return Reply(
            pk,
            name=name,
            url=row.url,
            # Only avatars stored here: readers' browsers must not send requests to third parties.
            avatar_url=row.avatar if row.avatar.startswith("/") else "",
            initials=initials(name),
            html=from_elsewhere(row.html, self.path, keep_places=True),
            permalink=f"{self.here}#comment-{pk}" if self.fixed else url_pattern("comment_permalink") % pk,
            created=posted.isoformat(),
            created_in_words=self.in_words(posted),
            edited_in_words=self.in_words(row.edited_at.astimezone(self.zone)) if row.edited_at else "",
            parent_name=(above.name or self.nobody) if above else "",
            reply_url=f"{self.here}?replytocom={pk}#respond" if self.may_answer and approved else "",
            edit_url=reverse("comment_edit", args=[pk]) if minutes_left else "",
            report_url=url_pattern("comment_report") % pk if self.may_report and approved and not mine else "",
            is_by_author=row.person_account_id == self.post.author_id is not None,
            awaiting=not approved,
            minutes_left=minutes_left,
            service=row.service,
            former_number="" if row.former_number in self.rows else str(row.former_number or ""),
        )

    def is_mine(self, row):
        """Whether this visitor wrote it: by account or by signed browser."""
        by_account = row.person_account_id == self.account is not None
        return by_account or bool(self.browser) and row.person_browser == self.browser

    def minutes_left(self, row):
        return Comment(state=row.state, kind=row.kind, posted_at=row.posted_at).minutes_left(self.settings)

    def in_words(self, moment):
        return format_time(moment.replace(second=0, microsecond=0, tzinfo=None), self.language)


def initials(name):
    """The first letters of the first and the last word, in upper case; punctuation is skipped."""
    words = ["".join(letter for letter in word if letter.isalnum()) for word in name.split()]
    words = [word for word in words if word] or [visible(name)]
    return "".join([word[:1] for word in (words[:1] + words[1:][-1:])]).upper()


@cache
def url_pattern(name):
    """A URL pattern for `%`, to be filled with a comment's id; much faster than `reverse` for each comment."""
    return reverse(name, args=[0]).replace("%", "%%").replace("/0/", "/%d/")


def build_tree(roots, below, rows, reply, depth):
    """The tree of replies. Replies deeper than `depth` levels become siblings of their parent, in reading order."""
    top = []
    waiting = [(pk, 1, top) for pk in reversed(roots)]
    while waiting:
        pk, level, siblings = waiting.pop()
        if pk not in rows:  # removed between the two queries
            continue
        node = reply(pk)
        siblings.append(node)
        place = (level + 1, node.children) if level < depth else (level, siblings)
        waiting.extend((child, *place) for child in reversed(below.get(pk, ())))
    return top


def page_path(post, page, settings):
    return post.get_absolute_url() if page == 1 else f"{post.get_absolute_url()}comment-page-{page}/"


def comment_url(comment, user, browser=""):
    """The path and fragment of the comment for this visitor, on its present page. The caller checks that they may see
    it."""
    settings, page = DiscussionSettings.now(), 1
    if not all_on_one_page(comment, user, browser, settings):
        skeleton = CommentTree(comment.post, user, browser)
        page = skeleton.page_of(comment.pk, settings) if comment.pk in skeleton else 1
    return f"{page_path(comment.post, page, settings)}#comment-{comment.pk}"


def all_on_one_page(comment, user, browser, settings):
    """Whether the post's comments certainly fit on one page; False also if that is not known without more queries."""
    if is_guest(user, browser):
        return comment.post.comment_count <= settings.comments_per_page
    is_one_person = bool(browser) != user.is_authenticated
    if not (is_one_person and comment.is_by(user, browser)):
        return False
    written = all_by(person=comment.person_id)
    own = [approved for post, approved in written if post == comment.post_id]
    return len(written) < MAX_OWN and max(own, default=0) + len(own) <= settings.comments_per_page
