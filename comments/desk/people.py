"""Who writes: unknown, known, friend, blocked. Trust is set here, about an account or a signed browser, never about an
address that somebody typed."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, OuterRef, Q, Subquery
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from blog.desk.guard import at_the_desk
from comments import erasing, subscribing
from comments.desk.piles import decision_named
from comments.models import Comment, Person

PER_PAGE = 30
KINDS = {
    "unknown": gettext_lazy("Unknown"),
    "known": gettext_lazy("Known"),
    "friends": gettext_lazy("Friends"),
    "blocked": gettext_lazy("Blocked"),
}
MEANING = {
    Person.Trust.UNKNOWN: gettext_lazy("The rules decide; after the first approved comment they know this writer."),
    Person.Trust.KNOWN: gettext_lazy("Counts as somebody who has been approved before."),
    Person.Trust.FRIEND: gettext_lazy("Is always welcome: no rule is asked."),
    Person.Trust.BLOCKED: gettext_lazy("Everything they write goes to the spam."),
}


@at_the_desk("comments.moderate")
@require_safe
def people(request):
    """Everybody of one kind, who wrote last first; `q` looks for a name or an account's address."""
    kind = request.GET.get("kind", "known")
    kind = kind if kind in KINDS else "known"
    everybody = Person.objects.filter(comments__isnull=False).distinct()
    last = Comment.objects.filter(person=OuterRef("pk")).newest_first()
    found = getattr(everybody, kind)().annotate(
        last_name=Subquery(last.values("name")[:1]),
        last_at=Subquery(last.values("posted_at")[:1]),
        number=Count("comments"),
        approved=Count("comments", filter=Q(comments__state="approved")),
    )
    words = request.GET.get("q", "").strip()[:200]
    if words:
        found = found.filter(
            Q(last_name__icontains=words) | Q(account__name__icontains=words) | Q(account__email__icontains=words)
        )
    context = {
        "kind": kind,
        "kinds": list(KINDS.items()),
        "q": words,
        "page": Paginator(found.order_by("-last_at", "-pk").select_related("account"), PER_PAGE).get_page(
            request.GET.get("page")
        ),
    }
    return render(request, "desk/comments/people.html", context)


@at_the_desk("comments.moderate")
@require_safe
def person(request, pk):
    """One person's past on one page, and the four kinds of trust."""
    who = get_object_or_404(Person.objects.select_related("account"), pk=pk)
    comments = who.comments.select_related("post").newest_first().defer("post__source", "post__html", "post__plain")
    context = {
        "who": who,
        "past": who.past(),
        "counts": who.comments.all().counts(),
        "trusts": [(value, label, MEANING[value]) for value, label in Person.Trust.choices],
        "page": Paginator(comments, PER_PAGE).get_page(request.GET.get("page")),
        "decision": decision_named(request.GET.get("decided", "")),
    }
    return render(request, "desk/comments/person.html", context)


@at_the_desk("comments.moderate")
@require_POST
def trust(request, pk):
    who = get_object_or_404(Person, pk=pk)
    wanted = request.POST.get("trust")
    decision = who.trust_as(wanted, request.user) if wanted in Person.Trust.values else None
    query = f"?decided={decision.pk}" if decision else ""
    return redirect(f"{reverse('desk_person', args=[pk])}{query}")


@at_the_desk("blog.change_settings")
@require_safe
def address(request):
    """What was written under an e-mail address and what goes to it, for somebody who asks: exported or forgotten."""
    email = request.GET.get("email", "").strip()[:254]
    comments, letters = by_address(email), subscribing.exported(email)
    if email and request.GET.get("as") == "json":
        told = {"email": email, "exported_at": timezone.now().isoformat()}
        told |= {"comments": erasing.exported(comments), "letters": letters}
        return JsonResponse(told, headers={"Content-Disposition": 'attachment; filename="comments.json"'})
    context = {
        "email": email,
        "letters": letters,
        "comments": comments.select_related("post").newest_first()[:PER_PAGE],
    }
    return render(request, "desk/comments/address.html", context | {"count": comments.count()})


@at_the_desk("blog.change_settings")
@require_POST
def forget_address(request):
    email, how = request.POST.get("email", "").strip(), request.POST.get("how")
    if how in (erasing.ERASE, erasing.ANONYMISE):
        number = erasing.forget(by_address(email), how, by=request.user)
        subscribing.forget(email)
        messages.success(request, ngettext("%d comment is forgotten.", "%d comments are forgotten.", number) % number)
    return redirect(f"{reverse('desk_address')}?{urlencode({'email': email})}")


def by_address(email):
    if not email:
        return Comment.objects.none()
    return Comment.objects.matching(f"email:{email}")
