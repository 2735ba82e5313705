"""Posts and pages of the file become posts and pages here."""

import re
from datetime import UTC, datetime

from django.contrib.auth.hashers import make_password
from django.utils import timezone
from django.utils.translation import gettext as _

from blog.models import Post, Series
from blog.models.post import new_guid
from transfer.importing.authors import author_named
from transfer.importing.plan import slug_here
from transfer.importing.session import Session
from transfer.importing.texts import is_extended, plain_text
from transfer.records import Item

Status, Visibility, Format = Post.Status, Post.Visibility, Post.Format
STATUSES = {
    "publish": Status.PUBLISHED,
    "private": Status.PUBLISHED,
    "future": Status.PUBLISHED,
    "draft": Status.DRAFT,
    "pending": Status.PENDING,
    "trash": Status.TRASH,
}
FORMATS = {"aside": Format.NOTE, "status": Format.NOTE, "quote": Format.QUOTE, "link": Format.LINK}
MIN_YEAR, MAX_YEAR = 1000, 9998  # years that are written with four digits, whatever the time zone
# Meta keys that are read, or mean nothing outside WordPress. All others are kept as data.
KNOWN_META = set(
    "_thumbnail_id _wp_old_slug _wp_old_date _old_path _wp_trash_meta_status _wp_trash_meta_time _wp_desired_post_slug "
    "_edit_last _edit_lock footnotes _wp_page_template _longrun_source _longrun_format _longrun_extended_markdown "
    "_longrun_language _longrun_link _longrun_visibility _longrun_series _longrun_part _longrun_contact_form".split()
)
FIRST_LINK = re.compile(r"""<a\b[^>]*?\bhref=["'](https?://[^"'\s]+)""", re.IGNORECASE)


def aware(local: datetime | None, gmt: datetime | None, session: Session) -> datetime | None:
    """The moment of a local and a GMT date: GMT where the file has it, else the local one in the import's time zone.

    None for a moment that has no year of four digits in every time zone.
    """
    moment = gmt.replace(tzinfo=UTC) if gmt is not None else local and local.replace(tzinfo=session.zone)
    return moment if moment is not None and MIN_YEAR <= moment.year <= MAX_YEAR else None


def post_of(item: Item, session: Session, guid: str = "") -> tuple[Post, list[str]]:
    """An unsaved post as the item describes it, and the reasons for what differs from the file.

    Nothing that was not public becomes public: a status that is not known makes a draft, a scheduled post whose time
    has passed as well. `guid` is for an item that has none.
    """
    kind = Post.Kind.PAGE if item.kind == "page" else Post.Kind.POST
    post = Post(kind=kind, author=session.owner, guid=item.guid or guid or new_guid())
    notes: list[str] = []
    fill(post, item, session, notes)
    return post, notes


def fill(post: Post, item: Item, session: Session, notes: list[str]) -> None:
    """Set everything that the item says, except numbers, terms, files and the address."""
    post.title = session.line(item.title)[:500]
    post.author = author_named(item.creator, session)
    post.source, post.source_format, lost = session.texts.source_of(item)
    post.extended_markdown = is_extended(item)
    post.excerpt = plain_text(item.excerpt) if item.content_format == "wordpress" else item.excerpt
    post.language = language_of(item)
    notes += lost
    if others := other_authors(item, session):
        notes.append(_("It has one author here; others of the file are kept as data: %s.") % ", ".join(others))
    set_dates(post, item, session, notes)
    set_status(post, item, session, notes)
    post.comments_open = item.comment_status != "closed"
    post.contact_form = item.meta_value("_longrun_contact_form") == "1"
    post.sticky = item.is_sticky and post.kind == Post.Kind.POST and post.status == Status.PUBLISHED
    post.menu_order = max(-(2**31), min(2**31 - 1, item.menu_order))
    post.acting = session.owner
    set_format(post, item)


def other_authors(item: Item, session: Session) -> list[str]:
    """The names of the authors but the first, as Ghost and folders of texts name them, and Co-Authors Plus by terms."""
    named = [(use.slug.removeprefix("cap-"), use.name) for use in item.terms if use.taxonomy == "author"]
    named += [(login, login) for login in item.meta_values("ghost_author") + item.meta_values("_other_author")]
    known = session.plan.authors
    own = {item.creator.casefold(), slug_here(item.creator), known[item.creator].name if item.creator in known else ""}
    names = [known[slug].name if slug in known and known[slug].name else name or slug
             for slug, name in named if slug and slug.casefold() not in own and name not in own]  # fmt: skip
    return list(dict.fromkeys(names))


def language_of(item: Item) -> str:
    """The language of its text, which our own export writes beside it; "" for the blog's."""
    return item.meta_value("_longrun_language")[:35]


