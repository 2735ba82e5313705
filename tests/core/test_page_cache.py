"""What is kept, for whom, and for how long; with views of this file's own."""

import gzip
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from itertools import count

import brotli
import pytest
from django.contrib import messages
from django.contrib.messages.storage.cookie import CookieStorage
from django.core.signals import request_finished, request_started
from django.db import connection, transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.test import RequestFactory
from django.urls import path
from django.utils import timezone

from core import cache_version, page_cache
from core.cookies import POST_PASSWORD
from core.page_cache import cache_for_guests, expire_at
from tests.asking import ask, process

HOST = "blog.example"
TEXT = "Ten miles before breakfast. " * 50
made = count(1)
moments = {}


@cache_for_guests
def page(request):
    if moment := moments.get(request.path):
        expire_at(request, moment)
    return HttpResponse(f"{TEXT} {next(made)} {request.GET.urlencode()}")


@cache_for_guests
def mirror(request):
    return HttpResponse("\n".join(sorted(name for name in request.META if name.startswith("HTTP_"))))


def unmarked(request):
    return HttpResponse(f"unmarked {next(made)}")


@cache_for_guests
def cookie(request):
    response = HttpResponse(f"cookie {next(made)}")
    response.set_cookie("seen", "1")
    return response


@cache_for_guests
def token(request):
    return HttpResponse(f"{next(made)} {get_token(request)}")


@cache_for_guests
def message(request):
    messages.info(request, "For you alone.")
    return HttpResponse(f"{next(made)}")


@cache_for_guests
def private(request):
    return HttpResponse(f"{next(made)}", headers={"Cache-Control": "private"})


@cache_for_guests
def colours(request):
    return HttpResponse("a{}", headers={"Cache-Control": "public, max-age=31536000, immutable"})


@cache_for_guests
def picture(request):
    return HttpResponse(bytes(5000), content_type="image/png")


@cache_for_guests
def large(request):
    return HttpResponse("x" * 600_000)


@cache_for_guests
def answer(request, status):
    return HttpResponseRedirect("/") if status == 302 else HttpResponse(f"{next(made)}", status=status)


@cache_for_guests
def slow(request):
    expire_at(request, moments.get("/slow"))
    began.set()
    assert goes_on.wait(30)
    if dies.is_set():
        raise SystemExit("in the middle of it")
    return HttpResponse(f"slow {next(made)}")


began, goes_on, dies = threading.Event(), threading.Event(), threading.Event()
views = {"mirror": mirror, "unmarked": unmarked, "cookie": cookie, "token": token, "message": message}
views |= {"private": private, "colours.css": colours, "picture.png": picture, "large": large, "slow": slow}
urlpatterns = [
    *(path(name, view) for name, view in views.items()),
    path("status/<int:status>", answer),
    path("", page),
    path("<path:rest>/", lambda request, rest: page(request)),
]
urlpatterns[-1].callback.is_cached_for_guests = True


