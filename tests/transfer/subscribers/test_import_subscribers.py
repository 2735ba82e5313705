"""Lists of subscribers come in: only whoever has confirmed is written to, and who stopped stays stopped."""

import io
import sys
import zipfile
from datetime import UTC, datetime
from subprocess import run

import pytest
from django.core.management import CommandError, call_command

from comments.models import Person, StoppedAddress, Subscription
from comments.notifications import subscriptions
from core.models import Email
from tests.transfer.importing_files import bring, in_file
from tests.transfer.subscribers.lists import table
from transfer.importing.undo_import import undo_import
from transfer.models import ImportLine, ImportRef, ImportRun

pytestmark = [pytest.mark.db, pytest.mark.django_db]
AT = "2020-01-02 10:00:00"


@pytest.fixture
def brought(tmp_path, ada):
    """`brought(text, name="list.csv")` imports a list; afterwards no email waits for anybody."""

    def brought(text, name="list.csv", **options):
        file = tmp_path / name
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        done = bring(tmp_path, "subscribers", file, **options)
        assert not Email.objects.exists()
        return done

    return brought


def subscribed():
    return set(Subscription.objects.confirmed().to_posts().values_list("address", flat=True))


def stopped():
    return dict(StoppedAddress.objects.values_list("address", "why"))


def told(done):
    """{line: (title, result, reason)}"""
    return {line["line"]: (line["title"], line["result"], line["reason"]) for line in done["lines"]}


def test_mailchimp_has_a_list_for_each_state(tmp_path, ada):
    active = {"OPTIN_TIME": AT, "CONFIRM_TIME": AT}
    file = tmp_path / "audience_export_1.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(
            "subscribed_email_audience_export_1.csv",
            table(
                "mailchimp",
                {"Email Address": "Ann@Example.org", "NOTES": 'Said "hello",\nand more', **active},
                {"Email Address": "single@example.org", "CONFIRM_TIME": AT},
                {"Email Address": "never@example.org", "OPTIN_TIME": AT},
            ),
        )
        archive.writestr(
            "unsubscribed_email_audience_export_1.csv",
            table(
                "mailchimp unsubscribed",
                {"Email Address": "bob@example.org", "UNSUB_TIME": "2021-05-05 00:00:00", **active},
                {"Email Address": "cleo@example.org", "UNSUB_REASON": "ABUSE", "UNSUB_TIME": AT, **active},
            ),
        )
        archive.writestr(
            "cleaned_email_audience_export_1.csv",
            table("mailchimp cleaned", {"Email Address": "dan@example.org", "CLEAN_TIME": AT, **active}),
        )
        archive.writestr(
            "nonsubscribed_email_audience_export_1.csv",
            table("mailchimp", {"Email Address": "shop@example.org", "CONFIRM_TIME": AT, "OPTIN_TIME": AT}),
        )
        archive.writestr("__MACOSX/._x.csv", "no")
    done = bring(tmp_path, "subscribers", file)
    assert subscribed() == {"ann@example.org", "single@example.org"}
    assert stopped() == {
        "bob@example.org": "unsubscribed",
        "cleo@example.org": "complained",
        "dan@example.org": "bounced",
    }
    assert StoppedAddress.objects.of("bob@example.org").get().stopped_at == datetime(2021, 5, 5, tzinfo=UTC)
    assert in_file(done) == {"subscribers": 7}
    assert done["totals"]["subscribers"]["brought"] == 5 and done["totals"]["subscribers"]["skipped"] == 2
    assert "calls 3 addresses unsubscribed" in done["output"]
    ann = Subscription.objects.get(address="ann@example.org")
    assert ann.confirmed_at == datetime(2020, 1, 2, 10, tzinfo=UTC) and ann.person.address == ann.address
    assert ann.consent == f"Mailchimp, subscribed, CONFIRM_TIME {AT}" and ann.how == "now"


