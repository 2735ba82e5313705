"""Searching the lists by status, and deciding about everything that matches."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from comments.models import Comment, ModerationAction, Person, Report
from tests.markup import squeeze

QUEUE = "/desk/comments/"


@pytest.fixture
def desk(mona, as_):
    return as_(mona)


@pytest.fixture
def talk(make_comment, rene):
    """One of each kind to be looked for."""
    return [
        make_comment("Marzipan.", state="pending", name="Bob", email="bob@sweets.example"),
        make_comment("Été à la mer", state="pending", name="Çağla"),
        make_comment("See https://www.spam.example/x", state="pending", name="Watches"),
        make_comment("By account", state="pending", name="R.", person=Person.objects.of_account(rene)),
        make_comment("My site", state="pending", name="Ann", url="https://ann.example/"),
    ]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("marzi", [0]),
        ("MARZIPAN", [0]),
        ("bob", [0]),
        ("sweets.example", [0]),
        ("été", [1]),
        ("ÉTÉ", [1]),
        ("spam.example", [2]),
        ("rene@example.org", [3]),
        ("ann.example", [4]),
        ("host:ann.example", [4]),
        ("host:www.spam.example", [2]),
        ("email:BOB@sweets.example", [0]),
        ("email:bob", []),
        ("nothing like this", []),
        ("%", []),
        ("_", []),
        ("", [0, 1, 2, 3, 4]),
    ],
)
def test_a_search_looks_at_text_name_mail_host_and_identity(desk, talk, words, found):
    page = desk.get(QUEUE, {"q": words}).content.decode()
    seen = {int(pk) for pk in re.findall(r'id="comment-(\d+)"', page)}
    assert seen == {talk[n].pk for n in found}


def test_a_person_is_looked_for_by_number(desk, talk, rene):
    page = desk.get(QUEUE, {"q": f"person:{rene.commenter.pk}"}).content.decode()
    assert "By account" in page and "Marzipan" not in page
    assert desk.get(QUEUE, {"q": "person:²"}).status_code == 200


def test_the_other_piles_say_how_many_they_have_of_it(desk, make_comment):
    make_comment("marzipan", state="spam"), make_comment("almonds", state="spam")
    page = desk.get(QUEUE, {"q": "marzipan"}).content.decode()
    assert re.search(r'href="/desk/comments/spam/\?q=marzipan">Spam <span>1</span>', page)


@pytest.mark.parametrize("words", ["\x01", "'; DROP TABLE", '"<script>', "a" * 5000, "host:", "host:%", "email:\x01"])
def test_whatever_is_typed_is_looked_for_and_no_more(desk, talk, words):
    page = desk.get(QUEUE, {"q": words})
    assert page.status_code == 200 and "<script>" not in page.content.decode().replace('<script type="module"', "")


def everything(page, **more):
    """What the form of a list sends when "all that match" is ticked."""
    fields = dict(re.findall(r'type="hidden" name="(status|q|seen)" value="([^"]*)"', squeeze(page)))
    assert 'name="everything"' in page
    return fields | {"everything": "on"} | more


def test_all_that_match_are_decided_about_and_undone_at_once(desk, make_comment):
    for n in range(40):
        make_comment(f"casino {n}", state="pending")
    kept = make_comment("honest", state="pending")
    page = desk.get(QUEUE, {"q": "casino"}).content.decode()
    assert "all 40 that match" in page
    answer = desk.post("/desk/comments/decide/", everything(page, all="spam"))
    assert Comment.objects.spam().count() == 40
    kept.refresh_from_db()
    assert kept.state == "pending"
    assert ModerationAction.objects.get().count == 40
    page = desk.get(answer["Location"]).content.decode()
    assert "Marked as spam: 40 comments." in page and "q=casino" in answer["Location"]
    desk.post(re.search(r'action="(/desk/\S+/undo/)"', page)[1], {"status": "pending"})
    assert Comment.objects.pending().count() == 41


def test_what_came_in_since_the_page_was_made_is_left_alone(desk, make_comment):
    for n in range(31):
        make_comment(f"{n}", state="pending")
    fields = everything(desk.get(QUEUE).content.decode(), all="trash")
    late = make_comment("late", state="pending")
    desk.post("/desk/comments/decide/", fields)
    assert Comment.objects.trashed().count() == 31
    late.refresh_from_db()
    assert late.state == "pending"


@pytest.mark.parametrize("seen", ["", "nonsense", "2026-01-01"])
def test_without_a_moment_nothing_is_everything(desk, make_comment, seen):
    comment = make_comment(state="pending")
    desk.post("/desk/comments/decide/", {"all": "spam", "everything": "on", "status": "pending", "seen": seen})
    comment.refresh_from_db()
    assert comment.state == "pending"


@pytest.mark.db
def test_five_thousand_are_approved_and_undone_in_a_few_statements(ada, post, django_assert_max_num_queries):
    Comment.objects.bulk_create(
        Comment(post=post, text=f"number {n}", html="x", state="pending", name=str(n)) for n in range(5000)
    )
    # 41 of them file the words: a statement takes 999 values, and a search entry has eight.
    with django_assert_max_num_queries(62):
        decision = Comment.objects.matching("number").approve(ada)
    assert (decision.count, ModerationAction.objects.count()) == (5000, 1)
    post.refresh_from_db()
    assert post.comment_count == 5000
    with django_assert_max_num_queries(40):
        assert decision.undo() == 5000
    post.refresh_from_db()
    assert post.comment_count == 0


def test_mine_are_those_of_the_account_in_every_state(desk, mona, make_comment):
    me = Person.objects.of_account(mona)
    make_comment("mine one", person=me), make_comment("mine two", state="trash", person=me)
    make_comment("called the same", name="Mona", email="mona@example.org")
    page = desk.get("/desk/comments/mine/").content.decode()
    assert "mine one" in page and "mine two" in page and "called the same" not in page


def test_reported_ones_stay_public_until_somebody_has_looked(desk, post, make_comment):
    comment = make_comment("Reported words")
    Report.objects.create(comment=comment, network="a" * 32), Report.objects.create(comment=comment, network="b" * 32)
    page = desk.get("/desk/comments/reported/").content.decode()
    assert "Reported words" in page and "2 readers have reported this comment." in page
    answer = desk.post("/desk/comments/decide/", {"one": f"keep {comment.pk}", "status": "reported"})
    page = desk.get(answer["Location"]).content.decode()
    assert "Reports dismissed: 1 comment." in page and 'id="comment-' not in page
    comment.refresh_from_db()
    assert comment.state == "approved"
    desk.post(re.search(r'action="(/desk/\S+/undo/)"', page)[1], {"status": "reported"})
    assert "Reported words" in desk.get("/desk/comments/reported/").content.decode()


def test_unapproving_is_one_press_and_one_undo(desk, post, make_comment):
    comment = make_comment("up")
    desk.post("/desk/comments/decide/", {"one": f"unapprove {comment.pk}", "status": "approved"})
    comment.refresh_from_db()
    post.refresh_from_db()
    assert (comment.state, post.comment_count) == ("pending", 0)
    ModerationAction.objects.get().undo()
    comment.refresh_from_db()
    assert comment.state == "approved"


def test_a_quick_answer_is_given_in_the_list(desk, make_comment):
    comment = make_comment("A question?", state="pending")
    page = desk.get(QUEUE).content.decode()
    assert f'formaction="/desk/comments/{comment.pk}/reply/"' in page
    fields = {f"to-{comment.pk}-text": "An answer.", "to-99-text": "", "status": "pending"}
    answer = desk.post(f"/desk/comments/{comment.pk}/reply/", fields)
    assert answer.status_code == 302 and Comment.objects.get(parent=comment).text == "An answer."
    again = desk.post(f"/desk/comments/{comment.pk}/reply/", {f"to-{comment.pk}-text": " "})
    assert again.status_code == 422


def test_the_lists_cost_the_same_for_one_and_for_thirty(desk, make_comment, connection_queries):
    make_comment("one", state="pending", posted_at=timezone.now() - timedelta(days=1))
    few = connection_queries(lambda: desk.get(QUEUE, {"q": "o"}))
    for n in range(40):
        make_comment(f"o{n}", state="pending")
    assert connection_queries(lambda: desk.get(QUEUE, {"q": "o"})) == few <= 8


@pytest.fixture
def two_pages(make_comment):
    """Forty that wait, the oldest first."""
    start = timezone.now() - timedelta(days=1)
    return [make_comment(f"No. {n}.", state="pending", posted_at=start + timedelta(minutes=n)) for n in range(40)]


def order_of(page):
    """What stands in a list: numbers of comments, and "undo" where the strip is."""
    found = re.findall(r'<li id="comment-(\d+)"|<div class="undo" id="(decided)"', squeeze(page))
    return [int(number) if number else "undo" for number, _strip in found]


def ticked_on(page):
    return [int(pk) for pk in re.findall(r'name="comment" value="(\d+)" data-key="x" checked', squeeze(page))]


@pytest.mark.parametrize("deed", ["approve", "spam", "trash"])
def test_one_press_in_a_list_keeps_page_place_and_ticks(desk, two_pages, deed):
    numbers = [comment.pk for comment in two_pages[30:]]
    sent = {"status": "pending", "page": "2", "comment": [numbers[1], numbers[4], numbers[7]]}
    address = desk.post("/desk/comments/decide/", sent | {"one": f"{deed} {numbers[4]}"})["Location"]
    assert address.endswith("#decided") and "page=2" in address
    page = desk.get(address).content.decode()
    assert order_of(page) == [*numbers[:4], "undo", *numbers[5:]]
    assert ticked_on(page) == [numbers[1], numbers[7]]
    undo = re.search(r'formaction="(/desk/\S+/undo/)"', page)[1]
    address = desk.post(undo, sent | {"comment": [numbers[1]]})["Location"]
    assert address.endswith(f"#comment-{numbers[4]}") and "page=2" in address
    page = desk.get(address).content.decode()
    assert order_of(page) == numbers and ticked_on(page) == [numbers[1]]


def row(page, number):
    """What stands in the row of a comment."""
    return squeeze(page).split(f'<li id="comment-{number}">')[1].split("<article")[0]


def undo_of(page):
    return re.search(r'(?:formaction|action)="(/desk/\S+/undo/)"', page)[1]


def test_what_an_undo_says_stands_in_the_row_that_is_back(desk, two_pages):
    number = two_pages[34].pk
    sent = {"status": "pending", "page": "2", "one": f"trash {number}"}
    page = desk.get(desk.post("/desk/comments/decide/", sent)["Location"]).content.decode()
    page = desk.get(desk.post(undo_of(page), {"status": "pending", "page": "2"})["Location"]).content.decode()
    assert "1 comment was restored." in row(page, number) and page.count("was restored.") == 1
    assert "was restored." not in desk.get(QUEUE).content.decode(), "it is said once"


def test_what_has_no_row_on_the_page_is_said_at_its_top(desk, two_pages):
    decision = two_pages[3].trash(None)
    page = desk.get(
        desk.post(f"/desk/comments/history/{decision.pk}/undo/", {"status": "pending", "page": "2"})["Location"]
    )
    assert "1 comment was restored." in page.content.decode().split('class="comments-nav"')[0]


def test_an_answer_from_a_list_is_said_where_the_comment_stood(desk, two_pages):
    number = two_pages[3].pk
    sent = {"status": "pending", "page": "1", f"to-{number}-text": "Thank you."}
    page = desk.get(desk.post(f"/desk/comments/{number}/reply/", sent)["Location"]).content.decode()
    assert "Your reply was posted." in page.split('id="decided"')[1].split("</li>")[0]


@pytest.mark.parametrize("what", ["edit", "move"])
def test_an_edit_or_a_move_leads_back_to_the_row(desk, two_pages, make_post, what):
    number = two_pages[34].pk
    link = re.search(rf'href="(/desk/comments/{number}/edit/[^"]*)"', squeeze(desk.get(QUEUE, {"page": "2"}).content))[
        1
    ]
    address = link.replace("&amp;", "&").replace("/edit/", f"/{what}/")
    form = desk.get(address).content.decode()
    sent = dict(re.findall(r'type="hidden" name="(status|page|q)" value="([^"]*)"', squeeze(form)))
    assert sent == {"status": "pending", "page": "2"}
    sent |= {"text": "New.", "name": "N", "post": str(make_post(title="Other", slug="other").pk)}
    place = desk.post(address, sent)["Location"]
    assert place.endswith(f"#comment-{number}") and "page=2" in place
    order = order_of(desk.get(place).content.decode())
    assert order[order.index(number) + 1] == "undo"


@pytest.mark.parametrize("changed", ["approve", "edit"])
def test_a_decision_that_came_too_late_is_told_in_its_place(desk, two_pages, ada, changed):
    comment = two_pages[34]
    saw = re.findall(rf'name="saw" value="({comment.pk}:[^"]+)"', squeeze(desk.get(QUEUE, {"page": "2"}).content))
    comment.approve(ada) if changed == "approve" else comment.revise(ada, text="By Ada.")
    sent = {"status": "pending", "page": "2", "one": f"spam {comment.pk}", "saw": saw}
    address = desk.post("/desk/comments/decide/", sent)["Location"]
    page = squeeze(desk.get(address).content)
    assert address.endswith("#decided") and page.count("Nothing was changed.") == 1
    before = two_pages[35 if changed == "approve" else 34].pk
    after = page.split('id="decided"')[1]
    assert after.index("Nothing was changed.") < after.index(f'name="comment" value="{before}"')
    assert f'name="comment" value="{two_pages[33].pk}"' not in after
    again = re.search(r'name="saw" value="([^"]+)"', squeeze(after))[1]
    assert again.startswith(f"{comment.pk}:")
    desk.post("/desk/comments/decide/", sent | {"saw": again})
    assert Comment.objects.get(pk=comment.pk).state == "spam"


def test_an_undo_in_the_list_of_decisions_is_said_beside_the_decision(desk, two_pages):
    decisions = [comment.trash(None) for comment in two_pages[:35]]
    page = desk.get("/desk/comments/history/", {"page": "2"}).content.decode()
    number = decisions[2].pk
    assert f'id="decision-{number}"' in page
    place = desk.post(f"/desk/comments/history/{number}/undo/", {"then": "history", "page": "2", "by": ""})["Location"]
    assert place.endswith(f"?page=2#decision-{number}")
    assert (
        "1 comment was restored."
        in desk.get(place).content.decode().split(f'id="decision-{number}"')[1].split("</li>")[0]
    )


@pytest.mark.parametrize(
    ("status", "trust", "state", "offer"),
    [
        ("pending", "friend", "approved", "Approve their other 2 comments"),
        ("pending", "blocked", "spam", "Mark their other 2 comments as spam"),
        ("approved", "blocked", "spam", "Mark their other 2 comments as spam"),
        ("spam", "friend", "approved", "Approve their other 2 comments"),
    ],
)
def test_friend_and_block_decide_in_a_list_and_come_back_to_it(desk, make_comment, status, trust, state, offer):
    """Ann's comment is in a list among others; two more of hers wait."""
    ann, day = Person.objects.of_browser("a" * 32), timezone.now() - timedelta(days=1)
    others = [make_comment(f"No. {n}.", state=status, posted_at=day + timedelta(minutes=n)) for n in range(33)]
    shown = make_comment("Ann here.", state=status, person=ann, posted_at=others[31].posted_at)
    for n in range(2):
        make_comment(f"Ann waits {n}.", state="pending", person=ann, posted_at=day - timedelta(days=1))
    page = "2" if status == "pending" else "1"
    address = QUEUE if status == "pending" else f"{QUEUE}{status}/"
    html = desk.get(address, {"page": page}).content.decode()
    assert f'name="trust" value="{trust} {shown.pk}"' in html
    sent = {"status": status, "page": page, "comment": [others[32].pk], "trust": f"{trust} {shown.pk}"}
    sent["saw"] = re.findall(r'name="saw" value="([^"]+)"', squeeze(html))
    place = desk.post(f"/desk/comments/commenters/{ann.pk}/trust/", sent)["Location"]
    html = desk.get(place).content.decode()
    shown.refresh_from_db(), ann.refresh_from_db()
    assert (shown.state, ann.trust) == (state, trust) and place.startswith(address) and place.endswith("#decided")
    assert offer in html.split('id="decided"')[1].split("</li>")[0] and ticked_on(html) == [others[32].pk]
    form = html.split('<form id="their-others"')[1].split("</form>")[0]
    sent = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', squeeze(form)))
    place = desk.post("/desk/comments/decide/", sent | {"all": "approve" if trust == "friend" else "spam"})["Location"]
    assert Comment.objects.filter(person=ann, state=state).count() == 3
    assert place.startswith(address) and "person" not in place and ("page=2" in place) == (page == "2")


