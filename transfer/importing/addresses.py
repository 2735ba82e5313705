"""Old addresses: what answered on the old blog leads to the thing here."""

from collections.abc import Iterable
from urllib.parse import unquote

from blog.models import Post, Redirect
from blog.models.redirect import key_of
from transfer.importing.plan import slug_here
from transfer.importing.session import Session
from transfer.old_urls import belongs, urlsplit_or_none
from transfer.records import Item

LONGEST = 1024  # characters of a redirect's key


def old_paths(item: Item, session: Session) -> list[str]:
    """The paths at which the old blog had the item: its permalink, and those of former slugs and dates."""
    parts = urlsplit_or_none(item.link)
    if parts is None or not belongs(item.link, session.origin):
        return []
    path = unquote(parts.path)
    if parts.query or path in ("", "/"):
        return []
    paths = [path]
    slug = slug_here(item.slug)
    for former in item.meta_values("_wp_old_slug"):
        if slug and path.rstrip("/").endswith(f"/{slug}"):
            paths.append(f"{path.rstrip('/').removesuffix(slug)}{unquote(former)}/")
    for former in item.meta_values("_wp_old_date"):  # "2010-09-09"
        day = item.date and f"/{item.date:%Y/%m/%d}/"
        if day and day in path:
            paths.append(path.replace(day, f"/{former.replace('-', '/')}/", 1))
    paths += [f"/{former.strip('/')}" for former in item.meta_values("_old_path") if "://" not in former]
    return list(dict.fromkeys(paths))


def query_paths(item: Item, pk: int) -> list[str]:
    """WordPress's addresses by number, where the number is another one here."""
    if (item.number or 0) <= 0 or item.number == pk:
        return []
    return [f"/?p={item.number}"]


def keep_addresses(items: Iterable[tuple[Item, Post]], session: Session) -> None:
    """Redirect the old addresses of posts, the first one's if two have the same. One that leads to another thing here
    today is left alone."""
    wanted: dict[str, Post] = {}
    for item, post in items:
        keys = [key_of(path) for path in (*old_paths(item, session), *query_paths(item, post.pk))]
        own = key_of(post.path) if post.path else None
        for key in keys:
            if key != own and len(key) <= LONGEST:
                wanted.setdefault(key, post)
    there = {row.key: row for row in Redirect.objects.filter(key__in=wanted).with_things()}
    for key, row in there.items():
        if row.thing is None and not row.target:  # gone until now
            Redirect.keep(key, wanted[key], public=wanted[key].is_public)
    Redirect.objects.bulk_create(
        Redirect(key=key, post=post, was_public=post.is_public) for key, post in wanted.items() if key not in there
    )


def keep_author_addresses(session: Session) -> None:
    """`/author/login/` of people whose handle is another one here. Today's addresses come first, then the first login
    of those that differ in capital letters alone."""
    taken = {key_of(f"/author/{person.handle}/") for person in session.users.values() if person.handle}
    for login, person in session.users.items():
        key = key_of(f"/author/{login}/")
        if person.handle and login and key not in taken:
            taken.add(key)
            Redirect.keep(f"/author/{login}/", person, public=True)


def keep_numbers(session: Session) -> None:
    """WordPress's addresses of categories and authors by number: `/?cat=3`, `/?author=2`."""
    wanted: dict[str, tuple[str, int]] = {}
    for term in session.plan.terms:
        pk = session.categories.get(term.slug) if term.taxonomy == "category" else None
        if pk and term.number and pk != term.number:
            wanted.setdefault(f"/?cat={term.number}", ("category_id", pk))
    for number, person in session.users_by_number.items():
        if person.handle and person.pk != number:
            wanted.setdefault(f"/?author={number}", ("author_id", person.pk))
    there = set(Redirect.objects.filter(key__in=wanted).values_list("key", flat=True))
    Redirect.objects.bulk_create(
        Redirect(key=key, was_public=True, **{name: pk}) for key, (name, pk) in wanted.items() if key not in there
    )
