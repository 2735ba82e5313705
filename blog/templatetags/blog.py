from django import template
from django.utils.html import format_html_join

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
def terms(rows, rel):
    """Links to the archives of these categories or tags: {{ post.labels|terms:"tag" }}."""
    links = ((rel, term.get_absolute_url(), term.name) for term in rows)
    return format_html_join(", ", '<a class="p-category" rel="{}" href="{}">{}</a>', links)


@register.filter
def properties(og):
    """Open Graph's words in the head: {"og:title": …} → <meta …>."""
    return format_html_join("\n", '<meta property="{}" content="{}">', (og or {}).items())


@register.filter
def masthead(frame, path):
    return frame and frame.masthead(path)
