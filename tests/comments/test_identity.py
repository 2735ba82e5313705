"""What of an account stands beside a comment: copied when it is posted, and never hot-linked."""

from urllib.parse import urlsplit

import pytest
from django.test import Client

from comments.models import Comment
from core.jobs import run_ready
from tests.comments.readers import HOME


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def ann(guest, post, stand_in):
    """A browser in which Ann has come by GitHub."""
    page = guest.post(f"/comments/{post.pk}/as/github/", {"comment": ""})
    back = urlsplit(stand_in.choose(page.context["address"], "ann"))
    guest.get(f"{back.path}?{back.query}")
    return guest


def test_name_picture_and_profile_are_copied(ann, post):
    run_ready()
    ann.post(f"/comments/{post.pk}/", {"comment": "Well said."})
    comment = Comment.objects.get()
    assert (comment.name, comment.url) == ("Ann Reader", "https://github.com/ann")
    assert comment.avatar.startswith("/accounts/picture/")


def test_what_stands_there_stays_when_the_account_changes(ann, post):
    run_ready()
    ann.post(f"/comments/{post.pk}/", {"comment": "Well said."})
    ann.post("/accounts/", {"name": "Another", "website": "https://another.example"})
    comment = Comment.objects.get()
    assert (comment.name, comment.url) == ("Ann Reader", "https://github.com/ann")


def test_a_website_of_ones_own_goes_before_the_profile(ann, post):
    ann.post("/accounts/", {"name": "Ann", "website": "https://ann.example"})
    ann.post(f"/comments/{post.pk}/", {"comment": "Well said."})
    assert Comment.objects.get().url == "https://ann.example"


def test_who_writes_quickly_gets_the_picture_a_little_later(ann, post):
    ann.post(f"/comments/{post.pk}/", {"comment": "Well said."})
    assert Comment.objects.get().avatar == ""
    run_ready()
    assert Comment.objects.get().avatar.startswith("/accounts/picture/")


def test_no_page_asks_a_stranger_for_a_face(ann, post, make_comment, stand_in):
    make_comment("Imported.", avatar="https://gravatar.example/face.png")
    run_ready()
    ann.post(f"/comments/{post.pk}/", {"comment": "Well said."})
    page = ann.get(post.path).content.decode()
    assert 'src="/accounts/picture/' in page
    assert "gravatar.example" not in page and stand_in.url not in page


def test_who_has_no_picture_is_drawn_by_initials(rene, as_, post):
    client = as_(rene)
    client.post(f"/comments/{post.pk}/", {"comment": "Well said."}, headers={"origin": "http://localhost:8000"})
    page = client.get(post.path).content.decode()
    assert '<span class="comment__avatar" aria-hidden="true"><bdi>R</bdi></span>' in page


def test_readers_see_who_is_logged_in_who_wrote_the_post_and_who_typed_a_name(ann, ada, as_, post, say, discussion):
    discussion.previously_approved = False
    discussion.save()
    ann.post(f"/comments/{post.pk}/", {"comment": "By GitHub."})
    as_(ada).post(f"/comments/{post.pk}/", {"comment": "By the author."}, headers={"origin": HOME})
    say(Client(headers={"origin": HOME}), post, "By a guest.", author="Guest", email="guest@example.org")
    services = list(Comment.objects.order_by("pk").values_list("service", flat=True))
    assert services == ["github", "account", ""]
    page = Client().get(post.path).content.decode()
    assert page.count('class="comment__service"') == 1 and page.count('class="comment__author"') == 1
    assert page.index("comment__service") < page.index("By GitHub.") < page.index("comment__author")
