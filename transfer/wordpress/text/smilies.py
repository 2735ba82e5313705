"""Smilies as characters, where WordPress showed its pictures: between white space, not in code.

Source: WordPress's `smilies_init` and the Emoji that it names for each smiley since 4.2. Unlike WordPress, "8)" and
"8O" stay: they are the end of a list in brackets more often than a face.
"""

import re

from transfer.wordpress.text.scanner import Node, Tag, Text, Token

_WORDS = {
    "arrow": "➡", "cool": "😎", "cry": "😥", "eek": "😮", "evil": "👿", "grin": "😀", "idea": "💡", "lol": "😆",
    "mad": "😡", "neutral": "😐", "oops": "😳", "razz": "😛", "roll": "🙄", "sad": "🙁", "shock": "😯", "smile": "🙂",
    "twisted": "😈", "wink": "😉", "!": "❗", "?": "❓", "???": "😕",
}  # fmt: skip
_FACES = {
    ")": "🙂", "(": "🙁", "?": "😕", "D": "😀", "P": "😛", "o": "😮", "x": "😡", "|": "😐",
}  # fmt: skip
SMILIES = {
    **{f":{word}:": sign for word, sign in _WORDS.items()},
    **{f":{nose}{mouth}": sign for mouth, sign in _FACES.items() for nose in ("", "-")},
    ";)": "😉",
    ";-)": "😉",
    "8-)": "😎",
    "8-O": "😯",
}
_PATTERN = re.compile(
    r"(?<!\S)(?:" + "|".join(re.escape(each) for each in sorted(SMILIES, key=len, reverse=True)) + r")(?!\S)"
)
_IGNORED = frozenset("code pre style script textarea kbd tt".split())


def put_smilies(tokens: list[Token]) -> None:
    """Change the texts of the tokens in place."""
    ignored = 0
    for token in tokens:
        if isinstance(token, Tag) and token.name in _IGNORED:
            ignored = max(0, ignored + (-1 if token.closes else 1))
        elif isinstance(token, Text) and not token.literal and not ignored and not isinstance(token, Node):
            token.value = _PATTERN.sub(lambda found: SMILIES[found[0]], token.value)
