"""A form that is opened and sent as it stands changes nothing, whatever stands in it: every form of the desk."""

from datetime import timedelta

import html5lib
import pytest
from django.apps import apps
from django.utils import timezone

from blog.models import Category, Media, MenuLink, Post, ReadingSettings, Tag
from comments.models import Comment, DiscussionSettings
from core.models import Site
from tests.filling import standing

LINES = "\n\n  first, \"second\", 'third'\n\n\tÄ <b>&amp;</b> „x“, 走る、山 \n- a\n\n"
LINE = 'Columbus, "Ohio" <b>&amp;</b> „Ä“, 走る、山'
NAMES = ["Columbus, Ohio", '"quoted"', "“A, B”", "走る、山", "plain", "<b>&amp;</b>"]


@pytest.fixture
def world(ada, arthur, make_post, picture):
    """Rows whose every text is hard to write down and to read again."""
    Site.objects.update(title=LINE, tagline=LINE, language="de", timezone="America/New_York")
    for person in (ada, arthur):
        person.name, person.bio = f'{person.name}, "the" <b>', LINES.strip()
        person.website = "https://example.org/?a=1&b=%22,%20"
        person.save()
    above = Category.objects.create(name=LINE, description=LINES)
    below = Category.objects.create(name="Food, Drink", description=LINES, parent=above, slug="走る")
    tags = [Tag.objects.create(name=name, description=LINES) for name in NAMES]
    ReadingSettings.objects.update_or_create(
        defaults={"footer": LINES.strip(), "accent": "#3a5f2c", "header_picture": picture, "default_category": above}
    )
    MenuLink.objects.create(title=LINE, url="https://example.org/?a=1&b=%22,", number=-3)
    keys = 'a, b\n"c"\nviagra, cialis\n  d'
    DiscussionSettings.objects.update_or_create(
        defaults={"moderation_keys": keys, "disallowed_keys": keys, "reserved_names": keys}
    )
    whole = {"source": LINES, "excerpt": LINES.strip(), "featured": picture, "sticky": True}
    world = {"above": above, "below": below, "tag": tags[0], "picture": picture, "person": arthur}
    soon = timezone.now() + timedelta(days=3, seconds=17)
    for name, facts in {
        "published": {},
        "odd": {"title": '  "'},
        "scheduled": {"at": soon},
        "draft": {"draft": True},
        "pending": {"draft": True, "status": "pending"},
        "private": {"visibility": "private"},
        "link": {"format": "link", "link_url": "https://example.org/?a=1&b=%22,%20x"},
        "quote": {"format": "quote", "comments_open": False},
        "bare": {"source": "Nothing else.", "excerpt": "", "featured": None, "sticky": False},
    }.items():
        post = make_post(**{"title": LINE} | whole | facts)
        if name != "bare":
            post.tags.set(tags)
            post.categories.set([below])
        if "draft" in facts:
            post.file()
            post.keep_revision(ada)
        world[name] = post
    locked = make_post("Locked", source=LINES)
    locked.set_password("finish, line")
    locked.save()
    world["locked"] = locked
    page = make_post(LINE, source=LINES, kind="page", menu_order=-2)
    world |= {"page": page, "page below": make_post("Below", kind="page", parent=page, draft=True)}
    world["page below"].file()
    world["page below"].keep_revision(ada)
    world["comment"] = Comment.objects.create(
        post=world["published"], text=LINES.strip("\n").rstrip(), name=LINE, email="rene@example.org",
        url="https://example.org/?a=1&b=%22,", state="approved",
    )  # fmt: skip
    return world


@pytest.fixture
def picture(ada):
    return Media.objects.create(
        kind="picture", title=LINE, file_name="fog.png", format="png", widths=[480], width=480, height=320,
        alt=LINES, caption=LINES, by=ada,
    )  # fmt: skip


POSTS = "published odd scheduled draft pending private link quote bare locked page".split()
OUT = {"published", "odd", "private", "link", "quote", "bare", "locked", "page"}
FORMS = {
    **{f"write {name}": (f"/desk/posts/{{{name}}}/", "title", "update") for name in [*OUT, "scheduled"]},
    **{f"write {name}": (f"/desk/posts/{{{name}}}/", "title", "save") for name in ("draft", "pending", "page below")},
    **{f"quick {name}": (f"/desk/posts/{{{name}}}/quick-edit/", "title", "") for name in POSTS},
    "settings": ("/desk/settings/", "site-title", ""),
    "look": ("/desk/settings/appearance/", "accent", ""),
    "around": ("/desk/settings/menu-and-sidebar/", "footer", ""),
    "discussion": ("/desk/settings/discussion/", "moderation_keys", ""),
    "letters": ("/desk/subscribers/", "posts_by_mail", ""),
    "category": ("/desk/categories/{below}/", "name", ""),
    "category above": ("/desk/categories/{above}/", "name", ""),
    "tag": ("/desk/tags/{tag}/", "name", ""),
    "file": ("/desk/media/{picture}/", "alt", ""),
    "comment": ("/desk/comments/{comment}/edit/", "text", ""),
    "person": ("/desk/people/{person}/", "bio", ""),
    "account": ("/accounts/", "website", ""),
}

KEPT_BESIDE = {"sessions.session", "blog.autosave", "django_tasks_database.dbtaskresult", "db_tasks.dbtaskresult"}


def rows():
    """Everything that is stored, but for sessions and what the desk notes about itself."""
    return {
        f"{model._meta.label_lower} {row['id' if 'id' in row else model._meta.pk.attname]}": row
        for model in apps.get_models(include_auto_created=True)
        if model._meta.label_lower not in KEPT_BESIDE and model._meta.managed
        for row in model._default_manager.values()
    }


def sent_by_a_browser(form):
    """Text areas with the line ends of the web, fields of one line without any."""
    sent = standing(form)
    for field in form.iter():
        name = field.get("name")
        if field.tag == "textarea":
            sent[name] = sent[name].replace("\r\n", "\n").replace("\n", "\r\n")
        elif field.tag == "input" and isinstance(sent.get(name), str):
            sent[name] = sent[name].replace("\r", "").replace("\n", "")
    return sent


@pytest.mark.long
def test_a_form_that_is_sent_as_it_stands_changes_nothing(as_, ada, world):
    """All of them in one blog: since none changes anything, each finds what the others found."""
    desk, found = as_(ada), {}
    for which, (address, field, button) in FORMS.items():
        before = rows()
        send_as_it_stands(desk, address.format(**{name: thing.pk for name, thing in world.items()}), field, button)
        if changed := differences(before, rows()):
            found[which] = changed
    assert not found


def send_as_it_stands(desk, address, field, button):
    page = html5lib.parse(desk.get(address).content.decode(), namespaceHTMLElements=False)
    form = next(
        form
        for form in page.iter("form")
        if form.get("method", "").lower() == "post" and any(each.get("name") == field for each in form.iter())
    )
    answer = desk.post(form.get("action") or address, sent_by_a_browser(form) | {"action": button})
    assert answer.status_code == 302, answer.content.decode()


def differences(before, after):
    return {
        f"{key}.{name}": (before.get(key, {}).get(name), after.get(key, {}).get(name))
        for key in before.keys() | after.keys()
        for name in before.get(key, after.get(key))
        if before.get(key, {}).get(name) != after.get(key, {}).get(name)
    }


def test_every_status_of_a_post_is_among_the_forms(world):
    assert {Post.Status.DRAFT, Post.Status.PENDING, Post.Status.PUBLISHED} <= {
        thing.status for thing in world.values() if isinstance(thing, Post)
    }
