"""A data folder of every released version opens with today's program: nothing is lost, every page answers.

`make.py` made them at their release; the one of the present version is made here.
"""

import json
import shutil
from pathlib import Path

import pytest

from tests.blog_process import Blog
from tests.upgrade.make import inside, make

pytestmark = [pytest.mark.process, pytest.mark.long]

RELEASED = sorted(folder.parent for folder in Path(__file__).parent.glob("*/data.zip"))


@pytest.mark.parametrize("version", [*RELEASED, None], ids=lambda folder: folder.name if folder else "this version")
def test_a_data_folder_opens_and_keeps_all_that_is_in_it(version, tmp_path):
    made = version or make(tmp_path / "made")
    shutil.unpack_archive(made / "data.zip", tmp_path / "data")
    blog = Blog(tmp_path / "data", LONGRUN_STATIC=str(tmp_path / "static"), LONGRUN_URL="http://localhost:8000")
    blog.manage("prepare")
    found = json.loads(inside(blog, "tests.upgrade.visit", str(made / "public.json")))
    assert {path: status for path, status in found["statuses"].items() if status != 200} == {}
    assert len(found["statuses"]) > 40
    assert found["counts"] == json.loads((made / "counts.json").read_text(encoding="utf-8"))
    assert {"Post draft", "Post published", "Post trash", "Comment pending", "Comment spam"} <= found["counts"].keys()
