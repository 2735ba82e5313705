"""Queries whose SQL is cached: Django takes ten times as long to build the SQL as the database to run it.

    newest = PreparedQuery(
        lambda: Post.objects.filter(author=Parameter("author")).order_by("-pk").values_list("title")[:3]
    )
    newest(author=7)    →  [("Three",), ("Two",), ("One",)]

Use it for queries of every page; elsewhere a plain queryset is shorter. The SQL is built by Django, and parameters are
bound. The tuples hold what the database driver returns, with aware datetimes: an expression that is computed from a
date is a string on SQLite, and JSON is a string. `PreparedModels` returns model instances.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from operator import itemgetter
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import BigIntegerField, Expression, Field, Model, QuerySet

Bind = Callable[[Mapping[str, Any]], Any]  # from the arguments of a call to the value of a placeholder
Row = Sequence[Any]


class Parameter(Expression):
    """A placeholder for a value that is given when the query is run; an integer unless `field` is given."""

    def __init__(self, name: str, field: Field[Any, Any] | None = None) -> None:
        super().__init__(output_field=field or BigIntegerField())
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]

    def __conform__(self, _protocol: Any) -> str:
        """What SQLite is given instead when DEBUG writes the query into the log."""
        return self.name


def parameters(number: int, field: Field[Any, Any] | None = None) -> list[Parameter]:
    """A list of `number` parameters of one type; `parameter_values(values)` gives their values."""
    return [Parameter(f"value{place}", field) for place in range(number)]


def parameter_values(values: Iterable[Any]) -> dict[str, Any]:
    return {f"value{place}": value for place, value in enumerate(values)}


def count_together(querysets: Sequence[QuerySet[Any, Any]]) -> list[int]:
    """The number of rows of each queryset, which may be sliced, in one query."""
    written = [queryset.query.sql_with_params() for queryset in querysets]
    counts = ", ".join(f"(SELECT COUNT(*) FROM ({sql}) AS counted)" for sql, _values in written)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {counts}", [value for _sql, values in written for value in values])
        return list(cursor.fetchone())


class PreparedQuery:
    """A query that can be called: `build()` returns a queryset of tuples with a Parameter for each value."""

    def __init__(self, build: Callable[[], QuerySet[Any, Any]]) -> None:
        self.build = build

    @cached_property
    def written(self) -> tuple[str, list[Bind]]:
        """(SQL, functions from the arguments of a call to the value of each placeholder)"""
        sql, values = self.build().query.sql_with_params()
        return sql, [binder(value) for value in values]

    def __call__(self, **given: Any) -> list[Any]:
        sql, binders = self.written
        with connection.cursor() as cursor:
            try:
                cursor.execute(sql, [bind(given) for bind in binders])
            except OverflowError:  # raised by SQLite for an integer over 64 bits: no row can match
                return []
            return with_time_zone(cursor.fetchall())


class PreparedUpdate:
    """The same for an UPDATE: `build()` returns the queryset and the values to store by field. Returns how many rows
    match."""

    def __init__(self, build: Callable[[], tuple[QuerySet[Any, Any], Mapping[str, Any]]]) -> None:
        self.build = build

    @cached_property
    def written(self) -> tuple[str, list[Bind]]:
        said: list[tuple[str, Sequence[Any]]] = []

        def catch(_execute: Any, sql: str, values: Sequence[Any], *_facts: Any) -> None:
            said.append((sql, values))

        queryset, values = self.build()
        with connection.execute_wrapper(catch):  # nothing reaches the database
            queryset.update(**values)
        sql, bound = said[0]
        return sql, [binder(value) for value in bound]

    def __call__(self, **given: Any) -> int:
        sql, binders = self.written
        with connection.cursor() as cursor:
            cursor.execute(sql, [bind(given) for bind in binders])
            return int(cursor.rowcount)


class PreparedModels(PreparedQuery):
    """The same for a queryset of model instances: `defer` and `select_related` are given here, by name, instead."""

    def __init__(
        self, build: Callable[[], QuerySet[Any, Any]], defer: Sequence[str] = (), select_related: Sequence[str] = ()
    ) -> None:
        super().__init__(build)
        self.defer, self.related = defer, select_related

    @cached_property
    def written(self) -> tuple[str, list[Bind]]:
        queryset = self.build()
        related = {name: queryset.model._meta.get_field(name).related_model for name in self.related}
        self.makers = [InstanceMaker(queryset.model, self.defer), *map(InstanceMaker, related.values())]
        own, *others = [maker.names for maker in self.makers]
        joined = [f"{name}__{column}" for name, columns in zip(related, others, strict=True) for column in columns]
        return PreparedQuery(lambda: queryset.values_list(*own, *joined)).written

    def __call__(self, **given: Any) -> list[Any]:
        """The instances; those that belong to the same row of another model share its instance."""
        known: dict[Any, Any] = {}
        return [self.instance(row, known) for row in super().__call__(**given)]

    def instance(self, row: Row, known: dict[Any, Any]) -> Any:
        own, *others = self.makers
        made, start = own(row[: len(own.names)]), len(own.names)
        for name, maker in zip(self.related, others, strict=True):
            key = name, row[start + maker.key]
            if key not in known:
                known[key] = maker(row[start : start + len(maker.names)])
            setattr(made, name, known[key])
            start += len(maker.names)
        return made


class InstanceMaker:
    """A function from the columns of one model to an instance; to None if the primary key is NULL (an outer join)."""

    def __init__(self, model: type[Model], defer: Sequence[str] = ()) -> None:
        fields = [field for field in model._meta.concrete_fields if field.name not in defer]
        self.from_db, self.names = model.from_db, [field.attname for field in fields]
        self.key = fields.index(model._meta.pk)
        self.encoded = [(place, field) for place, field in enumerate(fields) if hasattr(field, "from_db_value")]

    def __call__(self, values: Row) -> Any:
        if values[self.key] is None:
            return None
        if self.encoded:
            values = list(values)
            for place, field in self.encoded:
                values[place] = field.from_db_value(values[place], None, connection)
        return self.from_db(DEFAULT_DB_ALIAS, self.names, values)


def with_time_zone(rows: list[Row]) -> list[Row]:
    """The rows with aware datetimes: SQLite's driver returns naive ones, in UTC."""
    first_values = [next(filter(None, column), None) for column in zip(*rows, strict=True)]
    places = [place for place, value in enumerate(first_values) if isinstance(value, datetime) and not value.tzinfo]
    if not places:
        return rows

    aware = list(map(list, rows))
    for row in aware:
        for place in places:
            row[place] = row[place] and row[place].replace(tzinfo=UTC)
    return list(map(tuple, aware))


def binder(value: Any) -> Bind:
    """A function from the arguments of a call to the value of one placeholder."""
    if not isinstance(value, Parameter):
        return lambda given: value
    if isinstance(value.output_field, BigIntegerField):
        return itemgetter(value.name)
    return lambda given: value.output_field.get_db_prep_value(given[value.name], connection)
