"""The author's desk. The comments' desk stands before it in `config.urls`."""

from django.urls import path

from blog.desk import autosave, dashboard, links, media, posts, preview, revisions, settings, terms, trash, write

urlpatterns = [
    path("", dashboard.desk, name="desk"),
    path("posts/", posts.posts, {"kind": "post"}, name="desk_posts"),
    path("pages/", posts.posts, {"kind": "page"}, name="desk_pages"),
    path("write/", write.write, name="write"),
    path("write/autosave/", autosave.keep, name="desk_autosave"),
    path("write/token/", autosave.token, name="desk_token"),
    path("write/signed-in/", autosave.signed_in, name="desk_signed_in"),
    path("write/autosaves/<int:pk>/throw-away/", autosave.throw_away, name="desk_autosave_throw_away"),
    path("posts/<int:pk>/autosave/", autosave.keep, name="desk_post_autosave"),
    path("posts/<int:pk>/", write.write, name="desk_post"),
    path("preview/", preview.beside, name="desk_preview"),
    path("links/", links.links, name="desk_links"),
    path("posts/<int:pk>/preview/", write.preview, name="desk_post_preview"),
    path("posts/<int:pk>/revisions/", revisions.revisions, name="desk_post_revisions"),
    path("posts/<int:pk>/revisions/compare/", revisions.compare, name="desk_post_compare"),
    path("posts/<int:pk>/revisions/<int:number>/", revisions.revision, name="desk_post_revision"),
    path("posts/<int:pk>/revisions/<int:number>/name/", revisions.name, name="desk_post_revision_name"),
    path("posts/<int:pk>/trash/", posts.trash, name="desk_post_trash"),
    path("posts/<int:pk>/restore/", posts.restore, name="desk_post_restore"),
    path("posts/<int:pk>/delete/", posts.delete, name="desk_post_delete"),
    path("categories/", terms.categories, name="desk_categories"),
    path("categories/<int:pk>/", terms.category, name="desk_category"),
    path("categories/<int:pk>/delete/", terms.delete_category, name="desk_category_delete"),
    path("tags/", terms.tags, name="desk_tags"),
    path("tags/<int:pk>/", terms.tag, name="desk_tag"),
    path("tags/<int:pk>/delete/", terms.delete_tag, name="desk_tag_delete"),
    path("media/", media.library, name="desk_media"),
    path("media/<int:pk>/", media.file, name="desk_file"),
    path("media/<int:pk>/delete/", media.delete, name="desk_file_delete"),
    path("media/trash/", trash.trashed_files, name="desk_media_trash"),
    path("media/<int:pk>/trash/", trash.trash_file, name="desk_file_trash"),
    path("media/<int:pk>/restore/", trash.restore_file, name="desk_file_restore"),
    path("settings/", settings.settings, name="desk_settings"),
]
