"""Save a new comment and queue its notifications, or reject it with a reason."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from blog.models import Post
from comments import cookies
from comments.models import Comment, DiscussionSettings, ModerationAction, Person
from comments.models.person import new_browser
from comments.moderation.submission import apply_rules
from comments.notifications import owner, replies, subscriptions
from comments.views import identity
from core import file_locks, rate_limits, refusals


class Rejected(Exception):
    """The comment is rejected: `status` is the HTTP status, `why` the message, `first` the comment that it duplicates,
    `wait` the seconds until another attempt."""

    def __init__(self, status, why, *, first=None, wait=0):
        super().__init__(why)
        self.status, self.why, self.first, self.wait = status, why, first, wait


def create_comment(request, form):
    """Moderate and save the comment of a valid form in one transaction; returns (comment, browser of a guest or "").

    Raises Refused. The rules are evaluated inside the transaction: as separate reads before it, their queries would
    cost more than the longer lock.
    """
    comment = None
    form.prepare()
    try:
        with file_locks.serialize_writes(), transaction.atomic():
            person, browser = commenter_of(request)
            comment = form.as_comment(person)
            identity.copy_profile(comment, request)
            known = f"{comment.name}\n{comment.email}".casefold() if browser else f"account {request.user.pk}"
            comment.sign(writer=known)
            if first := comment.duplicate():
                raise duplicate_error(first)
            apply_rules(request, form, comment)
            store(request, form, comment, browser)
    except IntegrityError:
        if comment and (first := comment.duplicate()):  # a concurrent request has saved an equal one
            raise duplicate_error(first) from None
        raise
    if comment.state in (Comment.State.SPAM, Comment.State.TRASH):
        refusals.log_refusal(request.META, "spam")
    return comment, browser


def reject_when_closed(post, user):
    settings = DiscussionSettings.now()
    if not settings.comments_open(post):
        raise Rejected(403, _("Sorry, comments are closed for this item."))
    if settings.must_log_in and not user.is_authenticated:
        raise Rejected(403, _("Sorry, you must be logged in to comment."))


def reject_when_user_changed(request):
    """Reject the comment if the user logged in or out since the form was shown, so that nothing is published under a
    name that the form did not show.

    The field `as` holds the account's id, "" for a guest. A form without it is accepted.
    """
    shown_to = request.POST.get("as")
    if shown_to is None or shown_to == str(request.user.pk or ""):
        return
    if request.user.is_authenticated:
        raise Rejected(409, _("You are now logged in as %s. Check the account, and post it again.") % request.user.name)
    raise Rejected(409, _("You are no longer logged in. Fill in your details or log in, and post it again."))


def commenter_of(request):
    """(Person, browser id) of the commenter. A guest gets an id with the first comment; for an account it is ""."""
    if request.user.is_authenticated:
        return Person.objects.of_account(request.user), ""
    browser = cookies.browser_of(request)
    person = Person.objects.of_browser(browser) if browser else Person(browser=new_browser())
    return person, person.browser


def duplicate_error(first):
    return Rejected(409, _("Duplicate comment detected; it looks as though you’ve already said that."), first=first)


def store(request, form, comment, browser):
    """Save the comment with its notifications, subscriptions and moderation action."""
    if comment.person._state.adding:
        comment.person.save()
    comment.save()
    reject_too_fast(request, comment, browser)
    if not request.user.has_perm("comments.moderate"):
        ModerationAction.of_the_rules(comment)
    owner.notify_owners(comment)
    identity.copy_avatar_later(comment, request)
    subscribe(request, form, comment)
    if comment.is_approved:
        replies.notify_approved([comment.pk])


def reject_too_fast(request, comment, browser):
    """Apply the rate limits. Called after the comment is saved, which is rolled back if Refused is raised: so that of
    concurrent equal comments all but one are rejected as duplicates, not by a rate limit."""
    if request.user.has_perm("comments.moderate"):
        return
    writer = f"account {request.user.pk}" if not browser else comment.email.casefold() or browser
    asked = [("comment_network", comment.facts["network"]), ("comment_site", "")]
    if pause := DiscussionSettings.now().flood_seconds:
        asked.append(("comment", writer, [(1, pause)]))
    if wait := rate_limits.hit_all(*asked):
        raise Rejected(429, _("You are posting comments too quickly. Slow down; your text is safe."), wait=wait)


def subscribe(request, form, comment):
    """Request the subscriptions ticked in the form, unless the comment is spam or in the trash."""
    offers, said, wishes = subscriptions.offers(), form.cleaned_data, []
    if said["subscribe"] and offers["comments"] and comment.post.visibility == Post.Visibility.PUBLIC:
        wishes.append(subscriptions.to_comments_on(comment.post))
    if said["subscribe_blog"] and offers["posts"]:
        wishes.append(subscriptions.to_new_posts())
    if wishes and comment.email and comment.state in (Comment.State.APPROVED, Comment.State.PENDING):
        subscriptions.request_subscriptions(request, comment.email, wishes)
