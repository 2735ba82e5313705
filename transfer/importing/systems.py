"""The systems whose files can be imported: how their files are read, and counted in another way."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from transfer.blogger import counting as blogger_counting
from transfer.blogger import reader as blogger_reader
from transfer.commento import counting as commento_counting
from transfer.commento import reader as commento_reader
from transfer.disqus import counting as disqus_counting
from transfer.disqus import reader as disqus_reader
from transfer.ghost import counting as ghost_counting
from transfer.ghost import reader as ghost_reader
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
from transfer.isso import counting as isso_counting
from transfer.isso import reader as isso_reader
from transfer.medium import counting as medium_counting
from transfer.medium import reader as medium_reader
from transfer.records import Counts, Record
from transfer.remark42 import counting as remark42_counting
from transfer.remark42 import reader as remark42_reader
from transfer.subscribers import counting as subscribers_counting
from transfer.subscribers import reader as subscribers_reader
from transfer.substack import counting as substack_counting
from transfer.substack import reader as substack_reader
from transfer.textfiles import counting as textfiles_counting
from transfer.textfiles import reader as textfiles_reader
from transfer.wordpress import counting as wordpress_counting
from transfer.wordpress import reader as wordpress_reader


@dataclass(frozen=True)
class System:
    """`read` gets the option `option` of the run, "" without it: for most the address of the old blog, which files of
    some systems do not contain.

    The desk shows `label`, asks for the address if `asks_address` and a file does not say it, and offers the system for
    a file that it `recognizes`. `endings` are those of its files' names. `has_files_inside`: pictures lie beside the
    texts, in the same archive.
    """

    read: Callable[[Sequence[Path], str], Iterator[Record]]
    count: Callable[[Sequence[Path]], Counts]
    label: str
    recognizes: Callable[[Clues], bool]
    endings: tuple[str, ...] = (".xml", ".gz", ".zip")
    asks_address: bool = False
    has_files_inside: bool = False
    option: str = "url"


# In the order in which a file is shown to them: the folder of texts last, since other exports may contain some.
SYSTEMS = {
    "wordpress": System(
        lambda paths, url: wordpress_reader.read(paths), wordpress_counting.count_elements, "WordPress", is_wordpress
    ),
    "blogger": System(
        blogger_reader.read,
        blogger_counting.count_elements,
        "Blogger",
        is_blogger,
        endings=(".xml", ".atom", ".gz", ".zip"),
        asks_address=True,
    ),
    "ghost": System(
        ghost_reader.read,
        ghost_counting.count_elements,
        "Ghost",
        is_ghost,
        endings=(".json", ".zip"),
        asks_address=True,
    ),
    "disqus": System(
        disqus_reader.read, disqus_counting.count_elements, "Disqus", is_disqus, endings=(".xml", ".gz", ".zip")
    ),
    "commento": System(
        commento_reader.read, commento_counting.count_elements, "Commento", is_commento, endings=(".json", ".gz")
    ),
    "remark42": System(
        remark42_reader.read, remark42_counting.count_elements, "Remark42", is_remark42, endings=(".gz", ".json")
    ),
    "isso": System(
        isso_reader.read, isso_counting.count_elements, "Isso", is_isso, endings=(".db", ".sqlite", ".sqlite3")
    ),
    "substack": System(
        substack_reader.read,
        substack_counting.count_elements,
        "Substack",
        is_substack,
        endings=(".zip",),
        asks_address=True,
    ),
    "medium": System(
        medium_reader.read,
        medium_counting.count_elements,
        "Medium",
        is_medium,
        endings=(".zip",),
        asks_address=True,
    ),
    "markdown": System(
        textfiles_reader.read,
        textfiles_counting.count_elements,
        "Markdown",
        is_folder_of_texts,
        endings=(".zip",),
        asks_address=True,
        has_files_inside=True,
    ),
    "subscribers": System(
        subscribers_reader.read,
        subscribers_counting.count_elements,
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
