"""Queries whose SQL is cached: Django takes ten times as long to build the SQL as the database to run it.

    newest = Prepared(lambda: Post.objects.filter(author=Given("author")).order_by("-pk").values_list("title")[:3])
    newest(author=7)    →  [("Three",), ("Two",), ("One",)]

A queryset without `values_list` answers with its models, and with what `select_related` brings. For what every page
asks; elsewhere a plain queryset is shorter. The SQL is Django's own, with its parameters bound.
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
        self.written = local()  # with the connection of each thread

    def __call__(self, **given):
        if not hasattr(self.written, "sql"):
            self.write()
        with connection.cursor() as cursor:
            try:
                cursor.execute(self.written.sql, [say(given) for say in self.written.parameters])
            except OverflowError:  # SQLite's: no row has a number that does not fit
                return []
            rows = cursor.fetchall()
        if self.written.converters:
            rows = self.written.compiler.apply_converters(rows, self.written.converters)
        return list(map(self.written.made, rows))

    def write(self):
        queryset = self.build()
        ours = connections[DEFAULT_DB_ALIAS]  # itself: behind `connection` each word of it is looked up by thread
        self.written.compiler = compiler = queryset.query.get_compiler(connection=ours)
        sql, parameters = compiler.as_sql()
        self.written.parameters = [binder(parameter, ours) for parameter in parameters]
        self.written.converters = compiler.get_converters([column for column, *_sql in compiler.select])
        self.written.made = model_maker(compiler) if queryset._iterable_class is ModelIterable else tuple
        self.written.sql = sql


def model_maker(compiler):
    """row → model with its related ones, as Django's own ModelIterable makes them."""
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
    """What to put into the query: given → value."""
    if not isinstance(parameter, Parameter):
        return lambda given: parameter
    if isinstance(parameter.output_field, BigIntegerField):
        return itemgetter(parameter.name)
    return lambda given: parameter.output_field.get_db_prep_value(given[parameter.name], connection)
