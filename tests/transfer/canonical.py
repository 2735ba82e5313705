"""A blog in a form that can be compared: every row that an export can carry, without numbers that differ by chance."""

from hashlib import sha256

from django.contrib.auth import get_user_model

from blog.models import (
    Category,
    CssRevision,
    LinkCard,
    Media,
    MenuLink,
    Podcast,
    Post,
    ReadingSettings,
    Redirect,
    Referrer,
    Revision,
    SearchEntry,
    Tag,
    Visit,
)
from blog.models.media import MediaUse
from comments.models import (
    Comment,
    CommentRevision,
    DiscussionSettings,
    Message,
    ModerationAction,
    Person,
    Report,
    StoppedAddress,
    Subscription,
)
from core.models import Site
from tests.media_files import folder_of


def blog(*, spam=False, passwords=False):
    """{kind: sorted list of rows} of the blog in this database.

    Left out by default is what a WordPress export cannot carry: spam, and posts with a password (they become private).
    """
    posts = {}
    for post in Post.objects.all().order_by("pk"):
        visibility = post.visibility if passwords or post.visibility != "password" else "private"
        posts[post.pk] = {
            "kind": post.kind, "status": post.status, "visibility": visibility, "format": post.format,
            "title": post.title, "slug": post.slug, "path": post.path, "guid": post.guid, "source": post.source,
            "source_format": post.source_format, "extended": post.extended_markdown,
            "excerpt": post.excerpt, "publish_at": post.publish_at,
            "published_on": post.published_on, "sticky": post.sticky, "comments_open": post.comments_open,
            "contact_form": post.contact_form,
            "menu_order": post.menu_order, "parent": post.parent_id, "count": post.comment_count,
            "updated_at": post.updated_at.replace(microsecond=0), "language": post.language,
            "categories": sorted(each.route for each in post.categories.all()),
            "tags": sorted(each.slug for each in post.tags.all()), "html": post.html,
            "series": [post.series and post.series.name, post.series_number],
        }  # fmt: skip
        if posts[post.pk]["publish_at"]:
            posts[post.pk]["publish_at"] = post.publish_at.replace(microsecond=0)
    states = ["approved", "pending", "trash", *(["spam", "gone"] if spam else [])]
    comments = {
        comment.pk: {
            "post": comment.post_id, "parent": comment.parent_id, "thread": comment.thread_id, "state": comment.state,
            "kind": comment.kind, "text": comment.text, "html": comment.html, "name": comment.name,
            "email": comment.email, "url": comment.url, "posted_at": comment.posted_at.replace(microsecond=0),
            "source_format": comment.source_format,
        }
        for comment in Comment.objects.filter(state__in=states).order_by("pk")
    }  # fmt: skip
    return {
        "posts": posts,
        "comments": comments,
        "categories": sorted(Category.objects.values_list("route", "name", "description")),
        "tags": sorted(Tag.objects.values_list("slug", "name", "description")),
    }


def everything():
    """`blog` with spam, and all else that a mirror with both parts, or a JSON export with its files, carries."""
    rows = blog(spam=True)
    rows["people"] = sorted(
        [person.name, person.handle, person.email, person.bio, person.website, person.role, person.is_active]
        for person in get_user_model().objects.all()
    )
    rows["authors"] = {post.pk: post.author.name for post in Post.objects.select_related("author")}
    rows["media"] = sorted(Media.objects.values_list(*MEDIA))
    rows["files"] = files_of(Media.objects.all())
    podcast = ["category__name", "title", "description", "author", "email", "cover__name", "apple_category", "guid"]
    rows["podcasts"] = sorted(Podcast.objects.values_list(*podcast))
    rows["uses"] = sorted(MediaUse.objects.values_list("media", "post"))
    rows["redirects"] = redirects(Redirect.objects.all())
    rows["menu"] = sorted(MenuLink.objects.values_list("title", "url", "number"))
    revision = ["pk", "post", "title", "source", "kind", "name", "created_at"]
    rows["revisions"] = sorted(Revision.objects.values_list(*revision))
    rows["former comments"] = sorted(CommentRevision.objects.values_list("pk", "comment", "text", "name", "email"))
    rows["commenters"] = sorted(Person.objects.values_list("pk", "trust", "account__name", "created_at"))
    rows["wrote"] = sorted(Comment.objects.values_list("pk", "person", "former_state", "state_since"))
    rows["subscriptions"] = sorted(Subscription.objects.values_list("address", "what", "how", "confirmed_at"))
    rows["stopped"] = sorted(StoppedAddress.objects.values_list("address", "digest", "why", "stopped_at"))
    rows["messages"] = sorted(Message.objects.values_list("pk", "post", "person", "state", "text", "name", "email"))
    rows["link cards"] = link_cards()
    rows["settings"] = settings_rows()
    rows["css"] = sorted(CssRevision.objects.values_list("pk", "state", "css", "by__name", "created_at"))
    decision = ["pk", "by__name", "maker", "what", "reasons", "items", "side_effects", "created_at", "undone_at"]
    rows["decisions"] = list(ModerationAction.objects.order_by("pk").values_list(*decision))
    rows["reports"] = sorted(Report.objects.values_list("pk", "comment", "created_at"))
    rows["visits"] = sorted(Visit.objects.values_list("post", "day", "count"))
    rows["referrers"] = sorted(Referrer.objects.values_list("host", "day", "count"))
    rows["found"] = sorted(SearchEntry.objects.values_list("kind", "thing"))
    return rows


def public():
    """What every visitor may see, as rows."""
    whole = blog()
    posts = set(Post.objects.open().values_list("pk", flat=True))
    shown = ("approved", "gone")
    rows = {
        "posts": {pk: row for pk, row in whole["posts"].items() if pk in posts},
        "comments": {
            pk: {name: value for name, value in row.items() if name != "email"}
            for pk, row in whole["comments"].items()
            if row["post"] in posts and row["state"] in shown
        },
        "categories": sorted(Category.objects.in_use().values_list("route", "name", "description")),
        "tags": sorted(Tag.objects.in_use().values_list("slug", "name", "description")),
        "media": sorted(Media.objects.public().values_list(*MEDIA)),
        "files": files_of(Media.objects.public()),
        "menu": sorted(MenuLink.objects.values_list("title", "url", "number")),
        "settings": settings_rows()["site"],
    }
    texts = "".join(post["html"] for post in rows["posts"].values())
    rows["link cards"] = [row for row in link_cards() if f'href="{row[0]}"' in texts]
    rows["authors"] = {post.pk: [post.author.name, post.author.handle] for post in Post.objects.open()}
    return rows


MEDIA = ["pk", "name", "title", "file_name", "format", "size", "width", "height", "alt", "caption", "created_at"]


def files_of(media):
    """{path: hash} of the files on the disk."""
    found = {}
    for each in media:
        for path in sorted(folder_of(each).glob("*")):
            found[f"{each.name}/{path.name}"] = sha256(path.read_bytes()).hexdigest()
    return found


def link_cards():
    facts = ["address", "title", "site", "digest", "width", "height", "asked_at"]
    rows = LinkCard.objects.exclude(title="")
    return sorted([*each, bytes(picture or b"")] for *each, picture in rows.values_list(*facts, "picture"))


def redirects(rows):
    return sorted(
        [row.key, row.was_public, row.target, row.thing.get_absolute_url() if row.thing else ""] for row in rows
    )


def settings_rows():
    found = {}
    for name, model in (("site", Site), ("reading", ReadingSettings), ("discussion", DiscussionSettings)):
        row = model.objects.values().first() or {}
        found[name] = {key: value for key, value in row.items() if key != "id"}
    return found
