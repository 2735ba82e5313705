"""Folders of Markdown come in: front matter of three kinds, old addresses, pictures beside; drafts stay drafts."""

import io
import sys
import zipfile
from datetime import UTC, date, datetime
from subprocess import run

import pytest
from django.core.management import CommandError, call_command

from blog.models import Media, Post, Redirect
from comments.models import Comment
from tests.transfer.importing_files import bring, in_file, picture, results
from tests.transfer.textfiles.folders import folder
from transfer.exporting.markdown import write_folder
from transfer.models import ImportRef
from transfer.textfiles.front_matter import FrontMatterError, split

pytestmark = pytest.mark.django_db


@pytest.fixture
def markdown(tmp_path, ada):
    def markdown(files, **options):
        return bring(tmp_path, "markdown", folder(tmp_path / "blog", files), **options)

    return markdown


HUGO = {
    "hugo.toml": 'baseURL = "https://old.example/"\ntitle = "Get Your Move On"\n',
    "content/posts/first.md": '+++\ntitle = "First"\ndate = 2020-02-03T23:30:00-05:00\nlastmod = 2021-01-01\n'
    'slug = "first-mile"\ntags = ["a", "2020"]\ncategories = ["Running"]\naliases = ["/old/first/", "older"]\n'
    'description = "Short"\n+++\n\nTen *miles*, see [two]({{< ref "second.md" >}}) and ![x](/img/x.png).\n',
    "content/posts/second/index.md": "---\ntitle: 'Second: no'\ndate: 2020-02-04\ntags: [no]\nauthor: Ada\n"
    "cover: {image: c.png}\n---\n![c](c.png)\n",
    "content/about.md": '{\n "title": "About",\n "weight": 3\n}\nHello\n',
    "content/posts/_index.md": "---\ntitle: All posts\n---\n",
    "static/img/x.png": picture("red"),
    "content/posts/second/c.png": picture("blue"),
    "README.md": "# Not a text\n",
}


def test_a_folder_of_hugo(markdown):
    done = markdown(HUGO)
    first, second = Post.objects.get(title="First"), Post.objects.get(title="Second: no")
    assert first.publish_at == datetime(2020, 2, 4, 4, 30, tzinfo=UTC) and first.published_on == date(2020, 2, 3)
    assert first.updated_at.date() == date(2021, 1, 1) and first.source_format == "markdown"
    assert first.slug == "first-mile" and first.excerpt == "Short" and first.is_public
    assert {tag.name for tag in first.tags.all()} == {"a", "2020"}
    assert [each.name for each in first.categories.all()] == ["Running"]
    assert f"[two]({second.path})" in first.source and "/media/" in first.source and "old.example" not in first.source
    assert second.featured and second.featured.get_absolute_url() in second.source
    assert Post.objects.get(title="About").kind == Post.Kind.PAGE and Post.objects.get(title="About").menu_order == 3
    for key in ("old/first", "older", "posts/first-mile"):
        assert Redirect.objects.get(key__contains=key).thing == first
    assert in_file(done) == {"posts": 2, "pages": 1, "other": 1, "attachments": 2, "tags": 3, "categories": 1,
                             "authors": 1}  # fmt: skip
    assert set(results(done, "attachments").values()) == {"brought"}


def test_a_folder_of_jekyll(markdown):
    done = markdown(
        {
            "_config.yml": "url: https://old.example\nbaseurl: /blog\npermalink: /:categories/:year/:title.html\n",
            "_posts/2010-09-09-a-run.md": "---\nlayout: post\ntitle: A run\ntags: x y\ncategories: fast\n---\n"
            "{% post_url 2010-09-10-b %} ![p]({{ site.baseurl }}/assets/p.png)",
            "_posts/2010-09-10-b.markdown": "---\ntitle: B\nredirect_from: /old-b\n"
            "date: 2010-09-10 08:00:00 +0200\n---\nb",
            "_posts/2010-09-11-c.md": "---\ntitle: C\npublished: false\n---\nc",
            "_drafts/d.md": "---\ntitle: D\n---\nd",
            "about.md": "---\nlayout: page\ntitle: About\npermalink: /about/\n---\na",
            "_layouts/post.html": "---\n---\n{{ content }}",
            "assets/p.png": picture(),
        }
    )
    run_, b = Post.objects.get(title="A run"), Post.objects.get(title="B")
    assert run_.published_on == date(2010, 9, 9) and {tag.name for tag in run_.tags.all()} == {"x", "y"}
    assert b.path in run_.source and "/media/" in run_.source
    assert b.publish_at == datetime(2010, 9, 10, 6, 0, tzinfo=UTC)
    assert {Post.objects.get(title=title).status for title in "CD"} == {"draft"}
    assert Redirect.objects.get(key__contains="blog/fast/2010/a-run.html").thing == run_
    assert in_file(done) == {"posts": 4, "pages": 1, "attachments": 1, "tags": 2, "categories": 1}


