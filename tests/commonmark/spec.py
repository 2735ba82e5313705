"""The examples of the CommonMark specification, as its own test tool reads them."""

import re
from dataclasses import dataclass
from pathlib import Path

SPEC = Path(__file__).parents[1] / "vendor" / "commonmark-spec" / "spec.txt"
_FENCE = "`" * 32
_EXAMPLE = re.compile(rf"^{_FENCE} example\n(.*?)^\.\n(.*?)^{_FENCE}$|^#{{1,6}} +([^\n]*)$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Example:
    number: int
    section: str
    markdown: str
    html: str


def examples() -> list[Example]:
    text = SPEC.read_text(encoding="utf-8").replace("→", "\t")
    found: list[Example] = []
    section = ""
    for match in _EXAMPLE.finditer(text[: text.index("<!-- END TESTS -->")]):
        if match[3] is not None:
            section = match[3].strip()
        else:
            found.append(Example(len(found) + 1, section, match[1], match[2]))
    return found
