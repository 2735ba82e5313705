import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from core.models import Site


@pytest.mark.parametrize(
    ("field", "good", "bad"),
    [
        ("timezone", "Europe/Berlin", "Europe/Atlantis"),
        ("timezone", "UTC", "../../etc/passwd"),
        ("timezone", "America/Argentina/Buenos_Aires", ""),
        ("language", "pt_BR", "english"),
        ("language", "DE", 'en" onload="'),
        ("language", "zh-hans", "en\n"),
        ("title", "Ada’s notes", " \u202e\0 "),
    ],
)
def test_the_site_takes_what_makes_sense_and_nothing_else(field, good, bad):
    Site(**{field: good}).clean_fields()
    with pytest.raises(ValidationError) as refusal:
        Site(**{field: bad}).clean_fields()
    assert list(refusal.value.message_dict) == [field]


@pytest.mark.db
@pytest.mark.django_db
def test_there_is_one_site_and_never_a_second():
    Site(title="One").save()
    Site(title="Still one").save()
    assert Site.objects.get().title == "Still one"
    with pytest.raises(IntegrityError):
        Site.objects.bulk_create([Site(id=2)])
