"""The preview beside the text: what readers will see, made while one types, and never for long."""

import re
import time

import pytest

from tests.pace import allowed

HOSTILE = {
    "open tags": "<b>" * 66_000,
    "brackets": "[" * 200_000,
    "nested quotes": "> " * 100_000,
    "list markers": "1. " * 66_000,
    "stars": "*a_" * 66_000,
    "entities": "&lt;" * 50_000,
    "a table": "|" * 50_000 + "\n" + "|-" * 50_000 + "\n" + "|" * 50_000,
    "references": "[a]: <" * 33_000,
    "code": "`" * 99_999 + " " + "`" * 99_998,
    "angles": "<a " * 66_000,
}


@pytest.fixture
def desk(as_, ada):
    return as_(ada)


def test_it_shows_the_text_as_readers_will_see_it(desk, ada):
    shown = desk.post("/desk/preview/", {"title": "Fog & bread", "source": "Ten *miles*.", "format": "quote"})
    page = shown.content.decode()
    assert shown.status_code == 200
    assert "Fog &amp; bread" in page
    assert "<em>miles</em>" in page
    assert "entry--quote" in page
    assert "no-store" in shown["Cache-Control"]
    assert not ada.posts.exists()


def test_it_shows_no_script(desk):
    source = "<script>alert(1)</script><img src=x onerror=alert(1)>[x](javascript:alert(1))"
    shown = desk.post("/desk/preview/", {"source": source, "format": "link", "link_url": "javascript:alert(1)"})
    told, _, page = shown.content.decode().partition("<article")
    assert "&lt;script&gt; was removed" in told and "<script" not in told
    assert not re.search("<script|onerror|href=.javascript", page)


@pytest.mark.long
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_text_takes_at_most_two_seconds(desk, text):
    begun = time.process_time()
    shown = desk.post("/desk/preview/", {"source": text[:200_000]})
    assert shown.status_code == 200
    assert time.process_time() - begun < allowed(2)


def test_too_many_are_told_to_wait(desk):
    for _time in range(30):
        assert desk.post("/desk/preview/", {"source": "x"}).status_code == 200
    answer = desk.post("/desk/preview/", {"source": "x"})
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0


def test_nobody_else_gets_one(as_, rene, client):
    assert as_(rene).post("/desk/preview/", {"source": "x"}).status_code == 403
    assert client.post("/desk/preview/", {"source": "x"}).status_code == 403
