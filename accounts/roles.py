"""The permissions of each role, all in this table; check them with user.has_perm(permission, thing)."""

from django.utils.translation import gettext_lazy as _

OWNER = "owner"
EDITOR = "editor"
AUTHOR = "author"
CONTRIBUTOR = "contributor"
MODERATOR = "moderator"
READER = "reader"

NAMES = {
    OWNER: _("Owner"),
    EDITOR: _("Editor"),
    AUTHOR: _("Author"),
    CONTRIBUTOR: _("Contributor"),
    MODERATOR: _("Moderator"),
    READER: _("Reader"),
}

DESCRIPTIONS = {
    OWNER: _("may do everything, also change settings and people"),
    EDITOR: _("writes, changes and publishes everybody’s posts, and looks after the comments"),
    AUTHOR: _("writes and publishes posts of their own"),
    CONTRIBUTOR: _("writes posts of their own, which an editor publishes"),
    MODERATOR: _("looks after the comments"),
    READER: _("comments, like everybody"),
}


# Rules read attributes of the object only, so that this app need not import the others.


def any_object(user, thing):
    return True


def own_object(user, thing):
    return thing.author_id == user.pk


def own_draft(user, thing):
    return own_object(user, thing) and thing.status in (thing.Status.DRAFT, thing.Status.PENDING)


def own_file(user, thing):
    """An own file, unless others' posts show it: changing it would change those posts."""
    return thing.by_id == user.pk and not thing.is_shown_by_others(user)


TABLE = {
    OWNER: {
        "core.use_desk": any_object,
        "core.manage_backups": any_object,
        "core.manage_emails": any_object,
        "blog.write": any_object,
        "blog.read_post": any_object,
        "blog.read_others": any_object,
        "blog.edit_post": any_object,
        "blog.edit_others": any_object,
        "blog.publish_post": any_object,
        "blog.delete_post": any_object,
        "blog.manage_terms": any_object,
        "blog.upload": any_object,
        "blog.change_file": any_object,
        "blog.change_settings": any_object,
        "comments.moderate": any_object,
        "accounts.manage_people": any_object,
    },
    EDITOR: {
        "core.use_desk": any_object,
        "blog.write": any_object,
        "blog.read_post": any_object,
        "blog.read_others": any_object,
        "blog.edit_post": any_object,
        "blog.edit_others": any_object,
        "blog.publish_post": any_object,
        "blog.delete_post": any_object,
        "blog.manage_terms": any_object,
        "blog.upload": any_object,
        "blog.change_file": any_object,
        "comments.moderate": any_object,
    },
    AUTHOR: {
        "core.use_desk": any_object,
        "blog.write": any_object,
        "blog.read_post": own_object,
        "blog.edit_post": own_object,
        "blog.publish_post": own_object,
        "blog.delete_post": own_object,
        "blog.upload": any_object,
        "blog.change_file": own_file,
    },
    CONTRIBUTOR: {
        "core.use_desk": any_object,
        "blog.write": any_object,
        "blog.read_post": own_object,
        "blog.edit_post": own_draft,
        "blog.delete_post": own_draft,
    },
    MODERATOR: {
        "core.use_desk": any_object,
        "comments.moderate": any_object,
    },
    READER: {},
}


def may(user, permission, thing=None):
    """Whether a user has a permission for an object; without an object, for at least some.

    What everybody may do (read a public post, comment) needs no permission and is not in the table.
    """
    if not user.is_active or user.is_anonymous:
        return False
    rule = TABLE[user.role].get(permission)
    return rule is not None and (thing is None or rule(user, thing))
