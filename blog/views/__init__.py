from blog.views.lists import archive
from blog.views.misc import robots, theme
from blog.views.missing import not_found
from blog.views.post import by_path, post_page, unlock

__all__ = ["archive", "by_path", "not_found", "post_page", "robots", "theme", "unlock"]
