"""Every URL name: which are pages, who opens them and with which arguments; and which are not pages, and why.

`test_every_page` fails for a new name without an entry here.
"""

from django.urls import get_resolver, reverse
from django.utils import timezone

GUEST, OWNER = "guest", "owner"

# name: (who opens it, arguments of reverse(): {argument: how to find it on the furnished blog})
PAGES = {
    "home": (GUEST, {}),
    "home_page": (GUEST, {"number": 2}),
    "category": (GUEST, {"route": "sport/running"}),
    "category_page": (GUEST, {"route": "sport", "number": 2}),
    "tag": (GUEST, {"slug": "running"}),
    "tag_page": (GUEST, {"slug": "morning", "number": 2}),
    "series": (GUEST, {"slug": "to-the-river"}),
    "series_page": (GUEST, {"slug": "to-the-river", "number": 2}),
    "author": (GUEST, {"handle": "ada"}),
    "author_page": (GUEST, {"handle": "ada", "number": 2}),
    "year": (GUEST, {"year": 2026}),
    "year_page": (GUEST, {"year": 2026, "number": 2}),
    "month": (GUEST, {"year": 2026, "month": 3}),
    "day": (GUEST, {"year": 2026, "month": 3, "day": 5}),
    "archives": (GUEST, {}),
    "search": (GUEST, {"?": "q=mile"}),
    "post": (GUEST, {"path": "2026/03/05/the-first-mile"}),
    "post_comment_page": (GUEST, {"path": "2026/03/05/the-first-mile", "comment_page": 1}),
    "account_login": (GUEST, {}),
    "account_reset_password": (GUEST, {}),
    "account_reset_password_done": (GUEST, {}),
    "account_reset_password_from_key_done": (GUEST, {}),
    "account_signup": (GUEST, {}),
    "account_inactive": (GUEST, {}),
    "socialaccount_login_cancelled": (GUEST, {}),
    "account": (OWNER, {}),
    "earlier_comments": (OWNER, {}),
    "mfa_index": (OWNER, {}),
    "mfa_list_webauthn": (OWNER, {}),
    "usersessions_list": (OWNER, {}),
    "account_logout": (OWNER, {}),
    "account_email": (OWNER, {}),
    "account_change_password": (OWNER, {}),
    "account_reauthenticate": (OWNER, {}),
    "socialaccount_connections": (OWNER, {}),
    "desk": (OWNER, {}),
    "desk_posts": (OWNER, {}),
    "desk_pages": (OWNER, {}),
    "write": (OWNER, {}),
    "desk_links": (OWNER, {}),
    "desk_post": (OWNER, {"pk": "main"}),
    "desk_signed_in": (OWNER, {}),
    "desk_post_quick_edit": (OWNER, {"pk": "draft"}),
    "desk_post_preview": (OWNER, {"pk": "draft"}),
    "desk_post_markdown": (OWNER, {"pk": "draft"}),
    "desk_post_revisions": (OWNER, {"pk": "draft"}),
    "desk_post_compare": (OWNER, {"pk": "draft"}),
    "desk_post_revision": (OWNER, {"pk": "draft", "number": "revision"}),
    "desk_post_checks": (OWNER, {"pk": "main"}),
    "desk_post_in_iframe": (OWNER, {"pk": "draft"}),
    "desk_post_delete": (OWNER, {"pk": "trashed"}),
    "desk_categories": (OWNER, {}),
    "desk_category": (OWNER, {"pk": "category"}),
    "desk_podcast": (OWNER, {"pk": "category"}),
    "desk_category_delete": (OWNER, {"pk": "category"}),
    "desk_category_merge": (OWNER, {}),
    "desk_tags": (OWNER, {}),
    "desk_tag_merge": (OWNER, {}),
    "desk_tag": (OWNER, {"pk": "tag"}),
    "desk_tag_delete": (OWNER, {"pk": "tag"}),
    "desk_all_series": (OWNER, {}),
    "desk_series": (OWNER, {"pk": "series"}),
    "desk_series_delete": (OWNER, {"pk": "series"}),
    "desk_series_merge": (OWNER, {}),
    "desk_media": (OWNER, {}),
    "desk_file": (OWNER, {"pk": "picture"}),
    "desk_file_delete": (OWNER, {"pk": "trashed_file"}),
    "desk_media_trash": (OWNER, {}),
    "desk_file_replace": (OWNER, {"pk": "picture"}),
    "desk_settings": (OWNER, {}),
    "desk_home_zone": (OWNER, {}),
    "desk_appearance": (OWNER, {}),
    "desk_own_css": (OWNER, {}),
    "desk_menu_and_sidebar": (OWNER, {}),
    "desk_redirects": (OWNER, {"?": "old=/2009/the-first-mile/"}),
    "desk_not_found_log": (OWNER, {}),
    "desk_broken_links": (OWNER, {}),
    "desk_robots": (OWNER, {}),
    "desk_changes": (OWNER, {}),
    "desk_login": (OWNER, {}),
    "desk_staff": (OWNER, {}),
    "desk_staff_member": (OWNER, {"pk": "owner"}),
    "desk_emails": (OWNER, {}),
    "desk_email": (OWNER, {"pk": "letter"}),
    "desk_backups": (OWNER, {}),
    "desk_status": (OWNER, {}),
    "desk_imports": (OWNER, {}),
    "desk_exports": (OWNER, {}),
    "desk_import": (OWNER, {"pk": "import"}),
    "desk_import_receipt": (OWNER, {"pk": "import"}),
    "desk_import_files": (OWNER, {}),
    "desk_import_threads": (OWNER, {"pk": "import"}),
    "desk_markdown": (OWNER, {}),
    "desk_url_check": (OWNER, {}),
    "desk_discussion": (OWNER, {}),
    "desk_comments": (OWNER, {}),
    "desk_comments_in": (OWNER, {"status": "approved"}),
    "desk_messages": (OWNER, {}),
    "desk_messages_in": (OWNER, {"state": "pending"}),
    "comment_report": (GUEST, {"pk": "comment"}),
    "comment_edit": (OWNER, {"pk": "own"}),
    "my_comments": (OWNER, {}),
    "my_subscriptions": (OWNER, {}),
    "delete_my_data": (OWNER, {}),
    "desk_comment_reply": (OWNER, {"pk": "comment"}),
    "desk_review": (OWNER, {}),
    "desk_history": (OWNER, {}),
    "desk_clusters": (OWNER, {}),
    "desk_likely_spam": (OWNER, {}),
    "desk_first_comments": (OWNER, {}),
    "desk_commenters": (OWNER, {}),
    "desk_commenter": (OWNER, {"pk": "person"}),
    "desk_commenter_block_preview": (OWNER, {"pk": "person"}),
    "desk_subscribers": (OWNER, {}),
    "desk_personal_data": (OWNER, {"?": "email=carl@example.org"}),
    "desk_comment_edit": (OWNER, {"pk": "comment"}),
    "desk_comment_move": (OWNER, {"pk": "comment"}),
}
# More pages: (who opens it, path).
ALSO = [
    (GUEST, "/2026/03/05/the-first-mile/?replytocom={comment}"),
    (GUEST, "/2026/03/09/results/"),
    (GUEST, "/about-me/"),
    (GUEST, "/about-me/my-shoes/"),
    (GUEST, "/search/"),
    (GUEST, "/search/?q=nothinglikethis"),
    (OWNER, "/2026/03/05/the-first-mile/"),
    (OWNER, "/desk/comments/spam/"),
    (OWNER, "/desk/comments/trash/"),
    (OWNER, "/desk/comments/mine/"),
    (OWNER, "/desk/comments/reported/"),
    (OWNER, "/desk/comments/approved/?q=thought"),
    (OWNER, "/desk/comments/review/?reply=1"),
    (OWNER, "/desk/comments/commenters/?kind=unknown"),
    (OWNER, "/desk/write/?kind=page"),
    (OWNER, "/desk/emails/?show=refused&q=nobody"),
    (OWNER, "/"),
]
FEED = "a feed"
MACHINES = "for machines"
AWAY = "leads elsewhere"
DEED = "only takes what is sent"
KEYED = "opened by a key in a letter or a link; its own tests look at it"
NO_PAGES = {
    **dict.fromkeys(
        [
            f"{of}_feed{form}"
            for of in ("home", "category", "tag", "series", "author", "year", "month", "day")
            for form in ("", "_form")
        ],
        FEED,
    ),
    "podcast_feed": FEED,
    "chapters": MACHINES,
    **dict.fromkeys(["comments_feed", "comments_feed_form", "post_comments_feed"], FEED),
    **dict.fromkeys(["health_live", "health_ready", "metrics"], MACHINES),
    **dict.fromkeys(
        ["health", "media", "picture", "opensearch", "theme", "link_picture", "robots", "sitemaps", "sitemap"], MACHINES
    ),
    **dict.fromkeys(["own_css", "desk_own_css_draft"], MACHINES),
    **dict.fromkeys(["desk_own_css_stop", "desk_own_css_revert", "desk_own_css_restore"], DEED),
    **dict.fromkeys(["search_by_path", "comment_permalink", "comment", "contact"], AWAY),
    **dict.fromkeys(["archives_year", "archives_year_page"], "one page has them all; its own tests look at more"),
    **dict.fromkeys(
        ["desk_clusters_decide", "desk_commenter_trust", "desk_personal_data_erase", "desk_hold_all"], DEED
    ),
    "desk_filed_spam_dismiss": DEED,
    "emergency_switch": KEYED,
    **dict.fromkeys(["subscription_confirm", "unsubscribe_link", "subscriptions"], KEYED),
    "subscribe": "404 while no letter leaves; its own tests look at it",
    **dict.fromkeys(["comment_notify", "desk_messages_decide"], DEED),
    **dict.fromkeys(["desk_subscriber_remove", "desk_subscribers_settings"], DEED),
    "my_comments_export": MACHINES,
    **dict.fromkeys(["unlock", "comment_login", "comment_logout", "desk_comments_decide", "desk_comments_undo"], DEED),
    **dict.fromkeys(["desk_post_trash", "desk_post_restore", "desk_preview", "desk_post_duplicate", "visit"], DEED),
    **dict.fromkeys(
        ["secret", "setup", "comment_decide", "login_link", "invitation", "account_reset_password_from_key"], KEYED
    ),
    **dict.fromkeys(["account_confirm_login_code", "account_email_verification_sent", "socialaccount_signup"], KEYED),
    **dict.fromkeys(["desk_autosave", "desk_post_autosave", "desk_autosave_discard", "desk_compare_autosave"], DEED),
    "desk_post_revision_name": DEED,
    **dict.fromkeys(["desk_email_test", "desk_email_resend", "desk_restore_drill"], DEED),
    **dict.fromkeys(["desk_file_trash", "desk_file_restore"], DEED),
    "desk_token": MACHINES,
    "desk_permalink_preview": MACHINES,
    "desk_backup": "a zip for the owner",
    **dict.fromkeys(["desk_import_piece", "desk_import_progress", "desk_export_progress"], MACHINES),
    **dict.fromkeys(["desk_import_files_progress", "desk_markdown_progress"], MACHINES),
    "desk_url_check_progress": MACHINES,
    **dict.fromkeys(["desk_import_file", "desk_export_delete", "desk_mirror"], DEED),
    "desk_export_download": "a file for the owner",
    "mail_events": MACHINES,
    **dict.fromkeys(
        [
            *("mfa_activate_totp", "mfa_deactivate_totp", "mfa_add_webauthn", "mfa_edit_webauthn"),
            *("mfa_remove_webauthn", "mfa_generate_recovery_codes", "mfa_view_recovery_codes"),
            *("mfa_download_recovery_codes", "mfa_reauthenticate", "mfa_reauthenticate_webauthn", "mfa_authenticate"),
            *("reauthenticate", "login_code", "login_code_enter", "merge_accounts", "desk_snippet"),
        ],
        "asks who it is first, or needs mail; tests/accounts look at it",
    ),
    **dict.fromkeys(
        ["mfa_login_webauthn", "reauthenticate_at_provider", "reauthenticate_by_email", "desk_invitation_withdraw"],
        DEED,
    ),
    "account_set_password": "sends whoever has a password to the page that changes it",
    "socialaccount_login_error": "401: a page of errors",
    **dict.fromkeys([f"{of}_login_by_token" for of in ("google", "facebook")], DEED),
    **dict.fromkeys(
        [f"{of}_callback" for of in ("google", "facebook", "twitter_oauth2", "github", "openid_connect")], AWAY
    ),
    **dict.fromkeys(
        [f"{of}_login" for of in ("google", "facebook", "twitter_oauth2", "github", "openid_connect")], KEYED
    ),
    **dict.fromkeys(["desk_posts_bulk", "desk_posts_undo", "desk_redirect_delete", "desk_not_found_delete"], DEED),
    "desk_privacy": DEED,
    "desk_theme": DEED,
    "session_end": DEED,
    "desk_session_end": DEED,
    "desk_sessions_end": DEED,
    **dict.fromkeys(["icon", "picture_card", "favicon", "touch_icon"], MACHINES),
    "month_page": "the year's second page is the same template",
    "day_page": "the year's second page is the same template",
}


