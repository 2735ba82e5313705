"""Messages about one row of a list, shown in that row, or where the row was if it has left the list.

A message has the fragment `#row-12`, or `#done`: a strip below the row that the query names as `after`; 0 is above all
rows.
"""

from urllib.parse import urlencode

from django.contrib import messages
from django.shortcuts import redirect

from core import anchored_messages
from core.row_ids import row_id

STRIP = "done"
HEAD = "head"


def say(request, text, address, *, row=None, after=None, level=messages.SUCCESS, **query):
    """Redirect to a list that shows `text` in a row, or in the strip. Empty values of `query` are left out."""
    query = {name: value for name, value in query.items() if value}
    if after is not None:
        query["after"] = after
    said = urlencode(query)
    joined = f"{address}{'&' if '?' in address else '?'}{said}" if said else address
    place = f"{joined}#{f'row-{row}' if row else STRIP}"
    anchored_messages.add(request, level, text, place)
    return redirect(place)


def places(request, page, *, is_done=False):
    """The template context for these messages; rows get `said` and `above`. With `is_done` the strip has content of its
    own."""
    said, above = anchored_messages.messages_by_fragment(request), 0
    for row in page:
        row.said, row.above = said.get(f"row-{row.pk}"), above
        above = row.pk
    context = {
        "message_anchors": {f"row-{row.pk}" for row in page},
        "strip": None,
        "said_at_strip": said.get(STRIP, ()),
    }
    if is_done or STRIP in said:
        context["message_anchors"].add(STRIP)
        context["strip"] = place_of_strip(request, page)
    return context


def place_of_strip(request, page):
    """The pk of the row above the strip, 0 for above all rows, or "head" if no row of the page has it."""
    after = row_id(request.GET.get("after"))
    return after if list(page) and after in [0, *(row.pk for row in page)] else HEAD


def place_in(above, per_page):
    """{"page", "after"} of an item in a list; `above` is the queryset of the rows before it, in the list's order."""
    count = above.count()
    last = above.last() if count % per_page else None
    return {"page": page_of(above, per_page), "after": last.pk if last else 0}


def page_of(above, per_page):
    """The number of the page that has the item, None for the first."""
    return above.count() // per_page + 1 if above.count() >= per_page else None