def test_nobody_blocks_themselves_and_what_is_said_already_is_not_offered(desk, mona, make_comment):
    make_comment("mine", state="pending", person=Person.objects.of_account(mona))
    make_comment("a friend's", state="pending", person=Person.objects.create(browser="f" * 32, trust="friend"))
    page = desk.get(QUEUE).content.decode()
    assert 'value="friend ' not in page and page.count('value="blocked ') == 1


def test_the_last_of_a_list_leaves_its_strip_at_the_end(desk, two_pages):
    sent = {"status": "pending", "page": "2", "one": f"trash {two_pages[39].pk}"}
    page = desk.get(desk.post("/desk/comments/decide/", sent)["Location"]).content.decode()
    assert order_of(page)[-2:] == [two_pages[38].pk, "undo"]


def test_where_the_newest_come_first_the_strip_stands_in_its_place_too(desk, two_pages):
    Comment.objects.update(state="approved")
    sent = {"status": "approved", "one": f"trash {two_pages[37].pk}"}
    page = desk.get(desk.post("/desk/comments/decide/", sent)["Location"]).content.decode()
    assert order_of(page)[:4] == [two_pages[39].pk, two_pages[38].pk, "undo", two_pages[36].pk]


def test_a_button_for_the_ticked_ones_uses_up_the_ticks(desk, two_pages):
    numbers = [comment.pk for comment in two_pages[30:33]]
    sent = {"status": "pending", "page": "2", "comment": numbers, "all": "spam"}
    address = desk.post("/desk/comments/decide/", sent)["Location"]
    page = desk.get(address).content.decode()
    assert "page=2" in address and "Marked as spam: 3 comments." in page
    assert not ticked_on(page) and order_of(page)[0] == "undo"


@pytest.mark.parametrize("ticked", ["page", "1,2,x", "", "9" * 30, "\x01"])
def test_everything_on_a_page_is_ticked_without_a_script(desk, two_pages, ticked):
    page = desk.get(QUEUE, {"ticked": ticked, "after": "x", "decided": "-1"}).content.decode()
    known = {str(comment.pk) for comment in two_pages}
    assert len(ticked_on(page)) == (30 if ticked == "page" else len(known & set(ticked.split(","))))
