"""Email subscribers: counts, addresses, CSV export, and the settings of what readers can subscribe to."""

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from blog.desk.access import at_the_desk
from comments.models import DiscussionSettings, StoppedAddress, Subscription
from comments.notifications import subscriptions
from comments.notifications.subscriber_list import all_subscribers, csv_lines
from core import mail
from core.models import SettingsChange
from core.models.settings_change import changed_values
from core.text import isolated

PER_PAGE = 50


class SubscriptionSettingsForm(forms.ModelForm):
    class Meta:
        model = DiscussionSettings
        fields = ["posts_by_mail", "subscribe_box", "follow_comments"]
        widgets = {"posts_by_mail": forms.RadioSelect}


@at_the_desk("blog.change_settings")
@require_safe
def subscribers(request):
    """The confirmed subscribers by address; `q` searches the addresses, `as=csv` exports all of them."""
    if request.GET.get("as") == "csv":
        return csv_response()
    words = request.GET.get("q", "").strip()[:254]
    found = all_subscribers().filter(address__icontains=words) if words else all_subscribers()
    confirmed = Subscription.objects.confirmed()
    context = {
        "q": words,
        "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "to_posts": confirmed.to_posts().count(),
        "to_comments": confirmed.exclude(post=None).order_by().values("address").distinct().count(),
        "stopped": StoppedAddress.objects.count(),
        "unconfirmed": Subscription.objects.waiting().order_by().values("address").distinct().count(),
        "form": SubscriptionSettingsForm(instance=DiscussionSettings.objects.first() or DiscussionSettings()),
        "leaves": mail.is_configured(),
    }
    return render(request, "desk/comments/subscribers.html", context)


def csv_response():
    answer = StreamingHttpResponse(csv_lines(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="subscribers.csv"'
    return answer


@at_the_desk("blog.change_settings")
@require_POST
def remove(request):
    """Delete an address with all its subscriptions."""
    address = request.POST.get("address", "")
    if Subscription.objects.of(address).exists():
        subscriptions.forget(address, why=StoppedAddress.Why.OWNER)
        messages.success(request, _("%s gets no more emails.") % isolated(address))
    return redirect("desk_subscribers")


@at_the_desk("blog.change_settings")
@require_POST
def save(request):
    form = SubscriptionSettingsForm(request.POST, instance=DiscussionSettings.objects.first() or DiscussionSettings())
    if form.is_valid():
        with transaction.atomic():
            form.save()
            SettingsChange.record(request.user, SettingsChange.Area.SUBSCRIBERS, changed_values(form))
        messages.success(request, _("Saved."))
    return redirect("desk_subscribers")
