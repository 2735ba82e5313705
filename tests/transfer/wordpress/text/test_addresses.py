"""Links and pictures lead to the new place, whatever spelling the text has."""

import pytest

from transfer.wordpress.text import Context, MediaTable, media_key, to_html, variants

OLD = "https://old.example/wp-content/uploads/2018/08"


def table():
    found = MediaTable()
    found.add(f"{OLD}/photo.jpg", "/media/photo.jpg")
    found.add(f"{OLD}/big-scaled.jpg", "/media/big.jpg")
    found.add(f"{OLD}/own-300x200.jpg", "/media/own.jpg")
    found.add(f"{OLD}/own.jpg", "/media/larger.jpg")
    found.add(f"{OLD}/edited-e1600000000000.png", "/media/edited.png")
    found.add(f"{OLD}/caf%C3%A9.jpg", "/media/cafe.jpg")
    found.add("https://ann.files.wordpress.com/2018/08/x.png", "/media/x.png")
    return found


@pytest.mark.parametrize(
    ("url", "new"),
    [
        (f"{OLD}/photo.jpg", "/media/photo.jpg"),
        (f"{OLD}/photo.jpg?w=300#x", "/media/photo.jpg"),
        (f"{OLD}/photo-300x200.jpg", "/media/photo.jpg"),
        (f"{OLD}/photo-scaled.jpg", "/media/photo.jpg"),
        (f"{OLD}/photo-e1600000000000-150x150.jpg", "/media/photo.jpg"),
        (OLD.replace("https", "http").replace("old", "www.old") + "/photo.jpg", "/media/photo.jpg"),
        (OLD.replace("https:", "") + "/photo.jpg", "/media/photo.jpg"),
        (f"https://i0.wp.com/{OLD.removeprefix('https://')}/photo.jpg?resize=300%2C200", "/media/photo.jpg"),
        ("https://old.example/files/2018/08/photo.jpg", "/media/photo.jpg"),
        ("https://old.example/wp-content/blogs.dir/3/files/2018/08/photo.jpg", "/media/photo.jpg"),
        ("https://old.example/wp-content/uploads/sites/3/2018/08/photo.jpg", "/media/photo.jpg"),
        (f"{OLD}/big-300x200.jpg", "/media/big.jpg"),
        (f"{OLD}/big.jpg", "/media/big.jpg"),
        (f"{OLD}/own-300x200.jpg", "/media/own.jpg"),
        (f"{OLD}/own-150x150.jpg", "/media/larger.jpg"),
        (f"{OLD}/edited-300x200.png", "/media/edited.png"),
        (f"{OLD}/edited-e1600000000000-300x200.png", "/media/edited.png"),
        (f"{OLD}/café-300x200.jpg", "/media/cafe.jpg"),
        ("http://ann.wordpress.com/files/2018/08/x.png", "/media/x.png"),
        ("https://ann.files.wordpress.com/2018/08/x-150x150.png?w=150", "/media/x.png"),
        ("https://i2.wp.com/ann.files.wordpress.com/2018/08/x.png", "/media/x.png"),
        ("https://other.example/wp-content/uploads/2018/08/photo.jpg", None),
        (f"{OLD}/photograph.jpg", None),
        (f"{OLD}/photo.png", None),
    ],
)
def test_a_file_is_found_by_every_spelling(url, new):
    assert table().find(url) == new


def test_all_spellings_share_a_key_and_the_exact_one_comes_first():
    names = ["photo.jpg", "photo-300x200.jpg", "photo-scaled.jpg", "photo-e1600000000000.jpg"]
    assert {media_key(f"{OLD}/{name}") for name in names} == {"old.example/uploads/2018/08/photo.jpg"}
    assert variants(f"{OLD}/photo-300x200.jpg") == [
        "old.example/uploads/2018/08/photo-300x200.jpg",
        "old.example/uploads/2018/08/photo-scaled.jpg",
        "old.example/uploads/2018/08/photo-rotated.jpg",
        "old.example/uploads/2018/08/photo.jpg",
    ]


