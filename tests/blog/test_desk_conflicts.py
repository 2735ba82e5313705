"""Two editors, or one who goes Back: a bulk action on posts and its undo override nothing in silence."""

import re
from html import unescape

import pytest
from django.utils import timezone

from blog.models import BulkAction, Post
from tests.markup import squeeze

pytestmark = pytest.mark.db
BULK = "/desk/posts/bulk/"


@pytest.fixture
def anna(ed, as_):
    ed.name = "Anna"
    ed.save()
    return as_(ed)


@pytest.fixture
def desk(ada, as_):
    return as_(ada)


def as_shown(client, address="/desk/posts/"):
    """What a list's form carries."""
    page = client.get(address).content.decode()
    fields = {
        name: re.findall(rf'name="{name}" value="([^"]*)"', squeeze(page)) for name in ("saw", "seen", "kind", "back")
    }
    return {"saw": fields["saw"], "seen": fields["seen"][0], "kind": fields["kind"][0], "back": fields["back"][0]}


def text(page):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.content.decode())).split())


def edit(anna, post):
    fields = {"title": post.title, "slug": post.slug, "status": post.status, "publish_at": ""}
    anna.post(f"/desk/posts/{post.pk}/quick-edit/", fields | {"title": "Better"})


def publish(anna, post):
    anna.post(BULK, {"bulk_action": "publish", "post": post.pk})


def trash(anna, post):
    anna.post(f"/desk/posts/{post.pk}/trash/")


def withdraw(anna, post):
    anna.post(BULK, {"bulk_action": "draft", "post": post.pk})


@pytest.mark.parametrize(
    ("meanwhile", "deed", "is_draft"),
    [(edit, "publish", True), (publish, "trash", True), (trash, "draft", False), (withdraw, "trash", False),
     (edit, "tag", True)],
)  # fmt: skip
def test_what_somebody_changed_meanwhile_is_left_alone_and_named(anna, desk, make_post, meanwhile, deed, is_draft):
    changed, other = make_post("Changed", draft=is_draft), make_post("Other", draft=is_draft)
    form = as_shown(desk)
    meanwhile(anna, changed)
    changed.refresh_from_db()
    before = (changed.status, changed.title, changed.publish_at)
    answer = desk.post(BULK, form | {"bulk_action": deed, "post": [changed.pk, other.pk], "new_tag": "run"})
    told = desk.get(answer["Location"])
    changed.refresh_from_db()
    assert (changed.status, changed.title, changed.publish_at) == before and not changed.tags.exists()
    assert "1 post was skipped: somebody has changed it since you opened this page." in text(told)
    assert f"{changed.title} Anna changed this just now." in text(told)
    leads_to = "/desk/posts/?show=trash" if changed.status == "trash" else f"/desk/posts/{changed.pk}/"
    assert f'<a href="{leads_to}" dir="auto">{changed.title}</a>' in squeeze(told.content)
    # The rest is done, with its undo.
    assert list(BulkAction.objects.latest("pk").former) == [str(other.pk)] and "Undo" in text(told)


def test_one_post_is_not_trashed_by_a_page_of_before(anna, desk, make_post):
    post = make_post("Mine", draft=True)
    form = as_shown(desk)
    publish(anna, post)
    told = desk.post(f"/desk/posts/{post.pk}/trash/", form, follow=True)
    assert "Mine Anna changed this just now." in text(told) and "is in the trash" not in text(told)
    assert Post.objects.get().is_public


def test_with_the_newer_page_the_same_press_is_obeyed(anna, desk, make_post):
    post = make_post("Mine", draft=True)
    edit(anna, post)
    desk.post(BULK, as_shown(desk) | {"bulk_action": "trash", "post": post.pk})
    assert Post.objects.get().status == "trash"


def test_a_change_that_left_no_name_is_somebodys_and_not_the_last_writers(anna, desk, make_post):
    post = make_post("Mine", draft=True)
    edit(anna, post)
    form = as_shown(desk) | {"seen": str(int(timezone.now().timestamp()) + 5)}
    Post.objects.update(visibility="private")
    told = desk.post(BULK, form | {"bulk_action": "publish", "post": post.pk}, follow=True)
    assert (
        "Better Somebody has changed this in the meantime." in text(told)
        and "Anna" not in text(told).partition("Undo")[0]
    )
    assert Post.objects.get().status == "draft"


@pytest.mark.parametrize("deed", ["draft", "publish", "trash", "restore"])
def test_an_undo_leaves_alone_what_was_changed_since_and_names_it(anna, desk, make_post, deed):
    one, two = make_post("One", draft=deed == "publish"), make_post("Two", draft=deed == "publish")
    if deed == "restore":
        one.trash(), two.trash()
    desk.post(BULK, {"bulk_action": deed, "post": [one.pk, two.pk]})
    bulk = BulkAction.objects.get()
    if deed == "trash":
        anna.post(f"/desk/posts/{one.pk}/restore/")
        one.refresh_from_db()
    one.refresh_from_db()
    edit(anna, one)
    one.refresh_from_db()
    stands = one.status
    told = desk.post(f"{BULK}{bulk.pk}/undo/", {"kind": "post"}, follow=True)
    one.refresh_from_db(), two.refresh_from_db()
    assert (one.status, one.title) == (stands, "Better")
    assert two.status == {"draft": "published", "publish": "draft", "trash": "published", "restore": "trash"}[deed]
    assert "1 post is as it was before." in text(told) and "Better Anna changed this just now." in text(told)


@pytest.mark.parametrize(
    "query", ["left=x.²&since=1", f"left={2**70}&since=1", "left=1&since=" + "9" * 18, "left=&since="]
)
def test_nonsense_in_the_address_names_nothing(desk, make_post, query):
    make_post()
    assert desk.get(f"/desk/posts/?{query}").status_code == 200


def test_nobody_is_told_the_title_of_a_post_that_is_not_theirs(as_, arthur, make_post):
    post = make_post("A secret", draft=True)
    assert "A secret" not in text(as_(arthur).get(f"/desk/posts/?left={post.pk}&since=1"))
