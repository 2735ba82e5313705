"""The form of the write page: its fields, their validation, and saving it as a post."""

import datetime
import secrets

from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from blog import similar_tags
from blog.desk import comma_lists
from blog.desk.tag_field import TagField
from blog.models import Category, Media, Post, Series, Tag
from blog.models.reading_settings import reading
from blog.slugs import slugify
from core import languages
from core.form_fields import LanguageField, LineField, LocalDateTimeField, same_minute
from core.row_ids import row_id
from core.site import site
from core.text import fold, tidy, tidy_line

LONGEST_TEXT = 1_000_000
PICTURES_OFFERED = 50
TAGS_OFFERED = 500
MINUTES = "%Y-%m-%dT%H:%M"


class WriteForm(forms.ModelForm):
    """A post or a page. `keep(by)` saves the fields; the button decides whether the post is then published or
    withdrawn."""

    similar_tags = ()  # (new tag's name, similar existing tag) pairs

    base_revision = forms.IntegerField(required=False, widget=forms.HiddenInput)
    mark = forms.RegexField("^[0-9a-f]{32}$", required=False, widget=forms.HiddenInput)
    tag_names = TagField(widget=forms.TextInput(attrs={"list": "known-tags", "autocomplete": "off"}))
    # applies.css asks whether the placeholder is shown, that is whether something is typed.
    new_category = LineField(
        label=_("Add a new category"), required=False, max_length=200, widget=forms.TextInput({"placeholder": " "})
    )
    new_category_parent = forms.ModelChoiceField(
        Category.objects.order_by("route"), label=_("Parent category"), required=False, empty_label=_("(no parent)")
    )
    new_series = LineField(
        label=_("Start a new series"), required=False, max_length=200, widget=forms.TextInput({"placeholder": " "})
    )
    minor = forms.BooleanField(
        label=_("Minor edit"),
        required=False,
        help_text=_("Feeds and the date of the last change are not updated."),
    )
    status = forms.ChoiceField(label=_("Status"), required=False)
    when = forms.ChoiceField(
        label=_("Publish"),
        required=False,
        choices=[("now", _("Immediately")), ("date", _("On a date"))],
        widget=forms.RadioSelect,
    )
    publish_at = LocalDateTimeField(
        label=_("Date"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MINUTES),
        error_messages={"invalid": _("Enter a valid date and time, such as %(example)s.")},
    )
    link_url = forms.URLField(
        label=_("Link"),
        required=False,
        max_length=1000,
        assume_scheme="https",
        help_text=_("The address that a post in the Link format points to."),
    )
    language = LanguageField(
        label=_("Language"),
        required=False,
        help_text=_("Used for quotation marks, text direction, hyphenation and search."),
    )
    password = forms.CharField(
        label=_("Password"),
        required=False,
        max_length=200,
        strip=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    class Meta:
        model = Post
        fields = [
            "title",
            "source",
            "extended_markdown",
            "excerpt",
            "slug",
            "language",
            "format",
            "link_url",
            "visibility",
            "sticky",
            "comments_open",
            "contact_form",
            "categories",
            "series",
            "series_number",
            "featured",
            "parent",
            "menu_order",
            "author",
        ]
        widgets = {
            "title": forms.Textarea(attrs={"rows": 1, "class": "write__title", "placeholder": _("Title")}),
            "source": forms.Textarea(
                attrs={"rows": 20, "class": "write__text", "placeholder": _("Write here. Markdown works.")}
            ),
            "excerpt": forms.Textarea(attrs={"rows": 3}),
            "categories": forms.CheckboxSelectMultiple,
            "visibility": forms.RadioSelect,
        }
        help_texts = {
            "slug": _(
                "The last part of the address. Until the post is public, leave it empty to make it from the title."
            ),
            "extended_markdown": _(
                "Callouts, ==marked text==, $math$, :emoji:, x^2^, H~2~O, abbreviations and ^[footnotes in the text]."
            ),
            "excerpt": _("Shown in lists and by search engines. Leave empty to use the first words of the text."),
            "contact_form": _(
                "Readers can send you a message below the text. It is never public: it waits at the desk, and is "
                "emailed to you unless the discussion settings say otherwise."
            ),
            "series_number": _("Leave empty to order the parts by date; parts with a number come first."),
            "menu_order": _("Pages with smaller numbers come first in the menu."),
        }

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        post = self.instance
        self.fields["source"].strip = False  # leading spaces matter in Markdown: four make a code block
        self.fields["source"].validators.append(at_most(LONGEST_TEXT))
        self.fields["menu_order"].required = False
        self.fields["series"].empty_label = _("(no series)")
        self.fields["menu_order"].disabled = not user.has_perm("blog.edit_others")  # the menu belongs to the whole blog
        self.fields["format"].required = self.fields["visibility"].required = False
        self.fields["status"].choices = self.states()
        self.fields["publish_at"].help_text = self.about_dates()
        if post.password:
            self.fields["password"].help_text = _("Leave empty to keep the current one.")
        self.fields["language"].choices = self.languages()
        self.fields["featured"].queryset = Media.objects.visible_to(user).pictures()
        pages = Post.objects.visible_to(user).pages().in_status_filter("all")
        # The current author and parent may stay, even without the permission to write or as a draft.
        parents = Post.objects.filter(Q(pk__in=pages.values("pk")) | Q(pk=post.parent_id)).exclude(pk=post.pk)
        self.fields["parent"].queryset = parents.order_by("path")
        writers = get_user_model().objects.with_perm("blog.write")
        self.fields["author"].queryset = writers | get_user_model().objects.filter(pk=post.author_id)
        for name in set(self.not_offered()):
            del self.fields[name]
        self.initial |= self.initial_values()
        self.stored_before = self.stored_values() if post.pk and self.is_bound else None

    def states(self):
        """The statuses that can be chosen; publishing is done by a button."""
        states = [(state.value, state.label) for state in (Post.Status.DRAFT, Post.Status.PENDING)]
        if self.instance.status != Post.Status.PUBLISHED:
            return states
        label = _("Scheduled") if self.instance.is_scheduled else Post.Status.PUBLISHED.label
        return [(Post.Status.PUBLISHED.value, label), *states]

    def about_dates(self):
        """The help text of the date; docs/writing.md has the whole table."""
        if self.instance.is_scheduled:
            return _("It is published automatically on this date. “Publish now” does not wait.")
        if self.instance.status == Post.Status.PUBLISHED:
            return _("Leave empty to keep the date. With a date in the future, readers do not see it until then.")
        return _("A date in the future schedules the post.")

    def languages(self):
        """The blog's language, and all languages that have a known name."""
        names = dict(languages.choices())
        here = languages.canonical(site().language)
        return [("", _("As the blog: %s") % names.get(here, here)), *names.items()]

    def not_offered(self):
        """Names of the fields that this kind of post does not have, or that the user may not change."""
        if self.instance.kind == Post.Kind.PAGE:
            yield from ("categories", "new_category", "new_category_parent", "tag_names")
            yield from ("sticky", "format", "link_url", "series", "series_number", "new_series")
        else:
            yield from ("parent", "menu_order", "contact_form")
            if not self.user.has_perm("blog.manage_terms"):
                yield from ("new_category", "new_category_parent", "new_series")
            if not self.user.has_perm("blog.edit_others"):
                yield "sticky"
        if self.instance.status != Post.Status.PUBLISHED:
            yield "minor"
        else:
            yield "when"
        if not self.user.has_perm("blog.edit_others"):
            yield "author"
        if not self.user.has_perm("blog.publish_post"):
            yield from ("status", "when", "publish_at")

    def initial_values(self):
        post = self.instance
        newest = post.newest_revision if post.pk else None
        tags = self.fields.get("tag_names")
        return {
            "tag_names": tags.initial_value([tag.name for tag in post.tags.all()]) if tags and post.pk else [],
            "base_revision": newest.pk if newest else None,
            "mark": None if post.pk else secrets.token_hex(16),
            "slug": "" if post.slug_follows else post.slug,
            "status": post.status,
            "when": "date" if post.publish_at else "now",
            "publish_at": post.publish_at,
        }

    def show(self, data):
        """Fill the form with data submitted elsewhere, valid or not."""
        for name, field in self.fields.items():
            self.initial[name] = field.widget.value_from_datadict(data, {}, self.add_prefix(name))

    # Options

    def category_choices(self):
        """Every category as (checkbox, depth), each below its parent."""
        routes = dict(Category.objects.values_list("pk", "route"))
        boxes = [(box, routes.get(box.data["value"].value, "")) for box in self["categories"]]
        return [(box, route.count("/")) for box, route in sorted(boxes, key=lambda pair: pair[1])]

    def known_tags(self):
        """Tag names as they are written in the field: quoted if they contain a comma."""
        return map(comma_lists.quoted, Tag.objects.values_list("name", flat=True)[:TAGS_OFFERED])

    def pictures(self):
        """The newest pictures, newest first, and then the chosen one if it is older."""
        chosen = self["featured"].value()
        newest = list(Media.objects.visible_to(self.user).pictures().kept()[:PICTURES_OFFERED])
        if chosen and str(chosen) not in {str(picture.pk) for picture in newest} and row_id(str(chosen)):
            newest += Media.objects.visible_to(self.user).pictures().filter(pk=chosen)
        return newest

    # Validation

    def clean_mark(self):
        mark = self.cleaned_data["mark"]
        if not self.instance.pk and mark and Post.objects.filter(guid=guid_of(mark)).exists():
            raise ValidationError(_("This form was already used. Copy your text into a new one."))
        return mark

    def clean_title(self):
        return tidy_line(self.cleaned_data["title"])

    def clean_source(self):
        return tidy(self.cleaned_data["source"])

    def clean_excerpt(self):
        return tidy(self.cleaned_data["excerpt"])

    def clean_format(self):
        return self.cleaned_data["format"] or Post.Format.STANDARD

    def clean_visibility(self):
        return self.cleaned_data["visibility"] or Post.Visibility.PUBLIC

    def clean_menu_order(self):
        return self.cleaned_data["menu_order"] or 0

    def clean_link_url(self):
        link = self.cleaned_data["link_url"]
        if link and not link.startswith(("http://", "https://")):
            raise ValidationError(_("A link starts with http:// or https://."))
        return link

    def clean_new_category(self):
        name = tidy_line(self.cleaned_data["new_category"])
        if name and not fold(name):
            raise ValidationError(_("A name needs at least one letter or digit."))
        return name

    def clean_new_series(self):
        name = tidy_line(self.cleaned_data["new_series"])
        if name and not fold(name):
            raise ValidationError(_("A name needs at least one letter or digit."))
        return name

    def clean_slug(self):
        return slug_of(self.cleaned_data["slug"])

    def clean_publish_at(self):
        """The time to publish. The field shows minutes only: an unchanged minute keeps its seconds."""
        return self.moment_of(None if self.cleaned_data.get("when") == "now" else self.cleaned_data["publish_at"])

    def moment_of(self, moment):
        post, button = self.instance, self.button
        if button == "publish-now" or (button == "publish" and not moment and post.is_scheduled):
            return timezone.now()
        if moment:
            return post.publish_at if post.publish_at and same_minute(moment, post.publish_at) else moment
        if post.is_scheduled and button != "keep" and self.cleaned_data.get("status") == Post.Status.PUBLISHED:
            raise ValidationError(_("A scheduled post needs a date. To publish it immediately, press “Publish now”."))
        return post.publish_at if post.is_published else None

    @property
    def button(self):
        """The button that was pressed, or the one that led to the choice between two versions."""
        action = self.data.get("action")
        return self.data.get("wanted") if action == "overwrite" else action

    def clean_parent(self):
        above = self.cleaned_data["parent"]
        while above is not None:
            if above.pk == self.instance.pk:
                raise ValidationError(_("A page cannot be its own parent."))
            above = above.parent
        return self.cleaned_data["parent"]

    def clean(self):
        typed = super().clean()
        for name, value in self.not_applied(typed):
            if name in self.errors:
                del self.errors[name]
                typed[name] = value
        if not self.errors and not typed["title"] and not typed["source"].strip():
            self.add_error("source", _("Write a title or some text first."))
        if typed.get("format") == Post.Format.LINK and not typed.get("link_url") and "link_url" not in self.errors:
            self.add_error("link_url", _("A post in the Link format needs a link."))
        has_password = typed.get("password") or (self.instance.pk and self.instance.password)
        if typed.get("visibility") == Post.Visibility.PASSWORD and not has_password:
            self.add_error("password", _("Choose a password, or another visibility."))
        return typed

    def not_applied(self, typed):
        """Fields that mean nothing beside the other ones, and the values to take for what is invalid in them: the page
        does not show them (applies.css), so their errors stop no save."""
        post = self.instance
        if typed.get("visibility") != Post.Visibility.PASSWORD:
            yield "password", ""
        if typed.get("format") != Post.Format.LINK:
            yield "link_url", post.link_url
        if typed.get("when") == "now":
            yield "publish_at", self.moment_of(None)
        if not typed.get("series") and not typed.get("new_series"):
            yield "series_number", post.series_number
        if not typed.get("new_category"):
            yield "new_category_parent", None

    # Saving

    def is_stale(self, over=None):
        """Whether somebody saved a different text since this form was opened.

        `over` is the pk of the newer revision that the user has seen and wants to replace.
        """
        newest = self.instance.newest_revision if self.instance.pk else None
        if newest is None or newest.pk in (self.cleaned_data["base_revision"], over):
            return False
        return any(getattr(newest, name) != self.cleaned_data[name] for name in ("title", "source", "excerpt"))

    def stored_values(self):
        """The stored values of the post, to find out whether a form changes anything."""
        post = self.instance
        columns = [field.attname for field in post._meta.concrete_fields if field.name in self._meta.fields]
        terms = [set(each.values_list("pk", flat=True)) for each in (post.categories, post.tags)]
        return [*(getattr(post, name) for name in columns if name != "slug"), post.publish_at, post.password, terms]

    def changes_status(self):
        """Whether the post is to become a draft or pending, and is not that yet."""
        status = self.cleaned_data.get("status")
        return status in (Post.Status.DRAFT, Post.Status.PENDING) and status != self.instance.status

    def other_changed_fields(self):
        """The labels of changed fields other than the texts, which a draft of changes to a public post does not
        store."""
        besides = {"title", "source", "excerpt", "base_revision", "mark", "minor"}
        if self.cleaned_data.get("publish_at") in (None, self.instance.publish_at):
            besides.add("publish_at")
        return [str(self[name].label) for name in self.changed_data if name not in besides]

    def texts(self):
        """The submitted texts, valid or not."""
        return {name: str(self[name].value() or "") for name in ("title", "source", "excerpt")}

    def keep(self, by):
        """Save the post with its categories and tags, and its text as a revision. Call it in a transaction."""
        post, typed = self.instance, self.cleaned_data
        if not post.pk and typed["mark"]:
            post.guid = guid_of(typed["mark"])
        if "publish_at" in typed:
            post.publish_at = typed["publish_at"]
        if "slug" in self.changed_data:
            post.derived_slug = ""  # typed by hand, or cleared to follow the title again
        if typed.get("password") and post.visibility == Post.Visibility.PASSWORD:
            post.set_password(typed["password"])
        if not post.pk:
            post.save()
        if post.kind == Post.Kind.POST:
            post.categories.set(self.chosen_categories())
            if typed.get("new_series"):
                post.series = Series.objects.called([typed["new_series"]])[0]
            self.similar_tags = similar_tags.of_new(typed["tag_names"])
            post.tags.set(Tag.objects.called(typed["tag_names"]))
        is_minor = typed.get("minor", False) or (
            self.stored_before == self.stored_values() and "slug" not in self.changed_data
        )
        post.revise(by, minor=is_minor)
        post.discard_unpublished(by)
        return post

    def chosen_categories(self):
        chosen = list(self.cleaned_data["categories"])
        if name := self.cleaned_data.get("new_category"):
            above = self.cleaned_data.get("new_category_parent")
            chosen.append(Category.objects.named(name) or Category.objects.create(name=name, parent=above))
        default = reading().default_category
        has_none = self.instance.status == Post.Status.PUBLISHED and "categories" not in self.changed_data
        return chosen or ([default] if default and not has_none else [])


def slug_of(typed):
    if typed and not slugify(typed):
        raise ValidationError(_("“%s” is not a valid slug: it needs at least one letter or digit.") % typed[:40])
    return typed


def guid_of(mark):
    """The guid of the post that a new form becomes. It depends only on the form, so a form that is sent twice makes one
    post."""
    return f"urn:longrun:{mark}"


def at_most(length):
    def check(text):
        if len(text) > length:
            raise ValidationError(
                _(
                    "The text is too long: it has %(has)d characters, and a post can have %(room)d. The "
                    "limit is reached in line %(line)d."
                ),
                params={"has": len(text), "room": length, "line": text.count("\n", 0, length) + 1},
            )

    return check


def is_later(moment):
    return moment is not None and moment > timezone.now() + datetime.timedelta(seconds=1)
