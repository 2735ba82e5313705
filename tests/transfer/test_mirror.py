"""The mirror folder: always what everybody may see, and only on request the rest; changed as a whole or not at all."""

import hashlib
import io
import json
import shutil
import subprocess
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from blog.models import Media, Post, Redirect, Tag
from comments import privacy
from comments.models import Comment, Subscription
from core import cache_version, jobs
from tests import furnished
from transfer.jobs import update_mirror
from transfer.mirror import folder, git, write
from transfer.mirror.folder import File
from transfer.models import MirrorSettings

pytestmark = [pytest.mark.db, pytest.mark.django_db]


@pytest.fixture
def blog_of_ada(ada, settings, tmp_path):
    settings.LONGRUN_DATA = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"
    furnished.furnish(ada)
    Tag.objects.create(name="Only in a draft")
    hidden = Post(author=ada, title="Nobody knows", source="A secret text.", visibility="private")
    hidden.publish(announced=True)
    hidden.tags.set(Tag.objects.called(["Only in private"]))
    later = Post(author=ada, title="Tomorrow", source="Not yet.", publish_at=timezone.now() + timedelta(days=1))
    later.publish(announced=True)
    Comment.objects.create(post=hidden, text="Among us", state="approved", name="Al", email="al@example.org")
    Subscription.objects.create(address="sub@example.org", what="posts", confirmed_at=timezone.now())
    return ada


def mirrored(*options):
    call_command("mirror", "on", *options, stdout=io.StringIO(), stderr=io.StringIO())
    return folder.root()


def everything(part):
    return b"".join(path.read_bytes() for path in sorted(part.rglob("*")) if path.is_file()).decode("utf-8", "replace")


def is_whole(part):
    """Whether the manifest names every file, with its hash."""
    manifest = json.loads((part / "manifest.json").read_text())["files"]
    there = {path.relative_to(part).as_posix(): path for path in part.rglob("*") if path.is_file()}
    there = {name: path for name, path in there.items() if not name.startswith(".git/") and name != "manifest.json"}
    hashes = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in there.items()}
    return hashes == {name: entry["sha256"] for name, entry in manifest.items()}


def test_the_public_part_has_what_everybody_may_see_and_nothing_else(blog_of_ada):
    here = mirrored()
    assert is_whole(here / "public") and not (here / "private").exists()
    text = everything(here / "public")
    for post in Post.objects.open():
        assert post.source.strip()[:40] in text
    for secret in ("A secret text", "Nobody knows", "Not yet.", "Tomorrow", "Half a thought", "Forty-one minutes",
                   "Is this held?", "Buy a watch", "Among us", "@example.org", "Only in", "Thrown away"):  # fmt: skip
        assert secret not in text
    names = {path.name for path in (here / "public/media").iterdir() if path.is_dir()}
    assert names == set(Media.objects.public().values_list("name", flat=True)) != set()


def test_the_private_part_has_the_rest_for_its_owner_alone(blog_of_ada):
    blog_of_ada.set_password("correct horse battery")
    blog_of_ada.save()
    here = mirrored("--private")
    assert is_whole(here / "private")
    text = everything(here / "private")
    for known in ("A secret text", "Not yet.", "Half a thought", "Forty-one minutes", "Is this held?",
                  "carl@example.org", "sub@example.org"):  # fmt: skip
        assert known in text
    secrets = [
        blog_of_ada.password,
        *Post.objects.exclude(password="").values_list("password", flat=True),
        "c" * 32,
        "a" * 32,
    ]
    assert not any(secret in text + everything(here / "public") for secret in secrets)
    modes = {path: path.stat().st_mode & 0o777 for path in [here / "private", *(here / "private").rglob("*")]}
    assert all(mode == (0o700 if path.is_dir() else 0o600) for path, mode in modes.items())
    mirrored()
    assert not (here / "private").exists()


