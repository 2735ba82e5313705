"""Templates in `templates/` of the data folder, which are used instead of Longrun's of the same name.

They are loaded when a process needs them, and again within a second of a change, which makes outdated all that is
cached. One that cannot be compiled, or fails on a page that Longrun's own renders, is left out until it is changed:
readers get a page. What was wrong with it is written to `template_errors.json` for `doctor`.
"""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Any, cast

from django.conf import settings
from django.db import DatabaseError
from django.template import Origin, TemplateDoesNotExist, engines
from django.template import Template as DjangoTemplate
from django.template.backends import django as backend
from django.template.loaders import cached, filesystem

from core import cache_version, template_patterns

logger = logging.getLogger(__name__)

SECONDS = 1.0  # between two looks at the folder
MOST_FILES = 1000
LONGEST_MESSAGE = 500  # characters of an error that are kept

Stamp = tuple[str, int, int]  # path below the folder, time of the last change in ns, bytes

_are_off: ContextVar[bool] = ContextVar("template_overrides_are_off", default=False)


def templates_folder() -> Path:
    return Path(settings.LONGRUN_DATA) / "templates"


def errors_file() -> Path:
    return Path(settings.LONGRUN_DATA) / "template_errors.json"


def engine() -> Any:
    return cast(Templates, engines["django"]).engine


def stamps() -> frozenset[Stamp]:
    """The files of the folder; empty without one. What cannot be read is not there."""
    place = templates_folder()
    found: set[Stamp] = set()
    if not place.is_dir():
        return frozenset()
    for path in place.rglob("*"):
        try:
            facts = path.stat()
        except OSError:
            continue
        if path.is_file() and len(found) < MOST_FILES:
            found.add((path.relative_to(place).as_posix(), facts.st_mtime_ns, facts.st_size))
    return frozenset(found)


class Overrides:
    """What this process knows of the folder, and which of its templates it leaves out."""

    def __init__(self) -> None:
        self.known: frozenset[Stamp] | None = None
        self.names: frozenset[str] = frozenset()
        self.looked_at = 0.0
        self.broken: set[str] = set()

    def look(self) -> None:
        """Notice changes, at most once a second. After one everything that was rendered is outdated."""
        now = monotonic()
        if self.known is not None and now - self.looked_at < SECONDS:
            return
        self.looked_at = now
        found = stamps()
        if found == self.known:
            return
        is_first, self.known = self.known is None, found
        self.names = frozenset(name for name, _changed, _size in found)
        self.broken.clear()
        if is_first:
            return
        for loader in engine().template_loaders:
            loader.reset()
        template_patterns.pattern_for.cache_clear()
        cache_version.increment(cache_version.SITE)

    def leave_out(self, name: str, error: BaseException) -> None:
        """Use Longrun's template instead from now on, and write down why."""
        self.broken.add(name)
        message = f"{type(error).__name__}: {error}"[:LONGEST_MESSAGE]
        logger.warning("the template %s of the data folder is left out: %s", name, message)
        changed = {known: when for known, when, _size in self.known or ()}.get(name, 0)
        kept = {other: facts for other, facts in read_errors().items() if other != name}
        try:
            errors_file().write_text(json.dumps(kept | {name: [message, changed]}, indent=1), encoding="utf-8")
        except OSError as problem:
            logger.warning("%s cannot be written: %s", errors_file(), problem)


overrides = Overrides()


def read_errors() -> dict[str, list[Any]]:
    """{name: [what was wrong, st_mtime_ns of the file that was wrong]} of all processes, of files as they are now."""
    try:
        found = json.loads(errors_file().read_text(encoding="utf-8"))
        changed = {name: when for name, when, _size in stamps()}
        return {name: facts for name, facts in found.items() if changed.get(name) == facts[1]}
    except (OSError, ValueError, AttributeError, LookupError, TypeError):
        return {}


def compile_error(name: str) -> str:
    """What is wrong with a template of the folder, or ""."""
    try:
        text = (templates_folder() / name).read_text(encoding="utf-8")
        DjangoTemplate(text, Origin(name, name), name, engine())
    except Exception as error:
        return f"{type(error).__name__}: {error}"[:LONGEST_MESSAGE]
    return ""


@contextmanager
def without_overrides() -> Iterator[None]:
    token = _are_off.set(True)
    try:
        yield
    finally:
        _are_off.reset(token)


class FolderLoader(filesystem.Loader):
    """Finds templates in the data folder."""

    def get_dirs(self) -> list[str | Path]:
        return [templates_folder()]


class Loader(cached.Loader):
    """Django's caching loader, which looks for changes in the data folder and leaves out what is broken there."""

    def get_template(self, template_name: str, skip: list[Origin] | None = None) -> Any:
        overrides.look()
        if template_name not in overrides.names:
            return super().get_template(template_name, skip)
        own = [origin for origin in self.get_template_sources(template_name) if isinstance(origin.loader, FolderLoader)]
        passed = [*(skip or ()), *own]
        if _are_off.get() or template_name in overrides.broken:
            return super().get_template(template_name, passed)
        try:
            return super().get_template(template_name, skip)
        except TemplateDoesNotExist:
            raise
        except Exception as error:
            if skip and own[0] in skip:
                raise
            found = super().get_template(template_name, passed)  # raises if ours is not there
            overrides.leave_out(template_name, error)
            return found


class Templates(backend.DjangoTemplates):
    """Django's template engine; a page on which an override fails is rendered again without any of them."""

    def get_template(self, template_name: str) -> "Template":
        found = super().get_template(template_name)
        return Template(found.template, self)


class Template(backend.Template):
    def render(self, context: Any = None, request: Any = None) -> Any:
        try:
            return super().render(context, request)
        except DatabaseError:
            raise
        except Exception as error:
            name = None if _are_off.get() or not overrides.names else failing_override(error)
            if name is None:
                raise
            with without_overrides():
                try:
                    rendered = self.backend.get_template(str(self.template.name)).render(context, request)
                except Exception:
                    raise error from None  # ours fails as well
            overrides.leave_out(name, error)
            return rendered


def failing_override(error: BaseException) -> str | None:
    """The name of the innermost override that was being rendered when the error was raised, or None."""
    found = None
    cause: BaseException | None = error
    while cause:  # Django raises a missing template again, from the first error
        trace: TracebackType | None = cause.__traceback__
        while trace:
            origin = getattr(trace.tb_frame.f_locals.get("self"), "origin", None)
            if isinstance(origin, Origin) and isinstance(origin.loader, FolderLoader):
                found = origin.template_name
            trace = trace.tb_next
        cause = cause.__cause__
    return str(found) if found else None


def watching(application: Callable[..., Any]) -> Callable[..., Any]:
    """WSGI application that notices changed templates before a cached page is served."""

    def watch(environ: Any, start_response: Any) -> Any:
        overrides.look()
        return application(environ, start_response)

    return watch
