"""What the desk says about an answer: its writer's past in one line, and which setting is behind a reason."""

from django import template
from django.contrib.humanize.templatetags.humanize import ordinal
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comments.desk.reasons import setting_behind

register = template.Library()


@register.filter
def title_for(post, user):
    """What the post is called, for whoever may read it: who looks after comments need not know what is not public."""
    return str(post) if may_read(post, user) else _("a post that is not public")


@register.filter
def may_read(post, user):
    return post.is_public or user.has_perm("blog.read_post", post)


@register.filter
def past_until(comment):
    """ "3rd comment, 2 approved, since May"; "" where nobody is known to have written it."""
    return in_one_line(comment.person.past(until=comment)) if comment.person else ""


@register.filter
def in_one_line(past):
    if past["number"] <= 1:
        return _("First comment of this writer")
    said = [_("%s comment") % ordinal(past["number"])]
    said.append(ngettext("%d approved", "%d approved", past["approved"]) % past["approved"])
    if past["spam"]:
        said.append(ngettext("%d spam", "%d spam", past["spam"]) % past["spam"])
    since = timezone.localtime(past["since"])
    month = date_format(since, "F" if since.year == timezone.localtime().year else "F Y")
    said.append(_("since %s") % month)
    return ", ".join(said)


@register.simple_tag
def rule_address(reason, comment):
    """Where the rule behind a reason is set; "" for those that nobody can set."""
    field = setting_behind(reason.get("rule", ""))
    if field == "person":
        return reverse("desk_person", args=[comment.person_id]) if comment.person_id else ""
    if field == "switch":
        return f"{reverse('desk_comments')}#switch"
    return f"{reverse('desk_discussion')}#id_{field}" if field else ""
