"""One spelling of an email address, at every door: emails go to the host that was typed and to no other."""

import pytest
from django.core.exceptions import ValidationError

from core import mail
from core.email_addresses import encode_idna, normalize_email
from core.form_fields import EmailAddressField
from core.models import Email


@pytest.mark.parametrize(
    ("typed", "sent_to"),
    [
        ("ann@example.org", "ann@example.org"),
        ("Ann@Example.ORG", "Ann@example.org"),
        ("ann@straße.example", "ann@xn--strae-oqa.example"),
        ("ann@bücher.example", "ann@xn--bcher-kva.example"),
        ("ann@BÜCHER.example", "ann@xn--bcher-kva.example"),
        ("ann@bu\u0308cher.example", "ann@xn--bcher-kva.example"),
        ("ann@XN--BCHER-KVA.example", "ann@xn--bcher-kva.example"),
        ("ann@βόλος.example", "ann@xn--nxasmm1c.example"),
    ],
)
def test_a_host_is_encoded_by_idna_2008(typed, sent_to, db):
    assert encode_idna(typed) == sent_to and normalize_email(typed) == sent_to.lower()
    assert EmailAddressField().clean(typed) == sent_to
    mail.queue(to=typed, subject="Hello", text="Hello.", kind="test")
    assert Email.objects.get().to == sent_to


@pytest.mark.parametrize(
    "typed",
    [
        "ann@Ⅰ.example",
        "ann@ａnn.example",
        "ann@\u212aiosk.example",
        "ann@ſtrand.example",
        f"ann@{'é' * 60}.example",
        "ann@xn--zzzz.example",
        "o\u212asana@example.org",
        "anné@example.org",
    ],
)
def test_what_cannot_be_encoded_is_refused_at_the_form(typed, db):
    with pytest.raises(ValidationError):
        EmailAddressField().clean(typed)
    with pytest.raises(ValidationError):
        mail.queue(to=typed, subject="Hello", text="Hello.", kind="test")
    assert not normalize_email(typed).isascii() or "xn--" in typed


def test_two_spellings_are_one_person():
    assert normalize_email("Ann@Bücher.example") == normalize_email("ann@xn--bcher-kva.example")
    assert normalize_email("ann@straße.example") != normalize_email("ann@strasse.example")


def test_an_address_that_is_too_long_once_its_host_is_encoded_is_refused():
    host = ".".join(["пример" * 2] * 11) + ".рф"
    assert len(f"{'a' * 60}@{host}") < 254 < len(encode_idna(f"{'a' * 60}@{host}"))
    with pytest.raises(ValidationError):
        EmailAddressField(max_length=254).clean(f"{'a' * 60}@{host}")
    assert EmailAddressField(max_length=254).clean(f"a@{host}").startswith("a@xn--")
