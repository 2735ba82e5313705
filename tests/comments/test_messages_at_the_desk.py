"""Messages of contact forms at the desk: how many wait, decisions in the history, and blocks."""

import re

import pytest

from comments.models import Block, Message, ModerationAction, Person, TrainingExample
from comments.notifications import contact_messages
from core.models import Email

TEXT = "I would like to join you on the run along the river next Saturday, if I may."

pytestmark = pytest.mark.db


@pytest.fixture
def desk(as_, mona):
    return as_(mona)


@pytest.fixture
def message(discussion):
    """`message("spam")` is a message in that state."""

    def write(state="new", **facts):
        number = Message.objects.count()
        said = {"name": "Ann", "email": "ann@example.org", "text": f"{TEXT} {number}", "fingerprint": str(number)}
        return Message.objects.create(state=state, **(said | facts))

    return write


def menu_entry(client, path="/desk/comments/"):
    """The address and the text of the entry "Messages" in the desk's menu."""
    menu = client.get(path).content.decode().partition('class="desk-menu__nav"')[2].partition("</nav>")[0]
    entry = next(link for link in re.findall(r"<a href=.*?</a>", menu, re.DOTALL) if "Messages" in link)
    text = " ".join(re.sub(r"<svg.*?</svg>|<[^>]*>", "", entry, flags=re.DOTALL).split())
    return re.search(r'href="(.*?)"', entry)[1], text


def test_the_menu_counts_the_messages_that_wait(desk, message, make_comment):
    make_comment(state="pending")
    for state in ("done", "spam", "trash"):
        message(state)
    assert menu_entry(desk) == ("/desk/messages/", "Messages")
    message("pending")
    assert menu_entry(desk) == ("/desk/messages/pending/", "Messages 1 waiting")
    for _number in range(2):
        message("new")
    assert menu_entry(desk) == ("/desk/messages/", "Messages 3 waiting")
    first = desk.get("/desk/").content.decode()
    assert "2 new messages" in first and "1 message is held" in first and "1 comment is waiting" in first
    more = first.partition("<summary>More")[2].partition("</summary>")[0]
    assert "3" in more and "messages wait" in more


def test_the_line_above_the_blogs_pages_says_that_messages_wait(desk, message, post):
    bar = re.compile(r'<nav class="deskbar".*?</nav>', re.DOTALL)
    assert "message" not in bar.search(desk.get(post.path).content.decode())[0]
    message("pending")
    shown = bar.search(desk.get(post.path).content.decode())[0]
    assert "1 message waits" in shown and 'href="/desk/messages/pending/"' in shown


def test_who_may_not_moderate_sees_no_count_of_messages(as_, cora, message):
    message()
    page = as_(cora).get("/desk/").content.decode()
    assert "Messages" not in page and "messages" not in page.partition("<main")[0]


def test_comments_and_messages_are_counted_in_one_query(desk, message, make_comment, django_assert_num_queries):
    def counts():
        with django_assert_num_queries(4) as asked:
            desk.get("/desk/comments/commenters/")
        return [query["sql"] for query in asked if query["sql"].count("SELECT COUNT(*)") > 1]

    desk.get("/desk/comments/commenters/")
    assert len(counts()) == 1
    message("pending")
    message("new")
    make_comment(state="pending")
    desk.get("/desk/comments/commenters/")
    (sql,) = counts()
    assert "comments_comment" in sql and "comments_message" in sql


