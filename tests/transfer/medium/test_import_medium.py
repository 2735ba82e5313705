"""What one wrote at Medium comes in: stories with their dates, drafts as drafts, responses as data."""

import io
import sys
import zipfile
from datetime import UTC, datetime
from subprocess import run

import pytest
from django.core.management import CommandError, call_command

from blog.models import Post, Redirect
from tests.transfer.importing_files import bring, in_file, picture, results
from transfer.medium.content import own_address, story_of
from transfer.medium.counting import count_elements
from transfer.medium.reader import read
from transfer.models import ImportRef
from transfer.records import Item

pytestmark = pytest.mark.django_db
AT = "2018-08-11T11:23:34.123Z"
IMAGE = "https://cdn-images-1.medium.com/max/800/1*ab-c.jpeg"
PROFILE = (
    '<section class="h-card"><h3 class="p-name">Ada Runs</h3><ul><li><b>Profile:</b> <a class="u-url" '
    'href="https://medium.com/@ada.runs">@ada.runs</a></li><li><b>Email address:</b> ada@old.example</li></ul>'
)


def page(body="<p>Ten miles.</p>", *, title="A run", subtitle="", slug="a-run-abcdef123456", draft=False, more=""):
    summary = f'<section data-field="subtitle" class="p-summary">\n{subtitle}\n</section>' if subtitle else ""
    signed = (
        f'<p>By <a href="https://medium.com/@ada.runs" class="p-author h-card">Ada Runs</a> on <a href="https://medium.com/p/'
        f'abcdef123456"><time class="dt-published" datetime="{AT}">August 11, 2018</time></a>.</p>'
        f'<p><a href="https://medium.com/@ada.runs/{slug}" class="p-canonical">Canonical link</a></p>'
    )
    return (
        f'<!DOCTYPE html><html><head><title>{title}</title><style>* {{ }}</style></head><body><article class="h-entry">'
        f'<header><h1 class="p-name">{title}</h1></header>{summary}<section data-field="body" class="e-content">'
        f'<section name="1" class="section section--body section--first"><div class="section-divider"><hr '
        f'class="section-divider"></div><div class="section-content"><div class="section-inner">'
        f'<h3 name="2" id="2" class="graf graf--h3 graf--title">{title}</h3>{body}</div></div></section></section>'
        f'<footer>{more}{"" if draft else signed}<p>Exported from <a href="https://medium.com">Medium</a>.</p></footer>'
        "</article></body></html>"
    )


def answer(text, title):
    return page(f'<p class="graf">{text}</p>', title=title).replace(f'graf--title">{title}</h3>', "").replace(
        '<h3 name="2" id="2" class="graf graf--h3 ', "")  # fmt: skip


NAME = "posts/2018-08-11_A-run-abcdef123456.html"


@pytest.fixture
def medium(tmp_path, ada):
    def medium(pages, profile=PROFILE, **options):
        file = tmp_path / "medium-export.zip"
        with zipfile.ZipFile(file, "w") as made:
            for name, text in pages.items():
                made.writestr(name, text)
            if profile:
                made.writestr("profile/profile.html", profile)
            made.writestr("claps/claps-0001.html", "<ul></ul>")
        return bring(tmp_path, "medium", file, **options)

    return medium


def test_a_story_keeps_its_date_subtitle_and_address(medium):
    tags = '<p class="p-tags">Tagged in <a href="https://medium.com/tag/on-foot" class="p-tag">On Foot</a></p>'
    done = medium({NAME: page(subtitle="On foot", more=tags)})
    made = Post.objects.get()
    assert made.title == "A run" and made.is_public and made.excerpt == "On foot" and made.slug == "a-run"
    assert made.publish_at == datetime(2018, 8, 11, 11, 23, 34, 123000, tzinfo=UTC)
    assert made.source == "<p>Ten miles.</p>" and [tag.name for tag in made.tags.all()] == ["On Foot"]
    assert Redirect.objects.get(key="/@ada.runs/a-run-abcdef123456").thing == made
    kept = ImportRef.objects.get(model="post").kept["meta"]
    assert ["medium_canonical", "https://medium.com/@ada.runs/a-run-abcdef123456"] in kept
    assert in_file(done) == {"posts": 1, "tags": 1, "authors": 1} and done["origin"] == "medium.com/@ada.runs"


def test_drafts_stay_drafts(medium, client):
    medium(
        {"posts/draft_A-run-abcdef123456.html": page(draft=True), "posts/draft_B-abcdef123457.html": page(title="B")}
    )
    assert {post.status for post in Post.objects.all()} == {"draft"} and b"Ten miles" not in client.get("/").content


def test_a_story_without_a_date_is_a_draft(medium):
    medium({"posts/A-run-abcdef123456.html": page(draft=True)})
    assert Post.objects.get().status == "draft"


def test_responses_are_kept_as_data(medium):
    done = medium(
        {
            NAME: page(),
            "posts/2019-01-01_Thank-you-abcdef123457.html": answer("Thank you! It helps.", "Thank you!"),
            "posts/2019-01-02_I-think-that-abcdef123458.html": answer("I think that one runs.", "I think that…"),
            "posts/2019-01-03_Short-abcdef123459.html": answer("A story without headings.", "Another title"),
        }
    )
    assert set(Post.objects.values_list("title", flat=True)) == {"A run", "Another title"}
    assert in_file(done) == {"posts": 2, "authors": 1, "other": 2}
    assert results(done, "other") == {"Thank you!": "skipped", "I think that…": "skipped"}
    assert ImportRef.objects.filter(kind="other", original__contains="one runs").exists()


