from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blog.desk.access import at_the_desk
from comments.desk.forms import DiscussionForm
from comments.models import DiscussionSettings
from comments.moderation import rule_preview
from core.models import SettingsChange
from core.models.settings_change import changed_values

SHOWN = 20  # comments listed in the preview


@at_the_desk("blog.change_settings")
def discussion_settings(request):
    """The discussion settings. If a changed rule affects recent comments, a preview is shown to be confirmed."""
    before = DiscussionSettings.objects.first() or DiscussionSettings()
    form = DiscussionForm(request.POST or None, instance=DiscussionSettings.objects.first() or DiscussionSettings())
    context = {"form": form}
    if request.method == "POST" and form.is_valid():
        found = None
        digest = rule_preview.digest_of(form.instance)
        if request.POST.get("rehearsed") != digest and rule_preview.changes_a_rule(before, form.instance):
            found = rule_preview.preview_settings(before, form.instance)
        if not found:
            with transaction.atomic():
                form.save()
                SettingsChange.record(request.user, SettingsChange.Area.DISCUSSION, changed_values(form))
            messages.success(request, saved_message(found))
            return redirect("desk_discussion")
        context |= {"preview": found, "rehearsed": digest, "held": found.held[:SHOWN], "let_in": found.let_in[:SHOWN]}
    return render(request, "desk/comments/settings.html", context, status=422 if form.errors else 200)


def saved_message(found):
    if found is None or not found.number:
        return _("Saved.")
    return (
        ngettext(
            "Saved. Your last %d comment would have been treated the same way.",
            "Saved. Your last %d comments would have been treated the same way.",
            found.number,
        )
        % found.number
    )
