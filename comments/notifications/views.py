"""The pages of readers' subscriptions: subscribe, confirm, manage, unsubscribe. GET never changes anything."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.db import transaction
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from blog.models import Post
from blog.post_password import is_locked
from comments import cookies, threads
from comments.forms import SubscribeForm
from comments.models import Comment, Person, Subscription
from comments.models.person import new_browser
from comments.notifications import daily_digest, replies
from comments.notifications import subscriptions as email_subscriptions
from core import anchored_messages, mail, rate_limits
from core.email_addresses import normalize_email
from core.request import client_network, same_origin
from core.row_ids import row_ids

METHODS = ["GET", "HEAD", "POST"]


@never_cache
@require_http_methods(METHODS)
@same_origin
def subscribe(request):
    """Subscribe to new posts, from the form at the end of posts. The response does not reveal known addresses."""
    if not email_subscriptions.offers()["posts"]:
        raise Http404
    form = SubscribeForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return form_page(request, form, status=422 if form.is_bound else 200)
    if wait := rate_limits.hit("subscribe", client_network(request)):
        form.add_error(None, _("Too many attempts. Please wait a moment."))
        return rate_limits.too_many_requests(form_page(request, form), wait)
    address, proved = form.cleaned_data["email"], False
    if not form.cleaned_data["honeypot"]:
        proved = email_subscriptions.request_subscriptions(request, address, [email_subscriptions.to_new_posts()])
    title, said = (
        _("Subscribed") if proved else _("Check your inbox"),
        email_subscriptions.subscribed_message(address, proved=proved),
    )
    return page(request, "subscription_requested", title, said=said, proved=proved)


def form_page(request, form, *, status=200):
    title = _("New posts by email")
    return page(request, "subscribe", _("Error: %s") % title if form.errors else title, form=form, status=status)


@never_cache
@require_http_methods(METHODS)
@same_origin
def confirm(request, token):
    """The page of the confirmation link: all subscriptions requested for the address, to select and confirm."""
    try:
        address = email_subscriptions.address_from_token(token)
    except signing.BadSignature:
        return page(request, "link_expired", _("This link no longer works"), status=404)
    waiting = Subscription.objects.of(address).waiting().select_related("post", "comment__post")
    if request.method != "POST" or request.POST.get("do") == "yes" and not waiting.exists():  # submitted twice
        return page(request, "confirm", _("Confirm your subscription"), address=address, waiting=waiting)
    with transaction.atomic():
        said_yes = request.POST.get("do") == "yes"
        wanted = row_ids(request.POST.getlist("wanted")) if said_yes else []
        waiting.exclude(pk__in=wanted).delete()
        if not waiting.exists():
            return page(request, "confirm", _("No emails will be sent"), address=address, refused=True)
        browser = cookies.browser_of(request) or new_browser()
        person = email_subscriptions.confirm_subscriptions(address, waiting, browser=browser)
    messages.success(request, _("Thank you. These are your subscriptions."))
    response = HttpResponseRedirect(replies.subscriptions_url(person.pk), status=303)
    cookies.remember_browser(response, browser)  # further subscriptions from it need no confirmation email
    return response


@never_cache
@csrf_exempt  # mail programs POST here (RFC 8058) without cookie or Origin; the signed URL is the permission
@require_http_methods(METHODS)
def unsubscribe(request, token):
    """End one subscription by a POST, from this page or from the mail program; GET changes nothing."""
    try:
        subscription = Subscription.objects.signed_as(token)
    except signing.BadSignature:
        return page(request, "link_expired", _("This link no longer works"), status=404)
    if request.method == "POST" and subscription:
        email_subscriptions.end(Subscription.objects.filter(pk=subscription.pk))
        return page(
            request, "unsubscribe", _("Unsubscribed"), page_url=replies.subscriptions_url(subscription.person_id)
        )
    return page(request, "unsubscribe", _("Unsubscribe?") if subscription else _("Unsubscribed"), each=subscription)


@never_cache
@require_http_methods(METHODS)
@same_origin
def subscriptions(request, token):
    """All subscriptions of one address, from the link at the end of every email."""
    try:
        number = signing.loads(token, salt=replies.SALT, max_age=replies.PAGE_MAX_AGE)
    except signing.BadSignature:
        return page(request, "link_expired", _("This link no longer works"), status=404)
    person = Person.objects.filter(pk=number).exclude(address=None).first()
    if person is None:
        return page(request, "subscriptions", _("Your subscriptions"), addresses=[])
    return manage_subscriptions(request, [person.address])


@never_cache
@login_required
@require_http_methods(METHODS)
def my_subscriptions(request):
    """All subscriptions of the logged-in user's confirmed addresses."""
    return manage_subscriptions(
        request, email_subscriptions.addresses_of(request.user), "comments/my_subscriptions.html"
    )


