"""Which of a comment's stored reasons are shown to moderators: two at most, the most severe first."""

MOST = 2
# The rules that depend on training.
LEARNED_RULES = ["classify_spam", "spam_by_known_traces"]
# Rules that say nothing about the text; shown only if there is no other reason.
WEAK = {"hold_first_comment", "hold_every_comment"}


def strongest(reasons):
    """The reasons to be shown, out of the stored ones (dicts, most severe first); each sentence once."""
    once = {}
    for reason in reasons:
        once.setdefault(str(reason.get("why", "")), reason)
    strong = [reason for reason in once.values() if reason.get("rule") not in WEAK]
    return (strong or list(once.values())[:1])[:MOST]


def says_first(reasons):
    """Whether the shown reasons already say that it is the commenter's first comment."""
    return any(reason.get("rule") == "hold_first_comment" for reason in strongest(reasons))
