"""Old addresses: what answered on the old blog leads to the thing here."""

from urllib.parse import unquote

from blog.models import Redirect
from blog.models.redirect import key_of
from transfer.importing.plan import slug_here, urlsplit_or_none
from transfer.importing.session import Session
from transfer.importing.texts import belongs
from transfer.records import Item


def old_paths(item: Item, session: Session) -> list[str]:
    """The paths at which the old blog had the item: its permalink, and those of former slugs and dates."""
    parts = urlsplit_or_none(item.link)
    if parts is None or not belongs(item.link, session):
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


def keep_addresses(item: Item, post, session: Session) -> None:
    """Redirect the old addresses of a post. A path that another thing has here today is left alone."""
    own = key_of(post.path) if post.path else None
    for path in (*old_paths(item, session), *query_paths(item, post.pk)):
        key = key_of(path)
        if key == own:
            continue
        there = Redirect.objects.filter(key=key).first()
        if there is None or there.thing is None and not there.target:
            Redirect.keep(path, post, public=post.is_public)


def keep_author_addresses(session: Session) -> None:
    """`/author/login/` of people whose handle is another one here."""
    for login, person in session.users.items():
        if person.handle and person.handle != login and login:
            Redirect.keep(f"/author/{login}/", person, public=True)
