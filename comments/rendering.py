"""Comments on their way into a page.

Each shape of a comment (with a website or without, an answer or not …) is rendered by the template once, with marks
where its own words stand; after that a thousand comments cost the joining of strings.
"""

import re
from functools import lru_cache
from html import escape

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import get_language

from blog.markup.safe_html import trusted
from core import dates

# What the template prints of every comment, and what it asks for before it prints it. All of it is text.
ALWAYS = ("name", "initials", "permalink", "created", "created_in_words")
PERHAPS = (
    "parent_name",
    "avatar_url",
    "url",
    "edited_in_words",
    "reply_url",
    "edit_url",
    "report_url",
    "note",
    "tell_url",
)
FLAGS = ("removed", "is_by_author")
CHOICES = ("service",)  # words that the template asks for, and that make another shape
MARK = re.compile("\x02([a-z_]+)\x03")
SOME_POST = 8_070_605_040_302_010  # stands where the number of a post comes


def printed(replies):
    """The list of these replies, with all that is below them."""
    if settings.DEBUG:  # somebody may be at work on the templates
        shaped.cache_clear()
    return trusted(branch(replies, get_language()))


def branch(replies, language):
    inside = "".join([one(reply, language) for reply in replies])
    return shaped("comments/_branch.html", (), language) % {"replies": inside}


def one(reply, language):
    known = vars(reply)
    has = [name for name in PERHAPS if known[name]]
    shape = (*has, *[name for name in FLAGS if known[name]])
    shape += tuple((name, known[name]) for name in CHOICES if known[name])
    words = {name: escape(known[name]) for name in (*ALWAYS, *has)}
    words["id"] = reply.id
    words["html"] = reply.html  # cleaned when it was saved
    words["answers"] = branch(reply.children, language) if reply.children else ""
    return shaped("comments/_comment.html", shape, language) % words


def printed_at(post, form):
    """The form of all guests, made for SOME_POST, as it stands below this one."""
    return trusted(form.replace(str(SOME_POST), str(post.pk)))


@lru_cache(maxsize=256)
def shaped(template, shape, language):
    """A template as a pattern for `%`, with what the shape names and without the rest."""
    names = ("id", "html", "answers", *ALWAYS, *[name for name in shape if isinstance(name, str)])
    chosen = dict(choice for choice in shape if not isinstance(choice, str))
    context = {"comment": {name: f"\x02{name}\x03" for name in names} | chosen, "replies": "\x02replies\x03"}
    return MARK.sub(r"%(\1)s", render_to_string(template, context).replace("%", "%%"))


@lru_cache(maxsize=4096)
def in_words(moment, language):
    """ "May 3, 2026 at 7:04 pm" of a moment that is local and naive: a whole page of them is dear."""
    return dates.day_and_time(moment)
