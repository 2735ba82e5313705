"""POST data for the settings and menu forms in the rights tests: each changes one value."""

import io
from collections.abc import Callable
from dataclasses import dataclass

from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from blog.desk.appearance import AppearanceForm
from blog.desk.menu_and_sidebar import LinkForms, PageForm, SidebarForm, widget_forms
from blog.desk.settings import FrontPageForm, ReadingForm, SiteForm
from blog.models import Category, MenuLink, Post, ReadingSettings
from comments.desk.forms import DiscussionForm
from comments.desk.subscribers import SubscriptionSettingsForm
from comments.models import DiscussionSettings
from comments.moderation import rule_preview
from core.models import Site

# For fields in which arbitrary text is invalid.
VALID = {"accent": "#3a5f2c", "profiles": "https://social.example/@ada", "verifications": "site-verification: abc",
         "own_css": "p { color: red }"}  # fmt: skip


@dataclass(frozen=True)
class Setting:
    """One field of a form; `sent()` returns the POST data that changes it."""

    name: str
    sent: Callable

    def __str__(self):
        return self.name


def filled(*forms_of):
    """The POST data that a browser sends for these unchanged forms."""
    data = {}
    for form in forms_of:
        for name, field in form.fields.items():
            value = form[name].value()
            if isinstance(value, (list, tuple)):
                data[form.add_prefix(name)] = value
            elif value is True and isinstance(field, forms.BooleanField):
                data[form.add_prefix(name)] = "on"
            elif value is not None and value is not False:
                data[form.add_prefix(name)] = value
    return data


def with_another(form, name, data):
    """`data` with another value for this field, or without it if it is a checked check box."""
    field, key = form.fields[name], form.add_prefix(name)
    rest = {known: value for known, value in data.items() if known != key}
    if isinstance(field, forms.BooleanField):
        return rest if form[name].value() else rest | {key: "on"}
    return rest | {key: VALID.get(name) or another(field, form[name].value())}


def another(field, now):
    if isinstance(field, forms.FileField):
        return SimpleUploadedFile("icon.png", square_picture(), "image/png")
    if hasattr(field, "choices"):
        values = [str(getattr(value, "value", value)) for value, _label in field.choices]
        return next(value for value in values if value and value != str(now))
    if isinstance(field, forms.IntegerField):
        return (now or 0) + 1 if field.max_value is None or (now or 0) < field.max_value else now - 1
    return "Changed"


def square_picture():
    out = io.BytesIO()
    Image.linear_gradient("L").resize((512, 512)).save(out, "PNG")
    return out.getvalue()


def now(model):
    return model.objects.first() or model()


def of_fields(make, *, more=lambda data, name: {}):
    """A Setting for each field of the forms that `make()` returns, which are those of one page of the desk."""
    for number, form in enumerate(make()):
        for name in form.fields:

            def sent(number=number, name=name):
                several = make()
                data = with_another(several[number], name, filled(*several))
                return data | more(data, name)

            yield Setting(f"{type(form).__name__}.{name}", sent)


def blog_settings():
    yield from of_fields(
        lambda: [
            SiteForm(instance=now(Site), prefix="site"),
            FrontPageForm(instance=now(ReadingSettings), prefix="front"),
            ReadingForm(instance=now(ReadingSettings), prefix="reading"),
        ],
        more=lambda data, _: {"sure": data["reading-permalinks"]},
    )


def look_settings():
    yield from of_fields(lambda: [AppearanceForm(instance=now(ReadingSettings))])


def email_settings():
    yield from of_fields(lambda: [SubscriptionSettingsForm(instance=now(DiscussionSettings))])


def discussion_settings():
    yield from of_fields(lambda: [DiscussionForm(instance=now(DiscussionSettings))], more=as_rehearsed)


def as_rehearsed(data, _name):
    form = DiscussionForm(data, instance=now(DiscussionSettings))
    form.is_valid()
    return {"rehearsed": rule_preview.digest_of(form.instance)}


# The menu, sidebar and footer


def around_forms():
    """(form of the sidebar and footer, forms of the widgets, forms of the pages, forms of the links)"""
    reading = now(ReadingSettings)
    top = Post.objects.pages().in_status_filter("all").filter(parent=None)
    pages = [PageForm(instance=page, prefix=f"page-{page.pk}") for page in top]
    return SidebarForm(instance=reading), widget_forms(reading, None), pages, LinkForms(prefix="links")


def around_sent():
    form, widgets, pages, links = around_forms()
    return filled(form, *widgets, *pages, links.management_form, *links.forms)


def around_settings():
    form, widgets, _pages, _links = around_forms()
    for number, each in enumerate([form, *widgets]):
        for name in each.fields:

            def sent(number=number, name=name):
                form, widgets, _pages, _links = around_forms()
                data, key = around_sent(), [form, *widgets][number].add_prefix(name)
                if name == "place":
                    return data | {key: 1 if number == len(widgets) - 1 else 99}
                return with_another([form, *widgets][number], name, data)

            yield Setting(each.add_prefix(name), sent)


def menu_moved(_user, thing):
    """The data of the menu form, with another position for this page or link."""
    if isinstance(thing, Post):
        return around_sent() | {f"page-{thing.pk}-menu_order": -5}
    return around_sent() | {f"{link_form(thing).prefix}-number": 9}


def link_deleted(_user, thing):
    return around_sent() | {f"{link_form(thing).prefix}-DELETE": "on"}


def link_form(link):
    return next(form for form in LinkForms(prefix="links").initial_forms if form.instance.pk == link.pk)


def link_added(_user, _thing):
    number = MenuLink.objects.count()
    data = around_sent() | {f"links-{number}-title": "New", f"links-{number}-url": "/new/", f"links-{number}-number": 1}
    return data | {"links-TOTAL_FORMS": number + 1}


def stored():
    """All settings, as stored in the database."""
    return [list(model.objects.order_by("pk").values()) for model in (Site, ReadingSettings, DiscussionSettings)]


def prepare():
    """Create rows that settings can choose from; returns the links of the menu."""
    Category.objects.create(name="Another")
    DiscussionSettings.objects.create(edit_minutes=15)
    return [MenuLink.objects.create(title=title, url="/somewhere/", number=1) for title in ("One", "Two")]
