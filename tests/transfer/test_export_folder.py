"""The blog as text files and as JSON: everything is in it, nothing that is not public stands where a build shows it."""

import io
import json

import pytest
import yaml
from django.core.management import CommandError, call_command

from blog.models import Media, Post
from comments.models import Comment
from tests import furnished
from tests.transfer.cards import post_with_card
from transfer.exporting.files import path_inside

pytestmark = pytest.mark.django_db


@pytest.fixture
def blog_of_ada(ada, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    furnished.furnish(ada)
    secret = Post.objects.create(title="Secret", source="Nobody reads this.", author=ada)
    secret.set_password("finish line")
    secret.publish()
    Comment.objects.create(post=secret, text="Behind the lock", state="approved", name="Al", email="al@example.org")
    return ada


@pytest.fixture
def folder(blog_of_ada, tmp_path):
    target = tmp_path / "out"
    call_command("export_markdown", target, stdout=io.StringIO())
    return target


def parsed(path):
    head, _line, text = path.read_text(encoding="utf-8").removeprefix("---\n").partition("\n---\n\n")
    return yaml.safe_load(head), text.rstrip("\n")


def test_every_post_is_a_file_at_its_address(folder):
    files = [parsed(path) for path in folder.glob("content/p*/*")]
    found = {facts["longrun"]["number"]: (facts, text) for facts, text in files}
    assert set(found) == set(Post.objects.values_list("pk", flat=True)) and len(files) == len(found)
    for post in Post.objects.all():
        facts, text = found[post.pk]
        assert text == post.source.rstrip("\n")
        assert (facts.get("url"), facts.get("title", "")) == (post.path, post.title)
        is_open = post.status == "published" and post.visibility == "public"
        assert facts.get("draft") is (None if is_open else True)


def test_comments_of_what_is_public_stand_beside_without_addresses(folder):
    public = "".join(path.read_text(encoding="utf-8") for path in folder.glob("data/comments/*.yaml"))
    shown = yaml.safe_load(public)
    open_posts = Post.objects.open().filter(visibility="public")
    expected = Comment.objects.approved().filter(post__in=open_posts)
    assert {each["number"] for each in shown} == set(expected.values_list("pk", flat=True))
    assert "@" not in public and "Behind the lock" not in public
    private = "".join(path.read_text(encoding="utf-8") for path in folder.glob("private/comments/*.yaml"))
    assert {each["number"] for each in yaml.safe_load(private)} == set(Comment.objects.values_list("pk", flat=True))
    assert folder.stat().st_mode & 0o077 == 0


def test_files_lie_where_texts_show_them(folder):
    for media in Media.objects.all():
        assert (folder / "static" / media.get_absolute_url().strip("/")).is_file()


def test_a_link_card_stands_beside_the_text_with_its_picture(blog_of_ada, tmp_path):
    card = post_with_card("https://example.org/rivers", blog_of_ada)
    call_command("export_markdown", tmp_path / "out", stdout=io.StringIO())
    (path,) = (tmp_path / "out" / "content" / "posts").glob("*a-card.md")
    head, text = path.read_text(encoding="utf-8").split("---\n")[1:]
    facts = {"address": card.address, "title": "Rivers & <seas>", "site": "Rivers", "picture": card.picture_path}
    assert yaml.safe_load(head)["longrun"]["cards"] == [facts]
    assert f"\n\n{card.address}\n\n" in text, "the text itself stays as it is"
    assert (tmp_path / "out" / "static" / card.picture_path.strip("/")).read_bytes() == bytes(card.picture)


def test_a_full_folder_is_left_alone(folder):
    before = sorted(folder.rglob("*"))
    with pytest.raises(CommandError, match="not empty"):
        call_command("export_markdown", folder, stdout=io.StringIO())
    assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize("inside", ["../x", "a/../../x", "/etc/x"])
def test_no_name_leads_out_of_the_folder(tmp_path, inside):
    with pytest.raises(ValueError, match="outside"):
        path_inside(tmp_path, inside)


def test_json_has_every_row_and_no_secret(blog_of_ada, tmp_path):
    blog_of_ada.set_password("correct horse battery")
    blog_of_ada.save()
    path = tmp_path / "blog.json"
    call_command("export_json", path, stdout=io.StringIO())
    text = path.read_text(encoding="utf-8")
    whole = json.loads(text)
    assert {post["id"] for post in whole["posts"]} == set(Post.objects.values_list("pk", flat=True))
    comments = [comment["id"] for post in whole["posts"] for comment in post["comments"]]
    assert sorted(comments) == sorted(Comment.objects.values_list("pk", flat=True))
    assert sum(len(post["revisions"]) for post in whole["posts"]) > 0 and whole["site"]["title"]
    secrets = [blog_of_ada.password, *Post.objects.exclude(password="").values_list("password", flat=True)]
    assert len(secrets) > 1 and not any(secret in text for secret in secrets)
    assert path.stat().st_mode & 0o077 == 0
