"""Who may see what: a small blog with a post or comment in every state, each containing a unique word.

`build` creates it, `paths` lists all its URLs by the resolver's names, `words` finds the unique words in a response.
What a role may see comes from the table in accounts/roles.py and is not repeated here.
"""

import io
import re
from dataclasses import dataclass, field
from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import NoReverseMatch, get_resolver, reverse
from django.utils import timezone
from PIL import Image

WORD = re.compile(r"qz[a-z]+zq")
COMMON = "heron"  # in every text, to search for
PASSWORD = "finish line"


def word(state):
    return f"qz{state}zq"


@dataclass
class World:
    """All objects of the blog, by their unique word; `people` by role."""

    posts: dict = field(default_factory=dict)
    comments: dict = field(default_factory=dict)
    media: dict = field(default_factory=dict)
    emails: dict = field(default_factory=dict)
    people: dict = field(default_factory=dict)

    def may_see(self, user):
        """The unique words that this user may see on some page."""
        seen = {word("public")}
        for found, post in self.posts.items():
            is_open = post.status == "published" and post.visibility == "public" and not post.is_scheduled
            if is_open or user.has_perm("blog.read_post", post):
                seen.add(found)
        for found, comment in self.comments.items():
            public = comment.state == "approved" and comment.post.status == "published"
            theirs = comment.person and comment.person.account_id == user.pk and comment.state == "pending"
            below = self.of_post(comment.post)
            if user.has_perm("comments.moderate", comment) or (theirs or public) and below in seen:
                seen.add(found)
        for found, file in self.media.items():
            theirs = user.has_perm("blog.edit_others") or file.by_id == user.pk
            if theirs or word(found[6:-2]) in seen:
                seen.add(found)
        seen |= set(self.emails) if user.has_perm("core.manage_emails") else set()
        return seen

    def of_post(self, post):
        return next(found for found, known in self.posts.items() if known.pk == post.pk)


def build(ada, cast):
    """Ada's blog, with a post in every state by her, and a draft by each of the cast who may write posts."""
    from blog.media import uploads
    from blog.models import Category, Post, Redirect, Series
    from comments.models import Comment, Person
    from core.models import Email

    world = World(people={"owner": ada} | cast)
    shelf, series = Category.objects.create(name="Shelf"), Series.objects.create(name="Shelf")

    def write(state, author=ada, *, password="", at=None, public=True, kind="post", **facts):
        title = "Locked" if password else f"Title {word(state)}"
        file = word(f"file{state}")
        picture = uploads.store_upload(SimpleUploadedFile(f"{file}.png", drawn(), "image/png"), author)
        picture.alt = picture.caption = f"{COMMON} {file}"
        picture.save()
        source = f"{COMMON} {word(state)}\n\n![x]({picture.get_absolute_url()})"
        post = Post(title=title, source=source, excerpt="" if password else f"{word(state)} {COMMON}", author=author,
                    kind=kind, slug=f"slug-{len(world.posts)}", series=series if kind == "post" else None,
                    **facts)  # fmt: skip
        if password:
            post.set_password(password)
        post.save()
        post.categories.set([shelf])
        if at:
            post.publish(at)
        post.keep_revision(author)
        world.posts[word(state)], world.media[file] = post, picture
        return post

    yesterday = timezone.now() - timedelta(days=1)
    main = write("public", at=yesterday)
    write("draft")
    write("pending", status="pending")
    write("private", visibility="private", at=yesterday)
    write("password", password=PASSWORD, at=yesterday)
    write("scheduled", at=timezone.now() + timedelta(days=9))
    write("trash", at=yesterday).trash()
    write("draftpage", kind="page")
    write("privatepage", kind="page", visibility="private", at=yesterday)
    for role, person in cast.items():
        if person.has_perm("blog.write"):
            write(f"own{role}", person)
    for found, post in world.posts.items():
        world.posts[found] = post = Post.objects.get(pk=post.pk)
        if post.status == "published" and not post.is_scheduled:
            Redirect.keep(f"/old/{post.pk}/", post, public=False)

    def answer(called, post, person=None, **facts):
        said = {"text": f"{COMMON} {word(called)}", "name": f"Name {word(called)}"}
        world.comments[word(called)] = Comment.objects.create(post=post, person=person, **said, **facts)

    answer("approved", main, state="approved", email=f"{word('address')}@example.org")
    for state in ("pending", "spam", "trash"):
        answer(f"held{state}", main, state=state, email=f"{word('address')}@example.org")
    answer("byrene", main, Person.objects.of_account(cast["reader"]), state="pending")
    for state in ("private", "password", "draft", "scheduled", "trash"):
        answer(f"on{state}", world.posts[word(state)], state="approved")
    found = word("email")
    said = {"to": f"{found}@example.org", "subject": found, "text": f"{COMMON} {found}", "state": "sent"}
    world.emails[found] = Email.objects.create(**said)
    return world


