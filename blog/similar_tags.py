"""Tags that are nearly the same word: "run" and "runs", "Café" and "cafe". The writer is told, and decides."""

from blog.models import Tag
from core.text import fold, tidy_line


def singular(word):
    """The folded word without its plural, as English, French and Spanish make it. Only for comparing two of them."""
    key = fold(word).replace("-", " ")
    for ending, instead in (("ies", "y"), ("sses", "ss"), ("shes", "sh"), ("ches", "ch"), ("xes", "x"), ("s", "")):
        if key.endswith(ending) and not key.endswith("ss") and len(key) - len(ending) >= 2:
            return key[: -len(ending)] + instead
    return key


def of_new(names):
    """[(name, the tag that is nearly it)] for those of `names` that are no tag yet. One query."""
    known = {tag.key: tag for tag in Tag.objects.only("name", "key", "slug")}
    bare = {singular(key): tag for key, tag in known.items()}
    new = [name for name in names if fold(tidy_line(name)) not in known]
    return [(name, bare[singular(name)]) for name in new if singular(name) in bare]


def among(tags):
    """[(tag, another tag that is nearly it)] for tags that are there already. One query."""
    others = list(Tag.objects.only("name", "key", "slug"))
    return [
        (tag, other)
        for tag in tags
        for other in others
        if other.pk != tag.pk and singular(other.key) == singular(tag.key)
    ]