PROOFS = [
    ("list.csv", {"CONFIRM_TIME": AT, "OPTIN_TIME": AT}, True),
    ("list.csv", {"CONFIRM_TIME": AT, "CONFIRM_IP": "192.0.2.1"}, True),
    ("list.csv", {"CONFIRM_TIME": AT}, False),  # added by the owner, or of the list of the nonsubscribed
    ("subscribed.csv", {"CONFIRM_TIME": AT}, True),
    ("subscribed_members_export_0a.csv", {"CONFIRM_TIME": ""}, False),
    ("cleaned_members_export_0a.csv", {"CONFIRM_TIME": AT, "OPTIN_TIME": AT}, False),
    ("archived_email_audience_export_0a.csv", {"CONFIRM_TIME": AT, "OPTIN_TIME": AT}, False),
]


@pytest.mark.parametrize(("name", "facts", "proven"), PROOFS)
def test_what_proves_a_consent_at_mailchimp(brought, name, facts, proven):
    brought(table("mailchimp", {"Email Address": "ann@example.org", **facts}), name)
    assert subscribed() == ({"ann@example.org"} if proven else set())


def test_substack_says_to_whom_emails_are_switched_off(brought):
    states = {"ann": "false", "paid": "FALSE", "bob": "true", "odd": "perhaps"}
    rows = [LINE | {"email": f"{name}@example.org", "email_disabled": state} for name, state in states.items()]
    done = brought(table("substack", *rows), "email_list.blog.csv")
    assert subscribed() == {"ann@example.org", "paid@example.org"} and stopped() == {"bob@example.org": "unsubscribed"}
    assert told(done)[5][1:] == (
        "skipped",
        "The list does not prove that it was confirmed: it can subscribe here itself.",
    )


def test_the_list_of_the_dashboard_of_substack_proves_nothing(brought):
    done = brought("Email,Name,Stripe plan,Cancel date,Start date,Type\nann@example.org,Ann,,,2025-01-01,Free\n")
    assert not subscribed() and "switched off" in told(done)[2][2]


def test_buttondown_has_a_type_for_each_address(brought):
    kinds = [
        "regular",
        "premium",
        "churned",
        "unactivated",
        "unsubscribed",
        "undeliverable",
        "complained",
        "removed",
        "",
    ]
    rows = [{"email_address": f"{kind or 'none'}@example.org", "type": kind, "creation_date": AT} for kind in kinds]
    ended = {"email_address": "left@example.org", "type": "regular", "creation_date": AT, "unsubscription_date": AT}
    done = brought(table("buttondown", *rows, ended))
    assert subscribed() == {"regular@example.org", "premium@example.org", "churned@example.org"}
    assert stopped() == {"unsubscribed@example.org": "unsubscribed", "undeliverable@example.org": "bounced",
                         "complained@example.org": "complained", "left@example.org": "unsubscribed"}  # fmt: skip
    assert done["totals"]["subscribers"]["skipped"] == 3


def test_members_of_ghost(brought):
    row = {"subscribed_to_emails": "true", "created_at": "2021-03-05T06:30:00.000Z"}
    brought(
        table(
            "ghost",
            {"email": "ann@example.org", **row},
            {"email": "bob@example.org", **row, "subscribed_to_emails": "false"},
            {"email": "gone@example.org", **row, "deleted_at": "2022-01-01T00:00:00.000Z"},
            {"email": "unknown@example.org", "created_at": row["created_at"]},
        )
    )
    assert subscribed() == {"ann@example.org"} and stopped() == {"bob@example.org": "unsubscribed"}


def test_a_list_of_an_unknown_service_subscribes_nobody(brought):
    done = brought(
        "Name;E-Mail;Status\nAnn;ann@example.org;subscribed\nBob;bob@example.org;Unsubscribed\nCleo;cleo@example.org;\n"
    )
    assert not subscribed() and stopped() == {"bob@example.org": "unsubscribed"}
    assert "no service that is known" in done["output"] and in_file(done) == {"subscribers": 3}


LINE = {"email": "ann@example.org", "email_disabled": "false", "created_at": AT, "plan": "Größe"}
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_encodings_and_separators(brought, encoding, separator):
    done = brought(table("substack", LINE, separator=separator).encode(encoding))
    assert subscribed() == {"ann@example.org"} and in_file(done) == {"subscribers": 1}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_ends_of_lines_blank_lines_and_the_line_of_excel(brought, end):
    done = brought("sep=;" + end + end + table("substack", LINE, separator=";", end=end) + end + ";;;;;;" + end)
    assert subscribed() == {"ann@example.org"} and in_file(done) == {"subscribers": 1}


