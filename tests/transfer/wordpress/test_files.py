"""Opening files: packed ones, encodings, broken bytes, and what is refused with a plain sentence."""

import codecs
import gzip
import io
import struct
import zipfile

import pytest

from tests.transfer.wordpress.reading import DATA, END, HEAD, counted, item, items, meta, of, read_text
from transfer.records import Channel, Notice
from transfer.wordpress.counting import count_elements
from transfer.wordpress.errors import Refused
from transfer.wordpress.files import sources
from transfer.wordpress.php import unserialize
from transfer.wordpress.reader import read

TEXT = HEAD + item(1, "<![CDATA[Grüße “außen” – 日本]]>") + END


@pytest.fixture
def path(tmp_path):
    return tmp_path / "export.xml"


def content(path, data):
    [post] = items(read_text(path, data))
    return post.content


def zipped(path, members, **options):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


# Packed files


def test_a_gzipped_file(tmp_path):
    path = tmp_path / "export.xml.gz"
    path.write_bytes(gzip.compress(TEXT.encode()))
    records = list(read([path]))
    assert items(records)[0].content == "Grüße “außen” – 日本"
    assert count_elements([path]) == counted(records)


def test_a_gzipped_file_that_is_cut_gives_what_it_has(tmp_path):
    path = tmp_path / "export.xml.gz"
    text = HEAD + "".join(item(number, f"<![CDATA[{number * 7919}]]>") for number in range(1, 3000)) + END
    path.write_bytes(gzip.compress(text.encode())[:-5000])
    records = list(read([path]))
    assert len(items(records)) > 100
    assert any("packed file is damaged" in notice.reason for notice in of(records, Notice))
    assert count_elements([path]) == counted(records)


def test_a_zip_with_the_parts_of_a_split_export(tmp_path):
    members = {f"blog.wordpress.{part:03}.xml": HEAD + item(part + 1) + END for part in (10, 2, 0, 1)}
    members |= {"__MACOSX/._blog.wordpress.000.xml": "rubbish", "readme.txt": "Hello", ".hidden.xml": "no"}
    path = zipped(tmp_path / "export.zip", members)
    records = list(read([path]))
    assert [post.number for post in items(records)] == [1, 2, 3, 11]
    assert items(records)[0].file == "export.zip/blog.wordpress.000.xml"
    assert len(of(records, Channel)) == 4
    assert count_elements([path]) == counted(records)


def test_paths_inside_a_zip_lead_nowhere(tmp_path):
    path = zipped(tmp_path / "export.zip", {"../../etc/evil.xml": TEXT, "/abs/b.XML": TEXT, "dir/": ""})
    before = sorted(tmp_path.rglob("*"))
    assert [post.file for post in items(list(read([path])))] == ["export.zip/evil.xml", "export.zip/b.XML"]
    assert sorted(tmp_path.rglob("*")) == before


def test_a_gzip_inside_of_a_zip(tmp_path):
    path = zipped(tmp_path / "export.zip", {"a.xml.gz": gzip.compress(TEXT.encode())})
    assert len(items(list(read([path])))) == 1


@pytest.mark.parametrize("packer", ["gzip", "zip"])
def test_a_bomb_is_refused_before_it_has_unpacked(tmp_path, packer):
    path, bomb = tmp_path / "bomb", (HEAD + "<item><title>").encode() + b"\0" * (70 << 20)
    if packer == "gzip":
        path.write_bytes(gzip.compress(bomb))
    else:
        zipped(path, {"a.xml": bomb})
    with pytest.raises(Refused, match="unpacks to far more"):
        list(read([path]))
    with pytest.raises(Refused, match="unpacks to far more"):
        count_elements([path])


def test_a_zip_that_is_damaged_protected_or_without_xml_is_refused(tmp_path):
    path = zipped(tmp_path / "a.zip", {"photo.jpg": "x"})
    with pytest.raises(Refused, match="no XML file"):
        list(read([path]))
    path = zipped(tmp_path / "b.zip", {"a.xml": TEXT})
    data = bytearray(path.read_bytes())
    path.write_bytes(bytes(data[:-30]))
    with pytest.raises(Refused, match="damaged"):
        list(read([path]))
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):  # the bit that says "encrypted"
        at = data.index(signature) + place
        data[at : at + 2] = struct.pack("<H", 1)
    path.write_bytes(bytes(data))
    with pytest.raises(Refused, match="protected by a password"):
        list(read([path]))


