"""Queries whose SQL is cached: Django takes ten times as long to build the SQL as the database to run it.

    newest = PreparedQuery(
        lambda: Post.objects.filter(author=Parameter("author")).order_by("-pk").values_list("title")[:3]
    )
    newest(author=7)    →  [("Three",), ("Two",), ("One",)]

A queryset without `values_list` returns model instances, with related ones by `select_related`. Use it for queries of
every page; elsewhere a plain queryset is shorter. The SQL is built by Django, and parameters are bound.
"""

from operator import itemgetter
from threading import local

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import BigIntegerField, Expression
from django.db.models.query import ModelIterable, get_related_populators


class Parameter(Expression):
    """A placeholder for a value that is given when the query is run; an integer unless `field` is given."""

    def __init__(self, name, field=None):
        super().__init__(output_field=field or BigIntegerField())
        self.name = name

    def as_sql(self, compiler, connection):
        return "%s", [self]


def parameters(number, field=None):
    """A list of `number` parameters of one type; `parameter_values(values)` gives their values."""
    return [Parameter(f"value{place}", field) for place in range(number)]


def parameter_values(values):
    return {f"value{place}": value for place, value in enumerate(values)}


class PreparedQuery:
    """A query that can be called: `build()` returns a queryset of models or tuples with a Parameter for each value."""

    def __init__(self, build):
        self.build = build
        self.written = local()  # compiled per thread, since each thread has its own connection

    def __call__(self, **given):
        if not hasattr(self.written, "sql"):
            self.write()
        with connection.cursor() as cursor:
            try:
                cursor.execute(self.written.sql, [say(given) for say in self.written.parameters])
            except OverflowError:  # raised by SQLite for an integer over 64 bits: no row can match
                return []
            rows = cursor.fetchall()
        if self.written.converters:
            rows = self.written.compiler.apply_converters(rows, self.written.converters)
        return list(map(self.written.made, rows))

    def write(self):
        queryset = self.build()
        ours = connections[DEFAULT_DB_ALIAS]  # the real object: each attribute of the proxy `connection` is a lookup
        self.written.compiler = compiler = queryset.query.get_compiler(connection=ours)
        sql, parameters = compiler.as_sql()
        self.written.parameters = [binder(parameter, ours) for parameter in parameters]
        self.written.converters = compiler.get_converters([column for column, *_sql in compiler.select])
        self.written.made = model_maker(compiler) if queryset._iterable_class is ModelIterable else tuple
        self.written.sql = sql


def model_maker(compiler):
    """A function row → model instance with its `select_related` objects, made as by Django's ModelIterable."""
    model, columns = compiler.klass_info["model"], compiler.klass_info["select_fields"]
    own = slice(columns[0], columns[-1] + 1)
    names = [column.target.attname for column, *_sql in compiler.select[own]]
    alias = compiler.connection.alias
    related = get_related_populators(compiler.klass_info, compiler.select, alias)

    def make(row):
        made = model.from_db(alias, names, row[own])
        for populator in related:
            populator.populate(row, made)
        return made

    return make


def binder(parameter, connection):
    """A function from the arguments of the call to the value of one SQL parameter."""
    if not isinstance(parameter, Parameter):
        return lambda given: parameter
    if isinstance(parameter.output_field, BigIntegerField):
        return itemgetter(parameter.name)
    return lambda given: parameter.output_field.get_db_prep_value(given[parameter.name], connection)