HIDDEN = [
    ("draft: true", "draft"), ("draft: 'yes'", "draft"), ("draft: maybe", "draft"), ("published: no", "draft"),
    ("status: private", "private"), ("status: Draft", "draft"), ("status: weird", "draft"),
    ("private: true", "private"),
    ("password: secret", "private"), ("unlisted: true", "private"), ("visibility: members", "draft"),
    ("expiryDate: 2021-01-01", "draft"), ("build: {render: never}", "private"), ("headless: true", "private"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "state"), HIDDEN)
def test_what_a_build_does_not_show_to_all_is_not_public(markdown, client, line, state):
    markdown({"content/posts/x.md": f"---\ntitle: Secret\ndate: 2020-01-01\n{line}\n---\nSecret text"})
    post = Post.objects.get(title="Secret")
    assert not post.is_public and (post.status if state == "draft" else post.visibility) == state
    assert b"Secret text" not in client.get("/").content


def test_texts_without_front_matter_are_drafts_unless_they_have_a_date(markdown):
    markdown({"posts/2020-01-02-x.md": "# Heading\n\nText", "posts/y.md": "Text"})
    assert Post.objects.get(title="Heading").is_public and Post.objects.get(title="y").status == "draft"


BROKEN = [
    ("---\ntitle: a\n  b: [\n---\n", 3), ("+++\ntitle = \n+++\n", 2), ('{"title": \n}\n', 2), ("---\ntitle: x\n", 1),
    ("---\na: &a [x]\nb: *a\n---\n", 3), ("---\n- a\n---\n", 1), ("---\n? [a]\n: b\n---\n", 2),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line"), BROKEN)
def test_front_matter_that_cannot_be_read_is_a_line_of_the_receipt(markdown, text, line):
    with pytest.raises(FrontMatterError) as error:
        split(text)
    assert abs(error.value.line - line) <= 1
    done = markdown({"_posts/2020-01-01-x.md": text, "_posts/2020-01-02-y.md": "---\ntitle: Y\n---\ny"})
    assert results(done, "posts") == {"_posts/2020-01-01-x.md": "failed", "Y": "brought"}
    assert "front matter" in next(each["reason"] for each in done["lines"] if each["result"] == "failed")


def test_our_own_export_comes_back_as_it_was(tmp_path, ada):
    files = {
        "content/posts/x.md": "---\ntitle: Kept\ndate: 2020-01-01T10:00:00Z\ntags: [a]\n---\nText ![p](p.png)",
        "content/posts/p.png": picture(),
        "content/posts/y.md": "---\ntitle: Draft\ndraft: true\n---\nd",
        "content/posts/z.md": "---\ntitle: Private\ndate: 2020-01-03\nprivate: true\n---\np",
        "content/pages/a.md": "---\ntitle: Page\n---\na",
    }
    bring(tmp_path, "markdown", folder(tmp_path / "blog", files))
    post = Post.objects.get(title="Kept")
    first = Comment.objects.create(post=post, name="Cleo", email="cleo@x.example", text="*Hi*", state="approved",
                                   html="<p><em>Hi</em></p>", posted_at=datetime(2020, 2, 1, tzinfo=UTC))  # fmt: skip
    Comment.objects.create(post=post, parent=first, name="Dan", text="Held", state="pending", html="<p>Held</p>")
    write_folder(tmp_path / "out")
    names = ("pk", "title", "status", "visibility", "path", "guid", "kind", "publish_at", "updated_at", "source_format")
    before = [tuple(getattr(each, name) for name in names) for each in Post.objects.order_by("pk")]
    said = list(
        Comment.objects.order_by("pk").values_list("pk", "parent", "name", "email", "text", "state", "posted_at")
    )
    Comment.objects.all().delete()
    Post.objects.all().delete()
    ImportRef.objects.all().delete()
    Media.objects.all().delete()
    bring(tmp_path, "markdown", tmp_path / "out")
    assert [tuple(getattr(each, name) for name in names) for each in Post.objects.order_by("pk")] == before
    found = Comment.objects.order_by("pk").values_list("pk", "parent", "name", "email", "text", "state", "posted_at")
    assert list(found) == said
    assert Media.objects.get().get_absolute_url() in Post.objects.get(title="Kept").source


def test_a_zip_and_a_second_run(tmp_path, ada):
    file = tmp_path / "blog.zip"
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in HUGO.items():
            archive.writestr(f"blog-main/{name}", content)
        archive.writestr("blog-main/../../evil.md", "x")
    done = bring(tmp_path, "markdown", file)
    assert done["totals"]["posts"]["brought"] == 2 and done["totals"]["attachments"]["brought"] == 2
    again = bring(tmp_path, "markdown", file)
    assert all(row["unchanged"] + row["skipped"] == row["in_file"] for row in again["totals"].values())


def test_what_has_no_texts_is_refused(tmp_path, ada):
    (tmp_path / "file.zip").write_bytes(b"no archive")
    (tmp_path / "empty").mkdir()
    for name, reason in (("file.zip", "neither a folder"), ("empty", "no texts")):
        with pytest.raises(CommandError, match=reason):
            call_command(
                "import_markdown", str(tmp_path / name), media="skip", stdout=io.StringIO(), stderr=io.StringIO()
            )


def test_reader_and_counting_do_not_need_django():
    code = "import sys, transfer.textfiles.reader, transfer.textfiles.counting; print('django' in sys.modules)"
    assert run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "False"
