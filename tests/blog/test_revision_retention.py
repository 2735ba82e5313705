"""Which revisions are kept: the rule by itself, for any history, and the daily work that follows it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blog import jobs
from blog.models import Revision
from blog.revision_retention import DAY, MOST, WEEK, YEAR, kept

NOW = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)
MINUTES = st.integers(0, 3 * 365 * 24 * 60) | st.integers(0, 9 * 24 * 60) | st.integers(0, 120)


@st.composite
def histories(draw, most=80):
    """Revisions as (key, moment, group, is pinned), the newest with the greatest key."""
    ages = sorted(draw(st.lists(MINUTES, max_size=most)), reverse=True)
    kinds = st.tuples(st.booleans(), st.integers(0, 9).map(lambda number: number == 0))
    return [(key, NOW - timedelta(minutes=age), *draw(kinds)) for key, age in enumerate(ages)]


def keep(history, now=NOW):
    chosen = kept(history, now)
    return [revision for revision in history if revision[0] in chosen]


@settings(deadline=None)
@given(histories())
def test_what_is_pinned_the_newest_and_all_of_a_day_stay(history):
    chosen = kept(history, NOW)
    for key, moment, group, is_pinned in history:
        is_newest = key == max(other[0] for other in history if other[2] == group)
        if is_pinned or is_newest or NOW - moment < DAY:
            assert key in chosen


@settings(deadline=None)
@given(histories())
def test_no_hour_day_or_month_is_left_without_its_last_word(history):
    chosen = keep(history)
    for _key, moment, group, _pinned in history:
        age = NOW - moment
        part = "%Y-%m-%d %H" if age < WEEK else "%Y-%m-%d" if age < YEAR else "%Y-%m"
        assert any(f"{moment:{part}}" == f"{other[1]:{part}}" for other in chosen if other[2] == group)


@settings(deadline=None)
@given(histories())
def test_older_than_a_day_each_shelf_has_one_alone(history):
    loose = [revision for revision in keep(history) if not revision[3] and NOW - revision[1] >= WEEK + DAY]
    newest = {max(other[0] for other in history if other[2] == group) for group in (True, False) if
              any(other[2] == group for other in history)}  # fmt: skip
    days = [(group, moment.date()) for key, moment, group, _pinned in loose if key not in newest]
    assert len(days) == len(set(days))


@settings(deadline=None)
@given(histories(), st.lists(st.integers(1, 600), max_size=4))
def test_it_does_not_matter_how_often_one_tidies(history, days):
    """Whatever is let go today would have been let go on the last day, too."""
    thinned, now = history, NOW
    for step in days:
        thinned, now = keep(thinned, now), now + timedelta(days=step)
    assert keep(thinned, now) == keep(history, now)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(0, 3000), min_size=250, max_size=400), st.integers(0, 260))
def test_never_more_than_two_hundred_but_for_those_that_are_pinned(hours, pinned):
    ages = sorted(hours, reverse=True)
    history = [(key, NOW - timedelta(hours=age), False, key < pinned) for key, age in enumerate(ages)]
    chosen = kept(history, NOW)
    assert len(chosen) <= max(MOST, pinned + 1)
    assert chosen.issuperset(key for key, *_rest, is_pinned in history if is_pinned)


def test_one_example_of_each_shelf():
    ages = {
        "minutes ago": [timedelta(minutes=5), timedelta(minutes=6)],
        "one hour of Saturday": [timedelta(days=2, minutes=1), timedelta(days=2, minutes=9)],
        "one day of October": [timedelta(days=30, hours=1), timedelta(days=30, hours=5)],
        "one month of 2024": [timedelta(days=700), timedelta(days=705)],
    }
    moments = sorted(NOW - age for pair in ages.values() for age in pair)
    history = [(key, moment, False, False) for key, moment in enumerate(moments)]
    assert [key for key, *_ in keep(history)] == [1, 3, 5, 6, 7]


@pytest.mark.db
def test_the_daily_work_thins_out_each_post_by_itself(make_post, ada):
    post, other = make_post("One"), make_post("Other")
    month = datetime(2024, 5, 1, tzinfo=UTC)
    for number in range(4):
        for each in (post, other):
            old = Revision.objects.create(post=each, by=ada, source=f"{number}", source_format="markdown")
            Revision.objects.filter(pk=old.pk).update(created_at=month + timedelta(days=number))
    named = post.revisions.get(source="1")
    named.name = "Before the race"
    named.save(update_fields=["name"])
    refused = post.revisions.get(source="0")
    Revision.objects.filter(pk=refused.pk).update(kind="refused")
    jobs.prune_revisions()
    left = [revision.source for revision in post.revisions.filter(created_at__year=2024).order_by("pk")]
    assert left == ["0", "1", "3"]
    assert other.revisions.filter(created_at__year=2024).count() == 1
    assert post.revisions.filter(kind="published").exists()
