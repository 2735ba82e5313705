from blog.models.autosave import Autosave
from blog.models.bulk import Bulk
from blog.models.media import Media, MediaUse
from blog.models.missed import Missed
from blog.models.oldpath import OldPath
from blog.models.post import Post
from blog.models.reading import Icon, MenuLink, Reading
from blog.models.revision import Revision
from blog.models.search import SearchEntry
from blog.models.secretlink import SecretLink
from blog.models.taxonomy import Category, Tag
from blog.models.visits import Referrer, Visit

__all__ = [
    "Autosave",
    "Bulk",
    "Category",
    "Icon",
    "Media",
    "MediaUse",
    "MenuLink",
    "Missed",
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