def test_a_zip_whose_member_is_damaged_gives_what_it_has(tmp_path):
    text = HEAD + "".join(item(number, f"<![CDATA[{number * 7919}]]>") for number in range(1, 3000)) + END
    path = zipped(tmp_path / "a.zip", {"a.xml": text})
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 40] = b"\xff" * 40
    path.write_bytes(bytes(data))
    records = list(read([path]))
    assert any("packed file is damaged" in notice.reason for notice in of(records, Notice))
    assert count_elements([path]) == counted(records)


# Encodings


@pytest.mark.parametrize("bom", [codecs.BOM_UTF8, b""])
def test_utf_8_with_and_without_byte_order_mark(path, bom):
    assert content(path, bom + TEXT.encode()) == "Grüße “außen” – 日本"
    assert items(list(read([path])))[0].line == 6


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_utf_16_and_32(path, encoding):
    text = TEXT.replace('encoding="UTF-8"', 'encoding="UTF-16"')
    assert content(path, text.encode(encoding)) == "Grüße “außen” – 日本"
    assert count_elements([path])["posts"] == 1


@pytest.mark.parametrize(
    ("declared", "encoding", "text"),
    [
        ("ISO-8859-1", "iso-8859-1", "Grüße"),
        ("ISO-8859-1", "cp1252", "“Grüße” – €"),
        ("windows-1251", "cp1251", "Привет"),
        ("KOI8-R", "koi8-r", "Привет"),
        ("Shift_JIS", "shift_jis", "日本語"),
        ("EUC-JP", "euc-jp", "日本語"),
        ("GB2312", "gb2312", "中文"),
        ("Big5", "big5", "中文"),
        ("EUC-KR", "euc-kr", "한국어"),
        # Declarations that are not true, or name nothing.
        ("ISO-8859-1", "utf-8", "Grüße 日本"),
        ("UTF-8", "cp1252", "“Grüße”"),
        ("x-unknown", "utf-8", "Grüße"),
        ("unicode_escape", "utf-8", "Grüße \\x41"),
        ("UTF-16", "utf-8", "Grüße"),
        ("utf-7", "utf-8", "+AGE-"),
    ],
)
def test_encodings_as_declared_or_as_the_bytes_say(path, declared, encoding, text):
    document = (HEAD + item(1, f"<![CDATA[{text}]]>") + END).replace('encoding="UTF-8"', f'encoding="{declared}"')
    assert content(path, document.encode(encoding)) == text


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        (b"caf\xe9", "café"),
        (b"\x93quoted\x94", "“quoted”"),
        (b"cut \xe2\x80", "cut \ufffd"),
        (b"\x81", "\ufffd"),
        (b"\xff\xfe", "ÿþ"),
        (b"\xed\xa0\x80", None),  # half of a pair
        (b"a\x00b\x01c\x0bd\x1fe", "abcde"),
        ("\u0085 \u0092 \ufffe\uffff".encode(), "… ’ "),
    ],
)
def test_a_bad_byte_costs_no_more_than_itself(path, wrong, right):
    data = TEXT.encode().replace("日本".encode(), "日本".encode() + wrong + "橋".encode())
    found = content(path, data)
    assert found.startswith("Grüße “außen” – 日本")
    assert found.endswith("橋")
    if right is not None:
        assert found == f"Grüße “außen” – 日本{right}橋"


def test_bad_bytes_are_told_with_their_first_line(path):
    data = HEAD.encode() + item(1, "<![CDATA[a\nb\xe9c\xe9]]>").encode("latin-1") + END.encode()
    [notice] = of(read_text(path, data), Notice)
    assert notice.reason.startswith("2 bytes were not UTF-8")
    assert (notice.line, notice.file) == (9, "export.xml")


def test_newlines_of_every_kind_count_as_lines(path):
    for newline in ("\r\n", "\r"):
        records = read_text(path, (HEAD + item(1) + item(2, "<![CDATA[a\nb]]>") + END).replace("\n", newline))
        assert [post.line for post in items(records)] == [6, 14]
        assert items(records)[1].content == "a\nb"


def test_serialized_meta_survives_lost_nuls_and_newlines(path):
    value = 'a:2:{s:1:"a";s:4:"x\r\ny";s:1:"b";O:3:"Cls":1:{s:4:"\0*\0k";s:2:"\0v";}}'
    [post] = items(read_text(path, (HEAD + item(1, more=meta("m", value)) + END).encode()))
    assert post.meta[0][1] == value.replace("\r", "").replace("\0", "")
    read_back = unserialize(post.meta[0][1])
    assert (read_back["a"], list(read_back["b"].values())) == ("x\ny", ["Cls", "v"])


