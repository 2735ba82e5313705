"""Which pages are kept: the whole list, and that nothing of anybody stands in one."""

import re
from pathlib import Path

import pytest
from django.urls import get_resolver

from core.page_cache import BYPASS_COOKIES

ROOT = Path(__file__).resolve().parents[2]
KEPT = {
    *(f"{shelf}{kind}" for shelf in ("home", "category", "tag", "author", "series", "year", "month", "day")
      for kind in ("", "_page", "_feed", "_feed_form")),
    "post", "post_comment_page", "post_comments_feed", "comments_feed", "comments_feed_form",
    "search", "opensearch", "robots", "sitemap", "sitemaps", "theme", "own_css", "icon",
    "archives", "archives_year", "archives_year_page", "podcast_feed", "chapters", "link_picture",
}  # fmt: skip


def views(resolver=None):
    for pattern in (resolver or get_resolver()).url_patterns:
        if hasattr(pattern, "url_patterns"):
            yield from views(pattern)
        else:
            yield pattern.name, pattern.callback


def test_these_are_kept_and_no_others():
    marked = {name for name, view in views() if getattr(view, "is_cached_for_guests", False)}
    assert marked == KEPT | {None}, "what has no name is the redirect of wp-login.php"


@pytest.mark.parametrize("path", ["blog", "comments", "accounts", "transfer", "config", "server", "core"])
def test_no_cookie_of_ours_is_unknown_to_the_kept_pages(path):
    """A new cookie either makes pages of one's own, or is named here as one that no kept page may depend on."""
    harmless = {"longrun_me", "longrun_return", "longrun_secret_link", "longrun_known"}
    named = set()
    for file in (ROOT / path).rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        if "set_cookie" in text or "set_signed_cookie" in text:
            named |= set(re.findall(r'"(longrun_\w+)', text))
    assert {name for name in named if not BYPASS_COOKIES.search(name)} <= harmless