@pytest.fixture
def blog(settings, monkeypatch, tmp_path):
    """A process that keeps pages, in a data folder of its own."""
    settings.LONGRUN_DATA = tmp_path
    settings.ROOT_URLCONF = __name__
    settings.ALLOWED_HOSTS = [HOST]
    settings.MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
    settings.MIDDLEWARE = [
        "core.page_cache.NoStoreMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ]
    monkeypatch.setattr(page_cache, "_expiry_functions", [])
    monkeypatch.setattr(request_started, "receivers", [])  # which look after connections to a database: there is none
    monkeypatch.setattr(request_finished, "receivers", [])
    moments.clear()
    for event in (began, goes_on, dies):
        event.clear()
    return process(HOST, 2**20)


@pytest.fixture
def transaction_elsewhere():
    """A change of another thread that is not committed as long as the block runs."""

    @contextmanager
    def under_way():
        begun, ends = threading.Event(), threading.Event()

        def change():
            with transaction.atomic():
                cache_version.invalidate(cache_version.EVERYTHING)
                begun.set()
                assert ends.wait(60)
            connection.close()

        thread = threading.Thread(target=change)
        thread.start()
        assert begun.wait(60)
        try:
            yield
        finally:
            ends.set()
            thread.join()

    return under_way


def test_a_page_is_made_once_and_serves_everybody(blog):
    first = ask(blog)
    assert first.body == ask(blog, user_agent="another").body
    assert first.headers == ask(blog).headers
    assert (first["Cache-Control"], first["Vary"]) == ("no-cache", "Cookie, Accept-Encoding")
    assert first["ETag"].startswith('W/"')
    assert int(first["Content-Length"]) == len(first.body)


@pytest.mark.parametrize(
    "accepted, coding",
    [
        ("", None),
        ("identity", None),
        ("gzip", "gzip"),
        ("gzip, deflate, br, zstd", "br"),
        ("BR;q=0.2, gzip;q=1.0", "br"),
        ("br;q=0, gzip;q=0.000", None),
        ("*", "br"),
        ("*;q=0, gzip", "gzip"),
        (";;,=,q", None),
    ],
)
def test_it_is_given_in_the_form_that_is_wanted(blog, accepted, coding):
    plain = ask(blog).body
    for _time in range(2):
        answer = ask(blog, accept_encoding=accepted)
        assert answer["Content-Encoding"] == coding
        unpack = {None: bytes, "gzip": gzip.decompress, "br": brotli.decompress}[coding]
        assert unpack(answer.body) == plain
        assert int(answer["Content-Length"]) == len(answer.body)
        assert [name for name, _value in answer.headers].count("Content-Length") == 1
        assert answer["Vary"] == "Cookie, Accept-Encoding"


def test_what_is_packed_already_is_not_packed_again(blog):
    assert ask(blog, "/picture.png", accept_encoding="gzip, br")["Content-Encoding"] is None


def test_whoever_has_it_is_told_so(blog):
    mark = ask(blog, accept_encoding="gzip")["ETag"]
    for known in (mark, f'"x", {mark}', mark.removeprefix("W/"), "*", f"  {mark} ,"):
        answer = ask(blog, if_none_match=known)
        assert (answer.status, answer.body, answer["ETag"]) == (304, b"", mark)
        assert answer["Cache-Control"] == "no-cache"
    for other in ('W/"x"', "", ",", mark[:-2]):
        assert ask(blog, if_none_match=other).status == 200


def test_a_head_has_the_headers_alone(blog):
    head = ask(blog, method="HEAD", accept_encoding="gzip")
    get = ask(blog, accept_encoding="gzip")
    assert (head.headers, head.body) == (get.headers, b"")


SALTS = {"messages": None, "longrun_writer": "longrun_writer", "longrun_post_7": ""}


def signed(name):
    """The value of a cookie as Django signs it."""
    response = HttpResponse()
    if name == "messages":
        storage = CookieStorage(RequestFactory().get("/"))
        storage.add(messages.INFO, "Saved.")
        storage.update(response)
    else:
        response.set_signed_cookie(name, "x", salt=SALTS[name])
    return response.cookies[name].coded_value


@pytest.mark.parametrize("name", ["sessionid", *SALTS])
def test_whoever_has_pages_of_their_own_gets_them(blog, name):
    kept_page = ask(blog).body
    value = signed(name) if name in SALTS else "y"
    own = ask(blog, cookies=f"longrun_me=x; {name}={value}")
    assert own.body != kept_page
    assert own["Cache-Control"] == "private, no-store"
    assert ask(blog).body == kept_page


@pytest.mark.parametrize("value", ["", "x", "x:y", "x:1uAbCd:y", "of post 7"])
@pytest.mark.parametrize("name", ["messages", "longrun_writer", "longrun_post_0"])
def test_a_cookie_that_the_blog_has_not_signed_opens_no_way_past_the_cache(blog, name, value):
    value = signed("longrun_post_7") if value == "of post 7" else value
    assert ask(blog, cookies=f"{name}={value}").body == ask(blog).body


def test_an_expired_cookie_opens_none_either(blog, monkeypatch):
    with monkeypatch.context() as patch:
        now = time.time() - POST_PASSWORD.seconds - 60
        patch.setattr("django.core.signing.time.time", lambda: now)
        value = signed("longrun_post_7")
    assert ask(blog, cookies=f"longrun_post_7={value}").body == ask(blog).body


def test_other_cookies_make_no_difference_and_reach_nobody(blog):
    assert ask(blog).body == ask(blog, cookies="longrun_me=author%3DRene; csrftoken=abc; _ga=1; =; ;;").body
    seen = ask(blog, "/mirror", cookies="longrun_me=x", if_none_match='"x"', if_modified_since="y", range="bytes=0-1",
               accept_language="de", x_forwarded_for="1.2.3.4", x_forwarded_host="evil.example")  # fmt: skip
    assert seen.status == 200
    assert seen.body.decode().split() == ["HTTP_HOST", "HTTP_X_FORWARDED_FOR"]


def test_only_the_page_and_the_words_of_a_search_make_another_page(blog):
    plain = ask(blog).body
    assert ask(blog, "/?utm_source=x&fbclid=y&PAGE=2&%00=1").body != plain, "a NUL is Django's to refuse"
    for same in ("/?", "/?utm_source=x&fbclid=y&PAGE=2", "/?&&=&", "/?" + "&".join(f"a{n}=b" for n in range(90))):
        assert ask(blog, same).body == plain
    assert ask(blog, "/?page=2").body == ask(blog, "/?q=2").body == plain, "only a search has these"
    search = ask(blog, "/search/").body
    two = ask(blog, "/search/?page=2").body
    assert two not in (search, ask(blog, "/search/?q=2").body, ask(blog, "/search/?page=3").body)
    assert two.endswith(b"page=2")
    for same in ("/search/?x=1&page=2", "/search/?p%61ge=2", "/search/?page=1&page=2"):
        assert ask(blog, same).body == two


def test_who_requests_each_address_once_does_not_evict_what_is_read_again(blog):
    read = [f"/read-{number}/" for number in range(20)]
    kept = {path: ask(blog, path).body for path in read}
    assert all(ask(blog, path).body == body for path, body in kept.items())
    for number in range(1000):
        ask(blog, f"/once-{number}/")
    assert blog.used_bytes <= blog.max_bytes and len(blog.pages) < 500, "there was no room for all"
    assert all(ask(blog, path).body == body for path, body in kept.items())
    assert set(blog.once) <= set(blog.pages) and not set(read) & {path for path, _query in blog.once}


@pytest.mark.parametrize(
    "name",
    "p page_id attachment_id name m cat tag author s feed draft unapproved preview token replytocom".split(),
)
def test_what_wordpress_and_we_ask_in_the_query_is_never_kept(blog, name):
    answers = [ask(blog, f"/?{name}=1"), ask(blog, f"/?{name}=1"), ask(blog, f"/?x=2&%{ord(name[0]):x}{name[1:]}=")]
    assert len({answer.body for answer in answers}) == 3
    for answer in answers:
        assert (answer["Cache-Control"], answer["X-Robots-Tag"]) == ("private, no-store", "noindex")
    assert not blog.pages


@pytest.mark.parametrize(
    "where", ["/unmarked", "/cookie", "/token", "/message", "/private", "/status/404", "/status/500", "/status/503",
              "/status/206", "/status/302"]
)  # fmt: skip
def test_never_kept(blog, where):
    answers = [ask(blog, where, cookies="csrftoken=" + "a" * 32) for _time in range(2)]
    assert answers[0].body != answers[1].body or where == "/status/302"
    assert all("private" in answer["Cache-Control"] for answer in answers)
    assert not blog.pages


def test_what_is_kept_by_browsers_for_good_stays_so(blog):
    for _time in range(2):
        assert ask(blog, "/colours.css")["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("method", ["POST", "PUT", "OPTIONS", "TRACE", "get", "QUERY"])
def test_other_methods_are_djangos(blog, method):
    ask(blog, method=method)
    assert not blog.pages


@pytest.mark.parametrize(
    "host",
    ["evil.example", "", "blog.example.", "blog.example:", "blog.example:x", "www.blog.example:81", "a,b", "[::1"],
)
def test_under_another_name_nothing_is_kept(blog, host):
    kept_page = ask(blog).body
    answer = ask(blog, host=host)
    assert answer.status == 400 or answer.body != kept_page
    assert answer["Cache-Control"] == "private, no-store"
    assert len(blog.pages) == 1
    assert ask(blog).body == kept_page


@pytest.mark.parametrize("host", ["blog.example:80", "blog.example:8443", "BLOG.example", "Blog.Example:81"])
def test_at_another_port_the_same_pages_are_kept(blog, settings, host):
    settings.LONGRUN_HOST = HOST
    assert ask(blog, host=host).status == 200
    assert len(blog.pages) == 1
    kept_page = ask(blog).body
    assert ask(blog, host=host).body == kept_page
    assert len(blog.pages) == 1


def test_a_port_that_redirects_gets_no_kept_page(blog, settings):
    settings.LONGRUN_HOST, settings.LONGRUN_ALSO_HOSTS = HOST, ["blog.example:81"]
    ask(blog)
    assert ask(blog, host="blog.example:81")["Cache-Control"] == "private, no-store"
    assert ask(blog, host="blog.example:82")["Cache-Control"] != "private, no-store"


def test_a_forwarded_name_changes_nothing(blog):
    kept_page = ask(blog, x_forwarded_host="evil.example", x_forwarded_proto="ftp", forwarded="host=evil").body
    assert ask(blog).body == kept_page


def test_what_was_longest_unused_makes_room(blog, settings):
    small = process(HOST, room=40_000)
    first, second, *_others = [ask(small, f"/{n}/").body for n in range(5)]
    assert ask(small, "/0/").body == first
    for n in range(5, 20):
        ask(small, f"/{n}/")
        ask(small, "/0/", accept_encoding="gzip")
    assert small.used_bytes == sum(page.size for page in small.pages.values()) <= 40_000
    assert ask(small, "/0/").body == first
    assert ask(small, "/1/").body != second


def test_a_page_that_would_push_out_all_others_is_not_kept(blog):
    ask(blog)
    assert len(ask(blog, "/large").body) == 600_000
    assert list(blog.pages) == [("/", "")]


def test_it_can_be_turned_off(blog):
    off = process(HOST, room=0)
    assert ask(off).body != ask(off).body
    assert ask(off)["Cache-Control"] == "no-cache"
    assert gzip.decompress(ask(off, accept_encoding="gzip").body)


def test_a_change_makes_it_anew_in_every_process(blog):
    other = process(HOST)
    before = [ask(blog).body, ask(other).body]
    assert before == [ask(blog).body, ask(other).body]
    cache_version.increment()
    after = [ask(blog).body, ask(other).body]
    assert not {*before} & {*after}
    assert after == [ask(blog).body, ask(other).body]


def test_what_is_of_an_older_number_makes_room_at_once(blog):
    for n in range(5):
        ask(blog, f"/{n}/")
    cache_version.increment()
    ask(blog)
    assert list(blog.pages) == [("/", "")]


def test_while_the_number_cannot_be_read_nothing_is_kept(blog, settings, tmp_path):
    settings.LONGRUN_DATA = tmp_path / "nowhere"
    assert ask(blog).body != ask(blog).body


@pytest.mark.db
@pytest.mark.django_db(transaction=True)
def test_what_was_made_during_a_change_is_not_kept(blog, transaction_elsewhere):
    kept_page = ask(blog).body
    with transaction_elsewhere():
        first, second = ask(blog).body, ask(blog).body
        assert len({kept_page, first, second}) == 3
    after = ask(blog).body
    assert after not in (kept_page, first, second)
    assert ask(blog).body == after


@pytest.mark.db
@pytest.mark.django_db(transaction=True)
def test_during_a_change_whoever_waits_shares_a_page_that_is_begun_after_all_of_them_came(blog, transaction_elsewhere):
    with transaction_elsewhere(), ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(ask, blog, "/slow")]
        assert began.wait(30)
        asked += [pool.submit(ask, blog, "/slow") for _time in range(7)]
        time.sleep(0.2)
        goes_on.set()
        first, *others = (each.result().body for each in asked)
        assert len(set(others)) == 1 and first not in others
        assert ask(blog, "/slow").body not in (first, *others)
    assert not blog.pages and not blog.running and not blog.waiting


@pytest.mark.db
@pytest.mark.django_db(transaction=True)
def test_during_a_change_who_dies_takes_nobody_along(blog, transaction_elsewhere):
    dies.set()
    with transaction_elsewhere(), ThreadPoolExecutor(3) as pool:
        asked = [pool.submit(ask, blog, "/slow") for _time in range(3)]
        assert began.wait(30)
        time.sleep(0.1)
        goes_on.set()
        assert all(isinstance(each.exception(60), SystemExit) for each in asked)
    dies.clear()
    assert ask(blog, "/slow").status == 200
    assert not blog.running and not blog.waiting


def test_what_changes_while_a_page_is_made_leaves_it_unkept(blog):
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(ask, blog, "/slow")
        assert began.wait(30)
        cache_version.increment()
        goes_on.set()
        old = asked.result().body
    assert not blog.pages
    assert ask(blog, "/slow").body != old


def test_a_page_that_is_cold_is_made_once_for_all_who_ask(blog):
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(ask, blog, "/slow") for _time in range(8)]
        assert began.wait(30)
        time.sleep(0.2)
        goes_on.set()
        assert len({each.result().body for each in asked}) == 1
    assert not blog.pending


