"""The work is in proportion to the length, for any text: the goal is a megabyte in two seconds."""

from time import thread_time

import pytest

from tests.pace import allowed
from transfer.wordpress.text import Attachment, Context, to_html

pytestmark = pytest.mark.no_cover  # the limit is that of the code, not of the tracer that counts its lines

LENGTHS = [100_000, pytest.param(1_000_000, marks=pytest.mark.long)]
SECONDS = 20e-6  # a character, ten times the goal: the machine may be slow, and quadratic time takes minutes
CONTEXT = Context(
    attachments={1: Attachment("https://old.example/a.jpg")},
    attached=[Attachment("https://old.example/b.jpg")],
    origins=["https://old.example"],
)
REPEATED = """
<a~" <a~"<b~' < [ [[ [a [gallery~ [caption] [caption]~[/caption] [embed] [code] <!--~wp:group~--> <!--~wp:
<!-- <!--~wp:table~--><figcaption> <!--~wp:embed~--> <div> <b> <p> </p> <b></p><p> <p>x<div> <li> <td>
<table><div> <table>x <br> <br>^<em> ~ ^ ^~ x^ " ' 9"~ '9 `` - -~ ... 1. 0x1 a~x http://a.b/^ $latex~
$latex~x$~ <script> <pre~lang="php"> <object> <iframe~src="//a.b/c"> & &amp; <img~src="a"~srcset="b~1w"> ~:)~
[audio~] [my_x] [a][/a] [/gallery] [[gallery]] <a~href="x"> <mark~class="wp-note"> [gallery~ids="1,1"]^
[youtube= <sup~data-fn="a"> <figure><p> </b <? <!a~ &#x [video~src=" "<em>"</em> <!--more--> <!--more-->^
<!--nextpage--> <!---->
""".split()


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("piece", [piece.replace("~", " ").replace("^", "\n") for piece in REPEATED])
def test_one_piece_again_and_again_takes_no_long_time(piece, length):
    started = thread_time()
    html = to_html(piece * (length // len(piece)), CONTEXT).html
    assert thread_time() - started < allowed(SECONDS * length)
    assert len(html) < 20 * length


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize(
    "made",
    [
        lambda n: "<a \"'" * (n // 10) + "'<b \"" * (n // 10),
        lambda n: "a\n" + " " * n + "b",
        lambda n: "[a " * (n // 3) + "] [/a]",
        lambda n: "[a]" * (n // 3) + "[/a]",
        lambda n: ("[gallery " + "a" * 49_000 + "]") * (n // 49_000),
        lambda n: ("[gallery " + "=" * 49_000 + "/]") * (n // 49_000),
        lambda n: ("[gallery " + "\" ' " * 12_000 + "]") * (n // 49_000),
        lambda n: ("[gallery " + "a= " * 16_000 + "]") * (n // 49_000),
        lambda n: "<a " + "x=y " * (n // 4) + ">",
        lambda n: "<!-- wp:x " + '{"a":' * (n // 5) + " -->",
        lambda n: "<b>" * 1_000 + "<p>x</p>" * (n // 9),
        lambda n: "<table>" * 1_000 + "x" * n,
        lambda n: ("x" * 60 + " ") * (n // 61),
        lambda n: '<img data-src="x" src="' + "lazy" * (n // 4) + '">',
        lambda n: '<pre class="' + "brush: " * (n // 7) + '">',
        lambda n: '<div class="wp-block-cover" style="' + "background-image: url(" * (n // 22) + '">',
        lambda n: "https://youtu.be/" + "/" * n,
        lambda n: '<a href="https://x.example/' + "-300x200" * (n // 8) + '.jpg">x</a>',
    ],
    ids=range(18),
)
def test_what_is_made_to_be_slow_takes_no_long_time(made, length):
    raw = made(length)
    started = thread_time()
    to_html(raw, CONTEXT)
    assert thread_time() - started < allowed(SECONDS * length)
