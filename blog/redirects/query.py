"""WordPress's query URLs (`?p=12`, `?cat=3`, `?m=201808`), which bookmarks and shortlinks still contain."""

from urllib.parse import quote

from django.contrib.auth import get_user_model
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse

from blog.models import Category, Post, Redirect, Tag
from core.row_ids import row_id

FEEDS = {"rss": "", "rss2": "", "rdf": "", "feed": "", "atom": "atom/", "json": "json/"}


def answer_query_form(request):
    """A 301 to the current URL, Http404 if there is no such object, None if the query has none of these parameters."""
    asked = request.GET
    for name, leads_to in FORMS.items():
        if name in asked:
            target = leads_to(asked[name], request)
            if not target:
                raise Http404
            return redirect(target, permanent=True)
    return None


def post_by_number(text, request):
    """The post with this number; else the one that had it on the blog from which it was imported."""
    number = row_id(text)
    post = Post.objects.visible_to(request.user).filter(pk=number).exclude(path=None).first()
    if post or not number or Post.objects.filter(pk=number).exists():
        return post and post.get_absolute_url()
    former = Redirect.objects.at(f"/?p={number}")
    return former and former.leads_to(request.user)


def post_by_name(text, request):
    post = Post.objects.visible_to(request.user).filter(slug=text).exclude(path=None).first()
    return post and post.get_absolute_url()


def category_by_number(text, request):
    """The category that had this number on the blog from which it was imported; else the one that has it here."""
    number = row_id(text)
    former = Redirect.objects.at(f"/?cat={number}") if number else None
    if former:
        return former.leads_to(request.user)
    category = Category.objects.filter(pk=row_id(text)).first()
    return category and category.get_absolute_url()


def tag_by_slug(text, request):
    word = Tag.objects.filter(slug=text).first()
    return word and word.get_absolute_url()


def author_by_number(text, request):
    """As `category_by_number`; who has no public post has no page."""
    number = row_id(text)
    former = Redirect.objects.filter(key=f"/?author={number}").exclude(author=None).first() if number else None
    number = former.author_id if former else number
    person = get_user_model().objects.filter(pk=number).exclude(handle=None).first()
    return person and Post.objects.listed().filter(author=person).exists() and person.get_absolute_url()


def month_by_digits(text, request):
    if not (text.isascii() and text.isdigit() and len(text) in {4, 6, 8}):
        return None
    return "/" + "/".join(part for part in (text[:4], text[4:6], text[6:8]) if part) + "/"


def search_for(text, request):
    return f"{reverse('search')}?q={quote(text)}"


def feed(text, request):
    return f"/feed/{FEEDS[text]}" if text in FEEDS else None


FORMS = {
    "p": post_by_number,
    "page_id": post_by_number,
    "name": post_by_name,
    "cat": category_by_number,
    "tag": tag_by_slug,
    "author": author_by_number,
    "m": month_by_digits,
    "s": search_for,
    "feed": feed,
}
