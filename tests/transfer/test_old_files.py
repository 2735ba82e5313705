"""Pictures and files that posts still show from the old blog: how many, where, and three ways to bring them."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from blog.models import Media, Post
from core import safe_fetch
from tests.matrix import drawn
from tests.transfer.importing.test_media_sources import internet as internet
from tests.transfer.test_desk_choices import zipped
from tests.transfer.test_desk_import import PICTURE, piece, uploaded, work
from tests.transfer.test_desk_import import owner as owner
from tests.transfer.wxr_text import item
from transfer.importing import media_sources
from transfer.importing.media import replaced
from transfer.importing.old_files import shown_files
from transfer.models import ImportRun, MediaFetch, MediaFile

pytestmark = pytest.mark.django_db
UP = "https://getyourmoveon.example/wp-content/uploads/2010/09"
TEXT = f'<p><img src="{UP}/finish-300x200.png" alt="x"> <a href="{UP}/map.pdf">Map</a> <a href="{UP}/">All</a></p>'
LOOSE = (
    '<img src="https://i0.wp.com/getyourmoveon.example/wp-content/uploads/2010/09/loose.png?resize=3,2&ssl=1" alt="y">'
)
PAGE = "/desk/import/files/"


@pytest.fixture
def brought(owner):
    """A blog that came without its files."""
    _run, url = uploaded(
        owner,
        item(7, "A", TEXT),
        item(8, "B", f"{LOOSE}{TEXT}"),
        item(9, "Hidden", LOOSE, status="draft"),
        item(10, "Elsewhere", '<img src="https://other.example/a.png" alt="">'),
        item(12, "Finish", "", **PICTURE),
        item(13, "Unused", "", **PICTURE | {"attachment_url": f"{UP}/unused.png"}),
    )
    owner.post(url, {"action": "start", "media_from": "skip"})
    work()
    return owner


def page(owner):
    return owner.get(PAGE).content.decode()


def found():
    return {file.url: sorted(str(post) for post in file.posts) for file in shown_files()}


def test_the_page_counts_what_is_shown_from_the_old_blog(brought):
    assert found() == {
        f"{UP}/finish.png": ["A", "B"],  # the attachment's address, not the small spelling
        f"{UP}/map.pdf": ["A", "B"],
        "https://i0.wp.com/getyourmoveon.example/wp-content/uploads/2010/09/loose.png?resize=3,2&ssl=1": [
            "B",
            "Hidden",
        ],
    }
    shown = page(brought)
    assert "3 pictures and files are still shown from the old blog, in 3 posts" in shown
    assert "1 more file of the old blog is not here" in shown and "unused.png" in shown
    assert shown.index("finish.png") < shown.index("unused.png")


def test_a_blog_without_imports_has_none(owner, make_post):
    make_post(source="![x](https://getyourmoveon.example/a.png)")
    assert "Every file of the old blog is here" in page(owner) and shown_files() == []


def test_what_lies_in_the_trash_does_not_count(brought):
    for post in Post.objects.filter(pk__in=[8, 9]):
        post.trash()
    assert set(found()) == {f"{UP}/finish.png", f"{UP}/map.pdf"}


def test_each_has_a_slot_and_the_posts_change_at_once(brought):
    for url in found():
        answer = brought.post(f"{PAGE}upload/", {"url": url, "file": upload_for(url)}, follow=True)
        assert "is here now, and the posts show it" in answer.content.decode()
    assert found() == {} and Media.objects.count() == 3
    html = "".join(Post.objects.filter(pk__in=[7, 8, 9]).values_list("html", flat=True))
    assert "wp.com" not in html and f"{UP}/finish" not in html and f"{UP}/map" not in html
    assert brought.get("/wp-content/uploads/2010/09/loose.png").status_code == 301


def upload_for(url):
    if url.endswith(".pdf"):
        return SimpleUploadedFile("map.pdf", b"%PDF-1.4 one page")
    return SimpleUploadedFile("x.png", drawn())


def test_a_second_upload_of_the_same_file_changes_nothing(brought):
    url = f"{UP}/finish.png"
    for _each in range(2):
        brought.post(f"{PAGE}upload/", {"url": url, "file": upload_for(url)})
    assert Media.objects.count() == 1


@pytest.mark.parametrize(
    "url",
    ["", "https://other.example/a.png", "javascript:alert(1)", "//", "x" * 5000, "http://[::1", "\x00", "/etc/passwd"],
)
def test_only_files_of_the_old_blog_have_a_slot(brought, url):
    answer = brought.post(f"{PAGE}upload/", {"url": url, "file": upload_for(url)}, follow=True)
    assert "no file of a blog that was imported" in answer.content.decode() and not Media.objects.exists()


def test_a_refused_file_keeps_its_slot_and_says_why(brought):
    answer = brought.post(
        f"{PAGE}upload/", {"url": f"{UP}/finish.png", "file": SimpleUploadedFile("x.png", b"no")}, follow=True
    )
    assert MediaFile.objects.get(url=f"{UP}/finish.png").reason in answer.content.decode()
    assert len(found()) == 3


def test_all_are_fetched_from_the_old_blog(brought, internet):
    for url in (f"{UP}/finish.png", f"{UP}/loose.png", f"{UP}/unused-scaled.png"):
        internet[url] = [(200, drawn())]
    brought.post(PAGE, {"action": "fetch"})
    assert "Files are being brought" in page(brought)
    assert brought.get(f"{PAGE}progress/").json()["active"]
    work()
    fetch = MediaFetch.objects.get()
    assert (fetch.state, fetch.brought, fetch.total) == ("done", 3, 4)
    assert list(found()) == [f"{UP}/map.pdf"]  # it is nowhere, and says so
    assert "The last time, 3 files came" in page(brought) and "The old host answered 404" in page(brought)
    internet[f"{UP}/map.pdf"] = [(200, b"%PDF-1.4 one page")]
    brought.post(PAGE, {"action": "fetch"})
    work()
    assert found() == {} and "Every file of the old blog is here" in page(brought)


def test_all_are_taken_from_an_uploaded_copy(brought):
    files = {f"uploads/2010/09/{name}": drawn() for name in ("finish.png", "loose.png")}
    brought.post(PAGE, {"action": "archive", "file": SimpleUploadedFile("u.zip", zipped(files))})
    work()
    assert list(found()) == [f"{UP}/map.pdf"] and MediaFetch.objects.get().brought == 2


def test_a_copy_goes_up_in_pieces(brought):
    content = zipped({"2010/09/finish.png": drawn()})
    more = {"what": "files", "name": "u.zip"}
    assert piece(brought, "a" * 32, content, 0, content, more).json()["url"] == PAGE
    work()
    assert f"{UP}/finish.png" not in found()
    assert piece(brought, "b" * 32, b"PK nothing", 0, b"PK nothing", more).status_code == 409


def test_a_fetch_can_be_stopped_and_goes_on(brought, internet, monkeypatch):
    monkeypatch.setattr("transfer.importing.media.AT_A_TIME", 1)
    for url in (f"{UP}/finish.png", f"{UP}/map.pdf", f"{UP}/loose.png"):
        internet[url] = [(200, b"%PDF-1.4 one page" if url.endswith("pdf") else drawn())]
    take = media_sources.Download.content_at

    def stopping(download, url):
        brought.post(PAGE, {"action": "stop"})
        return take(download, url)

    with monkeypatch.context() as patch:
        patch.setattr("transfer.importing.media.ThreadPoolExecutor", Inline)
        patch.setattr(media_sources.Download, "content_at", stopping)
        brought.post(PAGE, {"action": "fetch"})
        work()
    assert MediaFetch.objects.first().state == "cancelled" and len(found()) == 2
    brought.post(PAGE, {"action": "fetch"})
    work()
    assert found() == {}


class Inline:
    """In this thread, for a test's transaction is seen by it alone."""

    def __init__(self, _number):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    map = staticmethod(map)


