"""Which parts of a text are what was asked for."""

import re
from functools import lru_cache

from blog.search.scripts import MARKS_OF_UNSPACED, UNSPACED
from blog.search.tokens import CLUSTER, WORD, plainly, tokens

# What is marked as a whole: a word with its stops, or a character with its marks of the scripts without spaces.
PART = re.compile(rf"\s+|[{UNSPACED}][{MARKS_OF_UNSPACED}]*|[^\s{UNSPACED}]+")


def highlighted(text, query, algorithm, around=None):
    """The text as a list of (part, is_hit); with `around`, so many words from a little before the first hit."""
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
    """For each part, whether it is what was asked for; of the scripts without spaces, all of a run that is."""
    terms = query.terms
    clusters = [cluster_in(part) for part in parts]
    hits = [
        not (cluster or part.isspace()) and wanted(part, terms, algorithm)
        for part, cluster in zip(parts, clusters, strict=True)
    ]
    runs = [run for run in query.runs if mark_run(clusters, run, hits)]
    for run in query.runs:
        if run not in runs:  # filed in pairs, and nowhere together
            for pair in zip(run, run[1:], strict=False):
                mark_run(clusters, pair, hits)
    return hits


def mark_run(clusters, run, hits):
    """Marks each place where these clusters stand side by side; whether there is one. A single character without
    marks is also found where it has some."""
    first, found = run[0], False
    for at, cluster in enumerate(clusters):
        alone = len(run) == 1 and cluster.startswith(first)
        if alone or cluster == first and tuple(clusters[at : at + len(run)]) == run:
            hits[at : at + len(run)] = [True] * len(run)
            found = True
    return found


@lru_cache(maxsize=10_000)
def cluster_in(part):
    """A character of a script without spaces as the index has it; "" for any other part."""
    return plainly(part) if CLUSTER.match(part) else ""


def wanted(part, terms, algorithm):
    found = roots(part, algorithm) if len(part) < 40 else roots.__wrapped__(part, algorithm)
    return not found.isdisjoint(terms)


@lru_cache(maxsize=10_000)
def roots(part, algorithm):
    """What a word of a text is found by. Every text is made of the same few thousand words."""
    return frozenset(token for match in WORD.finditer(plainly(part)) for token in tokens(match[0], algorithm))
