"""A Blogger blog comes in: each entry by its kind, comments in their threads, drafts stay drafts."""

import io
import sys
from datetime import UTC, datetime
from html import escape
from subprocess import run

import pytest
from django.core.management import CommandError, call_command

from blog.models import Post, Redirect
from comments.models import Comment
from tests.transfer.importing_files import bring, in_file

pytestmark = pytest.mark.django_db
HEAD = """<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns='http://www.w3.org/2005/Atom' xmlns:thr='http://purl.org/syndication/thread/1.0'
 xmlns:app='http://purl.org/atom/app#' xmlns:gd='http://schemas.google.com/g/2005'
 xmlns:blogger='http://schemas.google.com/blogger/2018'>
<id>tag:blogger.com,1999:blog-77.archive</id><title type='text'>Get Your Move On</title>
"""
LINK = "<link rel='alternate' type='text/html' href='http://old.blogspot.com/'/>\n"


def entry(number, kind="post", text="<p>Ten miles.</p>", labels=(), more="", title="", author="Ada"):
    category = f"<category scheme='http://schemas.google.com/g/2005#kind' term='http://schemas.google.com/blogger/2008/kind#{kind}'/>"
    return (
        f"<entry><id>tag:blogger.com,1999:blog-77.post-{number}</id><published>2010-09-09T20:23:00.001-04:00</published>"
        f"<updated>2011-01-01T10:00:00.000Z</updated>{category if kind else ''}"
        + "".join(f"<category scheme='http://www.blogger.com/atom/ns#' term='{escape(each)}'/>" for each in labels)
        + f"<title type='text'>{title or f'Post {number}'}</title><content type='html'>{escape(text)}</content>{more}"
        f"<author><name>{author}</name><uri>http://who.example/</uri><email>noreply@blogger.com</email></author></entry>\n"
    )


def at(path):
    return f"<link rel='alternate' type='text/html' href='http://old.blogspot.com{path}' title='x'/>"


def reply(post, to=""):
    related = f"<link rel='related' href='http://www.blogger.com/feeds/77/{post}/comments/default/{to}'/>" if to else ""
    return f"<thr:in-reply-to ref='tag:blogger.com,1999:blog-77.post-{post}' href='x'/>{related}"


DRAFT = "<app:control><app:draft>yes</app:draft></app:control>"


@pytest.fixture
def blogger(tmp_path, ada):
    def blogger(*entries, head=HEAD + LINK, **options):
        file = tmp_path / "blog.xml"
        file.write_text(head + "".join(entries) + "</feed>", encoding="utf-8")
        return bring(tmp_path, "blogger", file, **options)

    return blogger


def test_entries_become_what_their_kind_says(blogger):
    done = blogger(
        entry(1, labels=["on foot", "on foot ", "onfoot"], more=at("/2010/09/a-run.html"), title="A run"),
        entry(2, "page", more=at("/p/about.html"), title="About"),
        entry(4, "comment", "Second", more=reply(1, 3), author="Bob"),
        entry(3, "comment", "First", more=reply(1), author="Cleo"),
        entry(5, "comment", "Lost", more=reply(99)),
        entry(
            6, "comment", "Gone", more=reply(1) + "<gd:extendedProperty name='blogger.contentRemoved' value='true'/>"
        ),
        entry(7, "settings"),
        entry(8, "template"),
        entry(9, "unheard-of"),
    )
    made = Post.objects.get(title="A run")
    assert made.publish_at == datetime(2010, 9, 10, 0, 23, 0, 1000, tzinfo=UTC) and made.is_public
    assert str(made.published_on) == "2010-09-09" and made.slug == "a-run" and made.source == "<p>Ten miles.</p>"
    assert {tag.name for tag in made.tags.all()} == {"on foot", "onfoot"}
    assert Post.objects.get(title="About").kind == Post.Kind.PAGE
    assert Comment.objects.get(name="Bob").parent.name == "Cleo" and Comment.objects.get(name="Bob").email == ""
    assert Comment.objects.get(text="Gone").state == Comment.State.TRASH
    assert Redirect.objects.get(key__contains="2010/09/a-run.html").thing == made
    assert in_file(done) == {"posts": 1, "pages": 1, "comments": 4, "tags": 2, "authors": 1, "other": 4}
    assert not Post.objects.filter(title__in=["Post 7", "Post 8", "Post 9"]).exists()


