"""The catalogues in locale/: what sources say is in them, all of it is translated, and a page speaks one language."""

import gettext
import os
import re
import shutil
import subprocess
import sys
from html import unescape

import polib
import pytest

from comments.models import Comment, DiscussionSettings
from core import languages
from core.models import Email, Site
from tests.blog_process import ROOT

LANGUAGES = sorted(place.parent.parent.name for place in (ROOT / "locale").glob("*/LC_MESSAGES/django.po"))
PLACEHOLDER = re.compile(r"%(?:\(\w+\))?(?:\.\d+)?[sdif%]|\{\w*\}")
TAG = re.compile(r"</?\w+")
# Texts in pages are compared without marks that HTML or a template puts into them.
SHOWN = re.compile(r"<(script|style|textarea)\b.*?</\1>|<[^>]*>", re.DOTALL)


def catalogue(language, ending="po"):
    return ROOT / "locale" / language / "LC_MESSAGES" / f"django.{ending}"


def entries(language):
    return [entry for entry in polib.pofile(str(catalogue(language))) if not entry.obsolete]


def pairs(entry):
    """Every form of a message with its translation."""
    if not entry.msgid_plural:
        return [(entry.msgid, entry.msgstr)]
    return [(entry.msgid_plural if number else entry.msgid, said) for number, said in entry.msgstr_plural.items()]


def test_german_french_and_spanish_are_there():
    assert LANGUAGES == ["de", "es", "fr"]
    assert languages.translated() == {"en", *LANGUAGES}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_for_readers_is_translated(language):
    assert len(entries(language)) > 500
    missing = [entry.msgid for entry in entries(language) for _said, done in pairs(entry) if not done or entry.fuzzy]
    assert missing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_keeps_placeholders_tags_and_line_ends(language):
    wrong = []
    for entry in entries(language):
        for said, done in pairs(entry):
            one = entry.msgid_plural and said == entry.msgid  # "one day" may go without its number
            if sorted(PLACEHOLDER.findall(said)) != sorted(PLACEHOLDER.findall(done)) and not one:
                wrong.append((said, "placeholders"))
            if sorted(TAG.findall(said)) != sorted(TAG.findall(done)):
                wrong.append((said, "tags"))
            if [said[:1] == "\n", said[-1:] == "\n"] != [done[:1] == "\n", done[-1:] == "\n"]:
                wrong.append((said, "line ends"))
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_compiled_is_what_is_translated(language):
    with catalogue(language, "mo").open("rb") as file:
        compiled = dict(gettext.GNUTranslations(file)._catalog)
    compiled.pop("")
    expected = {}
    for entry in entries(language):
        name = f"{entry.msgctxt}\x04{entry.msgid}" if entry.msgctxt else entry.msgid
        if entry.msgid_plural:
            expected |= {(name, number): said for number, said in entry.msgstr_plural.items()}
        else:
            expected[name] = entry.msgstr
    assert compiled == expected


def test_the_catalogues_hold_what_the_sources_say(tmp_path):
    """`make messages` in a copy changes nothing."""
    if not shutil.which("xgettext"):
        if os.environ.get("CI") == "true":
            pytest.fail("There is no gettext here: apt-get install gettext", pytrace=False)
        pytest.skip("NOTICE: There is no gettext here: apt-get install gettext")
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(re.compile(r"(?!tests/|docs/|static/).*\.(py|html|txt|xml|po|mo)$").match, names.split("\0")):
        if (ROOT / name).exists():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, tmp_path / name)
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings", "LONGRUN_DATA": str(tmp_path / "data")}
    done = subprocess.run(
        [sys.executable, "locale/make.py"], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    for language in LANGUAGES:
        made = tmp_path / catalogue(language).relative_to(ROOT)
        assert {entry.msgid for entry in polib.pofile(str(made)) if not entry.obsolete} == {
            entry.msgid for entry in entries(language)
        }, "run `make messages`, and translate what is new"


def english_in(html, language):
    """Messages that stand in a page in English, though the catalogue translates them."""
    text = " ".join(unescape(SHOWN.sub("\n", html)).split())
    known = {
        entry.msgid: entry.msgstr
        for entry in entries(language)
        if not entry.msgid_plural and not PLACEHOLDER.search(entry.msgid) and not TAG.search(entry.msgid)
    }
    translations = " ".join(known.values())  # "commenter" is French, too
    return [
        said
        for said in known
        if said not in translations
        and len(said) > 3
        and re.search(rf"(?<!\w){re.escape(' '.join(said.split()))}(?!\w)", text)
    ]


PAGES = [
    "/", "/search/?q=miles", "/search/?q=nothing-like-it", "/nothing-here/", "/2026/", "/accounts/login/",
    "/accounts/login/code/", "/accounts/password/reset/", "/comments/subscribe/", "a post", "me", "my comments",
]  # fmt: skip


@pytest.fixture
def post(blog, make_post):
    """A post with a comment, and no English word of their own."""
    DiscussionSettings.objects.create()
    post = make_post("3", "4 5")
    Comment.objects.create(post=post, state="approved", name="7", text="8")
    return post


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PAGES)
def test_a_readers_page_speaks_one_language(client, rene, as_, post, language, path):
    Site.objects.update(language=language, title="1", tagline="2")
    paths = {"a post": post.path, "me": "/accounts/", "my comments": "/accounts/me/"}
    client = as_(rene) if path in {"me", "my comments"} else client
    answer = client.get(paths.get(path, path), follow=True)
    html = answer.content.decode()
    assert answer.status_code in {200, 404} and f'<html lang="{language}"' in html
    assert english_in(html, language) == []


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_desk_and_what_owners_are_sent_stay_english(client, ada, as_, post, language):
    Site.objects.update(language=language, title="1")
    page = as_(ada).get("/desk/").content.decode()
    assert '<html lang="en"' in page and "Dashboard" in page
    sent = {"comment": "I ran", "author": "Lou", "email": "lou@example.org"}
    client.post(f"/comments/{post.pk}/", sent, headers={"sec-fetch-site": "same-origin"})
    assert Email.objects.get(to=ada.email).subject == "[1] Please moderate: “3”"
    assert Comment.objects.get(name="Lou").reasons[0]["why"] == "It is the first comment by this commenter."
