"""Own CSS for readers' pages: tried, put into use, reverted."""

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from blog.desk.access import at_the_desk
from blog.layout import CSS_DRAFT
from blog.models import CssRevision, ReadingSettings
from core.models import SettingsChange
from core.models.settings_change import changed_lines


class OwnCssForm(forms.ModelForm):
    class Meta:
        model = ReadingSettings
        fields = ["own_css"]
        labels = {"own_css": gettext_lazy("CSS")}
        help_texts = {
            "own_css": gettext_lazy(
                "It comes after Longrun’s style sheets on readers’ pages, so its rules win over equal ones. The desk "
                'and the account pages do not load it. Files that it names must be here: url("/media/…").'
            )
        }
        attributes = {"rows": 18, "spellcheck": "false", "class": "code-field"}
        widgets = {"own_css": forms.Textarea(attrs=attributes)}

    def clean_own_css(self):
        return self.cleaned_data["own_css"].replace("\r\n", "\n").strip()


@at_the_desk("blog.change_settings")
@require_http_methods(["GET", "HEAD", "POST"])
def own_css(request):
    """The form. “Try it” shows the blog with the typed CSS to its author alone, “Use it” to everybody."""
    reading = ReadingSettings.objects.first() or ReadingSettings()
    now = reading.own_css
    form = OwnCssForm(request.POST if request.method == "POST" else None, instance=reading, initial=initial(request))
    if request.method == "POST" and form.is_valid():
        css = form.cleaned_data["own_css"]
        if request.POST.get("action") == "try":
            CssRevision.try_out(css, request.user)
            request.session[CSS_DRAFT] = True
            return redirect("home")
        use(request, css, now)
        messages.success(request, _("Saved. Readers see it from now on.") if css else _("Own CSS is off."))
        return redirect("desk_own_css")
    context = {
        "form": form,
        "is_tried": bool(request.session.get(CSS_DRAFT)),
        "in_use": now,
        "has_former": bool(now) or CssRevision.objects.used().exists(),
        "versions": CssRevision.objects.used().select_related("by"),
    }
    return render(request, "desk/own_css.html", context, status=422 if form.errors else 200)


def initial(request):
    """The version that was chosen from the list, else the draft, else what is in use."""
    chosen = request.GET.get("version", "")
    version = CssRevision.objects.used().filter(pk=chosen).first() if chosen.isdecimal() and len(chosen) < 19 else None
    version = version or CssRevision.objects.draft_of(request.user)
    return {"own_css": version.css} if version else {}


def use(request, css, before):
    with transaction.atomic():
        reading = ReadingSettings.objects.select_for_update().first() or ReadingSettings()
        CssRevision.put_into_use(css, request.user, reading)
        SettingsChange.record(
            request.user, SettingsChange.Area.APPEARANCE, [[_("Own CSS"), *changed_lines(before, css)]]
        )
    request.session.pop(CSS_DRAFT, None)


@at_the_desk("blog.change_settings")
@require_POST
def revert_own_css(request):
    """Put the version before this one into use again, or none if there was none."""
    now = (ReadingSettings.objects.first() or ReadingSettings()).own_css
    former = CssRevision.former(now)
    use(request, former, now)
    messages.success(
        request, _("The former version is in use again.") if former else _("Own CSS is off, as it was before.")
    )
    return redirect("desk_own_css")


@at_the_desk("blog.change_settings")
@require_POST
def restore_own_css(request, pk):
    version = get_object_or_404(CssRevision.objects.used(), pk=pk)
    use(request, version.css, (ReadingSettings.objects.first() or ReadingSettings()).own_css)
    messages.success(request, _("This version is in use again."))
    return redirect("desk_own_css")


@at_the_desk("blog.change_settings")
@require_POST
def stop_css_draft(request):
    """Forget the draft; the blog looks as for everybody."""
    CssRevision.objects.filter(state=CssRevision.State.DRAFT, by=request.user).delete()
    request.session.pop(CSS_DRAFT, None)
    messages.success(request, _("The draft is deleted. Nothing has changed for readers."))
    return redirect("desk_own_css")


@at_the_desk("blog.change_settings")
@require_safe
def own_css_draft(request):
    """The style sheet that this user is trying."""
    draft = CssRevision.objects.draft_of(request.user)
    return HttpResponse(draft.css if draft else "", content_type="text/css; charset=utf-8")
