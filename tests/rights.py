"""Who may change what: a line for every URL of the desk and of accounts, and an object of every kind for each role.

A line names the permission that the URL requires, and the right on its object. Which role has them comes from the table
in accounts/roles.py and is not repeated here.
"""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from django.core.files.uploadedfile import SimpleUploadedFile

from blog.models import MenuLink
from tests import rights_forms, rights_people
from tests.matrix import drawn, routes
from tests.transfer import wxr_text

ROLES = ("owner", "editor", "author", "contributor", "moderator", "reader")
WHOLE = {"title": "Changed", "source": "Changed", "excerpt": "", "slug": "", "format": "standard", "action": "save",
         "visibility": "public", "status": "draft", "comments_open": "on"}  # fmt: skip


@dataclass
class Line:
    """The expectation for one URL.

    `door`: the permission that opens it; `thing`: the kind of its object; `change`, `see`: the rights on that object, a
    permission or a function (user, thing) → bool.
    """

    door: str = "core.use_desk"
    thing: str = ""
    change: str | Callable = ""
    see: str | Callable = ""
    form: dict | Callable = field(default_factory=dict)  # POST data that changes something, else {}
    args: Callable = None
    in_form: bool = False  # the form names the object: without the right, nothing changes, but there is no 403
    short: bool = False  # also tested for some roles in `make test`
    state: Callable = None  # (thing) → what the form changes; must stay the same without the right


def may(user, right, thing):
    if callable(right):
        return right(user, thing)
    return not right or user.has_perm(right, thing)


def was_their_draft(user, post):
    """The right to delete a post in the trash depends on its status before."""
    from blog.models import Post

    return user.has_perm("blog.delete_post", Post(author=post.author, status=post.trashed_from))


def in_reach(user, post):
    return user.has_perm("blog.edit_others") or post.author_id == user.pk


def sees_file(user, media):
    return (
        user.has_perm("blog.edit_others") or media.by_id == user.pk or media.posts().filter(status="published").exists()
    )


def places(user, page):
    """Changing the menu requires the right to edit others' posts."""
    return user.has_perm("blog.edit_post", page) and user.has_perm("blog.edit_others")


def moved_in_menu(_user, page):
    seen = {"author": page.author_id, "base_revision": page.newest_revision.pk}
    return WHOLE | seen | {"title": "Page", "status": "published", "menu_order": "-5"}


def place_in_menu(page):
    return type(page).objects.get(pk=page.pk).menu_order


def theirs(user, row):
    return row.by_id == user.pk


def autosaved(user, post):
    return {"who": str(user.pk or ""), "tab": "a" * 32, "count": 3, "source": "typed", "title": "t", "kind": "post"}


def another_picture(user, media):
    return {"file": a_picture(), "address": "new"}


def in_numbers(name="comment", **more):
    return lambda user, thing: {name: thing.pk, **more}


def post(change="blog.edit_post", thing="draft", **more):
    return Line("blog.write", thing, change, **{"see": in_reach} | more)


def a_file(thing="file", **more):
    return Line("blog.upload", thing, "blog.change_file", sees_file, short=True, **more)


def term(thing, **more):
    return Line("blog.manage_terms", thing, short=True, **more)


def merged_into(name):
    return lambda _user, thing: {"term": thing.pk, "into": type(thing).objects.named(name).pk}


def moderated(thing="", **more):
    return Line("comments.moderate", thing, **more)


def settings(thing="", **more):
    """A URL whose form names the setting, link or email address; the URL itself only requires the permission."""
    return Line("blog.change_settings", thing, **{"short": True, "args": no_args if thing else None} | more)


def each_of(kind):
    return settings(kind, form=lambda _, setting: setting.sent(), state=lambda _: rights_forms.stored())


def mine(thing, **more):
    """A page of one's own account: every user who is logged in may open it, and change only their own objects."""
    return Line("", thing, own, **{"see": own, "short": True} | more)


def own(user, thing):
    """Whether the thing is the user's account or belongs to it."""
    person = getattr(thing, "person", None)
    return user.pk == (person.account_id if person else getattr(thing, "user_id", thing.pk))


def works_here(user, account):
    return account.role != "reader" or account.handle or account.worked_here


def of_a_helper(user, session):
    return works_here(user, session.user)


def of_session(session):
    return {"pk": session.user_id, "number": session.pk}


def of_session_person(session):
    return {"pk": session.user_id}


def not_the_only_owner(user, account):
    return works_here(user, account) and account.role != "owner"


def no_args(_thing):
    return {}


