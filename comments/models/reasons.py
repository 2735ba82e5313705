"""Which of a comment's reasons its owner reads: two at most, the strongest first. All of them stay stored."""

MOST = 2
# Says nothing about what was written, and of most comments it is true: told where nothing else is.
LEARNED_RULES = ["classify_spam", "spam_by_known_traces"]
WEAK = {"hold_first_comment", "hold_every_comment"}


def strongest(reasons):
    """Of reasons as a rule wrote them (dicts, worst first), those to be shown; each sentence once."""
    once = {}
    for reason in reasons:
        once.setdefault(str(reason.get("why", "")), reason)
    strong = [reason for reason in once.values() if reason.get("rule") not in WEAK]
    return (strong or list(once.values())[:1])[:MOST]


def says_first(reasons):
    """Whether what is shown says already that its writer is new."""
    return any(reason.get("rule") == "hold_first_comment" for reason in strongest(reasons))