def test_emails_about_messages_are_turned_off_in_the_settings(as_, ada, desk, discussion, message, make_post, guest):
    page = make_post("Contact", kind="page", contact_form=True)
    note = "Messages are not emailed to you"
    assert note not in desk.get("/desk/messages/").content.decode()
    queued = {}
    for state, kind in (("new", contact_messages.KIND), ("pending", contact_messages.HELD)):
        contact_messages.notify_owners(message(state))
        queued[kind] = Email.objects.get(kind=kind)
    assert contact_messages.check_message_email(queued[contact_messages.KIND])
    assert contact_messages.check_number_email(queued[contact_messages.HELD])
    owner = as_(ada)
    form = owner.get("/desk/settings/discussion/").context["form"]
    values = {name: form[name].value() for name in form.fields if name != "mail_messages"}
    values = {name: value for name, value in values.items() if value is not None and value is not False}
    assert owner.post("/desk/settings/discussion/", values).status_code == 302
    assert not contact_messages.check_message_email(queued[contact_messages.KIND])
    assert not contact_messages.check_number_email(queued[contact_messages.HELD])
    Email.objects.all().delete()
    for number, text in enumerate([TEXT, f"{TEXT} https://one.example/ https://two.example/"]):
        said = {"comment": text, "author": "Ann", "email": f"ann{number}@example.org"}
        assert guest.post(f"/comments/{page.pk}/message/", said).status_code == 303
    assert sorted(Message.objects.values_list("state", flat=True)) == ["new", "new", "pending", "pending"]
    assert not Email.objects.exists()
    moderators = desk.get("/desk/messages/").content.decode()
    assert note in moderators and "#id_mail_messages" not in moderators
    assert "#id_mail_messages" in owner.get("/desk/messages/").content.decode()


# Decisions in the history

HISTORY = "/desk/comments/history/"


def decide(client, message, action, status="new"):
    """Press the button beside a message; returns its decision."""
    fields = {"then": "messages", "status": status, "one": f"{action} {message.pk}"}
    assert client.post("/desk/messages/decide/", fields).status_code == 302
    return ModerationAction.objects.newest_first()[0]


def undo(client, decision, then="history"):
    return client.post(f"{HISTORY}{decision.pk}/undo/", {"then": then}, follow=True).content.decode()


def state_of(message):
    message.refresh_from_db()
    return message.state


@pytest.mark.parametrize(
    ("before", "action", "after", "said"),
    [
        ("new", "spam", "spam", "Marked as spam"),
        ("new", "trash", "trash", "Moved to the trash"),
        ("new", "done", "done", "Done"),
        ("done", "reopen", "new", "Not done"),
        ("spam", "accept", "new", "Not spam"),
        ("pending", "accept", "new", "Not spam"),
        ("trash", "restore", "pending", "Restored"),
    ],
)
def test_a_decision_stands_in_the_history_and_is_undone_there(desk, message, before, action, after, said):
    one = message(before, former_state="pending" if before == "trash" else "")
    decision = decide(desk, one, action, before)
    assert state_of(one) == after
    page = desk.get(HISTORY).content.decode()
    text = " ".join(re.sub(r"<[^>]*>", "", page.partition('<ul class="action-log">')[2]).split())
    assert text.startswith(f"{said} · 1 message Mona,") and f"Ann: {TEXT}"[:60] in text
    assert "The change was undone." in undo(desk, decision)
    assert state_of(one) == before and "Undone" in desk.get(HISTORY).content.decode()
    assert "nothing was undone" in undo(desk, decision) and state_of(one) == before


def test_an_undo_leaves_what_was_decided_again_and_restores_what_the_filter_had_learned(desk, message):
    one, other = message(), message()
    decide(desk, one, "done")
    assert [example.spam for example in TrainingExample.objects.all()] == [False]
    fields = {"then": "messages", "status": "done", "all": "spam", "message": [one.pk]}
    desk.post("/desk/messages/decide/", fields)
    spam = ModerationAction.objects.newest_first()[0]
    assert [example.spam for example in TrainingExample.objects.all()] == [True]
    undo(desk, spam)
    assert [example.spam for example in TrainingExample.objects.all()] == [False]
    both = {"then": "messages", "status": "new", "all": "trash", "message": [one.pk, other.pk]}
    Message.objects.update(state="new")
    page = desk.post("/desk/messages/decide/", both, follow=True).content.decode()
    assert "Moved to the trash: 2 messages." in page
    trashed = ModerationAction.objects.newest_first()[0]
    Message.objects.filter(pk=one.pk).update(state="spam")
    undo(desk, trashed)
    assert (state_of(one), state_of(other)) == ("spam", "new")


