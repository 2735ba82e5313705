from django import template
from django.contrib.messages.storage.base import Message
from django.template import Context

from core import anchored_messages

register = template.Library()


@register.simple_tag(takes_context=True)
def messages_at_top(context: Context) -> list[Message]:
    """The messages for the top of the page: without those that it prints beside an element (`message_anchors`)."""
    request = context.get("request")
    return anchored_messages.top_messages(request, anchors=context.get("message_anchors") or False) if request else []
