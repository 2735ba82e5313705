"""The picture of a post in a list: which it is, and how it is written. No list of today's default theme has one."""

import re

import pytest

from blog.models import Media, Post
from blog.post_queries import posts_in_order
from blog.post_rendering import LONG_NOTE, render_list
from tests.markup import squeeze

PICTURE = r'<a class="entry__picture" href="([^"]+)" tabindex="-1" aria-hidden="true">(.*?)</a>'


@pytest.fixture
def make_media(ada):
    def make(alt="", width=1200):
        facts = {"title": "hills.jpg", "file_name": "hills.jpg", "size": 4321, "width": width, "height": 800}
        return Media.objects.create(kind="picture", format="jpeg", by=ada, widths=[480, 960], alt=alt, **facts)

    return make


def listed(*posts, **how):
    """The list of these posts as they are stored, and its entries' pictures."""
    html = squeeze(render_list(posts_in_order([post.pk for post in posts]), **how))
    return html, re.findall(PICTURE, html)


def test_it_is_the_featured_picture_otherwise_the_first_one_of_the_text(make_media, make_post):
    chosen, first, second = make_media("Chosen & so on"), make_media(), make_media()
    text = f"Words.\n\n![]({first.get_absolute_url()})\n\n![]({second.get_absolute_url()})"
    posts = [make_post("A", text, featured=chosen), make_post("B", text), make_post("C")]
    html, pictures = listed(*posts, excerpt=True, pictures=True)
    assert [address for address, _picture in pictures] == [posts[0].path, posts[1].path]
    for media, (_address, picture) in zip((chosen, first), pictures, strict=True):
        assert f'src="{media.get_absolute_url()}"' in picture and f'srcset="{media.srcset}"' in picture
        assert 'width="1200" height="800"' in picture and 'class="u-featured"' in picture
    assert 'alt="Chosen &amp; so on"' in pictures[0][1]
    assert ['loading="lazy"' in picture for _address, picture in pictures] == [False, True]
    assert html.count("entry--pictured") == 2


def test_a_post_shown_whole_has_its_featured_picture_alone(make_media, make_post):
    chosen, first = make_media(), make_media()
    text = f"![]({first.get_absolute_url()})"
    _html, pictures = listed(make_post("A", text, featured=chosen), make_post("B", text), excerpt=False, pictures=True)
    assert len(pictures) == 1 and chosen.get_absolute_url() in pictures[0][1]


def test_lists_have_no_pictures_unless_they_ask_for_them(make_media, make_post, client):
    post = make_post("A", featured=make_media())
    assert "entry__picture" not in listed(post, excerpt=True)[0]


def test_a_protected_post_shows_nothing_of_its_pictures(make_media, make_post):
    post = make_post("A", f"![]({make_media().get_absolute_url()})", featured=make_media(), visibility="password")
    assert listed(post, excerpt=True, pictures=True)[1] == []


@pytest.mark.parametrize(
    ("html", "source"),
    [
        ('<p><img src="hills.jpg" alt=""></p>', "/2010/09/10/hills/hills.jpg"),
        ('<img src="https://old.example/x.jpg" alt="" width="640" height="480">', "https://old.example/x.jpg"),
        ('<img src="/smile.png" alt="" width="16" height="16"><img src="/x.png" alt="">', "/x.png"),
        ('<img src="//[" alt="">', None),
        ("<p>Words alone.</p>", None),
    ],
)
def test_pictures_from_elsewhere_are_taken_as_they_are(make_post, html, source):
    post = make_post("Hills")
    Post.objects.filter(pk=post.pk).update(html=html, path="/2010/09/10/hills/")
    _html, pictures = listed(post, excerpt=True, pictures=True)
    assert [re.search(' src="([^"]+)"', picture)[1] for _address, picture in pictures] == [source] * bool(source)
    assert all("srcset" not in picture and 'width="0"' not in picture for _address, picture in pictures)


def test_a_long_note_is_shortened_beside_pictures_and_a_short_one_is_not(make_post):
    long, short = make_post("", "word " * (LONG_NOTE + 1)), make_post("", "Rain *again*.")
    html, _pictures = listed(long, short, excerpt=True, pictures=True)
    assert html.count("p-summary") == 1 and html.count("Continue reading") == 1 and "<em>again</em>" in html
    assert "p-summary" not in listed(long, short, excerpt=True)[0]


def test_pictures_cost_no_query(make_media, make_post, django_assert_num_queries):
    posts = [make_post(f"Post {number}", featured=make_media()) for number in range(5)]
    found = posts_in_order([post.pk for post in posts])
    render_list(found, excerpt=True)  # reads the settings
    with django_assert_num_queries(0):
        assert render_list(found, excerpt=True, pictures=True).count("entry__picture") == 5
