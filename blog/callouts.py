"""Callouts for feeds and emails, which load no style sheet: a quote is set apart there, a <div> is not.

Works on HTML that our sanitizer has written, as `blog.absolute_urls` does.
"""

import re

_BOX = re.compile(r'<div((?:[^>"]|"[^"]*")*)>|</div>')
_CLASS = re.compile(r'\sclass="longrun-callout [^"]*"')


def as_quotes(html: str) -> str:
    """The HTML with each callout as a <blockquote>, which begins with its title."""
    if 'class="longrun-callout ' not in html:
        return html
    opened: list[bool] = []  # whether each open box is a callout

    def changed(tag: re.Match[str]) -> str:
        if tag[1] is None:
            return "</blockquote>" if opened and opened.pop() else tag[0]
        opened.append(bool(_CLASS.search(tag[1])))
        return f"<blockquote{_CLASS.sub('', tag[1])}>" if opened[-1] else tag[0]

    return _BOX.sub(changed, html)