def test_what_the_rules_reject_stands_in_the_history_and_waits_after_an_undo(desk, discussion, make_post, guest):
    discussion.disallowed_keys = "casino"
    discussion.save()
    page = make_post("Contact", kind="page", contact_form=True)
    for number, text in enumerate([TEXT, f"{TEXT} Casino!"]):
        said = {"comment": text, "author": "Ann", "email": f"ann{number}@example.org"}
        assert guest.post(f"/comments/{page.pk}/message/", said).status_code == 303
    decision = ModerationAction.objects.get()  # of the second alone
    assert "casino" in desk.get(HISTORY, {"by": "rules"}).content.decode()
    undo(desk, decision)
    assert sorted(Message.objects.values_list("state", flat=True)) == ["new", "pending"]
    assert not TrainingExample.objects.exists()


def test_that_messages_were_deleted_stands_in_the_history_without_them(as_, ada, message):
    message()
    desk = as_(ada)
    desk.post("/desk/comments/personal-data/erase/", {"email": "ann@example.org", "how": "erase"})
    page = desk.get(HISTORY).content.decode()
    assert "Erased for good" in page and "1 message" in page and TEXT not in page
    assert f"{HISTORY}{ModerationAction.objects.get().pk}/undo/" not in page


def test_the_history_asks_one_query_more_for_any_number_of_messages(
    desk, message, make_comment, mona, connection_queries
):
    make_comment(state="pending").mark_spam(mona)
    comments_alone = connection_queries(lambda: desk.get(HISTORY))
    decide(desk, message(), "done")
    assert connection_queries(lambda: desk.get(HISTORY)) == comments_alone + 1
    for _number in range(5):
        decide(desk, message(), "spam")
    assert connection_queries(lambda: desk.get(HISTORY)) == comments_alone + 1


# Blocks


def block(client, message, status="new", days="0"):
    fields = {"then": "messages", "status": status, "one": f"block {message.pk}", f"network-{message.pk}": days}
    return client.post("/desk/messages/decide/", fields, follow=True).content.decode()


def can_block(client, message, path="/desk/messages/"):
    return f'value="block {message.pk}"' in client.get(path).content.decode()


def blocks():
    return sorted(Block.objects.standing().values_list("kind", "value"))


def test_a_sender_whom_nothing_identifies_is_blocked_by_the_address(desk, message, guest, post, say):
    one, again = message(facts={"network": "n1"}), message(email="Ann@Example.org")
    other = message(email="bob@example.org", name="Bob")
    assert can_block(desk, one)
    page = block(desk, one)
    assert "Marked as spam: 1 message." in page and "The commenter is now blocked." in page
    assert blocks() == [("address", "ann@example.org")] and state_of(one) == "spam" and state_of(again) == "new"
    assert not can_block(desk, again) and can_block(desk, other)
    assert not can_block(desk, one, "/desk/messages/spam/")
    say(guest, post)
    assert post.comments.get().state == "spam"
    assert "The change was undone." in undo(desk, ModerationAction.objects.exclude(by=None).get())
    assert state_of(one) == "new" and blocks() == [] and can_block(desk, one) and can_block(desk, again)


def test_a_block_on_a_page_from_before_another_block_marks_its_message(desk, message):
    one, again = message(), message()
    block(desk, one)
    assert "Marked as spam: 1 message." in block(desk, again)
    assert state_of(again) == "spam" and blocks() == [("address", "ann@example.org")]
    undo(desk, ModerationAction.objects.newest_first()[0])
    assert state_of(again) == "new" and state_of(one) == "spam" and blocks() == [("address", "ann@example.org")]


