"""What each button makes of a date, and what address a post gets. The table stands in docs/writing.md too."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone, translation

from blog.desk.forms import WriteForm
from blog.models import Post, Redirect
from core.models import Site
from tests.filling import fill
from tests.markup import squeeze


@pytest.fixture(autouse=True)
def owned(ada, blog):
    Site.objects.update(timezone="UTC")


@pytest.fixture
def desk(as_, ada):
    return as_(ada)


def whole_minute(**away):
    return (timezone.now() + timedelta(**away)).replace(second=0, microsecond=0)


DATES = {"as it stands": None, "cleared": "", "past": whole_minute(days=-30), "later": whole_minute(days=+30)}
# What stood there before: nothing, or a moment of its own.
BEFORE = {"draft": None, "dated draft": whole_minute(days=-3), "scheduled": whole_minute(days=3)}
BEFORE["published"] = whole_minute(days=-2)

# (what it is, button, date) → (status, date): "kept" is the date that it had.
TABLE = [
    ("draft", "save", "as it stands", "draft", None),
    ("draft", "save", "past", "draft", "past"),
    ("draft", "save", "later", "draft", "later"),
    ("draft", "publish", "as it stands", "published", "now"),
    ("draft", "publish", "past", "published", "past"),
    ("draft", "publish", "later", "scheduled", "later"),
    ("draft", "publish-now", "later", "published", "now"),
    ("dated draft", "save", "as it stands", "draft", "kept"),
    ("dated draft", "save", "cleared", "draft", None),
    ("dated draft", "publish", "as it stands", "published", "kept"),
    ("dated draft", "publish", "cleared", "published", "now"),
    ("dated draft", "publish", "later", "scheduled", "later"),
    ("dated draft", "publish-now", "as it stands", "published", "now"),
    ("dated draft", "publish-now", "cleared", "published", "now"),
    ("dated draft", "publish-now", "past", "published", "now"),
    ("scheduled", "update", "as it stands", "scheduled", "kept"),
    ("scheduled", "update", "cleared", "refused", "kept"),
    ("scheduled", "update", "past", "published", "past"),
    ("scheduled", "update", "later", "scheduled", "later"),
    ("scheduled", "publish", "cleared", "published", "now"),
    ("scheduled", "publish-now", "as it stands", "published", "now"),
    ("scheduled", "publish-now", "cleared", "published", "now"),
    ("scheduled", "publish-now", "past", "published", "now"),
    ("scheduled", "publish-now", "later", "published", "now"),
    ("scheduled", "keep", "cleared", "scheduled", "kept"),
    ("published", "update", "as it stands", "published", "kept"),
    ("published", "update", "cleared", "published", "kept"),
    ("published", "update", "past", "published", "past"),
    ("published", "update", "later", "scheduled", "later"),
    ("published", "keep", "later", "published", "kept"),
]


@pytest.fixture
def begun(make_post):
    def begin(what):
        post = make_post("A long run", draft=True)
        if moment := BEFORE[what]:
            post.publish_at = moment
            post.save()
            post.file()
        if what in ("scheduled", "published"):
            post.publish()
        return post

    return begin


def state_of(post):
    post.refresh_from_db()
    return "scheduled" if post.is_scheduled else post.status


def is_the_date(post, what, wanted, chosen):
    if wanted == "now":
        return abs(post.publish_at - timezone.now()) < timedelta(minutes=1)
    return post.publish_at == {None: None, "kept": BEFORE[what]}.get(wanted, DATES[chosen])


@pytest.mark.parametrize(("what", "button", "chosen", "state", "date"), TABLE)
def test_each_button_does_with_the_date_what_the_table_says(desk, begun, what, button, chosen, state, date):
    post = begun(what)
    typed = {} if DATES[chosen] is None else {"publish_at": DATES[chosen] and f"{DATES[chosen]:%Y-%m-%dT%H:%M}"}
    if typed and "draft" in what:
        typed["when"] = "date"
    answer = fill(
        desk, f"/desk/posts/{post.pk}/", source="Twelve miles.", press=f"action={button}",
        refused=state == "refused", **typed,
    )  # fmt: skip
    if state == "refused":
        page = answer.content.decode()
        assert "A scheduled post needs a date." in page
        assert "Twelve miles." in page
        state = "scheduled"
    assert state_of(post) == state
    assert is_the_date(post, what, date, chosen)


@pytest.mark.parametrize(
    ("what", "offered"),
    [
        ("draft", ["Save Draft", "Preview", "Publish"]),
        ("dated draft", ["Save Draft", "Preview", "Publish now", "Publish on that date"]),
        ("scheduled", ["Save Draft", "Preview", "Publish now", "Update"]),
        ("published", ["Save Draft", "Preview", "Update"]),
    ],
)
def test_the_buttons_say_what_they_do(desk, begun, what, offered):
    page = squeeze(desk.get(f"/desk/posts/{begun(what).pk}/").content)
    line = page[page.index('class="write__line"') : page.index('id="live-preview"')]
    buttons = [part.partition("</button>")[0] for part in line.split("<button ")[1:]]
    assert [part.rpartition(">")[2] for part in buttons if " hidden>" not in part] == offered


@pytest.mark.parametrize("chosen", ["cleared", "past", "later", "as it stands"])
def test_quick_edit_publishes_nothing_by_accident(desk, begun, chosen):
    post = begun("scheduled")
    typed = {} if DATES[chosen] is None else {"publish_at": DATES[chosen] and f"{DATES[chosen]:%Y-%m-%dT%H:%M}"}
    answer = fill(desk, f"/desk/posts/{post.pk}/quick-edit/", title="Renamed", refused=chosen == "cleared", **typed)
    assert state_of(post) == ("published" if chosen == "past" else "scheduled")
    if chosen == "cleared":
        assert "needs a date" in answer.content.decode()
        assert "Renamed" in answer.content.decode()


def test_a_scheduled_post_that_gets_a_date_long_past_is_told_to_nobody(desk, begun):
    post = begun("scheduled")
    fill(desk, f"/desk/posts/{post.pk}/", publish_at="2010-09-09T10:00", press="action=update")
    post.refresh_from_db()
    assert (post.path, post.announced_at is None) == ("/2010/09/09/a-long-run/", False)


def test_a_scheduled_post_becomes_a_draft_without_a_date(desk, begun):
    post = begun("scheduled")
    fill(desk, f"/desk/posts/{post.pk}/", status="draft", publish_at="", press="action=update")
    assert (state_of(post), post.publish_at, post.path) == ("draft", None, None)


def test_a_contributor_cannot_publish_now(as_, make_post, cora):
    post = make_post(author=cora, draft=True)
    answer = as_(cora).post(f"/desk/posts/{post.pk}/", {"title": "x", "source": "x", "action": "publish-now"})
    assert answer.status_code == 403
    assert state_of(post) == "draft"


# The address


def slug_of(post):
    post.refresh_from_db()
    return post.slug


def write(desk, post=None, press="action=save", **typed):
    fill(desk, f"/desk/posts/{post.pk}/" if post else "/desk/write/", press=press, **typed)
    return Post.objects.order_by("pk").last()


@pytest.mark.parametrize(
    ("first", "slug"),
    [
        ({"title": "Untitled"}, "untitled"),
        ({"source": "A first line."}, "a-first-line"),
        ({"title": "下書き"}, "下書き"),
    ],
)
def test_the_slug_follows_the_title_until_the_post_is_public(desk, first, slug):
    post = write(desk, **first)
    assert slug_of(post) == slug
    write(desk, post, title="Ten hills", source="Up and down.")
    assert slug_of(post) == "ten-hills"
    write(desk, post, press="action=publish", title="Twelve hills")
    assert slug_of(post) == "twelve-hills"
    write(desk, post, press="action=update", title="Thirteen hills")
    assert slug_of(post) == "twelve-hills"
    assert not Redirect.objects.exists()


def test_a_title_typed_at_the_moment_of_publishing_makes_the_slug(desk, begun):
    post = begun("draft")
    write(desk, post, press="action=publish-now", title="At last")
    assert slug_of(post) == "at-last"


def test_a_slug_typed_by_hand_stays(desk):
    post = write(desk, title="Untitled", slug="hills")
    write(desk, post, title="Ten hills")
    assert slug_of(post) == "hills"
    assert 'value="hills"' in desk.get(f"/desk/posts/{post.pk}/").content.decode()
    write(desk, post, slug="")
    assert slug_of(post) == "ten-hills"
    write(desk, post, slug="ten-hills")
    write(desk, post, title="Eleven hills")
    assert slug_of(post) == "ten-hills"


def test_a_scheduled_post_is_not_public_yet(desk, begun):
    post = begun("scheduled")
    former = post.path
    write(desk, post, press="action=update", title="Ten hills")
    assert slug_of(post) == "ten-hills"
    assert not Redirect.objects.exists(), "nobody could know the former address"
    write(desk, post, press="action=update", title="Eleven hills", publish_at="2020-01-01T10:00")
    assert slug_of(post) == "eleven-hills"
    assert former != post.path == "/2020/01/01/eleven-hills/"


def test_what_was_public_keeps_its_slug_as_a_draft_again(desk, begun):
    post = begun("published")
    write(desk, post, press="action=update", status="draft")
    write(desk, post, title="Another title")
    assert slug_of(post) == "a-long-run"


def test_quick_edit_lets_the_slug_follow_too(desk, begun):
    post = begun("draft")
    fill(desk, f"/desk/posts/{post.pk}/quick-edit/", title="Ten hills")
    assert slug_of(post) == "ten-hills"
    fill(desk, f"/desk/posts/{post.pk}/quick-edit/", slug="hills")
    fill(desk, f"/desk/posts/{post.pk}/quick-edit/", title="Eleven hills")
    assert slug_of(post) == "hills"


def test_a_page_and_those_below_it_move_with_its_working_title(desk, make_post):
    page = make_post("Untitled", kind="page", draft=True)
    page.file()
    below = make_post("Below", kind="page", draft=True)
    below.parent = page
    below.save()
    below.file()
    fill(desk, f"/desk/posts/{page.pk}/", title="About", press="action=save")
    below.refresh_from_db()
    assert below.path == "/about/below/"
    assert not Redirect.objects.exists()


def test_a_link_of_ones_own_to_a_scheduled_post_still_leads_there(desk, begun, make_post):
    post = begun("scheduled")
    make_post("Another", source=f"Soon: [a run]({post.get_absolute_url()}).")
    former = post.path
    write(desk, post, press="action=update", title="Ten hills")
    write(desk, Post.objects.get(pk=post.pk), press="action=update", title="Eleven hills")
    assert [row.key for row in Redirect.objects.all()] == [former.rstrip("/")]


def test_the_page_shows_the_address_that_the_post_will_have(desk, begun):
    post = begun("draft")
    today = f"{timezone.now():/%Y/%m/%d/}"
    assert f"{today}a-long-run/</span>" in desk.get(f"/desk/posts/{post.pk}/").content.decode()
    write(desk, post, title="Ten hills", when="date", publish_at="2031-05-06T10:00")
    assert "/2031/05/06/ten-hills/</span>" in desk.get(f"/desk/posts/{post.pk}/").content.decode()


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ({"title": "Ten hills", "publish_at": "2031-05-06T10:00"}, "/2031/05/06/ten-hills/"),
        ({"title": "A long run", "publish_at": "2031-05-06"}, "/2031/05/06/a-long-run-2/"),
        ({"title": "x", "slug": "Ten  hills!", "publish_at": "2031-05-06T10:00"}, "/2031/05/06/ten-hills/"),
        ({"title": "About us", "kind": "page"}, "/about-us/"),
        ({"title": "feed", "kind": "page", "parent": "nonsense"}, "/feed-2/"),
    ],
)
def test_the_address_is_told_while_the_title_is_typed(desk, begun, asked, path):
    begun("published")
    before = Post.objects.values().get()
    assert desk.get("/desk/write/permalink/", asked).json()["address"].endswith(path)
    assert Post.objects.values().get() == before


@pytest.mark.parametrize(
    "asked", [{}, {"post": "9" * 30}, {"publish_at": "soon", "title": "x" * 9000}, {"slug": "x" * 9000}]
)
def test_whatever_is_asked_of_the_address_is_answered(desk, client, asked):
    assert desk.get("/desk/write/permalink/", asked).status_code == 200
    assert client.get("/desk/write/permalink/", asked).status_code == 302


@pytest.mark.parametrize("slug", ["!!!", "   ’’ ", "<>"])
def test_a_slug_without_a_letter_is_refused_at_its_field(desk, slug):
    page = fill(desk, "/desk/write/", title="Kept", slug=slug, press="action=save", refused=True).content.decode()
    assert "is not a valid slug: it needs at least one letter or digit" in page
    assert "Kept" in page
    assert not Post.objects.exists()


@pytest.mark.parametrize(
    ("language", "typed", "example"),
    [
        ("en", "11/24/2026 15:45", "2026-11-23 14:30"),
        ("de", "24.11.2026 15:45", "23.11.2026 14:30"),
        ("fr", "24/11/2026 15:45", "23/11/2026 14:30"),
        ("de", "2026-11-24T15:45", "23.11.2026 14:30"),
    ],
)
def test_a_date_is_typed_as_the_language_writes_it(language, typed, example):
    with translation.override(language):
        field = WriteForm.base_fields["publish_at"]
        assert f"{field.clean(typed):%Y-%m-%d %H:%M}" == "2026-11-24 15:45"
        for wrong in ("tomorrow", "24.13.2026 99:99", "1026-11-24 15:45"):
            with pytest.raises(ValidationError, match=example):
                field.clean(wrong)
