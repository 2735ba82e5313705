"""The two kinds of Markdown: the author's, with everything, and the reader's, with what an answer needs.

Python-Markdown's parsers are not made to be shared between threads, and take 0.5 ms to build. An author's is built for
each text; a reader's stays with its thread, since answers come often and are short.
"""

from threading import local

from markdown import Markdown

from blog.markup.blocks import Blocks, Dialect
from blog.markup.inlines import Inlines
from blog.markup.notices import Notice
from blog.markup.policies import COMMENT, POST

_READERS_BLOCKS = Dialect(documents=False, extensions=False, lazy_quotes=False, counted_items=True)

_own = local()  # `readers`: the parser of this thread


def html_of_post(
    text: str, notices: list[Notice], *, language: str = "", smart: bool = True, extensions: bool = True
) -> str:
    """The HTML of the text, still to be cleaned; what its author must be told of is added to `notices`.

    Without `extensions` it is CommonMark and nothing else.
    """
    parser = Markdown(
        extensions=[
            Blocks(Dialect(extensions=extensions), colours=True),
            Inlines(POST, language=language, smart=smart, extensions=extensions),
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
    _own.readers = parser  # not after a text that was stopped midway
    return html