def names(resolver=None):
    for pattern in (resolver or get_resolver()).url_patterns:
        if hasattr(pattern, "url_patterns"):
            yield from names(pattern)
        elif pattern.name:
            yield pattern.name


def exports(owner):
    """An export in each state, and a mirror whose Git history has an erased comment; returns how many."""
    from transfer.models import ExportFile, MirrorSettings

    for number, (state, error) in enumerate({"running": "", "done": "", "failed": "No space left on device"}.items()):
        facts = {"format": ExportFile.Format.values[number], "state": state, "error": error, "by": owner}
        ExportFile.objects.get_or_create(key=str(number) * 32, defaults=facts | {"size": 12345678, "total": 9})
    traces = [{"path": "comments/1.json", "comments": [1, 2], "commits": ["1234567"]}]
    MirrorSettings.objects.get_or_create(defaults={"is_on": True, "traces": traces, "written_at": timezone.now()})
    return ExportFile.objects.count()


def an_import(owner):
    """A finished import with lines of several results and a file that did not come."""
    from transfer.models import ImportLine, ImportRef, ImportRun, MediaFile

    run, made = ImportRun.objects.get_or_create(
        source="getyourmoveon.wordpress.2026-11-29.xml",
        defaults={
            "origin": "getyourmoveon.example",
            "state": "done",
            "by": owner,
            "in_file": {"posts": 2, "comments": 1},
        },
    )
    if made:
        ImportLine.objects.bulk_create(
            [
                ImportLine(run=run, kind="posts", reference="7", title="A long run", result="brought", line=40),
                ImportLine(run=run, kind="posts", reference="8", title="Another", result="skipped", line=91,
                           reason="It was changed here since the last import."),
                ImportLine(run=run, kind="comments", reference="31", result="failed", reason="It could not be read."),
            ]
        )  # fmt: skip
        facts = {"foreign_id": "12", "title": "The finish line", "reason": "The old host answered 404."}
        address = "https://getyourmoveon.files.wordpress.com/2010/09/finish.jpg"
        MediaFile.objects.create(run=run, origin=run.origin, url=address, state="failed", **facts)
        kept = {"type": "thread", "title": "A page of before", "link": "https://old.example/before/",
                "address": "/before", "comments": ["5", "6"]}  # fmt: skip
        ImportRef.objects.create(run=run, origin=run.origin, kind="other", foreign_id="9", digest="", kept=kept)
    return run


