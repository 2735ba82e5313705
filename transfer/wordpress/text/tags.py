"""HTML of single elements."""

import re
from html import escape

from transfer.wordpress.text.scanner import VOID


def element(name: str, attributes: dict[str, str], inside: str = "") -> str:
    """HTML of an element from finished attributes and HTML; "" as a value leaves the attribute out, but for alt."""
    written = "".join(
        f' {key}="{escape(value)}"' for key, value in attributes.items() if value or key in ("alt", "controls")
    )
    return f"<{name}{written}>" if name in VOID else f"<{name}{written}>{inside}</{name}>"


def code_block(code: str, language: str = "") -> str:
    """A code block of plain text."""
    language = re.sub(r"[^a-z0-9+#._-]", "", language.strip().lower())[:30]
    language = {"jscript": "javascript", "plain": "", "text": "", "csharp": "c#", "plaintext": ""}.get(
        language, language
    )
    begun = "\n" if code.startswith("\n") else ""  # HTML parsers ignore the first newline in <pre>
    inside = element("code", {"class": f"language-{language}" if language else ""}, escape(code, quote=False))
    return element("pre", {}, begun + inside)
