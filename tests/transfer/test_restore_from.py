"""A mirror becomes the blog that it was, hash for hash; whatever was tampered with is refused and changes nothing."""

import io
import json
import os
import re
import shutil
from datetime import date
from hashlib import sha256
from types import SimpleNamespace

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command

from blog.models import (
    Category,
    CssRevision,
    Media,
    MenuLink,
    Podcast,
    Post,
    ReadingSettings,
    Redirect,
    Revision,
    Tag,
    Visit,
)
from blog.models.reading_settings import usual_widgets
from comments.models import Comment, DiscussionSettings, StoppedAddress, Subscription
from server.setup.first_content import create_first_content
from tests import furnished
from tests.transfer import canonical
from tests.transfer.cards import post_with_card
from tests.transfer.restoring import emptied, restored
from transfer.restore.settings_rows import put, restore_references

pytestmark = [pytest.mark.db, pytest.mark.django_db]


@pytest.fixture
def blog_of_ada(ada, settings, tmp_path):
    settings.LONGRUN_DATA = tmp_path / "data"
    settings.MEDIA_ROOT = tmp_path / "data" / "media"
    furnished.furnish(ada)
    Podcast.objects.create(
        category=Category.objects.get(name="Running"), cover=Media.objects.get(), title="Ada runs",
        description="On foot.", author="Ada", email="ada@example.org", language="en", apple_category="Sports: Running",
    )  # fmt: skip
    DiscussionSettings.objects.create(link_limit=7, moderation_keys="watches")
    MenuLink.objects.create(title="Elsewhere", url="https://example.org/")
    reading, page = ReadingSettings.objects.get(), Post.objects.filter(kind="page").first()
    reading.front_page = reading.posts_page = page
    reading.front_posts, reading.front_categories = "cards", [Category.objects.first().pk]
    reading.text_widgets = [{"name": "text-1", "title": "Races", "text": "*May*"}]
    reading.widgets, reading.about_text = [["text-1", 0], ["posts", 7]], "I run."
    reading.about_picture = Media.objects.first()
    reading.save()
    post_with_card("https://example.org/public", ada)
    post_with_card("https://example.org/hidden", ada, side=12, visibility="private")
    Redirect.keep("/older/", Post.objects.get(title="The first mile"), public=True)
    Subscription.objects.create(address="sub@example.org", what="posts", confirmed_at="2026-03-01T10:00:00Z")
    StoppedAddress.objects.stop(["gone@example.org"], StoppedAddress.Why.BOUNCED)
    carl = get_user_model().objects.create_user("carl@example.com", "x", name="Carl", role="author", handle="carl")
    post = Post(author=carl, title="By Carl", source="<b>Bold</b> & `code`", source_format="html", language="de")
    post.publish(announced=True)
    eve = Comment.objects.create(post=post, text="One\n\nTwo", state="approved", name="Eve", email="eve@example.org")
    eve.move_to(Post.objects.get(title="The first mile"), None, ada)
    eve.revise(ada, text="One\n\nTwo\n\nThree")
    Comment.objects.pending().postpone(ada)
    Comment.objects.approved().filter(name="Bob").keep(ada)
    CssRevision.put_into_use("h1 { color: red }", carl, reading)
    CssRevision.put_into_use("h1 { color: blue }", ada, reading)
    Visit.objects.add({(post.pk, date(2025, 11, 30)): 12, (post.pk, date(2025, 12, 1)): 7})
    return ada


@pytest.fixture
def kit(blog_of_ada, settings, tmp_path):
    """The mirror with both parts, moved away from its blog."""
    call_command("mirror", "on", "--private", stdout=io.StringIO())
    target = tmp_path / "kit"
    shutil.copytree(tmp_path / "data" / "mirror", target)
    return target


