"""Generate comment threads below the demo's posts, without access to the database."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import cast

from comments.models import Comment
from transfer.demo.corpus import ANSWER, LANGUAGES, QUESTION, REMARK, Name, corpus
from transfer.demo.posts import DemoPost

DEPTH = 5
PENDING, SPAM = 0.03, 0.02  # of all comments
SILENT = 0.12  # share of posts without comments
MOST_POPULAR = 80  # the most popular posts get at most this many times the comments of the least popular
REPLIES = 0.5  # share of comments that are replies, where there is one to reply to
BY_THE_AUTHOR = 0.2  # share of replies
BOTH = 0.2  # share of comments that combine a remark and a question
SMALLER_WORLD = 0.35  # popularity of a post in German or Spanish, relative to one in English


@dataclass
class DemoComment:
    """An unsaved comment. `parent` is the index of an earlier line, or None."""

    post: int  # index of its DemoPost
    moment: datetime
    state: str = Comment.State.APPROVED
    parent: int | None = None
    depth: int = 1
    kind: str = REMARK
    writer: Name | None = None  # None for the author of the blog
    text: str = ""


def generate_comments(
    random: Random, number: int, demo_posts: Sequence[DemoPost], *, end: datetime
) -> list[DemoComment]:
    """`number` comments sorted by time, up to the datetime `end`, below the posts that are open for comments."""
    open_posts = [at for at, demo_post in enumerate(demo_posts) if demo_post.accepts_comments]
    if not open_posts or not number:
        return []
    lines = sorted(generate_times(random, number, open_posts, demo_posts, end), key=lambda line: line.moment)
    assign_states(random, lines)
    standing: defaultdict[int, list[int]] = defaultdict(list)  # post → indices of lines that can be replied to
    said: defaultdict[int, set[str]] = defaultdict(set)  # post → texts of its comments
    for at, line in enumerate(lines):
        if line.state != Comment.State.SPAM:
            reply(random, line, lines, standing[line.post])
        write_text(random, line, lines, demo_posts[line.post].body.language, said[line.post])
        if line.state == Comment.State.APPROVED and line.depth < DEPTH:
            standing[line.post].append(at)
    return lines


def generate_times(
    random: Random, number: int, open_posts: list[int], demo_posts: Sequence[DemoPost], end: datetime
) -> Iterator[DemoComment]:
    """Yield Lines with post and time only: most within days of the post, a few after years; few posts get many."""
    heard = random.sample(open_posts, max(1, round(len(open_posts) * (1 - SILENT))))
    weights = [
        min(random.paretovariate(1.1), MOST_POPULAR) * (1 if demo_posts[post].body.language == "en" else SMALLER_WORLD)
        for post in heard
    ]
    for post, count in Counter(random.choices(heard, weights, k=number)).items():
        written = cast(datetime, demo_posts[post].post.publish_at)  # set, since the post is public
        for _ in range(count):
            moment = written + timedelta(days=random.expovariate(1 / 3), seconds=random.randrange(60))
            if moment > end or random.random() < 0.1:
                moment = written + (end - written) * random.random()
            yield DemoComment(post, moment)


def assign_states(random: Random, lines: Sequence[DemoComment]) -> None:
    """Mark the shares PENDING and SPAM; both only among the newest quarter, since old ones are moderated."""
    pending, spam = round(len(lines) * PENDING), round(len(lines) * SPAM)
    recent = range(len(lines) * 3 // 4, len(lines))
    chosen = random.sample(recent, min(pending + spam, len(recent)))
    for at in chosen[:pending]:
        lines[at].state = Comment.State.PENDING
    for at in chosen[pending:]:
        lines[at].state = Comment.State.SPAM


def reply(random: Random, line: DemoComment, lines: Sequence[DemoComment], standing: list[int]) -> None:
    """Make a share of the comments, REPLIES, reply to one of the last six."""
    if not standing or random.random() > REPLIES:
        return
    line.parent = random.choice(standing[-6:])
    line.depth = lines[line.parent].depth + 1


def write_text(random: Random, line: DemoComment, lines: Sequence[DemoComment], language: str, said: set[str]) -> None:
    """Choose author and text. A reply to a question is an answer. Tries up to eight times not to repeat a text."""
    if line.state == Comment.State.SPAM:
        line.writer, line.text = random.choice(corpus().names), random.choice(corpus().spam)
        return
    answered = line.parent is not None and lines[line.parent].kind == QUESTION
    by_the_author = line.parent is not None and line.state == Comment.State.APPROVED and random.random() < BY_THE_AUTHOR
    if answered or by_the_author:
        line.kind = ANSWER
    else:
        line.kind = random.choices((REMARK, QUESTION, ANSWER), (70, 22, 8 if line.parent is not None else 0))[0]
    line.writer = None if by_the_author else random.choice(corpus().names)
    if random.random() < 0.08:
        language = random.choice(LANGUAGES)
    for again in range(8):
        line.text = compose(random, language, line.kind, BOTH + again / 10)
        if line.text not in said:
            break
    said.add(line.text)


def compose(random: Random, language: str, kind: str, chance_of_both: float) -> str:
    texts = corpus().comments
    text = random.choice(texts[language, kind])
    if random.random() > chance_of_both:
        return text
    if kind == QUESTION:
        return f"{random.choice(texts[language, REMARK])}\n\n{text}"
    return f"{text}\n\n{random.choice(texts[language, QUESTION])}"
