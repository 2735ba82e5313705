from django import template

from blog import responsive_images

register = template.Library()


@register.simple_tag
def picture(media, sizes=responsive_images.SIZES):
    """A library picture in responsive widths: {% picture post.featured "100vw" %}."""
    return responsive_images.as_picture(media, sizes=sizes, lazy=False) if media else ""
