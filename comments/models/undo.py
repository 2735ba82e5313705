"""Undo of what a moderation action changed besides states (`side_effects`), where nothing has changed it since.

{"lines": [["disallowed_keys", "spam.example"]]}      lines that were added to a list of the settings
{"texts": [[comment, revision]]}                      the CommentRevision from before an edit
{"moves": [[comment, from: post, parent, thread, to: post, parent, thread], …]}
{"trust": [[person, before, after]]}
{"later": [[comment, before, until]]}                 until when it was postponed
{"reports": [reports]}                                reports of readers that were dismissed
{"replies": [comments]}                               replies that a moderator wrote with the action
{"messages": [[message, state, former state, new state, decided_at]]}  messages of contact forms that were moved

All are ids, times in ISO 8601, or values of Person.Trust.
"""

from django.apps import apps


def rendered(changes):
    """{revision id: (text, HTML)} of the texts to restore, rendered before the transaction to keep the lock short."""
    numbers = [number for _comment, number in changes.get("texts", ())]
    return {former.pk: former.rendered() for former in model("CommentRevision").objects.filter(pk__in=numbers)}


def revert(changes, html=None):
    """Undo all changes; `html` is the result of `rendered`. Returns how many comments, people or reports changed."""
    rest = {kind: rows for kind, rows in changes.items() if kind in HANDLERS}
    return texts(changes.get("texts", ()), html or {}) + sum(HANDLERS[kind](rows) for kind, rows in rest.items())


def lines(rows):
    discussion = model("DiscussionSettings")
    for name, line in rows:
        discussion.remove_key(name, line)
    return 0


def texts(rows, html):
    return sum(
        former.restore(html.get(number))
        for _comment, number in rows
        for former in model("CommentRevision").objects.filter(pk=number).select_related("comment__post")
    )


def moves(rows):
    return model("Comment").objects.move([[pk, *place[3:], *place[:3]] for pk, *place in rows])


def trust(rows):
    people = model("Person").objects
    return sum(people.filter(pk=pk, trust=after).update(trust=before) for pk, before, after in rows)


def reports(rows):
    return model("Report").objects.filter(pk__in=rows).update(resolved_at=None)


def replies(rows):
    """Move the replies to the trash, from where the desk restores the typed text. They do not count as changes."""
    model("Comment").objects.filter(pk__in=rows).put_away()
    return 0


def later(rows):
    comments = model("Comment").objects
    return sum(comments.filter(pk=pk, later_until=until).update(later_until=before) for pk, before, until in rows)


def messages(rows):
    return model("Message").objects.move_back(rows)


HANDLERS = {
    "later": later,
    "lines": lines,
    "messages": messages,
    "moves": moves,
    "trust": trust,
    "reports": reports,
    "replies": replies,
}


def model(name):
    return apps.get_model("comments", name)
