"""`python -m tests.upgrade.make tests/upgrade/VERSION`: a small data folder of this version, for later ones to open.

The folder gets data.zip (the data folder: a blog with something of everything), public.json (the paths that a reader
may keep, which answer 200 for ever) and counts.json (what must still be there after an upgrade).
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.blog_process import ROOT, Blog


def make(folder):
    """Fill `folder`, which must be new; answers with it."""
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as room:
        blog = Blog(Path(room) / "data", LONGRUN_STATIC=str(Path(room) / "static"), LONGRUN_URL="http://localhost:8000")
        blog.manage("prepare")
        blog.set_up()
        facts = json.loads(inside(blog, "tests.upgrade.make", "--fill"))
        for name, value in facts.items():
            (folder / f"{name}.json").write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")
        for lock in blog.data.rglob("*.lock"):
            lock.unlink()
        shutil.make_archive(folder / "data", "zip", blog.data)
    return folder


def inside(blog, *module):
    """Run a module with the settings of a blog; what it printed."""
    command = [sys.executable, "-m", *module]
    done = subprocess.run(command, cwd=ROOT, env=blog.env, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()[-1]


def set_up():
    """Django with a blog's own settings, in the process of `inside`."""
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()


def fill():
    """A furnished blog with posts and comments in every state, and decisions of which one was taken back."""
    from datetime import timedelta

    from django.contrib.auth import get_user_model
    from django.utils import timezone

    from blog.models import Post
    from comments.models import Comment
    from tests import furnished, pages

    ada = get_user_model().objects.owners().get()
    furnished.furnish(ada)
    listed = pages.paths()
    soon = Post.objects.create(title="Tomorrow", source="It will be seen later.", author=ada)
    soon.publish(timezone.now() + timedelta(days=36500))
    Post.objects.create(title="Look at it", source="May this go out?", author=ada, status=Post.Status.PENDING)
    hidden = Post.objects.create(title="For me", source="Mine.", author=ada, visibility=Post.Visibility.PRIVATE)
    hidden.publish()
    spam = Comment.objects.spam().first()
    spam.approve(ada)
    Comment.objects.pending().get(name="Carl").approve(ada)
    Comment.objects.get(pk=spam.pk).mark_spam(ada)
    Comment.objects.create(post=spam.post, text="Is anybody there?", state="pending", name="Eve")
    public = sorted({path for _name, who, path in listed if who == pages.GUEST})
    return {"public": public, "counts": counts()}


def counts():
    """How many rows there are of what people made, by state where there is one."""
    from collections import Counter

    from blog.models import Category, Media, Post, Revision, Tag
    from comments.models import Comment, ModerationAction

    found = {model.__name__: model.objects.count() for model in (Category, Media, Revision, Tag, ModerationAction)}
    for name, states in (
        ("Post", Post.objects.values_list("status", flat=True)),
        ("Comment", Comment.objects.values_list("state", flat=True)),
    ):
        found |= {f"{name} {state}": number for state, number in Counter(states).items()}
    return dict(sorted(found.items()))


if __name__ == "__main__":
    if sys.argv[1] == "--fill":
        set_up()
        print(json.dumps(fill()))
    else:
        print(make(Path(sys.argv[1])))
