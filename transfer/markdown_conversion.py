"""One post's text from HTML into Markdown: what would change, turning it, and back.

The Markdown is rendered and compared with what the HTML shows. A post that would lose a word, a link, a picture, a
player or a piece of its structure is left as it is.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from blog.markup import Rendered
from blog.markup.html_to_markdown import html_to_markdown
from blog.markup.rendered_parts import Parts, lines_of, parts_of
from blog.models import Post
from blog.models.rendering import prefix_of
from transfer.models import ConvertedPost, MarkdownConversion

Result = ConvertedPost.Result
SHOWN_LOSSES = 20


@dataclass(frozen=True)
class Trial:
    """`source` is the Markdown, `losses` are sentences about what it would lose: none if the post can be turned.
    `before` and `after` are the rendered texts, a line for each block."""

    source: str
    losses: list[str]
    parts: Parts
    before: str
    after: str
    rendered: Post | None = None  # unsaved, with the rendering of the Markdown


class Changed(Exception):
    """The post was changed meanwhile, or cannot be turned; the text tells why."""


def trial_of(post: Post) -> Trial:
    """What would become of a post whose source is HTML."""
    before = post.prepare()
    if before is None:
        return Trial("", [_("Its text cannot be rendered.")], parts_of(""), "", "")
    if post.revisions.unpublished():
        return Trial("", [_("It has unpublished changes: publish or discard them first.")], parts_of(""), "", "")
    parts, best = parts_of(before.html), None
    for careful in (False, True):
        try:
            source = html_to_markdown(
                before.html, careful=careful, prefix=f"p{prefix_of(post.guid)}-", more_text=before.more_text
            )
        except RecursionError:
            break
        other = Post(guid=post.guid, language=post.language, source=source, source_format="markdown")
        if (after := other.prepare()) is None:
            break
        losses = list(losses_of(before, after))
        trial = Trial(source, losses[:SHOWN_LOSSES], parts, lines_of(before.html), lines_of(after.html), other)
        if not losses:
            return trial
        best = best or trial
    return best or Trial("", [_("Its text is nested too deeply.")], parts, lines_of(before.html), "")


def losses_of(before: Rendered, after: Rendered) -> Iterator[str]:
    old, new = parts_of(before.html), parts_of(after.html)
    for href, text in (Counter(old.links) - Counter(new.links)).elements():
        yield _("The link “%(text)s” to %(url)s would be lost.") % {"text": text[:80], "url": href[:200]}
    for src, alt in (Counter(old.pictures) - Counter(new.pictures)).elements():
        yield _("The picture %(url)s (“%(text)s”) would be lost.") % {"text": alt[:80], "url": src[:200]}
    for src in (Counter(old.players) - Counter(new.players)).elements():
        yield _("The player of %s would be lost.") % src[:200]
    for target in sorted(old.targets - new.targets):
        yield _("The place “%s”, to which a link leads, would be lost.") % target[:80]
    if old.words != new.words:
        at = next((at for at, pair in enumerate(zip(old.words, new.words, strict=False)) if pair[0] != pair[1]), 0)
        words = {"old": " ".join(old.words[at : at + 6])[:80], "new": " ".join(new.words[at : at + 6])[:80]}
        yield _("The words “%(old)s” would become “%(new)s”.") % words
    if old.code != new.code:
        yield _("The lines of a code block would change.")
    if old.structure != new.structure:
        differs = sorted({name for name in old.structure | new.structure if old.structure[name] != new.structure[name]})
        yield _("The structure would change: %s.") % ", ".join(differs)
    if (new.links, new.pictures, new.players) != (old.links, old.pictures, old.players):
        yield _("Its links and pictures would stand in another order, or there would be others.")
    if parts_of(before.teaser_html).words != parts_of(after.teaser_html).words:
        yield _("The part before “Continue reading” would change.")


def turn(post: Post, by: User, line: ConvertedPost) -> None:
    """Make the post's text Markdown; the HTML is kept as a named revision, which is never pruned.

    Raises Changed where that would lose something.
    """
    trial = trial_of(post)
    if trial.losses:
        raise Changed(trial.losses[0])
    with transaction.atomic():
        row = Post.objects.select_for_update().get(pk=post.pk)
        if (row.source, row.source_format) != (post.source, post.source_format):
            raise Changed(_("It was changed meanwhile."))
        before = row.keep_revision(by)
        if not before.name:
            before.name = _("Before it was turned into Markdown")
            before.save(update_fields=["name"])
        row.reuse(trial.rendered)
        row.revise(by, minor=True, source=trial.source, source_format="markdown", extended_markdown=False)
        line.result, line.reason, line.revision, line.stored = Result.TURNED, "", before, digest_of(row)
        line.save()


def turn_back(line: ConvertedPost, by: User) -> None:
    """Make the post's text the HTML again. Raises Changed if it was changed since."""
    with transaction.atomic():
        post = Post.objects.select_for_update().get(pk=line.post_id)
        if line.revision is None or digest_of(post) != line.stored:
            raise Changed(_("It was changed since it was turned."))
        post.revise(by, minor=True, source=line.revision.source, source_format="html")
        line.result, line.reason = Result.UNDONE, ""
        line.save()


