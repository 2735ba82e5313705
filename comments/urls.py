"""The addresses of the conversation: those of its own, and those that hang on a post's path."""

from django.urls import path, re_path

from blog.views import by_path as post_by_path
from comments import claims, deciding, editing, feeds, joining, letterbox, login, people, posting, reports

urlpatterns = [
    path("<int:post_id>/", posting.post_comment, name="comment"),
    path("<int:post_id>/as/<str:provider>/", login.log_in, name="comment_login"),
    path("<int:post_id>/leave/", login.leave, name="comment_leave"),
    path("to/<int:pk>/", posting.comment_permalink, name="comment_permalink"),
    path("to/<int:pk>/edit/", editing.edit, name="comment_edit"),
    path("to/<int:pk>/report/", reports.report, name="comment_report"),
    path("to/<int:pk>/tell/", letterbox.tell_me, name="comment_tell"),
    path("subscribe/", letterbox.subscribe, name="subscribe"),
    path("letters/confirm/<str:token>/", letterbox.confirm, name="subscription_confirm"),
    path("letters/stop/<str:token>/", letterbox.stop, name="subscription_stop"),
    path("letters/<str:token>/", letterbox.subscriptions, name="subscriptions"),
    path("decide/<str:token>/", deciding.decide, name="comment_decide"),
    path("switch/<str:token>/", deciding.switch, name="comment_switch"),
    path("feed/", feeds.blog_comments, name="comments_feed"),
    path("feed/<slug:form>/", feeds.blog_comments, name="comments_feed_form"),
]

# Below /accounts/me/.
mine = [
    path("", people.me, name="my_comments"),
    path("comments.json", people.export, name="my_comments_export"),
    path("letters/", letterbox.mine, name="my_letters"),
    path("forget/", people.forget, name="forget_me"),
    path("earlier/", claims.earlier, name="earlier_comments"),
    path("join/", joining.join, name="join_accounts"),
]

# Before the blog's own catch-all.
by_path = [
    re_path(
        r"^(?P<path>.+)/feed/(?:(?P<form>rss|rss2|rdf|atom|json)/)?$", feeds.post_comments, name="post_comments_feed"
    ),
    re_path(r"^(?P<path>.+)/comment-page-(?P<comment_page>[0-9]{1,6})/$", post_by_path, name="post_comment_page"),
]
