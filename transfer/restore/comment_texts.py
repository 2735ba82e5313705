"""Renders the comments of some posts in a child process while those before them are stored, so that a restore uses two
cores. Whatever the child does not do, the restore does itself when it stores a comment."""

from collections.abc import Iterable, Iterator

from blog.markup.render_process import MEMORY, languages
from core.child_process import Busy, Child, LimitExceeded
from core.text import tidy
from transfer.importing.renderings import SECONDS, cores
from transfer.restore.sources import Row

Texts = dict[tuple[str, str], str]  # {(text, source format): HTML}


def rendered_ahead(parts: Iterable[list[Row]]) -> Iterator[tuple[list[Row], Texts]]:
    """The same parts of posts, each with the HTML of its texts. The first has none: nothing is stored meanwhile."""
    child = CommentTexts()
    before: tuple[list[Row], Texts] | None = None
    try:
        for rows in parts:
            here: Texts = dict.fromkeys(texts_in(rows), "")
            if before is None:
                before = rows, {}
                continue
            child.send(here)
            yield before
            before = rows, child.receive(here)
        if before is not None:
            yield before
    finally:
        child.close()


class CommentTexts:
    """The child process; there is none while it has no turn, or only one core to work on."""

    def __init__(self) -> None:
        self.child: Child | None = None

    def send(self, texts: Texts) -> None:
        if not texts or cores() < 2:
            return
        try:
            self.child = self.child or Child("transfer.importing.text_child.answer", seconds=SECONDS, memory=MEMORY)
        except Busy:
            return
        self.child.send({"posts": [], "comments": list(texts), "facts": None, "longest": 0} | languages())

    def receive(self, texts: Texts) -> Texts:
        """The HTML of what was sent; {} if the child has not rendered it."""
        if self.child is None or not texts:
            return {}
        try:
            return dict(zip(texts, self.child.receive()["comments"], strict=True))
        except LimitExceeded:  # the next part gets a new one
            self.close()
            return {}

    def close(self) -> None:
        if self.child is not None:
            self.child.close()
            self.child = None


def texts_in(rows: list[Row]) -> Iterator[tuple[str, str]]:
    """What is to be rendered. Nothing is refused here: that is done when a comment is stored."""
    for row in rows:
        comments = row.get("comments")
        for found in comments if isinstance(comments, list) else []:
            text, form = (
                (found.get("text"), found.get("source_format", "markdown")) if isinstance(found, dict) else ("", "")
            )
            if isinstance(text, str) and form in ("markdown", "html"):
                yield tidy(text), form
