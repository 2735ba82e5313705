"""What a conversion needs to know about the old blog and the new one, and what it returns."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple


@dataclass(frozen=True)
class Attachment:
    """A file of the old media library. Texts are as the export has them; sizes are pixels, 0 if unknown."""

    url: str
    alt: str = ""
    caption: str = ""  # HTML
    title: str = ""
    link: str = ""  # the attachment page
    width: int = 0
    height: int = 0
    parent: int = 0  # the number of its post


def _unknown(url: str) -> str | None:
    return None


@dataclass(frozen=True)
class Context:
    """`media` and `link` get absolute URLs of files and pages (without fragment) and return the new address, or None to
    leave them as they are. `attached` are the attachments of this post in order, for `[gallery]` without ids."""

    attachments: Mapping[int, Attachment] = field(default_factory=dict)
    attached: Sequence[Attachment] = ()
    footnotes: str = ""  # the meta value: JSON, [{"id": …, "content": …}]
    media: Callable[[str], str | None] = _unknown
    link: Callable[[str], str | None] = _unknown
    language: str = ""  # BCP 47; selects the quotation marks
    blocks: Mapping[int, str] = field(default_factory=dict)  # reusable blocks: number → raw text
    texturize: bool = True
    origins: Sequence[str] = ()  # the old blog's URLs; the first resolves relative addresses


class Notice(NamedTuple):
    """What could not be carried as it was. Kinds: "shortcode", "block", "form", "poll", "embed", "html", "attachment",
    "limit"."""

    kind: str
    what: str


@dataclass(frozen=True)
class Converted:
    """HTML source for a post with `source_format="html"`. Lists are in the order of the text, without duplicates.

    `media_urls` and `links` are as the text had them, absolute where the origin is known. `other_spellings` has, for a
    picture's URL, the other files that the text names for it (`srcset`, `data-orig-file`), for a rescue.
    """

    html: str
    notices: tuple[Notice, ...]
    media_urls: tuple[str, ...]
    links: tuple[str, ...]
    other_spellings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
