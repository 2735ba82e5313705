"""From an empty database to a blog with an owner: the door before it, the link to it, and the deed."""

from server.setup.create_site import AlreadySetUp, make_blog
from server.setup.middleware import NotSetUp, owner_exists
from server.setup.setup_link import is_the_link, new_link
from server.setup.views import page

__all__ = ["AlreadySetUp", "NotSetUp", "is_the_link", "make_blog", "new_link", "owner_exists", "page"]
