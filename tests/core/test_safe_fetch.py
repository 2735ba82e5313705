import gzip
import socket
import time
import zlib

import brotli
import pytest

from core import safe_fetch
from core.ip_addresses import is_public
from core.safe_fetch import (
    ConnectionFailed,
    FetchError,
    FetchTimeout,
    InvalidURL,
    PrivateAddress,
    Response,
    ResponseTooLarge,
    TooManyRedirects,
    fetch,
)
from tests import network
from tests.core.website import Website, page
from tests.pace import allowed


@pytest.fixture
def website(settings):
    """Start a website that fetch may visit (`also=False`: one that it may not)."""
    started = []
    settings.SAFE_FETCH_ALLOWED = []

    def start(answer=None, *, also=True, tls=None):
        site = Website(page() if answer is None else answer, tls)
        started.append(site)
        if also:
            settings.SAFE_FETCH_ALLOWED = [*settings.SAFE_FETCH_ALLOWED, site.place]
        return site

    yield start
    for site in started:
        site.close()


@pytest.fixture
def names(monkeypatch):
    """A telephone book of our own; what was asked, in order."""
    book, asked = {}, []

    def look_up(host, port, seconds):
        asked.append(host)
        answers = book[host]
        place = answers.pop(0) if len(answers) > 1 else answers[0]
        family = socket.AF_INET6 if ":" in place else socket.AF_INET
        return [(family, (place, port))]

    monkeypatch.setattr(safe_fetch, "resolve", look_up)
    book["asked"] = asked
    return book


def redirect(to, status="302 Found"):
    return page(b"", f"Location: {to}", status=status)


def test_a_page_comes_back_with_what_was_said_about_it(website):
    site = website(page("Grüße".encode(), "Content-Type: text/html; charset=utf-8"))
    answer = fetch(site.url + "a?b=c#d", accept="text/html")
    assert answer == Response(200, site.url + "a?b=c", "text/html; charset=utf-8", "Grüße".encode())
    asked = site.requests[0]
    assert asked.startswith("GET /a?b=c HTTP/1.1\r\n")
    assert f"Host: {site.place}\r\n" in asked
    assert "Accept: text/html\r\n" in asked
    assert "User-Agent: Longrun (+" in asked
    assert "Cookie" not in asked
    assert "Referer" not in asked


@pytest.mark.parametrize("status", ["404 Not Found", "410 Gone", "500 Oops", "304 Not Modified", "302 Found"])
def test_whatever_is_no_followed_redirect_is_an_answer(website, status):
    assert fetch(website(page(b"", status=status)).url).status == int(status[:3])


@pytest.mark.parametrize(
    ("coding", "packed"), [("gzip", gzip.compress), ("deflate", zlib.compress), ("br", brotli.compress)]
)
def test_a_packed_page_is_unpacked(website, coding, packed):
    site = website(page(packed(b"hello " * 100), f"Content-Encoding: {coding}"))
    assert fetch(site.url).body == b"hello " * 100


