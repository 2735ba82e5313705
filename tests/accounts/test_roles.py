import pytest
from django.contrib.auth.models import AnonymousUser

from accounts import roles
from accounts.models import User
from blog.models import Post

OWN, OTHERS = 1, 2


def somebody(role):
    return User(pk=OWN, role=role)


def post(author, status="published"):
    return Post(author_id=author, status=status)


# what: who may do it to (their own draft, their own published post, somebody else's post)
TABLE = {
    "blog.edit_post": {
        "owner": (True, True, True),
        "editor": (True, True, True),
        "author": (True, True, False),
        "contributor": (True, False, False),
        "moderator": (False, False, False),
        "reader": (False, False, False),
    },
    "blog.publish_post": {
        "owner": (True, True, True),
        "editor": (True, True, True),
        "author": (True, True, False),
        "contributor": (False, False, False),
        "moderator": (False, False, False),
        "reader": (False, False, False),
    },
    "blog.delete_post": {
        "owner": (True, True, True),
        "editor": (True, True, True),
        "author": (True, True, False),
        "contributor": (True, False, False),
        "moderator": (False, False, False),
        "reader": (False, False, False),
    },
    "blog.read_post": {
        "owner": (True, True, True),
        "editor": (True, True, True),
        "author": (True, True, False),
        "contributor": (True, True, False),
        "moderator": (False, False, False),
        "reader": (False, False, False),
    },
}
WITHOUT_A_THING = {
    "core.use_desk": {"owner", "editor", "author", "contributor", "moderator"},
    "blog.write": {"owner", "editor", "author", "contributor"},
    "blog.upload": {"owner", "editor", "author"},
    "blog.change_file": {"owner", "editor", "author"},  # of which: tests/blog/test_media_rights.py
    "blog.manage_terms": {"owner", "editor"},
    "blog.read_others": {"owner", "editor"},
    "blog.edit_others": {"owner", "editor"},
    "blog.change_settings": {"owner"},
    "core.manage_backups": {"owner"},
    "core.manage_emails": {"owner"},
    "comments.moderate": {"owner", "editor", "moderator"},
    "accounts.manage_people": {"owner"},
}


@pytest.mark.parametrize("permission", TABLE)
@pytest.mark.parametrize("role", roles.NAMES)
def test_a_role_reaches_as_far_as_the_table_says(role, permission):
    things = post(OWN, "draft"), post(OWN), post(OTHERS)
    assert tuple(somebody(role).has_perm(permission, thing) for thing in things) == TABLE[permission][role]


@pytest.mark.parametrize("permission", WITHOUT_A_THING)
def test_a_permission_belongs_to_these_roles_alone(permission):
    may = {role for role in roles.NAMES if somebody(role).has_perm(permission)}
    assert may == WITHOUT_A_THING[permission]


def test_asked_without_a_thing_the_answer_is_about_some_thing_at_all():
    assert somebody("author").has_perm("blog.edit_post")
    assert not somebody("contributor").has_perm("blog.publish_post")


def test_every_permission_of_the_table_stands_in_a_test():
    named = {permission for row in roles.TABLE.values() for permission in row}
    assert named == set(TABLE) | set(WITHOUT_A_THING)


@pytest.mark.parametrize("permission", [*TABLE, *WITHOUT_A_THING, "auth.add_user", "nonsense"])
def test_a_visitor_without_an_account_may_nothing(permission):
    assert not AnonymousUser().has_perm(permission)
    assert not AnonymousUser().has_perm(permission, post(None))


def test_whoever_may_not_log_in_may_nothing():
    assert not User(pk=OWN, role="owner", is_active=False).has_perm("core.use_desk")


def test_an_unknown_permission_is_nobodys():
    assert not somebody("owner").has_perm("core.launch_rockets")
