"""What is kept of a plan for its pages: the rows that do something or can't, in words."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from prm.common.countries import COUNTRIES
from prm.imports.fields import Kind, Target
from prm.imports.journal import copy
from prm.imports.matching import Records
from prm.imports.messages import BadValue, shown
from prm.imports.models import ImportRow, ImportRun
from prm.imports.outcome import InFile, Outcome, Plan, PlannedRow
from prm.imports.reader import Table
from prm.imports.values import Cell, plain

MOST_PREVIEWED = 500  # new rows kept with their values: enough to see whether the columns were understood
KEPT = ("run_id", "number", "outcome", "title", "record_id", "same_as", "changes", "reasons", "candidates", "cells")
Shown = Callable[[str, object], str]


def keep_rows(
    run: ImportRun, plan: Plan, records: Mapping[str, Records], table: Table, keys: Mapping[int, int] | None = None
) -> None:
    """Replaces what is kept of the run's rows; of those that can't go in also their cells, to be downloaded and corrected.
    `keys` by row: the new records, once they are written."""
    forget_rows(run)
    words = shower(plan, records)
    failing = {row.number for row in plan.of(Outcome.FAILING)}
    read_again = table.rows() if failing else ()
    cells = {row.number: [as_shown(cell) for cell in row.cells] for row in read_again if row.number in failing}
    previews = {row.number: _preview(row, words) for row in plan.of(Outcome.NEW)[:MOST_PREVIEWED]}

    def values(row: PlannedRow) -> list[object]:
        return [
            run.pk,
            row.number,
            row.outcome.value,
            title(row, plan.target)[:200],
            row.record if row.record is not None else (keys or {}).get(row.number),
            row.same_as,
            previews.get(row.number) or shown_changes(row, words),
            [{"column": reason.column, "message": reason.message.as_json()} for reason in row.reasons],
            [{"id": c.id, "label": c.label, "likeness": c.likeness} for c in row.candidates],
            cells.get(row.number, []),
        ]

    copy(ImportRow, KEPT, (values(row) for row in plan.rows if row.outcome is not Outcome.UNCHANGED))


def _preview(row: PlannedRow, words: Shown) -> dict[str, list[str]]:
    return {name: ["", words(name, value)] for name, value in row.values.items()}


def forget_rows(run: ImportRun) -> None:
    rows = ImportRow.objects.filter(run=run)
    rows._raw_delete(rows.db)


def as_shown(cell: Cell) -> str:
    """A cell as its spreadsheet shows it."""
    try:
        return plain(cell)
    except BadValue:
        return str(cell)


def title(row: PlannedRow, target: Target) -> str:
    """What the row is called: its name, else its strongest id."""
    names = [target.title, "name", *(identity.fields[-1] for identity in target.identities)]
    return next((str(row.values[name]) for name in names if row.values.get(name)), "")


def shown_changes(row: PlannedRow, words: Shown) -> dict[str, list[str]]:
    return {name: [words(name, old), words(name, new)] for name, (old, new) in row.changes.items()}


def shower(plan: Plan, records: Mapping[str, Records]) -> Shown:
    """A function from a field and its value to the words for it; "" for nothing."""
    fields = plan.target.by_name
    options = {item.name: {option.key: str(option.label) for option in item.choices} for item in plan.target.fields}
    titles = {row.number: title(row, plan.target) for row in _referred(plan)}

    def words(name: str, value: object) -> str:
        item = fields[name]
        if value is None or value == "":
            return ""
        if isinstance(value, InFile):
            return titles[value.row]
        if item.kind is Kind.REFERENCE:
            found = records[item.refers_to].by_id.get(value)
            return found.label if found else str(value)
        if item.kind is Kind.COUNTRY:
            return COUNTRIES.get(str(value), str(value))
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if isinstance(value, Decimal):
            return f"{value:f}"
        if isinstance(value, date):
            return value.isoformat()
        return shown(options[name].get(str(value), value))

    return words


def _referred(plan: Plan) -> Iterator[PlannedRow]:
    by_number: dict[int, PlannedRow] | None = None
    for row in plan.rows:
        for value in row.values.values():
            if isinstance(value, InFile):
                by_number = by_number or {other.number: other for other in plan.rows}
                yield by_number[value.row]
