"""What happened to a blog comes with it: decisions, reports, page views, former CSS, what the spam filter learned."""

import json
from datetime import UTC, date, datetime
from hashlib import sha256

import pytest
from django.core.management import CommandError, call_command

from blog.models import CssRevision, Post, ReadingSettings, Referrer, Visit
from comments.models import (
    Block,
    Comment,
    DiscussionSettings,
    Message,
    ModerationAction,
    Person,
    Report,
    SpamIndicator,
    TrainingExample,
    undo,
)
from comments.spam import training
from tests.transfer.restoring import emptied, restored
from transfer.restore import decisions

pytestmark = [pytest.mark.db, pytest.mark.django_db]
NETWORK = sha256(b"a network").hexdigest()[:32]


@pytest.fixture
def post(ada, settings, tmp_path):
    settings.LONGRUN_DATA, settings.MEDIA_ROOT = tmp_path / "data", tmp_path / "data" / "media"
    ReadingSettings.objects.first() or ReadingSettings.objects.create()
    post = Post(author=ada, title="One", source="A mile")
    post.publish(announced=True)
    return post


@pytest.fixture
def say(post):
    def say(text, **facts):
        return Comment.objects.create(post=post, text=text, **{"state": "pending", "name": "Rene"} | facts)

    return say


@pytest.fixture(params=["json", "mirror"])
def moved(request, settings, tmp_path, capsys):
    """A function that brings the blog into an empty one, after `change` of the JSON document; returns its text."""

    def move(change=None):
        file = tmp_path / "blog.json"
        call_command("export_json", file)
        if change:
            whole = json.loads(file.read_text())
            change(whole)
            file.write_text(json.dumps(whole))
        call_command("mirror", "on", "--private")
        mirror = settings.LONGRUN_DATA / "mirror"
        emptied(settings, tmp_path)
        restored(file if request.param == "json" or change else mirror)
        return file.read_text() + "".join(path.read_text() for path in mirror.rglob("*") if path.is_file())

    return move


def rows(model, *names):
    return list(model._default_manager.order_by("pk").values_list(*names))


def test_former_versions_of_the_css_come_back_and_a_draft_does_not(post, ada, moved):
    reading = ReadingSettings.objects.get()
    CssRevision.put_into_use("h1 { color: red }", ada, reading)
    CssRevision.objects.update(created_at=datetime(2025, 5, 1, tzinfo=UTC))
    CssRevision.put_into_use("h1 { color: blue }", ada, reading)
    CssRevision.try_out("h1 { color: green }", ada)
    kept = "pk", "css", "by", "created_at"
    before = list(CssRevision.objects.used().values_list(*kept))
    text = moved()
    assert rows(CssRevision, *kept) == before[::-1] and "green" not in text
    assert CssRevision.former(ReadingSettings.objects.get().own_css) == "h1 { color: red }"


def test_former_css_that_is_refused_today_is_left_out(post, ada, moved):
    CssRevision.put_into_use("h1 { color: red }", ada, ReadingSettings.objects.get())

    def change(whole):
        whole["css_revisions"].append(whole["css_revisions"][0] | {"id": 99, "css": "@import url(//evil.example);"})

    moved(change)
    assert rows(CssRevision, "css") == [("h1 { color: red }",)]


def test_decisions_about_messages_come_back_and_can_be_undone(post, ada, moved):
    message = Message.objects.create(text="Hello", name="Ann", email="ann@example.org", fingerprint="1")
    message_itself = Message.objects.filter(pk=message.pk)
    message_itself.decide("done", by=ada)
    message_itself.decide("spam", by=ada)
    before = rows(ModerationAction, "pk", "what", "side_effects")
    moved()
    assert rows(ModerationAction, "pk", "what", "side_effects") == before
    ModerationAction.objects.newest_first()[0].undo()
    assert rows(Message, "pk", "state") == [(message.pk, "done")]


def test_a_block_at_a_message_comes_back_and_can_be_undone(post, ada, moved):
    message = Message.objects.create(text="Hello", name="Ann", email="ann@example.org", fingerprint="1")
    message.block_sender(ada)
    moved()
    assert rows(Message, "state", "person__trust") == [("spam", "blocked")]
    assert Person.objects.listed("blocked").count() == 1
    assert list(Block.objects.standing().values_list("value", flat=True)) == ["ann@example.org"]
    ModerationAction.objects.get().undo()
    assert rows(Message, "state", "person__trust") == [("new", "unknown")] and not Block.objects.standing().exists()


