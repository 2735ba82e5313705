"""The functions that child processes run, called in this process: what they answer is what JSON can carry back."""

import io
import json

import pytest
from django.utils import translation

from blog.markup import COMMENT, POST, render, render_process
from blog.markup.render_child import answer as rendered
from blog.media import encoding
from tests.matrix import drawn
from transfer.importing import text_child
from transfer.importing.renderings import text_fields
from transfer.old_urls import origin_of
from transfer.records import Item

SOURCE = "# Heron\n\nA *long* run, [twice](https://example.org/).\n\n<!--more-->\n\nAnd the rest.\n"


@pytest.fixture(autouse=True)
def language():
    """A child has one language for its whole life; this process has another one for each test."""
    with translation.override("en"):
        yield


def carried(answer):
    return json.loads(json.dumps(answer))


def test_a_text_that_is_rendered_elsewhere_is_what_it_would_be_here():
    here = render(SOURCE, POST)
    elsewhere = render_process.rendered_from(carried(rendered(SOURCE, {}, **render_process.languages())))
    for name in ("html", "teaser_html", "summary", "plain", "words", "notices"):
        assert getattr(elsewhere, name) == getattr(here, name), name


def test_the_language_of_the_interface_goes_along():
    rendered(SOURCE, {}, language="de", languages={})
    assert translation.get_language() == "de"


def test_a_chunk_of_an_import_is_converted_and_rendered_with_the_facts_of_its_first_call():
    facts = {"origin": origin_of("https://old.example"), "origins": ["https://old.example"], "language": "en",
             "attachments": [], "media": [], "paths": {"/2010/heron/": "/2020/02/02/heron/"}, "numbers": {},
             "reusable": {}}  # fmt: skip
    fields = {"content": "See [the heron](https://old.example/2010/heron/).", "content_format": "markdown"}
    words = {"posts": [(item(**fields), {})], "comments": [("So *fine*.", "markdown")], **render_process.languages()}
    first = carried(text_child.answer(facts=facts, longest=1000, **words))
    [[source, form, losses, described]] = first["posts"]
    assert (form, losses) == ("markdown", []) and "/2020/02/02/heron/" in source
    assert described["html"] == render(source, POST, source_format=form).html
    assert first["comments"] == [render("So *fine*.", COMMENT, source_format="markdown").html]
    second = carried(text_child.answer(facts=None, longest=5, **words))
    assert second["posts"][0][0] == source and second["posts"][0][3] is None, "a longer text is not rendered there"


def item(**fields):
    """The fields of a post as the import sends them."""
    return text_fields(Item(kind="post", guid="1", **fields))


def test_a_picture_is_encoded_or_is_refused(tmp_path):
    (tmp_path / "source").write_bytes(drawn())
    folder = tmp_path / "folder"
    folder.mkdir()
    made = encoding.Encoded(**carried(encoding.answer(str(tmp_path / "source"), str(folder), "png", "full.png", 10**6)))
    assert made.width > 0 and (folder / "full.png").exists() and f"{made.widths[-1]}.webp" in {
        file.name for file in folder.iterdir()
    }  # fmt: skip
    (tmp_path / "source").write_bytes(b"\x89PNG no picture")
    refused = encoding.answer(str(tmp_path / "source"), str(folder), "png", "full.png", 10**6)
    assert refused == {"trouble": "NotReadable"}
    assert encoding.squares(io.BytesIO(drawn()), "png", [32])[32].startswith(b"\x89PNG")
