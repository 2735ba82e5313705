"""Columns of a foreign row as values of a model: of the right type, within their length, or the row is refused."""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from transfer.restore.parts import Refused

WEB_ADDRESSES = {"url", "link_url", "website"}
LARGEST_ID = 2**53  # above it, JSON numbers are not exact, and the database would run out of ids
NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")  # in JSON, but not a backslash before these letters
Numbers = Mapping[int, int]


def values_of(
    model: type[models.Model], found: Mapping[str, Any], names: Iterable[str], where: str, *, needed: str = ""
) -> dict[str, Any]:
    """{name: value} of the columns that the row has. Raises Refused, naming `where` and the column, also if the row
    does not have the column `needed`."""
    fields = {field.attname: field for field in model._meta.concrete_fields}
    done = {}
    if needed and needed not in found:
        raise Refused(_("%(where)s: the column %(column)s is missing.") % {"where": where, "column": needed})
    for name in names:
        if name in found:
            try:
                done[name] = value_of(fields[name], found[name])
            except (ValidationError, ValueError, TypeError, OverflowError) as error:
                raise Refused(
                    _("%(where)s: the value of %(column)s is not possible.") % {"where": where, "column": name}
                ) from error
    return done


def value_of(field: "models.Field[Any, Any]", found: object) -> Any:
    """Raises ValueError, TypeError, ValidationError."""
    if found is None:
        if not field.null:
            raise ValueError("null")
        return None
    if isinstance(field, models.BooleanField):
        return typed(found, bool)
    if isinstance(field, models.IntegerField | models.ForeignKey | models.BigAutoField):
        field = field.target_field if isinstance(field, models.ForeignKey) else field
        number = typed(found, int)
        for validator in models.BigIntegerField().validators if field.primary_key else field.validators:
            validator(number)
        if field.primary_key and not 1 <= number <= LARGEST_ID:
            raise ValueError(number)
        return number
    if isinstance(field, models.JSONField):
        return json_of(field, typed(found, dict if field.default is dict else list))
    text = typed(found, str)
    text.encode("utf-8")  # no half of a surrogate pair
    if "\x00" in text or field.max_length and len(text) > field.max_length:
        raise ValueError("too long")
    if isinstance(field, models.DateTimeField | models.DateField):
        return moment_of(field, text)
    if field.choices and text and text not in [value for value, _label in field.flatchoices]:
        raise ValueError("unknown")
    if field.name in WEB_ADDRESSES and text and not text.lower().startswith(("http://", "https://")):
        return ""
    return text


def typed(found: object, kind: type) -> Any:
    if type(found) is not kind:
        raise TypeError(type(found))
    return found


def moment_of(field: "models.Field[Any, Any]", text: str) -> Any:
    moment = field.to_python(text)
    if moment is None or isinstance(field, models.DateTimeField) and moment.tzinfo is None:
        raise ValueError("no moment")
    if isinstance(field, models.DateTimeField):
        moment.astimezone(UTC)  # OverflowError where the calendar ends
    return moment


def json_of(field: "models.Field[Any, Any]", found: Any) -> Any:
    """JSON whose texts a database and a page can take; the lists that the desk reads are of the rows it expects."""
    text = json.dumps(found, ensure_ascii=False)
    text.encode("utf-8")  # no half of a surrogate pair
    if NUL.search(text) or field.name in ROWS and not all(map(ROWS[field.name], found)):
        raise ValueError("unknown")
    return found


def is_reason(row: object) -> bool:
    """{"rule", "verdict", "why"} of comments.moderation.rules, or some of them."""
    return isinstance(row, dict) and all(isinstance(value, str) for value in row.values())


def is_identity(row: object) -> bool:
    """[name, email address] of Person.decided_as"""
    return isinstance(row, list) and len(row) == 2 and all(isinstance(value, str) for value in row)


ROWS = {"reasons": is_reason, "decided_as": is_identity}


def numbers_of(found: object, known: Numbers | set[int]) -> list[int]:
    """Those primary keys of a list that are known."""
    return [each for each in found if type(each) is int and each in known] if isinstance(found, list) else []
