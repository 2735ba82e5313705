"""What the lists of newsletter services say about each address, by the columns that they document.

A row is active only where it proves a confirmed subscription that stands today. What a service calls unsubscribed,
cleaned, bounced, undeliverable or a complaint is stopped. Everything else is unknown, and nobody is written to.
Names, notes, tags, places and IP addresses are not read.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from transfer.date_values import in_utc
from transfer.records import Consent, Subscriber

Row = Mapping[str, str]  # {column, folded by `folded`: cell}
YES = {"1", "true", "yes", "t", "y", "on"}
NO = {"0", "false", "no", "f", "n", "off"}
# The column of the address, as the services and their translations call it, folded.
ADDRESSES = ("emailaddress", "email", "address", "emailadresse", "adresseemail", "adressemail", "correoelectronico",
             "direcciondecorreoelectronico", "indirizzoemail")  # fmt: skip
UNPROVEN = "The list does not prove that it was confirmed: it can subscribe here itself."


def folded(column: str) -> str:
    """A column's name without case, accents of the common languages, blanks and marks: "Email Address", "E-Mail"."""
    plain = column.casefold().translate(str.maketrans("áàâéèêíóöúüñç", "aaaeeeioouunc"))
    return re.sub(r"[\W_]+", "", plain)


def address_column(columns: list[str]) -> str:
    """The column of the address; "" for a table that is no list, as those of a post's readers in a Substack export."""
    return next((name for name in ADDRESSES if name in columns and "postid" not in columns), "")


@dataclass(frozen=True)
class Service:
    """`signs`: folded columns that this service alone has, with blanks between; one of the sets is enough. `read`
    completes a Subscriber whose address is set; its last argument is the name of the file in lower case."""

    name: str
    signs: tuple[str, ...]
    read: Callable[[Subscriber, Row, str], None]

    def fits(self, columns: list[str]) -> bool:
        return any(set(sign.split()) <= set(columns) for sign in self.signs)


def stop(found: Subscriber, consent: Consent, when: str = "") -> None:
    found.consent, found.stopped = consent, in_utc(when) if when else None


def prove(found: Subscriber, service: str, column: str, value: str, since: str) -> None:
    found.consent, found.proof, found.since = (
        Consent.ACTIVE,
        f"{service}, {column} {value}".strip()[:200],
        in_utc(since),
    )


def substack(found: Subscriber, row: Row, file: str) -> None:
    """The list of Settings → Exports. Addresses that unsubscribed have `email_disabled`, or are not in it."""
    disabled, created = row.get("emaildisabled", "").lower(), row.get("createdat", "")
    if disabled in YES:
        stop(found, Consent.UNSUBSCRIBED)
    elif disabled in NO and created:
        prove(found, "Substack", "email_disabled false, created_at", created, created)
    elif "emaildisabled" not in row:
        found.reason = "This list does not say whether emails are switched off: use that of Settings, Exports."
    else:
        found.reason = UNPROVEN


def mailchimp(found: Subscriber, row: Row, file: str) -> None:
    """The four lists of an audience's export, whose state their names tell, or that of the column Status.

    Contacts that were added by the owner have no OPTIN_TIME and may never have confirmed; in the list of the subscribed
    CONFIRM_TIME says when they did, or when Mailchimp took it for granted.
    """
    group = row.get("status", "").casefold() or mailchimp_group(file)
    confirmed, why = row.get("confirmtime", ""), row.get("unsubreason", "").casefold()
    if row.get("cleantime") or group in ("cleaned", "bounced"):
        stop(found, Consent.BOUNCED, row.get("cleantime", ""))
    elif row.get("unsubtime") or group == "unsubscribed":
        is_complaint = "abuse" in why or "spam" in why
        stop(found, Consent.COMPLAINED if is_complaint else Consent.UNSUBSCRIBED, row.get("unsubtime", ""))
    elif group == "subscribed" and confirmed:
        prove(found, "Mailchimp", "subscribed, CONFIRM_TIME", confirmed, confirmed)
    elif not group and confirmed and (row.get("optintime") or row.get("confirmip")):
        prove(found, "Mailchimp", "CONFIRM_TIME", confirmed, confirmed)
    else:
        found.consent = Consent.UNCONFIRMED if group in ("subscribed", "pending") else Consent.UNKNOWN
        found.reason = UNPROVEN


def mailchimp_group(file: str) -> str:
    """Of which of an audience's lists a file is, by its name; "" if it does not tell."""
    match = re.search(r"(?:^|[\W_])(nonsubscribed|unsubscribed|subscribed|cleaned|archived|pending)(?:[\W_]|$)", file)
    return match[1] if match else ""


