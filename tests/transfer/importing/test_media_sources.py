"""Files of the old blog are found at other spellings of their address, tried again, never taken from a wrong one."""

import io
import threading
import zipfile

import pytest

from core import safe_fetch
from tests.matrix import drawn
from transfer.importing import media_sources
from transfer.importing.media_sources import Download, Folder, NotFound, Tar, archive_at
from transfer.importing.media_spellings import alternatives_in, spellings
from transfer.models import MediaFile
from transfer.records import Item

PLACE = "https://old.example/wp-content/uploads/2010/09/"
PROXIED = "https://i0.wp.com/old.example/wp-content/uploads/2010/09/a.png?resize=300%2C200"
ORIGINAL = "https://old.example/wp-content/uploads/2010/09/a.png"


class Internet(dict):
    """{url: [(status, body), …]}: the answers in turn, the last one for good. Unknown hosts do not answer."""

    asked: list[str]


@pytest.fixture
def internet(monkeypatch):
    answers, asked = Internet(), []

    def fetch(url, **_limits):
        asked.append(url)
        if url not in answers:
            if any(each.split("/")[2] == url.split("/")[2] for each in answers):
                return safe_fetch.Response(404, url, "", b"gone")
            raise safe_fetch.ConnectionFailed("There is no website of that name.")
        found = answers[url]
        status, body = found.pop(0) if len(found) > 1 else found[0]
        if isinstance(body, Exception):
            raise body
        return safe_fetch.Response(status, url, "", body)

    monkeypatch.setattr(media_sources.safe_fetch, "fetch", fetch)
    monkeypatch.setattr(media_sources, "PAUSES", (0, 0))
    answers.asked = asked
    return answers


def row(url):
    return MediaFile(url=url)


def found_at(internet, place, asked_for, origin="old.example", alternatives=None):
    internet[place] = [(200, b"bytes")]
    return Download(alternatives or {}, origin)(row(asked_for)), internet.asked


SPELLINGS = [
    (f"{PLACE}a-300x200.png", f"{PLACE}a.png"),
    (f"{PLACE}a-scaled.jpg", f"{PLACE}a.jpg"),
    (f"{PLACE}a.jpg", f"{PLACE}a-scaled.jpg"),
    (f"{PLACE}a-e1600000000000.jpg", f"{PLACE}a.jpg"),
    (f"{PLACE}a-1024x768.jpg", f"{PLACE}a-scaled.jpg"),
    (ORIGINAL, ORIGINAL.replace("https:", "http:")),
    (ORIGINAL.replace("https:", "http:"), ORIGINAL),
    (ORIGINAL, ORIGINAL.replace("old.example", "www.old.example")),
    (ORIGINAL, f"https://i0.wp.com/{ORIGINAL[8:]}"),
    (PROXIED, ORIGINAL),
    ("https://ours.files.wordpress.com/2010/09/a.png", ORIGINAL),
    ("https://ours.files.wordpress.com/2010/09/a.png?w=300", "https://ours.wordpress.com/wp-content/uploads/2010/09/a.png"),
    ("https://ours.wordpress.com/wp-content/uploads/2010/09/a.png", "https://ours.files.wordpress.com/2010/09/a.png"),
    ("//old.example/wp-content/uploads/2010/09/a.png", ORIGINAL),
]  # fmt: skip


@pytest.mark.parametrize(("asked_for", "place"), SPELLINGS)
def test_another_spelling_is_tried_and_told(internet, asked_for, place):
    fetched, asked = found_at(internet, place, asked_for)
    assert fetched.content == b"bytes" and fetched.place == place
    assert asked[0] == asked_for and len(asked) < 60


def test_its_own_address_comes_first_and_needs_no_word(internet):
    fetched, asked = found_at(internet, ORIGINAL, ORIGINAL)
    assert fetched.place == "" and asked == [ORIGINAL]


def test_what_the_texts_name_is_tried_the_largest_first(internet):
    srcset = f"{PLACE}a-300x200.png 300w, {PLACE}a-1024x768.png 1024w"
    picture = f'<img src="{PLACE}a-300x200.png" srcset="{srcset}" data-orig-file="{PLACE}a.png">'
    texts = [Item(content=f'{picture} <img src="{PLACE}b.png">')]
    found = alternatives_in(texts, [ORIGINAL])
    assert list(found.values()) == [[f"{PLACE}a.png", f"{PLACE}a-1024x768.png", f"{PLACE}a-300x200.png"]]
    fetched, _asked = found_at(internet, f"{PLACE}a-1024x768.png", ORIGINAL, alternatives=found)
    assert fetched.place == f"{PLACE}a-1024x768.png"