def drawn():
    image, out = Image.linear_gradient("L").resize((40, 30)), io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def fillings(world):
    """{URL name: list of keyword arguments for reverse()}, for every name with arguments. A test fails if a name is
    missing."""
    from blog.models import Revision
    from comments.models import ModerationAction, Person

    posts = [{"pk": post.pk} for post in world.posts.values()]
    comments = [{"pk": comment.pk} for comment in world.comments.values()]
    files = [{"pk": picture.pk} for picture in world.media.values()]
    revisions = [{"pk": kept.post_id, "number": kept.pk} for kept in Revision.objects.all()]
    paths = [post.path.strip("/") for post in world.posts.values() if post.path]
    day = world.posts[word("public")].published_on
    when = {"year": day.year, "month": day.month, "day": day.day}
    shelves = {
        "category": [{"route": "shelf"}],
        "tag": [{"slug": "shelf"}],
        "series": [{"slug": "shelf"}],
        "author": [{"handle": person.handle} for person in world.people.values() if person.handle],
        "year": [{"year": day.year}],
        "month": [{"year": day.year, "month": day.month}],
        "day": [when],
    }
    lines = {
        **dict.fromkeys(POSTS, posts),
        **dict.fromkeys(COMMENTS, comments),
        **dict.fromkeys(FILES, files),
        **dict.fromkeys(["desk_post_revision", "desk_post_revision_name"], revisions),
        **dict.fromkeys(SMALL, [{"pk": 1}]),
        **{name: [{key: "nonsense"}] for name, key in KEYED.items()},
        **{name: [{"post_id": post["pk"]} for post in posts] for name in ("comment", "comment_logout", "contact")},
        "comment_login": [{"post_id": post["pk"], "provider": "nobody"} for post in posts],
        "desk_commenter": [{"pk": person.pk} for person in Person.objects.all()],
        "desk_commenter_trust": [{"pk": person.pk} for person in Person.objects.all()],
        "desk_commenter_block_preview": [{"pk": person.pk} for person in Person.objects.all()],
        **dict.fromkeys(["desk_email", "desk_email_resend"], [{"pk": each.pk} for each in world.emails.values()]),
        **dict.fromkeys(
            ["desk_staff_member", "desk_sessions_end"], [{"pk": each.pk} for each in world.people.values()]
        ),
        "desk_session_end": [{"pk": person.pk, "number": 1} for person in world.people.values()],
        "desk_comments_undo": [{"pk": decision.pk} for decision in ModerationAction.objects.all()],
        "desk_comments_in": [{"status": status} for status in ("approved", "spam", "trash", "mine", "reported")],
        "desk_messages_in": [{"state": state} for state in ("done", "pending", "spam", "trash")],
        "icon": [{"digest": "nonsense", "size": 32}],
        "picture_card": [{"pk": post["pk"], "digest": "nonsense"} for post in posts],
        "account_reset_password_from_key": [{"uidb36": "1", "key": "nonsense"}],
        "media": [{"name": picture.name, "file": picture.full} for picture in world.media.values()],
        "archives_year": [{"year": day.year}],
        "archives_year_page": [{"year": day.year, "number": 2}],
        "podcast_feed": [{"route": "shelf"}],
        "search_by_path": [{"query": COMMON}],
        "sitemap": [{"section": section} for section in ("posts", "pages", "categories", "tags", "series", "authors")],
        "post": [{"path": path} for path in paths],
        "post_comment_page": [{"path": path, "comment_page": 1} for path in paths],
        "post_comments_feed": [{"path": path} | form for path in paths for form in POST_FEEDS],
        "home_page": [{"number": 1}, {"number": 2}],
        "home_feed_form": [{"form": form} for form in FEEDS],
        "comments_feed_form": [{"form": form} for form in FEEDS],
    }
    for of, fills in shelves.items():
        lines[of] = lines[f"{of}_feed"] = fills
        lines[f"{of}_page"] = [fill | {"number": 2} for fill in fills]
        lines[f"{of}_feed_form"] = [fill | {"form": form} for fill in fills for form in FEEDS]
    return lines


