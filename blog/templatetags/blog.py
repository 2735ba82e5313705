from django import template

from blog import jsonld

register = template.Library()


@register.filter
def as_json_ld(data):
    return jsonld.as_script(data)


@register.filter
def part(frame, name):
    """A part that is the same on every page: {{ frame|part:"_icon.html" }}."""
    return frame and frame.part(name)


@register.filter
def masthead(frame, path):
    return frame and frame.masthead(path)
