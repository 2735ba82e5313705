"""The webhook to which an email provider reports bounces and spam complaints.

It needs EMAIL_WEBHOOK_SECRET and is 404 without one. Whoever knows the secret can report emails as bounced, which ends
subscriptions, and nothing else.
"""

from datetime import timedelta
from importlib import import_module

from django.conf import settings
from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from comments.models import StoppedAddress, Subscription
from core.models import Email
from core.text import tidy_line
from server.email_providers import PROVIDERS

BOUNCE_EVENTS = {"bounced", "rejected", "failed"}
COMPLAINT_EVENT = "complained"
MAX_BOUNCES, BOUNCE_PERIOD = 3, timedelta(days=30)  # so many bounces within this time end the subscriptions


@csrf_exempt
@never_cache
@require_http_methods(["POST", "HEAD"])
def events(request):
    """Anymail checks the secret (and the provider's signature) and parses the report; it returns 400 if wrong."""
    if not (settings.EMAIL_PROVIDER and settings.ANYMAIL.get("WEBHOOK_SECRET")):
        raise Http404
    return provider_view()(request)


def provider_view():
    """Anymail's view for the configured provider; each report reaches `handle_event` by a signal."""
    from anymail.signals import tracking  # an optional dependency, installed when a provider is used

    tracking.connect(handle_event, dispatch_uid="server.email_pages.webhooks")
    label = PROVIDERS[settings.EMAIL_PROVIDER].label
    module = import_module(f"anymail.webhooks.{settings.EMAIL_PROVIDER}")
    return getattr(module, f"{label}TrackingWebhookView").as_view()


def handle_event(sender, event, esp_name, **more):
    """Mark the email as bounced. Reports of deliveries, opens and clicks are ignored."""
    if event.event_type not in BOUNCE_EVENTS | {COMPLAINT_EVENT} or not event.message_id:
        return
    emails = Email.objects.filter(provider_id=event.message_id, state=Email.State.SENT)
    for email in emails.filter(to__iexact=event.recipient) if event.recipient else emails:
        with transaction.atomic():
            email.mark_bounced(bounce_reason(event))
            if event.event_type == COMPLAINT_EVENT or recent_bounces(email.to) >= MAX_BOUNCES:
                why = StoppedAddress.Why
                reason = why.COMPLAINED if event.event_type == COMPLAINT_EVENT else why.BOUNCED
                Subscription.objects.of(email.to).delete()
                StoppedAddress.objects.stop([email.to], reason)


def recent_bounces(address):
    """How many emails to this address bounced within BOUNCE_PERIOD."""
    lately = Email.objects.filter(to=address, created_at__gt=timezone.now() - BOUNCE_PERIOD)
    return lately.in_state(Email.State.BOUNCED).count()


def bounce_reason(event):
    """The reason, in the words of the receiving server or the provider."""
    if event.event_type == COMPLAINT_EVENT:
        return "The reader called it spam."
    said = [event.mta_response, event.description, event.reject_reason]
    return tidy_line(next((str(each) for each in said if each), event.event_type))[:500]
