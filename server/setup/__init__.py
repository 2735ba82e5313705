"""Set up a blog with an owner: the middleware that blocks it until then, the one-time link, the form."""

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
