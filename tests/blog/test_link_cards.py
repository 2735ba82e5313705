"""A URL alone on its line becomes a card with what its page says of itself, asked once, by the server alone."""

import io
from datetime import timedelta

import pytest
from django.utils import timezone
from PIL import Image

from blog import jobs as blog_jobs
from blog import link_cards, link_previews
from blog.models import LinkCard, Post, ReadingSettings
from comments.models import Comment
from core import cache_version
from tests.core.website import Website, page

HTML = "Content-Type: text/html; charset=utf-8"


def picture(size=(960, 480), form="PNG"):
    out = io.BytesIO()
    Image.linear_gradient("L").resize(size).save(out, form)
    return out.getvalue()


def head(*metas, title="Only a title"):
    return f"<!doctype html><html><head><title>{title}</title>{''.join(metas)}</head><body><title>No</title>".encode()


def og(name, content):
    return f'<meta property="og:{name}" content="{content}">'


@pytest.fixture
def website(settings):
    """Start a website of {path: answer}; any other path is a 404."""
    started = []

    def start(**answers):
        def answer(request, send, _over):
            path = request.split()[1].strip("/")
            send(answers.get(path, page(b"", status="404 Not Found")))

        started.append(Website(answer))
        settings.SAFE_FETCH_ALLOWED = [site.place for site in started]
        return started[-1]

    yield start
    for site in started:
        site.close()


@pytest.fixture
def river(website):
    metas = og("title", "The river &amp; the &lt;sea&gt;"), og("image", "/photo"), og("site_name", "Rivers")
    return website(post=page(head(*metas), HTML), photo=page(picture(), "Content-Type: text/plain"))


def saved(as_, ada, post, source, **changes):
    fields = {"title": post.title, "source": source, "action": "save", "visibility": "public", "format": "standard"}
    newest = post.newest_revision
    answer = as_(ada).post(
        f"/desk/posts/{post.pk}/",
        fields | {"base_revision": newest.pk if newest else "", "author": post.author_id} | changes,
    )
    assert answer.status_code == 302
    return Post.objects.get(pk=post.pk)


@pytest.fixture
def queued(monkeypatch):
    """What was queued; `run` runs it as the worker would."""
    numbers = []
    monkeypatch.setattr(type(blog_jobs.fetch_link_cards), "enqueue", lambda task, *given: numbers.append(given))

    class Queue:
        def __len__(self):
            return len(numbers)

        def run(self):
            while numbers:
                blog_jobs.fetch_link_cards.call(*numbers.pop())

    return Queue()


def test_an_address_alone_on_its_line_becomes_a_card(as_, ada, client, make_post, river, queued):
    address = f"{river.url}post"
    post = saved(as_, ada, make_post(), f"Look:\n\n{address}\n\nNice, {address} is.")
    assert f'<p><a href="{address}">{address}</a></p>' in post.html, "a link as before until the answer is there"
    changed = post.updated_at
    queued.run()
    post.refresh_from_db()
    card = LinkCard.objects.get()
    assert (card.title, card.site, card.width, card.height) == ("The river & the <sea>", "Rivers", 480, 240)
    assert post.updated_at == changed and post.html.count('<figure class="longrun-card">') == 1
    assert f'Nice, <a href="{address}">' in post.html
    text = client.get(post.path).content.decode()
    assert "The river &amp; the &lt;sea&gt;</a> <cite>Rivers</cite>" in text and "content.css" in text
    assert river.place not in text.replace(address, ""), "readers' browsers ask nobody else"
    shown = client.get(f"/link-picture-{card.digest}.webp")
    assert shown["Content-Type"] == "image/webp" and "immutable" in shown["Cache-Control"]
    assert Image.open(io.BytesIO(shown.content)).size == (480, 240)
    assert client.get("/link-picture-0.webp").status_code == 404


