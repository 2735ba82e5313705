"""Renders the text of posts and comments to HTML, once, when it is saved. Only this package makes and sanitizes it.

    rendered = render(text, POST, prefix="p1a2b3-")        posts: Markdown with all extensions and HTML
    rendered = render(text, POST, source_format="html")    imported posts
    rendered = render(text, COMMENT)                       comments: a small Markdown without HTML
    rendered = render(text, COMMENT, source_format="html") imported comments: text with a few tags

The steps: Markdown → nh3 → bleach, if somebody typed HTML → postprocessing (heading levels, ids, table of contents,
figures, task lists) → nh3. Both sanitizers use the allow-lists in `policies`. `notices` list what an author typed that
is not shown as meant. A comment that exceeds a limit or the time of its policy is shown as plain text with its
paragraphs and lines; `truncated_reason` names the limit. `render` raises nothing for any str as text.

Sources: Python-Markdown and its extensions for the syntax; pandoc and GitHub for the extended one; CommonMark 0.31 for
lists and fences; WordPress for `<!--more-->` and the 55 words of a summary; the HTML standard for what is valid.
"""

from blog.markup.notices import AS_TYPED, DROPPED, Notice
from blog.markup.policies import COMMENT, POST, Policy
from blog.markup.render_result import Rendered

__all__ = ["COMMENT", "LEFT_OUT", "POST", "VERSION", "Notice", "Policy", "Rendered", "as_typed", "render"]

VERSION = 8  # increase it when the same source gives other HTML: `rerender` finds what has an older version

LEFT_OUT = frozenset({AS_TYPED, DROPPED})  # kinds of notices about content that is not shown as meant

# The parser and the sanitizers need 7 MB: they are loaded with the first text, since readers' pages need none of them.


def render(
    text: str,
    policy: Policy,
    *,
    source_format: str = "markdown",
    prefix: str = "",
    language: str = "",
    smart: bool = True,
    extensions: bool = True,
    extended: bool = False,
) -> Rendered:
    """Render the text of a post or comment to sanitized HTML.

    `source_format` is "markdown" or "html" (ValueError otherwise). Every id in the result begins with
    `prefix`, which must differ between texts that may appear on the same page. `language` is the BCP 47 tag of a
    post's text and selects the quotation marks ("": English); `smart=False` turns smart punctuation off. Without
    `extensions` the syntax is plain CommonMark. `extended` adds what has a meaning for posts that ask for it: callouts,
    `==marked==`, superscript and subscript, `:emoji:`, abbreviations, `^[footnotes in the text]`, and math as MathML.
    """
    from blog.markup import pipeline

    return pipeline.render(
        text,
        policy,
        source_format=source_format,
        prefix=prefix,
        language=language,
        smart=smart,
        extensions=extensions,
        extended=extended,
    )


def as_typed(text: str, source_format: str = "markdown") -> str:
    """The HTML of a post as plain text: paragraphs and line breaks, no markup."""
    from blog.markup import pipeline

    return pipeline.as_typed(text, source_format)
