"""Writes that can be taken back: set-based, in batches, each remembered with what was there before."""

import datetime as dt
import json
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import groupby, islice
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Field, Model
from django.db.models.expressions import RawSQL
from django.utils import timezone

from prm.imports.models import ImportChange, ImportRun

BATCH = 2_000
TOGETHER = "together"
Created, Changed = ImportChange.Operation.CREATED, ImportChange.Operation.CHANGED
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Change:
    """New values, by column (attname), for an object as it is now; `row` is the file's row that says so."""

    instance: Any
    values: dict[str, Any]
    row: int | None = None


class Journal:
    """The writes of one run. `progress(number)` is told of every batch written. `together`: new rows are remembered many in
    one entry, each by its key and a mark that tells whether it was changed since."""

    def __init__(
        self, run: ImportRun, progress: Callable[[int], None] = lambda number: None, *, together: bool = False
    ) -> None:
        self.run = run
        self.progress = progress
        self.together = together

    def create(self, objects: Sequence[Any], rows: Sequence[int | None]) -> None:
        """Inserts objects of one model; those without a key get one."""
        if not objects:
            return
        model = type(objects[0])
        fresh = [instance for instance in objects if instance.pk is None]
        for instance, pk in zip(fresh, allocate(model, len(fresh)), strict=True):
            instance.pk = pk
        for batch in batches(objects):
            insert(model, batch)
            self.progress(len(batch))
        if self.together:
            self._remember(
                (
                    None,
                    model._meta.label,
                    batch[0].pk,
                    Created,
                    {},
                    {TOGETHER: {"ids": [one.pk for one in batch], "marks": [mark(one) for one in batch]}},
                )
                for batch in batches(objects)
            )
            return
        self._remember(
            (row, model._meta.label, instance.pk, Created, {}, _filled(instance))
            for instance, row in zip(objects, rows, strict=True)
        )

    def made(self, objects: Sequence[Any], rows: Sequence[int]) -> None:
        """Remembers objects of one model that a tool's own action has inserted for these rows, so that an undo takes them back."""
        self._remember(
            (row, type(instance)._meta.label, instance.pk, Created, {}, _filled(instance))
            for instance, row in zip(objects, rows, strict=True)
        )
        self.progress(len(objects))

    def change(self, changes: Iterable[Change]) -> list[Change]:
        """Updates objects of one model; values that are there already are no change. Returns what did change."""
        made = []
        remembered = []
        for change in changes:
            model: type[Model] = type(change.instance)
            fields = _fields(model)
            before = {name: plain(getattr(change.instance, name)) for name in change.values}
            after = {name: plain(fields[name].to_python(value)) for name, value in change.values.items()}
            differing = [name for name in after if before[name] != after[name]]
            if differing:
                values = {name: change.values[name] for name in differing}
                made.append(Change(change.instance, values, change.row))
                remembered.append(({n: before[n] for n in differing}, {n: after[n] for n in differing}))
        if not made:
            return []
        model = type(made[0].instance)
        update(model, [(change.instance.pk, change.values) for change in made], self.progress)
        for change in made:
            for name, value in change.values.items():
                setattr(change.instance, name, value)
        self._remember(
            (change.row, model._meta.label, change.instance.pk, Changed, before, after)
            for change, (before, after) in zip(made, remembered, strict=True)
        )
        return made

    def _remember(self, entries: Iterable[tuple[Any, ...]]) -> None:
        copy(
            ImportChange,
            ("run_id", "row", "model", "object_id", "operation", "before", "after"),
            ((self.run.pk, *entry) for entry in entries),
        )


def one_at_a_time() -> None:
    """Imports and undos of a vendor wait for one another."""
    vendor: Any = connection
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{vendor.schema_name} imports"])


def settled() -> None:
    """Checks now what PostgreSQL would check at the end of the transaction. Raises IntegrityError."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def allocate(model: type[Model], number: int) -> list[int]:
    """Keys for `number` new rows of a table, from its sequence."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [f'"{model._meta.db_table}"', model._meta.pk.column, number],
        )
        return [row[0] for row in cursor.fetchall()]


def insert(model: type[Model], objects: Sequence[Any]) -> None:
    """Inserts objects that have their keys, by COPY: a fifth of the time of INSERT."""
    fields = list(model._meta.concrete_fields)
    copy(
        model,
        [str(field.column) for field in fields],
        ([field.get_db_prep_save(field.pre_save(one, True), connection) for field in fields] for one in objects),
    )


