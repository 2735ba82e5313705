"""What an author writes is read in full, however long it is and however slow the machine."""

import threading
from time import thread_time

import pytest

from blog.markup import COMMENT, POST, limits, render
from blog.markup.render_process import NotRendered, render_in_process
from tests.data.hostile_markdown import HOSTILE
from tests.data.long_posts import LONG_POSTS

# Ten times the goals: 12 µs for a character of prose, 10 s for 300 kB of anything.
SECONDS_A_CHARACTER = 120e-6
SECONDS = 100.0


@pytest.mark.long
@pytest.mark.parametrize("name", LONG_POSTS)
def test_a_long_post_is_read_in_full(name):
    text, counts = LONG_POSTS[name](3)
    rendered = render(text, POST, prefix="p-")
    assert rendered.notices == () and rendered.truncated_reason == ""
    assert {piece: rendered.html.count(piece) for piece in counts} == counts


@pytest.fixture
def slow(monkeypatch):
    """A machine on which a second of processor time is over at every look, with others who want the processor."""
    now = iter(range(10**9))
    monkeypatch.setattr(limits, "thread_time", lambda: float(next(now)))
    done = threading.Event()

    def work():
        while not done.is_set():
            sum(range(1000))

    workers = [threading.Thread(target=work, daemon=True) for _ in range(3)]
    for each in workers:
        each.start()
    yield
    done.set()
    for each in workers:
        each.join()


TEXTS = {name: LONG_POSTS[name](1)[0] for name in ("links", "table", "footnotes", "nested quotes of many lines")} | {
    name: HOSTILE[name](4_000)
    for name in ("everything", "formatting and paragraphs", "links that begin", "stars with a letter")
}


@pytest.mark.long
@pytest.mark.parametrize("name", TEXTS)
def test_a_slow_machine_makes_the_same_of_a_post(name, request):
    quick = render(TEXTS[name], POST, prefix="p-")
    request.getfixturevalue("slow")
    rendered = render(TEXTS[name], POST, prefix="p-")
    assert (rendered.html, rendered.notices) == (quick.html, quick.notices)


def test_a_readers_answer_keeps_its_clock(slow):
    assert render("*a* [b](https://c.example)", COMMENT).truncated_reason == "time"


ESCAPED = {
    "ampersands": "&" * 990_000,
    "ampersands and spaces": "& " * 400_000,
    "references": "&#1" * 300_000,
    "headings": "# a\n" * 75_000,
    "angles": "<" * 300_000,
    "no-break spaces": "\xa0" * 300_000,
    "tags and references": "<b>x</b>&amp;" * 23_000,
}


@pytest.mark.long
@pytest.mark.parametrize("text", ESCAPED.values(), ids=ESCAPED)
def test_what_is_escaped_costs_little(text):
    start = thread_time()
    rendered = render(text, POST)
    assert rendered.plain is not None and thread_time() - start < SECONDS
    assert rendered.truncated_reason == ""


def test_prose_costs_little_for_a_character():
    text = LONG_POSTS["words"](1)[0]
    start = thread_time()
    rendered = render(text, POST)
    assert rendered.words and thread_time() - start < SECONDS_A_CHARACTER * len(text)


@pytest.mark.long
@pytest.mark.parametrize("source_format", ["markdown", "html"])
@pytest.mark.parametrize("name", HOSTILE)
def test_300_kB_of_anything_are_soon_read(name, source_format):
    start = thread_time()
    rendered = render(HOSTILE[name](300_000), POST, prefix="p-", source_format=source_format)
    assert rendered.plain is not None and thread_time() - start < SECONDS
    assert len(rendered.html) < 60 * 300_000


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("<script>x</script>a", [(1, "dropped", "<script>")]),
        ("a\n<IFRAME src=x></IFRAME>", [(2, "dropped", "<iframe>")]),
        ("<p>\n\n<a href='ftp://x/'>a</a>", [(3, "dropped", "ftp:")]),
        ("<img src='data:image/png;base64,AA'>", [(1, "dropped", "data:")]),
        ("<a href='tel:1'>a</a> <b>b</b>", []),
    ],
)
def test_what_is_left_out_of_html_is_named_at_its_line(text, told):
    rendered = render(text, POST, source_format="html")
    assert [(each.line, each.kind, each.what) for each in rendered.notices] == told


@pytest.mark.parametrize("more", ["", "\n<!--more-->\n"])
def test_the_line_of_a_notice_is_that_of_the_source(more):
    rendered = render(f"One.\n{more}\nTwo.\n\nSee <style>b</style> there.\n", POST)
    line = f"One.\n{more}\nTwo.\n\nSee".count("\n") + 1
    assert [(each.line, each.what) for each in rendered.notices] == [(line, "<style>")]


# In a process of its own


def test_a_process_of_its_own_makes_the_same():
    text, options = (
        LONG_POSTS["footnotes"](1)[0] + "\n<script>a</script>\n\n<!--more-->\n\n# b\n\n# c",
        {"prefix": "p-", "language": "de"},
    )
    here, apart = render(text, POST, **options), render_in_process(text, **options)
    for name in (
        "html",
        "teaser_html",
        "more_id",
        "notices",
        "toc_html",
        "summary",
        "plain",
        "words",
        "pictures",
        "links",
    ):
        assert getattr(here, name) == getattr(apart, name), name


@pytest.mark.parametrize(("limit", "why"), [({"seconds": 0.01}, "time"), ({"memory": 100 * 2**20}, "memory")])
def test_a_text_without_end_is_given_up(limit, why):
    with pytest.raises(NotRendered) as given_up:
        render_in_process("# a\n" * 60_000, **limit)
    assert str(given_up.value) == why
