"""Broken files: what can be recovered is, what is lost is named with its line, and nothing becomes public."""

from datetime import datetime

import pytest

from tests.transfer.wordpress.reading import END, HEAD, comment, counted, item, items, losses, meta, of, read_text
from transfer.records import Author, Channel, Notice
from transfer.wordpress.counting import count_elements


@pytest.fixture
def path(tmp_path):
    return tmp_path / "export.xml"


def read_broken(path, text):
    """The records; each item once, the count agreeing, and a notice that says where the damage begins."""
    records = read_text(path, text)
    assert count_elements([path]) == counted(records)
    assert [type(record) for record in records].index(Channel) == 0
    numbers = [post.number for post in items(records)]
    assert len(numbers) == len(set(numbers))
    return records


def damaged_at(records):
    return [notice.line for notice in of(records, Notice) if "damaged here" in notice.reason]


BEFORE, AFTER = item(1), item(9)  # around the broken one; HEAD has five lines, each item eight


@pytest.mark.parametrize(
    ("broken", "title", "content"),
    [
        (item(5, title="Fish & chips"), "Fish & chips", "text"),
        (item(5, title="a < b"), "a < b", "text"),
        (item(5, title="R&D &amp; &nbsp;&eacute;&#8217;&unknown;"), "R&D & \u00a0é’&unknown;", "text"),
        (item(5, title="<b>Bold</b> words"), "<b>Bold</b> words", "text"),
        (item(5, title="The <link> element"), "The <link> element", "text"),
        (item(5, title="bad reference &#1; &#x110000000;"), "bad reference  &#x110000000;", "text"),
        (
            item(5, "<p>no CDATA <br> at all</p>\n<!-- wp:x -->"),
            "A title",
            "<p>no CDATA <br> at all</p>\n<!-- wp:x -->",
        ),
        (item(5, "<![CDATA[a ]]> b ]]>"), "A title", "a ]]> b "),
        (item(5, "<![CDATA[a ]]> <b>b</b> ]]> c ]]>"), "A title", "a ]]> <b>b</b> ]]> c "),
        (item(5, "<![CDATA[no end"), "A title", "no end"),
        (item(5, "no beginning]]>"), "A title", "no beginning]]>"),
        (item(5).replace("</title>", ""), "A title\n", "text"),
        (item(5).replace("</title>", "</titel>"), "A title", "text"),
        (item(5).replace("]]></content:encoded>", "]]>"), "A title", "text"),
        (item(5).replace("]]></content:encoded>", "]]></content>"), "A title", "text"),
        (item(5).replace("<wp:status>", "<wp:status"), "A title", "text"),
        (item(5).replace("</wp:post_type>", "</wp:status>"), "A title", "text"),
        (item(5).replace("</item>\n", ""), "A title", "text"),
        (item(5).replace("</item>", "</item></item>"), "A title", "text"),
        (item(5).replace("</item>", "</wp:comment></item>"), "A title", "text"),
        (item(5).replace("<item>", ""), "A title", "text"),
        (item(5) + "<!-- a comment without end\n", "A title", "text"),
        (item(5) + "<wp:post_id>\n", "A title", "text"),
        (item(5) + "</channel>", "A title", "text"),
        (item(5) + END, "A title", "text"),
        (item(5) + END + '<?xml version="1.0"?>\n' + HEAD, "A title", "text"),
        (item(5) + "<<<>>>&&&]]>", "A title", "text"),
        (item(5) + "<br><b>Warning</b>: a message of PHP in <b>/x.php</b><br />", "A title", "text"),
    ],
)
def test_every_item_of_a_broken_file_is_recovered(path, broken, title, content):
    records = read_broken(path, HEAD + BEFORE + broken + AFTER + END)
    assert [post.number for post in items(records)] == [1, 5, 9]
    first, found, last = items(records)
    assert (found.title, found.content) == (title.strip(), content)
    assert (first.title, last.title, last.content) == ("A title", "A title", "text")
    assert damaged_at(records)[0] >= 14
    assert losses(records) == []


def test_the_line_of_the_damage_is_named(path):
    records = read_broken(path, HEAD + BEFORE + item(5, title="Fish & chips") + END)
    assert damaged_at(records) == [15]
    assert [post.line for post in items(records)] == [6, 14]


