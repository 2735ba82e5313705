"""Decisions about comments, and reports, of a whole source. What an undo would apply is checked like a form."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _

from comments.models import Comment, CommentRevision, Message, ModerationAction, Person, Report
from comments.spam import training
from transfer.exporting import columns
from transfer.restore.known import Known
from transfer.restore.parts import Refused
from transfer.restore.values import LARGEST_ID, values_of

STATES = frozenset(Comment.State.values)
LISTS = ("disallowed_keys", "moderation_keys")
Check = Callable[[Any], bool]


def restore_decisions(known: Known) -> None:
    """Decisions with their numbers; then the spam filter learns from them again, as far as the comments are there."""
    rows = []
    for found in known.source.rows("moderation_actions") if known.source.is_whole else []:
        facts = values_of(ModerationAction, found, columns.MODERATION_ACTION, "moderation_actions")
        facts["by_id"] = known.users.get(facts.get("by_id") or 0)
        if not all(map(is_item, facts.get("items", []))) or not are_side_effects(facts.get("side_effects", {})):
            raise Refused(_("%s does not have what belongs there.") % "moderation_actions")
        row = ModerationAction(**facts)
        if "moves" in row.side_effects:
            row.side_effects["moves"] = [move for move in row.side_effects["moves"] if is_here(move, known)]
        rows.append(row)
        note_numbers(row, known)
    ModerationAction.objects.bulk_create(rows, batch_size=500)
    known.counted["decisions"] = len(rows)
    if known.source.is_whole:
        training.rebuild()


def restore_reports(known: Known) -> None:
    """Reports of comments that came. Their networks did not: a number stands for each."""
    rows = []
    for found in known.source.rows("reports") if known.source.is_whole else []:
        facts = values_of(Report, found, columns.REPORT, "reports")
        if facts.get("comment_id") in known.comments:
            rows.append(Report(network=f"restored {facts.get('id')}", **facts))
    Report.objects.bulk_create(rows, batch_size=500)
    known.counted["reports"] = len(rows)


def is_number(value: Any) -> bool:
    return type(value) is int and 0 < value <= LARGEST_ID


def is_number_or_none(value: Any) -> bool:
    return value is None or is_number(value)


def is_moment(value: Any) -> bool:
    try:
        moment = datetime.fromisoformat(value)
        return moment.tzinfo is not None and bool(moment.astimezone(UTC))
    except (TypeError, ValueError, OverflowError):
        return False


def is_row(value: Any, *checks: Check) -> bool:
    """Whether it is a list of which each value passes its check."""
    if not isinstance(value, list) or len(value) != len(checks):
        return False
    return all(check(each) for check, each in zip(checks, value, strict=True))


def is_state(value: Any) -> bool:
    return isinstance(value, str) and value in STATES


def is_item(value: Any) -> bool:
    """[comment, former state, the state before that or "", new state]"""
    return is_row(value, is_number, is_state, lambda former: former == "" or is_state(former), is_state)


def is_message_move(value: Any) -> bool:
    """[message, state, the state before that or "", new state, when somebody had decided about it before or None]"""

    def is_state_of_message(state: Any) -> bool:
        return isinstance(state, str) and state in Message.State.values

    return is_row(
        value,
        is_number,
        is_state_of_message,
        lambda former: former == "" or is_state_of_message(former),
        is_state_of_message,
        lambda decided: decided is None or is_moment(decided),
    )


def is_trust(value: Any) -> bool:
    return isinstance(value, str) and value in Person.Trust.values


def is_line(value: Any) -> bool:
    """Whether it is a line that was added to a list of words."""
    return isinstance(value, str)


PLACE = (is_number, is_number_or_none, is_number_or_none)
# What comments.models.undo says about each.
ROWS: dict[str, Check] = {
    "lines": lambda row: is_row(row, lambda name: name in LISTS, is_line),
    "texts": lambda row: is_row(row, is_number, is_number),
    "moves": lambda row: is_row(row, is_number, *PLACE, *PLACE),
    "trust": lambda row: is_row(row, is_number, is_trust, is_trust),
    "later": lambda row: is_row(row, is_number, lambda value: value is None or is_moment(value), is_moment),
    "reports": is_number,
    "replies": is_number,
    "messages": is_message_move,
    "comments": is_number,
}


def are_side_effects(found: dict[str, Any]) -> bool:
    for kind, value in found.items():
        if kind == "count":
            if type(value) is not int or value < 0:
                return False
        elif kind not in ROWS or not isinstance(value, list) or not all(map(ROWS[kind], value)):
            return False
    return True


def is_here(move: list[Any], known: Known) -> bool:
    """Whether the posts and comments of a move have come, so that it can be undone."""
    posts, comments = {move[1], move[4]}, {move[0], move[2], move[3], move[5], move[6]} - {None}
    return posts <= known.posts and comments <= known.comments


def note_numbers(row: ModerationAction, known: Known) -> None:
    """Keep the numbers of what has been erased since a decision: what is new here must not get them, or an undo would
    change it, and the history quote it."""
    effects = row.side_effects
    moves = [number for move in effects.get("moves", []) for number in (move[0], *move[2:4], *move[5:]) if number]
    changed = [each[0] for kind in ("texts", "later") for each in effects.get(kind, [])]
    found: dict[type[Model], list[int]] = {
        Comment: [*row.comment_ids, *moves, *changed, *effects.get("replies", []), *effects.get("comments", [])],
        CommentRevision: [number for _comment, number in effects.get("texts", [])],
        Person: [each[0] for each in effects.get("trust", [])],
        Report: effects.get("reports", []),
        Message: row.message_ids,
    }
    for model, numbers in found.items():
        known.highest[model] = max(known.highest[model], *numbers, 0)