def test_both_parts_give_everything_but_passwords(kit, settings, tmp_path):
    before = canonical.everything()
    assert all(before.values())
    emptied(settings, tmp_path)
    assert canonical.everything() != before
    said = restored(kit)
    assert "1 posts whose password did not come" in said
    assert canonical.everything() == before
    assert not get_user_model().objects.get(email="carl@example.com").has_usable_password()
    call_command("mirror", "on", "--private", stdout=io.StringIO())
    for part in ("public", "private"):
        again = json.loads((tmp_path / "new" / "mirror" / part / "manifest.json").read_text())["files"]
        first = json.loads((kit / part / "manifest.json").read_text())["files"]
        differing = {name for name in first.keys() | again.keys() if first.get(name) != again.get(name)}
        locked = Post.objects.get(title="Results").pk  # private now
        assert all(f"-{locked}." in name for name in differing), differing


def shown(client):
    """{path: the text of its page} of everything public."""
    found = {}
    for post in [*Post.objects.open(), *Category.objects.in_use(), *Tag.objects.in_use()]:
        page = client.get(post.get_absolute_url()).content.decode()
        main = page.partition("<main")[2].partition("</main>")[0]
        found[post.get_absolute_url()] = re.sub(r"\s+", " ", re.sub(r'value="[^"]*"|\?v=\w+', "", main))
    return found


def test_the_public_part_alone_gives_the_public_blog(kit, client, settings, tmp_path):
    Post.objects.filter(visibility="password").delete()
    Comment.objects.filter(text="Thrown away, and answered.").delete()
    call_command("mirror", "write", stdout=io.StringIO())
    shutil.copytree(tmp_path / "data" / "mirror" / "public", tmp_path / "alone")
    before, pages = canonical.public(), shown(client)
    emptied(settings, tmp_path)
    restored(tmp_path / "alone")
    assert canonical.public() == before and len(before["posts"]) > 10
    assert not Post.objects.exclude(status="published").exists() and not Comment.objects.pending().exists()
    assert not Comment.objects.exclude(email="").exists() and not Subscription.objects.exists()
    assert Revision.objects.count() == Post.objects.count()
    again = shown(client)
    assert {path for path in pages if pages[path] != again.get(path)} == set()


def test_a_json_export_gives_everything_too(kit, settings, tmp_path):
    call_command("export_json", tmp_path / "blog.json", stdout=io.StringIO())
    media = settings.MEDIA_ROOT
    before = canonical.everything()
    emptied(settings, tmp_path)
    restored(tmp_path / "blog.json", "--media", media)
    assert canonical.everything() == before


def test_a_json_export_without_its_files_says_what_is_missing(kit, settings, tmp_path):
    call_command("export_json", tmp_path / "blog.json", stdout=io.StringIO())
    emptied(settings, tmp_path)
    assert "1 missing files" in restored(tmp_path / "blog.json")


def test_the_first_content_makes_room_and_anything_else_does_not(kit, ada, settings, tmp_path):
    emptied(settings, tmp_path)
    ReadingSettings.objects.all().delete()
    DiscussionSettings.objects.all().delete()
    create_first_content(ada)
    restored(kit)
    assert Post.objects.filter(title="The first mile").exists() and Post.objects.filter(slug="about").count() == 0
    before = canonical.everything()
    with pytest.raises(CommandError, match="not empty"):
        restored(kit)
    assert canonical.everything() == before


def rewrite(part, path, data):
    """Change a file and its hash in the manifest: what somebody does who means harm."""
    (part / path).parent.mkdir(parents=True, exist_ok=True)
    (part / path).write_bytes(data)
    manifest = json.loads((part / "manifest.json").read_text())
    manifest["files"][path] = {"sha256": sha256(data).hexdigest(), "size": len(data)}
    (part / "manifest.json").write_text(json.dumps(manifest))


def a_path(part, start):
    return next(name for name in json.loads((part / "manifest.json").read_text())["files"] if name.startswith(start))


def changed(kit):
    path = kit / "public" / a_path(kit / "public", "posts/")
    path.write_text(path.read_text() + "more")


def missing(kit):
    (kit / "public" / a_path(kit / "public", "comments/")).unlink()


def linked(kit):
    path = kit / "public" / a_path(kit / "public", "comments/")
    (kit.parent / "outside.json").write_bytes(path.read_bytes())
    path.unlink()
    path.symlink_to(kit.parent / "outside.json")


def linked_folder(kit):
    (kit / "public/comments").rename(kit.parent / "elsewhere")
    (kit / "public/comments").symlink_to(kit.parent / "elsewhere")


