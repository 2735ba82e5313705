"""The systems whose files can be imported: how their files are read, and counted in another way."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from transfer.blogger import counting as blogger_counting
from transfer.blogger import reader as blogger_reader
from transfer.ghost import counting as ghost_counting
from transfer.ghost import reader as ghost_reader
from transfer.records import Counts, Record
from transfer.textfiles import counting as textfiles_counting
from transfer.textfiles import reader as textfiles_reader
from transfer.wordpress import counting as wordpress_counting
from transfer.wordpress import reader as wordpress_reader


@dataclass(frozen=True)
class System:
    """`read` gets the address of the old blog as `url`, which files of some systems do not contain; "" if unknown."""

    read: Callable[[Sequence[Path], str], Iterator[Record]]
    count: Callable[[Sequence[Path]], Counts]


SYSTEMS = {
    "wordpress": System(lambda paths, url: wordpress_reader.read(paths), wordpress_counting.count_elements),
    "markdown": System(textfiles_reader.read, textfiles_counting.count_elements),
    "blogger": System(blogger_reader.read, blogger_counting.count_elements),
    "ghost": System(ghost_reader.read, ghost_counting.count_elements),
}
