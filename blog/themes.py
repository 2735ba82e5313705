"""The themes: which style sheets each loads, and how its lists show posts. All share the same templates.

`server.static_files` makes a theme's sheets of `static/css/` and of its folder in `static/css/themes/`.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Theme:
    """`papers`: the lightest and the darkest background of its texts, --paper or --ground of its tokens.css."""

    name: str  # as ReadingSettings.theme stores it
    label: Any
    about: Any
    papers: tuple
    sheet: str = "site.css"
    list_sheet: str = ""  # what the front page and archives load as well; "" if nothing
    excerpts: bool = False  # whether the front page shows excerpts, as archives do
    pictures: bool = False  # whether lists show a picture of each post
    columns: bool = False  # whether its owner chooses the number of columns
    header: bool = False  # whether its owner chooses where the header begins


def with_sheets(name, **facts):
    return Theme(name, sheet=f"{name}.css", list_sheet=f"{name}-lists.css", pictures=True, header=True, **facts)


PAPERBACK = Theme(
    "",
    label=_("Paperback"),
    about=_("A page of a good book: the text carries it, and every kind of post keeps its own voice."),
    papers=("#fcfaf5", "#1e1c19"),
)
MAGAZINE = with_sheets(
    "magazine",
    label=_("Magazine"),
    about=_("The newest post large, the others as cards with pictures below it, under a large name."),
    papers=("#ffffff", "#17191c"),
    excerpts=True,
    columns=True,
)
NOTEBOOK = with_sheets(
    "notebook",
    label=_("Notebook"),
    about=_("A stream of notes, links and pictures, each on a sheet of its own, for who writes short and often."),
    papers=("#ecf0f1", "#1c2226"),
)
PORTFOLIO = with_sheets(
    "portfolio",
    label=_("Portfolio"),
    about=_("A wall of pictures with their names, and almost no color but theirs."),
    papers=("#f7f7f5", "#121212"),
    excerpts=True,
    columns=True,
)
THEMES = {theme.name: theme for theme in (PAPERBACK, MAGAZINE, NOTEBOOK, PORTFOLIO)}


def theme_named(name):
    """The theme with this name; the default for a name that this version does not know."""
    return THEMES.get(name, PAPERBACK)
