"""From an empty database to a blog with an owner: the door before it, the link to it, and the deed."""

from server.setup.create_site import AlreadySetUp, create_blog
from server.setup.middleware import SetupMiddleware, owner_exists
from server.setup.setup_link import create_link, is_valid_link
from server.setup.views import setup_page

__all__ = [
    "AlreadySetUp",
    "SetupMiddleware",
    "is_valid_link",
    "create_blog",
    "create_link",
    "owner_exists",
    "setup_page",
]
