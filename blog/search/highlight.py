"""Finds the parts of a text that match a search query, to highlight them."""

import re
from functools import lru_cache

from blog.search.scripts import MARKS_OF_UNSPACED, UNSPACED
from blog.search.tokens import CLUSTER, WORD, normalize, tokens

# The unit that is highlighted: a word with its punctuation or, in scripts without spaces, a character with its marks.
PART = re.compile(rf"\s+|[{UNSPACED}][{MARKS_OF_UNSPACED}]*|[^\s{UNSPACED}]+")


def highlighted(text, query, algorithm, around=None):
    """The text as a list of (part, is_hit). `around`: cut to so many words, from shortly before the first hit."""
    parts = PART.findall(text)
    hits = hits_in(parts, query, algorithm)
    if around:
        first = hits.index(True) if True in hits else 0
        start = max(0, first - around // 2)
        end = start + around * 2
        before, after = ["… "] if start else [], [" …"] if end < len(parts) else []
        parts, hits = [*before, *parts[start:end], *after], [*[False] * len(before), *hits[start:end], False]
    runs = []
    for part, hit in zip(parts, hits, strict=False):
        if runs and runs[-1][1] == hit:
            runs[-1] = (runs[-1][0] + part, hit)
        else:
            runs.append((part, hit))
    return runs


def hits_in(parts, query, algorithm):
    """A list of booleans: whether each part matches. In scripts without spaces all characters of a run must match."""
    terms = query.terms
    clusters = [cluster_in(part) for part in parts]
    hits = [
        not (cluster or part.isspace()) and wanted(part, terms, algorithm)
        for part, cluster in zip(parts, clusters, strict=True)
    ]
    runs = [run for run in query.runs if mark_run(clusters, run, hits)]
    for run in query.runs:
        if run not in runs:  # the index has its pairs, but the whole run occurs nowhere
            for pair in zip(run, run[1:], strict=False):
                mark_run(clusters, pair, hits)
    return hits


def mark_run(clusters, run, hits):
    """Sets `hits` wherever these clusters occur in a row; returns whether they do. A single character without marks
    also matches the same character with marks."""
    first, found = run[0], False
    for at, cluster in enumerate(clusters):
        alone = len(run) == 1 and cluster.startswith(first)
        if alone or cluster == first and tuple(clusters[at : at + len(run)]) == run:
            hits[at : at + len(run)] = [True] * len(run)
            found = True
    return found


@lru_cache(maxsize=10_000)
def cluster_in(part):
    """A character of a script without spaces, normalized as in the index; "" for any other part."""
    return normalize(part) if CLUSTER.match(part) else ""


def wanted(part, terms, algorithm):
    found = roots(part, algorithm) if len(part) < 40 else roots.__wrapped__(part, algorithm)
    return not found.isdisjoint(terms)


@lru_cache(maxsize=10_000)
def roots(part, algorithm):
    """The tokens of a word. Cached, because texts repeat the same few thousand words."""
    return frozenset(token for match in WORD.finditer(normalize(part)) for token in tokens(match[0], algorithm))
