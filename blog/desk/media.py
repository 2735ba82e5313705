"""The media library: upload files, describe them, see where they are used."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from blog.desk.access import at_the_desk
from blog.desk.row_messages import places
from blog.media import uploads
from blog.models import Media
from blog.models.media import FOCUS_STEP
from core.row_ids import row_id
from core.text import isolated, tidy_line

PER_PAGE = 48
PER_DIALOG_PAGE = 12  # in the picture dialog of the write page
MOST_ASKED = 100  # names, as decorative-pictures.js sends them
RETRY_SECONDS = 30
MEDIA_FILTERS = {
    "all": (gettext_lazy("All"), lambda files: files),
    "pictures": (gettext_lazy("Pictures"), lambda files: files.filter(kind=Media.Kind.PICTURE)),
    "documents": (gettext_lazy("Documents"), lambda files: files.filter(kind=Media.Kind.DOCUMENT)),
    "unused": (gettext_lazy("Unused"), lambda files: files.unused()),
}


class Files(forms.ClearableFileInput):
    allow_multiple_selected = True


class ManyFiles(forms.FileField):
    def clean(self, data, initial=None):
        """Any number of files; `uploads.store_upload` validates each of them."""
        if not data:
            raise ValidationError(_("Choose at least one file."))
        return data


class UploadForm(forms.Form):
    is_busy = False  # whether a file was refused only because the server is busy
    # Set by the script for a single file, so that a repeated upload is stored once.
    key = forms.RegexField(r"\A[0-9a-f]{32}\Z", required=False, widget=forms.HiddenInput)
    files = ManyFiles(  # type: ignore[assignment]  # a field; the form keeps its `files`
        label=gettext_lazy("Add files"),
        widget=Files(attrs={"accept": uploads.ACCEPTED}),
        help_text=gettext_lazy(
            "Pictures (JPEG, PNG, GIF, WebP, AVIF) up to 20 MB; PDF, MP3, M4A, MP4, M4V, MOV and WebM up to 100 MB; "
            "GPX up to 25 MB. Metadata of cameras, such as the location, is removed."
        ),
    )


class Slider(forms.NumberInput):
    input_type = "range"


def percent(label):
    """A field of the focus point. Left to right in every language, as the picture is."""
    slider = Slider(attrs={"step": FOCUS_STEP, "dir": "ltr"})
    return forms.IntegerField(label=label, required=False, min_value=0, max_value=100, widget=slider)


class MediaForm(forms.ModelForm):
    focus_x = percent(gettext_lazy("From left to right"))
    focus_y = percent(gettext_lazy("From top to bottom"))

    new_poster = forms.FileField(
        label=gettext_lazy("Choose a poster"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/*"}),
        help_text=gettext_lazy("The picture that readers see until they play the film."),
    )

    remove_poster = forms.BooleanField(
        label=gettext_lazy("Remove the poster"),
        required=False,
        help_text=gettext_lazy("Readers then see what their browser shows of the film: one of its frames, or nothing."),
    )

    class Meta:
        model = Media
        fields = ["title", "alt", "decorative", "caption", "focus_x", "focus_y"]
        labels = {"decorative": gettext_lazy("Decorative: it adds nothing to the text, and screen readers skip it")}
        widgets = {"caption": forms.Textarea(attrs={"rows": 2}), "alt": forms.Textarea(attrs={"rows": 2})}
        help_texts = {
            "alt": gettext_lazy(
                "Describes the picture to people who cannot see it. Posts can use a text of their own."
            ),
            "decorative": gettext_lazy("Saving then empties the alternative text."),
        }

    def store_poster(self):
        """Stores the chosen poster, or removes the one that is there. Answers whether it was not refused."""
        film, chosen = self.instance, self.cleaned_data["new_poster"]
        if chosen and film.is_film:
            try:
                uploads.store_poster(film, chosen)
            except uploads.Refused as refusal:
                self.add_error("new_poster", refusal.reason)
        elif self.cleaned_data["remove_poster"] and film.poster:
            uploads.remove_poster(film)
        return not self.errors

    def clean(self):
        """A form without the focus point, such as that of the write page, leaves it where it is. What is decorative
        has no alternative text."""
        cleaned = super().clean()
        if cleaned.get("decorative"):
            cleaned["alt"] = ""
        return cleaned | {
            name: getattr(self.instance, name)
            for name in ("focus_x", "focus_y")
            if name not in self.errors and cleaned.get(name) is None
        }


@at_the_desk("blog.upload")
@require_http_methods(["GET", "HEAD", "POST"])
def library(request):
    form = UploadForm()
    if request.method == "POST":
        form = UploadForm(request.POST, request.FILES)
        taken = store_uploads(form, request.user) if form.is_valid() else []
        if not request.accepts("text/html"):
            return with_retry_after(upload_response(taken, form), form)
        if taken:
            notice = ngettext("%d file is in the library.", "%d files are in the library.", len(taken))
            messages.success(request, notice % len(taken))
        for media in taken:
            if media.upload_notice:
                messages.warning(request, media.upload_notice)
        if not form.errors:
            return redirect("desk_file", pk=taken[0].pk) if len(taken) == 1 else redirect("desk_media")
    if asked := request.GET.getlist("decorative")[:MOST_ASKED]:
        return JsonResponse({"decorative": decorative_names(asked, request.user)})
    words, show = tidy_line(request.GET.get("q", ""))[:200], request.GET.get("show")
    show = show if show in MEDIA_FILTERS else "all"
    found = MEDIA_FILTERS[show][1](Media.objects.visible_to(request.user).kept().matching(words))
    if not request.accepts("text/html"):
        return offered(found, request.GET.get("page"))
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    filters = [(name, label) for name, (label, _narrow) in MEDIA_FILTERS.items()]
    trashed = Media.objects.visible_to(request.user).trashed().filter(pk=row_id(request.GET.get("done"))).first()
    context = {"form": form, "page": page, "words": words, "show": show, "filters": filters, "done_file": trashed}
    context |= places(request, page, is_done=bool(trashed)) | {
        "strip_message": said_of_trashed(trashed) if trashed else ""
    }
    answer = render(request, "desk/media.html", context, status=422 if form.errors else 200)
    return with_retry_after(answer, form)


def decorative_names(names, user):
    """Which of these files are decorative, for the pictures in the editor."""
    found = Media.objects.visible_to(user).filter(name__in=names, decorative=True)
    return list(found.order_by().values_list("name", flat=True))


def offered(found, number):
    """JSON for the picture dialog of the write page: one page of the files, newest first."""
    page = Paginator(found, PER_DIALOG_PAGE).get_page(number)
    listed = {"files": [facts(media) for media in page], "page": page.number, "pages": page.paginator.num_pages}
    return JsonResponse(listed)


def with_retry_after(answer, form):
    """Add Retry-After if the server was busy, and make a 422 a 503."""
    if form.is_busy:
        answer["Retry-After"] = str(RETRY_SECONDS)
        answer.status_code = 503 if answer.status_code == 422 else answer.status_code
    return answer


def store_uploads(form, by):
    """Store each file on its own: a refused one does not affect the others."""
    taken, files = [], form.cleaned_data["files"]
    key = form.cleaned_data["key"] if len(files) == 1 else ""
    for upload in files:
        try:
            taken.append(uploads.store_upload(upload, by, key))
        except uploads.Refused as refusal:
            form.add_error(None, refusal.reason)
            form.is_busy = form.is_busy or isinstance(refusal, uploads.Busy)
    return taken


def upload_response(taken, form):
    """JSON for the write page's script: the stored files, and why others were refused."""
    refused = [str(error) for errors in form.errors.values() for error in errors]
    return JsonResponse({"taken": [facts(media) for media in taken], "refused": refused}, status=200 if taken else 422)


