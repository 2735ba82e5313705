"""Find names that look alike: the skeleton algorithm of Unicode Technical Standard 39, with additions.

`skeleton(name)` is stored beside a name and compared for equality; `skeletons(name)` are all that a new name has to be
looked up under. Two names with a common skeleton look alike. The pairs of confusable characters are Unicode's own
`confusables.txt`, as the package confusable-homoglyphs carries it.

Beyond the standard, letter case, accents, spaces, punctuation and symbols (emoji too) are ignored, and so are text in
brackets and words for a role ("Ada (Author)", "Admin Ada"): a reader would still believe that it is Ada.
"""

import json
import re
import unicodedata
from functools import cache
from importlib.resources import files

from core.text import fold, tidy_line

MAX_LENGTH = 250  # characters of a stored skeleton

# Words for a role at the blog, in several languages: impersonators add them to a name.
ROLE_WORDS = frozenset(
    """admin administrator administrateur administrador author autor autorin auteur autrice autora blogger editor
    editora editeur éditeur host mod moderator moderatorin modérateur moderador official offiziell oficial officiel op
    owner inhaber propriétaire propietario redaktion redaktor staff support team verified verifiziert webmaster
    админ администратор автор модератор 管理者 管理员 作者 運営""".split()
)

_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\}|（[^（）]*）|【[^【】]*】")
_ACCENT = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f]")
# Unicode's pairs lead from I, 1 and | to l, and from m to rn; with letter case removed, i and w are added.
_LOOKALIKES = str.maketrans({"i": "l", "1": "l", "|": "l", "0": "o", "m": "rn", "w": "vv"})


def skeleton(name: str) -> str:
    """The skeleton under which a name is stored and compared, at most 250 characters; "" for a name of symbols."""
    return _joined(_words(name, before_case=False)) or _joined(_words(name, before_case=False, whole=True))


def skeletons(name: str) -> set[str]:
    """All skeletons of a name: with and without role words, computed before and after lower-casing.

    Greek capital Ε looks like Latin E, while its lower case ε looks like no Latin letter: hence both.
    """
    found = {
        _joined(_words(name, before_case=before_case, whole=whole))
        for before_case in (False, True)
        for whole in (False, True)
    }
    return found - {""}


def is_role_name(name: str) -> bool:
    """Whether the name consists of role words alone, such as "Admin" or "author"."""
    words = _words(name, before_case=False, whole=True) + _words(name, before_case=True, whole=True)
    return bool(words) and all(word in _role_words() for word in words)


def _words(name: str, *, before_case: bool, whole: bool = False) -> list[str]:
    """The words of a name with each character replaced by its prototype."""
    name = unicodedata.normalize("NFKD", tidy_line(name))
    if not whole:
        name = _BRACKETED.sub(" ", name)
    spaced = "".join(
        character if unicodedata.category(character)[0] in "LNM" or character == "|" else " " for character in name
    )
    if before_case:
        spaced = _prototypes_of(spaced)
    spaced = _prototypes_of(fold(_ACCENT.sub("", spaced)))
    words = _ACCENT.sub("", unicodedata.normalize("NFKD", spaced)).casefold().translate(_LOOKALIKES).split()
    return words if whole else [word for word in words if word not in _role_words()]


def _joined(words: list[str]) -> str:
    return "".join(words)[:MAX_LENGTH]


def _prototypes_of(text: str) -> str:
    if text.isascii():
        return text
    table = _prototypes()
    return "".join(character if character.isascii() else table.get(character, character) for character in text)


@cache
def _role_words() -> frozenset[str]:
    return frozenset(fold(word).translate(_LOOKALIKES) for word in ROLE_WORDS)


@cache
def _prototypes() -> dict[str, str]:
    """{character: prototype of its class of confusable characters}; Latin letters are preferred as prototypes."""
    pairs = json.loads(files("confusable_homoglyphs").joinpath("confusables.json").read_text("utf-8"))
    leader: dict[str, str] = {}

    def leader_of(text: str) -> str:
        leader.setdefault(text, text)
        while leader[text] != text:
            leader[text] = leader[leader[text]]
            text = leader[text]
        return text

    for text, alike in pairs.items():
        for other in alike:
            one, two = leader_of(_without_marks(text)), leader_of(_without_marks(other["c"]))
            leader[max(one, two, key=_rank)] = min(one, two, key=_rank)
    return {text: leader_of(text) for text in leader if len(text) == 1 and leader_of(text) != text}


def _without_marks(text: str) -> str:
    return text.replace("\u200e", "")


def _rank(text: str) -> tuple[bool, int, str]:
    """Sort key: Latin letters and digits first, then the shortest."""
    return not (text.isascii() and text.isalnum()), len(text), text
