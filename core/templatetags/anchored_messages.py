from django import template

from core import anchored_messages

register = template.Library()


@register.simple_tag(takes_context=True)
def messages_at_top(context):
    """What a page says at its top: all but what stands at its place below, where a page `has_places`."""
    request = context.get("request")
    return anchored_messages.at_top(request, has_places=context.get("has_places", False)) if request else []
