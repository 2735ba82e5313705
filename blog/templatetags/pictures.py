from django import template

from blog.media import pictures

register = template.Library()


@register.simple_tag
def picture(media, sizes=pictures.SIZES):
    """A picture of the library in the width that fits: {% picture post.featured "100vw" %}."""
    return pictures.as_picture(media, sizes=sizes, lazy=False) if media else ""
