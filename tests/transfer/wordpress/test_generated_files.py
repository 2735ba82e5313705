"""Generated files: what was written is read back equal, and the independent count agrees."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.transfer import wxr_files
from tests.transfer.wordpress.reading import counted, read_text
from tests.transfer.wxr_files import Style, blog, comparable
from transfer.records import Channel, Item, Loss, Notice
from transfer.wordpress.counting import count_elements
from transfer.wordpress.errors import Refused


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return tmp_path_factory.mktemp("wxr") / "export.xml"


@given(wxr_files.odd_blogs(), wxr_files.styles())
@settings(max_examples=50, deadline=None)
def test_odd_blogs_are_read_back_equal(file, records, style):
    found = read_text(file, wxr_files.wxr(records, style))
    assert comparable(found, style) == comparable(records, style)
    assert count_elements([file]) == counted(found)


@pytest.mark.parametrize(
    "style",
    [
        Style(),
        Style(version="1.0", uri="http://wordpress.org/export/1.0/"),
        Style(version="1.1", uri="https://wordpress.org/export/1.1/", newline="\r\n"),
        Style(uri=""),
        Style(prefix="export"),
        Style(cdata=False, modified=False),
    ],
)
def test_a_whole_blog_is_read_back_equal(file, style):
    records = list(blog(seed=7, posts=30, comments=6))
    found = read_text(file, wxr_files.wxr(records, style))
    assert comparable(found, style) == comparable(records, style)
    assert count_elements([file]) == counted(found) == counted(comparable(records, style))


SMALL = list(blog(seed=3, posts=4, comments=2, words=10, pages=1))
TEXT = wxr_files.wxr(SMALL).encode()
NUMBERS = {record.number for record in SMALL if isinstance(record, Item)}


@given(st.integers(0, len(TEXT)))
@example(4285)  # within "]]>"
@example(12651)  # within a character
@example(14151)  # behind an end tag that a title has as words
@settings(max_examples=300, deadline=None)
def test_a_file_that_is_cut_gives_every_whole_item_and_names_the_rest(file, length):
    text = TEXT[:length]
    try:
        found = read_text(file, text)
    except Refused:
        assert b"xmlns:wp" not in text or b"<channel" not in text
        return
    items = [record for record in found if isinstance(record, Item)]
    is_end = text.endswith((b"</item>", b"</item>\n")) and TEXT[length:].lstrip(b"\n").startswith(b"<")  # else words
    ended = text.count(b"</item>\n<") + is_end
    written = [replace(record, line=0, file="") for record in SMALL if isinstance(record, Item)]
    for item, original in zip(items[:ended], written, strict=False):
        assert comparable([item]) == comparable([original])
    assert len(items) in (ended, ended + 1), "the item that was cut comes in as far as it is there"
    for item, original in zip(items[ended:], written[ended:], strict=False):
        # Brackets of the mark "]]>" in which the file ends stay, as test_broken_files.py has it: they may be words.
        assert f"{original.title}]]".startswith(item.title) and f"{original.content}]]".startswith(item.content)
        assert item.status in {"draft", original.status} - {"publish", "future"}
        assert any(isinstance(notice, Notice) and "ends in the middle" in notice.reason for notice in found)
    assert count_elements([file]) == counted(found)
    assert all(loss.line for loss in found if isinstance(loss, Loss))


@given(st.lists(st.tuples(st.integers(0, len(TEXT) - 1), st.integers(0, 255)), min_size=1, max_size=6))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
def test_changed_bytes_never_break_the_reader_nor_double_an_item(file, changes):
    data = bytearray(TEXT)
    for place, byte in changes:
        data[place] = byte
    try:
        found = read_text(file, bytes(data))
    except Refused:
        return
    lines = [record.line for record in found if isinstance(record, Item)]
    assert len(lines) == len(set(lines))
    assert len([record for record in found if isinstance(record, Channel)]) == 1
    count_elements([file])