def climbing(kit):
    (kit / "secret.json").write_text("[]")
    manifest = json.loads((kit / "public/manifest.json").read_text())
    manifest["files"]["../secret.json"] = {"sha256": sha256(b"[]").hexdigest(), "size": 2}
    (kit / "public/manifest.json").write_text(json.dumps(manifest))


def a_device(kit):
    path = kit / "public/people.json"
    path.unlink()
    os.mkfifo(path)


def a_huge_file(kit):
    path = kit / "public/tags.json"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    manifest = json.loads((kit / "public/manifest.json").read_text())
    manifest["files"]["tags.json"] = {"sha256": "0" * 64, "size": 1 << 40}
    (kit / "public/manifest.json").write_text(json.dumps(manifest))


def no_json(kit):
    rewrite(kit / "private", "people.json", b"[{")


def deep(kit):
    rewrite(kit / "private", "people.json", b"[" * 100_000)


def of_a_wrong_type(kit):
    rewrite(kit / "private", "subscriptions.json", b'[{"address": ["x"], "what": "posts", "how": "now"}]')


def a_list_as_history(kit):
    rewrite(kit / "private", a_path(kit / "private", "history/"), b'{"post": [1]}')


def a_number_as_settings(kit):
    rewrite(kit / "private", "settings.json", b'{"reading": 1}')


def an_unknown_state(kit):
    path = a_path(kit / "private", "comments/")
    rows = json.loads((kit / "private" / path).read_text())
    rows[0]["state"] = "<script>"
    rewrite(kit / "private", path, json.dumps(rows).encode())


def a_script_as_the_picture_of_a_card(kit):
    card = {
        "address": "https://example.org/",
        "title": "x",
        "site": "",
        "width": 9,
        "height": 9,
        "picture": "PHNjcmlwdD4=",
    }
    rewrite(kit / "private", "link_cards.json", json.dumps([card]).encode())


def half_a_surrogate(kit):
    rewrite(kit / "private", "tags.json", b'[{"id": 1, "name": "\\ud800", "slug": "x", "description": ""}]')


def a_path_as_a_name(kit):
    rows = json.loads((kit / "private/media.json").read_text())
    rows[0]["name"] = "../../../etc"
    rewrite(kit / "private", "media.json", json.dumps(rows).encode())


def another_kind_of_file(kit):
    folder = a_path(kit / "public", "media/").removesuffix(".json")
    rewrite(kit / "public", f"{folder}/full.png", b"<html>")


def styles_as_a_colour(kit):
    whole = json.loads((kit / "private/settings.json").read_text())
    whole["reading"]["accent"] = "}*{x:"
    rewrite(kit / "private", "settings.json", json.dumps(whole).encode())


def twice_the_same(kit):
    rows = json.loads((kit / "private/people.json").read_text())
    rewrite(kit / "private", "people.json", json.dumps([*rows, rows[-1] | {"email": "b@example.org"}]).encode())


def a_number_out_of_reach(kit):
    path = a_path(kit / "private", "comments/")
    rows = json.loads((kit / "private" / path).read_text())
    rows[0]["id"] = 10**30
    rewrite(kit / "private", path, json.dumps(rows).encode())


def another_format(kit):
    (kit / "public/manifest.json").write_text('{"format": "other", "version": 1, "files": {}}')


def a_newer_version(kit):
    manifest = json.loads((kit / "public/manifest.json").read_text())
    (kit / "public/manifest.json").write_text(json.dumps(manifest | {"version": 2}))


HOSTILE = [
    changed, missing, twice_the_same, linked, linked_folder, climbing, a_device, a_huge_file, no_json, deep,
    of_a_wrong_type, a_list_as_history, a_number_as_settings,
    an_unknown_state, half_a_surrogate, a_path_as_a_name, another_kind_of_file, styles_as_a_colour,
    a_number_out_of_reach, a_script_as_the_picture_of_a_card, another_format, a_newer_version,
]  # fmt: skip


