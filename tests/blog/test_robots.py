"""Robots that say who they are have a name, a kind, a row a day, and a switch for their kind."""

import json
import re
import tracemalloc
import urllib.robotparser
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from blog.models import ReadingSettings, RobotVisit
from blog.robots import known, tally
from blog.robots.known import Kind, find
from core import cache_version
from core.models import SettingsChange, Site
from core.write_behind import WriteBehindCounter

GPTBOT = "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; GPTBot/1.2; +https://openai.com/gptbot"
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


@pytest.fixture(autouse=True)
def in_memory(monkeypatch):
    counter = WriteBehindCounter(tally.write)
    monkeypatch.setattr(counter, "write_soon", lambda: None)
    monkeypatch.setattr(tally, "counter", counter)
    yield counter
    counter.forget()


def allow(**kinds):
    row = ReadingSettings.objects.first() or ReadingSettings()
    for kind, value in kinds.items():
        setattr(row, f"allow_{kind}", value)
    row.save()
    cache_version.increment()


# Names and kinds


@pytest.mark.parametrize(
    ("agent", "name", "kind"),
    [
        (GOOGLEBOT, "Googlebot", Kind.SEARCH),
        ("Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", "bingbot", Kind.SEARCH),
        (GPTBOT, "GPTBot", Kind.AI_TRAINING),
        ("CCBot/2.0 (https://commoncrawl.org/faq/)", "CCBot", Kind.AI_TRAINING),
        ("Mozilla/5.0 (compatible; ClaudeBot/1.0; +claudebot@anthropic.com)", "ClaudeBot", Kind.AI_TRAINING),
        ("Mozilla/5.0 (compatible; ChatGPT-User/1.0; +https://openai.com/bot)", "ChatGPT-User", Kind.AI_SEARCH),
        ("Mozilla/5.0 (compatible; OAI-SearchBot/1.0)", "OAI-SearchBot", Kind.AI_SEARCH),
        ("Mozilla/5.0 (compatible; archive.org_bot +http://archive.org/details)", "archive.org_bot", Kind.ARCHIVES),
        ("Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)", "AhrefsBot", Kind.MARKETING),
        ("facebookexternalhit/1.1 Facebot Twitterbot/1.0", "facebookexternalhit", Kind.PREVIEWS),
        ("FeedFetcher-Google; (+http://www.google.com/feedfetcher.html)", None, None),
        ("curl/8.5.0", "curl", Kind.SCRIPTS),
        ("Zapier", "Zapier", Kind.OTHERS),
        (f"{FIREFOX} {'x' * 500} GPTBot", None, None),
        ("", None, None),
    ],
)
def test_a_robot_is_known_by_its_name(agent, name, kind):
    robot = find(agent)
    assert (robot.name, robot.kind) == (name, kind) if name else robot is None


def test_every_example_of_the_package_is_found_and_has_a_short_name():
    entries = known._entries()
    assert len(entries) > 1400
    assert [each for entry in entries for each in entry["instances"] if not find(each)] == []
    assert max(map(len, known.by_name())) <= 60


@pytest.mark.parametrize(
    "agent",
    [
        FIREFOX,
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 "
        "Mobile/15E148 Safari/604.1",
        "Mozilla/5.0 (Linux; Android 14; CUBOT X70) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0",
        "Mozilla/5.0 (Linux; Android 13; SM-G991B) Chrome/131 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/490.0.0.63.82;]",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Mobile/15E148 Instagram 350.0.0.30.97 (iPhone14,5)",
        "Mozilla/5.0 (Linux; Android 12; KFTRWI) AppleWebKit/537.36 Silk/120.1.1 like Chrome/120.0 Safari/537.36",
        "Mozilla/5.0 (Linux; arm_64; Android 13) AppleWebKit/537.36 Chrome/124.0 YaBrowser/24.6.3 Mobile Safari/537.36",
        "Mozilla/5.0 (Linux; U; Android 11; zh-cn) Chrome/100 Mobile Safari/537.36 SogouMobileBrowser/6.3",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 16_6 like Mac OS X) Mobile/15E148 DuckDuckGo/7 Safari/605.1.15",
        "Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/537.36 coc_coc_browser/120 Chrome/114 Safari/537.36",
        "Mozilla/5.0 (Linux; Android 8) AppleWebKit/537.36 NAVER(inapp; search; 1000; 11.0) Chrome/99",
        "Lynx/2.8.9rel.1 libwww-FM/2.14",
        "w3m/0.5.3",
    ],
)
def test_browsers_are_no_robots(agent):
    assert find(agent) is None