def set_dates(post: Post, item: Item, session: Session, notes: list[str]) -> None:
    now = timezone.now()
    at = aware(item.date, item.date_gmt, session) or aware(None, item.published, session)
    dated = item.status in ("publish", "private", "future")
    if dated and at is None:
        notes.append(_("The file has no date for it: it has today's."))
        at = now
    post.publish_at = at if dated or item.status == "trash" and item.date_gmt else None
    is_usable = item.date and MIN_YEAR <= item.date.year <= MAX_YEAR
    local = item.date if is_usable else at and at.astimezone(session.zone)
    post.published_on = local.date() if post.publish_at and local else None
    post.filed_at = post.publish_at
    post.updated_at = aware(item.modified, item.modified_gmt, session) or at or now
    post.created_at = min(at or post.updated_at, now)
    post.announced_at = post.announced_at or now


def set_status(post: Post, item: Item, session: Session, notes: list[str]) -> None:
    status = STATUSES.get(item.status)
    if status is None:
        notes.append(_("The status “%s” is not known here: it is a draft.") % item.status)
        status = Status.DRAFT
    if item.status == "future" and post.publish_at and post.publish_at <= timezone.now():
        notes.append(_("It was scheduled and its time has passed: it is a draft."))
        status, post.publish_at, post.published_on, post.filed_at = Status.DRAFT, None, None, None
    post.status = status
    post.visibility = Visibility.PUBLIC
    if status == Status.TRASH:
        before = item.meta_value("_wp_trash_meta_status")
        post.trashed_from = Status.DRAFT
        post.trashed_at = timezone.now()
        if before in ("publish", "private") and post.publish_at:
            post.trashed_from = Status.PUBLISHED
        if before == "private":
            post.visibility = Visibility.PRIVATE
    if item.status == "private" or item.meta_value("_longrun_visibility") == Visibility.PRIVATE:
        post.visibility = Visibility.PRIVATE
    elif item.password:
        post.visibility = Visibility.PASSWORD
    if item.password:
        post.password = session.passwords.get(item.password) or make_password(item.password)
        session.passwords[item.password] = post.password


def set_format(post: Post, item: Item) -> None:
    """WordPress's post formats, as far as there are such here."""
    names = [use.slug.removeprefix("post-format-") for use in item.terms if use.taxonomy == "post_format"]
    post.format = FORMATS.get(names[0], Format.STANDARD) if names else Format.STANDARD
    if post.format == Format.LINK:
        found = FIRST_LINK.search(post.source)
        post.link_url = (item.meta_value("_longrun_link") or (found[1] if found else ""))[:1000]
        post.format = Format.LINK if post.link_url else Format.STANDARD


def set_address(post: Post, item: Item, session: Session) -> None:
    """The slug and path that the plan gives it; a draft keeps its slug for the day on which it is published."""
    entry = session.plan.entries.get(item.number or 0)
    entry = entry if entry and entry.kind == item.kind else None
    wanted = item.slug if post.status != Status.TRASH else item.meta_value("_wp_desired_post_slug") or item.slug
    post.slug = entry.slug if entry and entry.path else slug_here(wanted)
    is_dated = post.kind == Post.Kind.PAGE or post.publish_at
    post.path = entry.path if entry and is_dated and post.status != Status.TRASH else None


def set_series(post: Post, item: Item) -> None:
    """The series that our own exports name; created if there is none with this name. Call it in the transaction."""
    names = [name[:200] for name in item.meta_values("_longrun_series")[:1]]
    found = Series.objects.called(names)
    post.series = found[0] if found else None
    part = item.meta_value("_longrun_part")
    post.series_number = int(part) if part.isascii() and part.isdecimal() and int(part) < 2**31 else None


def kept_facts(item: Item) -> dict[str, object]:
    """What the item says that has no place here."""
    own = {"category", "post_tag", "tag", "post_format", "nav_menu"}
    facts: dict[str, object] = {}
    if meta := [pair for pair in item.meta if pair[0] not in KNOWN_META and not pair[0].startswith("_oembed_")]:
        facts["meta"] = meta
    if terms := [[use.taxonomy, use.slug, use.name] for use in item.terms if use.taxonomy not in own]:
        facts["terms"] = terms
    if item.ping_status:
        facts["ping_status"] = item.ping_status
    if template := item.meta_value("_wp_page_template"):
        facts["template"] = template
    return facts


def unique_guids(posts: list[Post], notes: dict[int, list[str]]) -> None:
    """Give those posts a new guid whose own is taken or too long; ids in feeds must differ."""
    wanted = [post.guid for post in posts]
    taken = set(Post.objects.filter(guid__in=wanted).values_list("guid", flat=True))
    for post in posts:
        if post.guid in taken or len(post.guid) > 300:
            notes[id(post)].append(_("Another post has its guid: it gets a new one."))
            post.guid = new_guid()
        taken.add(post.guid)
