"""Replaces a file, at the same URL or at a new one; the posts that show it are updated."""

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from blog.desk.access import at_the_desk
from blog.desk.media import file_for
from blog.jobs import update_posts_of_media
from blog.media import uploads
from blog.models import Media


class ReplaceForm(forms.Form):
    NEW, SAME = "new", "same"

    file = forms.FileField(
        label=gettext_lazy("The new file"), widget=forms.FileInput(attrs={"accept": uploads.ACCEPTED})
    )
    address = forms.ChoiceField(
        label=gettext_lazy("Its address"),
        choices=[
            (NEW, gettext_lazy("A new one: everybody sees the new file at once, and the old address redirects to it.")),
            (SAME, gettext_lazy("The same: browsers that have loaded the old file may show it for up to a year.")),
        ],
        initial=NEW,
        widget=forms.RadioSelect,
    )


@at_the_desk("blog.upload")
@require_http_methods(["GET", "HEAD", "POST"])
def replace(request, pk):
    media = file_for(request.user, pk, to_change=True)
    form = ReplaceForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        before = media.get_absolute_url()
        try:
            uploads.replace(
                media,
                form.cleaned_data["file"],
                same_address=form.cleaned_data["address"] == form.SAME,
                also=lambda: update_posts_of_media.enqueue(media.pk, before),
            )
        except uploads.Refused as refusal:
            form.add_error("file", refusal.reason)
        else:
            messages.success(request, _("Replaced. The posts that use it will be updated in a moment."))
            if media.upload_notice:
                messages.warning(request, media.upload_notice)
            return redirect("desk_file", pk=pk)
    context = {"form": form, "media": Media.objects.get(pk=pk)}
    return render(request, "desk/replace_file.html", context, status=422 if form.errors else 200)