FILES = ("desk_file", "desk_file_delete", "desk_file_trash", "desk_file_restore", "desk_file_replace")
LISTS = (
    "home", "search", "desk_posts", "desk_pages", "desk_media", "desk_links", "desk_comments", "my_comments",
    "desk_commenters", "desk_clusters", "desk_history", "desk_review", "desk_not_found_log", "desk_redirects",
    "desk_emails", "desk_broken_links", "desk_messages",
)  # fmt: skip
POST_FEEDS = ({}, {"form": "rss"}, {"form": "atom"}, {"form": "json"})
FEEDS = ("rss", "rss2", "rdf", "atom", "json")
POSTS = (
    "desk_post", "desk_post_preview", "desk_post_revisions", "desk_post_compare", "desk_post_checks",
    "desk_post_in_iframe", "desk_post_quick_edit", "desk_post_autosave", "desk_post_duplicate", "desk_post_trash",
    "desk_post_restore", "desk_post_delete", "desk_post_markdown", "unlock", "visit", "chapters",
)  # fmt: skip
COMMENTS = (
    "desk_comment_reply", "desk_comment_edit", "desk_comment_move", "comment_permalink", "comment_edit",
    "comment_report", "comment_notify",
)  # fmt: skip
# URLs of one object that is neither a post nor a comment; its existence does not change who may see which word.
SMALL = (
    "desk_invitation_withdraw", "desk_posts_undo", "desk_autosave_discard", "desk_category",
    "desk_category_delete", "desk_tag", "desk_tag_delete", "desk_redirect_delete",
    "desk_series", "desk_series_delete", "desk_podcast",
    "session_end", "desk_own_css_restore", "mfa_remove_webauthn", "mfa_edit_webauthn", "desk_import",
    "desk_import_progress",
    "desk_import_receipt", "desk_import_threads", "desk_export_download", "desk_export_delete",
)  # fmt: skip
KEYED = {
    "setup": "token", "login_link": "token", "invitation": "token", "comment_decide": "token",
    "subscription_confirm": "token", "unsubscribe_link": "token", "subscriptions": "token",
    "link_picture": "digest",
    "emergency_switch": "token", "secret": "token", "theme": "digest", "own_css": "digest",
    "desk_backup": "name", "picture": "name",
    "reauthenticate_at_provider": "provider", "openid_connect_login": "provider_id",
    "openid_connect_callback": "provider_id",
}  # fmt: skip


def names():
    return (name for name, _route in routes())


def routes(resolver=None, before=""):
    """(name, route) of every named URL pattern."""
    for pattern in (resolver or get_resolver()).url_patterns:
        route = f"{before}{pattern.pattern}"
        if hasattr(pattern, "url_patterns"):
            yield from routes(pattern, route)
        elif pattern.name:
            yield pattern.name, route


def without_a_line(world):
    """The URL names that are missing in `fillings`."""
    lines = fillings(world)
    return sorted({name for name in names() if name not in lines and not reverses(name)})


def reverses(name):
    try:
        return reverse(name)
    except NoReverseMatch:
        return None


def paths(world):
    """(URL name, path) of every URL, with those that depend on a query string."""
    lines = fillings(world)
    for name in dict.fromkeys(names()):
        if name not in lines and not reverses(name):
            continue  # reported by without_a_line
        for fill in lines.get(name, [{}]):
            yield name, reverse(name, kwargs=fill) + ("/" if name == "post" else "")
    for post in world.posts.values():
        for query in (f"p={post.pk}", f"page_id={post.pk}", f"preview=true&p={post.pk}"):
            yield "home", f"/?{query}"
        yield "post", f"/old/{post.pk}/"
        yield "write", f"/desk/write/?from={post.pk}"
    for comment in world.comments.values():
        main = world.posts[word("public")]
        yield "post", f"{main.path}?replytocom={comment.pk}"
        yield "home", f"/?p={main.pk}&replytocom={comment.pk}"
    for person in world.people.values():
        yield "home", f"/?author={person.pk}"
    for name in LISTS:
        for query in (f"q={COMMON}", f"s={COMMON}", "show=all", "show=trash", "show=draft", "show=scheduled"):
            yield name, f"{reverse(name)}?{query}"
    yield "write", "/desk/write/?kind=page"


def words(answer):
    """The unique words in the body and the headers of a response."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    told = body.decode(errors="ignore") + " ".join(f"{key}: {value}" for key, value in answer.headers.items())
    return set(WORD.findall(told))
