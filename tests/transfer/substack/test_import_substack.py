"""A Substack comes in: what everybody could read is public, and only that; pictures are the originals."""

import io
import json
import sys
import zipfile
from datetime import UTC, datetime
from html import escape
from subprocess import run
from urllib.parse import quote

import pytest
from django.core.management import CommandError, call_command

from blog.models import Post, Redirect
from comments.models import StoppedAddress, Subscription
from tests.transfer.importing_files import bring, in_file, picture, results
from transfer.models import ImportRef
from transfer.records import Item
from transfer.substack.content import plain_html
from transfer.substack.counting import count_elements
from transfer.substack.pictures import original
from transfer.substack.reader import read

pytestmark = pytest.mark.django_db
COLUMNS = "post_id,post_date,is_published,email_sent_at,inbox_sent_at,type,audience,title,subtitle,podcast_url"
AT = "2022-03-04T05:06:07.000Z"
PICTURE = "https://substack-post-media.s3.amazonaws.com/public/images/0a1b_800x600.png"


def fetched(url=PICTURE, width=1456):
    return f"https://substackcdn.com/image/fetch/w_{width},c_limit,f_auto,q_auto:good/{quote(url, '')}"


def shown(url=PICTURE, caption="A <em>long</em> run"):
    sizes = ", ".join(f"{fetched(url, width)} {width}w" for width in (424, 1456, 848))
    return (
        f'<div class="captioned-image-container"><figure><a class="image-link image2" href="{fetched(url)}">'
        f'<div class="image2-inset"><picture><source type="image/webp" srcset="{sizes}" sizes="100vw">'
        f'<img src="{fetched(url, 424)}" srcset="{sizes}" alt="Ada" class="sizing-normal" data-attrs="{{}}"></picture>'
        f'<div class="image-link-expand"><svg><path d="M0 0"></path></svg></div></div></a>'
        f'<figcaption class="image-caption">{caption}</figcaption></figure></div>'
    )


WIDGET = (
    '<div class="subscription-widget-wrap" data-attrs="{}"><div class="subscription-widget show-subscribe">'
    '<p class="cta-caption">Thanks for reading!</p><form class="subscription-widget-subscribe"><input type="email">'
    '<input type="submit" value="Subscribe"></form></div></div>'
    '<p class="button-wrapper" data-attrs="{}"><a class="button primary" href="https://blog.substack.com/p/a?utm_source='
    'substack&amp;action=share"><span>Share</span></a></p><p class="button-wrapper"><a class="button" '
    'href="%%checkout_url%%"><span>Upgrade</span></a></p>'
)


def row(number="1.a-run", **facts):
    plain = {"post_id": number, "post_date": AT, "is_published": "true", "type": "newsletter", "audience": "everyone",
             "title": f"Post {number.partition('.')[0]}"}  # fmt: skip
    return plain | facts


def archive(file, *rows, texts=None, more=None):
    lines = [COLUMNS, *(",".join(f'"{each.get(name, "")}"' for name in COLUMNS.split(",")) for each in rows)]
    texts = {each["post_id"]: "<p>Ten miles.</p>" for each in rows} | (texts or {})
    with zipfile.ZipFile(file, "w") as made:
        made.writestr("posts.csv", "\n".join(lines))
        for number, html in texts.items():
            if html is not None:
                made.writestr(f"posts/{number}.html", html)
        for name, text in (more or {}).items():
            made.writestr(name, text)
    return file


@pytest.fixture
def substack(tmp_path, ada):
    def substack(*rows, texts=None, more=None, **options):
        file = archive(tmp_path / "export.zip", *rows, texts=texts, more=more)
        return bring(tmp_path, "substack", file, **({"url": "https://blog.substack.com"} | options))

    return substack


