"""The logged-in user as the comment form shows them, and the account data that is copied onto a comment.

A comment keeps the name, avatar and profile link of the time it was written, whatever the provider changes later.
"""

from datetime import timedelta

from django.utils import timezone

from comments.models import Comment
from comments.views import claim
from core import cache_version
from core.jobs import Requeue, job
from core.site import site

MAX_WAIT = timedelta(minutes=5)  # in which an avatar that is still being downloaded is waited for
PAUSE = 5  # seconds between attempts
ACCOUNT_HERE = "account"  # logged in by a password, a code or a passkey


def identity_of(request):
    """The template's data about the logged-in user; None for a guest."""
    if not request.user.is_authenticated:
        return None
    return {
        "who": request.user.pk,
        "name": request.user.name,
        "account_label": login_provider(request).get("name") or site().title,
        "may_change": not request.user.has_perm("core.use_desk"),
        "picture": request.user.picture_url,
        "earlier": claim.claimable_count(request),
    }


def copy_profile(comment, request):
    """Set the avatar, profile link and login provider of a comment that is about to be saved."""
    if request.user.is_authenticated:
        came = login_provider(request)
        comment.service = came.get("id") or ACCOUNT_HERE
        profile = came.get("profile") or ""
        comment.avatar = request.user.picture_url
        comment.url = comment.url or (profile if profile.startswith("https://") and len(profile) <= 400 else "")


def copy_avatar_later(comment, request):
    """Copy the avatar later, if it is still being downloaded from the login provider."""
    if request.user.is_authenticated and not comment.avatar and login_provider(request).get("picture"):
        copy_avatar.enqueue(comment.pk)


@job
def copy_avatar(comment_id):
    comment = Comment.objects.filter(pk=comment_id, avatar="").select_related("person__account").first()
    account = comment and comment.person and comment.person.account
    if not account or timezone.now() - comment.posted_at > MAX_WAIT:
        return
    if not account.picture_url:
        raise Requeue(PAUSE)
    Comment.objects.filter(pk=comment_id).update(avatar=account.picture_url)
    cache_version.invalidate(*cache_version.comments_of([comment.post_id]))


def login_provider(request):
    return request.session.get("logged_in_with") or {}