def test_a_damaged_comment_stays_with_its_post(path):
    more = comment(1) + comment(2, "a & <b>b").replace("</wp:comment>\n", "") + comment(3)
    more += comment(4).replace("<wp:comment>", "") + comment(5, "<![CDATA[open") + comment(6)
    records = read_broken(path, HEAD + item(5, more=more) + AFTER + END)
    found = [(one.number, one.content) for one in items(records)[0].comments]
    assert found == [(1, "answer"), (2, "a & <b>b"), (3, "answer"), (4, "answer"), (5, "open"), (6, "answer")]


def test_comments_without_their_post_are_losses(path):
    records = read_broken(path, HEAD + BEFORE + comment(7) + comment(8) + AFTER + END)
    assert [post.number for post in items(records)] == [1, 9]
    assert losses(records) == [("comments", "", 14), ("comments", "", 18)]


def test_meta_and_terms_in_a_damaged_item_are_kept(path):
    more = '<category domain="category" nicename="a">A & B</category>\n' + meta("one", "1") + meta("two", "2")
    records = read_broken(path, HEAD + item(5, more=more) + END)
    [post] = items(records)
    assert [(use.slug, use.name) for use in post.terms] == [("a", "A & B")]
    assert post.meta == [("one", "1"), ("two", "2")]


def test_a_damaged_head(path):
    author = "<wp:author_login>ada</wp:author_login><wp:author_email>a&b@example.org</wp:author_email>"
    author = f"<wp:author>{author}</wp:author>"
    records = read_broken(path, HEAD.replace("Blog", "Fish & chips") + author + BEFORE + END)
    assert (records[0].title, records[0].url) == ("Fish & chips", "https://blog.example")
    assert of(records, Author)[0].email == "a&b@example.org"
    assert len(items(records)) == 1


def test_a_file_without_root_element(path):
    records = read_broken(path, "<item>" + BEFORE.removeprefix("<item>"))
    assert [post.number for post in items(records)] == [1]


def test_a_prefix_without_declaration_is_no_damage(path):
    records = read_broken(path, HEAD.replace('xmlns:wp="http://wordpress.org/export/1.2/"', "") + BEFORE + END)
    assert damaged_at(records) == []
    assert [post.number for post in items(records)] == [1]


@pytest.mark.parametrize(
    ("cut", "number", "title", "content"),
    [
        ("<title>A", None, "A", ""),
        ("<content:encoded><![CDATA[te", None, "A title", "te"),
        ("text]", None, "A title", "text]"),
        ("<wp:post_id>", None, "A title", "text"),
        ("</wp:status>", 5, "A title", "text"),
        ("<wp:post_pass", 5, "A title", "text"),
        ("</item", 5, "A title", "text"),
    ],
)
def test_an_item_that_is_cut_is_a_draft_with_its_line(path, cut, number, title, content):
    text = HEAD + BEFORE + item(5)
    records = read_broken(path, text[: text.rindex(cut) + len(cut)])
    before, post = items(records)
    assert (before.number, before.status) == (1, "publish")
    assert (post.number, post.title, post.content, post.status, post.line) == (number, title, content, "draft", 14)
    assert losses(records) == []
    assert [notice.line for notice in of(records, Notice) if "ends in the middle" in notice.reason] == [14]


def test_a_private_item_that_is_cut_stays_private(path):
    text = HEAD + item(5).replace(">publish<", ">private<")
    [post] = items(read_broken(path, text[: text.index("<wp:post_password>")]))
    assert post.status == "private"


@pytest.mark.parametrize("cut", ["<ite", "<item>", "<item><title>"])
def test_of_an_item_without_a_word_nothing_is_made(path, cut):
    records = read_text(path, HEAD + BEFORE + cut)
    assert [post.number for post in items(records)] == [1]


def test_the_last_comment_of_an_item_that_is_cut_waits(path):
    text = HEAD + BEFORE + item(5, more=comment(1) + comment(2) + comment(3))
    records = read_broken(path, text[: text.rindex("<wp:comment_content>")])
    post = items(records)[1]
    assert [(each.number, each.approved) for each in post.comments] == [(1, ""), (2, "")]
    assert losses(records) == [("comments", "3", 29)]
    records = read_broken(path, text[: text.rindex("</wp:comment>")])
    assert [(each.number, each.approved) for each in items(records)[1].comments] == [(1, ""), (2, ""), (3, "0")]


