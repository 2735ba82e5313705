"""Queries that are written down once: Django takes ten times as long to write one as the database to answer it.

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


class Given(Expression):
    """A value that is said when the query is asked; without a field, a number."""

    def __init__(self, name, field=None):
        super().__init__(output_field=field or BigIntegerField())
        self.name = name

    def as_sql(self, compiler, connection):
        return "%s", [self]


def several(number, field=None):
    """Places for so many values of one kind; `each_of(values)` fills them."""
    return [Given(f"value{place}", field) for place in range(number)]


def each_of(values):
    return {f"value{place}": value for place, value in enumerate(values)}


class Prepared:
    """`build()` gives a queryset of models or of tuples, in which Given stands for what is not known yet."""

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
        self.written.parameters = [said(parameter, ours) for parameter in parameters]
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


def said(parameter, connection):
    """What to put into the query: given → value."""
    if not isinstance(parameter, Given):
        return lambda given: parameter
    if isinstance(parameter.output_field, BigIntegerField):
        return itemgetter(parameter.name)
    return lambda given: parameter.output_field.get_db_prep_value(given[parameter.name], connection)
