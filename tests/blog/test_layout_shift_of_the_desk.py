"""Nothing that is read or pressed moves by itself while a page of the desk loads."""

import pytest

LEAST = 0.02  # cumulative layout shift, as browsers count it; 0.1 counts as good
MAKE = """
from django.contrib.auth import get_user_model
from blog.models import Post
ada = get_user_model().objects.get()
post = Post(title="Long", source="A word after a word. " * 700, author=ada)
post.publish()
draft = Post(title="A draft", source="Begun.", author=ada)
draft.revise(ada)
print("made", post.pk, draft.pk)
"""
SHIFTS = """
  window.shifts = [];
  new PerformanceObserver((list) => {
    for (const { value, hadRecentInput, sources } of list.getEntries()) {
      if (!hadRecentInput) window.shifts.push([value, sources.map(({ node }) => node?.id || node?.nodeName)]);
    }
  }).observe({ type: "layout-shift", buffered: true });
"""


@pytest.fixture(scope="module")
def blog(start_blog):
    return start_blog(set_up=True)


@pytest.mark.parametrize("width", [360, pytest.param(1280, marks=pytest.mark.long)])
def test_the_desk_stands_still_while_it_loads(blog, new_context, width):
    _made, post, draft = blog.manage("shell", "-v0", "-c", MAKE).split()[-3:]
    context = new_context(base_url=blog.url, viewport={"width": width, "height": 740}, has_touch=width < 500)
    page = context.new_page()
    page.goto("/accounts/login/")
    page.locator("input[name=login]").fill(blog.email)
    page.locator("input[name=password]").fill(blog.password)
    page.locator("main form button").first.click()
    page.wait_for_url("**/desk/")
    page.add_init_script(SHIFTS)
    found = {}
    for path in ("/desk/write/", f"/desk/posts/{post}/", f"/desk/posts/{draft}/", "/desk/", "/desk/posts/",
                 "/desk/media/", "/desk/comments/", "/desk/settings/"):  # fmt: skip
        page.goto(path)
        page.wait_for_timeout(600)
        shifts = page.evaluate("window.shifts")
        if sum(value for value, _nodes in shifts) > LEAST:
            found[path] = shifts
    assert found == {}
    toolbar = page.goto("/desk/write/") and page.locator("markdown-toolbar")
    assert (
        toolbar.is_visible()
        and page.evaluate("getComputedStyle(document.querySelector('.tools')).visibility") == "visible"
    )


def test_without_scripts_no_place_is_kept_for_tools(blog, new_context):
    context = new_context(base_url=blog.url, viewport={"width": 360, "height": 740}, java_script_enabled=False)
    page = context.new_page()
    page.goto("/accounts/login/")
    page.locator("input[name=login]").fill(blog.email)
    page.locator("input[name=password]").fill(blog.password)
    page.locator("main form button").first.click()
    page.goto("/desk/write/")
    assert page.locator("markdown-toolbar").bounding_box() is None
