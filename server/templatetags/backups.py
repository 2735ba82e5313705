from django import template

from server import backups

register = template.Library()


@register.simple_tag
def last_backup():
    """The newest backup, or None."""
    return backups.latest()