def test_a_post_keeps_its_date_subtitle_and_address(substack):
    done = substack(row(subtitle="On foot", title="A run"), row("2.about", type="page", title="About"))
    made = Post.objects.get(title="A run")
    assert made.is_public and made.excerpt == "On foot" and made.slug == "a-run" and made.pk < 10**6
    assert made.publish_at == datetime(2022, 3, 4, 5, 6, 7, tzinfo=UTC) and "Ten miles." in made.html
    assert Redirect.objects.get(key="/p/a-run").thing == made
    assert Post.objects.get(title="About").kind == Post.Kind.PAGE and in_file(done) == {"posts": 1, "pages": 1}
    assert ["substack_audience", "everyone"] in ImportRef.objects.get(model="post", thing=made.pk).kept["meta"]


HIDDEN = [
    ({"is_published": "false"}, "draft", "public"),
    ({"is_published": ""}, "draft", "public"),
    ({"audience": "only_paid"}, "published", "private"),
    ({"audience": "only_free"}, "published", "private"),
    ({"audience": "founding"}, "published", "private"),
    ({"audience": ""}, "published", "private"),
    ({"audience": "only_paid", "type": "podcast"}, "published", "private"),
]


@pytest.mark.parametrize(("facts", "status", "visibility"), HIDDEN)
def test_what_was_not_for_everybody_is_not_public(substack, client, facts, status, visibility):
    substack(row(**facts))
    made = Post.objects.get(title="Post 1")
    assert (made.status, made.visibility) == (status, visibility) and not made.is_public
    assert b"Ten miles" not in client.get("/").content


def test_a_post_with_a_paywall_in_it_is_private(substack):
    text = '<p>Free</p><div class="paywall-jump" data-component-name="Paywall"></div><p>x</p>'
    substack(row(), texts={"1.a-run": text})
    assert not Post.objects.get(title="Post 1").is_public


def test_what_has_no_line_is_a_draft_and_an_unknown_type_is_data(substack):
    done = substack(row("1.a", type="adhoc_email"), texts={"9.lost": "<p>Lost</p>"})
    assert [post.status for post in Post.objects.filter(source__contains="Lost")] == ["draft"]
    assert in_file(done) == {"posts": 1, "other": 1} and results(done, "other") == {"Post 1": "skipped"}
    assert not Post.objects.filter(title="Post 1").exists()


def test_pictures_are_the_originals_with_their_captions(substack, tmp_path):
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "0a1b_800x600.png").write_bytes(picture())
    done = substack(row(), texts={"1.a-run": shown() + shown(caption="Again")}, media=str(tmp_path / "files"))
    made = Post.objects.get(title="Post 1")
    assert made.source.count('<figure><img src="/media/') == 2
    assert "<figcaption>A <em>long</em> run</figcaption>" in made.source
    assert "substack" not in made.source and "svg" not in made.source
    assert done["totals"]["attachments"]["brought"] == done["totals"]["attachments"]["in_file"] == 1


FETCHED = [
    (fetched(), PICTURE),
    (fetched(fetched()), PICTURE),
    ("https://cdn.substack.com/image/fetch/$s_!aB-c!,w_848/https%3A%2F%2Fbucketeer-1.s3.amazonaws.com%2Fimages%2Fx.jpeg",
     "https://bucketeer-1.s3.amazonaws.com/images/x.jpeg"),
    (f"https://substackcdn.com/image/fetch/w_1,h_2/f_auto/{PICTURE}", PICTURE),
    (PICTURE, PICTURE),
    ("https://substackcdn.com/image/fetch/w_1/nothing", "https://substackcdn.com/image/fetch/w_1/nothing"),
]  # fmt: skip


@pytest.mark.parametrize(("url", "own"), FETCHED)
def test_a_fetched_address_is_unwrapped(url, own):
    assert original(url) == own


def attrs(**facts):
    return escape(json.dumps(facts))


