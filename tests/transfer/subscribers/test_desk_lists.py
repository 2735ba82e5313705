"""Lists of subscribers at the desk: the owner uploads one, reads what it would do, imports it, and takes ours along."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from comments.models import StoppedAddress, Subscription
from core import jobs
from core.models import Email
from tests.transfer.subscribers.lists import table
from transfer.importing.recognition import clues_of
from transfer.importing.systems import SYSTEMS
from transfer.models import ImportRun

pytestmark = pytest.mark.django_db
LINE = {"email": "ann@example.org", "email_disabled": "false", "created_at": "2020-01-02"}


@pytest.fixture
def owner(as_, ada, settings, tmp_path):
    settings.LONGRUN_DATA = tmp_path
    return as_(ada)


def test_the_owner_brings_a_list_at_the_desk(owner):
    assert "Import a list of subscribers" in owner.get(reverse("desk_subscribers")).content.decode()
    text = table("substack", LINE, LINE | {"email": "bob@example.org", "email_disabled": "true"})
    url = owner.post(reverse("desk_imports"), {"file": SimpleUploadedFile("list.csv", text.encode())}).url
    jobs.run_ready("long")
    run = ImportRun.objects.get()
    assert (run.system, run.state) == ("subscribers", "waiting") and not Subscription.objects.exists()
    page = owner.get(url).content.decode()
    assert "Subscribers" in page and "Pictures and other files" not in page
    owner.post(url, {"action": "start"})
    jobs.run_ready("long")
    assert Subscription.objects.get().address == "ann@example.org"
    assert StoppedAddress.objects.get().address == "bob@example.org" and not Email.objects.exists()
    receipt = owner.get(reverse("desk_import_receipt", args=[run.pk]) + "?kind=subscribers").content.decode()
    assert "b…@example.org" in receipt and "bob@example.org" not in receipt
    assert "1 has stopped" in owner.get(reverse("desk_subscribers")).content.decode()
    owner.post(url, {"action": "undo"})
    jobs.run_ready("long")
    assert not Subscription.objects.exists() and not StoppedAddress.objects.exists()


@pytest.mark.parametrize("service", ["mailchimp", "substack", "buttondown", "ghost", "longrun"])
def test_a_list_is_recognised_by_its_columns(tmp_path, service):
    file = tmp_path / "list.csv"
    file.write_text(table(service), encoding="utf-8-sig")
    clues = clues_of(file)
    assert [name for name, system in SYSTEMS.items() if system.recognizes(clues)] == ["subscribers"]


def test_another_table_is_no_list(tmp_path):
    file = tmp_path / "posts.csv"
    file.write_text("post_id,email_sent_at,title\n1,,A\n", encoding="utf-8")
    assert not any(system.recognizes(clues_of(file)) for system in SYSTEMS.values())