def facts(media):
    return {
        "pk": media.pk,
        "title": media.title,
        "alt": media.alt,
        "decorative": media.decorative,
        "caption": media.caption,
        "picture": media.is_picture,
        "lacks_poster": media.lacks_poster,
        "poster_url": media.poster_url,
        "notice": media.upload_notice,
        "url": media.get_absolute_url(),
        "small_url": media.small_url if media.is_picture else "",
        "markdown": media.markdown,
        "edit_url": reverse("desk_file", args=[media.pk]),
    }


def file_for(user, pk, *, to_change=False):
    """A file that this user may see. Raises PermissionDenied if it is to be changed and the user may not."""
    media = get_object_or_404(Media.objects.visible_to(user), pk=pk)
    if to_change and not user.has_perm("blog.change_file", media):
        raise PermissionDenied
    return media


@at_the_desk("blog.upload")
@require_http_methods(["GET", "HEAD", "POST"])
def file(request, pk):
    """One file: how to show it in a post, its description, and the posts that use it."""
    media = file_for(request.user, pk, to_change=request.method == "POST")
    if request.method == "POST" and "frame" in request.FILES:
        return take_frame(media, request.FILES["frame"])
    form = MediaForm(request.POST or None, request.FILES or None, instance=media)
    if request.method == "POST" and form.is_valid() and form.store_poster():
        form.save()
        media.queue_post_updates()
        if not request.accepts("text/html"):
            return JsonResponse(facts(media))
        messages.success(request, _("Saved."))
        return redirect("desk_file", pk=pk)
    may_change = request.user.has_perm("blog.change_file", media)
    context = {"form": form, "media": media, "posts": media.posts_for(request.user), "may_change": may_change}
    return render(request, "desk/file.html", context, status=422 if form.errors else 200)


def take_frame(film, frame):
    """The frame of a film that a browser has taken by itself; it takes no poster's place. Answers in JSON."""
    if film.lacks_poster:
        try:
            uploads.store_poster(film, frame)
        except uploads.Refused as refusal:
            return JsonResponse({"refused": [refusal.reason]}, status=422)
        film.queue_post_updates()
    return JsonResponse(facts(film))


def said_of_trashed(media):
    return _("“%s” is in the trash. You can restore it there.") % isolated(media)