@pytest.mark.parametrize(
    "before",
    [
        "\n\n",
        "\ufeff\n",
        "  ",
        "\ufeff\ufeff",
        "<br />\n<b>Warning</b>: Cannot modify headers in <b>/x.php</b><br />\n",
    ],
)
def test_blank_lines_and_text_before_the_declaration(path, before):
    records = read_text(path, before + TEXT)
    assert items(records)[0].content == "Grüße “außen” – 日本"
    assert items(records)[0].line == 6 + before.count("\n")
    assert of(records, Notice) == []
    assert count_elements([path]) == counted(records)


def test_a_file_without_declaration(path):
    assert content(path, TEXT.partition("\n")[2]) == "Grüße “außen” – 日本"


# Refusals


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "This file is empty."),
        (b" \n\t\n\0", "This file is empty."),
        (b"%PDF-1.7\n...", "This is a PDF document, not an export file."),
        (b"\x89PNG\r\n", "This is a picture, not an export file."),
        (b"Rar!\x1a", "This is a RAR archive. Please unpack it and choose the XML file in it."),
        (b"SQLite format 3\0", "This is an SQLite database, not an export file."),
        (b"just words", "This is not an export of WordPress (an XML file that begins with <rss>)."),
        (b"-- MySQL dump 10.13\nINSERT INTO `wp_posts`",
         "This is not an export of WordPress (an XML file that begins with <rss>)."),
        (b'{"db": []}', "This is a JSON file, not an export of WordPress (XML)."),
        (b"<!DOCTYPE html>\n<html><body>Log in</body></html>",
         "This is a web page (HTML), not an export file. Perhaps the download asked for a login."),
        (b"<html><head></head></html>",
         "This is a web page (HTML), not an export file. Perhaps the download asked for a login."),
        (b"<?xml version='1.0'?><!DOCTYPE html PUBLIC '-//W3C'><html/>",
         "This is a web page (HTML), not an export file. Perhaps the download asked for a login."),
        (b"<?xml version='1.0'?><feed xmlns='http://www.w3.org/2005/Atom'><generator>Blogger</generator></feed>",
         "This is a Blogger backup (Atom)."),
        (b"<feed xmlns='http://www.w3.org/2005/Atom'/>", "This is a feed (Atom), not an export."),
        (b"<?xml version='1.0'?><disqus xmlns='http://disqus.com'/>",
         "This is an XML file, but no export of WordPress: it begins with <disqus>."),
        (b"<rss version='2.0'><channel><title>x</title><item><title>y</title></item></channel></rss>",
         "This is a feed (RSS), not an export. In WordPress: Tools → Export."),
        (b"<rss version='2.0'><channel><title>x</title></channel></rss>",
         "This is a feed (RSS), not an export. In WordPress: Tools → Export."),
        (b"<rss version='2.0'><channel><title>x & y</title><item></item>",
         "This is a feed (RSS), not an export. In WordPress: Tools → Export."),
    ],
)  # fmt: skip
def test_what_is_no_export_is_refused_by_a_sentence(path, data, reason):
    with pytest.raises(Refused) as refused:
        read_text(path, data)
    assert refused.value.reason == reason
    assert refused.value.file == "export.xml"


BOMB = '<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;">]>\n'


@pytest.mark.parametrize(
    "text",
    [
        TEXT.replace("<rss", BOMB + "<rss", 1),
        TEXT.replace("<rss", '<!DOCTYPE rss SYSTEM "file:///etc/passwd">\n<rss', 1),
        TEXT.replace("<rss", "<!-- a comment --><!doctype rss>\n<rss", 1),
        TEXT.replace("<rss", "\n" * 70_000 + BOMB + "<rss", 1),
        TEXT.partition("\n")[2].replace("<rss", BOMB + "<rss", 1),
        TEXT.replace("<channel>", BOMB + "<channel>", 1),
    ],
)
def test_document_types_and_entities_are_refused(path, text):
    with pytest.raises(Refused, match="document type") as refused:
        read_text(path, text)
    assert refused.value.line > 0
    assert "document type" in str(refused.value)


def test_files_that_cannot_be_opened(tmp_path):
    with pytest.raises(Refused, match="no such file"):
        list(read([tmp_path / "none.xml"]))
    with pytest.raises(Refused, match="cannot be opened"):
        list(read([tmp_path]))


def test_a_file_is_read_in_pieces():
    """The first piece of the text is there before the rest of the file is."""

    class Endless(io.RawIOBase):
        def __init__(self):
            self.count = 0

        def read(self, size=-1):
            self.count += 1
            return HEAD.encode() if self.count == 1 else item(self.count).encode() * 100

    [source] = list(sources([DATA / "everything.xml"]))
    source.stream = Endless()
    pieces = source.pieces()
    assert next(pieces).startswith("<?xml")
    assert source.stream.count < 10_000