def test_a_page_in_pieces_or_without_a_length_is_whole(website):
    pieces = website(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n")
    open_end = website(b"HTTP/1.0 200 OK\r\n\r\nhello world")
    assert fetch(pieces.url).body == fetch(open_end.url).body == b"hello world"


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See", "307 There", "308 Moved"])
def test_redirects_are_followed(website, status):
    end = website(page(b"arrived"))
    start = website(redirect(end.url + "there", status))
    assert fetch(start.url) == Response(200, end.url + "there", "", b"arrived")


def test_a_redirect_may_be_relative(website):
    def answer(asked, send, over):
        send(redirect("../b?c") if asked.startswith("GET /x/a") else page(b"arrived"))

    site = website(answer)
    assert fetch(site.url + "x/a").url == site.url + "b?c"


def test_a_path_stays_as_it_was_written(website):
    site = website()
    fetch(site.url + "caf%C3%A9/%2F/日本?q=ü&x=%00")
    assert site.requests[0].startswith("GET /caf%C3%A9/%2F/%E6%97%A5%E6%9C%AC?q=%C3%BC&x=%00 HTTP/1.1\r\n")


def test_three_redirects_are_enough(website):
    site = website()
    site.answer = lambda asked, send, over: send(redirect(site.url))
    with pytest.raises(TooManyRedirects):
        fetch(site.url)
    assert len(site.requests) == 4
    with pytest.raises(TooManyRedirects):
        fetch(site.url, redirects=0)


# Where the addresses of one's own machine and network hide.
PRIVATE = """
127.0.0.1 127.1 127.0.1 127.255.255.254 2130706433 017700000001 0x7f000001 0x7f.1 0177.0.0.1
0 0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 169.254.169.254 0xa9fea9fe 2852039166 172.16.0.1
172.31.255.255 192.0.0.1 192.0.0.8 192.0.2.1 192.88.99.1 192.168.0.1 198.18.0.1 198.51.100.1 203.0.113.1
224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
[::1] [::] [0:0:0:0:0:0:0:1] [::ffff:127.0.0.1] [::ffff:7f00:1] [::ffff:169.254.169.254] [::ffff:10.0.0.1]
[::127.0.0.1] [::7f00:1] [::ffff:0:127.0.0.1] [64:ff9b::127.0.0.1] [64:ff9b::a9fe:a9fe] [64:ff9b:1::1]
[2002:7f00:1::] [2002:a9fe:a9fe::1] [2002:c0a8:1::] [2001::1] [2001:0:7f00:1::] [2001:10::1] [2001:20::1]
[2001:db8::1] [3fff::1] [fc00::1] [fd00:ec2::254] [fe80::1] [fe80::1%25lo] [fec0::1] [ff02::1] [100::1] [5f00::1]
[4000::1]
""".split()  # fmt: skip


@pytest.mark.parametrize("host", PRIVATE)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_no_spelling_of_a_private_address_is_asked(settings, monkeypatch, host, scheme):
    settings.SAFE_FETCH_ALLOWED = []
    monkeypatch.setattr(socket, "getaddrinfo", network.Guard.getaddrinfo)  # numbers need no name server
    with pytest.raises((PrivateAddress, InvalidURL)):
        fetch(f"{scheme}://{host}/")


@pytest.mark.parametrize(
    "url",
    [
        *"""
        ftp://example.org/ file:///etc/passwd gopher://example.org/ javascript:alert(1) data:text/plain,x
        //example.org/ /etc/passwd example.org http:// http:/// https://? http:example.org http://:80/
        http://[::1/ http://[v1.x]/ http://user@example.org/ http://user:word@example.org/
        http://example.org:22/ http://example.org:8080/ http://example.org:0/ http://example.org:99999/
        http://example.org:port/ https://example.org:6379/ http://127.0.0.1%2f.example/ http://a%00b/
        unix:///run/docker.sock dict://example.org:11211/ ldap://example.org/
        """.split(),
        "",
        " ",
        "http://exam ple.org/",
        "http://exam\0ple.org/",
        "http://ex\tample/",
        "http://example.org\r\nX-Evil: 1/",
        "http://" + "a" * 300,
        "http://example.org/" + "a" * 3000,
    ],
)
def test_what_is_no_ordinary_web_address_is_not_asked(names, url):
    with pytest.raises(FetchError) as refusal:
        fetch(url)
    assert refusal.type is InvalidURL
    assert names["asked"] == []


@pytest.mark.parametrize(
    "url",
    ["http://good.example@127.0.0.1/", "http://127.0.0.1\\@good.example/", "http://good.example#@127.0.0.1/",
     "http://127.0.0.1#.good.example/", "http://127.0.0.1?.good.example/", "http://127.0.0.1%2f.good.example/"],
)  # fmt: skip
def test_no_two_readings_of_an_address_lead_inside(website, settings, names, url):
    canary = website(also=False)
    names["good.example"] = names["127.0.0.1"] = ["127.0.0.1"]
    with pytest.raises((InvalidURL, PrivateAddress)):
        fetch(url)
    assert canary.requests == []


@pytest.mark.parametrize("name", ["good.example", "GOOD.example.", "xn--bcher-kva.example", "bücher.example"])
def test_a_name_that_leads_inside_is_not_asked(names, name):
    for each in ("good.example", "good.example.", "xn--bcher-kva.example"):
        names[each] = ["127.0.0.1"]
    with pytest.raises(PrivateAddress):
        fetch(f"http://{name}/")


def test_a_name_is_asked_once_so_that_it_cannot_change_its_answer(website, names, settings):
    canary = website(also=False)
    names["rebind.example"] = ["127.0.0.1", "93.184.215.14"]
    with pytest.raises(PrivateAddress):
        fetch("http://rebind.example/")
    assert names["asked"] == ["rebind.example"]
    assert canary.requests == []


@pytest.mark.parametrize(
    "inside", ["http://127.0.0.1/", "http://169.254.169.254/latest/meta-data/", "http://[::1]/", "file:///etc/passwd",
               "http://[::ffff:127.0.0.1]/", "//10.0.0.1/", "http://127.0.0.1:22/", "gopher://127.0.0.1/", "http://["],
)  # fmt: skip
def test_each_redirect_is_checked_like_the_first_address(website, inside):
    with pytest.raises((PrivateAddress, InvalidURL)):
        fetch(website(redirect(inside)).url)


def test_a_redirect_to_the_machine_itself_reaches_nobody(website):
    canary = website(also=False)
    with pytest.raises(InvalidURL):
        fetch(website(redirect(canary.url)).url)
    assert canary.requests == []


def test_with_nothing_named_besides_this_machine_is_out_of_reach(website, settings):
    site = website()
    assert fetch(site.url).status == 200
    settings.SAFE_FETCH_ALLOWED = []
    with pytest.raises(InvalidURL):
        fetch(site.url)
    with pytest.raises(PrivateAddress):
        fetch("http://127.0.0.1/")
    with pytest.raises(PrivateAddress):
        fetch("http://localhost/")
    assert len(site.requests) == 1


def test_what_is_named_besides_is_that_host_and_port_alone(website, names):
    site = website()
    names["localhost"] = ["127.0.0.1"]
    with pytest.raises(InvalidURL):
        fetch(site.url.replace("127.0.0.1", "localhost"))


def test_the_name_of_the_address_is_what_the_website_hears(website, settings, names, authority, monkeypatch):
    monkeypatch.setattr(safe_fetch, "CERTIFICATES", str(authority.file))
    heard = []
    tls = authority.server_for("good.example")
    tls.sni_callback = lambda sock, name, context: heard.append(name)
    site = website(tls=tls)
    port = site.server_address[1]
    names["good.example"] = names["other.example"] = ["127.0.0.1"]
    settings.SAFE_FETCH_ALLOWED = [f"good.example:{port}", f"other.example:{port}"]
    assert fetch(f"https://good.example:{port}/").body == b"hello"
    assert heard == ["good.example"]
    assert f"Host: good.example:{port}\r\n" in site.requests[0]
    with pytest.raises(ConnectionFailed):
        fetch(f"https://other.example:{port}/")
    assert len(site.requests) == 1, "a certificate for another name is no certificate"


def test_a_certificate_that_nobody_vouches_for_is_refused(website, authority):
    with pytest.raises(ConnectionFailed):
        fetch(website(tls=authority.server_for("127.0.0.1")).url)


def test_a_website_may_have_several_addresses_of_which_one_answers(website, settings, monkeypatch):
    site = website()
    host, port = site.server_address
    monkeypatch.setattr(
        safe_fetch, "resolve", lambda *_: [(socket.AF_INET, ("127.0.0.1", 1)), (socket.AF_INET, (host, port))]
    )
    assert fetch(site.url).status == 200


def test_private_addresses_among_public_ones_are_left_out(settings, monkeypatch):
    dialled = []

    def resolve(host, port, seconds):
        return [(socket.AF_INET, (place, port)) for place in ("127.0.0.1", "93.184.215.14", "10.0.0.1")]

    def connection(scheme, host, port, place, deadline):
        dialled.append(place[1][0])
        raise ConnectionRefusedError

    monkeypatch.setattr(safe_fetch, "resolve", resolve)
    monkeypatch.setattr(safe_fetch, "_connection", connection)
    with pytest.raises(ConnectionRefusedError):
        fetch("http://mixed.example/")
    assert dialled == ["93.184.215.14"]


def test_the_environment_sets_no_proxy(website, monkeypatch):
    proxy = website(also=False)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy.url)
    assert fetch(website().url).body == b"hello"
    assert proxy.requests == []


