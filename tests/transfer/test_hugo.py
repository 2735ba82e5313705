"""Hugo builds what `export_markdown` writes, as it is: without a warning, with a page at every address of the blog."""

import io
import json
import os
import re
import subprocess
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote, urlsplit

import pytest
from django.core.management import call_command
from django.utils import timezone

from blog.models import Category, Post, Redirect, Tag
from comments.models import Comment
from tests import furnished
from tests.programs import there
from tests.transfer.cards import post_with_card
from transfer.textfiles.shortcodes import with_shortcodes, without_shortcodes

SHORTCODES = [
    "plain {{ braces }}", "{{< youtube abc >}}", "{{% figure src=x %}}", "`{{< in code >}}` and {{<never ended",
    "{{</* escaped */>}}", "{{%/* escaped, too */%}}", "{{<>}}", "{{< a {{< b >}} c >}}", "{{% never", "{&#123; here",
    "{{< over\ntwo lines >}}",
]  # fmt: skip


@pytest.mark.parametrize("text", SHORTCODES)
def test_what_looks_like_a_shortcode_goes_out_and_comes_back(text):
    assert with_shortcodes(without_shortcodes(text)) == text
    bare = re.sub(r"\{\{</\*.*?\*/>\}\}|\{\{%/\*.*?\*/%\}\}", "", without_shortcodes(text), flags=re.S)
    assert "{{<" not in bare and "{{%" not in bare


def furnish_for_hugo(ada):
    furnished.furnish(ada)
    sport = Category.objects.create(name="Athletics")
    running = Category.objects.create(name="Läufe & Ziele", parent=sport)
    for number in range(12):
        when = datetime(2019, 12, 31, 23, 30, tzinfo=UTC) - timedelta(days=40 * number)
        text = "\n\n".join([f"Mile {number}", *SHORTCODES])
        post = Post(author=ada, title=f'Run "{number}" — C:\\mile', source=text, publish_at=when)
        post.save()
        post.publish(announced=True)
        post.categories.add(running)
        post.tags.add(Tag.objects.get_or_create(name="Fünf, sechs")[0])
    post.move_to("ein-neuer-weg-über-日本")
    for title in ("日本語の題", "🎈", "Ünïcode Ärger", "", "100% sure?", "---\nevil: yes"):
        Post(author=ada, title=title, source=f"# {title}\n\n+++\n---\ntext").publish(announced=True)
    html = Post(author=ada, title="HTML", source="<p>It was <b>HTML</b>. {{< x >}}</p>", source_format="html")
    html.publish(announced=True)
    Comment.objects.create(post=post, text="Yes {{< no >}}", state="approved", name='Al "x"', email="al@example.org")
    Post(author=ada, title="Hidden", source="Hidden text", visibility="private").publish(announced=True)
    later = Post(author=ada, title="Later", source="Later text", publish_at=timezone.now() + timedelta(days=9))
    later.publish(announced=True)


def public_paths(client):
    """Every path that the sitemap, the archives and the redirects of posts have, unquoted."""
    found = {"/"}
    index = client.get("/sitemap.xml").content.decode()
    for part in re.findall("<loc>([^<]+)</loc>", index):
        url = urlsplit(part)
        text = b"".join(client.get(f"{url.path}?{url.query}")).decode()
        found |= {unquote(urlsplit(each).path) for each in re.findall("<loc>([^<]+)</loc>", text)}
    for post in Post.objects.listed().open():
        year, month, day = f"{post.published_on:%Y-%m-%d}".split("-")
        found |= {f"/{year}/", f"/{year}/{month}/", f"/{year}/{month}/{day}/", f"/author/{post.author.handle}/"}
    pages = range(2, 2 + (Post.objects.listed().open().count() - 1) // 10)
    return found | {f"/page/{number}/" for number in pages}


@pytest.mark.long
@pytest.mark.django_db
def test_hugo_builds_the_export_without_a_warning_at_the_same_addresses(ada, client, settings, tmp_path):
    hugo = there("hugo")
    settings.MEDIA_ROOT = tmp_path / "media"
    furnish_for_hugo(ada)
    paths = public_paths(client)
    assert len(paths) > 60 and all(client.get(path).status_code == 200 for path in sorted(paths)[::7])
    card = post_with_card("https://example.org/rivers", ada)
    folder = tmp_path / "out"
    call_command("export_markdown", folder, stdout=io.StringIO())
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "HUGO_CACHEDIR": str(tmp_path / "cache")}
    command = [hugo, "--panicOnWarning", "--printPathWarnings", "--destination", str(tmp_path / "built")]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert not re.search(r"(?im)^(warn|error)|deprecated|duplicate", said), said

    built = {
        f"/{page.parent.relative_to(tmp_path / 'built').as_posix()}/".replace("/./", "/"): page
        for page in (tmp_path / "built").rglob("index.html")
    }
    assert paths - set(built) == set()
    everything = "".join(page.read_text(encoding="utf-8") for page in built.values())
    assert "Hidden text" not in everything and "Later text" not in everything and "@example.org" not in everything
    for key in Redirect.objects.filter(was_public=True).exclude(post=None).values_list("key", flat=True):
        assert "http-equiv" in (tmp_path / "built" / key.strip("/") / "index.html").read_text(encoding="utf-8")
    for post in Post.objects.open():
        text = built[post.path].read_text(encoding="utf-8")
        for comment in post.comments.approved():
            assert f'id="comment-{comment.pk}"' in text
    shown = next(page for path, page in built.items() if path.endswith("/a-card/")).read_text(encoding="utf-8")
    assert f'<img src="{card.picture_path}"' in shown
    assert 'href="https://example.org/rivers"' in shown and "Rivers &amp; &lt;seas&gt;</a> <cite>Rivers</cite>" in shown
    assert "{{&lt; youtube abc &gt;}}" in everything
    assert json.loads((folder / "redirects.json").read_text())
