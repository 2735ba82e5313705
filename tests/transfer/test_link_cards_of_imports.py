"""Cards of links in imported posts: no page elsewhere is asked before the owner presses the button."""

import re

import pytest
from django.urls import reverse

from blog.link_previews import Preview
from blog.models import LinkCard, Post, ReadingSettings
from core import cache_version, jobs
from tests.transfer.wxr_text import author, export, item
from transfer.importing import link_cards
from transfer.importing.run import run_import, start

pytestmark = pytest.mark.django_db
RIVER, SEA = "https://rivers.example/a", "https://sea.example/b"


@pytest.fixture
def asked(monkeypatch):
    """The addresses that were asked. The page of the sea does not answer."""
    found = []

    def look_up(address):
        found.append(address)
        return Preview("The river & the <sea>", "Rivers") if address == RIVER else None

    monkeypatch.setattr("blog.models.link_card.look_up", look_up)
    monkeypatch.setattr(link_cards, "PAUSE", 0)
    return found


@pytest.fixture
def imported(ada, tmp_path, asked):
    """The address of the page of an import of three posts and one from before that was not imported."""
    Post(author=ada, title="Mine", source=RIVER).publish(announced=True)
    path = tmp_path / "export.xml"
    texts = f"Look:\n\n{RIVER}\n\nNice.", f"{SEA}\n\n{RIVER}", f"See {RIVER} for more."
    items = [item(7 + number, f"Post {number}", text) for number, text in enumerate(texts)]
    path.write_text(export(author("ada"), *items))
    run = start([path], by=ada)
    run_import(run, [path])
    assert not asked and not LinkCard.objects.exists()
    return reverse("desk_import", args=[run.pk])


def cards(title):
    return Post.objects.get(title=title).html.count('<figure class="longrun-card">')


def work():
    jobs.run_ready("long")


def test_the_owner_lets_them_be_made_after_an_import(as_, ada, imported, asked):
    desk = as_(ada)
    assert "2 posts have the address of a page elsewhere" in " ".join(desk.get(imported).content.decode().split())
    before = Post.objects.get(title="Post 0").updated_at
    said = desk.post(imported, {"action": "cards"}, follow=True).content.decode()
    assert "The pages are asked one after the other." in said and "Cards of links are being made." in said
    assert "Make link cards" not in said and not asked
    assert "changed meanwhile" in desk.post(imported, {"action": "cards"}, follow=True).content.decode()
    work()
    assert sorted(asked) == [RIVER, SEA], "each page once"
    assert [cards(title) for title in ("Post 0", "Post 1", "Post 2", "Mine")] == [1, 1, 0, 0]
    assert Post.objects.get(title="Post 0").updated_at == before
    text = re.sub(r"\s+", " ", desk.get(imported).content.decode())
    assert "1 post has the address of a page elsewhere" in text, "one did not answer"


@pytest.mark.db
def test_a_paragraph_that_begins_with_a_link_becomes_no_card(ada, tmp_path, asked):
    path = tmp_path / "export.xml"
    texts = (
        f'<p><a href="{RIVER}">The river</a> is long.</p>',
        f'<p><a href="{RIVER}">{RIVER}</a> is long.</p>',
        f'<p><a href="{RIVER}">The river</a></p>',
        f"<p>نهر:</p>\n<p>{RIVER}</p>",
        f'<p dir="rtl"><a href="{RIVER}">{RIVER}</a></p>',
    )
    path.write_text(export(author("ada"), *(item(7 + at, f"Post {at}", text) for at, text in enumerate(texts))))
    run = start([path], by=ada)
    run_import(run, [path])
    assert [post.title for post in link_cards.posts_without_cards(run)] == ["Post 3", "Post 4"]


def test_who_does_not_want_cards_is_not_asked(as_, ada, imported, asked):
    ReadingSettings.objects.update(link_cards=False)
    cache_version.invalidate(cache_version.SITE)
    desk = as_(ada)
    assert "Make link cards" not in desk.get(imported).content.decode()
    desk.post(imported, {"action": "cards"})
    work()
    assert not asked


def test_a_worker_that_stops_goes_on_where_it_was(as_, ada, imported, asked, monkeypatch):
    as_(ada).post(imported, {"action": "cards"})
    answers = iter([False, True])
    monkeypatch.setattr(link_cards, "is_stopping", lambda: next(answers, False))
    work()
    work()
    assert sorted(asked) == [RIVER, SEA] and cards("Post 1") == 1
