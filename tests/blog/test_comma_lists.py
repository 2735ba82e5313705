"""Lists in a field of one line: a tag that holds a comma stays one tag, wherever it is read and written."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blog.desk import comma_lists
from blog.duplicate import duplicate
from blog.models import Category, Tag
from core.text import tidy_line
from tests.filling import fill
from tests.pace import allowed

READ = [
    ('"Columbus, Ohio", running', ["Columbus, Ohio", "running"]),
    ("running, hills,, dawn ", ["running", "hills", "dawn"]),
    ("走る，山、朝", ["走る", "山", "朝"]),
    ('"走る、山"、朝', ["走る、山", "朝"]),
    ("“Columbus, Ohio”, running", ["Columbus, Ohio", "running"]),
    ("„Köln, Deutz“, laufen", ["Köln, Deutz", "laufen"]),
    ("«Lyon, Rhône», courir", ["Lyon, Rhône", "courir"]),
    ("「京都、東山」、走る", ["京都、東山", "走る"]),
    ("“Heroes”, running", ["“Heroes”", "running"]),
    ('"Weird Al" Yankovic, "polka"', ['"Weird Al" Yankovic', "polka"]),
    ('12" vinyl, 7" vinyl', ['12" vinyl', '7" vinyl']),
    ('"say ""ah"", please"', ['say "ah", please']),
    ('"Columbus, Ohio', ['"Columbus', "Ohio"]),
    ('"", ,"  "', []),
]
HOSTILE = ["Columbus, Ohio", "a，b", "a、b", '"quoted"', 'a "b", c', '"open', "„tief", "“A, B”", '""', "»x, y«"]


@pytest.mark.parametrize(("typed", "items"), READ)
def test_an_item_in_quotation_marks_may_hold_a_comma(typed, items):
    assert comma_lists.split(typed) == items
    assert comma_lists.split(comma_lists.join(items)) == items


@given(st.lists(st.text(alphabet='ab ",，、“”„«»「」', min_size=1)))
def test_every_list_is_read_as_it_was_written(items):
    items = [item for each in items if (item := tidy_line(each))]
    assert comma_lists.split(comma_lists.join(items)) == items


@pytest.mark.parametrize("typed", ["„," * 25_000, '"a,' * 16_000, '"a,""b' * 8_000, '","' * 16_000, "«" * 50_000])
def test_no_list_takes_long_to_read(typed):
    start = time.process_time()
    comma_lists.split(typed)
    assert time.process_time() - start < allowed(5)


@pytest.fixture
def desk(as_, ada):
    return as_(ada)


@pytest.fixture
def tagged(make_post):
    """A post with tags of every kind, added at the desk one by one."""
    post = make_post(tags=["running"])
    post.tags.add(*[Tag.objects.create(name=name) for name in HOSTILE if any(map(str.isalpha, name))])
    return post


def names(post):
    return [tag.name for tag in post.tags.all()]


def test_a_tag_renamed_at_the_desk_to_hold_a_comma_stays_one(desk, make_post):
    post = make_post(tags=["columbus", "running"])
    fill(desk, f"/desk/tags/{Tag.objects.get(name='columbus').pk}/", name="Columbus, Ohio")
    assert 'value="&quot;Columbus, Ohio&quot;, running"' in desk.get(f"/desk/posts/{post.pk}/").content.decode()
    for address, press in (("", "action=update"), ("quick-edit/", ""), ("", "action=keep")):
        fill(desk, f"/desk/posts/{post.pk}/{address}", title=post.title, press=press)
    assert names(post) == ["Columbus, Ohio", "running"]
    assert Tag.objects.count() == 2


@pytest.mark.parametrize(("address", "press"), [("", "action=update"), ("quick-edit/", "")])
def test_no_tag_changes_when_its_post_is_opened_and_saved(desk, tagged, address, press):
    before = names(tagged)
    fill(desk, f"/desk/posts/{tagged.pk}/{address}", title=tagged.title, press=press)
    assert names(tagged) == before


def test_an_autosave_a_copy_and_a_bulk_keep_a_tag_with_a_comma(desk, ada, tagged, make_post):
    assert names(duplicate(tagged, ada)) == names(tagged)
    other = make_post()
    sent = {"bulk_action": "tag", "new_tag": "Columbus, Ohio", "post": [other.pk], "kind": "post"}
    desk.post("/desk/posts/bulk/", sent)
    assert names(other) == ["Columbus, Ohio"]
    typed = {"who": ada.pk, "tab": "a" * 32, "count": 1, "source": "Half a", "tag_names": '"Lima, Ohio", run'}
    assert desk.post(f"/desk/posts/{other.pk}/autosave/", typed).status_code == 200
    assert 'value="&quot;Lima, Ohio&quot;, run"' in desk.get(f"/desk/posts/{other.pk}/?use=autosave").content.decode()


def test_what_was_typed_comes_back_as_it_was_typed(desk):
    wrong = fill(desk, "/desk/write/", tag_names='"Columbus, Ohio", ' + "x" * 300, press="action=save", refused=True)
    assert 'value="&quot;Columbus, Ohio&quot;, xxx' in wrong.content.decode()


def test_a_known_tag_with_a_comma_is_offered_as_it_has_to_be_typed(desk):
    Tag.objects.create(name="Columbus, Ohio")
    assert '<option value="&quot;Columbus, Ohio&quot;">' in desk.get("/desk/write/").content.decode()


def test_a_category_with_a_comma_is_one(desk, make_post):
    post = make_post()
    fill(desk, f"/desk/posts/{post.pk}/", new_category="Food, Drink", press="action=update")
    fill(desk, f"/desk/posts/{post.pk}/", title=post.title, press="action=update")
    assert list(post.categories.values_list("name", flat=True)) == ["Food, Drink"]
    assert Category.objects.filter(name="Food, Drink").count() == 1


def test_a_post_with_more_tags_than_one_may_add_can_be_saved(desk, make_post):
    post = make_post(tags=[f"tag {number}" for number in range(60)])
    fill(desk, f"/desk/posts/{post.pk}/", source="Mended.", press="action=update")
    post.refresh_from_db()
    assert (post.source, post.tags.count()) == ("Mended.", 60)
