"""Categories, tags and redirects of a source."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from blog.models import Category, HomeZone, Podcast, Redirect, Series, Tag
from transfer.exporting import columns
from transfer.restore.known import Known
from transfer.restore.parts import Refused
from transfer.restore.values import values_of

TARGETS = {"post_id": "posts", "category_id": "categories", "tag_id": "tags", "media_id": "media",
           "series_id": "series"}  # fmt: skip


def restore_terms(known: Known) -> None:
    """Parents come before their children; a parent that is not there is left out."""
    for found in known.source.rows("categories"):
        facts = values_of(Category, found, columns.CATEGORY, "categories")
        if facts.get("parent_id") not in known.categories:
            facts["parent_id"] = None
        known.categories.add(saved(Category(**facts)))
    for found in known.source.rows("tags"):
        known.tags.add(saved(Tag(**values_of(Tag, found, columns.TERM, "tags"))))
    for found in known.source.rows("series"):
        known.series.add(saved(Series(**values_of(Series, found, columns.TERM, "series"))))
    known.counted["categories and tags"] = len(known.categories) + len(known.tags)


def restore_podcasts(known: Known) -> None:
    """Once categories and files are here; a podcast whose category did not come is left out."""
    for found in known.source.rows("podcasts"):
        facts = values_of(Podcast, found, columns.PODCAST, "podcasts")
        if facts.get("cover_id") not in known.media:
            facts["cover_id"] = None
        if facts.get("category_id") in known.categories:
            Podcast(**facts).save()


def restore_home_zone(known: Known) -> None:
    """Before files are here: tracks are cut by it. A public part has none, nor tracks that would need it."""
    for found in known.source.rows("home_zones"):
        zone = HomeZone(**values_of(HomeZone, found, columns.HOME_ZONE, "home_zones"))
        try:
            zone.full_clean()
        except ValidationError as error:
            raise Refused(f"home_zones: {' '.join(error.messages)}") from error
        zone.save()


def saved(term: Any) -> int:
    try:
        term.clean()
    except ValidationError as error:
        raise Refused(f"{term._meta.verbose_name_plural}: {' '.join(error.messages)}") from error
    if term.pk is None or type(term).objects.filter(pk=term.pk).exists():
        raise Refused(_("%s does not have what belongs there.") % term._meta.verbose_name_plural)
    term.save(force_insert=True)
    return int(term.pk)


def restore_redirects(known: Known) -> None:
    """Former paths. One whose target did not come is left out: it would lead nowhere."""
    rows, dates = [], {}
    for found in known.source.rows("redirects"):
        facts = values_of(Redirect, found, columns.REDIRECT, "redirects", needed="key")
        if facts.get("author_id") is not None:
            facts["author_id"] = known.users.get(facts["author_id"])
            if facts["author_id"] is None:
                continue
        if any(facts.get(name) is not None and facts[name] not in getattr(known, of) for name, of in TARGETS.items()):
            continue
        facts["target"] = safe_target(facts.get("target", ""))
        dates[facts["key"]] = facts.pop("created_at", None)
        rows.append(Redirect(**facts))
    Redirect.objects.bulk_create(rows, batch_size=500)
    for row in rows:
        row.created_at = dates[row.key] or row.created_at
    Redirect.objects.bulk_update(rows, ["created_at"], batch_size=500)
    known.counted["redirects"] = len(rows)


def safe_target(target: str) -> str:
    """A path of this blog or a web address."""
    is_path = target.startswith("/") and not target.startswith(("//", "/\\"))
    return target if is_path or target.startswith(("http://", "https://")) else ""
