from django import template

from core import email_log, mail

register = template.Library()


@register.simple_tag
def mail_delivery_problem():
    """The reason why emails cannot be delivered, or None."""
    return email_log.delivery_problem()


@register.simple_tag
def failed_emails():
    """The number of emails of the last week that failed, were refused or came back."""
    return email_log.failed_lately()


@register.simple_tag
def mail_is_configured():
    """Whether an SMTP server or a provider is configured."""
    return mail.is_configured()


@register.filter
def kind_label(kinds, kind):
    """The label of a kind of email, or the kind itself."""
    return kinds.get(kind, kind)
