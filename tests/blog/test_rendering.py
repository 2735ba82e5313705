"""When the HTML of a post is made: before the database is held, once, and never for the worse."""

import pytest
from django.db import connection

from blog import jobs, markup, search
from blog.markup.render_process import NotRendered
from blog.models import Post, rendering
from comments.models import Comment
from core.jobs import run_ready

pytestmark = pytest.mark.django_db(transaction=True)

LONG = "Word *by* word.\n\n" * 4_000


@pytest.fixture
def desk(as_, ada):
    return as_(ada)


@pytest.fixture
def fields(ada):
    """Makes what a write page sends."""

    def make(**typed):
        kept = {"format": "standard", "visibility": "public", "status": "draft", "action": "save", "author": ada.pk}
        return dict.fromkeys(("title", "source", "excerpt", "slug"), "") | kept | typed

    return make


@pytest.fixture
def no_end(monkeypatch):
    """A machine on which no long text comes to an end."""

    def give_up(text, **options):
        raise NotRendered("time")

    monkeypatch.setattr(rendering, "render_in_process", give_up)


@pytest.fixture
def held(monkeypatch):
    """Whether the database was held, for each rendering."""
    seen, render = [], markup.render

    def noting(*args, **kwargs):
        seen.append(connection.in_atomic_block)
        return render(*args, **kwargs)

    monkeypatch.setattr(markup, "render", noting)
    return seen


def test_a_long_post_is_rendered_apart_and_saved_as_any_other(make_post):
    post = make_post(source=LONG)
    assert len(LONG) > rendering.LONG
    assert Post.objects.get(pk=post.pk).html.count("<em>by</em>") == 4_000


@pytest.mark.parametrize("action", ["save", "publish", "preview", "submit"])
def test_the_write_page_renders_once_and_before_the_database_is_held(desk, fields, held, action):
    desk.post("/desk/write/", fields(title="New", source="*new*", action=action, mark="a" * 32))
    assert Post.objects.get().html == "<p><em>new</em></p>"
    assert held[:1] == [False] and True not in held


@pytest.fixture
def held_for_tokens(monkeypatch):
    """The same for each text whose tokens were computed for the search."""
    seen, tokens_of = [], search.tokens_of

    def noting(post, plain, made=None):
        tokens = tokens_of(post, plain, made)
        if tokens is not made:
            seen.append(connection.in_atomic_block)
        return tokens

    monkeypatch.setattr(search, "tokens_of", noting)
    return seen


@pytest.mark.parametrize("action", ["save", "publish", "preview", "submit"])
def test_the_tokens_for_the_search_too_are_computed_once_and_before(desk, fields, held_for_tokens, action):
    desk.post("/desk/write/", fields(title="New", source="*new*", action=action, mark="a" * 32))
    assert held_for_tokens == [False]
    post = Post.objects.get()
    sent = fields(title="New", source="*other*", action="save", slug=post.slug, status=post.status)
    desk.post(f"/desk/posts/{post.pk}/", sent | {"base_revision": post.newest_revision.pk})
    assert "other" in Post.objects.get().plain and held_for_tokens == [False, False]


def test_rendering_anew_and_restoring_hold_nothing_while_tokens_are_computed(desk, make_post, held_for_tokens):
    post = make_post(source="*one*")
    post.revise(post.author, source="*two*")
    desk.post(f"/desk/posts/{post.pk}/revisions/{post.revisions.last().pk}/")
    Post.objects.update(html="<p>former</p>", plain="", html_version=markup.VERSION - 1)
    jobs.queue_rerender()
    del held_for_tokens[:]
    run_ready("long")
    assert Post.objects.get().plain == "one" and held_for_tokens == [False]


def test_other_ways_to_save_render_before_too(desk, held, make_post):
    post = make_post(source="*one*")
    post.revise(post.author, source="*two*")
    first = post.revisions.last()
    desk.post("/desk/", {"quick-title": "Quick", "quick-source": "*draft*"})
    desk.post(f"/desk/posts/{post.pk}/revisions/{first.pk}/")
    desk.post(f"/desk/posts/{post.pk}/duplicate/")
    assert Post.objects.count() == 3 and True not in held
    assert Post.objects.get(pk=post.pk).html == "<p><em>one</em></p>"


def test_what_changes_no_text_renders_nothing(held, make_post):
    post = Post.objects.get(pk=make_post().pk)
    del held[:]
    post.withdraw()
    post.publish()
    post.trash()
    post.restore()
    assert held == []


def test_an_answer_is_rendered_before_the_database_is_held(client, held, make_post):
    post = make_post()
    del held[:]
    form = {"comment": "*Yes* [b](https://c.example)", "author": "Ann", "email": "ann@example.com"}
    client.post(f"/comments/{post.pk}/", form, HTTP_SEC_FETCH_SITE="same-origin")
    assert Comment.objects.count() == 1
    assert held and True not in held


# Where there is no end to it


def test_a_draft_without_a_page_stays_a_draft_and_says_so(desk, fields, no_end):
    answer = desk.post("/desk/write/", fields(title="Long", source=LONG, action="publish"), follow=True)
    post = Post.objects.get()
    assert post.source.startswith("Word *by* word.") and post.status == "draft" and post.html == ""
    assert "it stays a draft" in answer.content.decode()


