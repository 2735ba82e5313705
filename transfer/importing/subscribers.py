"""Addresses of a list become subscribers to new posts only where the file proves a confirmed subscription.

What the file calls unsubscribed, bounced or a complaint becomes a stopped address. An address that stopped here stays
stopped. Nobody is written to: also not to ask. Receipts name an address by its first letter and its host.
"""

from datetime import UTC, datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.translation import gettext as _

from comments.models import Person, StoppedAddress, Subscription
from comments.models.stopped_address import digest_of
from core import dates
from core.email_addresses import encode_idna, is_deliverable, normalize_email
from transfer.importing.session import Session
from transfer.models import ImportRef
from transfer.models.import_run import Result
from transfer.records import STOPPED, Consent, Subscriber

KIND = "subscribers"
LONGEST = 254  # characters of an address


def store_subscribers(records: list[Subscriber], session: Session, seen: set[str]) -> None:
    """Store these addresses, with a line for each. `seen` has the normalized addresses of the file so far.

    Call it in a transaction; it adds to `seen`.
    """
    List(records, session, seen).store()


def shown_address(address: str) -> str:
    """ "a…@example.org": enough to find it in the file, not enough to write to it."""
    name, at, host = address.rpartition("@")
    return f"{name[:1]}…{at}{host}"


def valid_address(address: str) -> str:
    """The normalized address, "" for what is none."""
    try:
        validate_email(encode_idna(address))
    except ValidationError:
        return ""
    found = normalize_email(address)
    return found if len(found) <= LONGEST else ""


def aware(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment else None


class List:
    def __init__(self, records: list[Subscriber], session: Session, seen: set[str]) -> None:
        self.records, self.session, self.seen = records, session, seen
        self.addresses = [valid_address(record.address) for record in records]
        wanted = {address for address in self.addresses if address}
        self.there = {row.address: row for row in Subscription.objects.to_posts().filter(address__in=wanted)}
        self.stops = StoppedAddress.objects.by_address(wanted)
        self.digests = {address: digest_of(address) for address in wanted}
        self.refs = session.known(KIND, self.digests.values())
        self.new: dict[str, Subscriber] = {}
        self.stopping: dict[str, Subscriber] = {}

    def store(self) -> None:
        for record, address in zip(self.records, self.addresses, strict=True):
            result, reason = self.judge(record, address)
            title = shown_address(address) if address else record.address[:100]
            self.session.add_line(KIND, record, result, reason, title=title)
        if not self.session.dry:
            self.stop()
            self.subscribe()

    def judge(self, record: Subscriber, address: str) -> tuple[str, str]:
        """(result, reason) of a row; what is to be stored is noted."""
        if not address:
            return Result.FAILED, _("This is no email address.")
        if record.consent not in STOPPED and address in self.session.plan.stopped:
            return Result.MERGED, _("Another line of the file says that it has stopped.")
        if address in self.seen:
            return Result.MERGED, _("The file has it twice.")
        self.seen.add(address)
        if record.consent in STOPPED:
            return self.judge_stopped(record, address)
        if stop := self.stops.get(address):
            reason = _("It has stopped here (%(why)s, %(on)s) and stays so.")
            on = dates.short_day(stop.stopped_at)
            return Result.SKIPPED, reason % {"why": stop.get_why_display(), "on": on}
        if record.consent != Consent.ACTIVE:
            unconfirmed = _("It was never confirmed: it can subscribe here itself.")
            return Result.SKIPPED, record.reason or unconfirmed
        if not is_deliverable(address):
            return Result.SKIPPED, _("Nobody reads emails at this address.")
        row = self.there.get(address)
        if row is not None and row.confirmed_at:
            return self.unchanged(address, _("It was subscribed here before."))
        self.new[address] = record
        return Result.BROUGHT, record.proof

    def judge_stopped(self, record: Subscriber, address: str) -> tuple[str, str]:
        if address in self.stops:
            return self.unchanged(address, _("It had stopped here before."))
        row, stopped = self.there.get(address), aware(record.stopped)
        if row is not None and row.confirmed_at and not row.consent and stopped and stopped < row.confirmed_at:
            on = dates.short_day(row.confirmed_at)
            return Result.SKIPPED, _("It confirmed a subscription here after that, on %s.") % on
        self.stopping[address] = record
        why = dict(StoppedAddress.Why.choices)[StoppedAddress.Why(record.consent)]
        if row is not None and row.confirmed_at:
            return Result.UPDATED, _("%s: its subscription to new posts has ended.") % why
        return Result.BROUGHT, _("%s: it is never written to.") % why

    def unchanged(self, address: str, reason: str) -> tuple[str, str]:
        """The result for what is here already: by an earlier import of this list, or by itself."""
        return (Result.UNCHANGED, "") if self.digests[address] in self.refs else (Result.MERGED, reason)

    def stop(self) -> None:
        Subscription.objects.to_posts().filter(address__in=self.stopping).delete()
        for consent in STOPPED:
            addresses = [address for address, record in self.stopping.items() if record.consent == consent]
            StoppedAddress.objects.stop(addresses, consent)
        rows = StoppedAddress.objects.by_address(self.stopping)
        for address, row in rows.items():
            stopped = aware(self.stopping[address].stopped)
            row.stopped_at = min(stopped or row.stopped_at, row.stopped_at)
            self.remember(address, "stop", row.pk)
        StoppedAddress.objects.bulk_update(rows.values(), ["stopped_at"], batch_size=200)

    def subscribe(self) -> None:
        now, addresses = timezone.now(), list(self.new)
        Person.objects.bulk_create([Person(address=each) for each in addresses], ignore_conflicts=True, batch_size=200)
        people = dict(Person.objects.filter(address__in=addresses).values_list("address", "pk"))
        Subscription.objects.to_posts().waiting().filter(address__in=addresses).delete()
        rows = [self.row(address, people[address], now) for address in addresses]
        Subscription.objects.bulk_create(rows, ignore_conflicts=True, batch_size=200)
        stored = Subscription.objects.to_posts().filter(address__in=addresses).exclude(consent="")
        for address, pk in stored.values_list("address", "pk"):
            self.remember(address, "subscription", pk)

    def row(self, address: str, person: int, now: datetime) -> Subscription:
        record = self.new[address]
        how = Subscription.How.DAILY if record.how == "daily" else Subscription.How.NOW
        return Subscription(
            address=address,
            person_id=person,
            what=Subscription.What.POSTS,
            how=how,
            created_at=now,
            confirmed_at=min(aware(record.since) or now, now),
            consent=record.proof[:200] or record.file[:200],
            digest_from=now,
            digest_until=now,
        )

    def remember(self, address: str, model: str, pk: int) -> None:
        self.session.refs.append(
            ImportRef(
                run=self.session.run,
                origin=self.session.origin,
                kind=KIND,
                foreign_id=self.digests[address],
                model=model,
                thing=pk,
                digest="",
            )
        )
