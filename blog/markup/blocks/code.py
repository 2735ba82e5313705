"""Code blocks with syntax highlighting. Options follow the language: ```py hl_lines="1 3-4" linenums="1" title="x"."""

import re
from functools import lru_cache
from html import escape

from markdown import Markdown
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound
from pymdownx.highlight import Highlight

LONGEST = 300_000  # characters of a block; a longer one is not highlighted
MOST = 2_000  # highlighted blocks of a text; later ones are not highlighted

_LANGUAGE = re.compile(r"\.?([\w#+-][\w#.+-]*)")
_OPTION = re.compile(r"""(hl_lines|linenums|title)=(?:"([^"]*)"|'([^']*)')""")
_RANGE = re.compile(r"([0-9]{1,6})(?:-([0-9]{1,6}))?")


class Coder:
    """Makes the HTML of the code blocks of one text."""

    def __init__(self, md: Markdown, colours: bool) -> None:
        self.colours = colours
        self.highlight = Highlight(md, use_pygments=colours, stripnl=False)
        self.coloured = 0

    def html(self, lines: list[str], header: str = "") -> str:
        words = header.strip().strip("{}").strip()
        found = _LANGUAGE.match(words)
        language = found[1] if found else ""
        source = "".join(f"{line}\n" for line in lines)
        if not self.colours:
            plain: str = self.highlight.highlight(source[:-1], language)
            return plain
        options = {option[1]: option[2] or option[3] or "" for option in _OPTION.finditer(words)}
        if self.coloured >= MOST or len(source) > LONGEST or not source or not (options or _is_known(language)):
            return f'<div class="highlight"><pre><code>{escape(source)}</code></pre></div>'
        self.coloured += 1
        numbers = [int(number) for number in re.findall("[0-9]{1,6}", options.get("linenums", ""))]
        start, step, special = (*numbers, 0, 0, 0)[:3]
        coloured: str = self.highlight.highlight(
            source,
            language if _is_known(language) else "",
            hl_lines=_numbers(options.get("hl_lines", ""), len(lines)),
            linestart=start or -1,
            linestep=step if step > 1 else -1,
            linespecial=special or -1,
            title=options.get("title"),
        )
        return coloured


@lru_cache(maxsize=1_000)
def _is_known(language: str) -> bool:
    """Whether Pygments has a lexer for it. Cached: a search without result takes milliseconds."""
    try:
        return bool(language) and get_lexer_by_name(language) is not None
    except ClassNotFound:
        return False


def _numbers(ranges: str, most: int) -> list[int]:
    found: list[int] = []
    for word in ranges.split():
        if parts := _RANGE.fullmatch(word):
            found += range(int(parts[1]), min(int(parts[2] or parts[1]), most) + 1)
    return [number for number in found if 1 <= number <= most]
