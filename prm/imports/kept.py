"""What is kept of a plan for its pages: the rows that do something or can't, in words."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from prm.common.countries import COUNTRIES
from prm.imports.fields import Kind, Target
from prm.imports.journal import copy
from prm.imports.messages import BadValue, shown
from prm.imports.models import ImportRow, ImportRun
from prm.imports.outcome import Asked, InFile, Made, Outcome, Plan, PlannedRow
from prm.imports.values import Cell, plain

MOST_KEPT = 5_000  # rows of each outcome, where the kind is streamed
MOST_PREVIEWED = 500  # new rows kept with their values: enough to see whether the columns were understood
KEPT = ("run_id", "number", "outcome", "title", "record_id", "same_as", "changes", "reasons", "candidates", "cells")
OF_NAMES = frozenset({Kind.TEXT, Kind.KEY, Kind.EMAIL, Kind.DOMAIN})
Shown = Callable[[str, object], str]


class Keeper:
    """Counts rows, and keeps those that do something or can't go in instead of those the run had: all of them, or with `most`
    the first of each outcome."""

    def __init__(self, run: ImportRun, most: int | None = None) -> None:
        self.run = run
        self.most = most
        forget_rows(run)
        self._previewed: set[int] = set()
        self._counts: Counter[Outcome] = Counter()
        self._kept: Counter[Outcome] = Counter()
        self._asked: set[Asked] = set()

    @property
    def counts(self) -> dict[str, int]:
        return {outcome.value: self._counts[outcome] for outcome in Outcome}

    def keep(
        self,
        plan: Plan,
        cells: Callable[[Collection[int]], Mapping[int, Sequence[Cell]]],
        keys: Mapping[int, int] | None = None,
    ) -> None:
        """Of rows that can't go in also their cells, to be downloaded and corrected. `keys` by row: the new records, once
        they are written."""
        self._counts.update(plan.counts)
        chosen = [row for row in plan.rows if self._is_kept(row)]
        failing = {row.number for row in chosen if row.outcome is Outcome.FAILING}
        found = cells(failing) if failing else {}
        words = shower(plan)
        copy(ImportRow, KEPT, (self._values(row, plan, words, found, keys or {}) for row in chosen))

    def _is_kept(self, row: PlannedRow) -> bool:
        if row.outcome is Outcome.UNCHANGED:
            return False
        if row.outcome is Outcome.PROPOSED and row.asked:  # one answer is for all rows with this text
            if row.asked in self._asked:
                return False
            self._asked.add(row.asked)
        self._kept[row.outcome] += 1
        if row.outcome is Outcome.NEW and self._kept[row.outcome] <= MOST_PREVIEWED:
            self._previewed.add(row.number)
        return self.most is None or self._kept[row.outcome] <= self.most

    def _values(
        self, row: PlannedRow, plan: Plan, words: Shown, cells: Mapping[int, Sequence[Cell]], keys: Mapping[int, int]
    ) -> list[object]:
        asked = {"field": row.asked.field, "text": row.asked.text} if row.asked else {}
        return [
            self.run.pk,
            row.number,
            row.outcome.value,
            (row.asked.text if row.asked else title(row, plan.target) or _owner(row, plan, words))[:200],
            row.record if row.record is not None else keys.get(row.number),
            row.same_as,
            _preview(row, words) if row.number in self._previewed else shown_changes(row, words),
            [{"column": reason.column, "message": reason.message.as_json()} for reason in row.reasons],
            [{"id": c.id, "label": c.label, "likeness": c.likeness, **asked} for c in row.candidates],
            [as_shown(cell) for cell in cells.get(row.number, ())],
        ]


def _short(value: Decimal) -> Decimal:
    """A number without the zeros that its table keeps beyond the cents."""
    cents = round(value, 2)
    return cents if value == cents and value.as_tuple().exponent < cents.as_tuple().exponent else value  # type: ignore[operator]


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
    titles = (name for name in names if name in target.by_name and target.by_name[name].kind in OF_NAMES)
    return next((str(row.values[name]) for name in titles if row.values.get(name)), "")


def _owner(row: PlannedRow, plan: Plan, words: Shown) -> str:
    """Whose record it is, where it has no name of its own."""
    owners = (item.name for item in plan.target.fields if item.kind is Kind.REFERENCE and item.required)
    return next((words(name, row.values[name]) for name in owners if name in row.values), "")


def shown_changes(row: PlannedRow, words: Shown) -> dict[str, list[str]]:
    return {name: [words(name, old), words(name, new)] for name, (old, new) in row.changes.items()}


def shower(plan: Plan) -> Shown:
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
        if isinstance(value, Made):
            return value.name
        if item.kind is Kind.REFERENCE:
            found = plan.records[item.refers_to].by_id.get(value)
            return found.label if found else str(value)
        if item.kind is Kind.COUNTRY:
            return COUNTRIES.get(str(value), str(value))
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if isinstance(value, Decimal):
            return f"{_short(value):f}"
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
