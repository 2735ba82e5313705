"""From an empty database to a blog with an owner: the door before it, the link to it, and the deed."""

from .blog import AlreadySetUp, make_blog
from .gate import NotSetUp, owner_exists
from .link import is_the_link, new_link
from .views import page

__all__ = ["AlreadySetUp", "NotSetUp", "is_the_link", "make_blog", "new_link", "owner_exists", "page"]