def endless(asked, send, over):
    send(b"HTTP/1.1 200 OK\r\n\r\n")
    while not over.is_set():
        send(b"x" * 65536)


def bomb(asked, send, over):
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    send(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n")
    for _ in range(100):
        send(packer.compress(b"\0" * 1_000_000))
    send(packer.flush())


@pytest.mark.parametrize(
    "answer",
    [
        endless,
        bomb,
        page(b"x" * 100_001),
        page(b"", length=100_001),
        page(gzip.compress(gzip.compress(b"\0" * 50_000_000)), "Content-Encoding: gzip, gzip"),
    ],
    ids=["endless", "bomb", "too long", "says so", "bomb in a bomb"],
)
def test_more_than_asked_for_is_refused_and_not_stored(website, answer, in_time):
    with in_time(5), pytest.raises(ResponseTooLarge):
        fetch(website(answer).url, max_bytes=100_000)


def test_exactly_as_much_as_asked_for_is_not_too_much(website):
    assert len(fetch(website(page(b"x" * 100_000)).url, max_bytes=100_000).body) == 100_000


def drip(*parts):
    """Sends each part a byte at a time, so that no single wait is long."""

    def answer(asked, send, over):
        for byte in b"".join(parts):
            if over.wait(0.05):
                return
            send(bytes([byte]))

    return answer


@pytest.mark.long
@pytest.mark.parametrize(
    "answer",
    [
        lambda asked, send, over: over.wait(20),
        drip(b"HTTP/1.1 200 OK\r\n", b"X-Long: " + b"x" * 400),
        drip(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 400),
        drip(b"HTTP/1.1 100 Continue\r\n\r\n" * 50),
        drip(page(b"x" * 400)),
        lambda asked, send, over: send(page(b"x", length=9)) or over.wait(20),
    ],
    ids=["silent", "slow headers", "slow body", "endless 100", "slow body with a length", "stuck"],
)
def test_nobody_holds_a_worker_longer_than_the_seconds_given(website, answer):
    site, start = website(answer), time.monotonic()
    with pytest.raises(FetchTimeout):
        fetch(site.url, seconds=0.6)
    assert 0.5 < time.monotonic() - start < allowed(3)


def test_redirects_share_the_seconds_of_the_first(website):
    site = website()

    def answer(asked, send, over):
        over.wait(0.25)
        send(redirect(site.url))

    site.answer, start = answer, time.monotonic()
    with pytest.raises(FetchTimeout):
        fetch(site.url, seconds=0.6)
    assert time.monotonic() - start < allowed(3)


def test_a_slow_handshake_counts_too(settings):
    with socket.create_server(("127.0.0.1", 0)) as mute:
        settings.SAFE_FETCH_ALLOWED = [f"127.0.0.1:{mute.getsockname()[1]}"]
        start = time.monotonic()
        with pytest.raises((FetchTimeout, ConnectionFailed)):
            fetch("https://" + settings.SAFE_FETCH_ALLOWED[0], seconds=0.5)
        assert time.monotonic() - start < allowed(3)


def test_a_slow_name_server_counts_too(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: time.sleep(3) or [])
    start = time.monotonic()
    with pytest.raises(FetchTimeout):
        fetch("http://slow.example/", seconds=0.3)
    assert time.monotonic() - start < allowed(2)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\0\xff" * 100,
        b"SSH-2.0-OpenSSH_9\r\n",
        b"HTTP/1.1 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 500 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
        page(b"hello", length=9),
        page(b"hello", length="many"),
        page(b"no gzip", "Content-Encoding: gzip"),
        page(b"x", "Content-Encoding: " + ", ".join(["gzip"] * 50)),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n",
    ],
)
def test_nonsense_is_no_answer_and_no_crash(website, answer):
    with pytest.raises(ConnectionFailed):
        fetch(website(answer).url, seconds=3)


def test_nobody_at_home_is_said_in_words(settings, website):
    gone = website()
    gone.close()
    with pytest.raises(ConnectionFailed, match="cannot be reached"):
        fetch(gone.url)
    with pytest.raises(ConnectionFailed, match="no website of that name"):
        fetch("http://nowhere.invalid/")


@pytest.mark.parametrize("place", ["93.184.215.14", "1.1.1.1", "2606:4700:4700::1111", "2a00:1450::1", "2003::1"])
def test_public_addresses_are_public(place):
    assert is_public(place)
