"""The two kinds of Markdown: for posts, with all features, and for comments, with a few.

Python-Markdown's parsers cannot be shared between threads and take 0.5 ms to build. For a post one is built each time;
the one for comments, which are frequent and short, is kept per thread.
"""

from threading import local

from markdown import Markdown

from blog.markup.blocks import Blocks, Dialect
from blog.markup.inlines import Inlines
from blog.markup.notices import Notice
from blog.markup.policies import COMMENT, POST

_READERS_BLOCKS = Dialect(documents=False, extensions=False, lazy_quotes=False, counted_items=True)

_own = local()  # `readers`: this thread's parser for comments


def html_of_post(
    text: str,
    notices: list[Notice],
    *,
    language: str = "",
    smart: bool = True,
    extensions: bool = True,
    extended: bool = False,
) -> str:
    """The unsanitized HTML of a post; notices for its author are added to `notices`.

    Without `extensions` the syntax is plain CommonMark; `extended` adds math, callouts and the like.
    """
    parser = Markdown(
        extensions=[
            Blocks(Dialect(extensions=extensions, extended=extended), colours=True),
            Inlines(POST, language=language, smart=smart, extensions=extensions, extended=extended),
        ],
        output_format="html",
    )
    parser.notices = notices
    html: str = parser.convert(text)
    return html


def html_of_comment(text: str) -> str:
    parser = _own.__dict__.pop("readers", None) or Markdown(
        extensions=[Blocks(_READERS_BLOCKS, colours=False), Inlines(COMMENT)], output_format="html"
    )
    parser.notices = []
    html: str = parser.reset().convert(text)
    _own.readers = parser  # not reached after an exception, which may leave the parser in an undefined state
    return html