def test_the_block_of_a_browser_or_an_account_is_theirs_and_takes_the_network_for_some_days(desk, message, rene):
    browser, account = Person.objects.of_browser("b" * 32), Person.objects.of_account(rene)
    one, two = message(person=browser, facts={"network": "n1"}), message(person=account, email="rene@example.net")
    block(desk, one, days="7")
    block(desk, two, days="forever")
    assert {who.trust for who in (Person.objects.get(pk=browser.pk), Person.objects.get(pk=account.pk))} == {"blocked"}
    assert blocks() == [
        ("address", "ann@example.org"),
        ("address", "rene@example.net"),
        ("address", "rene@example.org"),
        ("network", "n1"),
    ]
    page = desk.get(f"/desk/comments/commenters/{browser.pk}/").content.decode()
    assert "Ann" in page and "Their messages" in page and f"#message-{one.pk}" in page


def test_blocks_that_are_undone_leave_one_person_for_the_address(desk, message, make_comment):
    make_comment(person=Person.objects.of_browser("b" * 32), name="Ann", email="ann@example.org")
    before = set(Person.objects.all())
    one = message()
    for _time in range(2):
        block(desk, one)
        undo(desk, ModerationAction.objects.newest_first()[0])
    again = message(email="Ann@Example.org")  # a new message belongs to nobody
    block(desk, again)
    (who,) = set(Person.objects.all()) - before
    assert set(who.messages.all()) == {one, again} and (state_of(one), state_of(again)) == ("new", "spam")
    assert blocks() == [("address", "ann@example.org")]
    undo(desk, ModerationAction.objects.newest_first()[0])
    Message.objects.all().delete()
    block(desk, message())
    assert set(Person.objects.all()) - before == {who} and blocks() == [("address", "ann@example.org")]
    block(desk, message(email="bob@example.org"))
    assert len(set(Person.objects.all()) - before) == 2


def test_a_message_in_spam_stays_there_when_its_sender_is_blocked(desk, message):
    one = message("spam")
    assert "Trust changed" in block(desk, one, "spam") and state_of(one) == "spam"
    assert blocks() == [("address", "ann@example.org")]
    history = desk.get(HISTORY).content.decode()
    assert "Trust changed" in history and "The commenter is now blocked." in history


def test_nobody_is_blocked_from_the_trash_twice_or_by_themselves(desk, mona, message):
    trashed, own = message("trash"), message(person=Person.objects.of_account(mona))
    assert not can_block(desk, trashed, "/desk/messages/trash/") and not can_block(desk, own)
    block(desk, trashed, "trash")
    block(desk, own)
    block(desk, trashed, "new")
    assert not ModerationAction.objects.exists() and blocks() == []
    gone = message(email="eve@example.org")
    block(desk, gone)
    assert "Somebody has already decided" in block(desk, gone, "spam")
    assert ModerationAction.objects.count() == 1


def test_whom_a_message_blocked_is_listed_after_the_message_is_gone(desk, message):
    one = message()
    block(desk, one)
    blocked = "/desk/comments/commenters/?kind=blocked"
    page = desk.get(blocked).content.decode()
    assert "Ann" in page and "an email address" in page
    Message.objects.all().delete()
    page = desk.get(blocked).content.decode()
    assert "ann@example.org" in page
    who = Person.objects.get()
    assert "ann@example.org" in desk.get(f"/desk/comments/commenters/{who.pk}/").content.decode()
    desk.post(f"/desk/comments/commenters/{who.pk}/trust/", {"trust": "unknown"})
    assert blocks() == [] and "ann@example.org" not in desk.get(blocked).content.decode()


def test_names_of_messages_are_no_reason_to_trust_comments_under_them(mona, message):
    browser = Person.objects.of_browser("b" * 32)
    message(person=browser)
    browser.set_trust("friend", mona)
    assert not browser.is_accepted_as("Ann", "ann@example.org")
