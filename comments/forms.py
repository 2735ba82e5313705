import re
from html import unescape

from django import forms
from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from blog import markup
from comments.models import Comment, DiscussionSettings
from comments.models.comment import MAX_LENGTH, render_html
from core.email_addresses import is_deliverable
from core.form_fields import EmailAddressField, LineField, WebsiteField
from core.text import tidy, visible

# Markup that may render to nothing. If there is other text, the comment need not be rendered to know it is not empty.
INVISIBLE_MARKUP = re.compile(r"&#?\w+;|\]\([^()]*\)|<[^<>]*>|(?:`{3,}|~{3,})\w*|[^\w\s]")
# Control characters except tabs and line breaks of every kind.
CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")


def has_visible_text(text):
    """Whether the text renders to anything visible; `> `, an empty fence, `&nbsp;` and a Hangul filler do not."""
    if len(visible(INVISIBLE_MARKUP.sub("", text))) > 1:
        return True
    return bool(visible(unescape(strip_tags(markup.render(text, markup.COMMENT).html))))


class CommentForm(forms.Form):
    """The comment form below a post. After an error, it is shown again with the typed text."""

    comment = forms.CharField(required=False, strip=False)
    email = EmailAddressField(
        required=False,
        max_length=254,
        error_messages={"invalid": gettext_lazy("Please enter a valid email address, such as ann@example.org.")},
    )
    author = LineField(
        required=False,
        max_length=245,
        error_messages={"max_length": gettext_lazy("This name is too long: it has more than 245 characters.")},
    )
    url = WebsiteField(
        required=False,
        max_length=400,
        error_messages={"invalid": gettext_lazy("Please enter the address of a website, such as example.org.")},
    )
    parent = forms.IntegerField(required=False, widget=forms.HiddenInput, min_value=1, max_value=2**63 - 1)
    consent = forms.BooleanField(required=False)
    subscribe = forms.BooleanField(required=False)
    subscribe_blog = forms.BooleanField(required=False)
    honeypot = forms.CharField(required=False)
    draft = forms.CharField(required=False, widget=forms.HiddenInput)

    # The honeypot's name in HTML: bots would avoid a field of that name.
    NAMES = {"honeypot": "subject"}
    NO_TEXT = gettext_lazy("Please type your comment text.")
    TOO_LONG = gettext_lazy("A comment may have %(most)s characters; yours has %(number)s.")

    def __init__(self, data=None, *, post, user, **kwargs):
        self.post, self.user = post, user
        self.settings = DiscussionSettings.now()
        self.had_controls = []
        super().__init__(self.without_controls(data), **kwargs)

    def add_prefix(self, field_name):
        return self.NAMES.get(field_name, field_name)

    def without_controls(self, data):
        """The data without control characters, which HTML cannot show; `had_controls` lists the fields with some."""
        if data is None:
            return None
        fields = ("comment", "author", "email", "url", "parent", "subject", "draft")
        self.had_controls = [name for name in fields if CONTROLS.search(data.get(name, ""))]
        clean = data.copy() if self.had_controls else data
        for name in self.had_controls:
            clean[name] = CONTROLS.sub("", data[name])
        return clean

    @property
    def requires_name_email(self):
        return not self.user.is_authenticated and self.settings.require_name_email

    @property
    def typed(self):
        """The comment's text as submitted, to be shown again."""
        return (self.data.get("comment", "") if self.is_bound else self.initial.get("comment")) or ""

    def clean_comment(self):
        text = tidy(self.cleaned_data["comment"]).strip("\n").rstrip()
        if not has_visible_text(text):
            raise forms.ValidationError(self.NO_TEXT)
        if len(text) > MAX_LENGTH:
            raise forms.ValidationError(self.TOO_LONG % {"most": f"{MAX_LENGTH:,}", "number": f"{len(text):,}"})
        return text

    def clean_author(self):
        """The name, or "" if it has only invisible characters."""
        return self.cleaned_data["author"] if visible(self.cleaned_data["author"]) else ""

    def clean_parent(self):
        """The comment that this one replies to, which must be approved and on the same post."""
        number = self.cleaned_data["parent"]
        if number is None:
            return None
        parent = Comment.objects.on(self.post).approved().filter(pk=number).select_related("thread").first()
        if parent is None:
            self.data = self.data.copy()
            self.data["parent"] = ""
            raise forms.ValidationError(
                _("The comment you are replying to no longer exists. Post yours again to publish it as a new comment.")
            )
        return parent

    def clean(self):
        if self.requires_name_email:
            if not self.cleaned_data.get("email") and "email" not in self.errors:
                self.add_error("email", _("Please enter your email address."))
            if not self.cleaned_data.get("author") and "author" not in self.errors:
                self.add_error("author", _("Please enter your name."))
        for name in self.had_controls:
            field = {"subject": "honeypot"}.get(name, name)
            self.add_error(
                field if field in self.fields.keys() & {"comment", "author", "email", "url"} else None,
                _("Some characters could not be shown and were removed. Please check your text, and post it again."),
            )
        return self.cleaned_data

    def as_comment(self, person):
        """The unsaved Comment. For a logged-in user, name, email and website come from the account, not the form."""
        said = self.cleaned_data
        if self.user.is_authenticated:
            name, email, url = self.user.name, self.user.email or "", self.user.website
        else:
            name, email, url = said["author"], said["email"], said["url"]
        comment = Comment(
            post=self.post, parent=said["parent"], person=person, text=said["comment"], name=name, email=email, url=url
        )
        comment.set_html(*self.rendered)
        return comment

    def prepare(self):
        """Render the HTML before the transaction, to keep the database lock short."""
        text = tidy(self.cleaned_data["comment"])
        self.rendered = text, render_html(text)


