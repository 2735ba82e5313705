"""What a decision changed besides states, and how each is taken back: only where it is still as the decision left it.

    {"words": [["disallowed_keys", "spam.example"]]}      lines that were added to a list of the settings
    {"texts": [[comment, former text]]}                   what stood there before an edit
    {"moves": [[comment, from: post, parent, thread, to: post, parent, thread], …]}
    {"trust": [[person, before, after]]}
    {"reports": [numbers]}                                reports of readers that were put aside
"""

from django.apps import apps


def take_back(changes):
    """Take all of it back; about how many comments or people that was."""
    return sum(WAYS[kind](rows) for kind, rows in changes.items() if kind in WAYS)


def words(rows):
    discussion = model("Discussion")
    for name, line in rows:
        discussion.unlist(name, line)
    return 0


def texts(rows):
    return sum(
        former.give_back()
        for _comment, number in rows
        for former in model("FormerText").objects.filter(pk=number).select_related("comment__post")
    )


def moves(rows):
    return model("Comment").objects.move([[pk, *place[3:], *place[:3]] for pk, *place in rows])


def trust(rows):
    people = model("Person").objects
    return sum(people.filter(pk=pk, trust=after).update(trust=before) for pk, before, after in rows)


def reports(rows):
    return model("Report").objects.filter(pk__in=rows).update(settled_at=None)


WAYS = {"words": words, "texts": texts, "moves": moves, "trust": trust, "reports": reports}


def model(name):
    return apps.get_model("comments", name)
