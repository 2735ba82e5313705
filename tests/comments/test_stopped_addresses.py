"""Whoever ends a subscription is remembered: only their own click brings the emails back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from comments.models import Person, StoppedAddress, Subscription
from comments.notifications import subscriptions
from core.models import Email
from tests.comments.readers import link_in, sent_to

pytestmark = [pytest.mark.db, pytest.mark.django_db]
ANN = "ann@example.org"


def stopped():
    return dict(StoppedAddress.objects.values_list("address", "why"))


def test_the_end_of_new_posts_is_remembered(guest, reader, post):
    reader(ANN, post)
    guest.post(reader(ANN).stop_path)
    assert Subscription.objects.get().post == post and stopped() == {ANN: "unsubscribed"}


def test_the_end_of_one_conversation_is_not_the_end_of_all(guest, reader, post):
    reader(ANN)
    guest.post(reader(ANN, post).stop_path)
    assert Subscription.objects.get().what == "posts" and stopped() == {}


def test_the_end_of_the_last_conversation_is(guest, reader, post):
    guest.post(reader(ANN, post).stop_path)
    assert stopped() == {ANN: "unsubscribed"}


def test_all_ended_at_once_are_remembered_once(guest, reader, post):
    reader(ANN, post)
    subscriptions.end(Subscription.objects.filter(pk__in=[reader(ANN).pk, Subscription.objects.first().pk]))
    subscriptions.end(Subscription.objects.all())
    assert stopped() == {ANN: "unsubscribed"}


def test_a_stranger_who_types_a_stopped_address_asks_it_first(guest, reader, post, discussion, leaves):
    discussion.posts_by_mail = "full"
    discussion.save()
    reader(ANN, post)
    guest.post(reader(ANN).stop_path)
    guest.post("/comments/subscribe/", {"email": "Ann@example.org"})
    assert not Subscription.objects.confirmed().to_posts().exists()
    email = sent_to(ANN, "confirm subscription")[0]
    page = link_in(email, "confirm")
    wanted = list(Subscription.objects.waiting().values_list("pk", flat=True))
    guest.post(page, {"do": "yes", "wanted": wanted})
    assert Subscription.objects.confirmed().to_posts().exists() and stopped() == {}


def test_an_imported_consent_lets_no_stranger_add_to_it(guest, reader, post, discussion, leaves):
    discussion.posts_by_mail = "full"
    discussion.save()
    reader(ANN, consent="Mailchimp: confirmed 2020-01-01")
    guest.post("/comments/subscribe/", {"email": ANN})
    assert Email.objects.get().kind == "confirm subscription"


def test_a_deleted_address_stays_stopped_without_its_name(reader):
    reader(ANN)
    subscriptions.forget(ANN)
    row = StoppedAddress.objects.of("Ann@EXAMPLE.org").get()
    assert row.address is None and not Person.objects.filter(address=ANN).exists()
    assert StoppedAddress.objects.by_address([ANN, "bob@example.org"]) == {ANN: row}


def test_who_was_removed_at_the_desk_is_remembered_so(reader, ada, as_):
    reader(ANN)
    as_(ada).post("/desk/subscribers/remove/", {"address": ANN})
    assert StoppedAddress.objects.of(ANN).get().why == "removed"


def test_the_first_reason_and_date_stay():
    StoppedAddress.objects.stop([ANN, ANN, ""], "bounced")
    StoppedAddress.objects.update(stopped_at=timezone.now() - timedelta(days=9))
    StoppedAddress.objects.stop([ANN], "unsubscribed")
    assert StoppedAddress.objects.get().why == "bounced"
    assert StoppedAddress.objects.get().stopped_at < timezone.now() - timedelta(days=8)


def test_personal_data_say_that_an_address_has_stopped():
    StoppedAddress.objects.stop([ANN], "complained")
    assert subscriptions.exported(ANN)[0]["why"] == "complained"
