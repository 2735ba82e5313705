"""Pictures that follow one another are a gallery: rows in which each keeps its shape, and a viewer."""

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from blog import gallery_shapes
from blog.markup import POST, render
from blog.media import uploads

A, B, C = "![a](/a.png)", "![b](/b.png 'Words')", "[![c](/c.png)](/x)"


def html(text, **options):
    return render(text, POST, prefix="p-", **options).html


def figures(made):
    return [re.findall('alt="([a-z])"', gallery) for gallery in gallery_shapes.split_galleries(made)[1::2]]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"{A}\n\n{B}\n\n{C}", [["a", "b", "c"]]),
        (f"{A} {B}\n{C}", [["a", "b", "c"]]),
        (f"{A}  \n{B}", [["a", "b"]]),
        (f"{A}\n\nwords\n\n{B}\n\n{C}", [["b", "c"]]),
        (f"{A}\n\n{B}\n\n---\n\n{C}\n\n{A}", [["a", "b"], ["c", "a"]]),
        (f"> {A}\n>\n> {B}", [["a", "b"]]),
        (A, []),
        (f"{A}\n\nwords {B}", []),
        (f"{A} words {B}", []),
        (f"- {A}\n- {B}", []),
        ("<br><br>", []),
        ("<p><br></p><p><br><br></p>", []),
        (f"{A}{{.alignleft}}\n\n{B}", []),
        (f"{A}\n\n<!--more-->\n\n{B}", []),
        ("![a](https://img.example/a.svg) ![b](https://img.example/b.svg)", []),
        ("![a](https://img.example/a.png)\n\n![b](https://img.example/b.png)", [["a", "b"]]),
    ],
)
def test_what_is_a_gallery(text, found):
    assert figures(html(text)) == found


def test_captions_links_and_the_order_are_kept():
    made = html(f"{A}\n\n{B}\n\n{C}\n\nAfter.")
    assert made.count("<figure>") == 3
    assert "<figcaption>Words</figcaption>" in made
    assert '<figure><a href="/x"><img alt="c"' in made
    assert made.endswith("</div>\n<p>After.</p>")


def test_imported_html_stays_as_it_is():
    assert (
        figures(html('<p><img src="/a.png" alt="a"></p><p><img src="/b.png" alt="b"></p>', source_format="html")) == []
    )


SHAPES = [("wide", 640, 200), ("tall", 200, 640), ("square", 300, 300)]


@pytest.fixture
def pictures(ada, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return [uploads.store_upload(drawn(*shape), ada) for shape in SHAPES]


def drawn(name, width, height):
    out = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).save(out, "PNG")
    return SimpleUploadedFile(f"{name}.png", out.getvalue(), "image/png")


@pytest.mark.django_db
def test_each_picture_keeps_its_shape(make_post, pictures):
    post = make_post(source="\n\n".join(f"![x]({each.get_absolute_url()})" for each in pictures))
    assert re.findall(r'<figure class="longrun-r(\d+)">', post.html) == ["30", "4", "10"]
    assert post.html.count(gallery_shapes.SIZES) >= 1
    alone = make_post(source=f"![x]({pictures[0].get_absolute_url()})")
    assert gallery_shapes.SIZES not in alone.html


def test_one_of_unknown_size_gets_a_usual_shape():
    made = gallery_shapes.add_shapes(html(f"{A}\n\n{B}"))
    assert made.count('<figure class="longrun-r15">') == 2


def test_a_gallery_with_a_direction_keeps_its_shapes():
    made = html('![א](/a.png "כיתוב")\n\n![b](/b.png)')
    assert '<div class="longrun-gallery" dir="rtl">' in made
    assert gallery_shapes.add_shapes(made).count('<figure class="longrun-r15">') == 2
    assert len(gallery_shapes.split_galleries(made)) == 3
    typed = '<div class="longrun-gallery"><figure dir="rtl"><img src="/a.png" width="20" height="10"></figure></div>'
    assert '<figure class="longrun-r20" dir="rtl">' in gallery_shapes.add_shapes(typed)


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["post", "page"])
def test_only_posts_and_pages_that_need_it_load_the_sheet(client, make_post, kind):
    plain, gallery = (make_post(source=text, kind=kind) for text in (A, f"{A}\n\n{B}"))
    assert b'content.css">' not in client.get(plain.path).content.partition(b"<script")[0]
    assert b'<link rel="stylesheet" href="/static/content.css">' in client.get(gallery.path).content