def manage_subscriptions(request, addresses, template="comments/subscriptions.html"):
    if request.method == "POST":
        return HttpResponseRedirect(apply_form(request, addresses), status=303)
    theirs = Subscription.objects.filter(address__in=addresses).confirmed().select_related("post", "comment__post")
    said = anchored_messages.messages_by_fragment(request)
    for each in theirs:
        each.said = said.get(element_id(each), ())
    known = [(address, [each for each in theirs if each.address == address]) for address in addresses]
    context = {
        "addresses": known,
        "what": Subscription.What,
        "how": Subscription.How,
        "page_title": _("Your subscriptions"),
    }
    return render(request, template, context)


def apply_form(request, addresses):
    """Do what the form says ("save 12", "stop 12", "stop-all" or "forget"); returns the URL to redirect to."""
    what, _space, number = request.POST.get("do", "").partition(" ")
    theirs = Subscription.objects.filter(address__in=addresses).confirmed()
    if what == "forget":
        email_subscriptions.forget(*addresses)
        messages.success(request, _("The address was deleted."))
    elif what == "stop-all":
        email_subscriptions.end(theirs)
        messages.success(request, _("You will get no more emails."))
    elif what in ("save", "stop"):
        subscription = get_object_or_404(theirs, pk__in=row_ids([number]))
        if what == "stop":
            email_subscriptions.end(Subscription.objects.filter(pk=subscription.pk))
            messages.success(request, _("Unsubscribed."))
        else:
            change(subscription, what=request.POST.get("what"), how=request.POST.get("how"))
            place = f"{request.path}#{element_id(subscription)}"
            anchored_messages.add(request, messages.SUCCESS, _("Saved."), place)
            return place
    return request.path


def element_id(subscription):
    """The id of its element on the page of subscriptions."""
    return f"subscription-{subscription.pk}"


@transaction.atomic
def change(subscription, *, what, how):
    """Change a subscription. When it changes from daily to immediate, the pending digest is sent now."""
    waited = subscription.how == Subscription.How.DAILY and how == Subscription.How.NOW
    if waited and daily_digest.queue_digests_for([subscription.person_id]):
        mail.deliver_soon()
    subscription.change(what=what, how=how)


@never_cache
@require_POST
@same_origin
def notify_me(request, pk):
    """Subscribe the author of a held comment to the email about its publication."""
    comment = get_object_or_404(Comment.objects.select_related("post", "person"), pk=pk)
    seen = Post.objects.visible_to(request.user).filter(pk=comment.post_id).exists()
    mine = comment.is_by(request.user, cookies.browser_of(request))
    if not (seen and mine and not is_locked(request, comment.post)) or not email_subscriptions.offers()["published"]:
        raise Http404
    # To its author, spam looks like a held comment; so the response is the same, but no email is sent.
    proved = email_subscriptions.is_proved(request, normalize_email(comment.email))
    if comment.email and comment.state == Comment.State.PENDING:
        email_subscriptions.request_subscriptions(
            request, comment.email, [email_subscriptions.to_publication_of(comment)]
        )
    place = threads.comment_url(comment, request.user, cookies.browser_of(request))
    if comment.email:
        said = email_subscriptions.subscribed_message(comment.email, proved=proved)
        anchored_messages.add(request, messages.SUCCESS, said, place)
    return HttpResponseRedirect(place, status=303)


def page(request, name, title, *, status=200, **context):
    return render(request, f"comments/{name}.html", context | {"page_title": title}, status=status)
