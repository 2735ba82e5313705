"""HTML texts become Markdown: shown first, nothing lost, undoable; for one post and for all."""

import pytest
from django.urls import reverse

from blog.models import Post
from core import jobs
from transfer import markdown_conversion
from transfer.models import ConvertedPost, MarkdownConversion

pytestmark = [pytest.mark.db, pytest.mark.django_db]
HTML = (
    '<p>Ten <strong>miles</strong>, see <a href="/about/">me</a>.</p><!--more Read on-->'
    '<p><img src="/media/x.png" alt="The line"></p><ul><li>One</li><li>Two</li></ul>'
)
MARKDOWN = "Ten **miles**, see [me](/about/).\n\n<!--more Read on-->\n\n![The line](/media/x.png)\n\n- One\n- Two\n"
LOSING = "<p>One</p><table><tr><td><pre>a\n\nb</pre></td></tr></table>"
ALL = "/desk/posts/markdown/"


@pytest.fixture
def html_post(make_post):
    def html_post(title="A", source=HTML, **facts):
        post = make_post(title, source="x", **facts)
        post.revise(post.author, source=source, source_format="html")
        return Post.objects.get(pk=post.pk)

    return html_post


def page_of(post):
    return reverse("desk_post_markdown", args=[post.pk])


def work():
    jobs.run_ready("long")


def fresh(post):
    return Post.objects.get(pk=post.pk)


def test_what_would_change_is_shown_and_nothing_is_stored(as_, ada, html_post):
    post = html_post()
    shown = as_(ada).get(page_of(post)).content.decode()
    assert "Nothing is lost" in shown and "links: 1, pictures: 1" in shown and "Ten **miles**" in shown
    assert fresh(post).source == HTML


def test_a_post_becomes_markdown_and_html_again(as_, ada, html_post):
    post, owner = html_post(), as_(ada)
    before = post.html
    assert "is Markdown now" in owner.post(page_of(post), {"action": "turn"}, follow=True).content.decode()
    now = fresh(post)
    assert (now.source_format, now.source) == ("markdown", MARKDOWN) and now.updated_at == post.updated_at
    assert now.teaser_html.count("Ten") == 1 and now.more_text == "Read on"
    kept = now.revisions.get(source_format="html", source=HTML)
    assert kept.name
    owner.post(page_of(post), {"action": "undo"})
    assert (fresh(post).source, fresh(post).source_format, fresh(post).html) == (HTML, "html", before)
    assert "Nothing is lost" in owner.get(page_of(post)).content.decode()


def test_signs_of_the_extended_syntax_stay_what_they_were(as_, ada, html_post):
    post = html_post(source="<p>From $a to b$, ==so== :smile:</p>", extended_markdown=True)
    as_(ada).post(page_of(post), {"action": "turn"})
    now = fresh(post)
    assert (now.source_format, now.extended_markdown, now.html) == ("markdown", False, post.html)


def test_what_was_edited_since_is_not_undone(as_, ada, html_post):
    post, owner = html_post(), as_(ada)
    owner.post(page_of(post), {"action": "turn"})
    fresh(post).revise(ada, source="Another text")
    assert "Back to HTML" not in owner.get(page_of(post)).content.decode()
    owner.post(page_of(post), {"action": "undo"})
    assert fresh(post).source == "Another text"


def test_a_post_that_would_lose_something_stays_html_and_says_what(as_, ada, html_post):
    post, owner = html_post(source=LOSING), as_(ada)
    shown = owner.get(page_of(post)).content.decode()
    assert "stays HTML" in shown and "The lines of a code block would change" in shown and 'value="turn"' not in shown
    owner.post(page_of(post), {"action": "turn"})
    assert fresh(post).source == LOSING


@pytest.mark.parametrize(
    ("lost", "said"),
    [
        ("[me](/about/)", "The link “me” to /about/ would be lost"),
        ("![The line](/media/x.png)", "The picture /media/x.png (“The line”) would be lost"),
        ("**miles**", "The words “miles, see"),
        ("- One\n- Two\n", "The structure would change: li, ul"),
    ],
)
def test_a_writer_that_loses_something_is_found_out(html_post, monkeypatch, lost, said):
    post = html_post()
    monkeypatch.setattr(markdown_conversion, "html_to_markdown", lambda *_a, **_k: MARKDOWN.replace(lost, ""))
    losses = markdown_conversion.trial_of(post).losses
    assert any(said in loss for loss in losses), losses
    with pytest.raises(markdown_conversion.Changed):
        markdown_conversion.turn_one(post, post.author)
    assert fresh(post).source == HTML and not ConvertedPost.objects.exists()


