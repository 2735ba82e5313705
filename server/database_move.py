"""Move the whole blog into another database, SQLite or PostgreSQL, in one transaction: all of it or nothing.

The other database gets the tables by the migrations, then every row of every table with its own primary key; the rows
of both are counted and compared by hash before the commit, the numbering of new rows goes on where it was, and the
search is built anew, since each database has an index of its own kind.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import islice

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import Error, connections, models, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder
from django.db.utils import load_backend
from django.utils import timezone

from blog import search
from core.file_locks import AlreadyLocked, exclusive_lock
from core.models import Worker
from core.sequences import last_id, reserve_ids
from core.worker_leases import LEASE_SECONDS

SOURCE, TARGET = "default", "target"
AT_ONCE = 500  # rows
MADE_BY_MIGRATIONS = {ContentType, Permission}  # replaced by those of the blog, whose numbers other rows name
OURS_WITHOUT_MODELS = ("blog_fts", "django_migrations", "sqlite_sequence")


class MoveFailed(Exception):
    """Nothing was moved; `str()` is a sentence for the owner."""


@dataclass
class Table:
    """A line of the receipt. `sha256` does not depend on the order of the rows; both databases have it."""

    name: str
    rows: int
    sha256: str
    last_id: int | None


@dataclass
class Receipt:
    source: str
    target: str
    moved: str
    tables: list[Table] = field(default_factory=list)
    search_entries: int = 0

    @property
    def rows(self):
        return sum(table.rows for table in self.tables)

    def write(self):
        """Into the data folder. Returns its path."""
        path = settings.LONGRUN_DATA / f"moved-database-{datetime.now(UTC):%Y-%m-%d-%H%M%S}.json"
        path.write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")
        return path


def move_database(configuration, say=lambda line: None):
    """Move the blog of the default database into the one of this Django configuration. Raises MoveFailed."""
    with ExitStack() as stack:
        try:
            stack.enter_context(exclusive_lock(settings.LONGRUN_DATA / "serve.lock"))
        except AlreadyLocked:
            raise MoveFailed("the blog is being served: stop it first, so that nothing is written meanwhile") from None
        target = stack.enter_context(connected(configuration))
        source = connections[SOURCE]
        receipt = Receipt(describe(source), describe(target), datetime.now(UTC).isoformat(timespec="seconds"))
        if receipt.source == receipt.target:
            raise MoveFailed("the blog is in this database already")
        try:
            check_source(source)
            check_is_empty(target)
            say(f"Creating the tables in {receipt.target} …")
            with as_default(target):
                call_command("migrate", database=TARGET, verbosity=0, interactive=False)
            move_rows(receipt, say)
        except Error as error:
            raise MoveFailed(str(error).strip()) from error
    return receipt


@contextmanager
def connected(configuration):
    """A connection of the alias TARGET."""
    complete = connections.configure_settings({SOURCE: configuration})[SOURCE]
    wrapper = load_backend(complete["ENGINE"]).DatabaseWrapper(complete, TARGET)
    connections.settings[TARGET], connections[TARGET] = complete, wrapper
    try:
        wrapper.ensure_connection()
        yield wrapper
    except Error as error:
        raise MoveFailed(f"{describe(wrapper)} cannot be used: {str(error).strip()}") from error
    finally:
        wrapper.close()
        del connections[TARGET]
        del connections.settings[TARGET]


@contextmanager
def as_default(wrapper):
    """What knows no other database than the default one works on this one: migrations, the search."""
    before = connections[SOURCE]
    connections[SOURCE] = wrapper
    try:
        yield
    finally:
        connections[SOURCE] = before


def describe(wrapper):
    """A database's name, without a password."""
    told = wrapper.settings_dict
    if wrapper.vendor == "sqlite":
        return f"sqlite:///{told['NAME']}"
    return f"postgres://{told['HOST'] or 'localhost'}:{told['PORT'] or 5432}/{told['NAME']}"


def check_source(source):
    executor = MigrationExecutor(source)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise MoveFailed("this blog's database is of an older version: run `manage.py prepare` first")
    alive = timezone.now() - timedelta(seconds=LEASE_SECONDS)
    if worker := Worker.objects.filter(renewed_at__gt=alive).first():
        raise MoveFailed(f"the worker {worker} was at work a moment ago: stop it, and try again in a minute")
    if source.vendor == "postgresql":
        with source.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
            (others,) = cursor.fetchone()
        if others:
            raise MoveFailed(
                f"{others} other connections use this database: stop the blog on every machine, so that nothing is"
                " written meanwhile"
            )


def check_is_empty(target):
    """Raises MoveFailed if it has tables that are not ours, or rows that no migration makes."""
    there = set(target.introspection.table_names())
    ours = {model._meta.db_table: model for model in every_model()}
    strangers = {name for name in there - ours.keys() if not name.startswith(OURS_WITHOUT_MODELS)}
    filled = {
        name
        for name, model in ours.items()
        if name in there and model not in MADE_BY_MIGRATIONS and rows_of(model, TARGET).exists()
    }
    if found := sorted(strangers | filled):
        raise MoveFailed(f"{describe(target)} is not empty: it has {', '.join(found[:3])}. Nothing was changed there")


