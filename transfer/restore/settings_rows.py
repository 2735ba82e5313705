"""Title, settings, menu and icons of a source. What a form would refuse is refused here, too."""

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from blog.models import CssRevision, Icon, MenuLink, ReadingSettings
from blog.models.css_revision import MOST_KEPT
from blog.models.reading_settings import LONGEST_TEXT, LONGEST_TITLE, SHARE, WIDGETS, usual_widgets
from blog.own_css import problems_of
from comments.models import DiscussionSettings
from core.models import Site
from transfer.exporting import columns
from transfer.restore.known import Known
from transfer.restore.parts import Refused
from transfer.restore.values import numbers_of, values_of

LARGEST_ICON = 1 << 20  # bytes
MOST_LINES = 200  # of a widget
# Scripts that run for every reader: the owner puts them in anew, after logging in again.
LEFT_OUT = ("snippet", "snippet_hosts")
REFERENCES = {"default_category_id": "categories", "header_picture_id": "media",
              "about_picture_id": "media", "logo_id": "media", "privacy_page_id": "posts",
              "front_page_id": "posts", "posts_page_id": "posts"}  # fmt: skip


def restore_site(known: Known) -> None:
    """Title, timezone, settings, menu, icons: before any text is rendered, because they say how."""
    put(Site.objects.first() or Site(), known.source.site.get("site"), columns.SITE, "site")
    found = known.source.settings()
    reading = ReadingSettings.objects.first() or ReadingSettings()
    own = [field.attname for field in ReadingSettings._meta.concrete_fields if not field.primary_key]
    left = {*REFERENCES, *LEFT_OUT}
    put(reading, found.get("reading"), [name for name in own if name not in left], "reading")
    own = [field.attname for field in DiscussionSettings._meta.concrete_fields if not field.primary_key]
    put(DiscussionSettings.objects.first() or DiscussionSettings(), found.get("discussion"), own, "discussion")
    MenuLink.objects.all().delete()
    for link in known.source.menu():
        put(MenuLink(), link, columns.MENU, "menu")
    Icon.objects.all().delete()
    for size, png in known.source.icons():
        facts = values_of(Icon, {"size": size}, ["size"], "icons")
        if not png.startswith(b"\x89PNG\r\n\x1a\n") or len(png) > LARGEST_ICON:
            raise Refused(_("%s does not have what belongs there.") % "icons")
        Icon.objects.create(**facts, png=png)


def restore_css_revisions(known: Known) -> None:
    """Former versions of the owner's CSS. One that is refused today is left out: Revert would put it into use."""
    rows, dates = [], {}
    for found in known.source.rows("css_revisions")[-MOST_KEPT:] if known.source.is_whole else []:
        facts = values_of(CssRevision, found, columns.CSS_REVISION, "css_revisions")
        if not {"id", "css"} <= facts.keys():
            raise Refused(_("%s does not have what belongs there.") % "css_revisions")
        facts["by_id"] = known.users.get(facts.get("by_id") or 0)
        dates[facts["id"]] = facts.pop("created_at", None)
        if problems_of(facts["css"]):
            known.counted["former versions of the CSS that are refused today"] += 1
        else:
            rows.append(CssRevision(state=CssRevision.State.USED, **facts))
    CssRevision.objects.bulk_create(rows)
    for row in rows:
        row.created_at = dates[row.pk] or row.created_at
    CssRevision.objects.bulk_update(rows, ["created_at"])


def put(row: models.Model, found: Any, names: "list[str] | tuple[str, ...]", where: str) -> None:
    """Set these columns and save. Raises Refused for what the row's form would refuse."""
    for name, value in values_of(type(row), found if isinstance(found, dict) else {}, names, where).items():
        setattr(row, name, value)
    if isinstance(row, ReadingSettings):
        row.front_categories = [pk for pk in row.front_categories if type(pk) is int]
        row.share_links = [name for name in SHARE if name in row.share_links]
        row.text_widgets = [each for each in row.text_widgets if is_text_widget(each)]
        widgets = {*WIDGETS, *(each["name"] for each in row.text_widgets)}
        row.widgets = row.widgets if are_widgets(row.widgets, widgets) else usual_widgets()
        if not re.fullmatch(r"[0-9a-f]{0,16}", row.icon):
            row.icon = ""
    try:
        row.clean_fields()
    except ValidationError as error:
        raise Refused(f"{where}: {' '.join(error.messages)}") from error
    row.save()


def is_text_widget(found: object) -> bool:
    return (
        isinstance(found, dict)
        and found.keys() == {"name", "title", "text"}
        and all(isinstance(each, str) for each in found.values())
        and bool(re.fullmatch(r"text-[0-9]{1,4}", found["name"]))
        and len(found["title"]) <= LONGEST_TITLE
        and len(found["text"]) <= LONGEST_TEXT
    )


def are_widgets(found: object, names: set[str]) -> bool:
    return isinstance(found, list) and all(
        isinstance(each, list)
        and len(each) == 2
        and isinstance(each[0], str)
        and each[0] in names
        and type(each[1]) is int
        and 0 <= each[1] <= 200
        for each in found
    )


def restore_references(known: Known) -> None:
    """Default category, header picture, the pages and the front page's categories, when they are here."""
    reading = ReadingSettings.objects.get()
    found = values_of(ReadingSettings, known.source.settings().get("reading", {}), REFERENCES, "reading")
    for name, value in found.items():
        setattr(reading, name, value if value in getattr(known, REFERENCES[name]) else None)
    reading.front_categories = numbers_of(reading.front_categories, known.categories)
    reading.save()
