"""What the filter filed as spam by itself: to be looked at once."""

from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from blog.desk.access import at_the_desk
from comments.desk.filters import address_of, moment
from comments.moderation import filed_spam


@at_the_desk("comments.moderate")
@require_POST
def seen(request):
    """To the pile of spam, where all of it lies; the desk's first page names it no more."""
    filed_spam.all_seen(moment(request.POST.get("seen", "")))
    return redirect(address_of("spam"))
