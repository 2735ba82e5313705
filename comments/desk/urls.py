"""The URLs of the comments at the desk, included before those of the blog's desk in `config.urls`."""

from django.urls import path, re_path

from comments.desk import (
    bulk_review,
    clusters,
    comment_lists,
    commenters,
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
    path("comments/stack/", review.review, name="desk_stack"),
    path("comments/decide/", comment_lists.decide, name="desk_comments_decide"),
    path("comments/decisions/", history.action_list, name="desk_decisions"),
    path("comments/decisions/<int:pk>/undo/", comment_lists.undo, name="desk_comments_undo"),
    path("comments/likely-spam/", bulk_review.likely_spam, name="desk_likely_spam"),
    path("comments/first/", bulk_review.first_comments, name="desk_first_comments"),
    path("comments/groups/", clusters.cluster_list, name="desk_groups"),
    path("comments/groups/decide/", clusters.decide, name="desk_groups_decide"),
    path("comments/people/", commenters.commenter_list, name="desk_people"),
    path("comments/people/<int:pk>/", commenters.commenter_detail, name="desk_person"),
    path("comments/people/<int:pk>/trust/", commenters.set_trust, name="desk_person_trust"),
    path("comments/people/<int:pk>/reached/", commenters.block_preview, name="desk_person_reached"),
    path("comments/address/", commenters.personal_data, name="desk_address"),
    path("comments/address/forget/", commenters.erase_personal_data, name="desk_address_forget"),
    path("subscribers/", subscribers.subscribers, name="desk_subscribers"),
    path("subscribers/remove/", subscribers.remove, name="desk_subscriber_remove"),
    path("subscribers/settings/", subscribers.save, name="desk_subscribers_settings"),
    path("comments/filed/", filed_spam.dismiss_notice, name="desk_filed_seen"),
    path("comments/switch/", hold_all.switch, name="desk_switch"),
    path("comments/<int:pk>/reply/", comment_lists.reply, name="desk_comment_reply"),
    path("comments/<int:pk>/edit/", edit.edit, name="desk_comment_edit"),
    path("comments/<int:pk>/move/", edit.move, name="desk_comment_move"),
    re_path(
        "^comments/(?P<pile>approved|spam|trash|mine|reported)/$", comment_lists.comment_list, name="desk_comments_in"
    ),
    path("settings/discussion/", settings.discussion_settings, name="desk_discussion"),
]