TWEET = attrs(url="https://twitter.com/a/status/1", full_text="Ten\n<b>", name="Ada")
TEXTS = [
    (f"<p>Before</p>{WIDGET}<p>After</p><p></p>", "<p>Before</p><p>After</p>"),
    ('<p class="button-wrapper"><a class="button" href="https://shop.example/"><span>Buy it</span></a></p>',
     '<p><a href="https://shop.example/">Buy it</a></p>'),
    (f'<div class="tweet" data-attrs="{TWEET}"><img class="tweet-photo" src="https://x.example/a.png"></div>',
     '<blockquote><p>Ten<br>&lt;b&gt;</p><p>— <a href="https://twitter.com/a/status/1">Ada</a></p></blockquote>'),
    (f'<div class="youtube-wrap" data-attrs="{attrs(videoId="dQw4w9WgXcQ")}"><iframe src="x"></iframe></div>',
     '<iframe src="https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ"></iframe>'),
    (f'<div class="embedded-post-wrap" data-attrs="{attrs(url="https://o.substack.com/p/x", title="Other")}"><a class='
     '"embedded-post" href="x"><img class="embedded-post-publication-logo" src="https://x.example/l.png"></a></div>',
     '<p><a href="https://o.substack.com/p/x">Other</a></p>'),
    ('<p>One<a class="footnote-anchor" data-component-name="x" id="footnote-anchor-1" href="#footnote-1">'
     '1</a>.</p><div class="footnote"><a id="footnote-1" href="#footnote-anchor-1" class="footnote-number">1</a>'
     '<div class="footnote-content"><p>Really.</p></div></div>',
     '<p>One<sup id="fnref:1"><a class="footnote-ref" href="#fn:1">1</a></sup>.</p><div class="footnote"><hr><ol><li '
     'id="fn:1"><p>Really. <a class="footnote-backref" href="#fnref:1">↩︎</a></p></li></ol></div>'),
    ('<h2>Head<div class="header-anchor-parent"><button>x</button></div></h2>', "<h2>Head</h2>"),
    (f'<div class="latex-rendered" data-attrs="{attrs(persistentExpression="a<b")}"></div>',
     "<p><code>a&lt;b</code></p>"),
    ('<script>alert(1)</script><p style="y">a</p>', "<p>a</p>"),
]  # fmt: skip


@pytest.mark.parametrize(("html", "plain"), TEXTS)
def test_what_substack_builds_becomes_plain_html(html, plain):
    assert plain_html(html)[0] == plain


def test_a_gallery_and_a_file_come_with_the_post(substack):
    gallery = attrs(
        gallery={"images": [{"type": "image/png", "src": PICTURE}, {"src": PICTURE + "2"}], "caption": "Both"}
    )
    file = ('<div class="file-embed-wrapper"><div class="file-embed-details-h1">Plan</div><a class="file-embed-button" '
            'href="https://blog.substack.com/api/v1/file/1.pdf">Download</a></div>')  # fmt: skip
    done = substack(row(), texts={"1.a-run": f'<div class="image-gallery-embed" data-attrs="{gallery}"></div>{file}'})
    made = Post.objects.get(title="Post 1")
    assert made.source.count("<figure>") == 2 and "Both" in made.source and ">Plan</a>" in made.source
    assert in_file(done) == {"posts": 1, "attachments": 3}


def test_the_sound_of_a_podcast_stands_above_its_text(substack):
    done = substack(row(type="podcast", podcast_url="https://api.substack.com/feed/podcast/1/a.mp3"))
    made = Post.objects.get(title="Post 1")
    assert made.source.startswith('<figure><audio controls src="https://api.substack.com/')
    assert in_file(done)["attachments"] == 1


def test_links_to_other_posts_lead_to_them(substack):
    substack(row(), row("2.b"), texts={"1.a-run": '<p><a href="https://blog.substack.com/p/b">b</a></p>'})
    assert f'href="{Post.objects.get(title="Post 2").path}"' in Post.objects.get(title="Post 1").source