def test_a_file_that_lacks_its_last_tags_has_lost_nothing(path):
    records = read_broken(path, HEAD + BEFORE)
    assert [post.number for post in items(records)] == [1]
    assert losses(records) == []
    assert damaged_at(records) == [14]


def test_a_cut_type_is_not_guessed(path):
    text = HEAD + item(5).replace(">post<", ">page<")
    assert items(read_broken(path, text[: text.index("ge</wp:post_type>")]))[0].kind == "post"
    assert items(read_broken(path, text[: text.index("<wp:post_password>")]))[0].kind == "page"


@pytest.mark.parametrize(
    ("lost", "with_it"),
    [
        ("<wp:post_password>secret</wp:post_password>", "<wp:post_pas|word>secret</wp:post_password>"),
        ("<wp:post_password>secret</wp:post_password>", "<wp:xost_password>secret</wp:post_password>"),
        ("<wp:post_password>secret</wp:post_password>", "<xp:post_password>secret</xp:post_password>&"),
        ("<wp:post_password>secret</wp:post_password>", "&"),
        ("<wp:post_type>post</wp:post_type>", "<wp:postXtype>revision</wp:post_type>"),
        ("<wp:status>publish</wp:status>", "<wp:Xtatus>private</wp:status>"),
    ],
)
def test_an_item_that_has_lost_what_hides_it_is_a_draft(path, lost, with_it):
    whole = item(5).replace("<wp:post_password></", "<wp:post_password>secret</")
    records = read_text(path, HEAD + BEFORE + whole.replace(lost, with_it) + END)
    assert [(post.number, post.status) for post in items(records)] == [(1, "publish"), (5, "draft")]
    assert any("who may see it" in notice.reason for notice in of(records, Notice))


def test_a_damaged_item_that_says_who_may_see_it_keeps_its_state(path):
    text = HEAD + item(4, title="a & b") + item(5, title="a & b", status="private") + END
    assert [post.status for post in items(read_broken(path, text))] == ["publish", "private"]


def test_wxr_in_the_text_of_a_post_is_text_also_in_a_broken_file(path):
    sample = f"{HEAD}{item(77, content='<![CDATA[x]]]]><![CDATA[>')}{comment(78, 'y')}{END}"
    records = read_broken(path, HEAD + item(4, title="a & b") + item(5, f"<![CDATA[{sample}]]>") + AFTER + END)
    assert [post.number for post in items(records)] == [4, 5, 9]
    assert items(records)[1].content == sample.replace("]]]]><![CDATA[>", "]]>")


def test_dates_and_lines_are_right_after_the_damage(path):
    dated = "<wp:post_date>2020-02-03 04:05:06</wp:post_date>\n"
    records = read_broken(path, HEAD + item(4, title="a & b") + item(5, more=dated) + END)
    assert items(records)[1].date == datetime.fromisoformat("2020-02-03 04:05:06")
    assert [post.line for post in items(records)] == [6, 14]


def test_damage_far_behind_in_a_long_file(path):
    """More than one piece of the file lies before, in and behind the broken place."""
    long = "<![CDATA[" + "word " * 150_000 + "]]>"
    text = HEAD + "".join(item(number, long) for number in (1, 2)) + item(3, long.replace("]]>", " ]]> & ]]>"))
    text += "".join(item(number, long) for number in (4, 5)) + item(6, long)[:900_000]
    records = read_broken(path, text)
    assert [post.number for post in items(records)] == [1, 2, 3, 4, 5, 6][: len(items(records))]
    assert len(items(records)) in (5, 6)
    assert {len(post.content) for post in items(records)} <= {750_000, 750_007}


NESTED = "A <![CDATA[ section ]]> in the text, and <![CDATA[ another ]]> of them."


@pytest.mark.parametrize("text", [NESTED, "//<![CDATA[\nrun();\n//]]> and on", "x ]]> y", "]]>"])
def test_a_section_in_the_text_that_was_not_escaped_stays_in_it(path, text):
    """WordPress wrote them so until 3.1."""
    records = read_broken(path, HEAD + item(4, f"<![CDATA[{text}]]>", meta("sample", text)) + AFTER + END)
    assert [post.number for post in items(records)] == [4, 9]
    assert (items(records)[0].content, items(records)[0].meta) == (text, [("sample", text)])
