import pytest
from django.db import IntegrityError, transaction

from core.email_addresses import normalize_email

pytestmark = pytest.mark.db


def test_many_people_may_have_no_address(people):
    people.create_user(name="One")
    two = people.create_user("", name="Two")
    two.refresh_from_db()
    assert two.email is None


def test_capital_letters_make_no_other_address(people):
    people.create_user("Rene@Example.ORG", name="Rene")
    with pytest.raises(IntegrityError), transaction.atomic():
        people.create_user("rene@example.org", name="Somebody else")
    assert people.with_address(" RENE@example.org ").get().name == "Rene"


@pytest.mark.parametrize(
    "look_alike",
    [
        "o\u212asana@example.org",  # the Kelvin sign, which lower-cases and composes to k
        "\u043eksana@example.org",  # a Cyrillic o
        "oksana@\u0435xample.org",
        "\uff4fksana@example.org",  # full width
        "oksan\u00e1@example.org",
    ],
)
def test_a_look_alike_is_another_address(people, look_alike):
    people.create_user("oksana@example.org", name="Oksana")
    assert normalize_email(look_alike) != "oksana@example.org"
    assert not people.with_address(look_alike).exists()


def test_an_accent_may_be_written_in_two_ways():
    assert normalize_email("jose\u0301@example.org") == normalize_email("JOSÉ@example.org")


def test_no_address_is_nobodys(people):
    people.create_user(name="One")
    assert not people.with_address("").exists()
    assert not people.with_address(None).exists()


def test_the_machines_name_is_random_and_never_shown(people):
    rene = people.create_user(name="Rene")
    assert len(rene.username) == 24
    assert rene.username != people.create_user(name="Rene").username
    assert str(rene) == "Rene"


def test_only_a_handle_gives_somebody_a_page(people, owner):
    assert people.create_user(name="Rene", handle="").get_absolute_url() is None
    assert people.create_user(name="Mallory", handle="").handle is None
    assert owner.get_absolute_url() == "/author/ada/"


def test_a_newcomer_is_a_reader_without_a_password(people):
    rene = people.create_user("rene@example.org", name="Rene")
    assert rene.role == "reader"
    assert not rene.has_usable_password()


def test_saving_one_field_saves_that_field_alone(people, owner):
    stale = people.get(pk=owner.pk)
    owner.name = "Ada L."
    owner.save(update_fields=["name"])
    stale.bio = "Writes."
    stale.save(update_fields=["bio"])
    owner.refresh_from_db()
    assert (owner.name, owner.bio) == ("Ada L.", "Writes.")
