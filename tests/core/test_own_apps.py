"""Apps of the owner: blocks in posts, pages at the desk. tests/server/test_example_app.py starts a blog with one."""

import sys
from types import ModuleType, SimpleNamespace

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import include, path, resolve
from django.utils.safestring import mark_safe

from config import own_apps as urls_of_apps
from core import own_apps
from core.own_apps import block_functions, desk_pages, fill_blocks


def shout(words):
    return f"<b>{words}</b>"


def drawn(words):
    return mark_safe(f"<svg data-words='{words}'></svg>")


def fail(words):
    raise ZeroDivisionError(words)


@pytest.fixture
def apps(settings, monkeypatch):
    """Two apps as LONGRUN_APPS names them; the functions are given or named."""
    blocks = {"shout": shout, "drawn": f"{__name__}.drawn", "fail": fail}
    laces = SimpleNamespace(
        name="laces", label="laces", verbose_name="Laces", post_blocks=blocks, desk_page="desk_posts",
        desk_permission="blog.write",
    )  # fmt: skip
    soles = SimpleNamespace(name="soles", label="soles", verbose_name="Soles", post_blocks={"shout": fail})
    quiet = SimpleNamespace(name="quiet", label="quiet", verbose_name="Quiet", desk_page="desk_settings")
    others = [SimpleNamespace(name="blog", label="blog", post_blocks={"other": shout})]
    settings.LONGRUN_APPS = ["laces.apps.LacesConfig", "soles", "quiet"]
    monkeypatch.setitem(sys.modules, __name__, sys.modules[__name__])
    resolve("/")  # which loads the blog's URLs, before there are such apps
    installed = [laces, soles, quiet, *others]
    monkeypatch.setattr(own_apps, "apps", SimpleNamespace(get_app_configs=lambda: installed))
    block_functions.cache_clear()
    yield laces
    block_functions.cache_clear()


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("[[shout]]", "&lt;b&gt;&lt;/b&gt;"),
        ("[[shout a & b]]", "&lt;b&gt;a &amp; b&lt;/b&gt;"),
        ("[[drawn x]]", "<svg data-words='x'></svg>"),
        ("[[fail x]]", "<p>[[fail x]]</p>"),
        ("[[nothing x]]", "<p>[[nothing x]]</p>"),
        ("[[other x]]", "<p>[[other x]]</p>"),
        ("before [[drawn x]]", "<p>before [[drawn x]]</p>"),
        ("`[[drawn x]]`", "[[drawn x]]"),
    ],
)
def test_a_block_alone_in_its_paragraph_is_filled(source, html, apps, make_post, client):
    post = make_post(source=f"One.\n\n{source}\n\nTwo.")
    page = client.get(post.path).content.decode()
    assert html in page and "<p>Two.</p>" in page
    assert html in client.get("/").content.decode()
    assert html in post.feed_body and html in post.body_elsewhere


def test_a_failure_is_written_into_the_log(apps, caplog):
    assert fill_blocks("<p>[[fail 7]]</p>") == "<p>[[fail 7]]</p>"
    assert "the block [[fail]] of an own app failed" in caplog.text and "ZeroDivisionError: 7" in caplog.text


def test_without_apps_nothing_is_looked_for(settings):
    assert settings.LONGRUN_APPS == [] and fill_blocks("<p>[[drawn x]]</p>") == "<p>[[drawn x]]</p>"


def test_a_comment_has_no_blocks(apps, make_post, client):
    from comments.models import Comment

    post = make_post()
    Comment.objects.create(post=post, text="[[drawn x]]", name="Mallory", state="approved")
    assert b"[[drawn x]]" in client.get(post.path).content and b"<svg data-words" not in client.get(post.path).content


def test_the_menu_of_the_desk_has_the_pages_that_one_may_open(apps, ada, arthur, rene, as_):
    assert [tuple(page) for page in desk_pages(ada)] == [("Laces", "/desk/posts/"), ("Quiet", "/desk/settings/")]
    assert [page.title for page in desk_pages(arthur)] == ["Laces"] and desk_pages(rene) == []
    menu = render_to_string("desk/_menu.html", {"user": arthur}, RequestFactory().get("/desk/posts/"))
    assert "Laces" in menu and "Quiet" not in menu


def module(monkeypatch, *patterns):
    found = ModuleType("laces.urls")
    found.urlpatterns = patterns
    monkeypatch.setitem(sys.modules, "laces.urls", found)
    monkeypatch.setattr(urls_of_apps, "find_spec", lambda name: found if name == "laces.urls" else None)


def test_the_pages_of_an_app_ask_for_its_permission(apps, monkeypatch, arthur, rene, as_, rf):
    module(monkeypatch, path("<int:pk>/", lambda request, pk: HttpResponse(f"number {pk}"), name="one"))
    (found,) = urls_of_apps.desk_urls()
    match = found.resolve("desk/apps/laces/7/")
    request = rf.get("/desk/apps/laces/7/")
    request.user = arthur
    assert match.func(request, pk=7).content == b"number 7"
    request.user = rene
    with pytest.raises(PermissionDenied):
        match.func(request, pk=7)
    assert (match.view_name, match.kwargs) == ("laces:one", {"pk": 7})


def test_a_guest_is_sent_to_the_login(apps, monkeypatch, rf, db):
    module(monkeypatch, path("", lambda request: HttpResponse("in"), name="desk"))
    match = urls_of_apps.desk_urls()[0].resolve("desk/apps/laces/")
    request = rf.get("/desk/apps/laces/")
    request.user = AnonymousUser()
    assert match.func(request).status_code == 302


def test_an_include_in_its_urls_is_refused(apps, monkeypatch):
    module(monkeypatch, path("x/", include(([], "x"))))
    with pytest.raises(ImproperlyConfigured, match="each pattern needs a view"):
        urls_of_apps.desk_urls()