def by_number(thing):
    return {"pk": thing.pk}


def a_picture():
    return SimpleUploadedFile("other.png", drawn(), "image/png")


def an_export():
    return SimpleUploadedFile("export.xml", wxr_text.export(wxr_text.item(7)).encode())


def the_only_piece():
    content = an_export().read()
    digest = hashlib.sha256(content).hexdigest()
    facts = {"key": secrets.token_hex(16), "name": "export.xml", "offset": 0, "size": len(content), "sha256": digest}
    return facts | {"piece": SimpleUploadedFile("piece", content)}


def the_thread(run):
    """The form that assigns the only thread without a post."""
    from blog.models import Post

    return {"thread": run.refs.get().pk, "post": Post.objects.exclude(path=None).first().path}


def row(thing):
    return list(type(thing)._base_manager.filter(pk=thing.pk).values())


def podcast_facts():
    """The form of a podcast, with a cover that Apple would take."""
    from blog.models import Media

    facts = {"format": "png", "file_name": "cover.png", "width": 1400, "height": 1400}
    cover, _made = Media.objects.get_or_create(name="c" * 32, kind="picture", title="cover.png", defaults=facts)
    return {"title": "Runs", "description": "Runs.", "author": "Ada", "cover": cover.pk, "language": "en",
            "apple_category": "Sports"}  # fmt: skip


def podcasts():
    from blog.models import Podcast

    return list(Podcast.objects.values())


