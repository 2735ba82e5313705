"""Members in the exports of Ghost, which only a full backup has, and the subscribers of Ghost 1 to 2.

A member confirms the address by the link of an email; whom the owner imported or added never did, unless they chose a
newsletter themselves. Sources: Ghost's tables `members`, `members_newsletters`, `members_subscribe_events`,
`members_created_events`, `suppressions` and `subscribers`.
"""

from collections.abc import Iterator
from typing import Any

from transfer.date_values import in_utc
from transfer.records import Consent, Subscriber

Row = dict[str, Any]
ADDED = ("import", "admin", "api", "system")  # sources of members who did not sign up themselves
TRUE, FALSE = ("1", "true"), ("0", "false")


def text(row: Row, key: str) -> str:
    value = row.get(key)
    return "" if value is None or isinstance(value, dict | list) else str(value).strip()


def flag(row: Row, key: str) -> str:
    return text(row, key).lower()


def subscribers_of(tables: dict[str, list[Row]]) -> Iterator[Subscriber]:
    """A Subscriber for each row of the tables `members` and `subscribers`."""
    facts = Members(tables)
    for row in tables.get("members", []):
        yield facts.subscriber(row)
    for row in tables.get("subscribers", []):
        yield early_subscriber(row)


def early_subscriber(row: Row) -> Subscriber:
    """Of Ghost 1 to 2, whose states are subscribed, pending and unsubscribed."""
    found, word = Subscriber(address=text(row, "email"), since=in_utc(row.get("created_at"))), flag(row, "status")
    if word == "unsubscribed" or text(row, "unsubscribed_at"):
        found.consent, found.stopped = Consent.UNSUBSCRIBED, in_utc(row.get("unsubscribed_at"))
    elif word == "subscribed":
        found.consent, found.proof = Consent.ACTIVE, f"Ghost, subscribed, created_at {text(row, 'created_at')}"
    else:
        found.consent = Consent.UNCONFIRMED if word == "pending" else Consent.UNKNOWN
    return found


class Members:
    def __init__(self, tables: dict[str, list[Row]]) -> None:
        self.has_newsletters = "members_newsletters" in tables
        letters = {text(row, "id"): row for row in tables.get("newsletters", [])}
        self.newsletters: dict[str, list[str]] = {}
        for row in tables.get("members_newsletters", []):
            letter = letters.get(text(row, "newsletter_id"))
            if letter is None or flag(letter, "status") != "archived":
                self.newsletters.setdefault(text(row, "member_id"), []).append(text(row, "newsletter_id"))
        self.events: dict[str, list[Row]] = {}
        for row in sorted(tables.get("members_subscribe_events", []), key=lambda row: text(row, "created_at")):
            self.events.setdefault(text(row, "member_id"), []).append(row)
        self.created = {text(row, "member_id"): flag(row, "source") for row in tables.get("members_created_events", [])}
        self.suppressed = {text(row, "email").lower(): flag(row, "reason") for row in tables.get("suppressions", [])}
        self.complaints = {text(row, "member_id") for row in tables.get("email_spam_complaint_events", [])}

    def subscriber(self, row: Row) -> Subscriber:
        number, created = text(row, "id"), text(row, "created_at")
        found = Subscriber(address=text(row, "email"), since=in_utc(created))
        reason = self.suppressed.get(found.address.lower())
        events = self.events.get(number, [])
        if number in self.complaints or reason == "spam":
            found.consent = Consent.COMPLAINED
        elif reason is not None or flag(row, "email_disabled") in TRUE:
            found.consent = Consent.BOUNCED
        elif self.wants_letters(row, number):
            self.judge(found, number, events, created)
        elif self.has_newsletters or flag(row, "subscribed") in FALSE:
            ended = [event for event in events if flag(event, "subscribed") in FALSE]
            found.consent = Consent.UNSUBSCRIBED
            found.stopped = in_utc(ended[-1].get("created_at")) if ended else None
        else:
            found.reason = "The file does not say whether this member gets emails."
        return found

    def wants_letters(self, row: Row, number: str) -> bool:
        """Whether the member has a newsletter that is still sent; of Ghost 3 and 4, the flag of their own row."""
        if self.has_newsletters:
            return bool(self.newsletters.get(number))
        return flag(row, "subscribed") in TRUE

    def judge(self, found: Subscriber, number: str, events: list[Row], created: str) -> None:
        """A member with a newsletter: subscribed where they signed up, or chose it, themselves."""
        own = [event for event in events if flag(event, "source") == "member" and flag(event, "subscribed") in TRUE]
        if self.created.get(number, "member") in ADDED and not own:
            found.reason = "The owner added this member: the file does not prove that they asked for emails."
            return
        when = text(own[0], "created_at") if own else created
        found.consent, found.since = Consent.ACTIVE, in_utc(when)
        found.proof = f"Ghost, member with a newsletter, {'subscribed' if own else 'created'} {when}"[:200]
