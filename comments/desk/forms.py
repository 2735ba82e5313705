from django import forms
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from comments.models import Comment, Discussion, Person
from comments.models.comment import LONGEST
from ground.words import tidy


class ReplyForm(forms.Form):
    """The owner's answer to a comment, given at the desk."""

    text = forms.CharField(
        label=_("Your answer"),
        widget=forms.Textarea(attrs={"rows": 6}),
        max_length=LONGEST,
        strip=False,
        error_messages={"required": _("Please type your answer.")},
    )

    def __init__(self, *args, comment, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.comment, self.user = comment, user

    def clean_text(self):
        text = tidy(self.cleaned_data["text"]).strip("\n").rstrip()
        if not text:
            raise forms.ValidationError(self.fields["text"].error_messages["required"])
        return text

    def save(self):
        """Approve the comment and store the answer; the decision, if one was to be made."""
        with transaction.atomic():
            decision = self.comment.approve(self.user)
            Comment.objects.create(
                post=self.comment.post,
                parent=self.comment,
                person=Person.objects.of_account(self.user),
                state=Comment.State.APPROVED,
                text=self.cleaned_data["text"],
                name=self.user.name,
                email=self.user.email or "",
                url=self.user.website,
            )
        return decision


class DiscussionForm(forms.ModelForm):
    class Meta:
        model = Discussion
        fields = [
            "previously_approved",
            "manual_approval",
            "link_limit",
            "moderation_keys",
            "disallowed_keys",
            "require_name_email",
            "must_log_in",
            "close_after_days",
            "thread_depth",
            "comments_per_page",
            "order",
            "mail_held",
        ]
        widgets = {
            "moderation_keys": forms.Textarea(attrs={"rows": 5}),
            "disallowed_keys": forms.Textarea(attrs={"rows": 5}),
        }

    def clean_moderation_keys(self):
        return tidy(self.cleaned_data["moderation_keys"])

    def clean_disallowed_keys(self):
        return tidy(self.cleaned_data["disallowed_keys"])