def test_decisions_come_back_and_can_be_undone(post, say, ada, moved):
    first, second, third = say("First"), say("Second"), say("Third", state="approved")
    first.approve(ada)
    Comment.objects.filter(pk=second.pk).mark_spam(ada)
    undone = third.trash(ada)
    undone.undo()
    second.revise(ada, text="Second, edited")
    rene = Person.objects.of_address("rene@example.org")
    rene.set_trust("blocked", ada)
    names = "pk", "by", "maker", "what", "reasons", "items", "side_effects", "created_at", "undone_at"
    before = rows(ModerationAction, *names)
    assert len(before) == 5
    moved()
    assert rows(ModerationAction, *names) == before
    assert ModerationAction.objects.get(what="approve").undo() == 1
    assert Comment.objects.get(pk=first.pk).state == "pending"
    assert ModerationAction.objects.get(what="edit").undo() == 1
    assert Comment.objects.get(pk=second.pk).text == "Second"
    assert ModerationAction.objects.get(what="trust").undo() == 1
    assert Person.objects.get(pk=rene.pk).trust == "unknown"
    assert ModerationAction.objects.create(what="keep").pk > max(row[0] for row in before)


def test_blocked_addresses_and_words_come_back_and_networks_stay(post, say, ada, moved):
    mallory = Person.objects.of_address("mallory@example.org")
    facts = {"network": NETWORK}
    say("Watches", name="Mallory", email="mallory@example.org", person=mallory, facts=facts)
    mallory.set_trust("blocked", ada, network_days=3)
    assert Block.objects.filter(kind="network", value=NETWORK).exists()
    DiscussionSettings.add_key("disallowed_keys", "watches.example")
    DiscussionSettings.add_key("moderation_keys", "shoes.example")
    addresses = list(Block.objects.filter(kind="address").values_list("person", "value", "until"))
    assert addresses
    text = moved()
    assert list(Block.objects.values_list("person", "value", "until")) == addresses
    assert [block.value for block in Block.objects.on("mallory@example.org", NETWORK)] == ["mallory@example.org"]
    assert DiscussionSettings.objects.get().disallowed_keys == "watches.example"
    assert DiscussionSettings.objects.get().moderation_keys == "shoes.example"
    assert NETWORK not in text


def test_reports_come_back_without_the_networks_of_their_readers(post, say, ada, moved):
    reported, dismissed = say("Rude", state="approved"), say("Fine", state="approved")
    for network in (NETWORK, "b" * 32):
        Report.objects.create(comment=reported, network=network)
    Report.objects.create(comment=dismissed, network=NETWORK)
    Comment.objects.filter(pk=dismissed.pk).keep(ada)
    names = "pk", "comment", "created_at", "resolved_at"
    before = rows(Report, *names)
    text = moved()
    assert rows(Report, *names) == before and Report.objects.open().count() == 2
    assert NETWORK not in text and "b" * 32 not in text
    assert ModerationAction.objects.get(what="keep").undo() == 1
    assert Report.objects.open().count() == 3


def test_page_views_come_back_by_day_and_post(post, moved):
    days = date(2025, 11, 30), date(2025, 12, 1)
    Visit.objects.add({(post.pk, day): 7 + number for number, day in enumerate(days)})
    Referrer.objects.add({("news.example.com", days[0]): 3})
    before = rows(Visit, "post", "day", "count"), rows(Referrer, "host", "day", "count")
    moved()
    assert (rows(Visit, "post", "day", "count"), rows(Referrer, "host", "day", "count")) == before
    Visit.objects.add({(post.pk, days[1]): 1})
    assert Visit.objects.get(day=days[1]).count == 9


def test_the_spam_filter_learns_again_from_the_decisions_that_came(post, say, ada, moved):
    spam = [say(f"Cheap watches number {number} https://watches.example/{number}") for number in range(3)]
    honest = [say(f"I ran the mile number {number} by the river") for number in range(3)]
    Comment.objects.filter(pk__in=[each.pk for each in spam]).mark_spam(ada)
    Comment.objects.filter(pk__in=[each.pk for each in honest]).approve(ada)
    say("Nobody has decided this", state="approved")
    learned = ["key", "spam", "features"], ["key", "spam", "honest"]

    def knows():
        examples = sorted((key, spam, bytes(found)) for key, spam, found in rows(TrainingExample, *learned[0]))
        return examples, sorted(rows(SpamIndicator, *learned[1]))

    before = knows()
    assert len(before[0]) == 6 and before[1]
    text = moved()
    assert knows() == before
    assert not any(key in text for key, *_rest in before[0])
    assert training.rebuild() == 6