def test_the_list_of_subscribers_comes_by_its_proof_and_names_the_blog(substack):
    columns = "email,active_subscription,email_disabled,created_at"
    text = f"{columns}\nann@example.org,false,false,{AT}\nbob@example.org,true,true,{AT}\n"
    opens = "post_id,timestamp,email,active_subscription\n1,x,cleo@example.org,true\n"
    done = substack(row(), more={"email_list.running.csv": text, "posts/1.opens.csv": opens}, url="")
    assert Subscription.objects.get().address == "ann@example.org"
    assert StoppedAddress.objects.get().address == "bob@example.org"
    assert in_file(done) == {"posts": 1, "subscribers": 2} and "running.substack.com" in done["origin"]


def test_a_second_run_changes_nothing_and_a_changed_text_is_updated(substack):
    rows = [row(), row("2.b", is_published="false"), row("3.c", type="page")]
    substack(*rows, texts={"1.a-run": shown()})
    again = substack(*rows, texts={"1.a-run": shown()})
    assert all(again["totals"][kind]["unchanged"] == again["totals"][kind]["in_file"] for kind in ("posts", "pages"))
    assert substack(*rows, texts={"1.a-run": shown(caption="New")})["totals"]["posts"]["updated"] == 1


def test_broken_lines_and_missing_texts_are_told(tmp_path, ada):
    file = tmp_path / "export.zip"
    with zipfile.ZipFile(file, "w") as made:
        made.writestr("export/posts.csv", f"{COLUMNS}\n1.a,{AT},true\n2.b,{AT},true,,,newsletter,everyone,B,,\n")
    done = bring(tmp_path, "substack", file)
    assert results(done, "posts")["B"] == "brought" and done["totals"]["posts"]["failed"] == 1
    assert "The archive has no text for these posts: 1, such as “B”." in "".join(done["notices"])


REFUSED = [("readme.txt", "no posts.csv"), ("posts.csv", "no column post_id")]


@pytest.mark.parametrize(("name", "reason"), REFUSED)
def test_what_is_no_export_is_refused_with_a_sentence(tmp_path, ada, name, reason):
    file = tmp_path / "export.zip"
    with zipfile.ZipFile(file, "w") as made:
        made.writestr(name, "a,b\n1,2\n")
    with pytest.raises(CommandError, match=reason):
        call_command("import_substack", file, stdout=io.StringIO(), stderr=io.StringIO())


HOSTILE = ["<div class='image-gallery-embed' data-attrs='[1]'></div>", "<div class='tweet' data-attrs='{\"url\":{}}'>",
           "<div>" * 3000 + "deep", "<a class='footnote-anchor'>", "<div class='footnote'>", "<img src='javascript:x'>",
           "<div class='captioned-image-container'><figure></figure></div>", "<" * 5000, "<p class=\"button-wrapper\">",
           "<div class='youtube-wrap' data-attrs='{\"videoId\":\"\\\"><script>\"}'></div>", "<img srcset=', , 1w'>",
           '<b class="image-gallery-embed" data-attrs="{&quot;gallery&quot;:{&quot;images&quot;:[1]}}">']  # fmt: skip


@pytest.mark.parametrize("html", HOSTILE)
def test_odd_texts_are_no_traceback(tmp_path, html):
    file = archive(tmp_path / "export.zip", row(), texts={"1.a-run": html})
    items = [record for record in read([file]) if isinstance(record, Item)]
    counts = count_elements([file])
    assert len([item for item in items if item.kind == "post"]) == counts["posts"] == 1
    assert len([item for item in items if item.kind == "attachment"]) <= counts["attachments"]
    assert "javascript" not in items[-1].content and "script>" not in items[-1].content


def test_reader_and_counting_do_not_need_django():
    code = "import sys, transfer.substack.reader, transfer.substack.counting; print('django' in sys.modules)"
    assert run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "False"
