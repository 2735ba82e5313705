"""The URLs of comments: those below /comments/, those of the account pages, and those below a post's path."""

from django.urls import path, re_path

from blog.views import by_path as post_by_path
from comments import feeds
from comments.moderation import email_links
from comments.notifications import views
from comments.views import claim, contact, create, edit, login, merge_accounts, my_comments, permalink, report

urlpatterns = [
    path("<int:post_id>/", create.post_comment, name="comment"),
    path("<int:post_id>/message/", contact.send_message, name="contact"),
    path("<int:post_id>/as/<str:provider>/", login.log_in, name="comment_login"),
    path("<int:post_id>/leave/", login.log_out, name="comment_logout"),
    path("to/<int:pk>/", permalink.comment_permalink, name="comment_permalink"),
    path("to/<int:pk>/edit/", edit.edit, name="comment_edit"),
    path("to/<int:pk>/report/", report.report, name="comment_report"),
    path("to/<int:pk>/notify/", views.notify_me, name="comment_notify"),
    path("subscribe/", views.subscribe, name="subscribe"),
    path("subscriptions/confirm/<str:token>/", views.confirm, name="subscription_confirm"),
    path("subscriptions/stop/<str:token>/", views.unsubscribe, name="unsubscribe_link"),
    path("subscriptions/<str:token>/", views.subscriptions, name="subscriptions"),
    path("decide/<str:token>/", email_links.decide, name="comment_decide"),
    path("switch/<str:token>/", email_links.switch, name="emergency_switch"),
    path("feed/", feeds.blog_comments, name="comments_feed"),
    path("feed/<slug:form>/", feeds.blog_comments, name="comments_feed_form"),
]

# Below /accounts/me/.
mine = [
    path("", my_comments.list_comments, name="my_comments"),
    path("comments.json", my_comments.export, name="my_comments_export"),
    path("subscriptions/", views.my_subscriptions, name="my_subscriptions"),
    path("delete-data/", my_comments.forget, name="delete_my_data"),
    path("earlier/", claim.earlier_comments, name="earlier_comments"),
    path("merge/", merge_accounts.confirm_merge, name="merge_accounts"),
]

# Before the blog's own catch-all.
by_path = [
    re_path(
        r"^(?P<path>.+)/feed/(?:(?P<form>rss|rss2|rdf|atom|json)/)?$", feeds.post_comments, name="post_comments_feed"
    ),
    re_path(r"^(?P<path>.+)/comment-page-(?P<comment_page>[0-9]{1,6})/$", post_by_path, name="post_comment_page"),
]