def test_who_dies_while_making_it_takes_nobody_along(blog):
    dies.set()
    with ThreadPoolExecutor(3) as pool:
        asked = [pool.submit(ask, blog, "/slow") for _time in range(3)]
        assert began.wait(30)
        time.sleep(0.1)
        goes_on.set()
        assert all(isinstance(each.exception(60), SystemExit) for each in asked)
    dies.clear()
    assert ask(blog, "/slow").status == 200
    assert not blog.pending


def test_nobody_waits_for_ever_for_another(blog, monkeypatch):
    monkeypatch.setattr(page_cache, "WAIT_SECONDS", 0.05)
    with ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(ask, blog, "/slow") for _time in range(2)]
        assert began.wait(30)
        time.sleep(0.5)
        goes_on.set()
        assert len({each.result().body for each in asked}) == 2


def test_whoever_comes_after_the_moment_does_not_get_the_page_of_before(blog):
    moments["/slow"] = timezone.now() + timedelta(seconds=0.2)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(ask, blog, "/slow")
        assert began.wait(30)
        while timezone.now() < moments["/slow"]:
            time.sleep(0.05)
        second = pool.submit(ask, blog, "/slow")
        time.sleep(0.1)
        goes_on.set()
        assert first.result().body != second.result().body


def test_time_alone_makes_it_old(blog):
    moments["/soon/"] = timezone.now() + timedelta(seconds=1)
    before = ask(blog, "/soon/").body
    assert ask(blog, "/soon/").body == before or timezone.now() > moments["/soon/"]
    while timezone.now() < moments["/soon/"]:
        time.sleep(0.05)
    del moments["/soon/"]
    after = ask(blog, "/soon/").body
    assert after != before
    assert ask(blog, "/soon/").body == after


def test_the_nearest_of_all_moments_counts(blog):
    page_cache._expiry_functions.extend([lambda: None, lambda: timezone.now() - timedelta(hours=1)])
    moments["/"] = timezone.now() + timedelta(days=1)
    assert ask(blog).body != ask(blog).body, "the hour is over"
    page_cache._expiry_functions.clear()
    assert ask(blog).body == ask(blog).body


def test_who_does_not_pass_through_the_kept_pages_is_not_disturbed(rf):
    request = rf.get("/")
    expire_at(request, timezone.now())
    answer = page(request)
    assert answer["Cache-Control"] == "private, no-store"
    assert not page_cache.will_be_cached(request)