def test_broken_lines_are_named_and_the_others_come_in(brought):
    text = table("substack", LINE, LINE | {"email": "bob@example.org"}, end="\n").splitlines()
    text.insert(2, "short@example.org,true")
    text.insert(3, 'open@example.org,true,,"never closed,false,2020-01-01,')
    text.insert(4, "shifted@example.org,true,,Smith, Ann,false,2020-01-01,")
    text.insert(5, 'middle@example.org,"a"b,,,false,2020-01-01,')
    done = brought("\n".join(text))
    assert subscribed() == {"ann@example.org", "bob@example.org"}
    failed = {line: said[2] for line, said in told(done).items() if said[1] == "failed"}
    assert set(failed) == {3, 4, 5, 6} and "columns" in failed[3] and in_file(done) == {"subscribers": 6}


def test_bad_addresses_are_listed(brought):
    bad = ["", "ann", "ann@", "ann example@x.org", "ann@example.org\n", "ann@exa mple.org", "a@b@c.org",
           "ann@\u212a.example", f"{'a' * 250}@example.org", "ann@example.org, bob@example.org"]  # fmt: skip
    done = brought(table("substack", *[LINE | {"email": each} for each in bad]))
    titles = [line["title"] for line in done["lines"] if line["result"] == "failed"]
    assert subscribed() == {"ann@example.org"} and done["totals"]["subscribers"]["failed"] == 9
    assert "a@b@c.org" in titles and "ann example@x.org" in titles


def test_an_address_has_one_spelling(brought):
    spellings = ["Ann@bücher.example", "ann@xn--bcher-kva.example", "ANN@BÜCHER.EXAMPLE", "ann@bu\u0308cher.example"]
    done = brought(table("substack", *[LINE | {"email": each} for each in spellings]))
    assert subscribed() == {"ann@xn--bcher-kva.example"} and done["totals"]["subscribers"]["merged"] == 3


@pytest.mark.parametrize("order", [1, -1])
def test_who_has_stopped_in_one_line_has_stopped(brought, order):
    rows = [LINE, LINE | {"email": "ANN@example.org", "email_disabled": "true"}][::order]
    done = brought(table("substack", *rows))
    assert not subscribed() and stopped() == {"ann@example.org": "unsubscribed"}
    assert done["totals"]["subscribers"]["merged"] == done["totals"]["subscribers"]["brought"] == 1


@pytest.mark.parametrize("how", ["unsubscribed", "deleted"])
def test_who_stopped_here_stays_stopped_whatever_the_file_says(brought, how):
    brought(table("substack", LINE))
    if how == "deleted":
        subscriptions.forget("ann@example.org")
    else:
        subscriptions.end(Subscription.objects.all())
    again = brought(table("substack", LINE, LINE | {"email": "Ann@Example.org"}))
    assert not Subscription.objects.exists() and again["totals"]["subscribers"]["skipped"] == 1


def test_a_second_run_changes_nothing_and_a_later_list_ends_what_it_ends(brought):
    rows = [LINE, LINE | {"email": "bob@example.org"}, LINE | {"email": "cleo@example.org", "email_disabled": "true"}]
    brought(table("substack", *rows))
    before = list(Subscription.objects.values()), list(StoppedAddress.objects.values())
    again = brought(table("substack", *rows))
    assert again["totals"]["subscribers"]["unchanged"] == again["totals"]["subscribers"]["in_file"] == 3
    assert before == (list(Subscription.objects.values()), list(StoppedAddress.objects.values()))
    later = brought(table("substack", LINE | {"email_disabled": "true"}, *rows[1:]))
    assert subscribed() == {"bob@example.org"} and later["totals"]["subscribers"]["updated"] == 1


def confirmed_here(address):
    row = Subscription.objects.create(address=address, what="posts", confirmed_at=datetime(2022, 1, 1, tzinfo=UTC))
    row.person = Person.objects.of_address(address)
    row.save()
    return row


ENDS = [("2021-01-01 00:00:00", True), ("2023-01-01 00:00:00", False), ("", False)]