def paths():
    """[name, who, path] of every page, on the furnished blog in the database of this process."""
    from blog.models import Category, Media, Post, Revision, Series, Tag
    from comments.models import Comment
    from core.models import Email

    draft = Post.objects.get(title="Not finished")
    trashed, _made = Post.objects.get_or_create(
        title="Thrown away", defaults={"author": draft.author, "status": "trash", "trashed_from": "draft"}
    )
    thrown, _made = Media.objects.get_or_create(
        title="thrown-away.pdf",
        defaults={"kind": "document", "format": "pdf", "file_name": "thrown-away.pdf", "trashed_at": timezone.now()},
    )
    refused, _made = Email.objects.get_or_create(
        key="furnished",
        defaults={"to": "nobody@example.org", "subject": "[Ada runs] Held comment", "text": "Carl asks.", "tries": 1}
        | {"kind": "comment held", "state": "refused", "last_error": "550 No such user here"},
    )
    found = {
        "import": an_import(draft.author).pk,
        "exports": exports(draft.author),
        "letter": refused.pk,
        "main": Post.objects.get(title="The first mile").pk,
        "draft": draft.pk,
        "owner": draft.author_id,
        "trashed": trashed.pk,
        "revision": Revision.objects.filter(post=draft).last().pk,
        "category": Category.objects.get(slug="running").pk,
        "series": Series.objects.get().pk,
        "tag": Tag.objects.get(slug="running").pk,
        "picture": Media.objects.get(kind="picture").pk,
        "trashed_file": thrown.pk,
        "own": Comment.objects.written_by(draft.author).get(text__startswith="So do I").pk,
        "person": Comment.objects.pending().get(name="Carl").person_id,
        "comment": Comment.objects.approved().order_by("pk").get(text__startswith="I have always").pk,
    }

    def path(name, needs):
        query = needs.get("?")
        filled = {key: found.get(value, value) for key, value in needs.items() if key != "?"}
        slash = "/" if name == "post" else ""
        return reverse(name, kwargs=filled) + slash + (f"?{query}" if query else "")

    listed = [[name, who, path(name, needs)] for name, (who, needs) in PAGES.items()]
    return listed + [["also", who, where.format(**found)] for who, where in ALSO]