@pytest.mark.parametrize(
    "url", ["", "/", "http://[", "http://x:99999999/a", "x" * 10_000, "-300x200.jpg", "data:image/png"]
)
def test_keys_never_raise(url):
    assert media_key(url) == variants(url)[-1]


def converted(raw):
    pages = {"https://old.example/2018/08/26/post/": "/2018/08/26/post/", "https://old.example/about/": "/about/"}
    return to_html(raw, Context(media=table().find, link=pages.get, origins=["https://old.example"]))


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ('<a href="https://old.example/about/">x</a>', '<a href="/about/">x</a>'),
        ('<a href="/about/#more">x</a>', '<a href="/about/#more">x</a>'),
        ('<a href="https://old.example/2018/08/26/post/#comment-3">x</a>',
         '<a href="/2018/08/26/post/#comment-3">x</a>'),
        ('<a href="https://other.example/?a=1&amp;b=2">x</a>', '<a href="https://other.example/?a=1&amp;b=2">x</a>'),
        ('<a href="#top">x</a>', '<a href="#top">x</a>'),
        ('<a href="mailto:a@b.example">x</a>', '<a href="mailto:a@b.example">x</a>'),
        (f'<a href="{OLD}/photo.jpg"><img src="{OLD}/photo-300x200.jpg" alt="A" width="300" height="200" /></a>',
         '<a href="/media/photo.jpg"><img src="/media/photo.jpg" alt="A" width="300" height="200"></a>'),
        (f'<img src="https://gone.example/a.jpg" srcset="https://gone.example/a-1.jpg 100w, {OLD}/photo.jpg 900w">',
         '<img src="/media/photo.jpg" alt="">'),
        (f'<img src="data:image/gif;base64,AA" data-lazy-src="{OLD}/photo.jpg">',
         '<img src="/media/photo.jpg" alt="">'),
        (f'<img src="https://x.example/lazy_placeholder.gif" data-orig-file="{OLD}/photo.jpg">',
         '<img src="/media/photo.jpg" alt="">'),
        (f'<img src="{OLD}/photo.jpg" class="alignright size-full wp-image-3 shadow" style="x" align="left">',
         '<img class="alignright" src="/media/photo.jpg" alt="">'),
    ],
)  # fmt: skip
def test_links_and_pictures_lead_to_the_new_place(raw, shown):
    assert converted(raw).html == f"<p>{shown}</p>"


@pytest.mark.parametrize(
    ("raw", "shown", "scheme"),
    [
        ('<a href="javascript:x()">x</a>', "<p>x</p>", "javascript:"),
        ('<a href="ftp://x.example/">x</a>', "<p>x</p>", "ftp:"),
        ('<img src="data:image/png;base64,AA" alt="A">', "<p>A</p>", "data:"),
        ('<img src="file:///C:/a.jpg">b', "<p>b</p>", "file:"),
        ('<a href="tel:+1">x</a>', '<p><a href="tel:+1">x</a></p>', None),
    ],
)
def test_addresses_that_no_blog_keeps_are_named(raw, shown, scheme):
    found = to_html(raw)
    assert found.html == shown
    assert [notice.what for notice in found.notices] == ([scheme] if scheme else [])


def test_what_the_text_names_is_listed_once_in_its_order():
    found = converted(
        f'<a href="/about/">a</a> <img src="{OLD}/gone.jpg" srcset="{OLD}/gone-300x200.jpg 300w"> '
        f'<img src="{OLD}/photo.jpg"> <img src="{OLD}/photo.jpg"> <a href="{OLD}/gone.pdf">p</a>'
    )
    assert found.media_urls == (f"{OLD}/gone.jpg", f"{OLD}/photo.jpg", f"{OLD}/gone.pdf")
    assert found.links == ("https://old.example/about/", f"{OLD}/gone.pdf")
    assert found.other_spellings == {f"{OLD}/gone.jpg": (f"{OLD}/gone-300x200.jpg",)}
