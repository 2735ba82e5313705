"""How many comments were decided at this sitting: the stack says it, and the end of the stack."""

import time

LASTS = 3600  # seconds; who returns later begins to count anew
KEY = "stack"  # in the session: [how many were decided, when the last of them was]


def decided_in_this_sitting(request):
    number, when = request.session.get(KEY, (0, 0))
    return number if time.time() - when < LASTS else 0


def count(request, number):
    """Remember so many more, if somebody sits at the stack."""
    if request.POST.get("then") == "stack" and number:
        request.session[KEY] = [max(0, decided_in_this_sitting(request) + number), time.time()]
