"""What becomes of an HTML tag that stands in Markdown, by its name."""

from blog.markup.policies import POST
from blog.markup.sanitizer import DROPPED_WITH_CONTENT

# Elements of HTML that the cleaners unwrap: the tag goes, what it holds stays.
UNWRAPPED = frozenset(
    """acronym address article aside big center data dialog dir fieldset font footer header hgroup label legend main
    map menu meter nav nobr output picture progress search section strike tt""".split()
)
# An <iframe> becomes a link to its page or our player before the cleaners see it.
_KEPT = POST.tags | UNWRAPPED | {"iframe"}


def disposition(name: str) -> str:
    """ "keep": HTML for the cleaners; "drop": taken out with what it holds; "text": shown as it was typed."""
    name = name.lower()
    if name in _KEPT:
        return "keep"
    return "drop" if name in DROPPED_WITH_CONTENT else "text"
