"""Posts in lists and on their own pages, rendered by patterns (core.template_patterns)."""

import re
from dataclasses import replace
from urllib.parse import quote, urljoin

from django.template.defaultfilters import linebreaks_filter
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import ngettext

from blog.models.reading_settings import SHARE, reading
from blog.responsive_images import SIZES, as_picture, pictures_in
from blog.series_navigation import render_series
from blog.templatetags.blog import lang, terms
from blog.templatetags.dates import day
from core.template_patterns import joined, render_pattern, render_patterns

FEATURED_SIZES = "(min-width: 72rem) 50rem, 100vw"
CARD_SIZES = "(min-width: 40rem) 24rem, 100vw"
LONG_NOTE = 80  # words; a longer post without a title is shortened where others are cards


# What `content.css` is for; a post without any of it needs no more than `site.css`.
SPECIAL_CONTENT = re.compile(r'class="(?:longrun-|player|wp-block-gallery|[^"]* wp-block-gallery)|<math ')


def render_list(posts, *, excerpt, pictures=False):
    """Posts in a list; with `pictures` each has its own, as `entry_picture` finds it. The first post is the lead story:
    its picture is meant to be larger than the others, and loads at once."""
    return joined(
        render_in_list(post, excerpt=excerpt, pictures=pictures, is_first=number == 0)
        for number, post in enumerate(posts)
    )


def render_in_list(post, *, excerpt=False, pictures=False, is_first=False):
    """A post in a list: whole, up to its "more" marker, or its excerpt. A post without a title is its text; beside
    pictures, it is an excerpt as well if it is long or has a picture."""
    protected = post.visibility == post.Visibility.PASSWORD
    shortened = bool(excerpt and (post.title or (pictures and is_long_note(post))))
    values = entry_values(post)
    if not protected:
        values |= text_in_list(post, shortened)
        if pictures and (picture := entry_picture(post, shortened)):
            sizes = SIZES if is_first or not excerpt else CARD_SIZES
            values["picture"] = as_picture(picture, sizes=sizes, kept={"class": "u-featured"}, lazy=not is_first)
    if post.comment_count:
        values["comments"] = ngettext("%(n)s Comment", "%(n)s Comments", post.comment_count) % {"n": post.comment_count}
    return render_pattern(
        "blog/_post_in_list.html",
        "entry",
        values,
        format=post.format,
        sticky=post.sticky,
        titled=bool(post.title),
        protected=protected,
        shortened=shortened,
        continued=not protected and bool(shortened or post.teaser_html),
        open=post.comments_open,
        special=has_special_content(values.get("text", "")),
    )


def is_long_note(post):
    return post.words > LONG_NOTE or next(pictures_in(post.html), None) is not None


def entry_picture(post, shortened):
    """The picture of a post in a list: its featured picture; of a post of which only an excerpt is shown, otherwise the
    first picture in its text, as that is stored; or None. No queries."""
    if post.featured or not shortened:
        return post.featured
    first = next(pictures_in(post.html), None)
    try:
        return first and replace(first, url=urljoin(post.get_absolute_url(), first.url))
    except ValueError:  # not a URL
        return None


def render_cards(posts):
    """Each post as a picture, where it has one, its title and its excerpt."""
    return joined(map(render_card, posts))


def render_card(post):
    protected = post.visibility == post.Visibility.PASSWORD
    values = brief_values(post)
    if not protected:
        values["summary"] = post.description
    if not protected and (picture := entry_picture(post, shortened=True)):
        values["picture"] = as_picture(picture, sizes=CARD_SIZES)
    flags = {"titled": bool(post.title), "sticky": post.sticky, "protected": protected}
    return render_pattern("blog/_card.html", "entry", values, **flags)


def render_titles(posts):
    """Each post as a line with its title and its date."""
    return joined(render_pattern("blog/_title.html", "entry", brief_values(post), sticky=post.sticky) for post in posts)


def render_days(posts):
    """Each post as a line with the day of its month and its title."""
    days = (link_values(post) | {"number": str(post.published_on.day)} for post in posts)
    return render_patterns("blog/_day.html", "entry", days)


def brief_values(post):
    published = localtime(post.publish_at).isoformat() if post.publish_at else ""
    return link_values(post) | {"published": published}


def has_special_content(html):
    return bool(SPECIAL_CONTENT.search(html))


def text_in_list(post, shortened):
    if shortened:
        return {"summary": post.description, "more_text": post.more_text}
    if post.teaser_html:
        return {"text": post.teaser_elsewhere, "more_text": post.more_text}
    return {"text": post.body_elsewhere}


def render_article(post, body, *, shared_as="", can_edit=False):
    """A post on its own page. `shared_as`: the absolute URL under which readers share it; "" without that."""
    values = entry_values(post) | {"text": body}
    if post.author.bio:
        values |= {"bio": linebreaks_filter(post.author.bio), "author_picture": post.author.picture_url}
    if post.featured:
        values["picture"] = as_picture(post.featured, sizes=FEATURED_SIZES, lazy=False)
        values["caption"] = post.featured.caption
    share = tuple(name for name in reading().share_links if name in SHARE) if shared_as else ()
    if share:
        values |= {"shared_url": quote(shared_as, safe=""), "shared_title": quote(values["display_title"], safe="")}
    if can_edit:
        values["edit_url"] = reverse("desk_post", args=[post.pk])
    values["series"] = render_series(post)
    is_bookmark = post.format == "link" and bool(post.link_url)
    values["bookmark"] = post.link_url if is_bookmark else ""
    return render_pattern(
        "blog/_article.html",
        "entry",
        values,
        format=post.format,
        titled=bool(post.title),
        special=bool(post.series_id) or has_special_content(body),
        share=share,
    )


def render_more_posts(previous, following, related):
    """Below a post: the related ones, and links to the previous and the next one."""
    values = {"related": render_patterns("blog/_related_post.html", "entry", map(link_values, related))}
    for name, post in (("previous", previous), ("next", following)):
        if post:
            values |= {f"{name}_url": post.get_absolute_url(), f"{name}_title": post.title}
            values[f"{name}_lang"] = lang(post) if post.title else ""
    return render_pattern("blog/_more_posts.html", "posts", values)


def entry_values(post):
    """What a post is called, where it is and is filed, who wrote it and when."""
    return link_values(post) | {
        "title": post.title,
        "published": localtime(post.publish_at).isoformat() if post.publish_at else "",
        "author": post.author.name,
        "author_url": post.author.get_absolute_url(),
        "categories": terms(post.shown_categories, "category tag"),
        "tags": terms(post.shown_tags, "tag"),
        "open_link": post.open_link,
        "link_host": post.link_host if post.open_link else "",
    }


def link_values(post):
    """What a link to a post says."""
    return {
        "display_title": post.display_title,
        "url": post.get_absolute_url(),
        "lang": lang(post),
        "date": post.published_on.isoformat() if post.published_on else "",
        "day": day(post.published_on),
    }
