"""The actions of the write page's buttons, one method each."""

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from blog import link_cards
from blog.desk import autosave
from blog.desk.revisions import differences
from blog.jobs import fetch_link_cards
from blog.models import Post, Revision
from blog.models.reading_settings import reading
from blog.models.secret_link import SecretLink
from core import dates
from core.row_ids import row_id
from core.text import isolated, tidy

# The values of the buttons; any other value ("update") saves.
ACTIONS = {
    *("save", "publish", "publish-now", "submit", "share", "unshare", "preview", "publish-checks"),
    *("overwrite", "keep", "discard", "trash"),
}


class WriteActions:
    """Performs the action of the button and builds the response.

    `run` performs the action in the transaction that has locked the post, and returns a method that builds the response
    after the transaction. `page(request, form, **context)` renders the write page again.
    """

    def __init__(self, request, form, page):
        self.request, self.form, self.page = request, form, page
        self.post, self.by = form.instance, request.user
        self.over = None  # the newer revision that the user has seen and replaces
        self.wanted = request.POST.get("action", "save")

    def run(self):
        return getattr(self, self.wanted.replace("-", "_") if self.wanted in ACTIONS else "save")()

    # The actions

    def save(self):
        return self.refusal() or self.store()

    def publish(self):
        return self.refusal(publishes=True) or self.store(then=lambda: self.post.publish(by=self.by))

    publish_now = publish

    def submit(self):
        return self.refusal() or self.store(then=lambda: self.post.withdraw(Post.Status.PENDING))

    def share(self):
        return self.refusal() or self.store(
            besides=lambda: SecretLink.objects.get_or_create(post=self.post, defaults={"by": self.by})
        )

    def unshare(self):
        return self.refusal() or self.store(besides=lambda: SecretLink.objects.filter(post=self.post).delete())

    def preview(self):
        return self.refusal() or self.store(answer=lambda: redirect("desk_post_preview", pk=self.post.pk))

    def publish_checks(self):
        return self.refusal() or self.store(answer=lambda: redirect("desk_post_checks", pk=self.post.pk))

    def overwrite(self):
        """Replace the newer text: `over` is its revision, `wanted` the button that was pressed first."""
        self.over, self.wanted = row_id(self.form.data.get("over")), self.form.data.get("wanted", "save")
        return self.save() if self.wanted in {"overwrite", "trash"} else self.run()

    def keep(self):
        """Store the texts as unpublished changes until “Update” is pressed; readers see the old text. A post that is
        not public yet is simply saved."""
        if not self.post.pk:
            return self.save()
        if refused := self.refusal():
            return refused
        self.post.store_as_revision(self.by, kind=Revision.Kind.KEPT, **self.form.texts())
        autosave.is_saved(self.form, self.by)
        return self.kept

    def discard(self):
        """Discard the unpublished changes; they stay as a revision."""
        if not self.post.pk:
            return self.save()
        if refused := self.refusal():
            return refused
        post = Post.objects.get(pk=self.post.pk)
        post.store_as_revision(self.by, **self.form.texts())
        post.discard_unpublished(self.by)
        autosave.is_saved(self.form, self.by)
        return self.discarded

    def trash(self):
        if not (self.post.pk and self.by.has_perm("blog.delete_post", self.post)):
            return self.save()
        self.post.store_as_revision(self.by, **self.form.texts())
        self.post.refresh_from_db()
        self.post.trash()
        autosave.is_saved(self.form, self.by)
        return self.trashed

    # Shared steps

    def refusal(self, *, publishes=False):
        """The response method if the form cannot be saved as it is, otherwise None."""
        if not self.form.is_valid():
            return self.invalid
        if publishes and not self.by.has_perm("blog.publish_post", self.post):
            self.form.add_error(
                None, _("You may write this post, but an editor has to publish it: submit it for review.")
            )
            return self.invalid
        if self.form.is_stale(self.over):
            self.post.store_as_revision(self.by, **self.form.texts())
            return self.stale
        return None

    def store(self, *, then=None, besides=None, answer=None):
        """Save the form. `then` changes the status, for buttons that do; `besides` runs last."""
        post, form = self.post, self.form
        was_trash = post.status == Post.Status.TRASH
        if was_trash:
            post.trashed_from = Post.Status.DRAFT
            post.restore()
        was_scheduled = post.is_scheduled
        form.keep(self.by)
        autosave.is_saved(form, self.by)
        if then:
            then()
        elif was_scheduled and not post.is_scheduled and not form.changes_status():
            post.publish(by=self.by)
        elif form.changes_status() and not was_trash:
            post.withdraw(form.cleaned_data["status"])
        if besides:
            besides()
        if link_cards.addresses_in(post.html) and reading().link_cards:
            fetch_link_cards.enqueue(post.pk)
        return answer or self.saved

    # Responses

    def saved(self):
        messages.success(self.request, what_happened(self.post))
        for new, old in self.form.similar_tags:
            said = _("The tag “%(new)s” is new. There is “%(old)s” already.")
            messages.warning(self.request, said % {"new": isolated(new), "old": isolated(old)})
        return redirect("desk_post", pk=self.post.pk)

    def kept(self):
        if self.post.is_scheduled:
            messages.success(self.request, _("Saved as a draft. The earlier text is still scheduled."))
        else:
            messages.success(self.request, _("Saved as a draft. Readers still see the earlier text."))
        if others := self.form.other_changed_fields():
            said = _("Not kept with it: %s. A draft of changes contains only the text; “Update” saves everything.")
            messages.warning(self.request, said % ", ".join(others))
            return self.page(self.request, self.form)
        return redirect("desk_post", pk=self.post.pk)

    def discarded(self):
        messages.success(self.request, _("Discarded. The changes are kept as a revision."))
        return redirect("desk_post", pk=self.post.pk)

    def trashed(self):
        messages.success(self.request, _("Moved to the trash. You can restore it there."))
        return redirect("desk_pages" if self.post.kind == Post.Kind.PAGE else "desk_posts")

    def invalid(self):
        return self.page(self.request, self.form, status=403 if self.form.errors.get("__all__") else 422)

    def stale(self):
        """Somebody saved another text meanwhile: show both and let the user choose."""
        newer = self.post.newest_revision
        mine = Revision(**{name: tidy(text) for name, text in self.form.texts().items()})
        context = {"newer": newer, "wanted": self.wanted, "differences": differences(newer, mine)}
        return self.page(self.request, self.form, status=409, **context)


def what_happened(post):
    if post.is_scheduled:
        moment = dates.short_day_and_time(post.publish_at)
        if post.was_public:
            return _("Saved. Scheduled for: %s. Until then readers do not see it.") % moment
        return _("Saved. Scheduled for: %s") % moment
    if post.status == Post.Status.PUBLISHED:
        if post.visibility == Post.Visibility.PRIVATE:
            return _("Saved. Privately published: only you and the editors can see it.")
        return _("Saved. It is published.")
    if post.status == Post.Status.PENDING:
        return _("Saved. It is pending review.")
    return _("Draft saved.")
