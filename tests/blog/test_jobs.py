"""What the blog does by itself."""

from datetime import timedelta

import pytest
from django.utils import timezone

from blog import jobs, markup
from blog.models import Post
from comments.jobs import look_for_old_comments
from comments.models import Comment
from core.jobs import run_ready

pytestmark = pytest.mark.django_db(transaction=True)


def test_html_of_an_older_version_is_made_anew(make_post):
    post = make_post("Old", "*new*")
    comment = Comment.objects.create(post=post, text="*also*", name="Ann", state="approved")
    Post.objects.update(html="<p>old</p>", html_version=markup.VERSION - 1)
    Comment.objects.update(html="<p>old</p>", html_version=markup.VERSION - 1)
    before = Post.objects.get().updated_at
    jobs.queue_rerender()
    look_for_old_comments()
    run_ready("long")
    post.refresh_from_db()
    comment.refresh_from_db()
    assert "<em>new</em>" in post.html
    assert "<em>also</em>" in comment.html
    assert post.updated_at == before


def test_a_text_that_is_saved_while_all_are_made_anew_stays(make_post, monkeypatch):
    first, second = make_post("First"), make_post("Second")
    Post.objects.update(html_version=markup.VERSION - 1)
    save = Post.save

    def and_somebody_else_saves(post, *args, **kwargs):
        save(post, *args, **kwargs)
        if post.pk == first.pk:
            other = Post.objects.get(pk=second.pk)
            other.source = "Newer."
            save(other)

    monkeypatch.setattr(Post, "save", and_somebody_else_saves)
    jobs.queue_rerender()
    run_ready("long")
    second.refresh_from_db()
    assert second.source == "Newer." and second.html_version == markup.VERSION


def test_every_public_post_is_announced_once(make_post):
    due, later = make_post("Due", at=timezone.now()), make_post("Later", at=timezone.now() + timedelta(days=1))
    hidden = make_post("Private", at=timezone.now(), visibility="private")
    jobs.announce()
    for post in (due, later, hidden):
        post.refresh_from_db()
    told = due.announced_at
    assert told
    assert later.announced_at is None
    assert hidden.announced_at is None
    jobs.announce()
    due.refresh_from_db()
    assert due.announced_at == told


def test_back_dated_posts_are_born_announced(make_post, on):
    assert make_post(at=on(2019, 1, 1)).announced_at


def test_another_language_files_all_words_anew(client, ada, as_, make_post):
    from blog import search

    make_post("Über Schuhe", "Läufe im Park")
    desk = as_(ada)
    page = desk.get("/desk/settings/")
    forms = (page.context["site_form"], page.context["reading_form"])
    sent = {field.html_name: field.value() for form in forms for field in form if field.value() not in (None, False)}
    answer = desk.post("/desk/settings/", sent | {"site-language": "de"})
    assert answer.status_code == 302
    assert len(search.find("Schuh", ada)) == 0
    run_ready("long")
    assert len(search.find("Schuh", ada)) == 1
