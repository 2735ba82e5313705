"""Which of a comment's reasons its owner reads: two at most, the strongest first. All of them stay stored."""

MOST = 2
# Says nothing about what was written, and of most comments it is true: told where nothing else is.
FILTER = ["what_looks_like_spam_is_spam_or_waits", "what_you_called_spam_before_is_spam_again"]  # learned rules
WEAK = {"first_timers_wait_for_a_look", "every_comment_waits_if_you_said_so"}


def strongest(reasons):
    """Of reasons as a rule wrote them (dicts, worst first), those to be shown; each sentence once."""
    once = {}
    for reason in reasons:
        once.setdefault(str(reason.get("why", "")), reason)
    strong = [reason for reason in once.values() if reason.get("rule") not in WEAK]
    return (strong or list(once.values())[:1])[:MOST]


def says_first(reasons):
    """Whether what is shown says already that its writer is new."""
    return any(reason.get("rule") == "first_timers_wait_for_a_look" for reason in strongest(reasons))
