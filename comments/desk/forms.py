import re
from urllib.parse import urlsplit

from django import forms
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from blog.models import Post
from comments import telling
from comments.models import Comment, Discussion, Person
from comments.models.comment import LONGEST
from ground.fields import Address, Line, Website
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
        """Approve the comment and store the answer, once; the decision, if one was to be made."""
        with transaction.atomic():
            decision = self.comment.approve(self.user)
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
            if answer.twin() is None:  # a button that is pressed twice is one answer
                answer.save()
                telling.make_known([answer.pk])
        return decision


class EditForm(forms.Form):
    """What a comment says, and who is said to say it."""

    text = forms.CharField(
        label=_("Text"), widget=forms.Textarea(attrs={"rows": 10}), max_length=LONGEST, strip=False,
        error_messages={"required": _("A comment needs a text. To take it away, put it into the trash.")},
    )  # fmt: skip
    name = Line(label=_("Name"), max_length=245, required=False)
    email = Address(label=_("E-mail"), max_length=254, required=False)
    url = Website(label=_("Website"), max_length=400, required=False)

    def __init__(self, *args, comment, **kwargs):
        said = {name: getattr(comment, name) for name in ("text", "name", "email", "url")}
        super().__init__(*args, initial=said, **kwargs)

    def clean_text(self):
        text = tidy(self.cleaned_data["text"]).strip("\n").rstrip()
        if not text:
            raise forms.ValidationError(self.fields["text"].error_messages["required"])
        return text


class MoveForm(forms.Form):
    """Where a comment shall stand. The answered comment, if one is named, says on which post."""

    post = forms.CharField(
        label=_("The post"),
        max_length=1200,
        help_text=_("Its address or its number."),
        widget=forms.TextInput(attrs={"list": "recent-posts"}),
    )
    parent = forms.CharField(
        label=_("The comment that it answers"),
        max_length=1200,
        required=False,
        help_text=_("Its number or its address. Empty if it answers the post."),
    )

    def __init__(self, *args, comment, user, **kwargs):
        here = {"post": comment.post.get_absolute_url(), "parent": comment.parent_id or ""}
        super().__init__(*args, initial=here, **kwargs)
        self.comment, self.user = comment, user

    def clean_post(self):
        words = self.cleaned_data["post"].strip()
        posts = Post.objects.visible_to(self.user)
        path = urlsplit(words).path.strip("/")
        post = posts.filter(pk=words).first() if is_number(words) else posts.filter(path=f"/{path}/").first()
        if post is None:
            raise forms.ValidationError(_("There is no such post. Copy its address from the browser."))
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
            raise forms.ValidationError(_("It cannot answer itself, nor one of its own answers."))
        return parent

    def clean(self):
        if parent := self.cleaned_data.get("parent"):
            self.cleaned_data["post"] = parent.post
            self.errors.pop("post", None)
        return self.cleaned_data


def is_number(words):
    return words.isascii() and words.isdigit() and len(words) < 19


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
            "close_quietly",
            "flood_seconds",
            "thread_depth",
            "comments_per_page",
            "order",
            "mail_held",
            "mail_published",
            "mail_weekly",
            "edit_minutes",
            "facts_days",
        ]
        widgets = {
            "moderation_keys": forms.Textarea(attrs={"rows": 5}),
            "disallowed_keys": forms.Textarea(attrs={"rows": 5}),
        }

    # Left empty, these stay as they were.
    STAYING = ("flood_seconds", "edit_minutes", "facts_days")

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
