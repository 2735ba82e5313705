"""Pictures for a text all arrive, though the server is busy: the write page waits as long as it asks."""

import io
import re
import time

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.walks.test_writing_tools import log_in
from tests.walks.writing import choose_files, fill, written

COUNT = "from blog.models import Media; print('stored', Media.objects.count())"
ALL_THERE = re.compile(r"^(?:[^!]*!\[[^\]]*\]\(/media/[^)]*\)){20}\s*$")
WAIT = 1  # second that the server asks for; without a word it would be two


@pytest.fixture(scope="module")
def blog(start_blog):
    return start_blog(set_up=True)


def photos(number):
    made = []
    for each in range(number):
        file = io.BytesIO()
        Image.new("RGB", (320, 240), (each * 9 % 256, 80, 120)).save(file, "JPEG")
        made.append({"name": f"photo {each}.jpg", "mimeType": "image/jpeg", "buffer": file.getvalue()})
    return made


@pytest.mark.long
def test_twenty_pictures_for_a_text_all_arrive_though_the_server_is_busy(blog, new_context):
    page = new_context(base_url=blog.url).new_page()
    log_in(page, blog)
    asked = []

    def answer(route):
        asked.append((time.monotonic(), len(asked) % 5 == 1))
        if asked[-1][1]:
            route.fulfill(status=503, headers={"Retry-After": str(WAIT)}, json={})
        else:
            route.continue_()

    page.route("**/desk/media/", answer)
    page.goto("/desk/write/")
    fill(page, "The first mile is a liar.")
    choose_files(page, photos(20))
    expect(written(page)).to_have_value(ALL_THERE, timeout=120_000)
    assert "stored 20" in blog.manage("shell", "-v0", "-c", COUNT)
    waited = [then[0] - at for (at, is_busy), then in zip(asked, asked[1:], strict=False) if is_busy]
    assert len(waited) >= 5
    assert min(waited) >= WAIT