def test_a_change_rewrites_only_what_changed(blog_of_ada):
    here = mirrored()
    before = {path: path.stat().st_mtime_ns for path in (here / "public").rglob("*") if path.is_file()}
    assert write.write_mirror().number == 0
    post = Post.objects.open().get(title="The first mile")
    post.revise(blog_of_ada, title="The second mile")
    post.move_to("the-second-mile")
    changed = write.write_mirror()
    assert is_whole(here / "public")
    again = {path: path.stat().st_mtime_ns for path in before if path.exists()}
    differing = {path.name for path in before if again.get(path) != before[path]}
    assert f"2026-03-05-the-first-mile-{post.pk}.md" in differing
    assert differing <= {f"2026-03-05-the-first-mile-{post.pk}.md", "manifest.json", "redirects.json"}
    assert changed.removed["public"] == [f"posts/2026-03-05-the-first-mile-{post.pk}.md"]


@pytest.mark.parametrize("how", ["trash", "private", "password"])
def test_what_is_no_longer_public_leaves_the_public_part(blog_of_ada, how):
    here = mirrored()
    post = Post.objects.open().get(title="The first mile")
    assert "The first mile is a liar" in everything(here / "public")
    if how == "trash":
        post.trash()
    elif how == "password":
        post.set_password("finish")
        post.save()
    else:
        post.visibility = "private"
        post.save()
    cache_version.increment()  # as the commit does
    update_mirror()
    run_long()
    text = everything(here / "public")
    assert "is a liar" not in text and "always believed" not in text and "first-mile" not in text
    assert is_whole(here / "public")


def run_long():
    jobs.run_ready("long")


def test_the_sweep_writes_after_a_change_and_rests_otherwise(blog_of_ada):
    mirrored("--private")
    assert not write.is_due()
    Subscription.objects.create(address="new@example.org", what="posts")
    assert write.is_due()
    update_mirror()
    run_long()
    assert "new@example.org" in everything(folder.root() / "private") and not write.is_due()
    Post.objects.filter(title="Tomorrow").update(publish_at=timezone.now() - timedelta(seconds=1))
    state = folder.root() / "state.json"
    passed = json.loads(state.read_text()) | {"next_change": "2020-01-01T00:00:00+00:00"}
    state.write_text(json.dumps(passed))
    assert write.is_due()
    update_mirror()
    run_long()
    assert "Not yet." in everything(folder.root() / "public")


def test_a_large_blog_rests_between_writings_but_not_after_an_erasure(blog_of_ada):
    here = mirrored("--private")
    state = here / "state.json"
    state.write_text(json.dumps(json.loads(state.read_text()) | {"seconds": 60}))
    Subscription.objects.create(address="new@example.org", what="posts")
    assert not write.is_due()
    MirrorSettings.objects.update(written_at=timezone.now() - timedelta(seconds=181))
    assert write.is_due()
    MirrorSettings.objects.update(written_at=timezone.now())
    privacy.forget(Comment.objects.filter(name="Olga"), privacy.ERASE, by=blog_of_ada)
    assert write.is_due()


def test_a_blog_without_a_mirror_writes_none(blog_of_ada):
    update_mirror()
    run_long()
    assert not folder.root().exists()


@pytest.mark.parametrize("moment", range(1, 14))
def test_a_writing_that_is_killed_leaves_a_whole_folder(tmp_path, monkeypatch, moment):
    def files(text):
        return {"public": [File(f"a/{number}.txt", f"{text} {number}".encode()) for number in range(3)]
                if text == "old" else [File(f"b/{number}.txt", f"{text} {number}".encode()) for number in range(2)]
                + [File("a/0.txt", b"new 0")]}  # fmt: skip

    folder.update(tmp_path, files("old"), {}, lambda: False)
    left = moment

    class Killed(BaseException):
        pass

    real_replace, real_unlink = folder.Path.replace, folder.Path.unlink

    def counted(real):
        def step(*args, **kwargs):
            nonlocal left
            left -= 1
            if left == 0:
                raise Killed
            return real(*args, **kwargs)

        return step

    with monkeypatch.context() as patched:
        patched.setattr(folder.Path, "replace", counted(real_replace))
        patched.setattr(folder.Path, "unlink", counted(real_unlink))
        try:
            folder.update(tmp_path, files("new"), {}, lambda: False)
        except Killed:
            pass
    folder.finish(tmp_path)
    assert is_whole(tmp_path / "public")
    folder.update(tmp_path, files("new"), {}, lambda: False)
    assert is_whole(tmp_path / "public")
    assert {path.name for path in (tmp_path / "public").iterdir()} == {"a", "b", "manifest.json"}


