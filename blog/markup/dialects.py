"""The two kinds of Markdown: the author's, with everything, and the reader's, with what an answer needs.

Python-Markdown's parsers are not made to be shared between threads, and take 0.5 ms to build. An author's is built for
each text; a reader's stays with its thread, since answers come often and are short.
"""

from collections.abc import Callable
from threading import local

from django.utils.translation import gettext
from markdown import Markdown
from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor

from blog.markup.commonmark import LikeCommonMark, LikeCommonMarkForAuthors
from blog.markup.effort import Clock
from blog.markup.lists import for_python_markdown
from blog.markup.unclosed import UnclosedTags

_AFTER_TABS_BEFORE_FENCES = 27  # Python-Markdown's whitespace is 30, superfences 25

_NOT_FOR_READERS = {
    "preprocessors": ("html_block",),
    "inlinePatterns": (
        "html",
        "image_link",
        "image_reference",
        "short_image_ref",
        "reference",
        "short_reference",
        "automail",
    ),
    "blockprocessors": ("reference", "hashheader", "setextheader", "hr"),
}


_own = local()  # `readers`: the parser of this thread and what watches it


def html_of_post(text: str, clock: Clock) -> str:
    return _for_authors(clock).convert(text)


def html_of_comment(text: str, clock: Clock) -> str:
    parser, watch = _own.__dict__.pop("readers", None) or _for_readers(clock)
    watch.clock = clock
    html = parser.reset().convert(text)
    _own.readers = parser, watch  # not after a text that was stopped midway
    return html


def _for_authors(clock: Clock) -> Markdown:
    return Markdown(
        extensions=[
            _Lists(),
            "attr_list",
            "def_list",
            "footnotes",
            "sane_lists",
            "smarty",
            "tables",
            "pymdownx.highlight",
            "pymdownx.magiclink",
            "pymdownx.superfences",
            "pymdownx.tilde",
            _NoMailInPlainText(),
            LikeCommonMarkForAuthors(),
            UnclosedTags(),
            _Watched(clock),
        ],
        extension_configs={
            "footnotes": {
                "BACKLINK_TEXT": "↩\ufe0e",  # as a letter, not as a picture
                "BACKLINK_TITLE": gettext("Jump back to footnote {} in the text"),
            },
            "tables": {"use_align_attribute": True},
            "pymdownx.highlight": {"guess_lang": False, "noclasses": False},
            "pymdownx.tilde": {"subscript": False},
        },
        output_format="html",
    )


def _for_readers(clock: Clock) -> tuple[Markdown, "_Watched"]:
    watch = _Watched(clock)
    parser = Markdown(
        extensions=[
            _Lists(),
            "nl2br",
            "sane_lists",
            "pymdownx.highlight",
            "pymdownx.magiclink",
            "pymdownx.superfences",
            _NoMailInPlainText(),
            LikeCommonMark(),
            _ForReaders(),
            watch,
        ],
        extension_configs={"pymdownx.highlight": {"use_pygments": False}},
        output_format="html",
    )
    return parser, watch


class _ListLines(Preprocessor):
    def run(self, lines: list[str]) -> list[str]:
        return for_python_markdown(lines)


class _Lists(Extension):
    def extendMarkdown(self, md: Markdown) -> None:
        md.preprocessors.register(_ListLines(md), "commonmark-lists", _AFTER_TABS_BEFORE_FENCES)


class _NoMailInPlainText(Extension):
    """Nobody who types an address asks for it to be harvested."""

    def extendMarkdown(self, md: Markdown) -> None:
        md.inlinePatterns.deregister("magic-mail")


class _ForReaders(Extension):
    def extendMarkdown(self, md: Markdown) -> None:
        for registry, names in _NOT_FOR_READERS.items():
            holder = md.parser if registry == "blockprocessors" else md
            for name in names:
                getattr(holder, registry).deregister(name)


class _Watched(Extension):
    """Every block, every text and every find in it looks at the clock first."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock = clock

    def extendMarkdown(self, md: Markdown) -> None:
        first_asked = md.parser.blockprocessors["empty"]
        first_asked.test = self.watched(first_asked.test)
        registries = [md.inlinePatterns]
        if "smarty" in md.treeprocessors:
            registries.append(md.treeprocessors["smarty"].inlinePatterns)
        for patterns in registries:
            patterns[0].getCompiledRegExp = self.watched(patterns[0].getCompiledRegExp)
            for pattern in patterns:
                pattern.handleMatch = self.watched(pattern.handleMatch)

    def watched(self, step: Callable) -> Callable:
        def look_and_step(*arguments):
            self.clock.look()
            return step(*arguments)

        return look_and_step
