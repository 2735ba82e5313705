"""A blog that is started with the example app: its migrations, its setting, its page at the desk and its block."""

import json
import shutil
import urllib.request

import pytest

from tests.blog_process import ROOT, Blog

EXAMPLE = ROOT / "docs" / "example_app" / "shoes"
ASK = """
import json
from django.contrib.auth import get_user_model
from django.test import Client
from blog.models import Post
ada = get_user_model().objects.get()
client = Client(headers={"host": "HOST"})
client.force_login(ada, backend="allauth.account.auth_backends.AuthenticationBackend")
guest = Client(headers={"host": "HOST"})
post = Post(title="Miles", source="Mine:\\n\\n[[shoes 300]]", author=ada)
post.save()
post.publish()
page = "/desk/apps/shoes/"
print(json.dumps({
    "menu": page in client.get("/desk/").content.decode(),
    "guest": guest.get(page).status_code,
    "empty": "Write down your first pair." in client.get(page).content.decode(),
    "wrong": client.post(page, {"name": "", "kilometres": "x"}).status_code,
    "added": [client.post(page, {"name": n, "kilometres": k}).status_code for n, k in (("Blue", 500), ("Red", 20))],
    "set": client.post(page, {"unit": "mi"}).status_code,
    "path": post.path,
}))
"""


@pytest.fixture
def blog(start_blog, tmp_path):
    apps = tmp_path / "python"
    shutil.copytree(EXAMPLE, apps / "shoes", ignore=shutil.ignore_patterns("__pycache__"))
    return start_blog(set_up=True, LONGRUN_APPS="shoes", PYTHONPATH=str(apps))


def test_the_example_app_works_on_a_real_blog(blog):
    assert "shoes" in blog.manage("showmigrations", "shoes") and "[ ]" not in blog.manage("showmigrations", "shoes")
    assert "No changes detected" in blog.manage("makemigrations", "shoes", "--check", "--dry-run")
    lines = blog.manage("shell", "-c", ASK.replace("HOST", f"localhost:{blog.port}")).splitlines()
    said = json.loads(next(line for line in lines if line.startswith("{")))
    path = said.pop("path")
    assert said == {"menu": True, "guest": 302, "empty": True, "wrong": 422, "added": [302, 302], "set": 302}
    with urllib.request.urlopen(f"{blog.url}{path}") as answer:  # by the process that serves, from its cache or anew
        page = answer.read().decode()
    assert "<bdi>Blue</bdi>: 311 mi" in page and "Red" not in page


def test_an_app_in_the_data_folder_is_found_and_a_missing_one_stops_the_start(prepared, tmp_path):
    blog = Blog(tmp_path / "data", LONGRUN_STATIC=str(prepared / "static"), LONGRUN_APPS="shoes")
    assert "LONGRUN_APPS has shoes, and Python finds no package shoes" in blog.manage("check", code=1)
    shutil.copytree(EXAMPLE, blog.data / "apps" / "shoes")
    assert "no issues" in blog.manage("check")
