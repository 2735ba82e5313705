"""Which setting is behind each rule, so that "why it waits" leads to what can be changed."""

# rule: the field of the Discussion settings; "person" is set on the writer's page, the "switch" in the lists.
SETTINGS = {
    "disallowed_words_go_to_the_trash": "disallowed_keys",
    "the_blocked_are_not_heard": "person",
    "words_on_the_list_wait_for_a_look": "moderation_keys",
    "many_links_wait_for_a_look": "link_limit",
    "every_comment_waits_if_you_said_so": "manual_approval",
    "first_timers_wait_for_a_look": "previously_approved",
    "hold_other_names_of_known_writers": "previously_approved",
    "everything_waits_while_the_switch_says_so": "switch",
    "old_posts_wait_if_you_close_quietly": "close_quietly",
}


def setting_behind(rule):
    return SETTINGS.get(rule, "")
