"""Who else is reviewing at this moment, so that two people do not decide about the same comments."""

import time

from django.core.cache import cache
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

TIMEOUT = 120  # seconds after the last request
CACHE_KEY = "comments.reviewing"  # {account id: [name, Unix time of the last request]}


def others_reviewing(user):
    """Record that this user is reviewing now; returns the names of the others as text, "" if there are none."""
    now = time.time()
    people = {pk: seen for pk, seen in (cache.get(CACHE_KEY) or {}).items() if now - seen[1] < TIMEOUT}
    others = sorted(name for pk, (name, _at) in people.items() if pk != user.pk)
    cache.set(CACHE_KEY, people | {user.pk: [str(user.name), now]}, TIMEOUT)
    return get_text_list(others, _("and"))
