"""The snippet for analytics. It runs on readers' pages, so the owner alone may change it, after logging in again."""

from allauth.account.decorators import reauthentication_required
from django import forms
from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from blog.desk.access import at_the_desk
from blog.models import ReadingSettings
from core.models import SettingsChange
from core.models.settings_change import changed_values


class SnippetForm(forms.ModelForm):
    class Meta:
        model = ReadingSettings
        fields = ["snippet", "snippet_hosts"]
        labels = {"snippet": gettext_lazy("Snippet"), "snippet_hosts": gettext_lazy("Further hosts")}
        help_texts = {
            "snippet": gettext_lazy("What the service gives you: <script> and <noscript>, nothing else."),
            "snippet_hosts": gettext_lazy(
                "Other hosts from which the scripts load something or to which they send it, one a line, such as "
                "stats.example.org. Browsers block all others."
            ),
        }
        widgets = {
            name: forms.Textarea(attrs={"rows": rows, "spellcheck": "false", "class": "code-field"})
            for name, rows in (("snippet", 12), ("snippet_hosts", 3))
        }


@at_the_desk("accounts.manage_people")
@reauthentication_required
@require_http_methods(["GET", "HEAD", "POST"])
def snippet(request):
    reading = ReadingSettings.objects.first() or ReadingSettings()
    form = SnippetForm(request.POST if request.method == "POST" else None, instance=reading)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            form.save()
            SettingsChange.record(request.user, SettingsChange.Area.APPEARANCE, changed_values(form))
        messages.success(request, _("Saved."))
        return redirect("desk_snippet")
    kept = ReadingSettings.objects.first() or ReadingSettings()
    context = {"form": form, "allowed": kept.snippet_read.directives.get("script-src", [])}
    return render(request, "desk/snippet.html", context, status=422 if form.errors else 200)
