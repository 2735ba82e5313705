"""What only the owner may see, as files: the part of the mirror that nobody else gets.

    settings.json   people.json   commenters.json   blocks.json   subscriptions.json   stopped_addresses.json
    categories.json   tags.json   series.json   podcasts.json   home_zones.json   redirects.json   media.json
    messages.json   link_cards.json   css_revisions.json   moderation_actions.json   reports.json
    visits/2026-03.json   referrers/2026-03.json (page views of a month: only that of this month changes)
    posts/… pages/… (drafts, private, protected, scheduled, in the trash)
    history/12.json (revisions of post 12, and its columns that are not public)
    comments/12.json (every comment of post 12, with address and state)   media/NAME/…   pictures/NAME.webp

Passwords, keys, logins and networks of readers are in neither part.
"""

from collections.abc import Iterator
from itertools import groupby

from django.contrib.auth import get_user_model

from blog.models import HomeZone, Media, Podcast, Post, Redirect, Referrer, Visit
from comments.models import Comment, Person
from transfer.exporting import columns, json_export, link_cards, rows
from transfer.exporting.columns import row
from transfer.mirror.folder import File, Stored
from transfer.mirror.public import PICTURE, json_file, media_files, picture_files, post_file

NOT_PUBLIC = tuple(name for name in columns.POST if name not in columns.PUBLIC_POST)


def private_files() -> Iterator[File]:
    """Every file of the private part, a hundred posts at a time."""
    yield File(".gitignore", b"*\n")
    yield json_file("settings.json", json_export.all_settings())
    yield json_file("people.json", list(json_export.people()))
    yield json_file("commenters.json", [row(each, columns.COMMENTER) for each in Person.objects.order_by("pk")])
    yield json_file("blocks.json", list(json_export.blocks()))
    yield json_file("subscriptions.json", list(json_export.subscriptions()))
    yield json_file("stopped_addresses.json", list(json_export.stopped_addresses()))
    yield json_file("messages.json", list(json_export.contact_messages()))
    yield json_file("css_revisions.json", list(json_export.css_revisions()))
    yield json_file("moderation_actions.json", list(json_export.moderation_actions()))
    yield json_file("reports.json", list(json_export.reports()))
    yield from tallies("visits", Visit, columns.VISIT)
    yield from tallies("referrers", Referrer, columns.REFERRER)
    yield json_file("categories.json", [row(each, columns.CATEGORY) for each in rows.categories()])
    yield json_file("tags.json", [row(each, columns.TERM) for each in rows.tags()])
    yield json_file("series.json", [row(each, columns.TERM) for each in rows.series()])
    yield json_file("podcasts.json", [row(each, columns.PODCAST) for each in Podcast.objects.order_by("pk")])
    yield json_file("home_zones.json", [row(each, columns.HOME_ZONE) for each in HomeZone.objects.all()])
    redirects = Redirect.objects.order_by("key").iterator()
    yield json_file("redirects.json", [row(each, columns.REDIRECT) for each in redirects])
    yield json_file("link_cards.json", list(link_cards.rows()))
    yield json_file("media.json", [row(each, columns.MEDIA) for each in rows.media()])
    public = set(Media.objects.public().values_list("pk", flat=True))
    for media in rows.media():
        if media.format == "gpx":  # the public part has it without the home zone
            yield File(f"media/{media.name}/{media.full}", Stored(f"{media.folder}/{media.full}"))
        elif media.pk not in public:
            yield from media_files(media)
    pictures = set(get_user_model().objects.exclude(picture="").values_list("picture", flat=True))
    for post, comments in rows.posts_with_comments(states=tuple(Comment.State.values), revisions=True):
        if not post.is_open:
            yield post_file(post, row(post, columns.POST))
        yield history(post)
        if comments:
            yield json_file(f"comments/{post.pk}.json", [json_export.whole_comment(each) for each in comments])
            pictures |= {found[1] for each in comments if (found := PICTURE.search(each.avatar))}
    yield from picture_files(pictures)


def tallies(name: str, model: type[Visit] | type[Referrer], names: tuple[str, ...]) -> Iterator[File]:
    """The counts of a model, a file for each month."""
    for month, found in groupby(rows.tallies(model), key=lambda each: f"{each.day:%Y-%m}"):
        yield json_file(f"{name}/{month}.json", [row(each, names) for each in found])


def history(post: Post) -> File:
    facts = {"post": row(post, NOT_PUBLIC), "revisions": json_export.revisions_of(post)}
    return json_file(f"history/{post.pk}.json", facts)
