"""Own CSS: what is refused, who sees a draft, which pages load it, and the way back."""

import re

import pytest
from django.core.exceptions import ValidationError

from blog import own_css
from blog.models import CssRevision, ReadingSettings
from blog.models.css_revision import MOST_KEPT
from blog.themes import THEMES
from core.models import SettingsChange

PAGE = "/desk/settings/own-css/"
RULE = "h1 { color: red }"
LINKED_SHEET = re.compile(r'<link rel="stylesheet" href="([^"]+)"')


@pytest.fixture(autouse=True)
def owned(ada):
    """Without an owner every address would say that the blog is not set up."""


@pytest.fixture
def desk(as_, ada):
    return as_(ada)


def use(desk, css):
    return desk.post(PAGE, {"own_css": css, "action": "use"})


def in_use():
    return ReadingSettings.objects.get().own_css


def sheet_in(response):
    found = re.search(r'href="(/own-[0-9a-f]+\.css|/desk/settings/own-css/draft\.css)"', response.content.decode())
    return found[1] if found else ""


@pytest.mark.parametrize(
    "css",
    [
        "",
        "a { b: c }",
        "@media (width < 30rem) { a:hover { color: red; &:focus { x: y } } }",
        "@font-face { font-family: x; src: url('/media/ab12/x.woff2') format('woff2') }",
        "a { background: url(/media/x.png), url(data:image/png;base64,iVBO), url(#mark) }",
        "a { background: url('http://localhost:8000/media/x.png') }",
        "a { background: image-set('/media/x.png' type('image/png') 1x, linear-gradient(red, blue) 2x) }",
        "a::after { content: 'https://example.org/' }",
        ":root { --x: { y: z } } /* { */",
        "@layer one, two; @supports (display: grid) { p { margin: 0 } }",
    ],
)
def test_css_that_loads_nothing_from_elsewhere_is_taken(css, blog):
    assert own_css.problems_of(css) == []
    own_css.valid_css(css)


@pytest.mark.parametrize(
    ("css", "line", "words"),
    [
        ("a{}\n@import 'x.css';", 2, "@import"),
        ("@im\\70ort url(/x.css);", 1, "@import"),
        ("a { b: url(https://evil.example/x.png) }", 1, "https://evil.example/x.png"),
        ("a { b: url(//evil.example/x) }", 1, "//evil.example/x"),
        ("a { b: url('/\\a /evil.example/x') }", 1, "no address of this blog"),
        ("a { b: url('/\\5c evil.example') }", 1, "no address of this blog"),
        ("a { b: url(x.png) }", 1, "/media/"),
        ("a { b: url('data:text/html,x') }", 1, "no address of this blog"),
        ("\n\na { b: \\75rl(//evil.example) }", 3, "no address of this blog"),
        ("a { --x: url(https://evil.example/) }", 1, "evil.example"),
        ("a { b: image-set('https://evil.example/x' 1x) }", 1, "evil.example"),
        ("a { b: image-set(linear-gradient(red, blue) 1x, ('https://evil.example/x')) }", 1, "evil.example"),
        ("a { b: image-set(var(--x) 1x) }", 1, "var()"),
        ("a { b: src(var(--x)) }", 1, "var()"),
        ("<style>a { b: c }</style>", 1, "HTML"),
        ("a { b: c }\n</STYLE>", 2, "HTML"),
        ("a { b: c", 1, "not closed"),
        ("a { b: c }\n@media x {\n a { b: (c\n}", 3, "not closed"),
        ("a { b: c }\n/* to do", 2, "not closed"),
        ("a { b: c }\n}", 2, "closes nothing"),
        ("a { b: 'c\n}", 1, "quotation marks does not end"),
        ("a { b: url(x y) }", 1, "broken"),
        ("a {\n color red;\n b: c }", 2, "name: value;"),
        ("a {\n b { color }\n}", 2, "name: value;"),
        ("just words", 1, "selector"),
        ("{" * 60_000, 1, "More than 20"),
        ("a { b: " + "(" * 60_000, 1, "More than 20"),
    ],
)
def test_what_is_refused_is_named_with_its_line(css, line, words, blog):
    first = own_css.problems_of(css)[0]
    assert first.startswith(f"Line {line}:") and words in first, first