def test_it_is_asked_once(as_, ada, make_post, river, queued):
    for title in ("One", "Two"):
        saved(as_, ada, make_post(title), f"{river.url}post")
        queued.run()
    assert len(river.requests) == 2 and river.requests[0].startswith("GET /post ")
    assert all("longrun-card" in post.html for post in Post.objects.all())


def test_feeds_and_emails_have_a_link_with_the_title(as_, ada, client, make_post, river, queued):
    post = saved(as_, ada, make_post(), f"{river.url}post")
    queued.run()
    post.refresh_from_db()
    for text in (str(post.feed_body), str(post.email_body)):
        assert "The river &amp; the &lt;sea&gt;</a>" in text and "Rivers" in text
        assert "<img" not in text and "longrun-card" not in text
    assert "link-picture" not in client.get("/feed/").content.decode()


@pytest.mark.parametrize(
    "answer",
    [
        page(b"", status="404 Not Found"),
        page(b"\x89PNG", "Content-Type: image/png"),
        page(head(title=" "), HTML),
        page(b"", "Location: http://10.0.0.1/", status="302 Found"),
        b"nothing of HTTP",
    ],
    ids=["404", "no-html", "no-title", "leads-to-a-private-network", "no-http"],
)
def test_nothing_changes_when_there_is_no_answer(as_, ada, make_post, website, queued, answer):
    site = website(post=answer)
    post = saved(as_, ada, make_post(), f"{site.url}post")
    before = post.html
    queued.run()
    post.refresh_from_db()
    assert post.html == before == f'<p><a href="{site.url}post">{site.url}post</a></p>'
    card = LinkCard.objects.get()
    assert card.title == "" and str(card) == f"{site.url}post"


def test_who_gave_no_answer_is_asked_again_after_a_day(make_post, website):
    site = website(post=page(head(title="Here now"), HTML))
    card = LinkCard.objects.create(address=f"{site.url}post")
    post = make_post(source=card.address)
    blog_jobs.fetch_link_cards.call(post.pk)
    assert not site.requests
    LinkCard.objects.update(asked_at=timezone.now() - timedelta(days=2))
    blog_jobs.fetch_link_cards.call(post.pk)
    card.refresh_from_db()
    assert (card.title, card.site, card.digest) == ("Here now", "127.0.0.1", "")
    post.refresh_from_db()
    assert '<figure class="longrun-card"><figcaption' in post.html and "Here now</a>" in post.html


def test_the_owner_switches_it_off(as_, ada, make_post, river, queued, blog):
    post = saved(as_, ada, make_post(), f"{river.url}post")
    ReadingSettings.objects.update(link_cards=False)
    cache_version.invalidate(cache_version.SITE)
    queued.run()
    assert not river.requests and not LinkCard.objects.exists()
    saved(as_, ada, post, f"Again\n\n{river.url}post")
    assert len(queued) == 0


def test_cards_leave_the_posts_when_it_is_switched_off(as_, ada, make_post, river, queued):
    post = saved(as_, ada, make_post(), f"{river.url}post")
    queued.run()
    other = make_post("Without a card")
    ReadingSettings.objects.get_or_create()
    reading = ReadingSettings.objects.get()
    typed = {"site-title": "Ada runs", "site-tagline": "", "site-language": "en", "site-timezone": "UTC",
             "reading-permalinks": reading.permalinks, "reading-posts_per_page": 10, "reading-feed_items": 10,
             "reading-feed_full": "on", "reading-smart_punctuation": "on"}  # fmt: skip
    assert as_(ada).post("/desk/settings/", typed).status_code == 302
    assert Post.objects.get(pk=post.pk).html_version == 0 and Post.objects.get(pk=other.pk).html_version > 0
    Post.objects.get(pk=post.pk).rerender()
    assert "longrun-card" not in Post.objects.get(pk=post.pk).html


