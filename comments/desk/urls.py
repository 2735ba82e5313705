"""The moderator's desk; all of it stands before the blog's desk in `config.urls`."""

from django.urls import path, re_path

from comments.desk import decisions, editing, groups, people, queue, settings, stack, subscribers, switch

urlpatterns = [
    path("comments/", queue.queue, name="desk_comments"),
    path("comments/stack/", stack.stack, name="desk_stack"),
    path("comments/decide/", queue.decide, name="desk_comments_decide"),
    path("comments/decisions/", decisions.decisions, name="desk_decisions"),
    path("comments/decisions/<int:pk>/undo/", queue.undo, name="desk_comments_undo"),
    path("comments/groups/", groups.groups, name="desk_groups"),
    path("comments/groups/decide/", groups.decide, name="desk_groups_decide"),
    path("comments/people/", people.people, name="desk_people"),
    path("comments/people/<int:pk>/", people.person, name="desk_person"),
    path("comments/people/<int:pk>/trust/", people.trust, name="desk_person_trust"),
    path("comments/address/", people.address, name="desk_address"),
    path("comments/address/forget/", people.forget_address, name="desk_address_forget"),
    path("subscribers/", subscribers.subscribers, name="desk_subscribers"),
    path("subscribers/remove/", subscribers.remove, name="desk_subscriber_remove"),
    path("subscribers/settings/", subscribers.save, name="desk_subscribers_settings"),
    path("comments/switch/", switch.switch, name="desk_switch"),
    path("comments/<int:pk>/reply/", queue.reply, name="desk_comment_reply"),
    path("comments/<int:pk>/edit/", editing.edit, name="desk_comment_edit"),
    path("comments/<int:pk>/move/", editing.move, name="desk_comment_move"),
    re_path("^comments/(?P<pile>approved|spam|trash|mine|reported)/$", queue.queue, name="desk_comments_in"),
    path("settings/discussion/", settings.discussion_settings, name="desk_discussion"),
]
