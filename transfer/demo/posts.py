"""Generate eight years of posts at random from the texts, without access to the database."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from blog.models import Post
from transfer.demo.corpus import LANGUAGES, THEMES, corpus

YEARS = 8
BODIES = 800  # distinct texts at most; posts beyond that share them, since rendering costs the most time
SMALL = 20  # with fewer posts than this, all are published and public
GENERAL = "Odds & Ends"

# The shares of posts that are not simply published and public.
SHARES = {
    Post.Status.DRAFT: 0.012,
    Post.Status.PENDING: 0.003,
    Post.Status.TRASH: 0.004,
    "scheduled": 0.005,
    Post.Visibility.PRIVATE: 0.004,
    Post.Visibility.PASSWORD: 0.004,
}
SCHEDULED = (3653, 7305)  # days after the last day: ten to twenty years
LANGUAGE_WEIGHTS = (70, 15, 15)  # English, German, Spanish
HOURS = {6: 1, 7: 3, 8: 2, 12: 1, 13: 1, 17: 2, 18: 4, 19: 8, 20: 12, 21: 14, 22: 9, 23: 3}

# (format, weight, (fewest, most paragraphs))
SIZES = (
    (Post.Format.NOTE, 4, (1, 1)),
    (Post.Format.QUOTE, 3, (1, 1)),
    (Post.Format.LINK, 3, (1, 1)),
    (Post.Format.STANDARD, 22, (1, 2)),
    (Post.Format.STANDARD, 45, (3, 5)),
    (Post.Format.STANDARD, 20, (6, 12)),
    (Post.Format.STANDARD, 3, (20, 34)),
)
LONG = 6  # paragraphs from which on a post has a "read more" mark after the first
VERY_LONG = 20  # paragraphs from which on a post has headings


@dataclass(frozen=True)
class Body:
    """A text, which several posts may share."""

    language: str
    theme: str
    format: str
    source: str


@dataclass
class DemoPost:
    """An unsaved post with the names of its categories and tags."""

    post: Post
    body: Body
    state: str  # a key of SHARES, or "" for an ordinary post
    categories: list[str]
    tags: list[str]

    @property
    def accepts_comments(self) -> bool:
        return self.state in ("", Post.Visibility.PASSWORD) and self.post.comments_open


def generate_posts(random: Random, number: int, *, last_day: date, zone: ZoneInfo, key: str) -> list[DemoPost]:
    """`number` Drafts, oldest first, in the time zone `zone`; `key`, the seed, makes their guids unique."""
    bodies = generate_bodies(random, min(number, BODIES))
    states = choose_states(random, number)
    name = Titles(random)
    demo_posts = []
    for at, moment in enumerate(generate_dates(random, number, last_day, zone)):
        body = bodies[at % len(bodies)]
        post = Post(
            guid=guid_of(key, at),
            format=body.format,
            title="" if body.format == Post.Format.NOTE else name(body, moment.year),
            link_url=f"https://example.org/reading/{at}" if body.format == Post.Format.LINK else "",
            source=body.source,
            language=body.language,
            comments_open=random.random() > 0.04,
        )
        state = states.get(at, "")
        set_state(post, state, moment, random, last_day)
        demo_posts.append(DemoPost(post, body, state, choose_categories(random, body), choose_tags(random, body)))
    for demo_post in [demo_post for demo_post in demo_posts if not demo_post.state and demo_post.post.title][-45:-5:30]:
        demo_post.post.sticky = True
    return demo_posts


def guid_of(key: str, number: int) -> str:
    return f"urn:longrun:{hashlib.sha256(f'{key}:{number}'.encode()).hexdigest()[:32]}"


# Texts


def generate_bodies(random: Random, number: int) -> list[Body]:
    formats, weights, lengths = zip(*SIZES, strict=True)
    bodies = []
    for _ in range(number):
        (kind,) = random.choices(range(len(SIZES)), weights)
        (language,) = random.choices(LANGUAGES, LANGUAGE_WEIGHTS)
        theme = random.choice(THEMES)
        blocks = generate_blocks(random, language, theme, random.randint(*lengths[kind]))
        bodies.append(Body(language, theme, formats[kind], assemble(random, blocks, formats[kind], language)))
    return bodies


def generate_blocks(random: Random, language: str, theme: str, number: int) -> list[str]:
    """`number` different paragraphs in a language: those of the theme first, then of other themes."""
    texts = corpus().paragraphs
    own = random.sample(texts[language, theme], len(texts[language, theme]))
    others = [block for other in THEMES if other != theme for block in texts[language, other]]
    return (own + random.sample(others, len(others)))[:number]


def assemble(random: Random, blocks: Sequence[str], format: str, language: str) -> str:
    """The paragraphs as one Markdown text; a long one gets a "read more" mark and headings."""
    if format == Post.Format.QUOTE:
        return "\n".join(f"> {line}".rstrip() for line in blocks[0].splitlines())
    if len(blocks) >= LONG:
        blocks = [blocks[0], "<!--more-->", *blocks[1:]]
    if len(blocks) >= VERY_LONG:
        headings = [title.text for title in corpus().titles if title.language == language]
        blocks = [
            f"## {random.choice(headings)}\n\n{block}" if at > 2 and at % 6 == 0 else block
            for at, block in enumerate(blocks)
        ]
    return "\n\n".join(blocks) + "\n"


class Titles:
    """Unique titles for bodies: a used one gets a suffix from `sequels`, then the year, then a number."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.used: dict[str, int] = {}

    def __call__(self, body: Body, year: int) -> str:
        texts = corpus()
        fitting = [title.text for title in texts.titles if (title.language, title.theme) == (body.language, body.theme)]
        title = self.random.choice(fitting)
        if title in self.used:
            title += self.random.choice(texts.sequels[body.language])
        if title in self.used:
            title += f" ({year})"
        self.used[title] = self.used.get(title, 0) + 1
        return title if self.used[title] == 1 else f"{title}, {self.used[title]}"