def test_what_is_an_embed_or_in_the_trash_is_not_asked(as_, ada, make_post, queued):
    saved(as_, ada, make_post(), "https://www.youtube.com/watch?v=abcdefghijk\n\nhttps://example.org/ and words")
    assert len(queued) == 0
    post = make_post(source="https://example.org/")
    post.trash()
    blog_jobs.fetch_link_cards.call(post.pk)
    blog_jobs.fetch_link_cards.call(0)
    assert not LinkCard.objects.exists()


def test_comments_get_no_cards(make_post, river):
    LinkCard.objects.create(address=f"{river.url}post", title="The river")
    comment = Comment.objects.create(post=make_post(), text=f"{river.url}post", state="approved", name="Rene")
    assert "longrun-card" not in comment.html and not river.requests


def test_a_post_without_such_links_asks_the_database_nothing(django_assert_num_queries, db):
    with django_assert_num_queries(0):
        assert LinkCard.objects.shown_in('<p>See <a href="http://example.org/">it</a></p>') == {}


def test_addresses():
    def alone(href, text=None):
        return f'<p><a href="{href}">{text or href}</a></p>'

    html = alone("https://a.example/?a=1&amp;b=2") + alone("https://b.example/", "words") + alone("ftp://c.example/")
    html += alone("https://d.example/", "https://other.example/") + alone(f"https://e.example/{'e' * 1000}")
    assert link_cards.addresses_in(html * 2) == ["https://a.example/?a=1&b=2"]
    assert link_cards.add_cards(html, {"https://other.example/": LinkCard(title="No")}) == html


# What pages say


def said(website, *metas, **answers):
    site = website(post=page(head(*metas, title=""), HTML), **answers)
    return link_previews.look_up(f"{site.url}post")


@pytest.mark.parametrize("kind", ["application/json+oembed", "text/json+oembed"])
def test_oembed_answers_where_open_graph_does_not(website, kind):
    answer = b'{"title": "A post", "provider_name": "Elsewhere", "thumbnail_url": "/photo"}'
    link = f'<link rel="alternate" type="{kind}" href="/oembed">'
    found = said(website, link, oembed=page(answer), photo=page(picture((48, 48), "JPEG")))
    assert (found.title, found.site, found.picture.width) == ("A post", "Elsewhere", 48)


@pytest.mark.parametrize(
    "answer", [page(b"[1]"), page(b"{"), page(b'{"title": 7}'), page(b"x", status="500 No"), b"nothing of HTTP"]
)
def test_an_oembed_answer_that_is_none(website, answer):
    link = '<link rel="alternate" type="application/json+oembed" href="/oembed">'
    assert said(website, link, oembed=answer) is None


@pytest.mark.parametrize(
    "photo",
    [page(b"", status="404 No"), page(b"<svg></svg>"), page(picture((47, 480))), b"nothing of HTTP"],
    ids=["404", "svg", "small", "no-http"],
)
def test_a_picture_that_is_none_leaves_a_card_without(website, photo):
    found = said(website, og("title", "A post"), og("image", "/photo"), photo=photo)
    assert found.title == "A post" and found.picture is None


@pytest.mark.parametrize("address", ["javascript:alert(1)", "//[x]/", "", " "])
def test_addresses_that_are_none_are_not_asked(website, address):
    assert said(website, og("title", "A post"), og("image", address)).picture is None


def test_encodings_and_long_texts(website):
    latin = "<title>Grüße</title>".encode("latin-1")
    site = website(
        header=page(latin, "Content-Type: text/html; charset=iso-8859-1"),
        meta=page(b'<meta charset="iso-8859-1">' + latin, "Content-Type: text/html"),
        unknown=page("<title>Grüße</title>".encode(), "Content-Type: text/html; charset=klingon"),
        long=page(head(title="x" * 5000), HTML),
        many=page(b"<p>" * 30_000 + b"<title>Too late</title>", HTML),
    )
    for path in ("header", "meta", "unknown"):
        assert link_previews.look_up(site.url + path).title == "Grüße"
    assert len(link_previews.look_up(f"{site.url}long").title) == 300
    assert link_previews.look_up(f"{site.url}many") is None
