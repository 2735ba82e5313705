"""What Hugo needs to build an export as it is: configuration, plain layouts, and a page for each list of posts.

Every list (category, tag, author, year, month, day) is a section of its own, `content/lists/NAME/_index.md`, at the
address that it has here. A theme may replace the layouts. Tried with Hugo 0.111.3 (Debian 12).
"""

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model

from blog.models import Category, MenuLink, Post, Series, Tag
from blog.models.reading_settings import reading
from core import dates, languages
from core.site import site
from transfer.exporting.files import copy_file, front_matter, write_text, yaml_scalar

LAYOUTS = Path(__file__).with_name("hugo_layouts")


def write_site(root: Path) -> None:
    """Write configuration, layouts and lists below `root`."""
    write_text(root, "hugo.toml", configuration())
    for layout in sorted(LAYOUTS.rglob("*.html")):
        copy_file(layout, root, f"layouts/{layout.relative_to(LAYOUTS).as_posix()}")
    for name, facts, text in lists():
        write_text(root, f"content/lists/{name}/_index.md", front_matter(facts) + text)


def configuration() -> str:
    here = site()
    facts = {
        "baseURL": f"{settings.LONGRUN_URL}/",
        "title": here.title,
        "languageCode": languages.canonical(here.language),
        "disablePathToLower": True,
        "disableKinds": ["taxonomy", "term"],  # lists have pages of their own, at their addresses
        "paginate": reading().posts_per_page,
        "rssLimit": reading().feed_items,
        "enableEmoji": False,
    }
    lines = [f"{key} = {yaml_scalar(value)}" for key, value in facts.items()]
    params = f"[params]\ndescription = {yaml_scalar(here.tagline)}\n"
    goldmark = "[markup.goldmark.renderer]\nunsafe = true\n\n[markup.goldmark.extensions]\ntypographer = false\n"
    return "\n".join([*lines, "", params, goldmark, *menu()])


def menu() -> Iterator[str]:
    """The menu: the pages that everybody may see and the owner's links, in the blog's order."""
    pages = Post.objects.pages().open().filter(parent=None).order_by("menu_order", "title", "pk")
    entries = [(page.menu_order, str(page), page.get_absolute_url()) for page in pages]
    entries += [(link.number, link.title, link.url) for link in MenuLink.objects.all()]
    for number, (_order, name, url) in enumerate(sorted(entries, key=lambda entry: entry[0]), 1):
        yield f"[[menu.main]]\nname = {yaml_scalar(name)}\nurl = {yaml_scalar(url)}\nweight = {number}\n"


def lists() -> Iterator[tuple[str, dict[str, object], str]]:
    """(folder, front matter, text) of every list of posts that the blog shows to everybody."""
    names = {row.pk: (row.name, row.route) for row in Category.objects.all()}
    for category in Category.objects.order_by("pk"):
        below = [name for name, route in names.values() if f"{route}/".startswith(f"{category.route}/")]
        yield (
            f"category-{category.pk}",
            listed(category.path, category.name, key="categories", names=below),
            (category.description),
        )
    for tag in Tag.objects.order_by("pk"):
        yield f"tag-{tag.pk}", listed(tag.path, tag.name, key="tags", names=[tag.name]), tag.description
    for series in Series.objects.in_use().order_by("pk"):
        facts = listed(series.path, series.name, key="series", names=[series.name], in_parts=True)
        yield f"series-{series.pk}", facts, series.description
    writers = Post.objects.listed().open().order_by().values("author")
    for person in get_user_model().objects.filter(pk__in=writers).exclude(handle=None).order_by("pk"):
        path = f"/author/{person.handle}/"
        yield f"author-{person.pk}", listed(path, person.name, author=person.handle), person.bio
    yield from lists_of_days()


def lists_of_days() -> Iterator[tuple[str, dict[str, object], str]]:
    found = Post.objects.listed().open().exclude(published_on=None)
    days = sorted(set(found.order_by().values_list("published_on", flat=True)))
    for title, shape in ((lambda day: f"{day:%Y}", "%Y"), (dates.month, "%Y-%m"), (dates.day, "%Y-%m-%d")):
        for name in sorted({f"{day:{shape}}" for day in days}):
            inside = [day for day in days if f"{day:{shape}}" == name]
            between = [f"{inside[0]:%Y-%m-%d}", f"{inside[-1]:%Y-%m-%d}"]
            yield name, listed(f"/{name.replace('-', '/')}/", str(title(inside[0])), days=between), ""


def listed(path: str, title: str, **which: object) -> dict[str, object]:
    return {"title": title, "url": path, "list": which}
