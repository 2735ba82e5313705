"""The notice about comments that the classifier marked as spam."""

from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from blog.desk.access import at_the_desk
from comments.desk.filters import list_url, moment
from comments.moderation import filed_spam


@at_the_desk("comments.moderate")
@require_POST
def dismiss_notice(request):
    """Dismiss the notice on the dashboard and redirect to the list of spam."""
    filed_spam.mark_all_seen(moment(request.POST.get("seen", "")))
    return redirect(list_url("spam"))
