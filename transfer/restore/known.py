"""What a restore has brought so far."""

from collections import Counter

from django.db.models import Model

from accounts.models import User
from transfer.restore.sources import Source


class Known:
    """Which numbers of the source are here, and under which number its people are."""

    """What has come so far: which numbers of the source are here, and under which number people are."""

    def __init__(self, source: Source, owner: User) -> None:
        self.source, self.owner = source, owner
        self.users: dict[int, int] = {}  # number in the source → number here
        self.commenters: set[int] = set()
        self.categories: set[int] = set()
        self.tags: set[int] = set()
        self.series: set[int] = set()
        self.media: set[int] = set()
        self.posts: set[int] = set()
        self.comments: set[int] = set()
        self.highest: Counter[type[Model]] = Counter()  # number that a decision names, also of what has been erased
        self.folders: list[str] = []  # of files, to be deleted if the restore fails
        self.counted: Counter[str] = Counter()
