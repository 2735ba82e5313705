from django.urls import path

from transfer.desk import views

urlpatterns = [
    path("import/", views.import_list, name="desk_imports"),
    path("import/piece/", views.import_piece, name="desk_import_piece"),
    path("import/<int:pk>/", views.import_page, name="desk_import"),
    path("import/<int:pk>/progress/", views.import_progress, name="desk_import_progress"),
    path("import/<int:pk>/receipt/", views.import_receipt, name="desk_import_receipt"),
    path("import/<int:pk>/files/", views.import_files, name="desk_import_files"),
    path("import/files/<int:pk>/", views.import_file, name="desk_import_file"),
]
