"""Comments from another system: text with a few tags, and a second fragment for their former number."""

from time import thread_time

import pytest
from django.urls import reverse

from blog import markup
from comments.models import Comment
from tests.pace import allowed


def html(text):
    return markup.render(text, markup.COMMENT, source_format="html").html


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("One line.\nAnother.\n\nNew paragraph.", "<p>One line.<br>\nAnother.</p>\n<p>New paragraph.</p>"),
        ("Not *Markdown*, 1_000_000 and # no heading", "<p>Not *Markdown*, 1_000_000 and # no heading</p>"),
        ("1. not a list", "<p>1. not a list</p>"),
        ("<b>Yes</b> <I>no</I>", "<p><strong>Yes</strong> <em>no</em></p>"),
        ("<bdi>a</bdi> <img src=x> <iframe>", "<p>a  </p>"),
        ("She said <q cite='x'>run</q>.", "<p>She said “run”.</p>"),
        ("<em>Yes</em> <strong>no</strong>", "<p><em>Yes</em> <strong>no</strong></p>"),
        ("R&amp;B and AT&T, 1 < 2", "<p>R&amp;B and AT&amp;T, 1 &lt; 2</p>"),
        ("x<script>alert(1)</script>y", "<p>xy</p>"),
        ('<p onclick="x()">Hi</p>', "<p>Hi</p>"),
    ],
)
def test_a_comment_with_tags_is_shown_as_wordpress_showed_it(text, shown):
    assert html(text) == shown


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("See http://example.com/a_b.", "http://example.com/a_b"),
        ("See www.example.com, please", "http://www.example.com"),
        ("(https://example.com/x)", "https://example.com/x"),
    ],
)
def test_urls_become_links(text, target):
    assert f'<a href="{target}" rel="nofollow ugc noopener">' in html(text)


def test_a_link_is_not_linked_again():
    assert html('<a href="http://a.example/">http://a.example/</a>').count("<a ") == 1


def test_lines_of_code_stay_lines():
    assert "<br" not in html("<pre>one\n\ntwo</pre>") and "one\n\ntwo" in html("<pre>one\n\ntwo</pre>")


def test_a_list_gets_no_line_breaks():
    assert "<br" not in html("<ul>\n<li>one</li>\n<li>two</li>\n</ul>")


def test_a_long_comment_is_kept_whole():
    """WordPress stores 65,535 bytes, six times what readers may post here."""
    text = "All of it. " * 5900
    assert html(text).count("All of it.") == 5900


@pytest.mark.parametrize(
    "text", ["&" * 69_000, "<" * 69_000, "<a " * 20_000, "http://" * 9_000, "<pre>" * 12_000, "<a><b>" * 9_000]
)
def test_hostile_texts_end_soon(text):
    began = thread_time()
    assert html(text)
    assert thread_time() - began < allowed(3)


def test_saving_again_keeps_the_format(make_post, db):
    comment = Comment.objects.create(
        post=make_post(), text="a * b *", source_format="html", state="approved", name="Bo"
    )
    assert comment.html == "<p>a * b *</p>"
    comment.text = "2 * 3 *"
    comment.save()
    Comment.objects.update(html_version=0)
    fresh = Comment.objects.get()
    fresh.rerender()
    assert Comment.objects.get().html == "<p>2 * 3 *</p>"


def test_the_former_number_is_a_second_fragment(client, make_post):
    post = make_post()
    first = Comment.objects.create(post=post, text="One", state="approved", name="Bo", former_number=4711)
    page = client.get(post.get_absolute_url()).content.decode()
    assert page.count('id="comment-4711"') == 1 and page.count(f'id="comment-{first.pk}"') == 1
    other = Comment.objects.create(pk=4711, post=post, text="Two", state="approved", name="Al")
    page = client.get(post.get_absolute_url()).content.decode()
    assert page.count('id="comment-4711"') == 1 and reverse("comment_permalink", args=[other.pk])
