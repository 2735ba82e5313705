"""The functions that are called in a child process to render a long text (`blog.markup.render_process`), or many.

They configure only what rendering needs of Django: translations.
"""

from typing import Any


def answer(text: str, options: dict[str, Any], language: str | None, languages: dict[str, Any]) -> dict[str, Any]:
    _set_up(language, languages)
    from blog.markup import POST, render
    from blog.markup.render_process import described

    return described(render(text, POST, **options))


def answer_many(
    posts: list[tuple[str, dict[str, Any]]],
    comments: list[tuple[str, str]],
    language: str | None,
    languages: dict[str, Any],
) -> dict[str, Any]:
    """{"posts": [a `described` for each (text, options)], "comments": [HTML for each (text, source format)]}."""
    _set_up(language, languages)
    from blog.markup import COMMENT, POST, render
    from blog.markup.render_process import described

    return {
        "posts": [described(render(text, POST, **options)) for text, options in posts],
        "comments": [render(text, COMMENT, source_format=form).html for text, form in comments],
    }


def _set_up(language: str | None, languages: dict[str, Any]) -> None:
    import django
    from django.conf import settings
    from django.utils import translation

    if not settings.configured:
        settings.configure(INSTALLED_APPS=[], USE_I18N=True, **languages)
        django.setup(set_prefix=False)
    if language:
        translation.activate(language)