NAMED = {"name": "Renamed", "slug": "renamed", "description": ""}
LINES = {
    # Posts
    "write": Line("blog.write", form=lambda user, _: WHOLE | {"author": user.pk or ""}),
    "desk_posts": Line("blog.write"),
    "desk_pages": Line("blog.write"),
    "desk_autosave": Line("blog.write", form=lambda user, _: autosaved(user, None) | {"mark": "b" * 32}),
    "desk_autosave_discard": Line("blog.write", "autosave", theirs, theirs, {"seen": "a" * 32 + ":1"}),
    "desk_permalink_preview": Line("blog.write"),
    "desk_compare_autosave": Line("blog.write"),
    "desk_signed_in": Line("blog.write"),
    "desk_preview": Line("blog.write"),
    "desk_links": Line("blog.write"),
    "desk_post": (
        post(form=lambda user, post: WHOLE | {"author": post.author_id}),
        post(places, "page", form=moved_in_menu, state=place_in_menu, in_form=True, short=True),
    ),
    "desk_post_autosave": post(form=autosaved),
    "desk_post_preview": post(in_reach),
    "desk_post_quick_edit": post(form={"title": "Quick", "slug": "quick", "status": "draft", "visibility": "public"}),
    "desk_post_checks": post(),
    "desk_post_in_iframe": post(),
    "desk_post_compare": post(see="blog.edit_post"),
    "desk_post_revisions": post(see="blog.edit_post"),
    "desk_post_markdown": post(see="blog.edit_post"),
    "desk_post_revision": post("blog.edit_post", "revision"),
    "desk_post_revision_name": post("blog.edit_post", "revision", form={"name": "Named"}),
    "desk_post_duplicate": post(form={"x": 1}),
    "desk_post_trash": post("blog.delete_post", form={"x": 1}),
    "desk_post_restore": post(was_their_draft, "trashed", form={"x": 1}),
    "desk_post_delete": post(was_their_draft, "trashed", form={"x": 1}),
    # Bulk actions on posts, and undo
    "desk_posts_bulk": post("blog.delete_post", form=in_numbers("post", bulk_action="trash"), in_form=True, short=True),
    "desk_posts_undo": Line("blog.write", "bulk", theirs, theirs, {"x": 1}, short=True),
    # Files
    "desk_media": Line("blog.upload", form=lambda user, _: {"files": another_picture(user, None)["file"]}, short=True),
    "desk_media_trash": Line("blog.upload", short=True),
    "desk_file": a_file(form={"title": "Renamed", "alt": "x", "caption": ""}),
    "desk_file_replace": a_file(form=another_picture),
    "desk_file_trash": a_file(form={"x": 1}),
    "desk_file_delete": a_file("trashed_file", form={"x": 1}),
    "desk_file_restore": a_file("trashed_file", form={"x": 1}),
    # Categories and tags
    "desk_categories": term("", form=NAMED),
    "desk_category": term("category", form=NAMED),
    "desk_category_merge": term("category", form=merged_into("Get Your Move On"), args=no_args),
    "desk_category_delete": term("category", form={"x": 1}),
    "desk_tags": term("", form=NAMED),
    "desk_tag": term("tag", form=NAMED),
    "desk_tag_merge": term("tag", form=merged_into("Other"), args=no_args),
    "desk_tag_delete": term("tag", form={"x": 1}),
    "desk_podcast": term("category", form=lambda *_: podcast_facts(), state=lambda _: podcasts()),
    "desk_all_series": term("", form=NAMED),
    "desk_series": term("series", form=NAMED),
    "desk_series_merge": term("series", form=merged_into("Other"), args=no_args),
    "desk_series_delete": term("series", form={"x": 1}),
    # Menus, settings, addresses, subscribers
    "desk_settings": each_of("blog setting"),
    "desk_privacy": settings(form={"x": 1}),
    "desk_appearance": each_of("look setting"),
    "desk_theme": settings(form={"theme": "magazine"}),
    "desk_snippet": Line("accounts.manage_people", form={"snippet": "<script>count()</script>"}),
    "desk_own_css": settings(form={"own_css": "p { color: red }"}),
    "desk_own_css_draft": settings(),
    "desk_own_css_stop": settings(form={"x": 1}),
    "desk_own_css_revert": settings(form={"x": 1}),
    "desk_own_css_restore": settings("own css", form={"x": 1}, args=None),
    "desk_home_zone": settings(form={"point": "48.2, 16.4", "radius": "500"}),
    "desk_changes": settings(),
    "desk_menu_and_sidebar": (
        each_of("around setting"),
        settings("page", form=rights_forms.menu_moved, state=row),
        settings("menu link", form=rights_forms.menu_moved, state=row),
        settings("menu link", form=rights_forms.link_deleted, state=row),
        settings("menu link", form=rights_forms.link_added, state=lambda _: MenuLink.objects.count()),
    ),
    "desk_discussion": each_of("discussion setting"),
    "desk_redirects": settings(form={"old": "/was/here/", "to": "/"}),
    "desk_redirect_delete": settings("oldpath", form={"x": 1}, args=None, state=row),
    "desk_not_found_log": settings(),
    "desk_broken_links": settings(form={"check_links": "on"}),
    "desk_robots": settings(form={"allow_search": "on"}),
    "desk_not_found_delete": settings(form={"key": "/missed"}),
    "desk_subscribers": settings(),
    "desk_subscriber_remove": settings("subscription", form=lambda _, each: {"address": each.address}, state=row),
    "desk_subscribers_settings": each_of("email setting"),
    "desk_personal_data": settings(),
    "desk_personal_data_erase": settings(form={"email": "guest@example.org", "how": "erase"}),
    # Bringing another blog
    "desk_imports": settings(form=lambda *_: {"file": an_export()}),
    "desk_import_piece": settings(form=lambda *_: the_only_piece()),
    "desk_import": settings("import", form={"action": "undo"}, args=by_number),
    "desk_url_check": settings(form={"action": "check", "addresses": "/about/"}),
    "desk_url_check_progress": settings(),
    "desk_markdown": settings(form={"action": "try"}),
    "desk_markdown_progress": settings(),
    "desk_import_files": settings(form={"action": "fetch"}),
    "desk_import_files_progress": settings(),
    "desk_import_file": settings(form=lambda *_: {"file": a_picture(), "url": "https://old.example/a.png"}),
    **{f"desk_import_{name}": settings("import", args=by_number) for name in ("progress", "receipt")},
    "desk_import_threads": settings(
        "import", form=lambda _, run: the_thread(run), args=by_number, state=lambda run: run.refs.get().thing
    ),
    # Taking the blog away
    "desk_exports": Line("core.manage_backups", form={"format": "json"}),
    "desk_export_progress": Line("core.manage_backups"),
    "desk_export_download": Line("core.manage_backups", "export", args=by_number),
    "desk_export_delete": Line("core.manage_backups", "export", form={"x": 1}, args=by_number, state=row),
    "desk_mirror": Line("core.manage_backups", form={"is_on": "on"}),
    # Comments
    "desk_comments": moderated(),
    "desk_comments_in": moderated(args=lambda _: {"status": "spam"}),
    "desk_review": moderated(),
    "desk_history": moderated(),
    "desk_clusters": moderated(),
    "desk_clusters_decide": moderated(),
    "desk_likely_spam": moderated("comment", form=lambda user, thing: {"shown": thing.pk}, in_form=True),
    "desk_first_comments": moderated("comment", form=lambda user, thing: {"shown": thing.pk}, in_form=True),
    "desk_filed_spam_dismiss": moderated(),
    "desk_commenters": moderated(),
    "desk_commenter": moderated("person"),
    "desk_commenter_trust": moderated("person", form={"trust": "friend"}),
    "desk_commenter_block_preview": moderated("person"),
    "desk_hold_all": moderated(form={"do": "hold 4"}),
    "desk_comments_decide": moderated("comment", form=lambda user, thing: {"one": f"approve {thing.pk}"}, in_form=True),
    "desk_comments_undo": moderated("decision", form={"x": 1}, short=True),
    "desk_comment_reply": moderated("comment", form={"text": "An answer"}),
    "desk_comment_edit": moderated("comment", form={"text": "Changed", "name": "Guest", "email": "", "url": ""}),
    "desk_comment_move": moderated("comment"),
    "desk_messages": moderated(),
    "desk_messages_in": moderated(args=lambda _: {"state": "spam"}),
    "desk_messages_decide": moderated("message", form=lambda user, thing: {"one": f"spam {thing.pk}"}, in_form=True),
    # For the owner only
    "desk_backups": Line("core.manage_backups"),
    "desk_restore_drill": Line("core.manage_backups"),
    "desk_status": Line("core.manage_backups"),
    "desk_backup": Line("core.manage_backups", args=lambda _: {"name": "2020-01-01"}),
    "desk_emails": Line("core.manage_emails"),
    "desk_email_test": Line("core.manage_emails"),
    "desk_email": Line("core.manage_emails", "logged email"),
    "desk_email_resend": Line("core.manage_emails", "logged email"),
    "desk_staff": Line("accounts.manage_people", form={"email": "fresh@example.org", "role": "author"}),
    "desk_staff_member": (
        Line("accounts.manage_people", "account", works_here, works_here, rights_people.bio_changed, state=row),
        Line(
            "accounts.manage_people",
            "account",
            not_the_only_owner,
            works_here,
            rights_people.role_taken,
            state=row,
            in_form=True,
        ),
        Line(
            "accounts.manage_people",
            "account",
            not_the_only_owner,
            works_here,
            rights_people.closed,
            state=row,
            in_form=True,
        ),
    ),  # fmt: skip
    "desk_session_end": Line(
        "accounts.manage_people", "session", of_a_helper, args=of_session, form={"x": 1}, state=row
    ),
    "desk_sessions_end": Line(
        "accounts.manage_people", "session", of_a_helper, args=of_session_person, form={"x": 1}, state=row
    ),
    "desk_invitation_withdraw": Line("accounts.manage_people", "invitation", form={"x": 1}, state=row),
    # For all staff, and for everybody
    "desk": Line(),
    "desk_token": None,
    "desk_login": None,
    # One's own account, and what belongs to it
    "account": mine("account", form=rights_people.everything_changed, state=rights_people.shown, in_form=True),
    "account_email": mine("email", form=rights_people.address_removed, state=row, in_form=True),
    "session_end": mine("session", form={"x": 1}, state=row),
    "mfa_edit_webauthn": mine("passkey", form={"name": "Renamed"}, state=row),
    "mfa_remove_webauthn": mine("passkey", form={"x": 1}, state=row),
    "socialaccount_connections": mine("service", form=in_numbers("account"), state=row, in_form=True),
    "my_subscriptions": mine(
        "subscription", form=lambda _, each: {"do": f"stop {each.pk}"}, see="", state=row, args=no_args
    ),
    "comment_edit": mine("comment of an account", form={"comment": "Changed"}, state=row),
    "delete_my_data": mine("comment of an account", form={"how": "erase"}, state=row, in_form=True),
    **dict.fromkeys(rights_people.WITHOUT_A_THING),
}
BY_NUMBER = {"desk_staff_member", "desk_post"}  # the URL names the object, but the form's content decides the refusal


def lines():
    """(URL name, line) of every URL that has an object or requires a right."""
    for name, several in LINES.items():
        for line in several if isinstance(several, tuple) else [several]:
            if line is not None:
                yield name, line


def has_a_line(name, route):
    """Whether a URL needs a line: all of the desk and of accounts, except for login and callback URLs of providers."""
    if name.endswith(("_callback", "_login_by_token")) or name.endswith("_login") and "/login" in route:
        return False
    return name.startswith("desk") or name == "write" or route.startswith("accounts/")


def without_a_line():
    known = {name for name, route in routes() if has_a_line(name, route)}
    return sorted(known - set(LINES)) + sorted(set(LINES) - {name for name, _route in routes()})
