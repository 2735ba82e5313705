"""Accounts, commenters, blocks and subscriptions of a source. Accounts have no password here and log in by email."""

from typing import Any

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts import roles
from accounts.models import User, free_handle
from comments.models import Block, Message, Person, StoppedAddress, Subscription
from comments.models.listed_as import recount_commenters
from comments.models.stopped_address import digest_of
from transfer.exporting import columns
from transfer.restore.files import NAME
from transfer.restore.known import Known
from transfer.restore.parts import Refused
from transfer.restore.sources import Row
from transfer.restore.values import values_of

SHOWN = ("name", "handle", "bio", "website", "picture")


def restore_people(known: Known) -> None:
    """Everybody of a whole source, the authors of a public one. The owner here takes the place of the one there."""
    rows = [checked(found) for found in known.source.rows("people")]
    if len({row["id"] for row in rows}) < len(rows):
        raise Refused(_("%s does not have what belongs there.") % "people")
    verified = {row["id"] for row, found in zip(rows, known.source.rows("people"), strict=True)
                if found.get("email_verified") is True}  # fmt: skip
    taken_over = owner_among(rows, known)
    if taken_over is not None:
        known.users[taken_over["id"]] = known.owner.pk
        for name in SHOWN:
            setattr(known.owner, name, taken_over.get(name) or getattr(known.owner, name))
        known.owner.save()
    for row in rows:
        if row is not taken_over:
            create_account(row, row["id"] in verified, known)
    known.counted["people"] = len(rows)


def checked(found: Row) -> dict[str, Any]:
    facts = values_of(User, found, columns.PERSON, "people")
    if facts.get("id") is None or not facts.get("name"):
        raise Refused(_("%s does not have what belongs there.") % "people")
    if not NAME.fullmatch(facts.get("picture", "")):
        facts["picture"] = ""
    try:
        if facts.get("handle"):
            User._meta.get_field("handle").run_validators(facts["handle"])
    except ValidationError as error:
        raise Refused(f"people: {' '.join(error.messages)}") from error
    return facts


def owner_among(rows: list[dict[str, Any]], known: Known) -> dict[str, Any] | None:
    """Whom the owner here is there: by email address, as the only owner or author, by handle or name."""
    owner = known.owner
    owners = [row for row in rows if row.get("role") == roles.OWNER and row.get("is_active")]
    for found in (
        [row for row in rows if row.get("email") and row["email"].lower() == owner.email],
        owners if len(owners) == 1 else [],
        rows if len(rows) == 1 else [],
        [row for row in rows if row.get("handle") and row["handle"] == owner.handle],
        [row for row in rows if row["name"] == owner.name],
    ):
        if found:
            return found[0]
    return None


def create_account(row: dict[str, Any], verified: bool, known: Known) -> None:
    """An account as it was, without a password. Authors of a public source may not log in until the owner lets them."""
    number = row.pop("id")
    is_public = "role" not in row
    person = User(**({"role": roles.AUTHOR, "is_active": False} if is_public else {}) | row)
    if User.objects.filter(pk=number).exists():
        person.pk = None
    else:
        person.pk = number
    if person.handle and User.objects.filter(handle=person.handle).exists():
        person.handle = free_handle(person.name)
    if person.email and User.objects.with_address(person.email).exists():
        person.email = None
    person.set_unusable_password()
    person.save(force_insert=True)
    known.users[number] = person.pk
    if verified and person.email:
        EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)


def restore_commenters(known: Known) -> None:
    rows, dates = [], {}
    for found in [] if not known.source.is_whole else known.source.rows("commenters"):
        facts = values_of(Person, found, columns.COMMENTER, "commenters", needed="id")
        facts["account_id"] = known.users.get(facts.get("account_id") or 0)
        dates[facts["id"]] = facts.pop("created_at", None)
        rows.append(Person(**facts))
    Person.objects.bulk_create(rows, batch_size=500)
    for row in rows:
        row.created_at = dates[row.pk] or row.created_at
    Person.objects.bulk_update(rows, ["created_at"], batch_size=500)
    # Their comments recount the others.
    recount_commenters(row.pk for row in rows if row.trust == Person.Trust.BLOCKED)
    known.commenters = {row.pk for row in rows}
    blocks = [values_of(Block, found, columns.BLOCK, "blocks") for found in whole_rows(known, "blocks")]
    Block.objects.bulk_create(Block(**facts) for facts in blocks if facts.get("person_id") in known.commenters)


def restore_subscriptions(known: Known) -> None:
    """Subscriptions of a whole source, confirmed as they were. One whose post or comment did not come is left out."""
    rows = []
    for found in whole_rows(known, "subscriptions"):
        facts = values_of(Subscription, found, columns.SUBSCRIPTION, "subscriptions")
        if facts.get("person_id") not in known.commenters:
            facts["person_id"] = None
        targets = ((facts.get("post_id"), known.posts), (facts.get("comment_id"), known.comments))
        if all(number is None or number in there for number, there in targets):
            rows.append(Subscription(**facts))
    Subscription.objects.bulk_create(rows, batch_size=500)
    known.counted["subscriptions"] = len(rows)
    stopped = [
        values_of(StoppedAddress, found, columns.STOPPED, "stopped_addresses")
        for found in whole_rows(known, "stopped_addresses")
    ]
    StoppedAddress.objects.bulk_create(
        [StoppedAddress(digest=digest_of(facts["address"]), **facts) for facts in stopped if facts.get("address")],
        batch_size=200,
    )


def restore_messages(known: Known) -> None:
    """Messages of a whole source; a page or a person that did not come is left out."""
    rows = []
    for found in whole_rows(known, "messages"):
        facts = values_of(Message, found, columns.MESSAGE, "messages")
        facts["post_id"] = facts["post_id"] if facts.get("post_id") in known.posts else None
        facts["person_id"] = facts["person_id"] if facts.get("person_id") in known.commenters else None
        message = Message(**facts)
        message.fingerprint = message.sign()
        rows.append(message)
    Message.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)


def whole_rows(known: Known, name: str) -> list[Row]:
    return known.source.rows(name) if known.source.is_whole else []
