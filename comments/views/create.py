"""A reader answers: whatever happens, the typed text is not lost."""

import logging

from django.contrib import messages
from django.db import IntegrityError, OperationalError, transaction
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from blog.models import Post
from blog.post_queries import post_answered
from blog.views import post_page
from blog.views.post import unlocked
from comments import cookies, identity, threads
from comments.forms import CONTROLS, CommentForm
from comments.models import Comment, DiscussionSettings, ModerationAction, Person, SavedComment
from comments.models.person import new_browser
from comments.moderation import rules
from comments.notifications import owner, replies, subscriptions
from comments.spam import honeypot
from core import anchored_messages, file_locks, rate_limits
from core.email_addresses import normal
from core.request import address, network, same_origin
from core.text import tidy_line

logger = logging.getLogger(__name__)

NOT_STORED = gettext_lazy("Your comment could not be stored just now. Your text is safe; try again in a minute.")


class Refused(Exception):
    """The answer is not taken, for a reason in words; `first` is the comment that said the same before."""

    def __init__(self, status, why, *, first=None, wait=0):
        super().__init__(why)
        self.status, self.why, self.first, self.wait = status, why, first, wait


def refused_origin(request):
    """The form was sent from somewhere else: nothing is stored, and the text is shown to whoever sent it."""
    why = _("This form was sent from another website. Nothing was stored; your text is below.")
    return text_kept(request, 403, why)


@require_POST
@never_cache
@same_origin(refused=refused_origin)
def post_comment(request, post_id):
    """Take an answer: 303 to its place, or the page with the form, the text and the reason."""
    post = post_answered(post_id, request.user)
    if post is None or not unlocked_for(request, post):
        return text_kept(request, 404, _("This post is not here any more. Your text is below."))
    form = CommentForm(request.POST, post=post, user=request.user)
    try:
        refuse_where_closed(post, request.user)
        refuse_as_somebody_else(request)
        if not form.is_valid():
            return again(request, form, 422)
        comment, browser = receive(request, form)
    except Refused as refusal:
        form.full_clean()
        form.errors.clear()
        form.add_error(None, refusal.why)
        return again(request, form, refusal.status, first=refusal.first, wait=refusal.wait)
    except (OperationalError, IntegrityError):  # no turn came in time; what it belongs to was erased meanwhile
        logger.exception("a comment could not be stored")
        form.add_error(None, NOT_STORED)
        return again(request, form, 503)
    return thank(request, form, comment, browser)


def unlocked_for(request, post):
    return post.visibility != Post.Visibility.PASSWORD or unlocked(request, post)


def refuse_where_closed(post, user):
    if not is_open(post):
        raise Refused(403, _("Sorry, comments are closed for this item."))
    if DiscussionSettings.now().must_log_in and not user.is_authenticated:
        raise Refused(403, _("Sorry, you must be logged in to comment."))


def refuse_as_somebody_else(request):
    """Somebody logged in or out since the form was shown: nothing goes out under a name that did not stand there.

    The form says whose it was, "" for a guest's. One that does not say it is believed to be of whoever sends it.
    """
    shown_to = request.POST.get("as")
    if shown_to is None or shown_to == str(request.user.pk or ""):
        return
    if request.user.is_authenticated:
        raise Refused(409, _("You are logged in as %s now. Look who you are, and post it again.") % request.user.name)
    raise Refused(409, _("You are not logged in any more. Say who you are, and post it again."))


def is_open(post):
    """Whether answers are taken: by the author's word for this post, and not for ever on an old one."""
    settings = DiscussionSettings.now()
    if not post.comments_open or post.status != Post.Status.PUBLISHED or post.is_scheduled:
        return False
    if settings.switched == DiscussionSettings.Switch.CLOSE:
        return False
    return settings.close_quietly or not rules.is_too_old(post, settings)


def moments_of(post):
    """When time alone closes answers to it, or opens them again. Asked before `is_open`, so that none is missed."""
    settings = DiscussionSettings.now()
    if settings.switched == DiscussionSettings.Switch.CLOSE:
        yield settings.switch_until
    if not settings.close_quietly and not rules.is_too_old(post, settings):
        yield rules.becomes_too_old(post, settings)


def receive(request, form):
    """Judge the answer and store it with the letters it causes, all or nothing; the comment and its browser.

    The rules are asked inside the transaction: eight reads by themselves cost more than the lock keeps others waiting.
    """
    comment = None
    form.prepare()
    try:
        with file_locks.in_turn(), transaction.atomic():
            person, browser = writer_of(request)
            comment = form.as_comment(person)
            identity.copy_onto(comment, request)
            known = f"{comment.name}\n{comment.email}".casefold() if browser else f"account {request.user.pk}"
            comment.sign(writer=known)
            if first := comment.twin():
                raise duplicate_of(first)
            judge(request, form, comment)
            store(request, form, comment, browser)
    except IntegrityError:
        if comment and (first := comment.twin()):  # an equal one was faster
            raise duplicate_of(first) from None
        raise
    return comment, browser


def writer_of(request):
    """Who writes, and their browser: a guest gets one with the first comment, an account needs none ("")."""
    if request.user.is_authenticated:
        return Person.objects.of_account(request.user), ""
    browser = cookies.browser_of(request)
    person = Person.objects.of_browser(browser) if browser else Person(browser=new_browser())
    return person, person.browser


