"""For every export of Substack and Medium: the receipt adds up, a second run changes nothing, an undo gives the blog of
before back, and no text becomes public that was not."""

import csv
import io
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from blog.models import Post, Redirect
from comments.models import StoppedAddress, Subscription
from core import cache_version
from tests.pace import often
from transfer.importing import receipt
from transfer.importing import run as running
from transfer.importing.undo_import import undo_import

pytestmark = pytest.mark.django_db
quick = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)
MODELS = (Post, Redirect, Subscription, StoppedAddress)
IMAGE = "https://substackcdn.com/image/fetch/w_1/https%3A%2F%2Fs.example%2Fpublic%2F"
PIECES = ["<p>Ten <em>miles</em>.</p>", f'<img src="{IMAGE}a.png">', f'<figure><img src="{IMAGE}b.png"></figure>',
          '<p class="button-wrapper"><a href="/subscribe">x</a></p>', "<h2>Part</h2>", "<p>1 < 2",
          '<div class="footnote">',
          '<blockquote class="pullquote">a</blockquote>', "<ul><li>a", "</div>", "&amp; <!-- x -->"]  # fmt: skip

kinds = st.sampled_from(["newsletter", "podcast", "thread", "page", "", "adhoc_email"])
audiences = st.sampled_from(["everyone", "everyone", "only_paid", "only_free", ""])
published = st.sampled_from(["true", "true", "false", ""])
dates = st.sampled_from(["2022-03-04T05:06:07.000Z", "", "never", "2999-01-01T00:00:00Z"])
titles = st.sampled_from(["A run", 'Said "so", twice', "", "Über\nzwei", "A run"])
texts = st.one_of(st.none(), st.lists(st.sampled_from(PIECES), max_size=5).map("".join))
posts = st.lists(st.tuples(kinds, audiences, published, dates, titles, texts), max_size=6)


def substack(path, rows):
    """The path of an export, and {word in a text: whether everybody may read it}."""
    table, words = io.StringIO(), {}
    writer = csv.writer(table)
    writer.writerow("post_id post_date is_published type audience title subtitle podcast_url".split())
    with zipfile.ZipFile(path, "w") as made:
        for number, (kind, audience, state, date, title, text) in enumerate(rows, start=1):
            writer.writerow([f"{number}.p{number}", date, state, kind, audience, title, "", ""])
            if text is not None:
                word = f"zqtext{number}x"
                words[word] = (state, audience) == ("true", "everyone") and kind != "adhoc_email" and "2999" not in date
                made.writestr(f"posts/{number}.p{number}.html", f"<p>{word}</p>{text}")
        made.writestr("posts.csv", table.getvalue())
    return words


def medium(path, rows):
    words = {}
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("posts/draft_none-ffffffffff.html", "<h1 class='p-name'>None</h1>")
        for number, (_kind, _audience, state, date, title, text) in enumerate(rows, start=1):
            is_draft, word = state != "true", f"zqtext{number}x"
            has_date = date.startswith("2022")
            name = f"{'draft_' if is_draft else ''}A-{number}-abcdef{number:06}.html"
            words[word] = not is_draft and has_date
            made.writestr(
                f"posts/{name}",
                f'<h1 class="p-name">{title}</h1><section class="e-content"><p>{word}</p>{text or ""}</section><footer>'
                f'<time class="dt-published" datetime="{date}"></time></footer>',
            )
    return words


def rows_here():
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in MODELS}


def brought(path, system, ada):
    run = running.start([path], system=system, by=ada)
    totals = running.run_import(run, [path])
    assert receipt.differences(totals) == {}
    return run


def check(system, write, rows, ada, client):
    with TemporaryDirectory() as folder, transaction.atomic():
        path = Path(folder, "export.zip")
        words = write(path, rows)
        before = rows_here()
        run = brought(path, system, ada)
        after = rows_here()
        again = brought(path, system, ada)
        assert rows_here() == after and not again.lines.filter(result__in=("brought", "updated")).exists()
        addresses = {
            "/",
            "/feed/",
            "/sitemap.xml",
            *(post.get_absolute_url() for post in Post.objects.all() if post.path),
        }
        shown = "".join(client.get(address, follow=True).getvalue().decode() for address in addresses)
        assert {word for word in words if word in shown} == {word for word, is_public in words.items() if is_public}
        undo_import(run)
        assert rows_here() == before
        transaction.set_rollback(True)
    cache_version.invalidate(cache_version.EVERYTHING)


SYSTEMS = [("substack", substack), ("medium", medium)]


@pytest.mark.parametrize(("system", "write"), SYSTEMS)
@settings(quick, max_examples=4)
@given(rows=posts)
def test_an_export_comes_in_whole_and_once_and_goes_again(system, write, rows, ada, client):
    check(system, write, rows, ada, client)


@pytest.mark.long
@pytest.mark.parametrize(("system", "write"), SYSTEMS)
@settings(quick, max_examples=often(150))
@given(rows=posts)
def test_many_exports_come_in_whole_and_once_and_go_again(system, write, rows, ada, client):
    check(system, write, rows, ada, client)
