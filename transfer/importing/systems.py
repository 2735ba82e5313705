"""The systems whose files can be imported: how their files are read, and counted in another way."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import cast

from transfer.importing.recognition import (
    Clues,
    clues_of,
    is_blogger,
    is_commento,
    is_disqus,
    is_folder_of_texts,
    is_ghost,
    is_isso,
    is_list_of_subscribers,
    is_medium,
    is_remark42,
    is_substack,
    is_wordpress,
)
from transfer.records import Counts, Record


@dataclass(frozen=True)
class System:
    """`package` has the modules `reader` and `counting`, which are loaded when a file is read. The reader gets the
    option `option` of the run, "" without it: for most the address of the old blog, which files of some systems do not
    contain.

    The desk shows `label`, asks for the address if `asks_address` and a file does not say it, and offers the system for
    a file that it `recognizes`. `endings` are those of its files' names. `has_files_inside`: pictures lie beside the
    texts, in the same archive.
    """

    package: str
    label: str
    recognizes: Callable[[Clues], bool]
    endings: tuple[str, ...] = (".xml", ".gz", ".zip")
    asks_address: bool = False
    has_files_inside: bool = False
    option: str = "url"

    def read(self, paths: Sequence[Path], option: str) -> Iterator[Record]:
        reader = import_module(f"transfer.{self.package}.reader")
        return cast(Iterator[Record], reader.read(paths, option))

    def count(self, paths: Sequence[Path]) -> Counts:
        counting = import_module(f"transfer.{self.package}.counting")
        return cast(Counts, counting.count_elements(paths))


# In the order in which a file is shown to them: the folder of texts last, since other exports may contain some.
SYSTEMS = {
    "wordpress": System("wordpress", "WordPress", is_wordpress),
    "blogger": System(
        "blogger",
        "Blogger",
        is_blogger,
        endings=(".xml", ".atom", ".gz", ".zip"),
        asks_address=True,
    ),
    "ghost": System(
        "ghost",
        "Ghost",
        is_ghost,
        endings=(".json", ".zip"),
        asks_address=True,
    ),
    "disqus": System("disqus", "Disqus", is_disqus, endings=(".xml", ".gz", ".zip")),
    "commento": System("commento", "Commento", is_commento, endings=(".json", ".gz")),
    "remark42": System("remark42", "Remark42", is_remark42, endings=(".gz", ".json")),
    "isso": System("isso", "Isso", is_isso, endings=(".db", ".sqlite", ".sqlite3")),
    "substack": System(
        "substack",
        "Substack",
        is_substack,
        endings=(".zip",),
        asks_address=True,
    ),
    "medium": System(
        "medium",
        "Medium",
        is_medium,
        endings=(".zip",),
        asks_address=True,
    ),
    "markdown": System(
        "textfiles",
        "Markdown",
        is_folder_of_texts,
        endings=(".zip",),
        asks_address=True,
        has_files_inside=True,
    ),
    "subscribers": System(
        "subscribers",
        "Subscribers (CSV)",
        is_list_of_subscribers,
        endings=(".csv", ".tsv", ".txt", ".zip"),
        option="service",
    ),
}


def recognized(paths: Sequence[Path]) -> str:
    """The system of these files; "" if none recognizes them."""
    clues = [clues_of(path) for path in paths]
    return next((name for name, system in SYSTEMS.items() if any(map(system.recognizes, clues))), "")
