"""Messages for `blog.markup`'s notices: what the rendered text leaves out or shows as typed."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from blog.markup.notices import AS_TYPED, DROPPED, EMBED, MISTAKE

MOST = 20
KINDS = {
    DROPPED: gettext_lazy("%(what)s was removed: it is not allowed in posts."),
    AS_TYPED: gettext_lazy(
        "%(what)s is shown as it was typed: there is too much of it, or it is too long or nested too deeply."
    ),
    MISTAKE: gettext_lazy("%(what)s is shown as it was typed: this formula has a mistake, or is too long."),
    EMBED: gettext_lazy("%(what)s became a link or a player."),
}
THINGS = {  # names of things in notices that are neither tags nor URLs
    "abbreviation": gettext_lazy("An abbreviation"),
    "block": gettext_lazy("A block"),
    "characters": gettext_lazy("All of the text"),
    "depth": gettext_lazy("All of the text"),
    "nesting": gettext_lazy("A list or a quote"),
    "note": gettext_lazy("A footnote in the text"),
    "table": gettext_lazy("A table"),
}


def notice_messages(notices):
    """A message for each notice, with its line, in the order of the text; at most MOST, then the number of the
    others."""
    said = list(dict.fromkeys(sentence(notice) for notice in notices if notice.kind in KINDS))
    if len(said) > MOST:
        more = len(said) - MOST
        said[MOST:] = [ngettext("And %d more of this kind.", "And %d more of this kind.", more) % more]
    return said


def sentence(notice):
    what = KINDS[notice.kind] % {"what": THINGS.get(notice.what, notice.what)}
    return _("Line %(line)d: %(what)s") % {"line": notice.line, "what": what} if notice.line else what


def post_messages(post, *, is_saved=True):
    """All messages about the HTML of a post, or of a text that is only previewed."""
    return [*trouble(post, is_saved), *notice_messages(post.notices)]


def trouble(post, is_saved):
    """Why the stored HTML is not that of the current text, if so."""
    if post.render_error == post.Trouble.UNFINISHED and not is_saved:
        yield _("Rendering this text took too long or too much memory. Shorten it or split it up.")
    elif post.render_error == post.Trouble.UNFINISHED:
        if post.status == post.Status.PUBLISHED:
            yield _(
                "The text is saved, but rendering it took too long or too much memory. Readers still see "
                "the earlier page. Shorten the text or split it up, and save it again."
            )
        else:
            yield _(
                "The text is saved, but rendering it took too long or too much memory: it stays a draft. "
                "Shorten the text or split it up, and save it again."
            )
    elif post.render_error == post.Trouble.BUSY and not is_saved:
        yield _("Other long texts are being rendered at the moment. Try again in a minute.")
    elif post.render_error == post.Trouble.BUSY:
        if post.status == post.Status.PUBLISHED:
            yield _(
                "The text is saved. Other long texts are being rendered at the moment; this one follows in a minute or "
                "two. Until then, readers see the earlier page."
            )
        else:
            yield _(
                "The text is saved. Other long texts are being rendered at the moment; this one follows in a minute or "
                "two. It stays a draft until you publish it."
            )
    elif post.render_error == post.Trouble.WORSE:
        yield _(
            "Readers see the page as an earlier version of Longrun rendered it: rendering it again "
            "would remove more. Check the preview; saving the text updates the page."
        )
