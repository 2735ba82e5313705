"""What an import keeps of comments whose thread has no post here goes with the other data of their writers."""

from collections.abc import Iterable

from blog import search
from comments.privacy import when_erased
from transfer.importing.threads import ERASED
from transfer.models import ImportRef


@when_erased
def erase_kept_comments(addresses: Iterable[str]) -> None:
    """Erase the kept comments of these email addresses; a later import of the same file leaves them out."""
    for address in addresses:
        kept = ImportRef.objects.filter(kind="comments", thing=None, kept__record__email__iexact=address)
        if address and kept.update(kept=ERASED, original=""):
            search.purge.enqueue([ImportRef._meta.db_table])
