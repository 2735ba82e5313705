from django import template

from core import email_log, mail

register = template.Library()


@register.simple_tag
def mail_delivery_problem():
    """What keeps letters from leaving, or None."""
    return email_log.delivery_problem()


@register.simple_tag
def mail_is_configured():
    """Whether the blog knows anybody who carries its letters."""
    return mail.is_configured()


@register.filter
def kind_label(kinds, kind):
    """The name of a kind of letter, where it has one."""
    return kinds.get(kind, kind)
