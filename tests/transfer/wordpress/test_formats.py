"""Every element of WXR 1.0, 1.1 and 1.2, as WordPress and WordPress.com write it (our own files in tests/data/wxr)."""

from datetime import datetime

import pytest

from tests.transfer.wordpress.reading import DATA, END, HEAD, counted, item, items, meta, of, read_text
from transfer.records import KINDS, Author, Channel, Comment, Item, Notice, Term, TermUse
from transfer.wordpress.counting import count_elements
from transfer.wordpress.php import unserialize
from transfer.wordpress.reader import read


def at(text):
    return datetime.fromisoformat(text)


@pytest.fixture(scope="module")
def everything():
    return list(read([DATA / "everything.xml"]))


def test_the_channel(everything):
    assert everything[0] == Channel(
        title="Rails & Rivers",
        url="https://rails.example",
        home="https://rails.example/home/",
        description="Notes from “slow” trains",
        language="en-GB",
        version="1.2",
        exported_at=at("2026-02-03 10:20:30"),
        generator="https://wordpress.org/?v=6.9",
        icon_url="https://rails.example/wp-content/uploads/cropped-icon-32x32.png",
        line=12,
        file="everything.xml",
    )
    assert of(everything, Channel) == everything[:1]
    assert of(everything, Notice) == []


def test_authors(everything):
    assert of(everything, Author) == [
        Author("ada", 1, "ada@rails.example", "Ada & Co", "Ada", "Lovelace", line=22, file="everything.xml"),
        Author("rene", 12, "", "René", "", "", line=23, file="everything.xml"),
    ]


def test_categories_tags_and_other_terms(everything):
    assert of(everything, Term) == [
        Term("category", "trains", "Trains", "", "All about <em>trains</em>", 2, [("colour", "#0af")], "category",
             line=25, file="everything.xml"),
        Term("category", "夜行", "夜行", "trains", "", 3, [], "category", line=36, file="everything.xml"),
        Term("post_tag", "trains", "trains", "", "The same slug as a category", 4, [], "tag",
             line=42, file="everything.xml"),
        Term("series", "part-two", "Part two", "part-one", "The second", 5, [("order", "2")], "term",
             line=48, file="everything.xml"),
        Term("nav_menu", "main", "Main", "", "", 6, [], "term", line=57, file="everything.xml"),
    ]  # fmt: skip


def test_a_post_with_everything(everything):
    post = items(everything)[0]
    comments = post.comments
    post = Item(**{**vars(post), "comments": []})
    assert post == Item(
        kind="post",
        number=10,
        title="The night train",
        link="https://rails.example/2010/09/09/the-night-train/",
        guid="https://rails.example/?p=10",
        creator="ada",
        content='First paragraph, raw.\n\nSecond with “quotes”, a [gallery ids="20,21"] and ]]> in it.<!--more-->\n'
        '<!--nextpage--><mark class="wp-note" data-id="105">Noted</mark> words.',
        excerpt="A short <b>word</b>",
        date=at("2010-09-09 17:23:00"),
        date_gmt=at("2010-09-10 00:23:00"),
        modified=at("2011-01-02 03:04:05"),
        modified_gmt=at("2011-01-02 10:04:05"),
        published=at("2010-09-10 00:23:00"),
        comment_status="open",
        ping_status="closed",
        slug="the-night-train",
        status="publish",
        is_sticky=True,
        terms=[
            TermUse("category", "trains", "Trains"),
            TermUse("category", "夜行", "夜行"),
            TermUse("post_tag", "trains", "trains"),
            TermUse("post_format", "post-format-aside", "Aside"),
            TermUse("author", "cap-rene", "rene"),
            TermUse("series", "part-two", "Part two"),
        ],
        meta=[
            ("_thumbnail_id", "20"),
            ("_wp_old_slug", "night-train"),
            ("_wp_old_slug", "train"),
            ("enclosure", "https://rails.example/a.mp3\n1234\naudio/mpeg\n"),
            ("footnotes", '[{"id":"a-1","content":"See \\"there\\""}]'),
        ],
        line=70,
        file="everything.xml",
    )
    assert post.meta_values("_wp_old_slug") == ["night-train", "train"]
    assert len(comments) == 5