@pytest.fixture
def plain_kit(ada, settings, tmp_path):
    """A small one, for many attempts."""
    settings.LONGRUN_DATA, settings.MEDIA_ROOT = tmp_path / "data", tmp_path / "data" / "media"
    from django.core.files.uploadedfile import SimpleUploadedFile

    from blog.media import uploads
    from tests.matrix import drawn

    picture = uploads.store_upload(SimpleUploadedFile("a.png", drawn(), "image/png"), ada)
    post = Post(author=ada, title="One", source=f"![x]({picture.get_absolute_url()})")
    post.publish(announced=True)
    post.tags.set(Tag.objects.called(["running"]))
    Comment.objects.create(post=post, text="Yes", state="approved", name="Al")
    Subscription.objects.create(address="sub@example.org", what="posts")
    call_command("mirror", "on", "--private", stdout=io.StringIO())
    return shutil.copytree(tmp_path / "data" / "mirror", tmp_path / "kit")


@pytest.mark.parametrize("harm", HOSTILE)
def test_a_hostile_folder_gets_a_clear_answer_and_changes_nothing(plain_kit, settings, tmp_path, harm):
    harm(plain_kit)
    emptied(settings, tmp_path)
    before = canonical.everything()
    with pytest.raises(CommandError, match="Nothing was restored"):
        restored(plain_kit)
    assert canonical.everything() == before
    assert [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()] == []


def test_html_is_made_here_and_scripts_do_not_come(plain_kit, settings, tmp_path):
    public = plain_kit / "public"
    path = a_path(public, "posts/")
    text = (public / path).read_text() + "\n<script>alert(1)</script>\n"
    rewrite(public, path, text.encode())
    row = {
        "id": 900, "parent_id": 901, "kind": "comment", "state": "approved", "source_format": "html",
        "text": "<script>x</script>hello", "name": "<i>M</i>", "url": "javascript:alert(1)", "html": "<script>",
    }  # fmt: skip
    other = row | {"id": 901, "parent_id": 900, "state": "pending"}
    rewrite(public, a_path(public, "comments/"), json.dumps([row, other]).encode())
    shutil.rmtree(plain_kit / "private")
    emptied(settings, tmp_path)
    restored(plain_kit)
    comment = Comment.objects.get(pk=900)
    assert "<script" not in comment.html + Post.objects.get().html
    assert comment.url == "" and comment.parent is None and Comment.objects.get(pk=901).state == "pending"


def test_an_account_of_the_owners_address_is_the_owner(plain_kit, ada, settings, tmp_path):
    password = ada.password
    emptied(settings, tmp_path)
    restored(plain_kit)
    ada.refresh_from_db()
    assert get_user_model().objects.get() == ada and ada.password == password
    assert Post.objects.get().author == ada


def test_what_is_no_mirror_is_refused(ada, tmp_path):
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(CommandError, match="Nothing was restored"):
            restored(path)
    (tmp_path / "x.json").write_text('{"format": "ghost"}')
    with pytest.raises(CommandError, match="export_json"):
        restored(tmp_path / "x.json")


TEXT = {"name": "text-1", "title": "", "text": "x"}


@pytest.mark.parametrize(
    ("stored", "kept"),
    [
        ({"front_categories": ["1", None, 10**9, [1]]}, {"front_categories": []}),
        (
            {"text_widgets": [7, {"name": "text-1"}, TEXT | {"name": "search"}, TEXT | {"text": 5}]},
            {"text_widgets": []},
        ),
        ({"text_widgets": [TEXT | {"title": "x" * 101}, TEXT | {"text": "x" * 5001}, TEXT]}, {"text_widgets": [TEXT]}),
        ({"widgets": [["text-1", 0]], "text_widgets": []}, {"widgets": usual_widgets()}),
        ({"widgets": [[["text-1"], 0]], "text_widgets": [TEXT]}, {"widgets": usual_widgets()}),
    ],
)
def test_settings_that_no_form_takes_are_left_out(blog, stored, kept):
    row = ReadingSettings.objects.get()
    put(row, stored, list(stored), "reading")
    restore_references(SimpleNamespace(source=SimpleNamespace(settings=dict), categories={1, 2}))
    row = ReadingSettings.objects.get()
    assert {name: getattr(row, name) for name in kept} == kept
