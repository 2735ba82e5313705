from django.urls import path

from transfer.desk import chunked_uploads, exports, markdown, old_files, threads, url_checks, views

urlpatterns = [
    path("import/", views.import_list, name="desk_imports"),
    path("import/piece/", chunked_uploads.import_chunk, name="desk_import_piece"),
    path("import/<int:pk>/", views.import_page, name="desk_import"),
    path("import/<int:pk>/progress/", views.import_progress, name="desk_import_progress"),
    path("import/<int:pk>/receipt/", views.import_receipt, name="desk_import_receipt"),
    path("import/<int:pk>/threads/", threads.import_threads, name="desk_import_threads"),
    path("import/files/", old_files.import_files, name="desk_import_files"),
    path("import/files/progress/", old_files.import_files_progress, name="desk_import_files_progress"),
    path("import/files/upload/", old_files.import_file, name="desk_import_file"),
    path("import/urls/", url_checks.url_check, name="desk_url_check"),
    path("import/urls/progress/", url_checks.url_check_progress, name="desk_url_check_progress"),
    path("posts/markdown/", markdown.markdown, name="desk_markdown"),
    path("posts/markdown/progress/", markdown.markdown_progress, name="desk_markdown_progress"),
    path("posts/<int:pk>/markdown/", markdown.post_markdown, name="desk_post_markdown"),
    path("export/", exports.export_list, name="desk_exports"),
    path("export/progress/", exports.export_progress, name="desk_export_progress"),
    path("export/mirror/", exports.mirror, name="desk_mirror"),
    path("export/<int:pk>/", exports.export_download, name="desk_export_download"),
    path("export/<int:pk>/delete/", exports.export_delete, name="desk_export_delete"),
]