def test_too_much_css_is_refused_by_its_length_and_many_problems_are_cut_short(blog):
    assert own_css.problems_of("a" * 65_537) == ["This has 65537 characters; at most 65536 are possible."]
    with pytest.raises(ValidationError) as refusal:
        own_css.valid_css("a { b: url(//x) }\n" * 100)
    assert len(refusal.value.messages) == own_css.MOST_PROBLEMS
    assert own_css.shortened("x" * 61) == "x" * 60 + "…"


def test_a_refused_text_stays_in_the_form_and_readers_keep_what_they_had(desk, client):
    use(desk, RULE)
    answer = use(desk, "p { color: red }\nh1 { background: url(https://evil.example/) <b>")
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Line 2: “https://evil.example/” is no address of this blog." in page
    assert "h1 { background: url(https://evil.example/) &lt;b&gt;</textarea>" in page
    assert in_use() == RULE


def test_the_sheet_is_a_file_of_its_own_that_browsers_keep_and_the_policy_stays(desk, client, settled):
    policy = client.get("/").headers["Content-Security-Policy"]
    assert sheet_in(client.get("/")) == ""
    assert use(desk, f"{RULE}\r\n\r\n").headers["Location"] == PAGE
    settled()
    home = client.get("/")
    assert home.headers["Content-Security-Policy"] == policy
    sheet = client.get(sheet_in(home))
    assert (sheet.content.decode(), sheet.headers["Content-Type"]) == (RULE, "text/css; charset=utf-8")
    assert "immutable" in sheet.headers["Cache-Control"]
    assert client.get("/own-0123456789ab.css").status_code == 404
    assert home.content.decode().index("site.css") < home.content.decode().index("/own-")
    (change,) = SettingsChange.objects.filter(area="appearance")
    assert change.values == [["Own CSS", "", RULE]]


def test_without_css_the_address_of_an_empty_sheet_is_none(client):
    assert client.get(f"/own-{ReadingSettings.objects.get().own_css_hash}.css").status_code == 404


@pytest.mark.parametrize("theme", THEMES)
def test_it_comes_after_all_other_sheets(desk, client, make_post, theme):
    """Also after content.css, which a post with a gallery loads where it stands."""
    gallery = "![a](/a.png)\n\n![b](/b.png)"
    post, page = make_post(source=gallery, tags=["running"]), make_post(source=gallery, kind="page")
    row = ReadingSettings.objects.get()
    row.theme = theme
    row.save()
    use(desk, RULE)
    for path in ("/", "/tag/running/", "/archives/", post.path, page.path):
        sheets = LINKED_SHEET.findall(client.get(path).content.decode())
        assert len(sheets) > 1 and sheets[-1].startswith("/own-"), (path, sheets)
    desk.post(PAGE, {"own_css": "h2 { color: red }", "action": "try"})
    assert LINKED_SHEET.findall(desk.get(post.path).content.decode())[-1] == f"{PAGE}draft.css"


@pytest.mark.parametrize("path", ["/", "/search/?q=mile", "/nothing-here/", "/comments/mine/"])
def test_readers_pages_load_it(path, desk, client):
    use(desk, RULE)
    assert sheet_in(client.get(path)).startswith("/own-"), path


def test_the_desk_account_and_login_pages_do_not_load_it(desk, client):
    use(desk, RULE)
    desk_pages = ("/desk/", "/desk/posts/", PAGE, "/desk/settings/appearance/")
    account_pages = ("", "password/change/", "email/", "sessions/", "2fa/")
    for path in (*desk_pages, *(f"/accounts/{page}" for page in account_pages)):
        page = desk.get(path, follow=True)
        assert page.status_code == 200 and sheet_in(page) == "", path
    for path in ("/accounts/login/", "/accounts/password/reset/"):
        page = client.get(path, follow=True)
        assert page.status_code == 200 and sheet_in(page) == "", path
    expired = client.post(PAGE, {"own_css": "a\nb"})
    assert expired.status_code == 403 and sheet_in(expired) == ""


