"""A comment's words stand in the pattern of its shape as they are: escaped, and never read as a pattern themselves."""

import re
from html import unescape

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from django.test import Client

from comments.forms import CommentForm
from comments.models import Comment, DiscussionSettings
from comments.templatetags.comments import form_context
from core.models import Site
from tests.markup import squeeze

pytestmark = pytest.mark.db

ODD = "%(id)s %d %% <b>\x02name\x03</b> & “Söhne”"


def test_odd_words_are_printed_as_they_are(post, make_comment):
    post.move_to("läufe-für-100-leute")
    first = make_comment("x", name=ODD, url="https://example.org/?a=1&b=%20")
    Comment.objects.filter(pk=first.pk).update(name=ODD, html="<p>100 % of %(name)s</p>")
    answer = make_comment("y", name="Bob", parent=first)
    page = Client().get(post.path).content.decode()
    said = re.search(r'class="comment__name p-name u-url" href="([^"]*)"[^>]*>(.*?)</a>', squeeze(page))
    assert unescape(said[1]) == "https://example.org/?a=1&b=%20"
    assert unescape(said[2]) == ODD and "<b>" not in said[2]
    assert "<p>100 % of %(name)s</p>" in page
    assert f'aria-label="Comment by \u2068Bob\u2069, reply to \u2068{said[2]}\u2069"' in page
    assert f'{post.get_absolute_url()}#comment-{answer.pk}"' in page


def test_a_shape_holds_nothing_of_the_comment_it_was_made_for(post, make_comment):
    """Rendered once, filled many times: what one comment has does not show on the next."""
    make_comment("one", name="Ann Arbor", url="https://example.org/ann")
    make_comment("two", name="Bob Brown")
    make_comment("three", name="")
    page = Client().get(post.path).content.decode()
    ann, bob, nobody = re.findall(r"<article class=\"comment .*?</article>", squeeze(page), re.DOTALL)
    assert "example.org/ann" in ann and ">AA<" in ann
    assert "example.org" not in bob and "Ann" not in bob and ">BB<" in bob
    assert "Anonymous" in nobody and ">A<" in nobody


def test_dates_are_the_blogs_own(post, make_comment):
    comment = make_comment("x")
    Comment.objects.filter(pk=comment.pk).update(posted_at="2026-05-03T22:04:59Z")
    assert "May 3, 2026 at 10:04 pm" in Client().get(post.path).content.decode()
    site = Site.objects.get()
    site.timezone = "Asia/Tokyo"
    site.save()
    page = Client().get(post.path).content.decode()
    assert "May 4, 2026 at 7:04 am" in page and 'datetime="2026-05-04T07:04:59+09:00"' in page


def form_on(post, client=None):
    page = (client or Client()).get(post.get_absolute_url()).content.decode()
    return re.search(r'<section class="respond.*?</section>', squeeze(page), re.DOTALL)[0]


def form_made_for(post):
    nobody = AnonymousUser()
    form = CommentForm(post=post, user=nobody, initial={"parent": ""})
    return render_to_string("comments/_form.html", {"post": post, "form": form, **form_context(post, nobody)})


@pytest.mark.parametrize("mail", [True, False])
def test_the_form_of_all_guests_is_the_one_of_each_post(make_post, stand_in, mail, monkeypatch):
    monkeypatch.setattr("core.mail.is_configured", lambda: mail)
    posts = make_post("One"), make_post("Two"), make_post("Shut")
    for _time in range(2):
        for post in posts:
            assert form_on(post) == squeeze(form_made_for(post))
            assert f"/comments/{post.pk}/" in form_on(post) and "8070605" not in form_on(post)


def test_the_form_of_all_guests_follows_the_settings(post, django_capture_on_commit_callbacks):
    assert "Name (required)" in form_on(post)
    with django_capture_on_commit_callbacks(execute=True):
        settings = DiscussionSettings.objects.get()
        settings.require_name_email = False
        settings.save()
    assert "Name (required)" not in form_on(post)


def test_who_is_known_or_answers_gets_a_form_of_their_own(post, make_comment, ada, client):
    comment = make_comment("x", name="Ann")
    page = Client().get(f"{post.get_absolute_url()}?replytocom={comment.pk}").content.decode()
    assert f'name="parent" value="{comment.pk}"' in page and "Leave a Reply to <bdi>Ann</bdi>" in page
    client.force_login(ada)
    assert "You are commenting using your" in form_on(post, client)
    assert "You are commenting" not in form_on(post)
