"""What stands around every page: the menu, the sidebar with its widgets, the footer. All of it is one form.

Each row of the menu and of the sidebar has a hidden number, its place. The buttons "Move up" and "Move down" save the
form as "Save" does, with two rows exchanged; a row that was dragged (`drag-order.js`) comes with the new numbers of all
rows, and the direction "here".
"""

from django import forms
from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from blog.desk.access import at_the_desk
from blog.models import Category, Media, MenuLink, Post, ReadingSettings
from blog.models.reading_settings import LONGEST_TEXT, LONGEST_TITLE, WIDGETS
from core.models import SettingsChange
from core.models.settings_change import changed_lines, changed_values
from core.text import tidy, tidy_line

PICTURES_OFFERED = 50
MOST_TEXTS = 20
NAMES = {
    "about": gettext_lazy("About me"),
    "search": gettext_lazy("Search"),
    "posts": gettext_lazy("Recent posts"),
    "comments": gettext_lazy("Recent comments"),
    "archives": gettext_lazy("Archives"),
    "categories": gettext_lazy("Categories"),
    "tags": gettext_lazy("Tags"),
    "subscribe": gettext_lazy("Subscribe"),
}


class WidgetForm(forms.Form):
    """The place of a widget in the sidebar, whether it is shown, and how many lines it has."""

    place = forms.IntegerField(min_value=1, max_value=99, required=False, widget=forms.HiddenInput)
    shown = forms.BooleanField(label=gettext_lazy("Show"), required=False)
    lines = forms.IntegerField(label=gettext_lazy("Items"), min_value=1, max_value=100, required=False)

    def __init__(self, *args, name, **kwargs):
        super().__init__(*args, prefix=f"widget-{name}", **kwargs)
        self.name, self.label = name, NAMES[name]
        if not WIDGETS[name]:
            del self.fields["lines"]

    @property
    def number(self):
        return self["place"]


class TextWidgetForm(forms.Form):
    """A text of the owner's in the sidebar. One that is left empty is removed."""

    place = forms.IntegerField(min_value=1, max_value=99, required=False, widget=forms.HiddenInput)
    shown = forms.BooleanField(label=gettext_lazy("Show"), required=False)
    title = forms.CharField(label=gettext_lazy("Title"), max_length=LONGEST_TITLE, required=False)
    text = forms.CharField(
        label=gettext_lazy("Text, in Markdown"),
        max_length=LONGEST_TEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args, name, is_new, **kwargs):
        super().__init__(*args, prefix=f"widget-{name}", **kwargs)
        self.name, self.is_new = name, is_new
        self.label = _("Another text") if is_new else self.initial.get("title") or _("Text")
        if is_new:
            del self.fields["place"], self.fields["shown"]

    @property
    def number(self):
        return self["place"]

    def clean_title(self):
        return tidy_line(self.cleaned_data["title"])

    def clean_text(self):
        return tidy(self.cleaned_data["text"])

    @property
    def stored(self):
        """As ReadingSettings.text_widgets has it; None if it is empty."""
        words = {name: self.cleaned_data[name] for name in ("title", "text")}
        return {"name": self.name} | words if any(words.values()) else None


class PageForm(forms.ModelForm):
    class Meta:
        model = Post
        fields = ["menu_order"]
        widgets = {"menu_order": forms.HiddenInput}

    @property
    def number(self):
        return self["menu_order"]


class LinkForm(forms.ModelForm):
    number = forms.IntegerField(required=False, initial=0, widget=forms.HiddenInput)

    class Meta:
        model = MenuLink
        fields = ["title", "url", "number"]

    def clean_number(self):
        given = self.cleaned_data["number"]
        return self.instance.number if given is None else given


class CategoryForm(forms.Form):
    category = forms.ModelChoiceField(
        label=gettext_lazy("Add a category"),
        queryset=Category.objects.order_by("route"),
        required=False,
        empty_label=gettext_lazy("(none)"),
    )


