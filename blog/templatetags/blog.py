from django import template
from django.utils.html import format_html, format_html_join
from django.utils.translation import get_language

from blog import json_script
from core import languages
from core.site import site

register = template.Library()


@register.filter
def as_json_ld(data):
    return json_script.as_script(data)


@register.filter
def part(layout, name):
    """A part that is the same on every page: {{ layout|part:"_icon.html" }}."""
    return layout and layout.part(name)


@register.filter
def terms(rows, rel):
    """Links to the archives of these categories or tags: {{ post.shown_tags|terms:"tag" }}."""
    links = ((rel, term.get_absolute_url(), term.name) for term in rows)
    return format_html_join(", ", '<a class="p-category" rel="{}" href="{}" dir="auto">{}</a>', links)


@register.simple_tag
def lang(post):
    """The `lang` and `dir` attributes of an element that holds only the text of a post: <h1{% lang post %}>."""
    if post and post.language:
        return format_html(' lang="{}" dir="{}"', post.language, post.direction)
    blogs = languages.canonical(site().language)
    if languages.base(blogs) != languages.base(get_language() or "en"):  # the interface is in another language
        return format_html(' lang="{}" dir="{}"', blogs, languages.direction(blogs))
    return format_html(' dir="{}"', "auto")


@register.filter
def properties(og):
    """The Open Graph and X tags of the head: {"og:title": …} → <meta …>."""
    named = (("name" if name.startswith("twitter:") else "property", name, said) for name, said in (og or {}).items())
    return format_html_join("\n", '<meta {}="{}" content="{}">', named)


@register.filter
def masthead(layout, path):
    return layout and layout.masthead(path)