def test_a_draft_is_seen_by_its_author_alone_and_never_cached(desk, client, as_, ed, settled):
    assert desk.post(PAGE, {"own_css": RULE, "action": "try"}).headers["Location"] == "/"
    settled()
    mine = desk.get("/")
    assert sheet_in(mine) == f"{PAGE}draft.css" and "CSS that is not used yet" in mine.content.decode()
    assert "no-store" in mine.headers["Cache-Control"]
    draft = desk.get(f"{PAGE}draft.css")
    assert draft.content.decode() == RULE and "no-store" in draft.headers["Cache-Control"]
    assert sheet_in(client.get("/")) == sheet_in(as_(ed).get("/")) == "" and in_use() == ""
    form = desk.get(PAGE).content.decode()
    assert f"{RULE}</textarea>" in form and "You are trying this CSS" in form
    assert sheet_in(desk.get("/desk/")) == ""


def test_a_draft_is_seen_in_the_preview_of_another_theme(desk, client):
    """And its notice stands in the column of the page, whatever theme that is."""
    desk.post(PAGE, {"own_css": RULE, "action": "try"})
    page = desk.get("/?theme=magazine").content.decode()
    sheets = LINKED_SHEET.findall(page)
    assert sheets[0] == "/static/magazine.css" and sheets[-1] == f"{PAGE}draft.css"
    bars, _main, column = page.partition("<main")
    assert "Preview of Magazine" in bars and "CSS that is not used yet" in column
    assert "magazine" not in client.get("/?theme=magazine").content.decode().lower()
    assert "CSS that is not used yet" not in desk.get("/accounts/").content.decode()


def test_a_draft_can_be_used_or_stopped(desk):
    desk.post(PAGE, {"own_css": RULE, "action": "try"})
    use(desk, RULE)
    assert in_use() == RULE and not CssRevision.objects.filter(state="draft")
    assert sheet_in(desk.get("/")).startswith("/own-")
    desk.post(PAGE, {"own_css": "h2 { color: blue }", "action": "try"})
    desk.post(PAGE, {"own_css": "h2 { color: green }", "action": "try"})
    assert CssRevision.objects.get(state="draft").css == "h2 { color: green }"
    assert desk.post(f"{PAGE}stop/").headers["Location"] == PAGE
    assert not CssRevision.objects.filter(state="draft") and in_use() == RULE
    assert desk.get(f"{PAGE}draft.css").content == b"" and sheet_in(desk.get("/")).startswith("/own-")


def test_one_press_goes_back_to_the_former_version_and_forth(desk):
    use(desk, "body { display: none }")
    desk.post(f"{PAGE}revert/")
    assert in_use() == ""
    use(desk, "a { b: c }")
    use(desk, "body { display: none }")
    page = desk.post(f"{PAGE}revert/", follow=True)
    assert in_use() == "a { b: c }" and "The former version is in use again." in page.content.decode()
    desk.post(f"{PAGE}revert/")
    assert in_use() == "body { display: none }"
    assert SettingsChange.objects.filter(area="appearance").count() == 6


def test_versions_are_listed_with_author_and_one_is_used_again(desk, ada):
    first = "p { color: red }\nh1 { color: red }"
    use(desk, first)
    use(desk, RULE)
    use(desk, RULE)  # no second version of the same
    assert [version.css for version in CssRevision.objects.used()] == [RULE, first]
    version = CssRevision.objects.used().last()
    page = desk.get(f"{PAGE}?version={version.pk}").content.decode()
    assert f"{first}</textarea>" in page and "2 lines" in page and "Ada" in page and "In use" in page
    assert f"{RULE}</textarea>" in desk.get(f"{PAGE}?version=nothing").content.decode()
    desk.post(f"{PAGE}{version.pk}/restore/")
    assert in_use() == first and str(CssRevision.objects.used().first()).startswith("Used")
    assert desk.post(f"{PAGE}999999/restore/").status_code == 404


def test_only_the_newest_versions_are_kept(ada):
    row = ReadingSettings.objects.get()
    for number in range(MOST_KEPT + 2):
        CssRevision.put_into_use(f"a {{ b: {number} }}", ada, row)
    assert CssRevision.objects.used().count() == MOST_KEPT
    assert CssRevision.objects.used().first().css == in_use() == f"a {{ b: {MOST_KEPT + 1} }}"


@pytest.mark.parametrize("who", ["ed", "arthur", "rene"])
def test_only_who_may_change_settings_sees_the_form(who, request, as_):
    assert as_(request.getfixturevalue(who)).get(PAGE).status_code == 403
