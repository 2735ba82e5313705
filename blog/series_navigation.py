"""What a post says of the series that it is a part of: its place, the parts before and after, and the list of all."""

from django.template.loader import render_to_string

from blog.models import Post
from blog.models.series import PART_ORDER
from blog.templatetags.blog import lang


def parts_of(series_id):
    """The posts of a series that everybody may see, in their order, with what a link prints. One query."""
    fields = ("kind", "status", "visibility", "title", "language", "summary", "path", "publish_at", "published_on")
    named = ("series__name", "series__slug")
    found = Post.objects.listed().filter(series=series_id).order_by(*PART_ORDER)
    return list(found.select_related("series").only(*fields, *named))


def place_among(parts, post):
    """The index of a post among the public parts, or None."""
    return next((place for place, part in enumerate(parts) if part.pk == post.pk), None)


def part_facts(post):
    """{"series", "number", "total"} of a post that is a part of a series, for "Part 2 of 5"; {} for all others, without
    a query. The number is None for what is not public."""
    if not post.series_id:
        return {}
    parts = parts_of(post.series_id)
    at = place_among(parts, post)
    series = parts[0].series if parts else post.series
    return {"series": series, "number": None if at is None else at + 1, "total": len(parts)}


def render_series(post):
    """The box above a post that is a part of a series; "" for all others, without a query."""
    if not post.series_id:
        return ""
    parts = parts_of(post.series_id)
    at = place_among(parts, post)
    entries = [
        {"url": part.get_absolute_url(), "title": part.display_title, "lang": lang(part), "is_here": part.pk == post.pk}
        for part in parts
    ]
    context = {
        "series": parts[0].series if parts else post.series,
        "entries": entries,
        "total": len(entries),
        "number": None if at is None else at + 1,
        "previous": entries[at - 1] if at else None,
        "following": entries[at + 1] if at is not None and at + 1 < len(entries) else None,
    }
    return render_to_string("blog/_series.html", context)