# Categories and tags


def choose_categories(random: Random, body: Body) -> list[str]:
    own = [category.name for category in corpus().categories if category.theme == body.theme]
    if random.random() < 0.04:
        return [GENERAL]
    names = [random.choice(own)]
    if random.random() < 0.15:
        names.append(
            random.choice([category.name for category in corpus().categories if category.theme not in ("", body.theme)])
        )
    return names


def choose_tags(random: Random, body: Body) -> list[str]:
    """Zero to six tags; the first tags of a theme are the most popular."""
    own = [tag.name for tag in corpus().tags if tag.theme == body.theme]
    any_ = [tag.name for tag in corpus().tags if tag.theme != body.theme]
    names = random.choices(own, range(2 * len(own), 0, -2), k=random.randint(0, 4))
    if random.random() < 0.4:
        names += random.choices(any_, k=random.randint(1, 2))
    return list(dict.fromkeys(names))


# Dates and states


def generate_dates(random: Random, number: int, last_day: date, zone: ZoneInfo) -> list[datetime]:
    """Sorted datetimes from the first to the last day, mostly in the evening (HOURS)."""
    days = round(YEARS * 365.25)
    ago = sorted((random.randrange(days + 1) for _ in range(number)), reverse=True)
    if number > 1:
        ago[0], ago[-1] = days, 0
    hours = random.choices(list(HOURS), list(HOURS.values()), k=number)
    return sorted(
        datetime.combine(last_day - timedelta(days=back), time(hour, random.randrange(60)), tzinfo=zone)
        for back, hour in zip(ago, hours, strict=True)
    )


def choose_states(random: Random, number: int) -> dict[int, str]:
    """{index of a post: key of SHARES}; at least one of each key, {} for fewer than SMALL posts."""
    if number < SMALL:
        return {}
    counts = {state: max(1, round(number * share)) for state, share in SHARES.items()}
    # Neither the first nor the last post, so that public posts span all eight years.
    chosen = iter(random.sample(range(1, number - 1), sum(counts.values())))
    return {next(chosen): state for state, count in counts.items() for _ in range(count)}


def set_state(post: Post, state: str, moment: datetime, random: Random, last_day: date) -> None:
    """Set the post's dates and state. All are marked as announced, so that nobody gets an email about them."""
    post.created_at = moment - timedelta(minutes=random.randint(15, 600))
    post.updated_at = moment + timedelta(minutes=random.randint(5, 90)) if random.random() < 0.08 else moment
    if state in (Post.Status.DRAFT, Post.Status.PENDING):
        post.status = state
        return
    post.status, post.publish_at, post.announced_at = Post.Status.PUBLISHED, moment, moment
    if state == "scheduled":  # so far in the future that they stay scheduled in an old demo
        post.publish_at = datetime.combine(last_day, moment.timetz()) + timedelta(days=random.randint(*SCHEDULED))
    elif state == Post.Status.TRASH:
        post.status, post.trashed_from, post.trashed_at = state, Post.Status.PUBLISHED, moment + timedelta(days=2)
    elif state:
        post.visibility = state
