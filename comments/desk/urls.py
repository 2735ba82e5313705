"""The moderator's desk; all of it stands before the blog's desk in `config.urls`."""

from django.urls import path, re_path

from comments.desk import queue, settings

urlpatterns = [
    path("comments/", queue.queue, name="desk_comments"),
    path("comments/decide/", queue.decide, name="desk_comments_decide"),
    path("comments/decisions/<int:pk>/undo/", queue.undo, name="desk_comments_undo"),
    path("comments/<int:pk>/reply/", queue.reply, name="desk_comment_reply"),
    re_path("^comments/(?P<pile>approved|spam|trash)/$", queue.queue, name="desk_comments_in"),
    path("settings/discussion/", settings.discussion_settings, name="desk_discussion"),
]
