"""The function that `blog.markup.render_process` calls in a child process to render a long text."""

from typing import Any


def answer(text: str, options: dict[str, Any], language: str | None, languages: dict[str, Any]) -> dict[str, Any]:
    set_up(language, languages)
    from blog.markup import POST, render
    from blog.markup.render_process import as_dict

    return as_dict(render(text, POST, **options))


def set_up(language: str | None, languages: dict[str, Any]) -> None:
    """Configure what rendering needs of Django, only translations (`render_process.languages`)."""
    import django
    from django.conf import settings
    from django.utils import translation

    if not settings.configured:
        settings.configure(INSTALLED_APPS=[], USE_I18N=True, **languages)
        django.setup(set_prefix=False)
    if language:
        translation.activate(language)