BODIES = [
    ('<h4 class="graf graf--subtitle">On foot</h4><p class="graf">a <strong class="markup--strong">b</strong></p>',
     "<p>a <strong>b</strong></p>"),
    ('<h3 class="graf graf--h3">Part</h3><h4 class="graf graf--h4">Piece</h4>', "<h2>Part</h2><h3>Piece</h3>"),
    ('<p><a href="https://x.example/" data-href="https://x.example/" class="markup--anchor" rel="noopener">x</a></p>',
     '<p><a href="https://x.example/">x</a></p>'),
    (f'<figure class="graf"><div class="aspectRatioPlaceholder" style="max-width: 1px"><img class="graf-image" '
     f'data-image-id="1*a.jpeg" src="{IMAGE}"></div><figcaption class="imageCaption">A <em class="x">run</em>'
     "</figcaption></figure>",
     '<figure><img src="https://miro.medium.com/v2/1*ab-c.jpeg" alt=""><figcaption>A <em>run</em></figcaption>'
     "</figure>"),
    ('<pre data-code-block-mode="1" data-code-block-lang="python" class="graf"><span class="pre--content">if a:'
     "<br>  <span class=\"hljs\">b</span></span></pre>",
     '<pre><code class="language-python">if a:\n  b</code></pre>'),
    ('<div class="graf graf--mixtapeEmbed"><a href="https://x.example/" class="markup"><strong>X</strong><br><em>y'
     '</em></a><a class="js-mixtapeImage" href="https://x.example/"></a></div>',
     '<p><a href="https://x.example/">X</a></p>'),
    ('<figure class="graf--iframe"><iframe src="https://www.youtube.com/embed/abc?x=1" width="7"></iframe></figure>',
     '<iframe src="https://www.youtube.com/embed/abc?x=1"></iframe>'),
    ('</div></div></section><section class="section"><div class="section-divider"><hr class="x"></div><div>'
     "<div><p>b</p>", "<hr><p>b</p>"),
    ("<script>alert(1)</script><p>a</p>", "<p>a</p>"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "html"), BODIES)
def test_what_medium_builds_becomes_plain_html(body, html):
    assert story_of(page(body, subtitle="On foot")).html == html


SIZES = [
    (IMAGE, "https://miro.medium.com/v2/1*ab-c.jpeg"),
    ("https://miro.medium.com/v2/resize:fit:1400/format:webp/0*x.png", "https://miro.medium.com/v2/0*x.png"),
    ("https://other.example/max/800/a.png", "https://other.example/max/800/a.png"),
]


@pytest.mark.parametrize(("url", "own"), SIZES)
def test_pictures_are_asked_for_in_their_own_size(url, own):
    assert own_address(url) == own


def test_pictures_come_from_a_copy_and_the_featured_one_is_known(medium, tmp_path):
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "1*ab-c.jpeg").write_bytes(picture())
    body = f'<figure><img src="{IMAGE}" data-is-featured="true"></figure><figure><img src="{IMAGE}"></figure>'
    done = medium({NAME: page(body)}, media=str(tmp_path / "files"))
    made = Post.objects.get()
    assert made.featured and made.source.count(made.featured.get_absolute_url()) == 2
    assert done["totals"]["attachments"]["brought"] == done["totals"]["attachments"]["in_file"] == 1


def test_a_second_run_changes_nothing(medium):
    pages = {NAME: page(), "posts/draft_B-abcdef123457.html": page(draft=True, title="B")}
    medium(pages)
    again = medium(pages)
    assert again["totals"]["posts"]["unchanged"] == again["totals"]["posts"]["in_file"] == 2
    assert medium(pages | {NAME: page("<p>Eleven.</p>")})["totals"]["posts"]["updated"] == 1


def test_an_export_without_a_profile_asks_for_the_address(medium):
    done = medium({NAME: page()}, profile="")
    assert "--url" in done["output"] and Post.objects.get().is_public


def test_what_is_no_export_is_refused_with_a_sentence(tmp_path, ada):
    file = tmp_path / "medium.zip"
    with zipfile.ZipFile(file, "w") as made:
        made.writestr("index.html", "<p>")
    with pytest.raises(CommandError, match="folder “posts”"):
        call_command("import_medium", file, stdout=io.StringIO(), stderr=io.StringIO())


HOSTILE = ["", "<", "<article class='h-entry'>", "<section class='e-content'>" * 500, "<h1 class='p-name'>",
           page("<figure></figure><img src='javascript:x'>"), page("<div>" * 3000), page(slug="%ff%00")]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_odd_pages_are_no_traceback(tmp_path, text):
    file = tmp_path / "medium.zip"
    with zipfile.ZipFile(file, "w") as made:
        made.writestr(NAME, text)
    items = [record for record in read([file]) if isinstance(record, Item) and record.kind != "attachment"]
    counts = count_elements([file])
    assert len(items) == counts["posts"] + counts["other"] == 1 and "javascript" not in items[0].content


def test_reader_and_counting_do_not_need_django():
    code = "import sys, transfer.medium.reader, transfer.medium.counting; print('django' in sys.modules)"
    assert run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "False"