def test_the_private_part_is_not_written_into_a_git_repository(blog_of_ada):
    here = mirrored("--private")
    (here / ".git").mkdir()
    write.write_mirror()
    assert not (here / "private").exists() and "Git" in MirrorSettings.load().error


def git_command(here, *line):
    program = shutil.which("git")
    facts = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "commit.gpgsign=false"]
    return subprocess.run([program, "-C", str(here), *facts, *line], check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize("how", [privacy.ERASE, privacy.ANONYMISE])
def test_an_erasure_rewrites_both_parts_and_names_what_the_history_still_has(blog_of_ada, as_, how):
    if shutil.which("git") is None:
        pytest.skip("NOTICE: There is no git here: install it (apt-get install git).")
    here = mirrored("--private")
    public = here / "public"
    git_command(public, "init", "-q")
    git_command(public, "add", "-A")
    git_command(public, "commit", "-qm", "mirror")
    commit = git_command(public, "log", "--format=%h").strip()
    comment = Comment.objects.approved().get(name="Olga")
    comment.trash(blog_of_ada)  # it leaves the folder before it is erased
    write.write_mirror()
    assert MirrorSettings.load().traces == []
    privacy.forget(Comment.objects.filter(pk=comment.pk), how, by=blog_of_ada)
    assert write.is_due()
    update_mirror()
    run_long()
    assert "Olga" not in everything(here / "private") + everything(public / "comments")
    path = f"comments/{comment.post_id}.json"
    assert MirrorSettings.load().traces == [{"path": path, "comments": [comment.pk], "commits": [commit]}]
    page = as_(blog_of_ada).get(reverse("desk_exports")).content.decode()
    assert path in page and commit in page
    told = io.StringIO()
    call_command("mirror", "history", stdout=told)
    assert f"{path}: erased comments {comment.pk} in commits {commit}" in told.getvalue()
    assert is_whole(public)


def test_a_history_that_cannot_be_read_is_said(tmp_path):
    (tmp_path / ".git").mkdir()
    assert git.traces(tmp_path) == [{"path": "", "comments": [], "commits": []}]


def test_the_page_for_erasing_says_that_the_mirror_has_a_history(blog_of_ada, as_):
    here = mirrored()
    url = reverse("desk_personal_data") + "?email=carl@example.org"
    client = as_(blog_of_ada)
    assert "Git" not in client.get(url).content.decode()
    (here / "public/.git").mkdir()
    assert "Git" in client.get(url).content.decode()


def test_the_owner_switches_the_mirror_at_the_desk(blog_of_ada, as_):
    client = as_(blog_of_ada)
    client.post(reverse("desk_mirror"), {"is_on": "on"})
    assert MirrorSettings.load().is_on and not MirrorSettings.load().with_private
    update_mirror()
    run_long()
    assert is_whole(folder.root() / "public")
    assert str(folder.root()) in client.get(reverse("desk_exports")).content.decode()
    client.post(reverse("desk_mirror"), {"with_private": "on"})  # without the mirror, nothing private either
    assert not MirrorSettings.load().is_on and not MirrorSettings.load().with_private


def test_a_disk_that_refuses_is_said_at_the_desk(blog_of_ada, as_, settings, tmp_path):
    (tmp_path / "file").write_text("no folder")
    settings.LONGRUN_MIRROR = str(tmp_path / "file" / "mirror")
    MirrorSettings.objects.create(is_on=True)
    update_mirror()
    run_long()
    page = as_(blog_of_ada).get(reverse("desk_exports")).content.decode()
    assert MirrorSettings.load().error and 'role="alert"' in page
    with pytest.raises(CommandError, match="could not be written"):
        call_command("mirror", "write", stdout=io.StringIO())


def test_redirects_to_what_is_hidden_are_not_public(blog_of_ada):
    hidden = Post.objects.get(title="Nobody knows")
    Redirect.keep("/formerly/known/", hidden, public=True)
    assert "/formerly/known" not in everything(mirrored() / "public")