def digest_of(post: Post) -> str:
    return hashlib.sha256(f"{post.source_format}\0{post.source}".encode()).hexdigest()


def newest_turned(post: Post) -> ConvertedPost | None:
    """The conversion of this post that can be undone now."""
    line = ConvertedPost.objects.filter(post=post, result=Result.TURNED).select_related("revision").last()
    return line if line and line.revision and line.stored == digest_of(post) else None


def turn_one(post: Post, by: User) -> None:
    """Turn a single post. Raises Changed."""
    with transaction.atomic():
        done = MarkdownConversion.State.DONE
        conversion = MarkdownConversion.objects.create(
            by=by, step=MarkdownConversion.Step.TURN, state=done, position=1, total=1
        )
        turn(post, by, ConvertedPost(conversion=conversion, post=post))


def candidates() -> list[int]:
    """The numbers of the posts and pages outside the trash whose text is HTML."""
    posts = Post.objects.filter(source_format="html").exclude(status=Post.Status.TRASH).exclude(source="")
    return list(posts.order_by("pk").values_list("pk", flat=True))


# Many posts. Each yields (posts that are done, all) after every post.


def try_all(conversion: MarkdownConversion) -> Iterator[tuple[int, int]]:
    tried = set(conversion.posts.values_list("post_id", flat=True))
    numbers = candidates()
    for at, pk in enumerate(numbers, start=1):
        post = Post.objects.filter(pk=pk).first()
        if pk in tried or post is None:
            continue
        losses = trial_of(post).losses
        result, reason = (Result.REFUSED, losses[0][:500]) if losses else (Result.CAN, "")
        ConvertedPost.objects.create(conversion=conversion, post=post, result=result, reason=reason)
        yield at, len(numbers)


def turn_all(conversion: MarkdownConversion) -> Iterator[tuple[int, int]]:
    return change_all(conversion, Result.CAN, lambda line: turn(line.post, owner_of(conversion), line))


def undo_all(conversion: MarkdownConversion) -> Iterator[tuple[int, int]]:
    return change_all(conversion, Result.TURNED, lambda line: turn_back(line, owner_of(conversion)))


def change_all(
    conversion: MarkdownConversion, result: str, change: Callable[[ConvertedPost], None]
) -> Iterator[tuple[int, int]]:
    """Call `change` for each line with this result; one that it refuses keeps the reason."""
    numbers = list(conversion.posts.filter(result=result).values_list("pk", flat=True))
    for at, pk in enumerate(numbers, start=1):
        line = ConvertedPost.objects.select_related("post", "revision").filter(pk=pk).first()
        if line is None:
            continue
        try:
            change(line)
        except Changed as trouble:
            line.reason = str(trouble)[:500]
            line.result = Result.REFUSED if result == Result.CAN else line.result
            line.save(update_fields=["reason", "result"])
        yield at, len(numbers)


def owner_of(conversion: MarkdownConversion) -> User:
    return conversion.by or User.objects.owners().order_by("pk")[0]


STEPS: dict[str, Callable[[MarkdownConversion], Iterator[tuple[int, int]]]] = {
    MarkdownConversion.Step.TRY: try_all,
    MarkdownConversion.Step.TURN: turn_all,
    MarkdownConversion.Step.UNDO: undo_all,
}
