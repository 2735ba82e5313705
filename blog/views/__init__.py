from blog.redirects.not_found import not_found
from blog.views.archive_list import archive_index
from blog.views.front_page import by_path, home
from blog.views.lists import archive
from blog.views.picture_card import picture_card
from blog.views.post import post_page, unlock, whole_page
from blog.views.search import opensearch, search, search_by_path
from blog.views.secret_link import secret
from blog.views.site_files import icon, icon_by_custom, link_picture, own_css, robots, theme

__all__ = [
    "archive",
    "archive_index",
    "by_path",
    "home",
    "icon",
    "icon_by_custom",
    "link_picture",
    "not_found",
    "own_css",
    "opensearch",
    "picture_card",
    "post_page",
    "robots",
    "search",
    "search_by_path",
    "secret",
    "theme",
    "unlock",
    "whole_page",
]
