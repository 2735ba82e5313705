"""The text of an item as the source of a post: what WordPress showed, with links that lead to where things are now."""

from urllib.parse import unquote

from transfer.importing.plan import origin_of, urlsplit_or_none
from transfer.importing.session import Session
from transfer.records import Item

OWN_SOURCE = "_longrun_source"  # meta that our own export writes beside the HTML of a Markdown text


def source_of(item: Item, session: Session) -> tuple[str, str, list[str]]:
    """(source, its format, notices: what could not be carried as it was) of a post or page."""
    if own := item.meta_value(OWN_SOURCE):
        return own, "markdown", []
    if item.content_format != "wordpress":
        return item.content, item.content_format, []
    return item.content, "html", []


def link_here(url: str, session: Session) -> str | None:
    """The path on this blog of a link into the old one; None for other links and for what is not here."""
    parts = urlsplit_or_none(url)
    if parts is None or not belongs(url, session):
        return None
    path = unquote(parts.path)
    found = session.paths.get(path.rstrip("/") + "/")
    if found is None:
        return None
    return found + (f"#{parts.fragment}" if parts.fragment else "")


def belongs(url: str, session: Session) -> bool:
    return f"{origin_of(url)}/".startswith(f"{session.origin}/") if session.origin else False