def test_nothing_is_asked_of_our_own_network(brought, internet):
    internet[f"{UP}/finish.png"] = [(200, safe_fetch.PrivateAddress("The address leads into a private network."))]
    brought.post(PAGE, {"action": "fetch"})
    work()
    assert "private network" in MediaFile.objects.get(url=f"{UP}/finish.png").reason


def test_the_own_domain_does_not_count_where_the_old_path_leads_to_the_file(brought, settings):
    settings.LONGRUN_URL = "https://getyourmoveon.example"
    brought.post(f"{PAGE}upload/", {"url": f"{UP}/finish.png", "file": upload_for("x.png")})
    post = Post.objects.get(pk=7)
    post.source = f'<img src="{UP}/finish.png" alt="">'
    post.save()
    assert f"{UP}/finish.png" not in found() and f"{UP}/map.pdf" in found()


def test_a_strange_address_is_no_error(brought):
    url = f"{UP}/a%00b%ff.png"
    answer = brought.post(f"{PAGE}upload/", {"url": url, "file": upload_for("x.png")}, follow=True)
    assert answer.status_code == 200 and "is here now" in answer.content.decode()


def test_an_import_that_was_undone_counts_no_more(brought):
    ImportRun.objects.update(state=ImportRun.State.UNDONE)
    assert shown_files() == []


REPLACED = [
    (f"{UP}/a.png", f'<img src="{UP}/a-300x200.png" srcset="{UP}/a-300x200.png 300w, {UP}/a.png 900w">',
     '<img src="/m/" srcset="/m/ 300w, /m/ 900w">'),
    (f"{UP}/a.png", "![x](http://i2.wp.com/getyourmoveon.example/wp-content/uploads/2010/09/a.png?w=300)", "![x](/m/)"),
    ("https://x.files.wordpress.com/2010/09/a.png", "https://x.wordpress.com/wp-content/uploads/2010/09/a.png", "/m/"),
    (f"{UP}/a.png", f"{UP}/ab.png {UP}/a.gif https://else.example/wp-content/uploads/2010/09/a.png", None),
    ("https://b.example/img/=s320", '<img src="https://b.example/img/=s320">', '<img src="/m/">'),
    ("https://b.example/img/a", "https://b.example/img/ab", None),
]  # fmt: skip


@pytest.mark.parametrize(("url", "source", "result"), REPLACED)
def test_every_spelling_is_replaced_and_no_other_file(url, source, result):
    assert replaced(source, url, "/m/") == (result or source)


def test_many_posts_take_few_queries(brought, django_assert_max_num_queries, make_post):
    for number in range(30):
        make_post(f"More {number}", source=f"![x]({UP}/more-{number}.png)")
    with django_assert_max_num_queries(26):
        page(brought)