HIDDEN = [
    ("post", DRAFT, "draft"), ("page", DRAFT, "draft"), ("", "", "draft"),
    ("post", "<blogger:status>DRAFT</blogger:status>", "draft"),
    ("post", "<blogger:status>SOFT_TRASHED</blogger:status>", "trash"),
    ("post", "<blogger:status>ODD</blogger:status>", "draft"),
    ("post", "<blogger:trashed>2020-01-01T00:00:00Z</blogger:trashed>", "trash"),
    ("post", "<blogger:status>SCHEDULED</blogger:status>", "draft"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "more", "status"), HIDDEN)
def test_what_was_not_public_stays_so(blogger, client, kind, more, status):
    blogger(entry(1, kind, more=more))
    made = Post.objects.get(title="Post 1")
    assert made.status == status and not made.is_public and b"Ten miles" not in client.get("/").content


def test_a_backup_of_google_takeout(blogger):
    typed = "<blogger:type>{}</blogger:type><blogger:status>{}</blogger:status>"
    parent = "<blogger:parent>tag:blogger.com,1999:blog-77.post-1</blogger:parent>"
    done = blogger(
        entry(1, "", more=typed.format("POST", "LIVE") + "<blogger:filename>/2010/09/x.html</blogger:filename>"),
        entry(2, "", "Yes", more=typed.format("COMMENT", "LIVE") + parent),
        entry(3, "", "Buy", more=typed.format("COMMENT", "SPAM_COMMENT") + parent),
        entry(4, "", "Hm", more=typed.format("COMMENT", "ODD") + parent),
        head=HEAD,
        url="https://old.blogspot.com",
    )
    assert Post.objects.get(title="Post 1").is_public
    assert Redirect.objects.filter(key__contains="2010/09/x.html").exists()
    states = dict(Comment.objects.filter(post__title="Post 1").values_list("text", "state"))
    assert states == {"Yes": "approved", "Buy": "spam", "Hm": "pending"}
    assert in_file(done) == {"posts": 1, "comments": 3, "authors": 1}


def test_pictures_are_files_and_a_second_run_changes_nothing(blogger):
    parts = [entry(1, text='<img border="0" src="https://1.bp.blogspot.com/a/s320/x.png">', labels=["a"])]
    assert in_file(blogger(*parts))["attachments"] == 1
    again = blogger(*parts)
    assert again["totals"]["posts"]["unchanged"] == again["totals"]["tags"]["unchanged"] == 1


def test_a_prefix_without_declaration_is_no_damage(tmp_path, ada, client):
    path = tmp_path / "blog.xml"
    head = HEAD.replace(" xmlns:app='http://purl.org/atom/app#'", "").replace(
        " xmlns:thr='http://purl.org/syndication/thread/1.0'", ""
    )
    draft = entry(2, title="Hidden", more=DRAFT + at("/2010/09/hidden.html"))
    answer = entry(3, "comment", "Well said.", more=reply(1))
    shown = entry(1, more=at("/2010/09/shown.html"))
    path.write_text(f"{head}{LINK}{shown}{draft}{answer}</feed>", encoding="utf-8")
    done = bring(tmp_path, "blogger", path)
    assert done["notices"] == [] and done["totals"]["posts"]["brought"] == 2
    assert Comment.objects.get().post.title == "Post 1"
    hidden = Post.objects.get(title="Hidden")
    assert hidden.status == "draft" and client.get("/2010/09/hidden.html").status_code == 404


def test_a_truncated_file_is_read_up_to_its_end(tmp_path, ada):
    file = tmp_path / "blog.xml"
    file.write_text(HEAD + LINK + entry(1) + entry(2)[:300], encoding="utf-8")
    done = bring(tmp_path, "blogger", file)
    assert done["totals"]["posts"]["brought"] == 1 and "damaged" in done["output"]


REFUSED = [("", "empty"), ("<rss></rss>", "import_wordpress"), ("<html>", "no backup"), ("{}", "no backup"),
           ("<!DOCTYPE feed [<!ENTITY a 'b'>]><feed>&a;</feed>", "DOCTYPE")]  # fmt: skip


@pytest.mark.parametrize(("text", "reason"), REFUSED)
def test_what_is_no_backup_is_refused_with_a_sentence(tmp_path, ada, text, reason):
    file = tmp_path / "blog.xml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(CommandError, match=reason):
        call_command("import_blogger", file, stdout=io.StringIO(), stderr=io.StringIO())


def test_reader_and_counting_do_not_need_django():
    code = "import sys, transfer.blogger.reader, transfer.blogger.counting; print('django' in sys.modules)"
    assert run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "False"
