"""An import asks the database as often for a chunk of many posts as for one of few."""

import io
import re

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from blog.models import Media, Post
from blog.models.media import MediaUse
from tests.transfer.wxr_text import author, category, comment, export, item, term_of
from transfer.importing import run

pytestmark = [pytest.mark.db, pytest.mark.django_db]

SELECTS, UPDATES = 13, 2  # of a chunk


@pytest.fixture
def statements(monkeypatch):
    """{"SELECT": n, …} of each chunk that is stored; how many INSERTs it takes depends on the database."""
    found = []
    store = run.store_chunk

    def counted(*arguments, **options):
        with CaptureQueriesContext(connection) as queries:
            store(*arguments, **options)
        words = [re.sub(r"^\d+ times: ", "", query["sql"]).split()[0] for query in queries.captured_queries]
        found.append({word: words.count(word) for word in ("SELECT", "UPDATE")})

    monkeypatch.setattr(run, "store_chunk", counted)
    return found


def test_a_chunk_costs_the_same_queries_whatever_is_in_it(ada, tmp_path, statements):
    name = "0123456789abcdef" * 2
    Media.objects.create(name=name, kind=Media.Kind.PICTURE, title="a", file_name="a.png", format="PNG")
    for posts in (2, 30):
        first = posts * 1000
        items = [
            item(
                number,
                f"Run {number}",
                f'Mile {number}. <img src="/media/{name}/full.png" alt="x">',
                term_of("category", "sport", "Sport"),
                *[comment(number * 10 + place, f"Reply {place}", parent=place and number * 10) for place in range(3)],
            )
            for number in range(first, first + posts)
        ]
        path = tmp_path / f"{posts}.xml"
        path.write_text(export(author("ada", "ada@old.example", "Ada"), category("sport", "Sport"), *items))
        call_command("import_wordpress", path, stdout=io.StringIO(), stderr=io.StringIO())
    assert Post.objects.filter(comment_count=3).count() == MediaUse.objects.count() == 32
    few, many = statements
    assert few == many == {"SELECT": SELECTS, "UPDATE": UPDATES}
