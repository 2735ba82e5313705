"""A comment's words stand in the pattern of its shape as they are: escaped, and never read as a pattern themselves."""

import re
from html import unescape

import pytest
from django.test import Client

from comments.models import Comment
from ground.models import Site

pytestmark = pytest.mark.db

ODD = "%(id)s %d %% <b>\x02name\x03</b> & “Söhne”"


def test_odd_words_are_printed_as_they_are(post, make_comment):
    post.move_to("läufe-für-100-leute")
    first = make_comment("x", name=ODD, url="https://example.org/?a=1&b=%20")
    Comment.objects.filter(pk=first.pk).update(name=ODD, html="<p>100 % of %(name)s</p>")
    answer = make_comment("y", name="Bob", parent=first)
    page = Client().get(post.path).content.decode()
    said = re.search(r'class="comment__name p-name u-url" href="([^"]*)"[^>]*>(.*?)</a>', page)
    assert unescape(said[1]) == "https://example.org/?a=1&b=%20"
    assert unescape(said[2]) == ODD and "<b>" not in said[2]
    assert "<p>100 % of %(name)s</p>" in page
    assert f'aria-label="Comment by Bob, reply to {said[2]}"' in page
    assert f'{post.get_absolute_url()}#comment-{answer.pk}"' in page


def test_a_shape_holds_nothing_of_the_comment_it_was_made_for(post, make_comment):
    """Rendered once, filled many times: what one comment has does not show on the next."""
    make_comment("one", name="Ann Arbor", url="https://example.org/ann")
    make_comment("two", name="Bob Brown")
    make_comment("three", name="")
    page = Client().get(post.path).content.decode()
    ann, bob, nobody = re.findall(r"<article class=\"comment .*?</article>", page, re.DOTALL)
    assert "example.org/ann" in ann and ">AA<" in ann
    assert "example.org" not in bob and "Ann" not in bob and ">BB<" in bob
    assert "Anonymous" in nobody and ">A<" in nobody


def test_dates_are_the_blogs_own(post, make_comment):
    comment = make_comment("x")
    Comment.objects.filter(pk=comment.pk).update(posted_at="2026-05-03T22:04:59Z")
    assert "May 3, 2026 at 10:04 p.m." in Client().get(post.path).content.decode()
    site = Site.objects.get()
    site.timezone = "Asia/Tokyo"
    site.save()
    page = Client().get(post.path).content.decode()
    assert "May 4, 2026 at 7:04 a.m." in page and 'datetime="2026-05-04T07:04:59+09:00"' in page
