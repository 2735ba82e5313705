"""Lists of subscribers for tests, with the columns that each service writes."""

import csv
import io

COLUMNS = {
    "mailchimp": [
        "Email Address", "First Name", "Last Name", "MEMBER_RATING", "OPTIN_TIME", "OPTIN_IP", "CONFIRM_TIME",
        "CONFIRM_IP", "LATITUDE", "LONGITUDE", "GMTOFF", "DSTOFF", "TIMEZONE", "CC", "REGION", "LAST_CHANGED", "LEID",
        "EUID", "NOTES", "TAGS",
    ],
    "mailchimp unsubscribed": [
        "Email Address", "MEMBER_RATING", "OPTIN_TIME", "CONFIRM_TIME", "UNSUB_TIME", "UNSUB_CAMPAIGN_TITLE",
        "UNSUB_CAMPAIGN_ID", "UNSUB_REASON", "UNSUB_REASON_OTHER", "LEID", "EUID",
    ],
    "mailchimp cleaned": [
        "Email Address", "MEMBER_RATING", "OPTIN_TIME", "CONFIRM_TIME", "CLEAN_TIME", "CLEAN_CAMPAIGN_TITLE", "LEID",
    ],
    "substack": [
        "email", "active_subscription", "expiry", "plan", "email_disabled", "created_at", "first_payment_at",
    ],
    "buttondown": [
        "id", "email_address", "creation_date", "type", "tags", "metadata", "notes", "referrer_url",
        "unsubscription_date", "unsubscription_reason",
    ],
    "ghost": [
        "id", "email", "name", "note", "subscribed_to_emails", "complimentary_plan", "stripe_customer_id",
        "created_at", "deleted_at", "labels", "tiers",
    ],
    "longrun": ["address", "new posts", "how", "conversations", "since", "stopped", "why"],
}  # fmt: skip


def table(service, *rows, separator=",", end="\r\n"):
    """The text of a list: each row a dict of some of its columns."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS[service], restval="", delimiter=separator, lineterminator=end)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()
