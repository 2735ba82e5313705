"""The wheel: complete, alone in its package folder, and enough to serve a blog outside the checkout."""

import re
import urllib.request
import zipfile

import pytest

from tests.blog_process import ROOT
from tests.server.wheels import InstalledBlog, build, install

pytestmark = pytest.mark.process
APPS = ("accounts", "blog", "comments", "config", "core", "server", "transfer")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    return build(tmp_path_factory.mktemp("dist"))


def test_everything_lies_in_one_package_folder(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names} == {
        "longrun",
        f"{wheel.name.removesuffix('-py3-none-any.whl')}.dist-info",
    }
    assert not [name for name in names if "/tests/" in name or name.endswith((".pyc", ".po"))]


def test_every_file_that_the_program_reads_is_in_it(wheel):
    inside = set(zipfile.ZipFile(wheel).namelist())
    kept = [*APPS, "templates", "static", "locale"]
    left_out = [
        str(path)
        for top in kept
        for file in (ROOT / top).rglob("*")
        if file.is_file() and not file.name.endswith((".pyc", ".po"))
        for path in [file.relative_to(ROOT)]
        if f"longrun/{path.as_posix()}" not in inside
    ]
    assert left_out == ["locale/make.py"]


def test_an_installed_blog_serves_pages_style_sheets_and_translations(wheel, tmp_path):
    commands = install(wheel, tmp_path / "environment")
    blog = InstalledBlog(tmp_path / "data", commands, LONGRUN_LIMITS="on")
    try:
        blog.start().set_up()
        assert f"{tmp_path}/environment" in blog.manage(
            "shell", "-c", "import blog.models; print(blog.models.__file__)"
        )
        page = read(blog, "/")
        assert "<main" in page
        [sheet] = set(re.findall(r"/static/site\.\w+\.css", page))
        assert "--" in read(blog, sheet)
        blog.manage(
            "shell", "-c", "from core.models import Site; site = Site.objects.get(); site.language = 'de'; site.save()"
        )
        assert 'lang="de"' in read(blog, "/") and "Suche" in read(blog, "/")
        assert (tmp_path / "data/static/staticfiles.json").is_file()
        assert blog.stop() == 0
        assert "All pages answer." in blog.manage("check_pages")
    finally:
        blog.kill()


def test_longrun_run_serves(wheel, tmp_path):
    commands = install(wheel, tmp_path / "environment")
    blog = InstalledBlog(tmp_path / "data", commands, LONGRUN_URL="ftp://nobody")
    assert "LONGRUN_URL" in blog.manage("run", code=1)


def read(blog, path):
    with urllib.request.urlopen(f"{blog.url}{path}", timeout=30) as answer:
        return answer.read().decode()
