"""Texts as long as possible, or in Hebrew, in every field for user text, on a furnished blog."""

from django.apps import apps
from django.db.models import CharField, TextField
from django.utils import timezone

from tests.furnished import EVERYTHING

HOST = ".".join(["w" * 60] * 4)
EMAIL = f"{'w' * 64}@{'m' * 60}.{'m' * 60}.{'m' * 60}"
URL = f"https://{'w' * 63}.example/{'m' * 300}"
HEBREW = "שלום עולם"
NAME = "W" * 245
WORD = "W" * 120
TAG = "W" * 68
TEXT = f"""A mile {"W" * 160} {URL} `{"m" * 160}`

> {"W" * 160}

- {"W" * 160}

1. [{"W" * 160}]({URL})

    {"m" * 160}
"""
DEEP = f"{'>' * 39} deep\n\n" + "".join(f"{'  ' * depth}- level {depth}\n" for depth in range(39))
POST = f"""# {WORD}

{DEEP}

{TEXT}
| {"W" * 80} | {"W" * 80} |
|---|---|
| {"W" * 80} | {"W" * 80} |

{WORD}
:   {WORD}

![{WORD}](/media/nothing.png "{WORD}")

![]({{picture}} "{WORD}")

[^1]: {WORD} {URL}

{WORD}[^1] *{WORD}* ~~{WORD}~~ <kbd>{WORD}</kbd> <abbr title="x">{WORD}</abbr>

<details><summary>{WORD}</summary>{WORD}</details>

"""

# {model: {field: value}}; titles of posts are numbered, since each must differ.
WORDS = {
    "core.Site": {"title": WORD, "tagline": "W" * 300},
    "core.SettingsChange": {"by_name": "W" * 120, "about": "W" * 254},
    "core.Email": {"to": EMAIL, "subject": "W" * 250, "text": f"{TEXT}", "last_error": "W" * 300},
    "accounts.User": {"name": WORD, "bio": TEXT, "website": URL[:400]},
    "accounts.Invitation": {"email": EMAIL},
    "blog.Redirect": {"target": f"/{'w' * 300}/"},
    "blog.Media": {"title": "W" * 200, "file_name": f"{'w' * 200}.png", "alt": "W" * 500, "caption": "W" * 500},
    "blog.ReadingSettings": {
        "footer": f"{'W' * 160} {URL}"[:500],
        "about_text": TEXT,
        "profiles": f"{'W' * 200} {URL}\n{URL}",
        "verifications": f"{'w' * 60}: {'m' * 300}",
        "snippet": f"<script>/* {WORD} {'m' * 300} */</script>",
        "snippet_hosts": f"{'w' * 60}.{'m' * 60}.example",
        "own_css": f"/* {WORD} */ .{'w' * 300} {{ color: red }}",
    },
    "blog.Podcast": {"title": WORD, "description": TEXT, "author": WORD},
    "blog.LinkCard": {"title": WORD, "site": WORD},
    "blog.CssRevision": {"css": f"/* {WORD} */"},
    "blog.MenuLink": {"title": "W" * 100, "url": f"/{'w' * 900}/"},
    "blog.Revision": {"title": WORD, "source": TEXT, "excerpt": WORD, "name": "W" * 200},
    "blog.Post": {"title": WORD, "source": "", "excerpt": "W" * 200, "link_url": URL, "more_text": "W" * 100},
    "blog.Autosave": {"title": WORD, "source": TEXT, "excerpt": WORD},
    "blog.NotFound": {"key": f"/{'w' * 300}", "host": HOST},
    "blog.LinkCheck": {"url": URL, "problem": "W" * 300},
    "blog.Tag": {"name": TAG, "description": WORD},
    "blog.Category": {"name": "W" * 100, "description": WORD},
    "blog.Series": {"name": "W" * 100, "description": WORD},
    "blog.Referrer": {"host": HOST},
    "comments.CommentRevision": {"text": TEXT, "name": NAME, "email": EMAIL, "url": URL},
    "comments.Block": {"value": EMAIL},
    "comments.Comment": {"service": "W" * 40, "text": TEXT, "name": NAME, "email": EMAIL, "url": URL},
    "comments.Message": {"text": TEXT, "name": NAME, "email": EMAIL},
    "comments.SavedComment": {"text": TEXT, "name": NAME, "email": EMAIL, "url": URL},
    "comments.Person": {"address": EMAIL},
    "comments.StoppedAddress": {"address": EMAIL},
    "comments.Subscription": {"address": EMAIL},
    "transfer.ExportFile": {"error": WORD},
    "transfer.MirrorSettings": {"error": WORD},
    "transfer.ImportRun": {"source": "W" * 200, "origin": HOST, "error": WORD},
    "transfer.ImportLine": {"title": "W" * 200, "reference": "W" * 200, "reason": "W" * 200, "file": "W" * 200},
    "transfer.MediaFetch": {"error": WORD},
    "transfer.MarkdownConversion": {"error": WORD},
    "transfer.UrlCheck": {"source": "W" * 200, "error": WORD},
    "transfer.UrlMiss": {"path": f"/{'w' * 300}/", "target": f"/{'w' * 300}/"},
    "transfer.ConvertedPost": {"reason": "W" * 200},
    "transfer.MediaFile": {"url": URL, "title": "W" * 200, "alt": WORD, "caption": WORD, "reason": "W" * 200},
    "comments.DiscussionSettings": {"moderation_keys": WORD, "disallowed_keys": WORD, "reserved_names": WORD},
}
# Fields without user text, derived from it, or that cannot be long.
NO_WORDS = {
    "core.Email": "html kind key provider_id",
    "core.ScheduledTask": "name last_error claimed_by",
    "core.Worker": "name",
    "core.Site": "language timezone",
    "accounts.LoginState": "key",
    "accounts.User": "password username email name_key email_key handle picture picture_from",
    "blog.Redirect": "key",
    "blog.Media": "name format upload_key poster",
    "blog.ReadingSettings": "accent icon",
    "blog.Revision": "source_format",
    "blog.Post": (
        "trashed_from password slug derived_slug path guid source_format html teaser_html summary plain language"
    ),
    "blog.Autosave": "mark tab",
    "blog.SearchEntry": "kind title text url",
    "blog.SecretLink": "token",
    "blog.Tag": "key slug",
    "blog.Series": "key slug",
    "blog.Category": "key slug route",
    "blog.HomeZone": "point",
    "blog.LinkCard": "address digest",
    "blog.Podcast": "email language apple_category guid",
    "comments.Report": "network",
    "comments.Comment": "former_state html avatar fingerprint name_key source_format",
    "transfer.ExportFile": "key",
    "transfer.ImportRun": "system digest upload phase",
    "transfer.ImportLine": "kind",
    "transfer.ImportRef": "origin kind foreign_id model digest stored original",
    "transfer.MediaFetch": "upload",
    "transfer.MarkdownConversion": "upload",
    "transfer.UrlCheck": "upload",
    "transfer.ConvertedPost": "stored",
    "transfer.MediaFile": "origin foreign_id parent link description",
    "comments.SavedComment": "token",
    "comments.Message": "former_state fingerprint",
    "comments.StoppedAddress": "digest",
    "comments.Subscription": "confirmed_in consent",
    "comments.Person": "browser listed_as",
    "comments.TrainingExample": "key",
    "comments.SpamIndicator": "key",
    "blog.RobotVisit": "name",
    "blog.LinkCheck": "key",
}
UNIQUE = {"accounts.Invitation", "blog.NotFound", "blog.Referrer",
          "comments.Person", "comments.StoppedAddress", "comments.Subscription"}  # fmt: skip


