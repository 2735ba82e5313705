from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from blog.desk.guard import at_the_desk
from comments.desk.forms import DiscussionForm
from comments.models import Discussion


@at_the_desk("blog.change_settings")
def discussion_settings(request):
    """How answers are received."""
    form = DiscussionForm(request.POST or None, instance=Discussion.objects.first() or Discussion())
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("desk_discussion")
    return render(request, "desk/comments/settings.html", {"form": form}, status=422 if form.errors else 200)
