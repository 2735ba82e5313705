"""A snippet for analytics: what may be in it, what the policy of a page says then, and on which pages it stands."""

import base64
import hashlib
import re

import pytest
from django.core.exceptions import ValidationError

from blog.models import ReadingSettings
from blog.models.secret_link import SecretLink
from blog.snippet import Snippet, read_snippet
from core.models import SettingsChange
from tests.reauthentication import proved

PAGE = "/desk/settings/analytics/"
INLINE = "window.stats = [] ;\n// 1 < 2 && 3"
TEXT = f"""<!-- Stats -->
<script async src="https://Stats.example.org/js/count.js" data-site="ada"></script>
<script>{INLINE}</script>
<noscript><img src="https://stats.example.org/pixel.gif?a=1&amp;b=2" alt=""></noscript>
"""
HASH = "'sha256-" + base64.b64encode(hashlib.sha256(INLINE.encode()).digest()).decode() + "'"


@pytest.fixture(autouse=True)
def owned(ada):
    """Without an owner every address would say that the blog is not set up."""


@pytest.fixture
def desk(as_, ada):
    return proved(as_(ada), ada)


def use(text=TEXT, hosts=""):
    row = ReadingSettings.objects.get()
    row.snippet, row.snippet_hosts = text, hosts
    row.save()


def policy(response):
    parts = (part.split(" ") for part in response.headers["Content-Security-Policy"].split("; "))
    return {name: sources for name, *sources in parts}


def test_hosts_and_hashes_are_what_a_page_may_run():
    read = read_snippet(TEXT.replace("\n", "\r\n"), "https://cdn.example.org/\n\n*.region.example.org")
    hosts = ["https://*.region.example.org", "https://cdn.example.org", "https://stats.example.org"]
    assert read.directives == {"script-src": [*hosts, HASH], "connect-src": ["'self'", *hosts]}
    assert f">{INLINE}</script>" in read.html
    html = re.sub(r"\s+(?=[ >])|(?<=>)\s+", "", read.html)
    assert '<script async src="https://Stats.example.org/js/count.js" data-site="ada"></script>' in html
    assert '<noscript><img src="https://stats.example.org/pixel.gif?a=1&amp;b=2" alt=""></noscript>' in html
    assert "Stats --" not in read.html


def test_a_script_of_the_blog_itself_needs_no_host():
    assert read_snippet('<script src="/media/ab/x.js"></script>').directives == {"script-src": []}
    assert Snippet().directives == {"script-src": []} and Snippet().html == ""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<div>hello</div>", "Line 1: Only <script> and <noscript>"),
        ("\n<style>p{}</style>", "Line 2: Only <script>"),
        ("<p>", "not <p>"),
        ("words", "seen by readers"),
        ("<!doctype html>", "Only <script>"),
        ("<?php x ?>", "Only <script>"),
        ("<![CDATA[x]]>", "Only <script>"),
        ("</div>", "</div> closes nothing"),
        ("</script>", "</script> closes nothing"),
        ("<script>x", "not closed"),
        ("<noscript>", "not closed"),
        ("<script></script>", "empty"),
        ("<script src=https://x.example/a.js>x()</script>", "has no text"),
        ("<script src=http://x.example/a.js></script>", "https://"),
        ("<script src=//x.example/a.js></script>", "https://"),
        ("<script src='/\\x.example/a.js'></script>", "https://"),
        ("<script src='https://x.example;evil/a.js'></script>", "https://"),
        ("<script src='https://[/a.js'></script>", "https://"),
        ("<script src='data:text/javascript,x'></script>", "https://"),
        ("<script src=''></script>", "https://"),
        ("<script nonce=abc>x()</script>", "“nonce”"),
        ("<script onload=x() src=https://x.example/a.js></script>", "“onload”"),
        ("<script type=text/template>x</script>", "text/template"),
        ("<script>a <!-- b</script>", "“<!--”"),
        ("<script>a = '<script>'</script>", "“<script”"),
        ("<noscript><iframe src=https://x.example/></noscript>", "only pictures"),
        ("<noscript><img alt=''></noscript>", "needs an address"),
        ("<noscript><script>x()</script></noscript>", "only pictures"),
        ("<noscript>words</noscript>", "seen by readers"),
        ("<script>" + "x" * 20_000 + "</script>", "20000"),
    ],
)
def test_everything_else_is_refused_in_words(text, words):
    with pytest.raises(ValidationError) as refusal:
        read_snippet(text)
    assert words in refusal.value.messages[0]


@pytest.mark.parametrize(
    "hosts", ["stats", "https://x.example/path", "x.example; script-src *", "*", "'unsafe-inline'"]
)
def test_what_is_no_host_is_refused(hosts):
    with pytest.raises(ValidationError, match="Line 1: write a host"):
        read_snippet("", hosts)


