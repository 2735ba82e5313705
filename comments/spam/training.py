"""Turns moderators' decisions into training examples for the classifier, and into counts of hosts and text shapes.

Decisions of rules are ignored, because the classifier must not learn from its own output. Bulk actions are learned by
the worker, so that the request does not wait.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

from comments.models import Comment, Message, ModerationAction, SpamIndicator, TrainingExample
from comments.models.moderation_action import after_action
from comments.models.spam_training import key_of
from comments.spam import classifier, fingerprints
from comments.spam.classifier import SpamFilter
from core.jobs import job, minutely

AT_ONCE = 20  # comments
PART = 500
PEOPLE = [ModerationAction.Maker.MODERATOR, ModerationAction.Maker.EMAIL_LINK]


@after_action
def learn_from(decision: ModerationAction) -> None:
    """Learn from a moderator's action, or forget one that was undone; many comments are left to the worker."""
    if decision.maker not in PEOPLE:
        return
    learn_messages(Message.objects.filter(pk__in=decision.message_ids))
    if not decision.items:
        return
    if len(decision.items) <= AT_ONCE:
        learn(examples_from(decision))
    else:
        learn_later.enqueue(decision.pk)


@job
def learn_later(number: int) -> None:
    """Learn from an action in its present state: it may have been undone since the job was queued."""
    learn(examples_from(ModerationAction.objects.get(pk=number)))
    classifier.weights()  # train here, so that no request has to


@minutely
def keep_up() -> None:
    """Train in the worker when single decisions have added up, and once before the first, so that no request has to."""
    classifier.weights()
    classifier.store_untaught()


def examples_from(decision: ModerationAction) -> dict[int, bool | None]:
    return {pk: None if decision.undone_at else verdict(after) for pk, *_before, after in decision.items}


def verdict(state: str) -> bool | None:
    """True for spam, False for honest, None for other states, for which an existing example is deleted."""
    verdicts: dict[str, bool] = {Comment.State.SPAM: True, Comment.State.APPROVED: False}
    return verdicts.get(state)


def learn(said: Mapping[int, bool | None]) -> None:
    """Update training examples and indicators from {comment id: verdict}."""
    numbers = list(said)
    for start in range(0, len(numbers), PART):
        comments = Comment.objects.filter(pk__in=numbers[start : start + PART]).order_by("pk")
        learn_part([(comment, said[comment.pk]) for comment in comments])


def learn_messages(messages: Iterable[Message]) -> None:
    """Update training examples and indicators from messages in their present state, or forget those that nobody has
    decided."""
    verdicts: dict[str, bool] = {
        Message.State.SPAM: True,
        Message.State.NEW: False,
        Message.State.DONE: False,
    }
    learn_part([(each.as_comment(), verdicts.get(each.state) if each.decided_at else None) for each in messages])


def learn_part(decided: list[tuple[Comment, bool | None]]) -> None:
    """Update training examples and indicators from comments and their verdicts."""
    if not decided:
        return
    known = dict(
        TrainingExample.objects.filter(key__in=[key(comment) for comment, _now in decided]).values_list("key", "spam")
    )
    indicators: Counter[tuple[str, str, bool]] = Counter()
    for comment, now in decided:
        for is_spam, change in ((known.get(key(comment)), -1), (now, 1)):
            if is_spam is not None:
                indicators.update({(*indicator, is_spam): change for indicator in indicators_of(comment)})
        if now is not None:
            known[key(comment)] = now
        else:
            known.pop(key(comment), None)
    found = {indicator[:2] for indicator in indicators}
    SpamIndicator.objects.add({pair: (indicators[*pair, True], indicators[*pair, False]) for pair in found})
    SpamFilter().learn_all([(*texts(comment), now) for comment, now in decided if now is not None])
    SpamFilter().forget_all([texts(comment) for comment, now in decided if now is None])


def rebuild() -> int:
    """Learn again from all decisions of moderators that are not undone; returns the number of training examples.

    Spam that has been erased since then is lost for training.
    """
    decided: dict[int, str] = {}
    for items in (
        ModerationAction.objects.standing().filter(maker__in=PEOPLE).order_by("pk").values_list("items", flat=True)
    ):
        decided |= {pk: after for pk, *_before, after in items}
    SpamFilter().forget_everything()
    SpamIndicator.objects.all().delete()
    for state in (Comment.State.SPAM, Comment.State.APPROVED):
        newest = sorted((pk for pk, after in decided.items() if after == state), reverse=True)[: classifier.MOST]
        for start in range(0, len(newest), PART):
            still = Comment.objects.filter(pk__in=newest[start : start + PART], state=state)
            learn(dict.fromkeys(still.values_list("pk", flat=True), verdict(state)))
    messages = Message.objects.exclude(decided_at=None).newest_first()[: classifier.MOST]
    for start in range(0, len(messages), PART):
        learn_messages(messages[start : start + PART])
    return TrainingExample.objects.count()


def texts(comment: Comment) -> tuple[str, str, str]:
    return comment.text, comment.name, comment.url


def key(comment: Comment) -> str:
    return key_of(*texts(comment))


def indicators_of(comment: Comment) -> set[tuple[str, str]]:
    """The set of (kind, value) that the comment may share with others: "host" of its links, "shape" of its text."""
    shape = fingerprints.shape_of(comment.text)
    return {("host", host) for host in fingerprints.hosts_of(comment)} | ({("shape", shape)} if shape else set())
