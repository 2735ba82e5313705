"""The setting behind each rule, so that a comment's reasons can link to it."""

# {rule: field of DiscussionSettings}; "person" is set on the commenter's page, "switch" in the lists.
SETTINGS = {
    "trash_disallowed_words": "disallowed_keys",
    "spam_from_blocked": "person",
    "hold_moderation_words": "moderation_keys",
    "hold_many_links": "link_limit",
    "hold_every_comment": "manual_approval",
    "hold_first_comment": "previously_approved",
    "hold_changed_name": "previously_approved",
    "hold_while_switched": "switch",
    "hold_on_old_posts": "close_quietly",
}


def setting_of(rule):
    return SETTINGS.get(rule, "")
