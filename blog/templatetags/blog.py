from functools import lru_cache

from django import template
from django.utils.html import format_html
from django.utils.translation import get_language

from core import languages
from core.site import site
from core.template_patterns import render_patterns

register = template.Library()


@register.filter
def part(layout, name):
    """A part that is the same on every page: {{ layout|part:"_icon.html" }}."""
    return layout and layout.part(name)


@register.filter
def terms(rows, rel):
    """Links to the archives of these categories or tags: {{ post.shown_tags|terms:"tag" }}."""
    links = [{"rel": rel, "url": term.get_absolute_url(), "name": term.name} for term in rows]
    return render_patterns("blog/_term_link.html", "term", links, join=", ")


@register.filter
def links(entries, template):
    """The entries of a list in the sidebar (layout.Link): {{ layout.tags|links:"_tag_link.html" }}."""
    return render_patterns(template, "link", [entry.values for entry in entries], join="\n")


@register.simple_tag
def lang(post):
    """The `lang` and `dir` attributes of an element that holds only the text of a post: <h1{% lang post %}>."""
    return lang_attributes(post.language if post else "", site().language, get_language() or "en")


@lru_cache(maxsize=256)
def lang_attributes(of_post, of_blog, of_interface):
    language = of_post or languages.canonical(of_blog)
    if of_post or languages.base(language) != languages.base(of_interface):  # the interface is in another language
        return format_html(' lang="{}" dir="{}"', language, languages.direction(language))
    return format_html(' dir="{}"', "auto")


@register.filter
def properties(og):
    """The Open Graph and X tags of the head: {"og:title": …} → <meta …>."""
    return render_patterns("_property.html", "", map(property_values, (og or {}).items()), join="\n")


def property_values(item):
    name, said = item
    return {"attribute": "name" if name.startswith("twitter:") else "property", "name": name, "content": str(said)}


@register.simple_tag(takes_context=True)
def masthead(context):
    """The header of the page, at the path of the request or at `here`."""
    layout, request = context.get("layout"), context.get("request")
    path = context.get("here", request.path if request else "")
    return layout.masthead(path) if layout else ""