def test_too_many_hosts_are_refused():
    with pytest.raises(ValidationError, match="At most 20"):
        read_snippet("", "\n".join(f"a{number}.example.org" for number in range(21)))


def test_it_stands_on_the_pages_of_readers_with_a_policy_of_their_own(client, make_post, settled):
    post, page = make_post(source="Words."), make_post(title="About", kind="page")
    before = policy(client.get("/"))
    use()
    settled()
    for path in ("/", post.path, page.path, "/category/get-your-move-on/", "/search/?q=mile"):
        response = client.get(path, headers={"Accept-Encoding": "br"} if path == "/" else {})
        assert policy(response)["script-src"] == ["'self'", "https://stats.example.org", HASH], path
        assert policy(response)["connect-src"] == ["'self'", "https://stats.example.org"]
        assert policy(response) == before | {
            "script-src": policy(response)["script-src"], "connect-src": policy(response)["connect-src"],
        }  # fmt: skip
        if path != "/":
            assert f">{INLINE}</script>" in response.content.decode()
    use("")
    assert policy(client.get("/")) == before


def test_it_never_stands_at_the_desk_on_account_login_and_error_pages_previews_and_secret_links(
    client, as_, ada, make_post
):
    use()
    draft = make_post("Draft", draft=True)
    link = SecretLink.objects.create(post=draft, by=ada)
    desk = proved(as_(ada), ada)
    paths = ("/desk/", PAGE, f"/desk/posts/{draft.pk}/", f"/desk/posts/{draft.pk}/preview/", "/accounts/",
             f"/desk/posts/{draft.pk}/in-iframe/", "/desk/nothing-here/")  # fmt: skip
    responses = {path: desk.get(path) for path in paths}
    also = (
        "/accounts/login/",
        "/accounts/password/reset/",
        "/nothing-here/",
        "/comments/mine/",
        f"/secret/{link.token}/",
    )
    responses |= {path: client.get(path) for path in also}
    for path, response in responses.items():
        assert response.status_code in (200, 404) and b"Draft" in response.content or "posts" not in path, path
        text = response.content.decode()
        assert "Stats.example.org" not in re.sub(r"<textarea.*?</textarea>", "", text, flags=re.DOTALL), path
        assert policy(response)["script-src"] == ["'self'"], path


def test_a_comment_that_has_the_same_text_opens_nothing(client, make_post):
    from comments.models import Comment

    post = make_post(source="Words.")
    use()
    use("")
    Comment.objects.create(post=post, text=TEXT, name="Mallory", state="approved")
    assert policy(client.get(post.path))["script-src"] == ["'self'"]


def test_the_owner_saves_it_and_the_log_says_so(desk, ada):
    answer = desk.post(PAGE, {"snippet": TEXT, "snippet_hosts": "cdn.example.org"})
    assert answer.headers["Location"] == PAGE
    (change,) = SettingsChange.objects.all()
    assert [what for what, _before, _after in change.values] == ["Snippet", "Further hosts"]
    assert change.by_name == "Ada" and "count.js" in change.values[0][2]
    page = desk.get(PAGE).content.decode()
    assert "https://cdn.example.org</code>" in page and HASH.replace("'", "&#x27;") in page
    assert "privacy page" in page


def test_a_refused_snippet_stays_in_the_form(desk):
    answer = desk.post(PAGE, {"snippet": "<div>mine</div>", "snippet_hosts": ""})
    assert answer.status_code == 422 and "&lt;div&gt;mine&lt;/div&gt;</textarea>" in answer.content.decode()
    assert ReadingSettings.objects.get().snippet == ""


def test_who_has_not_logged_in_again_is_asked_to(as_, ada):
    client = as_(ada)
    for answer in (client.get(PAGE), client.post(PAGE, {"snippet": TEXT})):
        assert answer.status_code == 302 and "/accounts/reauthenticate/" in answer.headers["Location"]
    assert ReadingSettings.objects.get().snippet == ""


@pytest.mark.parametrize("who", ["ed", "arthur", "mona", "rene"])
def test_nobody_but_the_owner_comes_near_it(who, request, as_):
    user = request.getfixturevalue(who)
    client = proved(as_(user), user)
    assert client.get(PAGE).status_code == client.post(PAGE, {"snippet": TEXT}).status_code == 403
    assert ReadingSettings.objects.get().snippet == ""


def test_stored_text_that_a_newer_version_refuses_is_left_out(client):
    ReadingSettings.objects.update(snippet="<div>old</div>")
    assert ReadingSettings.objects.get().snippet_read == Snippet()
    assert policy(client.get("/"))["script-src"] == ["'self'"]
