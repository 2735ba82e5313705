"""Chapters of an episode: its headings that begin with a time, such as `## 12:30 The river` or `## 1:02:30 Home`.

Published as the Podcast Index's JSON (version 1.2.0): {"version": "1.2.0", "chapters": [{"startTime": seconds, "title":
…}]}, in the order of time.
"""

import re
from html import unescape

from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404

from blog.markup import mathml
from blog.models import Post
from core.page_cache import cache_for_guests

_HEADING = re.compile(r"<h[1-6][^>]*>(.*?)</h[1-6]>", re.DOTALL)
_NUMBER = re.compile(r'<sup[^>]*><a class="footnote-ref"[^>]*>[^<]*</a></sup>')  # of a footnote
_TAG = re.compile(r"<[^>]*>")
_TIMED = re.compile(r"\(?(?:([0-9]{1,2}):)?([0-9]{1,3}):([0-5][0-9])\)?\s*[-–—:.]?\s+(\S.*)", re.DOTALL)


def chapters_of(html):
    """[{"startTime", "title"}] of the headings in a post's HTML; of two at the same time the first one counts."""
    found = {}
    for heading in _HEADING.findall(html) if "<h" in html else ():
        words = _TAG.sub("", mathml.as_source(_NUMBER.sub("", heading)))
        if timed := _TIMED.fullmatch(" ".join(unescape(words).split())):
            hours, minutes, seconds = (int(part or 0) for part in timed.groups()[:3])
            found.setdefault(hours * 3600 + minutes * 60 + seconds, timed[4])
    return [{"startTime": start, "title": title} for start, title in sorted(found.items())]


@cache_for_guests
def chapters(request, pk):
    """The chapters of a post that everybody may read; 404 if it has none."""
    post = get_object_or_404(Post.objects.open().only("html"), pk=pk)
    found = chapters_of(post.html)
    if not found:
        raise Http404
    return JsonResponse({"version": "1.2.0", "chapters": found}, content_type="application/json+chapters")
