"""Checks before publishing: notes about what the author may want to fix. None of them prevents publishing."""

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import unquote, urljoin, urlsplit

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blog import responsive_images, similar_tags
from blog.models import Category, Media, Post, Redirect, Tag
from blog.slugs import slugify

LARGE = 1024 * 1024
MOST_LINKS = 100  # links that are checked


@dataclass(frozen=True)
class Note:
    """One problem: its message, and the id of the field on the write page where it is fixed."""

    message: str
    field: str = "id_source"


class PageParser(HTMLParser):
    """What the checks need from the rendered HTML: pictures without alternative text, heading levels, links."""

    def __init__(self, html):
        super().__init__()
        self.nameless, self.levels, self.links = [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        facts = dict(attrs)
        if tag == "img" and not (facts.get("alt") or "").strip():
            self.nameless.append(facts.get("src", ""))
        elif tag == "a" and facts.get("href"):
            self.links.append(facts["href"])
        elif re.fullmatch("h[1-6]", tag):
            self.levels.append(int(tag[1]))


def run_checks(post):
    """All notes for a post, in the order of CHECKS."""
    read = PageParser(post.html)
    return [note for each in CHECKS for note in each(post, read)]


def a_title_is_missing(post, read):
    if not post.title and post.format != Post.Format.NOTE:
        yield Note(_("There is no title. The slug will be made from the first words."), "id_title")


def pictures_have_words(post, read):
    shown = Media.objects.shown_in(" ".join(read.nameless))
    decorative = {name for name, media in shown.items() if media.decorative}
    if found := [src for src in read.nameless if decorative.isdisjoint(responsive_images.names_in(src))]:
        told = ngettext(
            "%d picture has no alternative text: %s", "%d pictures have no alternative text: %s", len(found)
        )
        yield Note(told % (len(found), ", ".join(unquote(src.rpartition("/")[2]) for src in found)))


def headings_leave_no_level_out(post, read):
    for above, below in zip([1, *read.levels], read.levels, strict=False):
        if below > above + 1:
            yield Note(_("A heading of level %(below)d follows one of level %(above)d: a level is skipped.")
                       % {"below": below, "above": above})  # fmt: skip
            return


def own_links_answer(post, read):
    page = post.path or post.coming_path()
    own = list(dict.fromkeys(path for link in read.links if (path := own_path(link, page))))
    for path in own[:MOST_LINKS]:
        if not answers(path):
            yield Note(_("This link leads to a page that readers cannot see: %s") % path)


def pictures_are_light(post, read):
    shown = Media.objects.pictures().filter(name__in=responsive_images.names_in(post.html), size__gt=LARGE)
    for media in shown:
        yield Note(_("The picture “%(name)s” has %(size).1f MB. Readers get smaller copies; feeds get the full size.")
                   % {"name": media.title, "size": media.size / LARGE})  # fmt: skip


def an_excerpt_is_there(post, read):
    if not post.excerpt and post.format == Post.Format.STANDARD and post.kind == Post.Kind.POST:
        yield Note(_("There is no excerpt. Lists and search engines show the first words."), "id_excerpt")


def the_slug_is_its_own(post, read):
    wanted = re.sub(r"-[0-9]+$", "", post.slug)
    meant = slugify(post.title) or wanted
    others = Post.objects.exclude(pk=post.pk).exclude(status=Post.Status.TRASH).filter(kind=post.kind)
    slug = meant if not post.slug else wanted if wanted == meant else post.slug
    if slug and (other := others.filter(slug=slug).first()):
        yield Note(_("“%(other)s” has the slug “%(slug)s” already; this one gets a number.")
                   % {"other": other, "slug": slug}, "id_slug")  # fmt: skip


def tags_are_distinct(post, read):
    for tag, other in similar_tags.among(post.tags.all()):
        yield Note(_("The tags “%(tag)s” and “%(other)s” are nearly the same.") % {"tag": tag, "other": other},
                   "id_tag_names")  # fmt: skip


def the_date_is_not_past(post, read):
    if post.status != Post.Status.PUBLISHED and post.publish_at and post.publish_at < timezone.now():
        yield Note(
            _("The date is in the past: the post is listed under that date, and subscribers are not notified."),
            "id_publish_at",
        )


CHECKS = [
    a_title_is_missing,
    pictures_have_words,
    headings_leave_no_level_out,
    own_links_answer,
    pictures_are_light,
    an_excerpt_is_there,
    the_slug_is_its_own,
    tags_are_distinct,
    the_date_is_not_past,
]


# Internal links


def own_path(link, page):
    """The path of a link to another page of this blog, resolved against the page at path `page`; "" for any other
    link."""
    try:
        url = urlsplit(link)
        if not (url.scheme or url.netloc):
            url = urlsplit(urljoin(page, link)) if url.path else url
    except ValueError:
        return ""
    if (url.scheme or url.netloc) and f"{url.scheme}://{url.netloc}" != settings.LONGRUN_URL:
        return ""
    return unquote(url.path) if url.path.startswith("/") and url.path != "/" else ""


def answers(path):
    """Whether readers find something at this path. Looks up the database rows instead of rendering the page."""
    try:
        match = resolve(path)
    except Resolver404:
        return False
    found = match.kwargs
    if match.url_name == "post":
        there = Post.objects.published().filter(path=f"/{found['path'].strip('/')}/").exists()
    elif match.url_name == "media":
        media = Media.objects.filter(name=found["name"]).first()
        there = bool(media and media.stored(found["file"]))
    elif match.url_name == "tag":
        there = Tag.objects.filter(slug=found["slug"]).exists()
    elif match.url_name == "category":
        there = Category.objects.filter(route=found["route"]).exists()
    else:
        return True
    return there or leads_on(path)


def leads_on(path):
    old = Redirect.objects.at(path)
    return bool(old and old.leads_to(AnonymousUser()))
