from blog.models.autosave import Autosave
from blog.models.bulk_action import BulkAction
from blog.models.css_revision import CssRevision
from blog.models.home_zone import HomeZone
from blog.models.link_card import LinkCard
from blog.models.link_check import LinkCheck
from blog.models.media import Media, MediaUse
from blog.models.not_found import NotFound
from blog.models.podcast import Podcast
from blog.models.post import Post
from blog.models.reading_settings import Icon, MenuLink, ReadingSettings
from blog.models.redirect import Redirect
from blog.models.revision import Revision
from blog.models.robots import RobotVisit
from blog.models.secret_link import SecretLink
from blog.models.series import Series
from blog.models.taxonomy import Category, Tag
from blog.models.visits import Referrer, Visit
from blog.search.models import SearchEntry

__all__ = [
    "Autosave",
    "BulkAction",
    "Category",
    "CssRevision",
    "HomeZone",
    "Icon",
    "LinkCard",
    "LinkCheck",
    "Media",
    "MediaUse",
    "MenuLink",
    "NotFound",
    "Redirect",
    "Podcast",
    "Post",
    "ReadingSettings",
    "Referrer",
    "Revision",
    "RobotVisit",
    "SearchEntry",
    "SecretLink",
    "Series",
    "Tag",
    "Visit",
]
