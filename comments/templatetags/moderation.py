"""Template tags about a comment at the desk: the commenter's history, language, and the setting behind a reason."""

from django import template
from django.contrib.humanize.templatetags.humanize import ordinal
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language_info, ngettext
from django.utils.translation import gettext as _

from comments.desk.conflicts import shown_version
from comments.desk.rule_settings import setting_of
from comments.models import reasons
from comments.moderation import filed_spam
from comments.spam import language as text_language
from core import dates

OTHER_COMMENTS = 5

register = template.Library()
register.filter("strongest", reasons.strongest)


@register.filter
def title_for(post, user):
    """The post's title, or a placeholder if it is not public and this moderator may not read it."""
    return str(post) if may_read(post, user) else _("a post that is not public")


@register.filter
def may_read(post, user):
    return post.is_public or user.has_perm("blog.read_post", post)


@register.filter
def mark(comment):
    """The `saw` value of a comment or message, see comments.desk.conflicts."""
    return shown_version(comment)


@register.filter
def commenter_history(comment):
    """ "3rd comment, 2 approved, since May"; "" if the comment has no person or a reason already says it."""
    past = comment.person.past(until=comment) if comment.person else None
    if past is None or past["number"] <= 1 and reasons.says_first(comment.reasons):
        return ""
    return history_summary(past)


@register.filter
def history_summary(past):
    if past["number"] <= 1:
        return _("First comment by this commenter")
    said = [_("%s comment") % ordinal(past["number"])]
    said.append(ngettext("%d approved", "%d approved", past["approved"]) % past["approved"])
    if past["spam"]:
        said.append(ngettext("%d spam", "%d spam", past["spam"]) % past["spam"])
    since = timezone.localtime(past["since"])
    month = date_format(since, "F") if since.year == timezone.localtime().year else dates.month(since)
    said.append(_("since %s") % month)
    return ", ".join(said)


@register.inclusion_tag("desk/comments/_filed_spam.html", takes_context=True)
def filed_spam_notice(context):
    """The notice about comments that the classifier marked as spam, until it is dismissed."""
    return {"filed": filed_spam.unseen(), "csrf_token": context.get("csrf_token")}


@register.filter
def other_comments(comment):
    """The commenter's latest other comments, newest first; [] if the comment has no person."""
    if comment.person is None:
        return []
    others = comment.person.comments.exclude(pk=comment.pk).exclude(state=comment.State.GONE)
    return others.defer("html").select_related("post").newest_first()[:OTHER_COMMENTS]


@register.filter
def other_language(comment):
    """The name of the comment's language or script, if it is clearly not the post's; else ""."""
    script, language = text_language.script_of(comment.text), text_language.language_of(comment.text)
    home = comment.post.language_written.split("-")[0].lower()
    if script not in ("", "LATIN"):
        if script in text_language.SCRIPTS.get(home, ()):
            return ""
        speakers = [code for code, scripts in text_language.SCRIPTS.items() if script in scripts]
        if script == "CJK":
            return _("Chinese")
        language = speakers[0] if len(speakers) == 1 else ""
        return name_of_language(language) or _("%s script") % script.capitalize()
    return name_of_language(language) if language and language != home else ""


def name_of_language(code):
    try:
        return get_language_info(code)["name_translated"]
    except KeyError:
        return ""


@register.simple_tag
def rule_setting_url(reason, comment):
    """The URL of the setting behind a reason's rule; "" if it has none."""
    field = setting_of(reason.get("rule", ""))
    if field == "person":
        return reverse("desk_commenter", args=[comment.person_id]) if comment.person_id else ""
    if field == "switch":
        return f"{reverse('desk_comments')}#switch"
    return f"{reverse('desk_discussion')}#id_{field}" if field else ""
