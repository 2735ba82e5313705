"""What a decision changed besides states, and how each is taken back: only where it is still as the decision left it.

{"words": [["disallowed_keys", "spam.example"]]}      lines that were added to a list of the settings
{"texts": [[comment, former text]]}                   what stood there before an edit
{"moves": [[comment, from: post, parent, thread, to: post, parent, thread], …]}
{"trust": [[person, before, after]]}
{"later": [[comment, before, until]]}                 when the review shows it again
{"reports": [numbers]}                                reports of readers that were put aside
{"answers": [comments]}                               what a moderator answered in the same breath
"""

from django.apps import apps


def rendered(changes):
    """The HTML of former texts that would come back, by their numbers: made before the database is held."""
    numbers = [number for _comment, number in changes.get("texts", ())]
    return {former.pk: former.rendered() for former in model("CommentRevision").objects.filter(pk__in=numbers)}


def take_back(changes, html=None):
    """Take all of it back, with what `rendered` made; about how many comments or people that was."""
    rest = {kind: rows for kind, rows in changes.items() if kind in WAYS}
    return texts(changes.get("texts", ()), html or {}) + sum(WAYS[kind](rows) for kind, rows in rest.items())


def words(rows):
    discussion = model("DiscussionSettings")
    for name, line in rows:
        discussion.unlist(name, line)
    return 0


def texts(rows, html):
    return sum(
        former.give_back(html.get(number))
        for _comment, number in rows
        for former in model("CommentRevision").objects.filter(pk=number).select_related("comment__post")
    )


def moves(rows):
    return model("Comment").objects.move([[pk, *place[3:], *place[:3]] for pk, *place in rows])


def trust(rows):
    people = model("Person").objects
    return sum(people.filter(pk=pk, trust=after).update(trust=before) for pk, before, after in rows)


def reports(rows):
    return model("Report").objects.filter(pk__in=rows).update(settled_at=None)


def answers(rows):
    """They go into the trash, where their writer finds the text again; none of the comments that come back."""
    model("Comment").objects.filter(pk__in=rows).put_away()
    return 0


def later(rows):
    comments = model("Comment").objects
    return sum(comments.filter(pk=pk, later_until=until).update(later_until=before) for pk, before, until in rows)


WAYS = {"later": later, "words": words, "moves": moves, "trust": trust, "reports": reports, "answers": answers}


def model(name):
    return apps.get_model("comments", name)