def test_the_table_is_small_and_the_package_itself_is_not_loaded():
    tracemalloc.start()
    known._table.__wrapped__()
    kept, _peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 2 * 2**20, "the package's own table takes three times as much"
    source = Path(known.__file__).read_text()
    assert "import crawleruseragents" not in source


def test_long_headers_fill_no_memory():
    known._find.cache_clear()
    for number in range(20):
        assert find(f"{FIREFOX:<400}{number}") is None
    assert known._find.cache_info().currsize == 1, "what follows is not looked at and not remembered"


# Counting


@pytest.mark.db
@pytest.mark.django_db
def test_requests_are_a_row_a_robot_and_day_written_later(blog):
    for _time in range(3):
        tally.note(find(GOOGLEBOT), 0.004)
    tally.note(find(GPTBOT), 0.0001, refused=True)
    assert not RobotVisit.objects.exists()
    tally.counter.write()
    tally.note(find(GOOGLEBOT), 0.001)
    tally.counter.write()
    rows = RobotVisit.objects.order_by("-requests").values_list("name", "day", "requests", "refused", "microseconds")
    today = timezone.localdate()
    assert list(rows) == [("Googlebot", today, 4, 0, 13_000), ("GPTBot", today, 1, 1, 100)]
    assert {field.name for field in RobotVisit._meta.fields} == {
        "id", "name", "day", "requests", "refused", "microseconds",
    }, "nothing of the client"  # fmt: skip


@pytest.mark.django_db
def test_the_day_is_the_blogs(ada):
    Site.objects.update(timezone="Pacific/Kiritimati")
    cache_version.increment()
    tally.note(find(GOOGLEBOT), 0)
    tally.counter.write()
    assert RobotVisit.objects.get().day == (timezone.now() + timedelta(hours=14)).date()


@pytest.mark.db
@pytest.mark.django_db
def test_what_is_older_than_ninety_days_is_deleted(blog):
    from blog.jobs import prune_robot_visits

    today = timezone.localdate()
    for ago in (0, 90, 91):
        RobotVisit.objects.add(today - timedelta(days=ago), {"Googlebot": {"requests": 1}})
    prune_robot_visits()
    assert sorted(RobotVisit.objects.values_list("day", flat=True)) == [today - timedelta(days=90), today]


# Switches


@pytest.mark.django_db
def test_a_new_blog_admits_all_but_those_that_train_models(blog):
    assert ReadingSettings().refused_robots == {"ai_training"}


@pytest.mark.django_db
def test_robots_txt_names_those_that_are_refused(client, blog):
    allow(ai_training=False, search=True)
    text = client.get("/robots.txt").content.decode()
    read = urllib.robotparser.RobotFileParser()
    read.parse(text.splitlines())
    for name in ("GPTBot", "CCBot", "ClaudeBot", "Google-Extended", "Applebot-Extended", "Bytespider"):
        assert not read.can_fetch(name, "/2026/03/05/a-run/"), name
    for name in ("Googlebot", "bingbot", "Applebot", "ChatGPT-User", "archive.org_bot", "Feedbin", "Mozilla"):
        assert read.can_fetch(name, "/2026/03/05/a-run/"), name
    for line in text.splitlines():
        assert re.fullmatch(r"# \w+||(User-agent|Disallow|Sitemap): \S+", line), line
    allow(search=False, ai_training=True)
    text = client.get("/robots.txt").content.decode()
    read = urllib.robotparser.RobotFileParser()
    read.parse(text.splitlines())
    assert not read.can_fetch("Googlebot", "/") and not read.can_fetch("Yandex", "/") and read.can_fetch("GPTBot", "/")


