"""What happens to an HTML tag in Markdown, by its name."""

from blog.markup.policies import POST
from blog.markup.sanitizer import DROPPED_WITH_CONTENT

# Elements that the sanitizers unwrap: the tag is removed, its content stays.
UNWRAPPED = frozenset(
    """acronym address article aside big center data dialog dir fieldset font footer header hgroup label legend main
    map menu meter nav nobr output picture progress search section strike tt""".split()
)
# An <iframe> is replaced by a link or our video player before sanitizing.
_KEPT = POST.tags | UNWRAPPED | {"iframe"}


def disposition(name: str) -> str:
    """ "keep": passed to the sanitizers as HTML; "drop": removed with its content; "text": shown as typed."""
    name = name.lower()
    if name in _KEPT:
        return "keep"
    return "drop" if name in DROPPED_WITH_CONTENT else "text"