class EditedForm(CommentForm):
    """The form for editing one's own comment, which does not ask for name and email."""

    requires_name_email = False


class ContactForm(CommentForm):
    """The contact form of a page: a name, an address for the answer, and the text. The fields have the names of the
    comment form, so that script, rules and honeypot are the same."""

    NO_TEXT = gettext_lazy("Please type your message.")
    TOO_LONG = gettext_lazy("A message may have %(most)s characters; yours has %(number)s.")

    def __init__(self, data=None, **kwargs):
        super().__init__(data, auto_id="contact_%s", **kwargs)
        for name in ("url", "parent", "consent", "subscribe", "subscribe_blog", "draft"):
            del self.fields[name]
        self.order_fields(["author", "email", "comment"])  # as on the page, for the list of errors

    @property
    def requires_name_email(self):
        return not self.user.is_authenticated

    @property
    def asks_address(self):
        """Whether the sender types an address: guests do, and accounts whose own takes no email."""
        return not (self.user.is_authenticated and is_deliverable(self.user.email))

    def clean_email(self):
        address = self.cleaned_data["email"]
        if address and self.asks_address and not is_deliverable(address):
            raise forms.ValidationError(_("Emails to this address cannot be delivered. Please enter another."))
        return address

    def clean(self):
        said = super().clean()
        if self.user.is_authenticated and self.asks_address and not ("email" in self.errors or said.get("email")):
            self.add_error("email", _("Please enter your email address."))
        return said

    def as_comment(self, person):
        """The unsaved comment that the rules judge in place of the message."""
        said = self.cleaned_data
        name = self.user.name if self.user.is_authenticated else said["author"]
        email = said["email"] if self.asks_address else self.user.email
        comment = Comment(post=self.post, person=person, text=said["comment"], name=name, email=email)
        comment.set_html(*self.rendered)
        return comment


class SubscribeForm(forms.Form):
    """The form to subscribe to new posts."""

    email = EmailAddressField(
        label=gettext_lazy("Email address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "required": gettext_lazy("Please enter your email address."),
            "invalid": gettext_lazy("Please enter a valid email address, such as ann@example.org."),
        },
    )
    honeypot = forms.CharField(required=False)

    def clean_email(self):
        address = self.cleaned_data["email"]
        if not is_deliverable(address):
            raise forms.ValidationError(
                gettext_lazy("Emails to this address cannot be delivered. Please enter another.")
            )
        return address

    def add_prefix(self, field_name):
        return CommentForm.NAMES.get(field_name, field_name)
