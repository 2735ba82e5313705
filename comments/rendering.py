"""Fast rendering of comments, by a pattern for each shape (with or without website, parent …)."""

from functools import lru_cache
from html import escape

from django.conf import settings
from django.utils.translation import get_language

from blog.markup.safe_html import trusted
from core import dates
from core.template_patterns import pattern_for, render_pattern

# Text fields that the template prints for every comment, and those that it tests before printing.
REQUIRED_FIELDS = ("name", "initials", "permalink", "created", "created_in_words")
OPTIONAL_FIELDS = (
    "parent_name",
    "avatar_url",
    "url",
    "edited_in_words",
    "reply_url",
    "edit_url",
    "report_url",
    "note",
    "tell_url",
    "former_number",
)
ALWAYS = ("id", "html", "answers", *REQUIRED_FIELDS)
FLAGS = ("removed", "is_by_author", "service")  # tested, not printed
SOME_POST = 8_070_605_040_302_010  # placeholder for a post's id


def render_conversation(post, talk):
    """The HTML of one page of a post's comments (threads.Conversation)."""
    values = {
        "title": post.display_title,
        "replies": render_replies(talk.replies),
        "older_url": talk.older_url,
        "newer_url": talk.newer_url,
    }
    return render_pattern("comments/_replies.html", "thread", values, total=talk.total)


def render_replies(replies):
    """The HTML of these replies and everything below them."""
    if settings.DEBUG:  # templates may have been edited
        pattern_for.cache_clear()
    return trusted(render_branch(replies, get_language()))


def render_branch(replies, language):
    inside = "".join([render_reply(reply, language) for reply in replies])
    return pattern_for("comments/_thread.html", "", ("replies",), language) % {"replies": inside}


def render_reply(reply, language):
    known = vars(reply)
    has = [name for name in OPTIONAL_FIELDS if known[name]]
    shape = (*ALWAYS, *has, *[(name, known[name]) for name in FLAGS if known[name]])
    words = {name: escape(known[name]) for name in (*REQUIRED_FIELDS, *has)}
    words["id"] = reply.id
    words["html"] = reply.html  # sanitized when it was saved
    words["answers"] = render_branch(reply.children, language) if reply.children else ""
    return pattern_for("comments/_comment.html", "comment", shape, language) % words


def form_for_post(post, form):
    """The guests' form, rendered for SOME_POST, with the id of this post."""
    return trusted(form.replace(str(SOME_POST), str(post.pk)))


@lru_cache(maxsize=4096)
def format_time(moment, language):
    """ "May 3, 2026 at 7:04 pm" for a naive local datetime; cached, because formatting a whole page is slow."""
    return dates.day_and_time(moment)
