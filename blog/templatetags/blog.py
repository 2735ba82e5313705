from django import template

from blog import jsonld

register = template.Library()


@register.filter
def as_json_ld(data):
    return jsonld.as_script(data)


@register.inclusion_tag("blog/_picture.html")
def picture(media, sizes=""):
    """A picture in the widths that it has; the browser takes the one that fits `sizes`."""
    return {"media": media, "sizes": sizes or "100vw"}
