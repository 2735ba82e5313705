import pytest

from tests.walks.test_writing_tools import log_in
from tests.walks.writing import EDITORS, text


@pytest.fixture
def write(running_blog, new_context):
    """write("plain", width=360 …) answers a new post before Ada, on a page that must not complain."""
    complaints = []

    def opened(editor="rich", *, path="/desk/write/", width=1280, height=800, **facts):
        context = new_context(base_url=running_blog.url, viewport={"width": width, "height": height}, **facts)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
        log_in(page, running_blog)
        page.evaluate(EDITORS[editor])
        page.goto(path)
        text(page)
        return page

    yield opened
    assert not complaints
