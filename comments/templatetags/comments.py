"""Template tags that add comments to the blog's pages."""

from dataclasses import dataclass

from django import template
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import DateTimeField
from django.http import Http404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blog.models import Post
from comments import cookies
from comments.forms import CommentForm, ContactForm
from comments.models import Comment, DiscussionSettings, Message, SavedComment
from comments.notifications import subscriptions
from comments.rendering import SOME_POST, form_for_post, render_conversation
from comments.spam import honeypot
from comments.threads import conversation
from comments.views import comment_note, identity, login
from core import anchored_messages, page_cache
from core.cache_version import COMMENTS, POSTS, Results, cached_per_version
from core.row_ids import row_id
from core.written_queries import Parameter, PreparedQuery, count_together

register = template.Library()

WAITING_COUNTED = 1_000  # of each kind, as the templates of the desk show it: every page there counts them

RECENT = 5


@register.inclusion_tag("comments/_conversation.html", takes_context=True)
def comment_section(context, post):
    """One page of a post's comments, and the comment form."""
    request = context["request"]
    browser = cookies.browser_of(request)
    form = context.get("comment_form")
    discussion = DiscussionSettings.now()
    for moment in [*discussion.closing_moments(post), honeypot.renamed_at()]:
        page_cache.expire_at(request, moment)
    open_now = discussion.comments_open(post)
    talk = conversation(post, request.user, browser, page_number(request), may_answer=open_now)
    if talk is None:
        raise Http404
    said = anchored_messages.messages_by_fragment(request)
    said.pop("message-sent", None)  # shown there
    if browser or request.user.is_authenticated:
        comment_note.add_notes(request, talk.replies, said)
    begun = {} if form else initial_data(request, post, browser)
    reply_to = replied_to(post, form["parent"].value() if form else begun["parent"])
    form_of_guests = ""
    if open_now and not form:
        if reply_to or any(begun.values()) or request.user.is_authenticated:
            begun["parent"] = reply_to.pk if reply_to else ""
            form = CommentForm(post=post, user=request.user, initial=begun)
        else:
            form_of_guests = empty_form(post)
    return {
        "post": post,
        "replies": render_conversation(post, talk) if talk.total else "",
        "total": talk.total,
        "form": form,
        "form_of_guests": form_of_guests,
        "kept_text": begun.get("comment"),  # a restored text, shown if there is no form
        "reply_to": reply_to,
        "identity": identity.identity_of(request),
        "first_comment_url": context.get("first_comment_url", ""),
        "said_at_form": said.pop("respond", []),
        "said": [message for messages in said.values() for message in messages],
        **(form_context(post, request.user) if form else {}),
    }


@register.inclusion_tag("comments/_contact.html", takes_context=True)
def contact_section(context, post):
    """The contact form of a page that has one; after an error, with the typed text."""
    if not post.takes_messages:
        return {}
    request = context["request"]
    page_cache.expire_at(request, honeypot.renamed_at())
    details = cookies.read_details(request) if cookies.browser_of(request) else {}
    return {
        "post": post,
        "form": context.get("contact_form") or ContactForm(post=post, user=request.user, initial=details),
        "daily_honeypot_name": honeypot.name_today(),
        "said": anchored_messages.messages_by_fragment(request).get("message-sent"),
    }


def form_context(post, user):
    """The form's context: required fields, login providers and subscriptions."""
    settings_now = DiscussionSettings.now()
    providers, more_providers = login.buttons_for(post)
    return {
        "providers": providers,
        "more_providers": more_providers,
        "must_log_in": settings_now.must_log_in,
        "required": settings_now.require_name_email,
        "daily_honeypot_name": honeypot.name_today(),
        "offers": form_offers(post, user),
    }


def empty_form(post):
    """The guests' empty form, rendered once for each cache version; only the post's id differs between posts."""
    nobody = AnonymousUser()
    kind = (post.visibility == post.Visibility.PUBLIC, honeypot.name_today())

    def render():
        some_post = Post(pk=SOME_POST, visibility=post.visibility)
        form = CommentForm(post=some_post, user=nobody, initial={"parent": ""})
        words = {"post": some_post, "form": form, **form_context(some_post, nobody)}
        return render_to_string("comments/_form.html", words)

    # Templates may be edited during development.
    return form_for_post(post, render() if settings.DEBUG else empty_forms.get(kind, render))


empty_forms: Results[str] = Results()


def form_offers(post, user):
    """The subscriptions offered in the form: the same for all guests, none for an account without an address."""
    offers = subscriptions.offers()
    if user.is_authenticated and not user.email:
        return {}
    return offers | {"comments": offers["comments"] and post.visibility == post.Visibility.PUBLIC}


@register.simple_tag
def posts_by_email():
    """Whether readers can subscribe to new posts."""
    return subscriptions.offers()["posts"]


@register.inclusion_tag("comments/_subscribe_box.html")
def subscribe_box():
    """The subscription form at the end of a post, if it is switched on and email is set up."""
    return {"offered": subscriptions.offers()["box"]}


def page_number(request):
    match = request.resolver_match
    return int((match.kwargs.get("comment_page") if match else None) or 1)


def replied_to(post, number):
    """The comment that the form replies to, for its heading; None if there is none."""
    parent = row_id(str(number or ""))
    return Comment.objects.on(post).approved().filter(pk=parent).first() if parent else None


def initial_data(request, post, browser):
    """The form's initial data: a saved comment, or else the details that the guest asked to remember.

    The details only for visitors with the signed browser cookie, whose pages are never cached for others.
    """
    if (signed := request.GET.get("draft", "")) and (draft := SavedComment.objects.filter(post=post).signed_as(signed)):
        return draft.typed
    details = cookies.read_details(request) if browser else {}
    return {**details, "consent": bool(details), "parent": request.GET.get("replytocom", "")}


@register.simple_tag
def comment_count(post):
    """ "Leave a comment", "1 Comment", "12 Comments"; "" if there are none and comments are closed."""
    if post.comment_count:
        return ngettext("%d Comment", "%d Comments", post.comment_count) % post.comment_count
    return _("Leave a comment") if post.comments_open else ""


@dataclass(frozen=True)
class RecentComment:
    """A line in the sidebar."""

    name: str
    post_title: str
    permalink: str


@register.inclusion_tag("comments/_recent.html")
def recent_comments():
    """The newest comments, fetched once for each cache version."""
    return {"comments": newest()}


@cached_per_version(POSTS, COMMENTS)
def newest():
    return tuple(
        RecentComment(name or str(_("Anonymous")), str(Post(title=title, summary=summary)), permalink(number))
        for number, name, title, summary in newest_public(now=timezone.now())
    )


@PreparedQuery
def newest_public():
    comments = Comment.objects.public(Parameter("now", DateTimeField())).newest_first()
    return comments.values_list("pk", "name", "post__title", "post__summary")[:RECENT]


def permalink(number):
    return reverse("comment_permalink", args=[number])


@register.simple_tag(takes_context=True)
def waiting_counts(context):
    """What waits for moderators, each counted up to WAITING_COUNTED in one query: held comments, and of the messages
    of contact forms those that are new, held, or either; {} for users who may not moderate."""
    request = context.get("request")
    if request is None or not request.user.has_perm("comments.moderate"):
        return {}
    lists = [Comment.objects.pending(), Message.objects.in_state(Message.State.NEW), Message.objects.pending()]
    some = [waiting.order_by().values_list("pk")[: WAITING_COUNTED + 1] for waiting in lists]
    comments, new, held = count_together(some)
    return {"comments": comments, "new": new, "held": held, "messages": new + held}
