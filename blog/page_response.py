"""The response with a page: for guests, of whom it holds nothing, a filled pattern (Layout.page)."""

from django.http import HttpResponse
from django.shortcuts import render

from blog.layout import current_layout
from core.cookies import MESSAGES, SESSION


def render_page(request, template, context):
    """`context` holds texts, dictionaries and lists of them, and flags."""
    if is_plain_guest(request):
        return HttpResponse(current_layout().page(template, context, request.path))
    return render(request, template, context)


def is_plain_guest(request):
    """Whether it is a visitor without a session and messages."""
    return not request.COOKIES.keys() & {SESSION.name, MESSAGES.name} and not request.user.is_authenticated