def test_what_is_new_gets_no_number_of_what_was_erased(post, say, ada, moved):
    kept, rude = say("Kept", reasons=[{"why": r"It has the letters \u0000."}]), say("Rude")
    rude.approve(ada)
    rude.revise(ada, text="Rude, edited")
    message = Message.objects.create(text="Hello", name="Ann", email="ann@example.org", fingerprint="1")
    Message.objects.filter(pk=message.pk).decide("done", by=ada)
    numbers = rude.pk, message.pk
    Comment.objects.filter(pk=rude.pk).erase()
    Message.objects.all().delete()
    moved()
    new = Comment.objects.create(post=Post.objects.get(), text="Kind", name="Zoe", state="approved")
    sent = Message.objects.create(text="Kind", name="Zoe", email="zoe@example.org", fingerprint="2", state="done")
    assert new.pk > numbers[0] and sent.pk > numbers[1]
    assert [decision.undo() for decision in ModerationAction.objects.all()] == [0, 0, 0]
    assert rows(Comment, "text", "state") == [(kept.text, "pending"), ("Kind", "approved")]
    assert rows(Message, "text", "state") == [("Kind", "done")]


def decision(**facts):
    return lambda whole: whole["moderation_actions"][0].update(facts)


@pytest.mark.parametrize("moved", ["json"], indirect=True)
@pytest.mark.parametrize(
    "change",
    [
        decision(items=[[1, "approved", "", "<script>"]]),
        decision(items=[["1", "pending", "", "approved"]]),
        decision(items=[[1, "pending"]]),
        decision(side_effects={"lines": [["own_css", "x"]]}),
        decision(side_effects={"trust": [[1, "unknown", "owner"]]}),
        decision(side_effects={"later": [[1, None, "tomorrow"]]}),
        decision(side_effects={"moves": [[1, 1]]}),
        decision(side_effects={"messages": [[1, "new", "", "approved", None]]}),
        decision(side_effects={"messages": [[1, "new", [], "spam", "yesterday"]]}),
        decision(side_effects={"sql": []}),
        decision(side_effects={"texts": {}}),
        decision(side_effects={"count": "many"}),
        decision(side_effects=[]),
        decision(side_effects={"later": [[1, None, "0001-01-01T00:00:00+14:00"]]}),
        decision(side_effects={"lines": [["disallowed_keys", "half a letter: \ud800"]]}),
        decision(side_effects={"lines": [["disallowed_keys", "\x00"]]}),
        decision(items=[[2**63 - 1, "pending", "", "approved"]]),
        decision(reasons=["spam"]),
        decision(reasons=[{"why": []}]),
        decision(reasons=[{"why": "half a letter: \ud800"}]),
        decision(id=2**63 - 1),
        decision(created_at="0001-01-01T00:00:00+14:00"),
        decision(what="delete everything"),
        lambda whole: whole["commenters"].append({"id": 9, "decided_as": ["zoe@example.org"]}),
        lambda whole: whole["css_revisions"].append({"id": 9}),
        lambda whole: whole["css_revisions"].append({"css": "h1 {}"}),
        lambda whole: whole["reports"].append({"id": 0, "comment_id": 1}),
        lambda whole: whole["visits"].append({"post_id": whole["posts"][0]["id"], "day": "2025-02-30", "count": 1}),
        lambda whole: whole["visits"].append({"post_id": whole["posts"][0]["id"], "day": "2025-02-03", "count": -1}),
        lambda whole: whole["visits"].extend([{"post_id": whole["posts"][0]["id"], "day": "2025-02-03"}] * 2),
        lambda whole: whole["referrers"].append({"host": "x" * 254, "day": "2025-02-03", "count": 1}),
    ],
)
def test_values_that_no_blog_has_are_refused(post, say, ada, moved, change):
    say("First").approve(ada)
    with pytest.raises(CommandError, match="Nothing was restored"):
        moved(change)
    assert not Post.objects.exists() and not ModerationAction.objects.exists()


@pytest.mark.parametrize("moved", ["json"], indirect=True)
def test_a_move_to_a_post_that_did_not_come_cannot_be_undone(post, say, ada, moved):
    comment = say("First")
    other = Post(author=ada, title="Two", source="Two miles")
    other.publish(announced=True)
    comment.move_to(other, None, ada)

    def change(whole):
        whole["posts"] = [each for each in whole["posts"] if each["id"] != post.pk]

    moved(change)
    assert ModerationAction.objects.get().side_effects["moves"] == []
    assert ModerationAction.objects.get().undo() == 0


@pytest.mark.parametrize("moved", ["json"], indirect=True)
def test_an_export_of_an_earlier_version_has_none_of_them(post, say, ada, moved):
    say("First").approve(ada)

    def change(whole):
        for name in ("css_revisions", "moderation_actions", "reports", "visits", "referrers"):
            del whole[name]

    moved(change)
    assert Comment.objects.get().text == "First" and not ModerationAction.objects.exists()


def test_whatever_an_undo_applies_is_checked():
    """A kind that is missing there would be refused, and with it every export of a blog that has one."""
    assert {*undo.HANDLERS, "texts"} <= set(decisions.ROWS)
