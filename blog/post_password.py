"""Posts with a password: the cookie that unlocks one for a reader who has entered it."""

from django.core import signing
from django.utils.crypto import constant_time_compare, salted_hmac

from core.cookies import POST_PASSWORD


def cookie_name(post):
    return f"{POST_PASSWORD.name}{post.pk}"


def cookie_value(post):
    """What the cookie must hold. It depends on the password, so a new password invalidates every older cookie."""
    return salted_hmac("longrun.post", post.password).hexdigest()[:32]


def is_locked(request, post):
    """Whether this visitor has to enter the post's password before they may read it."""
    return post.visibility == post.Visibility.PASSWORD and not is_unlocked(request, post)


def is_unlocked(request, post):
    """Whether this visitor may edit the post, or has a valid cookie for its current password."""
    if request.user.has_perm("blog.edit_post", post):
        return True
    try:
        given = request.get_signed_cookie(cookie_name(post), default="", max_age=POST_PASSWORD.seconds)
    except signing.BadSignature:
        return False
    return constant_time_compare(given, cookie_value(post))