def test_unpublished_changes_are_not_lost(as_, ada, html_post):
    post, owner = html_post(), as_(ada)
    post.store_as_revision(ada, kind="kept", title="A", source="<p>New</p>", source_format="html", excerpt="")
    assert "It has unpublished changes" in owner.get(page_of(post)).content.decode()
    owner.post(page_of(post), {"action": "turn"})
    assert fresh(post).source == HTML


def test_who_may_not_edit_a_post_may_not_turn_it(as_, arthur, rene, html_post):
    post = html_post()
    for person in (arthur, rene, None):
        assert as_(person).post(page_of(post), {"action": "turn"}).status_code in (302, 403, 404)
        assert as_(person).post(ALL, {"action": "try"}).status_code in (302, 403)
    assert fresh(post).source == HTML and not MarkdownConversion.objects.exists()


def test_all_posts_are_tried_turned_and_turned_back(as_, ada, html_post, make_post):
    owner = as_(ada)
    posts = [html_post(f"Post {number}") for number in range(3)]
    losing, trashed, other = html_post("Losing", LOSING), html_post("Trashed"), make_post("Other", source="*a*")
    trashed.trash()
    assert "4 posts and pages are HTML" in owner.get(ALL).content.decode()
    owner.post(ALL, {"action": "try"})
    assert owner.get(f"{ALL}progress/").json()["active"] and "Being tried" in owner.get(ALL).content.decode()
    work()
    shown = owner.get(ALL).content.decode()
    assert "Turn 3 posts into Markdown" in shown and "The lines of a code block" in shown
    assert fresh(posts[0]).source == HTML  # nothing yet
    owner.post(ALL, {"action": "turn"})
    work()
    assert {fresh(post).source_format for post in posts} == {"markdown"}
    assert {fresh(post).source_format for post in (losing, trashed)} == {"html"} and fresh(other).source == "*a*"
    fresh(posts[0]).revise(ada, source="Edited since")
    owner.post(ALL, {"action": "undo"})
    work()
    assert [fresh(post).source for post in posts] == ["Edited since", HTML, HTML]
    assert "It was changed since it was turned" in owner.get(ALL).content.decode()


def test_a_stopped_conversion_turns_no_further(as_, ada, html_post, monkeypatch):
    owner, posts = as_(ada), [html_post(f"Post {number}") for number in range(3)]
    owner.post(ALL, {"action": "try"})
    work()
    turn = markdown_conversion.turn

    def stopping(*args):
        owner.post(ALL, {"action": "stop"})
        turn(*args)

    monkeypatch.setattr(markdown_conversion, "turn", stopping)
    owner.post(ALL, {"action": "turn"})
    work()
    assert sum(fresh(post).source_format == "markdown" for post in posts) == 1
    assert MarkdownConversion.objects.first().state == "cancelled"


def test_a_conversion_that_fails_says_so(as_, ada, html_post, monkeypatch):
    owner = as_(ada)
    html_post()
    monkeypatch.setitem(markdown_conversion.STEPS, MarkdownConversion.Step.TRY, lambda _conversion: [1 / 0])
    owner.post(ALL, {"action": "try"})
    work()
    page = owner.get(ALL).content.decode()
    assert MarkdownConversion.objects.get().state == "failed" and "ZeroDivisionError" in page
    assert "<progress" not in page


def test_a_restart_goes_on_where_it_stopped(html_post, ada):
    for number in range(3):
        html_post(f"Post {number}")
    conversion = MarkdownConversion.objects.create(by=ada)
    for _done in markdown_conversion.try_all(conversion):
        break
    assert conversion.posts.count() == 1
    list(markdown_conversion.try_all(conversion))
    assert conversion.posts.count() == 3


def test_a_post_that_changed_since_it_was_tried_is_tried_again(as_, ada, html_post):
    owner, post = as_(ada), html_post()
    owner.post(ALL, {"action": "try"})
    work()
    fresh(post).revise(ada, source=LOSING)
    owner.post(ALL, {"action": "turn"})
    work()
    assert fresh(post).source == LOSING and ConvertedPost.objects.get().result == "refused"


@pytest.mark.parametrize("action", ["", "turn", "undo", "stop", "x"])
def test_no_button_without_a_conversion_is_an_error(as_, ada, action, make_post):
    owner, post = as_(ada), make_post()
    assert owner.post(ALL, {"action": action}, follow=True).status_code == 200
    assert owner.post(page_of(post), {"action": action}, follow=True).status_code == 200


def test_the_editor_of_an_html_post_leads_there(as_, ada, html_post, make_post):
    owner = as_(ada)
    link = "Turn into Markdown</a>"
    assert link in owner.get(reverse("desk_post", args=[html_post().pk])).content.decode()
    assert link not in owner.get(reverse("desk_post", args=[make_post("M").pk])).content.decode()