BUTTONDOWN = {
    Consent.ACTIVE: "regular premium trialed gifted unpaid churning paused past_due churned".split(),
    Consent.UNSUBSCRIBED: ["unsubscribed"],
    Consent.BOUNCED: ["undeliverable", "bounced"],
    Consent.COMPLAINED: ["complained"],
    Consent.UNCONFIRMED: ["unactivated"],
}


def buttondown(found: Subscriber, row: Row, file: str) -> None:
    """Buttondown's types: who has not confirmed is `unactivated`; removed, blocked and spammy are nobody's consent."""
    kind = re.sub(r"[\s-]+", "_", (row.get("type") or row.get("subscribertype", "")).casefold())
    consent = next((consent for consent, kinds in BUTTONDOWN.items() if kind in kinds), Consent.UNKNOWN)
    created, ended = row.get("creationdate", ""), row.get("unsubscriptiondate", "")
    if ended and (consent == Consent.ACTIVE or not kind) or consent == Consent.UNSUBSCRIBED:
        stop(found, Consent.UNSUBSCRIBED, ended)
    elif consent in (Consent.BOUNCED, Consent.COMPLAINED):
        stop(found, consent, row.get("undeliverabilitydate", ""))
    elif consent == Consent.ACTIVE:
        prove(found, "Buttondown", f"type {kind},", created, created)
    else:
        found.consent = consent
        found.reason = f"Buttondown calls it “{kind[:40]}”." if kind else UNPROVEN


def ghost(found: Subscriber, row: Row, file: str) -> None:
    """Members → Export all members."""
    wants, created = row.get("subscribedtoemails", "").lower(), row.get("createdat", "")
    if row.get("deletedat"):
        found.reason = "The member was deleted."
    elif wants in NO:
        stop(found, Consent.UNSUBSCRIBED)
    elif wants in YES and created:
        prove(found, "Ghost", "subscribed_to_emails true, created_at", created, created)
    else:
        found.reason = UNPROVEN


OWN_REASONS = {"bounced": Consent.BOUNCED, "complained": Consent.COMPLAINED}


def longrun(found: Subscriber, row: Row, file: str) -> None:
    """Our own export, in whose cells an apostrophe keeps spreadsheets from calculating."""
    if found.address[:1] == "'" and found.address[1:2] in ("=", "+", "-", "@"):
        found.address = found.address[1:]
    since = row.get("since", "")
    if row.get("stopped") or row.get("why"):
        stop(found, OWN_REASONS.get(row.get("why", ""), Consent.UNSUBSCRIBED), row.get("stopped", ""))
    elif row.get("newposts", "").lower() in YES and since:
        prove(found, "Longrun", "confirmed", since, since)
        found.how = "daily" if row.get("how", "").lower() == "daily" else ""
    else:
        found.reason = "It follows conversations alone, which a list cannot carry."


STOP_WORDS = {
    **dict.fromkeys("unsubscribed blocked optedout suppressed".split(), Consent.UNSUBSCRIBED),
    **dict.fromkeys("cleaned bounced undeliverable".split(), Consent.BOUNCED),
    **dict.fromkeys("complained spam abuse".split(), Consent.COMPLAINED),
}


def other(found: Subscriber, row: Row, file: str) -> None:
    """A list of another service: what it calls stopped is believed, a consent is not."""
    for column in ("status", "state", "type", "subscriptionstatus", "emailmarketing"):
        if consent := STOP_WORDS.get(folded(row.get(column, ""))):
            return stop(found, consent)
    if when := row.get("unsubscribedat") or row.get("unsubtime") or row.get("unsubscriptiondate"):
        return stop(found, Consent.UNSUBSCRIBED, when)
    found.reason = "The service that wrote this list is not known here, so it proves no consent."
    return None


SERVICES = {
    "longrun": Service("Longrun", ("address newposts conversations",), longrun),
    "substack": Service(
        "Substack", ("email emaildisabled", "email activesubscription", "email stripeplan startdate"), substack
    ),
    "mailchimp": Service("Mailchimp", ("confirmtime", "leid", "euid", "memberrating"), mailchimp),
    "ghost": Service("Ghost", ("email subscribedtoemails",), ghost),
    "buttondown": Service(
        "Buttondown",
        ("type creationdate", "subscribertype", "type metadata", "unsubscriptiondate creationdate"),
        buttondown,
    ),
}
OTHER = Service("another service", (), other)


def service_of(columns: list[str]) -> Service:
    """The service whose columns these are; OTHER for none."""
    return next((service for service in SERVICES.values() if service.fits(columns)), OTHER)
