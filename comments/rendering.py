"""Fast rendering of comments.

For each shape of a comment (with or without website, parent …) the template is rendered once, with placeholders. The
result is cached, so that rendering a comment is a single string formatting.
"""

import re
from functools import lru_cache
from html import escape

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import get_language

from blog.markup.safe_html import trusted
from core import dates

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
FLAGS = ("removed", "is_by_author")
CHOICES = ("service",)  # fields whose value is part of the shape
PLACEHOLDER = re.compile("\x02([a-z_]+)\x03")
SOME_POST = 8_070_605_040_302_010  # placeholder for a post's id


def render_replies(replies):
    """The HTML of these replies and everything below them."""
    if settings.DEBUG:  # templates may have been edited
        pattern_for.cache_clear()
    return trusted(render_branch(replies, get_language()))


def render_branch(replies, language):
    inside = "".join([render_reply(reply, language) for reply in replies])
    return pattern_for("comments/_thread.html", (), language) % {"replies": inside}


def render_reply(reply, language):
    known = vars(reply)
    has = [name for name in OPTIONAL_FIELDS if known[name]]
    shape = (*has, *[name for name in FLAGS if known[name]])
    shape += tuple((name, known[name]) for name in CHOICES if known[name])
    words = {name: escape(known[name]) for name in (*REQUIRED_FIELDS, *has)}
    words["id"] = reply.id
    words["html"] = reply.html  # sanitized when it was saved
    words["answers"] = render_branch(reply.children, language) if reply.children else ""
    return pattern_for("comments/_comment.html", shape, language) % words


def form_for_post(post, form):
    """The guests' form, rendered for SOME_POST, with the id of this post."""
    return trusted(form.replace(str(SOME_POST), str(post.pk)))


@lru_cache(maxsize=256)
def pattern_for(template, shape, language):
    """The template rendered for a shape, as a pattern for `%`."""
    names = ("id", "html", "answers", *REQUIRED_FIELDS, *[name for name in shape if isinstance(name, str)])
    chosen = dict(choice for choice in shape if not isinstance(choice, str))
    context = {"comment": {name: f"\x02{name}\x03" for name in names} | chosen, "replies": "\x02replies\x03"}
    return PLACEHOLDER.sub(r"%(\1)s", render_to_string(template, context).replace("%", "%%"))


@lru_cache(maxsize=4096)
def format_time(moment, language):
    """ "May 3, 2026 at 7:04 pm" for a naive local datetime; cached, because formatting a whole page is slow."""
    return dates.day_and_time(moment)
