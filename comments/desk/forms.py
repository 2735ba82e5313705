import re
from urllib.parse import urlsplit

from django import forms
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from blog.models import Post
from comments.forms import has_visible_text
from comments.models import Comment, DiscussionSettings, ModerationAction, Person
from comments.models.comment import MAX_LENGTH, render_html
from comments.notifications import replies
from core.form_fields import EmailAddressField, LineField, WebsiteField
from core.row_ids import row_id
from core.text import tidy


class ReplyForm(forms.Form):
    """A moderator's reply to a comment."""

    text = forms.CharField(
        label=_("Your reply"),
        widget=forms.Textarea(attrs={"rows": 6}),
        max_length=MAX_LENGTH,
        strip=False,
        error_messages={"required": _("Please type your reply.")},
    )

    rendered = None  # (the text, its HTML)

    def __init__(self, *args, comment, user, focused=False, **kwargs):
        super().__init__(*args, **kwargs)
        self.comment, self.user = comment, user
        # The key under which the browser stores the typed text (static/js/desk/reply-drafts.js).
        self.fields["text"].widget.attrs["data-answers"] = f"{user.pk}.{comment.pk}"
        if focused:
            self.fields["text"].widget.attrs["autofocus"] = True

    def clean_text(self):
        text = tidy(self.cleaned_data["text"]).strip("\n").rstrip()
        if not has_visible_text(text):
            raise forms.ValidationError(self.fields["text"].error_messages["required"])
        return text

    def prepare(self):
        """Render the HTML. Call before opening a transaction around `save`, to keep the database lock short."""
        if self.rendered is None:
            self.rendered = self.cleaned_data["text"], render_html(self.cleaned_data["text"])

    def save(self):
        """Approve the comment and save the reply, unless an equal one exists. Returns the ModerationAction, or None if
        nothing changed."""
        self.prepare()
        with transaction.atomic():
            answer = self.answer()
            answer.set_html(*self.rendered)
            if answer.duplicate():  # submitted twice
                return self.comment.approve(self.user)
            answer.save()
            taken_along = {"replies": [answer.pk], "comments": [self.comment.pk]}
            if self.comment.is_approved:
                what, comments = ModerationAction.What.REPLY, Comment.objects.none()
            else:
                what, comments = ModerationAction.What.APPROVE, self.comment.itself
            decision = self.comment.decided(
                ModerationAction.take(what, comments, by=self.user, side_effects=taken_along)
            )
            replies.notify_approved([answer.pk], wait=replies.undo_time())
        return decision

    def answer(self):
        answer = Comment(
            post=self.comment.post,
            parent=self.comment,
            person=Person.objects.of_account(self.user),
            state=Comment.State.APPROVED,
            text=self.cleaned_data["text"],
            name=self.user.name,
            email=self.user.email or "",
            url=self.user.website,
        )
        answer.sign(writer=f"account {self.user.pk}")
        return answer


class EditForm(forms.Form):
    """The text, name, email and website of a comment."""

    text = forms.CharField(
        label=_("Text"), widget=forms.Textarea(attrs={"rows": 10}), max_length=MAX_LENGTH, strip=False,
        error_messages={"required": _("A comment cannot be empty. To remove it, move it to the trash.")},
    )  # fmt: skip
    name = LineField(label=_("Name"), max_length=245, required=False)
    email = EmailAddressField(label=_("Email"), max_length=254, required=False)
    url = WebsiteField(label=_("Website"), max_length=400, required=False)

    def __init__(self, *args, comment, **kwargs):
        said = {name: getattr(comment, name) for name in ("text", "name", "email", "url")}
        super().__init__(*args, initial=said, **kwargs)

    def clean_text(self):
        text = tidy(self.cleaned_data["text"]).strip("\n").rstrip()
        if not has_visible_text(text):
            raise forms.ValidationError(self.fields["text"].error_messages["required"])
        return text


class MoveForm(forms.Form):
    """The new post and parent of a comment. If a parent is given, its post is used."""

    post = forms.CharField(
        label=_("The post"),
        max_length=1200,
        help_text=_("Its URL or ID."),
        widget=forms.TextInput(attrs={"list": "recent-posts"}),
    )
    parent = forms.CharField(
        label=_("In reply to"),
        max_length=1200,
        required=False,
        help_text=_("The ID or URL of a comment. Leave empty if it replies to the post."),
    )

    def __init__(self, *args, comment, user, **kwargs):
        here = {"post": comment.post.get_absolute_url(), "parent": comment.parent_id or ""}
        super().__init__(*args, initial=here, **kwargs)
        self.comment, self.user = comment, user

    def clean_post(self):
        words = self.cleaned_data["post"].strip()
        posts = Post.objects.visible_to(self.user)
        path = urlsplit(words).path.strip("/")
        post = posts.filter(pk=words).first() if row_id(words) is not None else posts.filter(path=f"/{path}/").first()
        if post is None:
            raise forms.ValidationError(_("There is no such post. Copy its URL from the browser."))
        return post

    def clean_parent(self):
        words = self.cleaned_data["parent"].strip()
        if not words:
            return None
        number = re.search(r"(?:#comment-|/comments/to/|^)(\d{1,18})/?$", words, re.ASCII)
        parent = Comment.objects.untrashed().filter(pk=number[1]).select_related("post").first() if number else None
        if parent is None or not Post.objects.visible_to(self.user).filter(pk=parent.post_id).exists():
            raise forms.ValidationError(_("There is no such comment."))
        if parent.pk in self.comment.branch():
            raise forms.ValidationError(_("A comment cannot reply to itself or to one of its own replies."))
        return parent

    def clean(self):
        if parent := self.cleaned_data.get("parent"):
            self.cleaned_data["post"] = parent.post
            self.errors.pop("post", None)
        return self.cleaned_data


class DiscussionForm(forms.ModelForm):
    class Meta:
        model = DiscussionSettings
        fields = [
            "previously_approved",
            "manual_approval",
            "link_limit",
            "moderation_keys",
            "disallowed_keys",
            "reserved_names",
            "require_name_email",
            "must_log_in",
            "close_after_days",
            "close_quietly",
            "hold_in_waves",
            "flood_seconds",
            "thread_depth",
            "comments_per_page",
            "order",
            "mail_held",
            "mail_published",
            "mail_messages",
            "mail_weekly",
            "undo_seconds",
            "edit_minutes",
            "facts_days",
        ]
        widgets = {
            "moderation_keys": forms.Textarea(attrs={"rows": 5}),
            "disallowed_keys": forms.Textarea(attrs={"rows": 5}),
            "reserved_names": forms.Textarea(attrs={"rows": 3}),
        }

    # Fields that keep their value if left empty.
    STAYING = ("flood_seconds", "undo_seconds", "edit_minutes", "facts_days")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in self.STAYING:
            self.fields[name].required = False

    def clean(self):
        for name in self.STAYING:
            if self.cleaned_data.get(name) is None:
                self.cleaned_data[name] = getattr(self.instance, name)
        return super().clean()

    def clean_moderation_keys(self):
        return tidy(self.cleaned_data["moderation_keys"])

    def clean_disallowed_keys(self):
        return tidy(self.cleaned_data["disallowed_keys"])

    def clean_reserved_names(self):
        return tidy(self.cleaned_data["reserved_names"])
