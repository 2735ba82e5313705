"""`python -m tests.upgrade.make tests/upgrade/VERSION`: a small data folder of this version, for later ones to open.

The folder gets data.zip (the data folder: a blog with something of everything), public.json (the paths that a reader
may keep, which answer 200 for ever) and counts.json (what must still be there after an upgrade).
"""

import hashlib
import io
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
    from comments.models import Comment, Subscription
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
    Subscription.objects.create(address="rene@example.com", what="posts", confirmed_at=timezone.now())
    bring()
    public = sorted({path for _name, who, path in listed if who == pages.GUEST})
    return {"public": public, "counts": counts()}


def bring():
    """An imported post with a comment, as `import_wordpress` stores them, with a receipt and a file to be fetched."""
    from django.core.management import call_command

    from tests.transfer.wxr_text import comment, export, item

    with tempfile.TemporaryDirectory() as room:
        file = Path(room) / "export.xml"
        picture = item(
            702, "Shoes", post_type="attachment", status="inherit", attachment_url="https://old.example/shoes.png"
        )
        file.write_text(export(item(701, "Brought", "From *elsewhere*.", comment(7001)), picture), encoding="utf-8")
        call_command("import_wordpress", str(file), verbosity=0, stdout=io.StringIO())


def counts():
    """How many rows there are of what people made, by state where there is one, and a hash of all texts."""
    from collections import Counter

    from blog.models import Category, Media, MediaUse, MenuLink, Post, Redirect, Revision, SecretLink, Tag
    from comments.models import Comment, ModerationAction, Person, Subscription
    from transfer.models import ImportLine, ImportRef, ImportRun, MediaFile

    models = (Category, Media, MediaUse, MenuLink, Redirect, Revision, SecretLink, Tag)
    models += (ModerationAction, Person, Subscription, ImportLine, ImportRef, ImportRun, MediaFile)
    found = {model.__name__: model.objects.count() for model in models}
    for name, states in (
        ("Post", Post.objects.values_list("status", flat=True)),
        ("Comment", Comment.objects.values_list("state", flat=True)),
    ):
        found |= {f"{name} {state}": number for state, number in Counter(states).items()}
    texts = [*Post.objects.values_list("title", "source"), *Comment.objects.values_list("name", "text")]
    found["texts"] = hashlib.sha256(repr(sorted(texts)).encode()).hexdigest()
    return dict(sorted(found.items()))


if __name__ == "__main__":
    if sys.argv[1] == "--fill":
        set_up()
        print(json.dumps(fill()))
    else:
        print(make(Path(sys.argv[1])))
