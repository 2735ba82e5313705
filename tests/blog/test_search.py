"""Finding things: the same twenty questions have the same answers on SQLite and on PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from blog import search
from blog.models import SearchEntry
from blog.search import words
from ground import generation
from ground.models import Site

pytestmark = pytest.mark.db


@pytest.fixture
def library(make_post, on):
    """A few posts whose words the questions below are about."""
    return {
        "cafe": make_post("The café by the river", "Flat white after the long run.", at=on(2020, 1, 1)),
        "training": make_post("Winter", "I went running in the snow; it's cold.", at=on(2020, 1, 2)),
        "run": make_post("Run, run, run", "Nothing else.", at=on(2019, 1, 3)),
        "tokyo": make_post("東京マラソン", "東京都庁から走りました。", at=on(2020, 1, 4)),
        "german": make_post("Über Schuhe", "Läufe im Straßenstaub", at=on(2020, 1, 5)),
        "code": make_post("C++ and col:x", "A text about `a AND b` and 100%.", at=on(2020, 1, 6)),
        "page": make_post("About", "Who writes here: somebody with weights.", kind="page"),
        "private": make_post("Private weights", "Secret kettlebell", visibility="private"),
        "draft": make_post("Draft kettlebell", "Not finished", draft=True),
        "locked": make_post("Locked", "A kettlebell behind a password", password="finish line"),
    }


QUESTIONS = [
    ("cafe", ["cafe"]),
    ("CAFÉ", ["cafe"]),
    ("café river", ["cafe"]),
    ("running", ["run", "training", "cafe"]),
    ("runs", ["run", "training", "cafe"]),
    ("東京", ["tokyo"]),
    ("マラソン", ["tokyo"]),
    ("走", []),
    ("strassenstaub", ["german"]),
    ("Straßenstaub", ["german"]),
    ("uber schuhe", ["german"]),
    ("weights", ["page"]),
    ("kettlebell", []),
    ('"x', ["code"]),
    ("a AND", ["code"]),
    ("col:x", ["code"]),
    ("c++", ["code"]),
    ("-snow", ["training"]),
    ("100%", ["code"]),
    ("nothing AND everything", []),
    ("%", []),
    ("' OR 1=1 --", []),
]


@pytest.mark.parametrize(("query", "found"), QUESTIONS)
def test_a_question_finds(library, client, query, found):
    answer = client.get("/search/", {"q": query})
    assert answer.status_code == 200
    names = {f"http://localhost:8000{post.get_absolute_url()}": name for name, post in library.items()}
    assert {names[hit.url] for hit in answer.context["results"]} == set(found)


def test_a_title_ranks_above_a_text(library, rene):
    first = search.find("run", rene)[:1][0]
    assert "".join(text for text, _hit in first.title) == "Run, run, run"


def test_what_was_found_is_marked(library, client):
    text = client.get("/search/", {"q": "snow running"}).content.decode()
    assert "<mark>running</mark>" in text
    assert "<mark>snow;</mark>" in text


def test_of_a_script_without_spaces_only_what_was_asked_for_is_marked(library, client):
    text = client.get("/search/", {"q": "東京"}).content.decode()
    assert "<mark>東京</mark>マラソン" in text and "<mark>東京</mark>都庁から" in text


def test_the_owner_finds_what_is_private(library, ada, rene):
    assert len(search.find("kettlebell", ada)) == 1
    assert len(search.find("kettlebell", rene)) == 0


def test_what_is_in_the_trash_is_not_found(library, rene):
    library["training"].trash()
    assert len(search.find("snow", rene)) == 0
    library["training"].restore()
    assert len(search.find("snow", rene)) == 1
    library["training"].delete()
    assert len(search.find("snow", rene)) == 0


def test_a_comment_is_found_as_long_as_its_post_may_be_seen(make_post, rene):
    post = make_post()
    search.put("comment", 7, post=post, text="I prefer the treadmill", url=f"{post.path}#comment-7")
    assert [hit.kind for hit in search.find("treadmill", rene)[:9]] == ["comment"]
    post.withdraw()
    assert len(search.find("treadmill", rene)) == 0
    search.drop("comment", 7)
    assert not SearchEntry.objects.filter(kind="comment").exists()


def test_another_language_has_other_stems(library, rene, django_capture_on_commit_callbacks):
    Site.objects.update(language="de")
    number = generation.current()
    with django_capture_on_commit_callbacks(execute=True):
        search.rebuild()
    assert generation.current() != number, "what was searched meanwhile is kept by nobody"
    assert len(search.find("Schuh", rene)) == 1
    assert len(search.find("running", rene)) == 1


def test_too_many_searches_are_slowed_down_and_the_words_stay(client, library):
    answers = [client.get("/search/", {"q": "snow"}) for _time in range(31)]
    assert [answer.status_code for answer in answers] == [200] * 30 + [429]
    assert 'value="snow"' in answers[-1].content.decode()
    assert int(answers[-1]["Retry-After"]) > 0


def test_old_search_addresses_lead_to_the_new_one(client, blog):
    assert client.get("/search/long run/")["Location"] == "/search/?q=long+run"
    assert client.get("/search/long%20run/").status_code == 301


@pytest.mark.parametrize(
    "query", ["x" * 5000, "<script>alert(1)</script>", "\u202e", "\ud800".encode("utf-8", "surrogatepass")]
)
def test_any_question_gets_a_page(client, blog, query):
    answer = client.get("/search/", {"q": query})
    assert answer.status_code == 200
    assert b"<script>alert" not in answer.content


def test_of_very_many_the_newest_are_ranked_and_the_page_says_so(client, make_post, monkeypatch):
    monkeypatch.setattr(search, "NEWEST", 3)
    for number in range(3):
        make_post(f"Run {number}", "Through the rain.")
    page = client.get("/search/?q=rain").content.decode()
    assert "Very many" not in page and page.count("Run ") >= 3
    make_post("Best", "rain rain rain")
    make_post("Newest", "Through the rain again and again, until the shoes were full of it.")
    page = client.get("/search/?q=rain").content.decode()
    assert "Very many" in page
    assert "Run 0" not in page.partition("<main")[2].partition("</main>")[0]
    assert page.index("Best") < page.index("Newest")


def test_threads_stem_their_own_words():
    many = [f"{start}{end}" for start in ("run", "radical", "investig", "bicycl") for end in ("ing", "ized", "ators")]
    alone = [words.own_stemmer("english").stemWord(word) for word in many]

    def stemmed(_turn):
        return [words.own_stemmer("english").stemWord(word) for word in many]

    with ThreadPoolExecutor(4) as threads:
        assert all(answer == alone for answer in threads.map(stemmed, range(400)))
