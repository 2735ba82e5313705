"""The preview beside the text while it is typed. Saves nothing."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from blog.desk.access import at_the_desk
from blog.desk.forms import LONGEST_TEXT
from blog.desk.markup_notices import post_messages
from blog.models import Media, Post
from core import languages, rate_limits
from core.row_ids import row_id
from core.text import tidy, tidy_line


@at_the_desk("blog.write")
@require_POST
def live_preview(request):
    """The rendered post of a form, as an HTML fragment with the public styles."""
    if wait := rate_limits.hit("preview", request.user.pk):
        return rate_limits.too_many_requests(
            HttpResponse(_("Too many previews; wait a moment. Your text is still in the form.")), wait
        )
    post = typed(request.POST, request.user)
    post.render()
    return render(
        request, "desk/_live_preview.html", {"post": post, "notice_messages": post_messages(post, is_saved=False)}
    )


def typed(form, author):
    chosen = row_id(form.get("featured"))
    picture = Media.objects.visible_to(author).pictures().filter(pk=chosen).first() if chosen else None
    return Post(
        author=author,
        title=tidy_line(form.get("title", ""))[:500],
        source=tidy(form.get("source", "")[:LONGEST_TEXT]),
        extended_markdown="extended_markdown" in form,
        language=languages.canonical(form.get("language", "")),
        format=form.get("format") if form.get("format") in Post.Format.values else Post.Format.STANDARD,
        link_url=form.get("link_url", "") if form.get("link_url", "").startswith(("http://", "https://")) else "",
        featured=picture,
    )
