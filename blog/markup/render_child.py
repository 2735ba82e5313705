"""What `blog.markup.render_process` asks of another process: it renders a long text.

It knows what Markdown needs of Django, and that is the language of a few words.
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
