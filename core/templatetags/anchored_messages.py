from django import template

from core import anchored_messages

register = template.Library()


@register.simple_tag(takes_context=True)
def messages_at_top(context):
    """The messages for the top of the page: without those that it prints beside an element (`message_anchors`)."""
    request = context.get("request")
    return anchored_messages.top_messages(request, anchors=context.get("message_anchors", False)) if request else []
