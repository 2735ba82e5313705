"""Names that a reader could take for one another: the skeleton of Unicode Technical Standard 39, and a little more.

`skeleton(name)` is stored beside a name and compared for equality; `skeletons(name)` are all that a new name has to be
looked up under. Two names with a common skeleton look alike. The pairs of confusable characters are Unicode's own
`confusables.txt`, as the package confusable-homoglyphs carries it.

Beyond the standard, letter case, accents, spaces, punctuation and symbols (emoji too) count for nothing, nor does what
stands in brackets or names a function ("Ada (Author)", "Admin Ada"): a reader would still believe that it is Ada.
"""

import json
import re
import unicodedata
from functools import cache
from importlib.resources import files

from core.text import fold, tidy_line

LONGEST = 250  # characters of a stored skeleton

# What somebody calls themselves who wants to be taken for the people of the blog, in the languages of our readers.
FUNCTIONS = frozenset(
    """admin administrator administrateur administrador author autor autorin auteur autrice autora blogger editor
    editora editeur éditeur host mod moderator moderatorin modérateur moderador official offiziell oficial officiel op
    owner inhaber propriétaire propietario redaktion redaktor staff support team verified verifiziert webmaster
    админ администратор автор модератор 管理者 管理员 作者 運営""".split()
)

_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\}|（[^（）]*）|【[^【】]*】")
_ACCENT = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f]")
# Unicode's pairs lead from I, 1 and | to l, and from m to rn; with letter case gone, i and w follow.
_LOOKING_LIKE = str.maketrans({"i": "l", "1": "l", "|": "l", "0": "o", "m": "rn", "w": "vv"})


def skeleton(name: str) -> str:
    """The one spelling under which a name is stored and compared, at most 250 characters; "" for a name of symbols."""
    return _joined(_words(name, before_case=False)) or _joined(_words(name, before_case=False, whole=True))


def skeletons(name: str) -> set[str]:
    """Every skeleton that a name could be taken for: with and without its functions, in small and capital letters.

    Greek Ε looks like E, and ε like nothing Latin: a new name is compared before and after its letters become small.
    """
    found = {
        _joined(_words(name, before_case=before_case, whole=whole))
        for before_case in (False, True)
        for whole in (False, True)
    }
    return found - {""}


def names_a_function(name: str) -> bool:
    """Whether nothing is left of the name but "Admin", "the author" or the like."""
    words = _words(name, before_case=False, whole=True) + _words(name, before_case=True, whole=True)
    return bool(words) and all(word in _functions() for word in words)


def _words(name, *, before_case, whole=False):
    """The words of a name in characters that stand for all that look like them."""
    name = unicodedata.normalize("NFKD", tidy_line(name))
    if not whole:
        name = _BRACKETED.sub(" ", name)
    spaced = "".join(
        character if unicodedata.category(character)[0] in "LNM" or character == "|" else " " for character in name
    )
    if before_case:
        spaced = _prototypes_of(spaced)
    spaced = _prototypes_of(fold(_ACCENT.sub("", spaced)))
    words = _ACCENT.sub("", unicodedata.normalize("NFKD", spaced)).casefold().translate(_LOOKING_LIKE).split()
    return words if whole else [word for word in words if word not in _functions()]


def _joined(words):
    return "".join(words)[:LONGEST]


def _prototypes_of(text):
    if text.isascii():
        return text
    table = _prototypes()
    return "".join(character if character.isascii() else table.get(character, character) for character in text)


@cache
def _functions():
    return frozenset(fold(word).translate(_LOOKING_LIKE) for word in FUNCTIONS)


@cache
def _prototypes() -> dict[str, str]:
    """Each character that can be taken for others → what stands for all of them: Latin letters where they have any."""
    pairs = json.loads(files("confusable_homoglyphs").joinpath("confusables.json").read_text("utf-8"))
    leader: dict[str, str] = {}

    def leader_of(text):
        leader.setdefault(text, text)
        while leader[text] != text:
            leader[text] = leader[leader[text]]
            text = leader[text]
        return text

    for text, alike in pairs.items():
        for other in alike:
            one, two = leader_of(_bare(text)), leader_of(_bare(other["c"]))
            leader[max(one, two, key=_rank)] = min(one, two, key=_rank)
    return {text: leader_of(text) for text in leader if len(text) == 1 and leader_of(text) != text}


def _bare(text):
    return text.replace("\u200e", "")


def _rank(text):
    """Latin letters first, then what is shortest."""
    return not (text.isascii() and text.isalnum()), len(text), text
