"""Renders long texts in a child process (core.child_process), so that they do not slow down other requests."""

from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.utils.translation import get_language

from blog.markup import Rendered
from blog.markup.notices import Notice
from core import child_process

SECONDS = 60
MEMORY = 512 * 1024 * 1024

DESCRIBED = ("toc_html", "summary", "plain", "words", "pictures", "links")  # computed by a Rendered from its tree
NotRendered, Busy = child_process.LimitExceeded, child_process.Busy


def render_in_process(text: str, *, seconds: float = SECONDS, memory: int = MEMORY, **options: Any) -> Rendered:
    """`render(text, POST, **options)` in a child process, limited to `seconds` and `memory` (bytes).

    Raises NotRendered if it exceeds a limit; Busy, a subclass, if too many such processes are running.
    """
    arguments = {"text": text, "options": options} | languages()
    return rendered_from(
        child_process.call("blog.markup.render_child.answer", arguments, seconds=seconds, memory=memory)
    )


def languages() -> dict[str, Any]:
    """The arguments of `render_child.set_up`: the language of the interface, and where its translations are."""
    paths = [str(path) for path in settings.LOCALE_PATHS]
    return {"language": get_language(), "languages": {"LANGUAGE_CODE": settings.LANGUAGE_CODE, "LOCALE_PATHS": paths}}


def as_dict(rendered: Rendered) -> dict[str, Any]:
    """A Rendered without its trees, as a dict that JSON can represent."""
    plain = {name: getattr(rendered, name) for name in (*_FIELDS, *DESCRIBED)}
    return plain | {"notices": [asdict(notice) for notice in rendered.notices]}


_FIELDS = ("html", "teaser_html", "more_text", "more_id", "truncated_reason")


def rendered_from(answer: dict[str, Any]) -> Rendered:
    """The Rendered of a dict made by `as_dict`."""
    notices = tuple(Notice(**notice) for notice in answer["notices"])
    fields = {name: answer[name] for name in _FIELDS}
    rendered = Rendered(**fields, notices=notices, root=None, toc=None)  # type: ignore[arg-type]  # set below
    for name in DESCRIBED:
        value = answer[name]
        rendered.__dict__[name] = tuple(value) if isinstance(value, list) else value
    return rendered