def store(request, form, comment, browser):
    """The comment with the letters and all else that it causes."""
    if comment.person._state.adding:
        comment.person.save()
    comment.save()
    refuse_too_fast(request, comment, browser)
    if not request.user.has_perm("comments.moderate"):
        ModerationAction.of_the_rules(comment)
    owner.write_about(comment)
    identity.copy_later(comment, request)
    take_wishes(request, form, comment)
    if comment.is_approved:
        replies.make_known([comment.pk])


def judge(request, form, comment):
    """Write into an answer, new or edited, what all rules say of it."""
    comment.take_html(*form.rendered)
    comment.render()
    comment.facts = {"agent": tidy_line(request.headers.get("User-Agent", ""))[:254], "network": network(request)}
    if (seconds := honeypot.seconds_in(request.POST)) is not None:
        comment.facts["seconds"] = seconds
    verdict = rules.judge(
        rules.Submission(
            comment=comment,
            user=request.user,
            person=comment.person,
            settings=form.settings,
            trap=form.cleaned_data["trap"],
            unproven_origin=request.unproven_origin,
            sprung=honeypot.sprung(request.POST),
            seconds=seconds,
            address=address(request),
        )
    )
    comment.state, comment.reasons = verdict.state, verdict.reasons


def take_wishes(request, form, comment):
    """What the ticked boxes ask for. What goes to the spam or the trash asks for nothing."""
    offers, said, wishes = subscriptions.offers(), form.cleaned_data, []
    if said["subscribe"] and offers["comments"] and comment.post.visibility == Post.Visibility.PUBLIC:
        wishes.append(subscriptions.answers_to(comment.post))
    if said["subscribe_blog"] and offers["posts"]:
        wishes.append(subscriptions.new_posts())
    if wishes and comment.email and comment.state in (Comment.State.APPROVED, Comment.State.PENDING):
        subscriptions.ask(request, comment.email, wishes)


def duplicate_of(first):
    return Refused(409, _("Duplicate comment detected; it looks as though you’ve already said that."), first=first)


def refuse_too_fast(request, comment, browser):
    """Asked after the comment is stored (and taken back), so that of equal ones that come at once all are told
    that they are duplicates, not that they are too many."""
    if request.user.has_perm("comments.moderate"):
        return
    writer = f"account {request.user.pk}" if not browser else comment.email.casefold() or browser
    asked = [("comment_network", comment.facts["network"]), ("comment_site", "")]
    if pause := DiscussionSettings.now().flood_seconds:
        asked.append(("comment", writer, [(1, pause)]))
    if wait := rate_limits.hit_all(*asked):
        raise Refused(429, _("You are posting comments too quickly. Slow down; your text is safe."), wait=wait)


def thank(request, form, comment, browser):
    """Lead to the comment in its place, and keep in the browser what the writer may need there."""
    place = threads.address_of(comment, request.user, browser)
    response = HttpResponseRedirect(place, status=303)
    if comment.is_approved:
        anchored_messages.add(request, messages.SUCCESS, _("Your comment is published."), place)
    if comment.email and (form.cleaned_data["subscribe"] or form.cleaned_data["subscribe_blog"]):
        proved = subscriptions.is_proved(request, normal(comment.email))
        said = subscriptions.asked_for(comment.email, proved=proved)
        anchored_messages.add(request, messages.SUCCESS, said, place)
    if browser:
        cookies.remember_browser(response, browser)
        if form.cleaned_data["consent"]:
            cookies.remember_details(response, comment.name, comment.email, comment.url)
        elif cookies.ME in request.COOKIES:
            cookies.forget_details(response)
    if (kept := form.cleaned_data["draft"]) and (draft := SavedComment.objects.signed_as(kept)):
        draft.delete()
    if "last_draft" in request.session:
        del request.session["last_draft"]
    return response


def again(request, form, status, *, first=None, wait=0):
    """The page of the post with the form as it was sent, and what is to be done."""
    context = {"comment_form": form, "page_title": _("Error: %s") % form.post.display_title}
    if first:
        browser = cookies.browser_of(request)
        place = threads.address_of(first, request.user, browser)
        if Comment.objects.visible_to(request.user, browser).filter(pk=first.pk).exists():
            context["first_comment_url"] = place
    page = post_page(request, form.post, status=status, **context)
    if first:
        page.headers["Location"] = place
    if wait:
        rate_limits.too_fast(page, wait)
    return page


def text_kept(request, status, why):
    """Where no form can be shown: a page with the reason and the text to be copied."""
    context = {
        "why": why,
        "text": CONTROLS.sub("", request.POST.get("comment", "")),
        "page_title": _("Error: %s") % why,
    }
    return render(request, "comments/text_kept.html", context, status=status)


@require_safe
def comment_permalink(request, pk):
    """Leads to the page on which the comment stands today."""
    browser = cookies.browser_of(request)
    comment = get_object_or_404(
        Comment.objects.visible_to(request.user, browser)
        .filter(post__in=Post.objects.visible_to(request.user))
        .select_related("post"),
        pk=pk,
    )
    return redirect(threads.address_of(comment, request.user, browser))
