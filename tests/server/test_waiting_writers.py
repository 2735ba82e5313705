"""Ten long texts at once, over real sockets: readers are answered meanwhile, and no text is lost."""

import json
import time

import pytest

from core import child_process
from server.request_queues import SIZES
from tests.data.long_posts import words
from tests.pace import allowed
from tests.pathological import Assault
from tests.server.test_pathological import IDLE

WRITERS = 10
TEXT = words(3)[0]  # 400,000 characters: some ten seconds of a processor
ASK = """
import json
from blog.models import Post
rows = Post.objects.filter(title__startswith="Long").order_by("title")
print("ROWS", json.dumps([[r.title, len(r.source), r.status, r.render_error, bool(r.html)] for r in rows]))
"""


class Publishing(Assault):
    def filled(self, door, name, what):
        path, form, files, is_desk = super().filled(door, name, what)
        return path, form | {"action": "publish"}, files, is_desk


def test_a_thread_is_left_for_others_at_the_desk():
    assert SIZES["sessions"].threads > child_process.MAX_CHILDREN + child_process.WAITING


@pytest.mark.long
def test_readers_are_answered_while_ten_long_texts_are_posted(start_blog, capsys):
    blog = start_blog(set_up=True)
    assault = Publishing(blog, [("write", f"Long {n}", TEXT) for n in range(WRITERS)]).run(senders=WRITERS, alone=2)
    rows = asked(blog)
    taken = sorted(seconds for _door, _name, _status, seconds in assault.answers)
    with capsys.disabled():
        print(f"\nwriters: {', '.join(f'{seconds:.1f}' for seconds in taken)} s; readers ({len(assault.reads)}): "
              f"99 % within {assault.seconds(0.99):.2f}, all within {assault.seconds(1):.2f} s")  # fmt: skip
    assert [answer[2] for answer in assault.answers] == [302] * WRITERS
    assert [row[1] for row in rows] == [len(TEXT)] * WRITERS, "every text is saved whole"
    assert {row[2] for row in rows} <= {"published", "draft"}
    drafts = [row for row in rows if row[2] == "draft"]
    assert len(drafts) >= WRITERS - child_process.MAX_CHILDREN - child_process.WAITING - 2, "they found no turn"
    busy_machine = max(1, assault.seconds(0.5, assault.idle) / IDLE)  # what readers alone wait for, as others compute
    assert assault.kept_waiting(allowed(2) * busy_machine) == [] and assault.reads
    rendered(blog)


def asked(blog):
    return json.loads(blog.manage("shell", "-v0", "-c", ASK).partition("ROWS ")[2])


def rendered(blog):
    """Wait until the worker has rendered what was saved without HTML: within minutes, by itself."""
    until = time.monotonic() + allowed(300)
    while any(why or not has_html for *_row, why, has_html in asked(blog)):
        assert time.monotonic() < until, asked(blog)
        time.sleep(5)
