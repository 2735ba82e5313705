"""Finds tags that are nearly the same word: "run" and "runs", "Café" and "cafe". The author is told and decides."""

from blog.models import Tag
from core.text import fold, tidy_line


def singular(word):
    """The folded word without an English, French or Spanish plural ending. Only for comparing words with each other."""
    key = fold(word).replace("-", " ")
    for ending, instead in (("ies", "y"), ("sses", "ss"), ("shes", "sh"), ("ches", "ch"), ("xes", "x"), ("s", "")):
        if key.endswith(ending) and not key.endswith("ss") and len(key) - len(ending) >= 2:
            return key[: -len(ending)] + instead
    return key


def of_new(names):
    """[(name, similar existing tag)] for those of `names` that are not tags yet. One query."""
    known = {tag.key: tag for tag in Tag.objects.only("name", "key", "slug")}
    bare = {singular(key): tag for key, tag in known.items()}
    new = [name for name in names if fold(tidy_line(name)) not in known]
    return [(name, bare[singular(name)]) for name in new if singular(name) in bare]


def among(tags):
    """[(tag, another similar tag)] for existing tags. One query."""
    others = list(Tag.objects.only("name", "key", "slug"))
    return [
        (tag, other)
        for tag in tags
        for other in others
        if other.pk != tag.pk and singular(other.key) == singular(tag.key)
    ]
