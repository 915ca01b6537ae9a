"""Many rows into their tables at once, by COPY."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection, models
from psycopg.types.json import Jsonb

from accounts.models import User
from prm.common.models import AuditEntry


def number(rows: Sequence[models.Model]) -> None:
    """Gives the rows keys of their table's sequence, in order."""
    meta = rows[0]._meta
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [meta.db_table, meta.pk.column, len(rows)],
        )
        for row, (pk,) in zip(rows, cursor.fetchall(), strict=True):
            row.pk = pk


def insert(rows: Sequence[models.Model]) -> None:
    """Inserts these rows of one model as they are: no `save`, no automatic dates. Those without a key get one."""
    if not rows:
        return
    if rows[0].pk is None:
        number(rows)
    meta = rows[0]._meta
    fields = [field for field in meta.concrete_fields if not field.generated]
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    with connection.cursor() as cursor, cursor.copy(f"COPY {meta.db_table} ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row([_value(row, field) for field in fields])


def _value(row: models.Model, field: models.Field[Any, Any]) -> Any:
    value = getattr(row, field.attname)
    if value is None and isinstance(field, models.ForeignKey):
        related = getattr(row, field.name)  # it may have had no key yet when it was given to the row
        return related and related.pk
    if isinstance(field, models.FileField):
        return getattr(value, "name", value) or ""
    return Jsonb(value) if isinstance(field, models.JSONField) and value is not None else value


class Batch:
    """Rows of several models with the lines of the audit log about them; `flush` writes them, models in order of first use.

    Give a row what it refers to before the row itself; an action has the assessment it came from as `came_from`.
    """

    def __init__(self) -> None:
        self._rows: dict[type[models.Model], list[models.Model]] = defaultdict(list)
        self._log: list[tuple[models.Model, AuditEntry, bool]] = []

    def add(self, *rows: models.Model) -> None:
        for row in rows:
            self._rows[type(row)].append(row)

    def log(
        self,
        at: dt.datetime,
        by: User | None,
        verb: str,
        target: models.Model,
        changes: Mapping[str, list[Any]] | None = None,
        note: str = "",
        in_history: bool = True,
    ) -> None:
        """As `prm.common.audit.record`, of another day. The row itself is written with the same flush, or before."""
        entry = AuditEntry(
            at=at,
            actor=by,
            actor_name=by.display_name if by else "",
            verb=verb,
            target_type=target._meta.label,
            target_name=str(target)[:300],
            changes={field: [_plain(value) for value in pair] for field, pair in (changes or {}).items()},
            note=note,
        )
        self._log.append((target, entry, in_history))

    def flush(self) -> None:
        for rows in self._rows.values():
            for row in rows:
                if (origin := getattr(row, "came_from", None)) is not None:
                    row.origin_id = origin.pk  # type: ignore[attr-defined]
            insert(rows)
        for target, entry, in_history in self._log:
            entry.target_id = str(target.pk)
            partner = getattr(target, "partner", target)
            entry.partner_id = partner.pk if in_history and partner else None
        entries = sorted((entry for _target, entry, _in_history in self._log), key=lambda entry: entry.at)
        insert(entries)
        self._rows.clear()
        self._log.clear()


def _plain(value: Any) -> str | None:
    return None if value is None else str(value)