def update(
    model: type[Model],
    rows: Iterable[tuple[int, Mapping[str, Any]]],
    progress: Callable[[int], None] = lambda number: None,
) -> None:
    """Sets {column: value} of each row of a table, one statement for each batch that sets the same columns."""
    fields = _fields(model)
    stamps = [field for field in fields.values() if getattr(field, "auto_now", False)]
    alike: dict[tuple[str, ...], list[tuple[int, Mapping[str, Any]]]] = defaultdict(list)
    for pk, values in rows:
        alike[tuple(sorted(values))].append((pk, values))
    for names, group in alike.items():
        columns = [fields[name] for name in names]
        settings = [f'"{field.column}" = n."{field.column}"' for field in columns]
        settings += [f'"{field.column}" = %s' for field in stamps]
        kinds = ", ".join(["%s::bigint[]", *(f"%s::{field.db_type(connection)}[]" for field in columns)])
        heads = ", ".join(['"pk"', *(f'"{field.column}"' for field in columns)])
        sql = (
            f'UPDATE "{model._meta.db_table}" t SET {", ".join(settings)} '
            f'FROM unnest({kinds}) AS n({heads}) WHERE t."{model._meta.pk.column}" = n."pk"'
        )
        for batch in batches(group):
            arrays = [[pk for pk, _values in batch]]
            arrays += [
                [field.get_db_prep_save(values[field.attname], connection) for _pk, values in batch]
                for field in columns
            ]
            with connection.cursor() as cursor:
                cursor.execute(sql, [*[timezone.now() for _stamp in stamps], *arrays])
            progress(len(batch))


def copy(model: type[Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Inserts rows by COPY; JSON columns take dicts and lists. Raises Django's errors, as a query does."""
    names = ", ".join(f'"{column}"' for column in columns)
    sql = f'COPY "{model._meta.db_table}" ({names}) FROM STDIN'
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(sql) as writer:
        for row in rows:
            writer.write_row([json.dumps(value) if isinstance(value, dict | list) else value for value in row])


def batches(items: Iterable[T], size: int = BATCH) -> Iterator[list[T]]:
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch


def plain(value: Any) -> Any:
    """A column's value as JSON keeps it."""
    if isinstance(value, Decimal | dt.date | dt.datetime | dt.time):
        return str(value)
    return value


def expected(model: type[Model], values: Mapping[str, Any]) -> dict[str, Any]:
    """What all columns of a created object hold, from what `_filled` kept of it."""
    return {**_defaults(model), **values}


def mark(instance: Any) -> int:
    """A figure of an object's values; another one, nearly always, once they are changed."""
    return zlib.crc32(json.dumps(_filled(instance), sort_keys=True, ensure_ascii=False).encode())


def ids_of(change: ImportChange) -> list[int]:
    """The keys of the rows a change wrote."""
    found: list[int] = change.after[TOGETHER]["ids"] if TOGETHER in change.after else [change.object_id]
    return found


class Written(RawSQL):
    """A subquery: the keys of what a run wrote to a table."""

    def __init__(self, run: ImportRun, model: type[Model], *operations: str) -> None:
        super().__init__(
            f"SELECT coalesce(many.id::bigint, written.object_id) FROM {ImportChange._meta.db_table} written "
            f"LEFT JOIN LATERAL jsonb_array_elements_text(written.after->'{TOGETHER}'->'ids') many(id) ON true "
            "WHERE written.run_id = %s AND written.model = %s AND written.operation = ANY(%s)",
            [run.pk, model._meta.label, list(operations or (Created, Changed))],
        )


def _filled(instance: Any) -> dict[str, Any]:
    """The values of an object that are not the defaults."""
    model: type[Model] = type(instance)
    fields = _fields(model)
    found = {}
    for name, default in _defaults(model).items():
        value = plain(fields[name].to_python(getattr(instance, name)))
        if value != default:
            found[name] = value
    return found


@lru_cache(maxsize=100)
def _defaults(model: type[Model]) -> dict[str, Any]:
    """What each column holds where nothing is said; keys and time stamps are left out."""
    return {
        name: plain(field.get_default())
        for name, field in _fields(model).items()
        if not (field.primary_key or getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False))
    }


@lru_cache(maxsize=100)
def _fields(model: type[Model]) -> dict[str, "Field[Any, Any]"]:
    return {field.attname: field for field in model._meta.concrete_fields}


def alike(changes: Iterable[ImportChange]) -> Iterator[tuple[str, str, list[ImportChange]]]:
    """Changes that follow one another, by model and operation, not too many at once."""
    for (model, operation), group in groupby(changes, key=lambda change: (change.model, change.operation)):
        for batch in batches(group):
            yield model, operation, batch
