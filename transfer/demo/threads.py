"""Generate comment threads below the demo's posts, without access to the database."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import cast

from comments.models import Comment
from transfer.demo.corpus import ANSWER, LANGUAGES, QUESTION, REMARK, Name, corpus
from transfer.demo.posts import Draft

DEPTH = 5
PENDING, SPAM = 0.03, 0.02  # of all comments
SILENT = 0.12  # share of posts without comments
MOST_POPULAR = 80  # the most popular posts get at most this many times the comments of the least popular
REPLIES = 0.5  # share of comments that are replies, where there is one to reply to
BY_THE_AUTHOR = 0.2  # share of replies
BOTH = 0.2  # share of comments that combine a remark and a question
SMALLER_WORLD = 0.35  # popularity of a post in German or Spanish, relative to one in English


@dataclass
class Line:
    """An unsaved comment. `parent` is the index of an earlier line, or None."""

    post: int  # index of its post's draft
    moment: datetime
    state: str = Comment.State.APPROVED
    parent: int | None = None
    depth: int = 1
    kind: str = REMARK
    writer: Name | None = None  # None for the author of the blog
    text: str = ""


def invent_conversation(dice: Random, number: int, drafts: Sequence[Draft], *, end: datetime) -> list[Line]:
    """`number` Lines sorted by time, up to the datetime `end`, below the drafts that are open for comments."""
    open_posts = [at for at, draft in enumerate(drafts) if draft.takes_answers]
    if not open_posts or not number:
        return []
    lines = sorted(invent_arrivals(dice, number, open_posts, drafts, end), key=lambda line: line.moment)
    assign_states(dice, lines)
    standing: defaultdict[int, list[int]] = defaultdict(list)  # post → indices of lines that can be replied to
    said: defaultdict[int, set[str]] = defaultdict(set)  # post → texts of its comments
    for at, line in enumerate(lines):
        if line.state != Comment.State.SPAM:
            reply(dice, line, lines, standing[line.post])
        speak(dice, line, lines, drafts[line.post].body.language, said[line.post])
        if line.state == Comment.State.APPROVED and line.depth < DEPTH:
            standing[line.post].append(at)
    return lines


def invent_arrivals(
    dice: Random, number: int, open_posts: list[int], drafts: Sequence[Draft], end: datetime
) -> Iterator[Line]:
    """Yield Lines with post and time only: most within days of the post, a few after years; few posts get many."""
    heard = dice.sample(open_posts, max(1, round(len(open_posts) * (1 - SILENT))))
    weights = [
        min(dice.paretovariate(1.1), MOST_POPULAR) * (1 if drafts[post].body.language == "en" else SMALLER_WORLD)
        for post in heard
    ]
    for post, count in Counter(dice.choices(heard, weights, k=number)).items():
        written = cast(datetime, drafts[post].post.publish_at)  # set, since the post is public
        for _ in range(count):
            moment = written + timedelta(days=dice.expovariate(1 / 3), seconds=dice.randrange(60))
            if moment > end or dice.random() < 0.1:
                moment = written + (end - written) * dice.random()
            yield Line(post, moment)


def assign_states(dice: Random, lines: Sequence[Line]) -> None:
    """Mark the shares PENDING and SPAM; both only among the newest quarter, since old ones are moderated."""
    pending, spam = round(len(lines) * PENDING), round(len(lines) * SPAM)
    recent = range(len(lines) * 3 // 4, len(lines))
    chosen = dice.sample(recent, min(pending + spam, len(recent)))
    for at in chosen[:pending]:
        lines[at].state = Comment.State.PENDING
    for at in chosen[pending:]:
        lines[at].state = Comment.State.SPAM


def reply(dice: Random, line: Line, lines: Sequence[Line], standing: list[int]) -> None:
    """Make a share of the comments, REPLIES, reply to one of the last six."""
    if not standing or dice.random() > REPLIES:
        return
    line.parent = dice.choice(standing[-6:])
    line.depth = lines[line.parent].depth + 1


def speak(dice: Random, line: Line, lines: Sequence[Line], language: str, said: set[str]) -> None:
    """Choose author and text. A reply to a question is an answer. Tries up to eight times not to repeat a text."""
    if line.state == Comment.State.SPAM:
        line.writer, line.text = dice.choice(corpus().names), dice.choice(corpus().spam)
        return
    answered = line.parent is not None and lines[line.parent].kind == QUESTION
    by_the_author = line.parent is not None and line.state == Comment.State.APPROVED and dice.random() < BY_THE_AUTHOR
    if answered or by_the_author:
        line.kind = ANSWER
    else:
        line.kind = dice.choices((REMARK, QUESTION, ANSWER), (70, 22, 8 if line.parent is not None else 0))[0]
    line.writer = None if by_the_author else dice.choice(corpus().names)
    if dice.random() < 0.08:
        language = dice.choice(LANGUAGES)
    for again in range(8):
        line.text = compose(dice, language, line.kind, BOTH + again / 10)
        if line.text not in said:
            break
    said.add(line.text)


def compose(dice: Random, language: str, kind: str, chance_of_both: float) -> str:
    texts = corpus().comments
    text = dice.choice(texts[language, kind])
    if dice.random() > chance_of_both:
        return text
    if kind == QUESTION:
        return f"{dice.choice(texts[language, REMARK])}\n\n{text}"
    return f"{text}\n\n{dice.choice(texts[language, QUESTION])}"