def test_a_public_post_keeps_the_page_that_it_has_and_says_so(desk, fields, no_end, make_post, client):
    post = make_post(source="Short.")
    sent = fields(title="Long", source=LONG, status="published", action="update", base_revision=post.newest_revision.pk)
    answer = desk.post(f"/desk/posts/{post.pk}/", sent, follow=True)
    post.refresh_from_db()
    assert post.source.startswith("Word *by* word.") and post.html == "<p>Short.</p>"
    assert "Readers still see the earlier page" in answer.content.decode()
    assert "Short." in client.get(post.get_absolute_url()).content.decode()


def test_the_next_save_tries_again(desk, fields, make_post, monkeypatch, no_end):
    post = make_post(source=LONG, draft=True)
    post.keep_revision(post.author)
    assert post.render_error == "unfinished"
    monkeypatch.setattr(
        rendering, "render_in_process", lambda text, **options: markup.render(text, markup.POST, **options)
    )
    desk.post(f"/desk/posts/{post.pk}/", fields(title="x", source=LONG, base_revision=post.newest_revision.pk))
    post.refresh_from_db()
    assert post.render_error == "" and "<em>by</em>" in post.html


# Rendering anew


@pytest.mark.parametrize(
    ("source", "stored_notices", "stored", "kept"),
    [
        ("<div>" * 400, [], "<p>former</p>", True),
        ("<div>" * 400, None, "<p>former</p>", True),
        ("<script>x</script>a", [], "<p>former</p>", True),
        ("<script>x</script>a", None, "<p>former</p>", False),  # it was dropped then, too
        ("<script>x</script>a", [[1, "dropped", "<script>"]], "<p>former</p>", False),
        ("<script>x</script>a", [[7, "dropped", "<script>"]], "<p>former</p>", False),
        ("*a*", [], "<p>former</p>", False),
        ("*a*", [[1, "as_typed", "table"]], "<p>former</p>", False),
        ("<div>" * 400, None, None, False),  # it was shown as typed altogether
    ],
)
def test_rendering_anew_makes_no_post_worse(make_post, source, stored_notices, stored, kept):
    post = make_post(source=source)
    stored = markup.as_typed(post.source) if stored is None else stored
    Post.objects.update(html=stored, render_notices=stored_notices, html_version=markup.VERSION - 1)
    jobs.queue_rerender()
    run_ready("long")
    post.refresh_from_db()
    assert (post.html == stored, post.render_error) == (kept, "worse" if kept else "")
    assert not jobs.old_posts().exists()


def test_a_post_that_keeps_its_former_page_is_listed_and_can_take_the_new_one(desk, fields, make_post):
    post = make_post("Old one", source="<div>" * 400)
    Post.objects.update(html="<p>former</p>", render_notices=[], html_version=markup.VERSION - 1)
    jobs.queue_rerender()
    run_ready("long")
    page = desk.get("/desk/posts/").content.decode()
    assert "still show the HTML of an earlier version" in page and f'href="/desk/posts/{post.pk}/"' in page
    assert "an earlier version of Longrun rendered it" in desk.get(f"/desk/posts/{post.pk}/").content.decode()
    sent = fields(title="Old one", source=post.source, status="published", action="update", slug=post.slug)
    desk.post(f"/desk/posts/{post.pk}/", sent | {"base_revision": post.newest_revision.pk})
    post.refresh_from_db()
    assert post.render_error == "" and "former" not in post.html
    assert "still show the HTML of an earlier version" not in desk.get("/desk/posts/").content.decode()


# What is told


SOURCE = "One.\n\nSee <style>b</style> there.\n"


def test_what_is_left_out_is_told_at_every_place(desk, fields, make_post):
    told = "Line 3: &lt;style&gt; was removed"
    saved = desk.post("/desk/write/", fields(title="New", source=SOURCE, action="publish"), follow=True)
    post = Post.objects.get()
    pages = {
        "at Save": saved,
        "after publishing": desk.get(f"/desk/posts/{post.pk}/"),
        "beside": desk.post("/desk/preview/", {"source": SOURCE}),
        "preview": desk.get(f"/desk/posts/{post.pk}/preview/"),
        "preview of the form": desk.post(f"/desk/posts/{post.pk}/preview/", fields(title="New", source=SOURCE)),
        "before publishing": desk.get(f"/desk/posts/{post.pk}/checks/"),
    }
    assert [name for name, page in pages.items() if told not in page.content.decode()] == []
    assert told not in desk.get(post.get_absolute_url()).content.decode()


def test_a_text_with_nothing_left_out_is_told_nothing(desk, make_post):
    post = make_post(source="Just <em>words</em> & [a link](https://example.com).")
    assert "is not shown as written" not in desk.get(f"/desk/posts/{post.pk}/").content.decode()


@pytest.mark.parametrize(("line", "count"), [(1, 1_000_001), (3, 1_000_005)])
def test_a_text_over_its_length_is_refused_at_its_line(desk, fields, line, count):
    source = "a\n" * (line - 1) + "b" * (count - 2 * (line - 1))
    answer = desk.post("/desk/write/", fields(title="Long", source=source))
    assert answer.status_code == 422 and not Post.objects.exists()
    assert f"in line {line}" in answer.content.decode() and source[-1000:] in answer.content.decode()
