"""What the texts of `export_markdown` say in their map `longrun`, and the comments beside them."""

from datetime import datetime

import yaml

from transfer.date_values import in_utc, parse_date
from transfer.records import Comment, Item, Term, TermUse
from transfer.textfiles.front_matter import Facts, Loader, split
from transfer.textfiles.tree import Tree

STATES = {"approved": "1", "pending": "0", "spam": "spam", "trash": "trash"}
FORMATS = {"note": "aside", "quote": "quote", "link": "link"}
LISTS = {"categories": ("category", "category"), "tags": ("post_tag", "tag")}
OWN_SOURCE, OWN_SYNTAX, LINK = "_longrun_source", "_longrun_extended_markdown", "_longrun_link"


def own_item(item: Item, facts: Facts, numbers: dict[str, int], tree: Tree) -> None:
    """Set what an item of another Longrun says beside the common fields."""
    own = facts.get("longrun")
    if not isinstance(own, dict):
        return
    status, visibility = str(own.get("status", "")), str(own.get("visibility", ""))
    if status == "published":
        item.status = "publish" if visibility == "public" else "private"
    else:
        item.status = status if status in ("draft", "pending", "trash") else "draft"
    if item.date and (day := parse_date(own.get("day"))):  # the local date of its address, whatever the timezone says
        item.date = datetime.combine(day.date(), item.date.time())
    item.guid = str(own.get("guid") or "")[:300]
    item.is_sticky = own.get("sticky") is True
    item.comment_status = "closed" if own.get("comments_open") is False else "open"
    item.parent = numbers.get(str(own.get("parent") or ""), 0)
    if (name := FORMATS.get(str(own.get("format", "")))) is not None:
        item.terms.append(TermUse("post_format", f"post-format-{name}", name))
    if own.get("extended_markdown") is True:
        item.meta.append((OWN_SYNTAX, "1"))
    if own.get("contact_form") is True:
        item.meta.append(("_longrun_contact_form", "1"))
    if own.get("series"):
        item.meta.append(("_longrun_series", str(own["series"])))
    if own.get("part") is not None:
        item.meta.append(("_longrun_part", str(own["part"])))
    if own.get("link"):
        item.meta.append((LINK, str(own["link"])))


def own_term(facts: Facts, text: str) -> Term | None:
    """The category or tag whose posts a page of `content/lists` lists: with slug, parent and description."""
    which, path = facts.get("list"), str(facts.get("url") or "")
    key = which.get("key") if isinstance(which, dict) else None
    parts = [part for part in path.split("/") if part]
    if key not in LISTS or len(parts) < 2 or not facts.get("title"):
        return None
    taxonomy, element = LISTS[key]
    parent = parts[-2] if taxonomy == "category" and len(parts) > 2 else ""
    description = split(text)[1].strip()
    return Term(taxonomy, parts[-1], str(facts["title"]), parent, description, element=element)


def comments_of(tree: Tree, number: int) -> list[Comment]:
    """The comments of a post: all of them from the private part of an export, else what everybody may see."""
    for name in (f"private/comments/{number}.yaml", f"data/comments/{number}.yaml"):
        if name in tree.real:
            try:
                rows = yaml.load(tree.text(name), Loader)  # noqa: S506  (a SafeLoader)
            except (yaml.YAMLError, ValueError, RecursionError):
                return []
            is_public = name.startswith("data/")
            rows = rows if isinstance(rows, list) else []
            return [comment_of(row, is_public) for row in rows if isinstance(row, dict)]
    return []


def comment_of(row: Facts, is_public: bool) -> Comment:
    def value(key: str) -> str:
        return "" if row.get(key) is None else str(row[key])

    state = value("state") or ("approved" if is_public else "pending")
    text, is_markdown = value("text"), value("format") == "markdown"
    return Comment(
        number=int(value("number")) if value("number").isdecimal() and len(value("number")) < 16 else None,
        parent=int(value("parent")) if value("parent").isdecimal() and len(value("parent")) < 16 else 0,
        author=value("name"),
        email=value("email"),
        url=value("website"),
        date_gmt=in_utc(row.get("date")),
        content=value("html") if is_markdown else text,
        approved=STATES.get(state, "0"),
        kind="" if value("kind") in ("", "comment") else value("kind"),
        meta=[(OWN_SOURCE, text)] if is_markdown else [],
    )