def every_model():
    """Every table that has a model, many-to-many tables too."""
    models_here = apps.get_models(include_auto_created=True)
    return [
        model
        for model in models_here
        if model._meta.managed and not model._meta.proxy and model is not MigrationRecorder.Migration
    ]


def rows_of(model, alias):
    return models.QuerySet(model, using=alias).order_by()


def move_rows(receipt, say):
    source, target = connections[SOURCE], connections[TARGET]
    with transaction.atomic(using=SOURCE), transaction.atomic(using=TARGET):
        prepare_transaction(source, reads=True)
        prepare_transaction(target, reads=False)
        for model in MADE_BY_MIGRATIONS:
            rows_of(model, TARGET).delete()
        for model in every_model():
            table = model._meta.db_table
            say(f"{table} …")
            copy_rows(model)
            here, there = table_digest(model, SOURCE), table_digest(model, TARGET)
            if here != there:
                raise MoveFailed(f"{table} differs after the copy: {here[0]} rows here, {there[0]} there")
            receipt.tables.append(Table(table, *here, copy_sequence(model, source, target)))
        say("Building the search …")
        with as_default(target):
            receipt.search_entries = build_search(target)


def prepare_transaction(wrapper, *, reads):
    if wrapper.vendor == "postgresql":
        with wrapper.cursor() as cursor:
            if reads:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            cursor.execute("SET LOCAL statement_timeout = 0")


def copy_rows(model):
    """Copy every row as it is: no field computes its value anew, as `bulk_create` would let it."""
    target = connections[TARGET]
    fields = [each for each in model._meta.local_concrete_fields if not each.generated]
    columns = ", ".join(f'"{each.column}"' for each in fields)
    insert = f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES ({", ".join(["%s"] * len(fields))})'
    source = rows_of(model, SOURCE).order_by("pk").iterator(chunk_size=AT_ONCE)
    with target.cursor() as cursor:
        while rows := list(islice(source, AT_ONCE)):
            check_text(model, fields, rows)
            values = [
                [each.get_db_prep_save(getattr(row, each.attname), connection=target) for each in fields]
                for row in rows
            ]
            try:
                cursor.executemany(insert, values)
            except (Error, ValueError) as error:
                raise MoveFailed(f"{model._meta.db_table}: {str(error).strip()}") from error


def check_text(model, fields, rows):
    """PostgreSQL stores no NUL."""
    if connections[TARGET].vendor != "postgresql":
        return
    for row in rows:
        for each in fields:
            if has_nul(getattr(row, each.attname)):
                raise MoveFailed(f"{model._meta.db_table}, row {row.pk}: {each.name} has a NUL character, which"
                                 " PostgreSQL does not store. Remove it first")  # fmt: skip


def has_nul(value):
    """Whether a text has a NUL character, or one in JSON."""
    match value:
        case str():
            return "\x00" in value
        case dict():
            return any(map(has_nul, [*value, *value.values()]))
        case list():
            return any(map(has_nul, value))
    return False


def table_digest(model, alias):
    """(number of rows, a hash of all of them): the sum of the rows' hashes, since databases sort texts differently."""
    names = [each.attname for each in model._meta.local_concrete_fields]
    count, total = 0, 0
    for row in rows_of(model, alias).values_list(*names).iterator(chunk_size=AT_ONCE):
        count += 1
        total += int.from_bytes(hashlib.sha256(canonical_row(row)).digest())
    return count, f"{total % 2**256:064x}"


def canonical_row(row):
    return "\x1f".join(map(canonical_value, row)).encode("utf-8", "surrogatepass")


def canonical_value(value):
    """The same text for the same value, whichever database it comes from."""
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat()
        case bytes() | memoryview():
            return bytes(value).hex()
        case Decimal():
            return str(value.normalize())
        case dict() | list():
            return json.dumps(value, sort_keys=True, default=str)
        case _:
            return repr(value)


def copy_sequence(model, source, target):
    """Let new rows be numbered as they would have been: ids of deleted rows are not given again."""
    if not isinstance(model._meta.pk, models.AutoField | models.BigAutoField):
        return None
    last = last_id(model, source)
    if last:
        reserve_ids(model, last, connection=target)
    return last


def build_search(target):
    search.rebuild()
    entries = search.SearchEntry.objects.count()
    with target.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM blog_fts")
        (indexed,) = cursor.fetchone()
    if indexed != entries:
        raise MoveFailed(f"the search has {indexed} of {entries} entries")
    return entries


def receipt_lines(receipt) -> Iterator[str]:
    """The receipt for the terminal."""
    yield f"From {receipt.source}"
    yield f"to   {receipt.target}"
    for table in receipt.tables:
        if table.rows:
            yield f"{table.rows:>10,}  {table.sha256[:16]}  {table.name}"
    yield f"{receipt.rows:>10,}  rows in {len(receipt.tables)} tables, compared by hash"
    yield f"{receipt.search_entries:>10,}  entries of the search"