@pytest.mark.django_db
def test_the_desk_changes_the_switches_and_writes_it_into_the_log(as_, ada):
    desk = as_(ada)
    switches = {"allow_search": "on", "allow_ai_search": "on", "allow_marketing": "on", "allow_ai_training": "on"}
    assert desk.post("/desk/robots/", switches).status_code == 302
    assert ReadingSettings.objects.get().refused_robots == {"archives"}
    (change,) = SettingsChange.objects.all()
    assert ["Archives and research", "yes", "no"] in change.values and change.by_name == str(ada)
    assert "archive.org_bot" in desk.get("/robots.txt").content.decode()


# On the desk


@pytest.mark.django_db
def test_the_desk_names_who_came_how_often_at_what_cost_and_whether_they_may(as_, ada, django_assert_max_num_queries):
    allow(ai_training=False)
    today = timezone.localdate()
    RobotVisit.objects.add(today, {"Googlebot": {"requests": 1200, "microseconds": 2_400_000},
                                   "GPTBot": {"requests": 45_000, "refused": 44_000, "microseconds": 5_000},
                                   "<b>Gone": {"requests": 1, "microseconds": 1}})  # fmt: skip
    RobotVisit.objects.add(today - timedelta(days=29), {"Googlebot": {"requests": 7}})
    RobotVisit.objects.add(today - timedelta(days=30), {"bingbot": {"requests": 7}})
    desk = as_(ada)
    desk.get("/desk/robots/")
    with django_assert_max_num_queries(8):
        page = desk.get("/desk/robots/").content.decode()
    told = [re.sub(r"<[^>]+>|\s+", " ", row).split() for row in page.split("<tbody>")[2].split("</tr>")]
    assert " ".join(told[0]).startswith("GPTBot AI training refused 45,000 44,000 0.0 s, 0.00011 ms each")
    assert " ".join(told[1]).startswith("Googlebot Search engines allowed 1,207 0 2.4 s, 2.0 ms each")
    assert "&lt;b&gt;Gone" in page and "bingbot" not in page
    assert page.count("<rect") == 2
    assert desk.get("/desk/robots/?robot=GPTBot").content.decode().count("<rect") == 1
    assert "Requests of GPTBot" in desk.get("/desk/robots/?robot=GPTBot").content.decode()


@pytest.mark.django_db
def test_an_empty_page_says_so_and_others_do_not_see_it(as_, ada, ed, client):
    assert "No robot that says who it is came" in as_(ada).get("/desk/robots/").content.decode()
    assert as_(ed).get("/desk/robots/").status_code == 403
    assert as_(None).get("/desk/robots/").status_code == 302


@pytest.mark.django_db
@pytest.mark.parametrize("agent", [GPTBOT, "okhttp/4.12", "WhatsApp/2.23", "Mediapartners-Google"])
def test_a_known_robot_is_no_view(client, make_post, agent, monkeypatch):
    from blog import visits

    counted = []
    monkeypatch.setattr(visits.counter, "add", counted.append)
    for said in (agent, FIREFOX):
        headers = {"sec-fetch-site": "same-origin", "user-agent": said}
        assert client.post(f"/visits/{make_post().pk}/", {"from": ""}, headers=headers).status_code == 204
    assert len(counted) == 1, json.dumps(agent)


@pytest.mark.parametrize(
    ("agent", "is_robot"),
    [
        ("", True),
        ("curl/8.5", True),
        ("Examplebot/1.0", True),  # in no table
        ("Mozilla/5.0 (compatible; GPTBot/1.2; +https://openai.com/gptbot)", True),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0", False),
    ],
)
def test_robots_are_told_by_the_table_or_by_what_they_say(agent, is_robot):
    assert known.is_robot(agent) is is_robot