def test_comments(everything):
    first, held, ping, own, note = items(everything)[0].comments
    assert first == Comment(
        number=101,
        parent=104,
        author="O’Neil <b>&</b> Söhne",
        email="oneil@example.com",
        url="https://oneil.example/?a=1&b=2",
        ip="192.0.2.44",
        date=at("2010-09-09 18:00:00"),
        date_gmt=at("2010-09-10 01:00:00"),
        content="An answer to one that comes later.",
        approved="1",
        kind="comment",
        meta=[("hc_foreign_user_id", "facebook-7"), ("akismet_result", "false")],
        line=125,
    )
    assert (held.number, held.approved, held.kind, held.ip) == (102, "0", "", "2001:db8::1")
    assert (ping.kind, ping.approved, ping.date, ping.date_gmt) == ("pingback", "trash", None, None)
    assert ping.content == "[...] linked to [...]"
    assert (own.kind, own.approved, own.user, own.parent) == ("trackback", "post-trashed", 1, 0)
    assert (note.kind, note.approved, note.user) == ("note", "0", 1)
    assert note.meta == [("_wp_note_status", "resolved")]


def test_a_draft_without_anything(everything):
    draft = items(everything)[1]
    assert (draft.number, draft.title, draft.slug, draft.status) == (11, "", "", "draft")
    assert (draft.date, draft.date_gmt, draft.published) == (at("2020-05-06 07:08:09"), None, None)
    assert (draft.modified, draft.modified_gmt) == (None, None)


def test_a_protected_page_in_the_trash(everything):
    page = items(everything)[2]
    assert (page.kind, page.status, page.slug) == ("page", "trash", "שלום__trashed")
    assert (page.parent, page.menu_order, page.password) == (999, -3, "sesame & <seeds>")
    assert page.meta_value("_wp_trash_meta_status") == "publish"


def test_an_attachment(everything):
    picture = items(everything)[3]
    assert (picture.kind, picture.status, picture.parent) == ("attachment", "inherit", 10)
    assert (picture.content, picture.excerpt) == ("The description", "The caption")
    assert picture.attachment_url == "https://rails.example/wp-content/uploads/2010/09/img_1-scaled.jpg"
    assert picture.meta_value("_wp_attachment_image_alt") == "A train at night"
    metadata = unserialize(picture.meta_value("_wp_attachment_metadata"))
    assert metadata == {"width": 2560, "file": "2010/09/img_1-scaled.jpg"}


def test_a_menu_item(everything):
    entry = items(everything)[4]
    assert (entry.kind, entry.title, entry.menu_order) == ("nav_menu_item", "Home", 1)
    assert entry.terms == [TermUse("nav_menu", "main", "Main")]
    assert unserialize(entry.meta_value("_menu_item_classes")) == {0: ""}


def test_values_that_are_garbage(everything):
    odd = items(everything)[5]
    assert (odd.kind, odd.content) == ("custom_css", "body > p { color: red }")
    assert (odd.date, odd.date_gmt, odd.published) == (None, None, None)
    assert (odd.parent, odd.menu_order, odd.is_sticky) == (0, 0, False)
    assert odd.slug == "100%25-%e4%zz"  # codes that are no UTF-8 stay


def test_the_independent_count(everything):
    expected = dict.fromkeys(KINDS, 1) | dict.fromkeys(["posts", "categories", "terms", "authors"], 2)
    expected |= {"comments": 5, "subscribers": 0}
    assert count_elements([DATA / "everything.xml"]) == expected == counted(everything)


def test_an_export_of_wordpress_com():
    records = list(read([DATA / "wordpress-com.xml"]))
    channel = records[0]
    assert (channel.title, channel.url) == ("Tea & letters", "https://tea.wordpress.com")
    assert channel.icon_url == "https://tea.files.wordpress.com/2026/01/icon.png?w=32"
    [author] = of(records, Author)
    assert (author.login, author.number, author.name) == ("tealady", None, "The tea lady")
    terms = [(term.element, term.taxonomy, term.slug, term.repeated) for term in of(records, Term)]
    assert terms == [
        ("category", "category", "uncategorized", False),
        ("tag", "post_tag", "tee", False),
        ("term", "post_tag", "tee", True),
    ]
    [post] = items(records)
    assert (post.date, post.date_gmt) == (at("2026-01-31 23:30:00"), at("2026-02-01 07:30:00"))
    assert post.modified_gmt == at("2026-02-01 07:45:00")
    assert post.comments[0].meta == [("hc_avatar", "https://graph.example/7/picture")]
    assert count_elements([DATA / "wordpress-com.xml"]) == counted(records)


