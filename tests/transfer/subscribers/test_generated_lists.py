"""For every list, however odd: the receipt adds up, a second run changes nothing, and only proven consents count."""

import csv
import io
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comments.models import Person, StoppedAddress, Subscription
from core.models import Email
from tests.pace import often
from transfer.importing import receipt
from transfer.importing import run as running
from transfer.importing.undo_import import undo_import
from transfer.subscribers.counting import count_elements
from transfer.subscribers.reader import read

pytestmark = pytest.mark.django_db
quick = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)
MODELS = (Subscription, StoppedAddress, Person)

# Rows of Substack: an address of a few, and cells that lists have.
names = st.sampled_from(["ann", "ANN", "bob", "cleo", "dan", "eve"])
hosts = st.sampled_from(["example.org", "EXAMPLE.org", "bücher.example", "no host", ""])
disabled = st.sampled_from(["false", "true", "FALSE", "maybe", ""])
created = st.sampled_from(["2020-01-02", "2999-01-01", "never", "", "2020-01-02T03:04:05.678Z"])
odd = st.text(alphabet="a,;\"\n\r\t' =é", max_size=8)
lists = st.lists(st.tuples(names, hosts, disabled, created, odd), max_size=12)


def written(rows):
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["email", "email_disabled", "created_at", "note"])
    writer.writerows([f"{name}@{host}", state, since, note] for name, host, state, since, note in rows)
    return out.getvalue()


def rows_here():
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in MODELS}


def brought(path, ada):
    run = running.start([path], system="subscribers", by=ada)
    totals = running.run_import(run, [path])
    assert receipt.differences(totals) == {}
    return run


def check(rows, ada):
    with TemporaryDirectory() as folder, transaction.atomic():
        path = Path(folder, "list.csv")
        path.write_text(written(rows), encoding="utf-8", newline="")
        before = rows_here()
        run = brought(path, ada)
        after = rows_here()
        stopped = {name.lower() for name, host, state, _since, _note in rows if host and state == "true"}
        proven = {name.lower() for name, _host, state, since, _note in rows if state.lower() == "false" and since}
        subscribed = set(Subscription.objects.values_list("address", flat=True))
        assert {address.partition("@")[0] for address in subscribed} <= proven
        assert not {row.address for row in StoppedAddress.objects.all()} & subscribed
        assert {row.address.partition("@")[0] for row in StoppedAddress.objects.all()} <= stopped
        again = brought(path, ada)
        assert rows_here() == after and not again.lines.filter(result__in=("brought", "updated")).exists()
        assert not Email.objects.exists()
        undo_import(run)
        assert rows_here() == before
        transaction.set_rollback(True)


@settings(quick, max_examples=5)
@given(rows=lists)
def test_a_list_comes_in_once_and_writes_to_nobody(rows, ada):
    check(rows, ada)


@pytest.mark.long
@settings(quick, max_examples=often(300))
@given(rows=lists)
def test_many_lists_come_in_once_and_write_to_nobody(rows, ada):
    check(rows, ada)


broken = st.text(alphabet='a,;"\n\r\t x@', max_size=60)


@settings(quick, max_examples=150)
@given(text=broken, separator=st.sampled_from([",", ";"]))
def test_broken_tables_are_counted_as_they_are_read(text, separator, tmp_path_factory):
    path = tmp_path_factory.mktemp("lists") / "list.csv"
    path.write_text(f"email{separator}name{separator}x\n" + text, encoding="utf-8", newline="")
    found = sum(type(record).__name__ in ("Subscriber", "Loss") for record in read([path]))
    assert count_elements([path])["subscribers"] == found
