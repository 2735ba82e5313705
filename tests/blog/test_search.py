"""Finding things: the same twenty questions have the same answers on SQLite and on PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from blog import search
from blog.jobs import queue_reindex
from blog.models import SearchEntry
from blog.search import tokens
from blog.search.highlight import highlighted
from core import cache_version
from core.jobs import run_ready
from core.models import Site

pytestmark = pytest.mark.db


@pytest.fixture
def library(make_post, on):
    """A few posts whose words the questions below are about."""
    return {
        "cafe": make_post("The café by the river", "Flat white after the long run.", at=on(2020, 1, 1)),
        "training": make_post("Winter", "I went running in the snow; it's cold.", at=on(2020, 1, 2)),
        "run": make_post("Run, run, run", "Nothing else.", at=on(2019, 1, 3)),
        "tokyo": make_post("東京マラソン", "東京都庁から走りました。", at=on(2020, 1, 4)),
        "german": make_post("Über Schuhe", "Läufe im Straßenstaub", at=on(2020, 1, 5)),
        "code": make_post("C++ and col:x", "A text about `a AND b` and 100%.", at=on(2020, 1, 6)),
        "page": make_post("About", "Who writes here: somebody with weights.", kind="page"),
        "private": make_post("Private weights", "Secret kettlebell", visibility="private"),
        "draft": make_post("Draft kettlebell", "Not finished", draft=True),
        "locked": make_post("Locked", "A kettlebell behind a password", password="finish line"),
    }


QUESTIONS = [
    ("cafe", ["cafe"]),
    ("CAFÉ", ["cafe"]),
    ("café river", ["cafe"]),
    ("running", ["run", "training", "cafe"]),
    ("runs", ["run", "training", "cafe"]),
    ("東京", ["tokyo"]),
    ("マラソン", ["tokyo"]),
    ("走", ["tokyo"]),
    ("strassenstaub", ["german"]),
    ("Straßenstaub", ["german"]),
    ("uber schuhe", ["german"]),
    ("weights", ["page"]),
    ("kettlebell", []),
    ('"x', ["code"]),
    ("a AND", ["code"]),
    ("col:x", ["code"]),
    ("c++", ["code"]),
    ("-snow", ["training"]),
    ("100%", ["code"]),
    ("nothing AND everything", []),
    ("%", []),
    ("' OR 1=1 --", []),
]


@pytest.mark.parametrize(("query", "found"), QUESTIONS)
def test_a_question_finds(library, client, query, found):
    answer = client.get("/search/", {"q": query})
    assert answer.status_code == 200
    names = {f"http://localhost:8000{post.get_absolute_url()}": name for name, post in library.items()}
    assert {names[hit.url] for hit in answer.context["results"]} == set(found)


SAID = {
    "thai": "วันนี้อากาศดีมาก ฉันชอบกินข้าวผัดกับเพื่อน",
    "lao": "ຂ້ອຍມັກກິນເຂົ້າໜຽວຢູ່ວຽງຈັນ",
    "khmer": "ខ្ញុំចូលចិត្តញ៉ាំបាយនៅភ្នំពេញ",
    "burmese": "ကျွန်တော်မြန်မာစကားပြောတတ်တယ်",
    "tibetan": "བོད་སྐད་སློབ་གྲྭ",
    "chinese": "我今天在北京吃了烤鸭",
    "kana": "ねこがいる",
    "korean": "우리는 한국어를 배운다",
    "hindi": "मुझे हिन्दी भाषा पसंद है",
    "hebrew": "שָׁלוֹם עולם, צה״ל",
    "persian": "من می\u200cخواهم",
    "hyphens": "An e-mail about Wi\u2011Fi, a state-of-the-art T-shirt and COVID-19, sent on 2026-11-28.",
    "joined": "An email about wifi, a tshirt and covid19.",
    "apostrophes": "O'Reilly doesn\u2019t know what rock \u2018n\u2019 roll is; l\u2019homme, Qur\u02bcan.",
    "plain": "oreilly doesnt know: lhomme, quran.",
    "dots": "U.S.A. and node.js, AT&T.",
    "soft": "Donau\u00addampfschiff",
}
ASKED = {
    "ข้าวผัด": "thai", "อากาศ": "thai", "กิน": "thai", "ด": "thai", "แมว": "",
    "ກິນ": "lao", "ວຽງຈັນ": "lao", "ໜຽວ": "lao",
    "បាយ": "khmer", "ភ្នំពេញ": "khmer", "ចិត្ត": "khmer",
    "မြန်မာ": "burmese", "စကား": "burmese", "ပြော": "burmese", "སྐད": "tibetan",
    "京": "chinese", "鸭": "chinese", "我": "chinese", "北京": "chinese", "猫": "",
    "ね": "kana", "る": "kana", "こ": "kana", "い": "kana", "ぬ": "",
    "한": "korean", "를": "korean", "어": "korean", "한국": "korean", "국": "korean",
    "हिन्दी": "hindi", "भाषा": "hindi", "הנ": "", "שלום": "hebrew", 'צה"ל': "hebrew", "צהל": "hebrew",
    "میخواهم": "persian",
    "email": "hyphens joined", "e-mail": "hyphens joined", "wifi": "hyphens joined", "Wi-Fi": "hyphens joined",
    "tshirt": "hyphens joined", "t-shirt": "hyphens joined", "covid19": "hyphens joined", "covid-19": "hyphens joined",
    "mail": "hyphens", "stateoftheart": "hyphens", "state of the art": "hyphens", "state-of-the-art": "hyphens",
    "20261128": "", "2026-11-28": "hyphens",
    "oreilly": "apostrophes plain", "O'Reilly": "apostrophes plain", "o\u2019reilly": "apostrophes plain",
    "reilly": "apostrophes", "doesnt": "apostrophes plain", "doesn't": "apostrophes plain", "homme": "apostrophes",
    "lhomme": "apostrophes plain", "Quran": "apostrophes plain", "Qur'an": "apostrophes plain",
    "usa": "dots", "nodejs": "dots", "node.js": "dots", "att": "dots", "AT&T": "dots", "Donaudampfschiff": "soft",
}  # fmt: skip


def test_words_are_found_in_any_script_and_spelling(make_post, rene):
    named = {make_post("", text, format="note").pk: name for name, text in SAID.items()}
    found = {query: sorted(named[pk] for pk in search.find(query, rene).posts(20)) for query in ASKED}
    assert found == {query: expected.split() for query, expected in ASKED.items()}


@pytest.mark.parametrize(
    ("query", "text", "marked"),
    [
        ("ข้าวผัด", SAID["thai"], "ข้าวผัด"),
        ("น้ำ", "ดื่มน้ำทุกวัน", "น้ำ"),
        ("ทำงาน", "ฉันทำงานที่บ้าน", "ทำงาน"),
        ("ນ້ຳ", "ກິນນ້ຳແດ່", "ນ້ຳ"),
        ("京", SAID["chinese"], "京"),
        ("国語", "韓国語と国の語", "国語"),
        ("email", "Send e-mail, now", "e-mail,"),
        ("oreilly", "Ask O'Reilly", "O'Reilly"),
        ("don't", "You dont know", "dont"),
        ("wi-fi", "The wifi here", "wifi"),
    ],
)
def test_what_is_marked_is_what_was_found(blog, query, text, marked):
    parts = highlighted(text, tokens.parse_query(query, {"english"}), "english")
    assert [part for part, is_hit in parts if is_hit] == [marked]
    assert "".join(part for part, _is_hit in parts) == text


def test_a_post_is_found_by_the_stems_of_its_own_language(make_post, rene):
    german, french = make_post("", "Viele Häuser", language="de-AT"), make_post("", "Ils marchaient", language="fr")
    english = make_post("", "Many houses")
    assert search.find("Haus", rene).posts(9) == [german.pk]
    assert search.find("marcher", rene).posts(9) == [french.pk]
    assert search.find("house", rene).posts(9) == [english.pk]
    assert search.find("Haus", rene)[:1][0].snippet == [("Viele ", False), ("Häuser", True)]
    german.language = "en"
    german.save(update_fields=["language"])
    assert search.find("Haus", rene).posts(9) == []


def test_what_an_older_longrun_filed_is_filed_anew(make_post, rene):
    post = make_post("", "Send me an e-mail.")
    search.put("comment", 7, post=post, text="And 東京都", url=f"{post.path}#comment-7")
    SearchEntry.objects.update(index_version=0)
    search.backend().put([(pk, "", "old") for pk in SearchEntry.objects.values_list("pk", flat=True)])
    assert not search.find("email", rene)
    queue_reindex()
    run_ready("long")
    assert len(search.find("email", rene)) == len(search.find("都", rene)) == 1
    assert not SearchEntry.objects.exclude(index_version=search.INDEX_VERSION).exists()


@pytest.mark.long
def test_a_text_of_very_many_words_is_filed_as_far_as_there_is_room(make_post, rene):
    post = make_post("Long", "first")
    title, text = "start", " ".join(f"wörd{number}" for number in range(90_000)) + " again" * 300
    search.put("comment", 7, post=post, title=title, text=text)
    assert len(search.find("start wörd77", rene)) == 1


def test_a_title_ranks_above_a_text(library, rene):
    first = search.find("run", rene)[:1][0]
    assert "".join(text for text, _hit in first.title) == "Run, run, run"


def test_what_was_found_is_marked(library, client):
    text = client.get("/search/", {"q": "snow running"}).content.decode()
    assert "<mark>running</mark>" in text
    assert "<mark>snow;</mark>" in text


def test_of_a_script_without_spaces_only_what_was_asked_for_is_marked(library, client):
    text = client.get("/search/", {"q": "東京"}).content.decode()
    assert "<mark>東京</mark>マラソン" in text and "<mark>東京</mark>都庁から" in text


def test_the_owner_finds_what_is_private(library, ada, rene):
    assert len(search.find("kettlebell", ada)) == 1
    assert len(search.find("kettlebell", rene)) == 0


def test_what_is_in_the_trash_is_not_found(library, rene):
    library["training"].trash()
    assert len(search.find("snow", rene)) == 0
    library["training"].restore()
    assert len(search.find("snow", rene)) == 1
    library["training"].delete()
    assert len(search.find("snow", rene)) == 0


def test_a_comment_is_found_as_long_as_its_post_may_be_seen(make_post, rene):
    post = make_post()
    search.put("comment", 7, post=post, text="I prefer the treadmill", url=f"{post.path}#comment-7")
    assert [hit.kind for hit in search.find("treadmill", rene)[:9]] == ["comment"]
    post.withdraw()
    assert len(search.find("treadmill", rene)) == 0
    search.drop("comment", 7)
    assert not SearchEntry.objects.filter(kind="comment").exists()


def test_another_language_has_other_stems(library, rene, django_capture_on_commit_callbacks):
    Site.objects.update(language="de")
    number = cache_version.current()
    with django_capture_on_commit_callbacks(execute=True):
        search.rebuild()
    assert cache_version.current() != number, "what was searched meanwhile is kept by nobody"
    assert len(search.find("Schuh", rene)) == 1
    assert len(search.find("running", rene)) == 1


def test_too_many_searches_are_slowed_down_and_the_words_stay(client, library):
    answers = [client.get("/search/", {"q": "snow"}) for _time in range(31)]
    assert [answer.status_code for answer in answers] == [200] * 30 + [429]
    assert 'value="snow"' in answers[-1].content.decode()
    assert int(answers[-1]["Retry-After"]) > 0


def test_old_search_addresses_lead_to_the_new_one(client, blog):
    assert client.get("/search/long run/")["Location"] == "/search/?q=long+run"
    assert client.get("/search/long%20run/").status_code == 301


@pytest.mark.parametrize(
    "query", ["x" * 5000, "<script>alert(1)</script>", "\u202e", "\ud800".encode("utf-8", "surrogatepass")]
)
def test_any_question_gets_a_page(client, blog, query):
    answer = client.get("/search/", {"q": query})
    assert answer.status_code == 200
    assert b"<script>alert" not in answer.content


def test_of_very_many_the_newest_are_ranked_and_the_page_says_so(client, make_post, monkeypatch):
    monkeypatch.setattr(search, "NEWEST", 3)
    for number in range(3):
        make_post(f"Run {number}", "Through the rain.")
    page = client.get("/search/?q=rain").content.decode()
    assert "There are very many" not in page and page.count("Run ") >= 3
    make_post("Best", "rain rain rain")
    make_post("Newest", "Through the rain again and again, until the shoes were full of it.")
    page = client.get("/search/?q=rain").content.decode()
    assert "There are very many" in page
    assert "Run 0" not in page.partition("<main")[2].partition("</main>")[0]
    assert page.index("Best") < page.index("Newest")


def test_threads_stem_their_own_words():
    many = [f"{start}{end}" for start in ("run", "radical", "investig", "bicycl") for end in ("ing", "ized", "ators")]
    alone = [tokens.own_stemmer("english").stemWord(word) for word in many]

    def stemmed(_turn):
        return [tokens.own_stemmer("english").stemWord(word) for word in many]

    with ThreadPoolExecutor(4) as threads:
        assert all(answer == alone for answer in threads.map(stemmed, range(400)))
