"""The URLs of the comments at the desk, included before those of the blog's desk in `config.urls`."""

from django.urls import path, re_path

from comments.desk import (
    bulk_review,
    clusters,
    comment_lists,
    commenters,
    contact_messages,
    edit,
    filed_spam,
    history,
    hold_all,
    review,
    settings,
    subscribers,
)

urlpatterns = [
    path("comments/", comment_lists.comment_list, name="desk_comments"),
    path("comments/review/", review.review, name="desk_review"),
    path("comments/decide/", comment_lists.decide, name="desk_comments_decide"),
    path("comments/history/", history.action_list, name="desk_history"),
    path("comments/history/<int:pk>/undo/", comment_lists.undo, name="desk_comments_undo"),
    path("comments/likely-spam/", bulk_review.likely_spam, name="desk_likely_spam"),
    path("comments/first/", bulk_review.first_comments, name="desk_first_comments"),
    path("comments/clusters/", clusters.cluster_list, name="desk_clusters"),
    path("comments/clusters/decide/", clusters.decide, name="desk_clusters_decide"),
    path("comments/commenters/", commenters.commenter_list, name="desk_commenters"),
    path("comments/commenters/<int:pk>/", commenters.commenter_detail, name="desk_commenter"),
    path("comments/commenters/<int:pk>/trust/", commenters.set_trust, name="desk_commenter_trust"),
    path("comments/commenters/<int:pk>/block-preview/", commenters.block_preview, name="desk_commenter_block_preview"),
    path("comments/personal-data/", commenters.personal_data, name="desk_personal_data"),
    path("comments/personal-data/erase/", commenters.erase_personal_data, name="desk_personal_data_erase"),
    path("messages/", contact_messages.message_list, name="desk_messages"),
    path("messages/decide/", contact_messages.decide_messages, name="desk_messages_decide"),
    re_path("^messages/(?P<state>done|pending|spam|trash)/$", contact_messages.message_list, name="desk_messages_in"),
    path("subscribers/", subscribers.subscribers, name="desk_subscribers"),
    path("subscribers/remove/", subscribers.remove, name="desk_subscriber_remove"),
    path("subscribers/settings/", subscribers.save, name="desk_subscribers_settings"),
    path("comments/filed-spam/", filed_spam.dismiss_notice, name="desk_filed_spam_dismiss"),
    path("comments/hold-all/", hold_all.switch, name="desk_hold_all"),
    path("comments/<int:pk>/reply/", comment_lists.reply, name="desk_comment_reply"),
    path("comments/<int:pk>/edit/", edit.edit, name="desk_comment_edit"),
    path("comments/<int:pk>/move/", edit.move, name="desk_comment_move"),
    re_path(
        "^comments/(?P<status>approved|spam|trash|mine|reported)/$", comment_lists.comment_list, name="desk_comments_in"
    ),
    path("settings/discussion/", settings.discussion_settings, name="desk_discussion"),
]
