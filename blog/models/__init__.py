from blog.models.autosave import Autosave
from blog.models.media import Media, MediaUse
from blog.models.oldpath import OldPath
from blog.models.post import Post
from blog.models.reading import Reading
from blog.models.revision import Revision
from blog.models.search import SearchEntry
from blog.models.secretlink import SecretLink
from blog.models.taxonomy import Category, Tag
from blog.models.visits import Referrer, Visit

__all__ = [
    "Autosave",
    "Category",
    "Media",
    "MediaUse",
    "OldPath",
    "Post",
    "Reading",
    "Referrer",
    "Revision",
    "SearchEntry",
    "SecretLink",
    "Tag",
    "Visit",
]
