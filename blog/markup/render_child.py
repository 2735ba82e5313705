"""What `blog.markup.render_process` asks of another process: it renders a long text.

It knows what Markdown needs of Django, and that is the language of a few words.
"""


def answer(text: str, options: dict, language: str | None, languages: dict) -> dict:
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