class SidebarForm(forms.ModelForm):
    class Meta:
        model = ReadingSettings
        fields = ["about_picture", "about_text", "sidebar", "footer", "profiles", "verifications"]
        labels = {"about_text": gettext_lazy("Text, in Markdown")}
        help_texts = {
            "about_picture": gettext_lazy(
                "Upload pictures in Media. Its alternative text is the one that it has there."
            ),
            "footer": gettext_lazy("At the bottom of every page, in Markdown."),
            "profiles": gettext_lazy(
                "Where else you are, one address a line, with its name before it if you like: Mastodon "
                "https://social.example/@ada. The footer links to them with rel=me, by which those sites can tell "
                "that the blog is yours."
            ),
            "verifications": gettext_lazy(
                "What search consoles and other services ask you to put into your pages, one a line: "
                "google-site-verification: abc, fediverse:creator: @ada@social.example, or the whole <meta> element."
            ),
        }
        widgets = {
            "about_text": forms.Textarea(attrs={"rows": 3}),
            "footer": forms.Textarea(attrs={"rows": 2}),
            "profiles": forms.Textarea(attrs={"rows": 3}),
            "verifications": forms.Textarea(attrs={"rows": 3}),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        newest = list(Media.objects.kept().pictures().values_list("pk", flat=True)[:PICTURES_OFFERED])
        offered = [*newest, self.instance.about_picture_id or 0]
        self.fields["about_picture"].queryset = Media.objects.pictures().filter(pk__in=offered)
        self.fields["about_picture"].empty_label = _("(none)")

    def clean_about_text(self):
        return tidy(self.cleaned_data["about_text"])

    def clean_footer(self):
        return tidy(self.cleaned_data["footer"])


LinkForms = forms.modelformset_factory(MenuLink, form=LinkForm, extra=1, can_delete=True)


def widget_forms(reading, data):
    """The forms of all widgets in the order of the sidebar, those that are not shown after the others."""
    texts = {each["name"]: each for each in reading.text_widgets}
    places = {name: (place, lines) for place, (name, lines) in enumerate(reading.widgets, start=1)}
    is_unused = not (reading.about_text or reading.about_picture_id)
    found = []
    for late, name in enumerate([*WIDGETS, *texts], start=len(places) + 1):
        place, lines = places.get(name, (late, 0))
        given = {"place": place, "shown": name in places or (name == "about" and is_unused)}
        if name in texts:
            given |= {part: texts[name][part] for part in ("title", "text")}
            found.append(TextWidgetForm(data, name=name, is_new=False, initial=given))
        else:
            found.append(WidgetForm(data, name=name, initial=given | {"lines": lines or WIDGETS[name]}))
    found.sort(key=place_in_list)
    if len(texts) < MOST_TEXTS:
        number = max((int(name.partition("-")[2]) for name in texts), default=0) + 1
        found.append(TextWidgetForm(data, name=f"text-{number}", is_new=True))
    return found


@at_the_desk("blog.change_settings")
@require_http_methods(["GET", "HEAD", "POST"])
def menu_and_sidebar(request):
    data = request.POST if request.method == "POST" else None
    reading = ReadingSettings.objects.first() or ReadingSettings()
    form, widgets, category = SidebarForm(data, instance=reading), widget_forms(reading, data), CategoryForm(data)
    top = Post.objects.pages().in_status_filter("all").filter(parent=None).for_desk()
    top = top.order_by("menu_order", "title", "pk")
    pages = [PageForm(data, instance=page, prefix=f"page-{page.pk}") for page in top]
    links = LinkForms(data, prefix="links")
    before = in_order(reading.widgets)
    mistaken = [each for each in (form, category, *widgets, *pages, links) if not each.is_valid()]
    if data is not None and not mistaken:
        moved, _space, direction = data.get("move", "").rpartition(" ")
        with transaction.atomic():
            texts = changed_texts(widgets)
            form.instance.text_widgets = [text for each in widgets if (text := text_of(each))]
            form.instance.widgets = chosen(moved_rows(by_number(widgets, "place"), moved, direction))
            form.save()
            links.save()
            was, now = store_menu(pages, links, category.cleaned_data["category"], moved, direction)
            changes = [*changed_values(form), [_("Sidebar"), before, in_order(form.instance.widgets)], *texts]
            changes += link_changes(links)
            SettingsChange.record(request.user, SettingsChange.Area.LAYOUT, [*changes, [_("Menu"), was, now]])
        if not moved:
            messages.success(request, _("Saved."))
        return redirect(reverse("desk_menu_and_sidebar") + (f"#{moved}" if moved else ""))
    wrong = data is not None
    context = {
        "form": form,
        "category": category,
        "widgets": [each for each in widgets if not is_added(each)],
        "another_text": next((each for each in widgets if is_added(each)), None),
        "rows": menu_rows(pages, links.initial_forms),
        "another_link": next(iter(links.extra_forms), None),  # None: the request had no such row
        "links": links,
        "wrong": wrong,
    }
    return render(request, "desk/menu_and_sidebar.html", context, status=422 if wrong else 200)


def is_added(form):
    return getattr(form, "is_new", False)


def row_name(form):
    """What the buttons call a row: the prefixes of links are their places."""
    return f"link-{form.instance.pk}" if isinstance(form, LinkForm) else form.prefix


def menu_rows(pages, links):
    """The rows of the menu as it is, or as it was sent."""
    rows = sorted([*pages, *links], key=place_in_list)
    for row in rows:
        row.row_name = row_name(row)
    return rows


def place_in_list(form):
    """(number that was sent, stored number): a form with a mistake shows a row where it was dragged."""
    name = number_field(form)
    stored = form.initial[name] or 0
    try:
        return form.fields[name].clean(form[name].value()) or 0, stored
    except forms.ValidationError:
        return stored, stored


def number_field(form):
    return next(name for name in ("place", "menu_order", "number") if name in form.fields)


def by_number(forms_of, name):
    """The valid forms in the order of their numbers; what is new comes last."""
    return sorted(forms_of, key=lambda each: each.cleaned_data.get(name) or 100)


def moved_rows(rows, moved, direction):
    """The rows, with the one of this name a place further up or down, or ("here") where it is."""
    place = next((number for number, row in enumerate(rows) if row_name(row) == moved), None)
    other = None if place is None else place + {"up": -1, "down": 1}.get(direction, 0)
    if other is not None and 0 <= other < len(rows):
        rows[place], rows[other] = rows[other], rows[place]
    return rows


def store_menu(pages, links, category, moved, direction):
    """Store the places of pages and links; returns the entries (before, after) in words."""
    rows = [*pages, *(each for each in links.initial_forms if each not in links.deleted_forms)]
    before = titles(sorted([*pages, *links.initial_forms], key=lambda each: each.initial[number_field(each)] or 0))
    rows.sort(key=lambda each: each.cleaned_data[number_field(each)])
    if any(row_name(row) == moved for row in rows):
        rows = moved_rows(rows, moved, direction)
        for number, row in enumerate(rows, start=1):
            setattr(row.instance, number_field(row), number)
    for row in rows:
        name = number_field(row)
        if getattr(row.instance, name) != row.initial[name]:
            row.instance.save(update_fields=[name])
    last = max((getattr(row.instance, number_field(row)) for row in rows), default=0)
    for link in links.new_objects:
        if not link.number:
            last = link.number = last + 1
            link.save(update_fields=["number"])
    after = [titles(rows), *map(str, links.new_objects)]
    if category:
        MenuLink.objects.create(title=category.name, url=category.get_absolute_url(), number=last + 1)
        after.append(category.name)
    return before, ", ".join(filter(None, after))


def titles(rows):
    return ", ".join(str(row.instance) for row in rows)


def link_changes(links):
    for each in links.initial_forms:
        for what, was, now in changed_values(each):
            if what != each.fields["number"].label:
                yield [f"{each.instance}: {what}", was, now]


def text_of(form):
    return form.stored if isinstance(form, TextWidgetForm) else None


def changed_texts(widgets):
    """[label, before, after] of each text that was changed, added or emptied."""
    for each in widgets:
        if isinstance(each, TextWidgetForm) and {"title", "text"} & set(each.changed_data):
            was = "\n".join(filter(None, (each.initial.get("title"), each.initial.get("text"))))
            now = "\n".join(filter(None, (each.cleaned_data["title"], each.cleaned_data["text"])))
            yield [_("Text in the sidebar"), *changed_lines(was, now)]


def in_order(widgets):
    return ", ".join(f"{name} ({lines})" if lines else name for name, lines in widgets)


def chosen(widgets):
    """The widgets that are shown, in the format of `ReadingSettings.widgets`. A new text is shown at the end."""
    shown = []
    for each in widgets:
        if isinstance(each, TextWidgetForm):
            if each.stored and (each.is_new or each.cleaned_data["shown"]):
                shown.append([each.name, 0])
        elif each.cleaned_data["shown"]:
            shown.append([each.name, each.cleaned_data.get("lines") or WIDGETS[each.name]])
    return shown
