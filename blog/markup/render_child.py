"""The function that `blog.markup.render_process` calls in a child process to render a long text.

It configures only what rendering needs of Django: translations.
"""

from typing import Any


def answer(text: str, options: dict[str, Any], language: str | None, languages: dict[str, Any]) -> dict[str, Any]:
    import django
    from django.conf import settings
    from django.utils import translation

    settings.configure(INSTALLED_APPS=[], USE_I18N=True, **languages)
    django.setup(set_prefix=False)
    from blog.markup import POST, render
    from blog.markup.render_process import described

    if language:
        translation.activate(language)
    return described(render(text, POST, **options))