@pytest.mark.parametrize(("when", "stays"), ENDS)
def test_a_confirmation_here_outlives_an_older_end_elsewhere_alone(brought, when, stays):
    confirmed_here("ann@example.org")
    row = {"Email Address": "ann@example.org", "UNSUB_TIME": when, "UNSUB_REASON": "NORMAL"}
    done = brought(table("mailchimp unsubscribed", row), "unsubscribed_members_export_1.csv")
    assert subscribed() == ({"ann@example.org"} if stays else set())
    assert done["totals"]["subscribers"]["skipped" if stays else "updated"] == 1


def test_who_is_subscribed_here_keeps_their_own_choice(brought):
    row = confirmed_here("ann@example.org")
    row.change(how="daily")
    done = brought(table("substack", LINE))
    row.refresh_from_db()
    assert row.how == "daily" and row.consent == "" and done["totals"]["subscribers"]["merged"] == 1


def test_a_waiting_request_is_answered_by_a_proven_consent(brought):
    Subscription.objects.create(address="ann@example.org", what="posts")
    brought(table("substack", LINE))
    assert subscribed() == {"ann@example.org"} and Subscription.objects.count() == 1


def test_the_owners_export_comes_back_as_it_was(brought, tmp_path):
    for address in ["ann@example.org", "=cmd@example.org", "+1@example.org", "'x@example.org"]:
        confirmed_here(address)
    Subscription.objects.filter(address="ann@example.org").update(how="daily")
    StoppedAddress.objects.stop(["bob@example.org"], "complained")
    before = facts()
    file = tmp_path / "subscribers.csv"
    call_command("export_subscribers", file, stdout=io.StringIO())
    assert file.stat().st_mode & 0o077 == 0
    text = file.read_text()
    assert not [line for line in text.splitlines() if line.startswith(("=", "+", "-", "@"))]
    for model in (Subscription, StoppedAddress, Person):
        model.objects.all().delete()
    done = brought(text)
    assert facts() == before and done["totals"]["subscribers"]["brought"] == 5


def facts():
    rows = Subscription.objects.order_by("address").values_list("address", "what", "how", "confirmed_at")
    stops = StoppedAddress.objects.values_list("address", "why")
    return list(rows), list(stops)


def test_a_dry_run_stores_nothing(brought):
    done = brought(table("substack", LINE, LINE | {"email": "bob@example.org", "email_disabled": "true"}), dry_run=True)
    assert done["totals"]["subscribers"]["brought"] == 2
    models = (Subscription, StoppedAddress, Person, ImportRun, ImportRef, ImportLine)
    assert not any(model.objects.exists() for model in models)


def test_an_undo_takes_the_list_back_but_for_who_confirmed_here(brought):
    brought(table("substack", LINE, LINE | {"email": "bob@example.org"},
                  LINE | {"email": "cleo@example.org", "email_disabled": "true"}))  # fmt: skip
    subscriptions.confirm_subscriptions("bob@example.org", Subscription.objects.of("bob@example.org"))
    stays = undo_import(ImportRun.objects.get())
    assert (
        subscribed() == {"bob@example.org"}
        and stopped() == {}
        and stays == ["1 subscribers have confirmed here since."]
    )
    assert set(Person.objects.values_list("address", flat=True)) == {"bob@example.org"}


def test_the_receipt_keeps_no_whole_address(brought):
    done = brought(table("substack", LINE, LINE | {"email": "bob@example.org", "email_disabled": "true"}))
    assert {said[0] for said in told(done).values()} == {"a…@example.org", "b…@example.org"}
    assert "bob@example" not in str(list(ImportLine.objects.values()) + list(ImportRef.objects.values()))


REFUSED = [
    ("", "empty"),
    ("a,b\n1,2\n", "its columns are a, b"),
    ("%PDF-1.4", "PDF"),
    (table("ghost", {"email": "a@example.org"}), "columns of Substack"),
    ('"Email', "no list of addresses"),
]


@pytest.mark.parametrize(("text", "reason"), REFUSED)
def test_what_is_no_list_is_refused_with_a_sentence(tmp_path, ada, text, reason):
    file = tmp_path / "list.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(CommandError, match=reason):
        call_command("import_subscribers", file, system="substack" if "Substack" in reason else None,
                     stdout=io.StringIO(), stderr=io.StringIO())  # fmt: skip


def test_reader_and_counting_do_not_need_django():
    code = "import sys, transfer.subscribers.reader, transfer.subscribers.counting; print('django' in sys.modules)"
    assert run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "False"
