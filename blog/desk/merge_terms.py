"""Merge categories, tags or series: several are chosen from a list with counts, and the one that stays."""

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from blog.desk.access import at_the_desk
from blog.desk.terms import follow, names_of
from blog.models import Category, Series, Tag
from core.row_ids import row_id
from core.text import isolated

OFFERED = 2000  # as a list; a blog with more merges from the pages of its list


class MergeForm(forms.Form):
    """`chosen` are the terms that were selected on the page before; without any, all are offered."""

    term = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Merge"), queryset=Tag.objects.none(), widget=forms.CheckboxSelectMultiple
    )
    into = forms.ModelChoiceField(label=gettext_lazy("The one that stays"), queryset=Tag.objects.none())

    def __init__(self, *args, kind, chosen, **kwargs):
        super().__init__(*args, **kwargs)
        counts = kind.objects.kept_counts()
        offered = list(kind.objects.order_by("key")[:OFFERED])
        self.can_merge = len(offered) > 1

        def options(terms):
            return [(term.pk, f"{term.name} ({counts.get(term.pk, 0)})") for term in terms]

        term, into = self.fields["term"], self.fields["into"]
        term.queryset = into.queryset = kind.objects.all()
        term.choices = options(chosen or offered)
        numbers = {each.pk for each in chosen}
        others = options(each for each in offered if each.pk not in numbers)
        into.choices = [("", _("(choose one)")), *others]
        if len(chosen) > 1:
            into.choices = [(_("Selected"), options(chosen)), (_("Others"), others)]
        self.initial |= {"term": numbers, "into": max(numbers, key=lambda pk: counts.get(pk, 0), default=None)}

    def clean(self):
        typed = super().clean()
        if typed.get("term") and typed.get("into"):
            typed["others"] = [term for term in typed["term"] if term != typed["into"]]
            if not typed["others"]:
                self.add_error("into", ValidationError(_("Choose another one to stay, or one more to merge.")))
        return typed

    def merge(self):
        """A merge moves categories below the merged one: each is read again first."""
        kind, stays = type(self.cleaned_data["into"]), self.cleaned_data["into"].pk
        with transaction.atomic():
            for term in self.cleaned_data["others"]:
                kind.objects.get(pk=term.pk).merge_into(kind.objects.get(pk=stays))
            follow(kind.objects.get(pk=stays))


@at_the_desk("blog.manage_terms")
def merge_categories(request):
    return merge(request, Category)


@at_the_desk("blog.manage_terms")
def merge_tags(request):
    return merge(request, Tag)


@at_the_desk("blog.manage_terms")
def merge_series(request):
    return merge(request, Series)


def isolated_list(terms):
    """“One”, “Two”, each in its own direction."""
    return ", ".join(f"“{isolated(term.name)}”" for term in terms)


def merge(request, kind):
    names = names_of(kind)
    sent = request.POST if request.method == "POST" else request.GET
    numbers = [pk for each in sent.getlist("term")[:OFFERED] if (pk := row_id(each))]
    form = MergeForm(request.POST or None, kind=kind, chosen=list(kind.objects.filter(pk__in=numbers).order_by("key")))
    if request.method == "POST" and form.is_valid():
        others, stays = form.cleaned_data["others"], form.cleaned_data["into"]
        form.merge()
        told = ngettext(
            "%(names)s was merged into “%(other)s”. Its former address redirects there.",
            "%(names)s were merged into “%(other)s”. Their former addresses redirect there.",
            len(others),
        )
        messages.success(request, told % {"names": isolated_list(others), "other": isolated(stays.name)})
        return redirect(names["edit"], pk=stays.pk)
    context = {"form": form, "names": names}
    return render(request, "desk/merge_terms.html", context, status=422 if form.errors else 200)