def test_wxr_1_0_names_each_category_twice_and_has_no_authors():
    records = list(read([DATA / "wxr-1.0.xml"]))
    assert (records[0].version, records[0].url) == ("1.0", "http://old.example")
    assert of(records, Author) == []
    [category, tag] = of(records, Term)
    assert (category.slug, category.number, category.description) == ("alpha", None, "The alpha category")
    assert (tag.taxonomy, tag.slug, tag.name) == ("post_tag", "clippable", "Clippable")
    [post] = items(records)
    assert (post.title, post.creator) == ("Hello & welcome", "admin")
    assert post.terms == [
        TermUse("category", "alpha", "alpha"),
        TermUse("post_tag", "clippable", "Clippable"),
        TermUse("category", "", "Only a name"),
    ]
    assert (post.comments[0].author, post.meta) == ("Mr WordPress", [("_edit_lock", "1273000000")])
    assert count_elements([DATA / "wxr-1.0.xml"]) == counted(records)


def test_wxr_1_1():
    records = list(read([DATA / "wxr-1.1.xml"]))
    assert (records[0].version, of(records, Author)[0].name, items(records)[0].title) == ("1.1", "Ada", "Eleven")


def test_a_file_of_posts_only_says_what_it_lacks():
    records = list(read([DATA / "posts-only.xml"]))
    assert items(records)[0].terms == [TermUse("category", "boats", "Boats")]
    assert [notice.reason[:44] for notice in of(records, Notice)] == ["These files name the categories of posts and"]


def test_the_parts_of_a_split_export_are_one_blog():
    records = list(read([DATA / "split.000.xml", DATA / "split.001.xml"]))
    assert [(item.number, item.file) for item in items(records)] == [
        (1, "split.000.xml"),
        (2, "split.000.xml"),
        (3, "split.001.xml"),
    ]
    heads = [(record.file[6:9], record.repeated) for record in records if isinstance(record, Author | Term)]
    assert heads == [("000", False), ("000", False), ("001", True), ("001", True)]
    assert len(of(records, Channel)) == 2
    assert of(records, Notice) == []
    assert count_elements([DATA / "split.000.xml", DATA / "split.001.xml"]) == counted(records)


@pytest.mark.parametrize(
    ("declared", "prefix"),
    [
        ('xmlns:wp="http://wordpress.org/export/1.2/"', "wp"),
        ('xmlns:wp="https://wordpress.org/export/1.2/"', "wp"),
        ('xmlns:wp="http://wordpress.org/export/9.9/"', "wp"),
        ('xmlns:wp="http://example.com/other/"', "wp"),
        ("", "wp"),
        ('xmlns:export="https://wordpress.org/export/1.1/"', "export"),
    ],
)
def test_the_prefix_may_be_bound_to_anything(tmp_path, declared, prefix):
    text = (HEAD + item(5, more="<wp:comment><wp:comment_id>6</wp:comment_id></wp:comment>") + END).replace(
        'xmlns:wp="http://wordpress.org/export/1.2/"', declared
    )
    text = text.replace("<wp:", f"<{prefix}:").replace("</wp:", f"</{prefix}:")
    records = read_text(tmp_path / "export.xml", text)
    assert records[0].url == "https://blog.example"
    assert [(post.number, post.comments[0].number) for post in items(records)] == [(5, 6)]
    assert count_elements([tmp_path / "export.xml"]) == counted(records)
    # The tolerant reader understands it as well.
    records = read_text(tmp_path / "export.xml", text.replace("A title", "A <b>title & more"))
    assert [(post.title, post.comments[0].number) for post in items(records)] == [("A <b>title & more", 6)]


