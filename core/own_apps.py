"""Django apps of others, which LONGRUN_APPS names: their blocks in posts, and their pages at the desk.

An app says in its AppConfig what it adds (docs/customizing.md): `post_blocks` {name: function}, `desk_page` (the name
of a URL) and `desk_permission`. A block is a paragraph `[[name words]]` of a post; `function(words)` returns its HTML.
"""

import logging
import re
from collections.abc import Callable, Iterable
from functools import cache
from html import unescape
from typing import Any, NamedTuple

from django.apps import AppConfig, apps
from django.conf import settings
from django.urls import reverse
from django.utils.html import conditional_escape
from django.utils.module_loading import import_string

logger = logging.getLogger(__name__)

# As Markdown writes a paragraph with nothing else in it; the words are escaped text.
BLOCK = re.compile(r'<p(?: dir="(?:ltr|rtl|auto)")?>\[\[([a-z][a-z0-9_-]{0,39})(?: ([^<>\[\]]{0,500}))?\]\]</p>')


class DeskPage(NamedTuple):
    title: str
    url: str


def own_apps() -> Iterable[AppConfig]:
    """The installed apps that LONGRUN_APPS names, each as its package or as its AppConfig."""
    named = {name.partition(".apps.")[0] for name in settings.LONGRUN_APPS}
    return [config for config in apps.get_app_configs() if config.name in named]


@cache
def block_functions() -> dict[str, Callable[[str], str]]:
    """{name: function(words) → HTML} of all apps. Of two with the same name the first counts."""
    found: dict[str, Callable[[str], str]] = {}
    for config in own_apps():
        for name, function in getattr(config, "post_blocks", {}).items():
            found.setdefault(name, import_string(function) if isinstance(function, str) else function)
    return found


def fill_blocks(html: str) -> str:
    """The HTML of a post with its blocks; one whose function fails, or that no app has, stays as it was written.
    What a function returns is escaped, unless it comes from a template."""
    if not settings.LONGRUN_APPS or "[[" not in html:
        return html
    return BLOCK.sub(filled_block, html)


def filled_block(found: re.Match[str]) -> str:
    name, words = found[1], unescape(found[2] or "").strip()
    function = block_functions().get(name)
    if function is None:
        return found[0]
    try:
        return str(conditional_escape(function(words)))
    except Exception:
        logger.exception("the block [[%s]] of an own app failed", name)
        return found[0]


def desk_pages(user: Any) -> list[DeskPage]:
    """The apps' entries in the desk's menu that this user may open."""
    return [
        DeskPage(str(config.verbose_name), reverse(page))
        for config in own_apps()
        if (page := getattr(config, "desk_page", "")) and user.has_perm(desk_permission(config))
    ]


def desk_permission(config: AppConfig) -> str:
    return str(getattr(config, "desk_permission", "blog.change_settings"))