def test_another_file_of_a_like_name_is_no_alternative():
    texts = [Item(content=f"{PLACE}ab.png {PLACE}a.gif https://other.example/wp-content/uploads/2010/09/a.png")]
    assert alternatives_in(texts, [ORIGINAL]) == {}


def test_a_host_that_is_busy_is_asked_three_times(internet):
    internet[ORIGINAL] = [(503, b""), (200, safe_fetch.FetchTimeout("slow")), (200, b"bytes")]
    assert Download()(row(ORIGINAL)).content == b"bytes"
    assert internet.asked == [ORIGINAL] * 3


def test_a_file_that_is_gone_is_asked_for_once_at_each_address(internet):
    internet[ORIGINAL] = [(410, b"")]
    with pytest.raises(NotFound, match="answered 410"):
        Download()(row(ORIGINAL))
    assert internet.asked.count(ORIGINAL) == 1


def test_a_host_that_is_away_is_given_up(internet):
    download = Download()
    for number in range(40):
        with pytest.raises(NotFound):
            download(row(f"https://away.example/{number}.png"))
    assert sum(url.startswith("https://away.example/") for url in internet.asked) <= 15


@pytest.mark.parametrize("body", [b"", b"<!DOCTYPE html><title>Domain for sale</title>", b"\n <html>"])
def test_a_page_instead_of_the_file_is_not_taken(internet, body):
    internet[ORIGINAL] = [(200, body)]
    with pytest.raises(NotFound, match="empty file|web page"):
        Download()(row(ORIGINAL))


def test_addresses_inside_our_network_are_not_tried_again(internet):
    internet[ORIGINAL] = [(200, safe_fetch.PrivateAddress("The address leads into a private network."))]
    with pytest.raises(NotFound, match="private network"):
        Download()(row(ORIGINAL))
    assert internet.asked.count(ORIGINAL) == 1


@pytest.mark.parametrize(
    "url", ["", "x", "https://", "http://[::1", "https://x:y/a.png", "a" * 5000, "//" * 900, "\x00"]
)
def test_no_address_is_an_error(url):
    assert url in spellings(url) and len(spellings(url)) <= 20


def test_a_file_lies_in_a_folder_under_its_original_name(tmp_path):
    (tmp_path / "2010/09").mkdir(parents=True)
    (tmp_path / "2010/09/a.png").write_bytes(b"bytes")
    assert Folder(tmp_path)(row(f"{PLACE}a-300x200.png")).content == b"bytes"
    with pytest.raises(NotFound):
        Folder(tmp_path)(row(f"{PLACE}b.png"))


def test_a_tar_archive_is_read_by_four_at_once(tmp_path):
    import tarfile

    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        for number in range(20):
            info = tarfile.TarInfo(f"2010/09/{number}.png")
            info.size = 100_000
            archive.addfile(info, io.BytesIO(bytes([number]) * 100_000))
        link = tarfile.TarInfo("2010/09/secret.png")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    source = archive_at(tmp_path / "a.tar")
    assert isinstance(source, Tar)
    wrong = []

    def take(number):
        content = source(row(f"{PLACE}{number}.png")).content
        if content != bytes([number]) * 100_000:
            wrong.append(number)

    threads = [threading.Thread(target=take, args=[number]) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    with pytest.raises(NotFound):
        source(row(f"{PLACE}secret.png"))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", drawn(), b"x" * 600])
def test_what_is_no_archive_is_refused(tmp_path, content):
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(ValueError, match="neither a folder"):
        archive_at(tmp_path / "a.zip")


def test_a_picture_that_unpacks_to_too_much_is_not_found(tmp_path, monkeypatch):
    monkeypatch.setattr(media_sources, "LARGEST", 1000)
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("2010/09/a.png", b"0" * 5000)
    with pytest.raises(NotFound, match="too large"):
        archive_at(tmp_path / "a.zip")(row(ORIGINAL))