def test_a_namespace_may_be_declared_anywhere_and_without_a_prefix(tmp_path):
    uri = "http://wordpress.org/export/1.1/"
    text = (
        f"{HEAD}<author xmlns='{uri}'><author_id>4</author_id><author_login>ada</author_login></author>\n"
        f"<category xmlns='{uri}'><category_nicename>a</category_nicename><cat_name>A</cat_name></category>\n"
        f"<late:tag xmlns:late='{uri}'><late:tag_slug>b</late:tag_slug></late:tag>\n"
        f"<item xmlns:own='{uri}'><title>Page</title><own:post_id>9</own:post_id><own:post_type>page</own:post_type>"
        f"<post_name xmlns='{uri}'>page-nine</post_name><category domain='category' nicename='a'>A</category></item>\n"
        f"{item(10)}{END}"
    )
    records = read_text(tmp_path / "a.xml", text)
    assert [(each.login, each.number) for each in of(records, Author)] == [("ada", 4)]
    assert [(each.taxonomy, each.slug) for each in of(records, Term)] == [("category", "a"), ("post_tag", "b")]
    page, post = items(records)
    assert (page.kind, page.number, page.slug, page.title) == ("page", 9, "page-nine", "Page")
    assert page.terms == [TermUse("category", "a", "A")]
    assert (post.number, post.title) == (10, "A title")
    assert count_elements([tmp_path / "a.xml"]) == counted(records)


@pytest.mark.parametrize("title", ["A title", "A & title"])  # the tolerant reader reads the second one
def test_an_author_in_an_item_is_a_text_that_nobody_knows(tmp_path, title):
    author = "<wp:author><wp:author_login>ada</wp:author_login></wp:author>\n"
    more = "<wp:author>ada</wp:author>\n<wp:tag><![CDATA[x]]></wp:tag>\n"
    records = read_text(tmp_path / "a.xml", HEAD + author + item(1, more=more, title=title) + item(2) + END)
    assert [(post.number, post.title, post.status) for post in items(records)] == [
        (1, title, "publish"),
        (2, "A title", "publish"),
    ]
    assert [each.login for each in of(records, Author)] == ["ada"]
    assert count_elements([tmp_path / "a.xml"]) == counted(records)


def test_elements_of_others_are_passed_over(tmp_path):
    more = (
        "<plugin:field><plugin:title>x</plugin:title><title>not this</title></plugin:field><geo:lat>1</geo:lat>"
        '<media:content url="x"><media:title>y</media:title></media:content>' + meta("k", "v")
    )
    records = read_text(tmp_path / "a.xml", HEAD + "<cloud/><atom:link href='x'/>" + item(1, more=more) + END)
    assert of(records, Notice) == []
    assert [(post.title, post.meta) for post in items(records)] == [("A title", [("k", "v")])]


def test_head_and_terms_may_stand_behind_the_items(tmp_path):
    term = "<wp:term><wp:term_taxonomy>x</wp:term_taxonomy><wp:term_slug>y</wp:term_slug></wp:term>\n"
    records = read_text(tmp_path / "a.xml", HEAD + item(1) + term + item(2) + END)
    assert [type(record).__name__ for record in records] == ["Channel", "Item", "Term", "Item"]


def test_cdata_is_joined_wherever_it_is_split(tmp_path):
    content = "<![CDATA[a]]><![CDATA[b]]>c<![CDATA[ ]]]]><![CDATA[> <item> ]]>"
    assert items(read_text(tmp_path / "a.xml", HEAD + item(1, content) + END))[0].content == "abc ]]> <item> "


def test_a_text_of_megabytes_is_kept_whole(tmp_path):
    text = "word & <b>bold</b> " * 200_000
    [post] = items(read_text(tmp_path / "a.xml", HEAD + item(1, f"<![CDATA[{text}]]>") + END))
    assert post.content == text


@pytest.mark.parametrize(
    "status", ["publish", "future", "draft", "pending", "private", "trash", "inherit", "acf-disabled"]
)
def test_states_stay_words(tmp_path, status):
    assert items(read_text(tmp_path / "a.xml", HEAD + item(1, status=status) + END))[0].status == status


@pytest.mark.parametrize(
    ("kind", "counts_as"),
    [
        ("post", "posts"),
        ("page", "pages"),
        ("attachment", "attachments"),
        ("nav_menu_item", "menu_items"),
        ("wp_block", "other"),
        ("wp_global_styles", "other"),
        ("wp_template-part", "other"),
        ("", "posts"),
    ],
)
def test_types_and_what_they_count_as(tmp_path, kind, counts_as):
    path = tmp_path / "a.xml"
    text = HEAD + item(1).replace("<wp:post_type>post<", f"<wp:post_type><![CDATA[{kind}]]><") + END
    records = read_text(path, text)
    assert items(records)[0].kind == (kind or "post")
    assert count_elements([path]) == counted(records) == dict.fromkeys(KINDS, 0) | {counts_as: 1}