def fields():
    """(model, field) of all text fields in the database."""
    for app in ("core", "accounts", "blog", "comments", "transfer"):
        for model in apps.get_app_config(app).get_models():
            for field in model._meta.concrete_fields:
                if isinstance(field, (CharField, TextField)) and not field.choices:
                    yield model._meta.label, field.name


def lengthen(ada):
    """Make every user text of a furnished blog as long as possible."""
    fill(ada, WORDS, title=WORD, source=TEXT, whole=POST)


def translate(ada):
    """Make every user text of a furnished blog Hebrew, except for URLs and email addresses."""
    latin = {EMAIL, HOST, URL, URL[:400]}
    words = {
        model: {field: value if value in latin or value.startswith("/") else HEBREW for field, value in said.items()}
        for model, said in WORDS.items()
    }
    fill(ada, words, title=HEBREW, source=f"{HEBREW}\n\n> {HEBREW}\n\n- {HEBREW}\n", whole=EVERYTHING)


def fill(ada, words, *, title, source, whole):
    """Set the fields to these texts, after adding rows that a furnished blog lacks. `whole` is the source of the post
    with all kinds of markup, `source` that of all others."""
    from accounts.models import Invitation
    from blog.models import Autosave, Media, MenuLink, NotFound, Post, Redirect
    from comments.models import Comment, Subscription

    today, main = timezone.localdate(), Post.objects.get(title="The first mile")
    for number in range(2):
        MenuLink.objects.create(title="x", url="/x/", number=number)
    NotFound.objects.create(key="/missed", host="x", day=today, count=3)
    Autosave.objects.create(by=ada, mark="a" * 32, tab="b" * 32, source="x", kind="post")
    Invitation.objects.create(email="x@example.org", by=ada)
    Redirect.keep(f"/{'w' * 300}/", main, public=True)
    Subscription.objects.create(address="x@example.org", what="posts", confirmed_at=timezone.now())
    for label, said in words.items():
        for number, row in enumerate(apps.get_model(label).objects.order_by("pk")):
            own = {name: f"{number}{value}"[: len(value)] for name, value in said.items()} if label in UNIQUE else said
            apps.get_model(label).objects.filter(pk=row.pk).update(**own)
    picture = Media.objects.filter(kind="picture").first()
    for number, post in enumerate(Post.objects.order_by("pk")):
        post.title = f"{title}{number}" if post.title else ""
        post.source = whole.replace("{picture}", picture.get_absolute_url()) if post.pk == main.pk else source
        post.save()
    for comment in Comment.objects.order_by("pk"):
        comment.save()
