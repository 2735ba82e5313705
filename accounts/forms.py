from allauth.account.forms import ResetPasswordForm
from allauth.account.models import EmailAddress
from allauth.core.internal.cryptokit import compare_user_code
from django import forms
from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import validate_password
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _

from accounts import roles
from accounts.avatars import MAX_BYTES, OWN, store_avatar
from accounts.models import Invitation, LastOwner, free_handle
from core.email_addresses import normalize_email
from core.form_fields import EmailAddressField, LineField, WebsiteField
from core.text import tidy, tidy_line, visible


class PasswordResetForm(ResetPasswordForm):
    """Does the same work for an unknown address as for a known one, so that the response time tells nothing."""

    email = EmailAddressField(
        label=_("Email"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )

    def clean_email(self):
        email = normalize_email(self.cleaned_data["email"])
        confirmed = EmailAddress.objects.filter(email=email, verified=True).select_related("user")
        confirmed, named = [address.user for address in confirmed], list(get_user_model().objects.filter(email=email))
        self.users = [user for user in confirmed or named if user.is_active]
        return email

    def save(self, request, **kwargs):
        if not self.users:
            self.users = [get_user_model()(pk=0, password="!")]
            EmailAddress.objects.filter(
                user_id=0, email=self.cleaned_data["email"]
            ).exists()  # the query that allauth makes for known addresses
        return super().save(request, **kwargs)


class AddressForm(forms.Form):
    """The email address to which a login code is sent."""

    email = EmailAddressField(
        label=_("Email"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"invalid": _("Please enter a valid email address, such as ann@example.org.")},
    )

    def clean_email(self):
        return normalize_email(self.cleaned_data["email"])


class CodeForm(forms.Form):
    """The code from an email; case and dashes are ignored."""

    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "spellcheck": "false", "autocapitalize": "off"}),
    )

    def __init__(self, *args, expected, **kwargs):
        self.expected = expected
        super().__init__(*args, **kwargs)

    def clean_code(self):
        if not compare_user_code(actual=self.cleaned_data["code"], expected=self.expected):
            raise forms.ValidationError(_("This is not the code in the latest email."))
        return self.cleaned_data["code"]


class NameForm(forms.ModelForm):
    """The name and website shown with a person's comments."""

    class Meta:
        model = get_user_model()
        fields = ["name", "website"]
        help_texts = {"name": _("Shown with everything you write.")}
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "name"})}

    website = WebsiteField(
        label=_("Website"),
        max_length=400,
        required=False,
        help_text=_("Your name leads there."),
        validators=[URLValidator(schemes=["https", "http"])],
        widget=forms.URLInput(attrs={"autocomplete": "url"}),
        error_messages={"invalid": _("Please enter the address of a website, such as example.org.")},
    )

    def clean_name(self):
        name = tidy_line(self.cleaned_data["name"])
        if not visible(name):
            raise forms.ValidationError(_("Please enter a name that can be seen."))
        return name


class InvitationForm(forms.ModelForm):
    """Invite somebody to a role."""

    class Meta:
        model = Invitation
        fields = ["email", "role"]
        field_classes = {"email": EmailAddressField}

    def clean_email(self):
        email = self.cleaned_data["email"]
        if get_user_model().objects.helpers().filter(email=normalize_email(email)).exists():
            raise forms.ValidationError(_("Somebody with this address works here already; see the list."))
        return normalize_email(email)


class HelperForm(forms.ModelForm):
    """A staff member's profile and role."""

    class Meta:
        model = get_user_model()
        fields = ["name", "handle", "bio", "website", "role", "is_active"]
        widgets = {"bio": forms.Textarea(attrs={"rows": 4})}
        help_texts = {
            "handle": _(
                "The last part of the address of their posts: /author/…/. The old address leads to the new one."
            ),
            "bio": _("Shown below their posts."),
            "is_active": _("Without it they cannot log in; what they wrote stays."),
        }

    website = WebsiteField(
        label=_("Website"),
        max_length=400,
        required=False,
        validators=[URLValidator(schemes=["https", "http"])],
    )
    portrait = forms.FileField(
        label=_("Picture"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".png,.jpg,.jpeg,.gif,.webp"}),
        help_text=_(
            "Shown with their comments, and below their posts if there is a text about them. It is cut to a square."
        ),
    )
    no_portrait = forms.BooleanField(label=_("Remove the picture"), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if not self.instance.picture:
            del self.fields["no_portrait"]

    def clean_portrait(self):
        """The picture as it is stored, or None."""
        given = self.cleaned_data["portrait"]
        if not given:
            return None
        from accounts import avatar_images  # Pillow is large, and only who brings a picture needs it

        if given.size > MAX_BYTES:
            raise forms.ValidationError(_("The picture may have 3 MB at most."))
        try:
            return avatar_images.render_avatar(given.read())
        except avatar_images.InvalidImage:
            raise forms.ValidationError(
                _("This is no picture that can be read. JPEG, PNG, GIF and WebP can, with up to 16 million pixels.")
            ) from None

    def save(self, *args, **kwargs):
        if self.cleaned_data["portrait"]:
            self.instance.picture, self.instance.picture_from = store_avatar(self.cleaned_data["portrait"]), OWN
        elif self.cleaned_data.get("no_portrait"):
            self.instance.picture, self.instance.picture_from = "", OWN
        return super().save(*args, **kwargs)

    def clean_name(self):
        return tidy_line(self.cleaned_data["name"])

    def clean_bio(self):
        return tidy(self.cleaned_data["bio"])

    def clean(self):
        said = super().clean()
        try:
            self.instance.may_become(said.get("role"), active=said.get("is_active"))
        except LastOwner:
            self.add_error("role", _("A blog needs an owner who can log in, and there is no other one."))
        if not said.get("handle") and "blog.write" in roles.TABLE.get(said.get("role"), {}):
            said["handle"] = free_handle(said.get("name", ""))
        return said


class JoinForm(forms.Form):
    """The name and password of somebody who accepts an invitation."""

    name = LineField(
        label=_("Your name"),
        max_length=120,
        help_text=_("Shown with everything you write."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    password = forms.CharField(
        label=_("Password"),
        help_text=_("At least eight characters. Four random words are strong and easy to remember."),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}, render_value=True),
    )

    def __init__(self, *args, email, **kwargs):
        self.email = email
        super().__init__(*args, **kwargs)

    def clean(self):
        said = super().clean()
        person = get_user_model()(email=self.email, name=said.get("name", ""))
        if "password" in said:
            try:
                validate_password(said["password"], person)
            except forms.ValidationError as error:
                self.add_error("password", error)
        return said
