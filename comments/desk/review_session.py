"""How many comments the moderator has decided about in this review session, shown on the review page."""

import time

TIMEOUT = 3600  # seconds without a decision, after which the count begins at 0
SESSION_KEY = "review"  # in the session: [number of decisions, Unix time of the last]


def decided_count(request):
    number, when = request.session.get(SESSION_KEY, (0, 0))
    return number if time.time() - when < TIMEOUT else 0


def count(request, number):
    """Add to the count, if the action came from the review page."""
    if request.POST.get("then") == "review" and number:
        request.session[SESSION_KEY] = [max(0, decided_count(request) + number), time.time()]
