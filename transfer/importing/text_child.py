"""The function that an import calls in a child process (`transfer.importing.renderings`): it converts and renders."""

from typing import Any

from transfer.importing.texts import Facts, Texts
from transfer.records import Item

_texts: list[Texts] = []  # of the import that the process works for


def answer(
    posts: list[tuple[dict[str, Any], dict[str, Any]]],
    comments: list[tuple[str, str]],
    facts: dict[str, Any] | None,
    longest: int,
    **languages: Any,
) -> dict[str, Any]:
    """{"posts": [[source, format, losses, a dict made by `as_dict` or None], …], "comments": [HTML, …]}.

    `posts` are (fields of an Item, options of `render`) each, `comments` (text, source format) each. `facts` come with
    the first call. A source of more than `longest` characters is not rendered.
    """
    from blog.markup.render_child import set_up

    set_up(**languages)
    from blog.markup import COMMENT, POST, render
    from blog.markup.render_process import as_dict
    from core.text import tidy

    if facts is not None:
        _texts[:] = [Texts(Facts(**facts))]
    done = []
    for fields, options in posts:
        source, form, losses = _texts[0].source_of(Item(**fields))
        source = tidy(source)
        rendered = as_dict(render(source, POST, source_format=form, **options)) if len(source) <= longest else None
        done.append((source, form, losses, rendered))
    html = [render(text, COMMENT, source_format=form).html for text, form in comments]
    return {"posts": done, "comments": html}
