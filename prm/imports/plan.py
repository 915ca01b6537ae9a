"""The dry run: what an import would do, row by row, without doing any of it.

A row is matched to a record by the target's identities, strongest first; what merely looks alike is proposed and waits
for the user. Every reason a row can't go in is named with row, column and words. Pure: records in, plan out.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from prm.common.names import normalised
from prm.imports.fields import Identity, Target, converter
from prm.imports.formats import ColumnFormat
from prm.imports.layout import Column
from prm.imports.matching import Candidate, Id, Record, Records, Similar, conflicting
from prm.imports.messages import BadRow, BadValue, _, shown
from prm.imports.outcome import Draft, InFile, Outcome, Plan, PlannedRow, Reason, Seen
from prm.imports.reader import Row
from prm.imports.references import (
    MOST_CANDIDATES,
    fail_dependents,
    resolve_other_targets,
    resolve_owned,
    resolve_within_target,
)
from prm.imports.repeats import find_repeats
from prm.imports.values import Cell

__all__ = ["InFile", "Outcome", "Plan", "PlannedRow", "Planner", "Reason", "build"]

REPORT_EVERY = 1_000
REMEMBERED = 20_000


def build(
    target: Target,
    columns: Sequence[Column],
    mapping: Sequence[str | None],
    rows: Iterable[Row],
    records: Mapping[str, Records],
    *,
    formats: Mapping[str, ColumnFormat] | None = None,
    decisions: Mapping[int, Id | None] | None = None,
    defaults: Mapping[str, object] | None = None,
    progress: Callable[[int], None] | None = None,
) -> Plan:
    """Plan an import of one piece, see `Planner`. `progress` is called with the number of rows read, every thousand."""
    planner = Planner(target, columns, mapping, records, formats or {}, decisions or {}, defaults or {})
    return planner.plan(rows, progress)


@dataclass
class Planner:
    """Plans an import, all of it or piece by piece (then with `seen`, and only for targets whose identities are unique).

    `mapping` names the field of each column in turn (None: ignored). `records` by target name: those of the target
    itself and of all that its fields refer to; `more` reads those that a draft turns out to mean. `decisions` by row number:
    the record a row is, or None for a new one. `defaults` are what new records get where the file says nothing; `said` what
    texts in cells of references mean.
    """

    target: Target
    columns: Sequence[Column]
    mapping: Sequence[str | None]
    records: Mapping[str, Records]
    formats: Mapping[str, ColumnFormat] = field(default_factory=dict)
    decisions: Mapping[int, Id | None] = field(default_factory=dict)
    defaults: Mapping[str, object] = field(default_factory=dict)
    said: Mapping[str, Mapping[str, Id | None]] = field(default_factory=dict)
    more: Callable[[Draft], Mapping[str, Records]] | None = None
    seen: Seen | None = None

    def plan(self, rows: Iterable[Row], progress: Callable[[int], None] | None = None) -> Plan:
        """What becomes of these rows."""
        draft = Draft(self.target, self.records, self._header, self.decisions, self.said, self.seen)
        self._read(draft, rows, progress)
        resolve_other_targets(draft)
        if self.more:
            draft.records = {**draft.records, **self.more(draft)}
        resolve_owned(draft)
        find_repeats(draft)
        (self.target.match or _match)(draft)
        resolve_within_target(draft)
        _fill(draft, self._given)
        _check_companions(draft)
        if self.target.check:
            self.target.check(draft)
        _judge(draft)
        fail_dependents(draft)
        normalised.cache_clear()  # tens of MB after a large file
        return Plan(self.target, draft.rows, draft.records)

    @cached_property
    def _copied(self) -> dict[str, int]:
        """Fields that take what stands in a column of another field, by the column's place."""
        places = {column.name: column.index for column in self.columns}
        return {
            name: places[str(column)]
            for name, column in self.defaults.items()
            if self.target.by_name[name].from_column and str(column) in places and name not in self.mapping
        }

    @cached_property
    def _given(self) -> dict[str, object]:
        return {
            name: value
            for name, value in self.defaults.items()
            if not self.target.by_name[name].goes_with and not self.target.by_name[name].from_column
        }

    @cached_property
    def _header(self) -> dict[str, str]:
        header = {name: column.name for column, name in zip(self.columns, self.mapping, strict=True) if name}
        return header | {name: self.columns[index].name for name, index in self._copied.items()}

    @cached_property
    def _readers(self) -> list[tuple[int, str, Callable[[Cell], object]]]:
        """What makes values of cells: the cell's place, its field, the function."""
        places = [(index, name) for index, name in enumerate(self.mapping) if name]
        places += [(index, name) for name, index in self._copied.items()]
        return [
            (index, name, _remembering(converter(self.target.by_name[name], self.formats.get(name, ColumnFormat()))))
            for index, name in places
        ]

    def _read(self, draft: Draft, rows: Iterable[Row], progress: Callable[[int], None] | None) -> None:
        companions = [
            (item.name, item.goes_with)
            for item in self.target.fields
            if item.goes_with and item.name in self.defaults and not item.from_column
        ]
        finish = self.target.finish
        for row in rows:
            planned = PlannedRow(row.number)
            draft.rows.append(planned)
            if row.problem:
                planned.outcome = Outcome.FAILING
                planned.reasons.append(Reason("", "", row.problem))
                continue
            values: dict[str, Any] = {}
            for index, name, read in self._readers:
                try:
                    value = read(row.cells[index])
                except BadValue as problem:
                    planned.outcome = Outcome.FAILING
                    planned.reasons.append(Reason(draft.header[name], name, problem.message))
                else:
                    if value is not None:
                        values[name] = value
            for name, other in companions:
                if other in values and name not in values:
                    values[name] = self.defaults[name]
            try:
                planned.values = finish(values) if finish else values
            except BadRow as problem:
                planned.values = values
                if not planned.reasons:
                    draft.fail(planned, problem.field, problem.message.text, **problem.message.params)
            if progress and len(draft.rows) % REPORT_EVERY == 0:
                progress(len(draft.rows))


def _remembering(read: Callable[[Cell], object]) -> Callable[[Cell], object]:
    """The same function, faster for texts that come again and again."""
    known: dict[str, object] = {"": None}

    def remembering(cell: Cell) -> object:
        if cell is None or not isinstance(cell, str):
            return read(cell)
        if cell in known:
            return known[cell]
        value = read(cell)
        if len(known) < REMEMBERED:
            known[cell] = value
        return value

    return remembering


# ------------------------------------------------------------------------------------------------------------ matching


def _match(draft: Draft) -> None:
    for row in draft.alive:
        chosen = draft.decisions.get(row.number)
        if chosen is not None and chosen not in draft.own.by_id:
            draft.fail(row, "", _("The chosen record is no longer there. Choose again."))
        elif chosen is not None:
            _claim(draft, row, chosen, ())
    for place, identity in enumerate(draft.unique):
        for row in draft.alive:
            if row.record is None and row.number not in draft.decisions:
                _match_unique(draft, row, identity, draft.unique[:place])
    eligible: dict[int, list[Record]] = defaultdict(list)
    for identity in draft.weak:
        _match_weak(draft, identity, eligible)
    _propose(draft, eligible)
    _check_taken(draft)


def _claim(draft: Draft, row: PlannedRow, record: Id, by: tuple[str, ...]) -> None:
    earlier = draft.claimed.setdefault(record, row)
    if earlier is row:
        row.record, row.matched_by = record, by
    else:
        draft.fail(
            row,
            by[-1] if by else "",
            _("Row %(row)s is “%(record)s” already."),
            row=earlier.number,
            record=shown(draft.own.by_id[record].label),
        )


def _match_unique(draft: Draft, row: PlannedRow, identity: Identity, stronger: Sequence[Identity]) -> None:
    value = identity.of(row.values)
    for record in draft.own.holders(identity, value) if value is not None else ():
        if conflicting(stronger, row.values, record.values):
            _fail_taken(draft, row, identity, record)
        else:
            _claim(draft, row, record.id, identity.fields)


def _match_weak(draft: Draft, identity: Identity, eligible: dict[int, list[Record]]) -> None:
    """Match by a value that file and records hold once; what fits but is not that certain becomes eligible."""
    in_file = Counter(identity.of(row.values) for row in draft.rows if row.outcome is not Outcome.REPEATED)
    for row in draft.alive:
        value = identity.of(row.values)
        if row.record is not None or value is None or row.number in draft.decisions:
            continue
        holders = draft.own.holders(identity, value)
        if len(holders) == 1 and in_file[value] == 1 and _free(draft, row, holders[0], draft.unique):
            _claim(draft, row, holders[0].id, identity.fields)
        elif identity is draft.weak[-1]:
            eligible[row.number].extend(holders)


def _free(draft: Draft, row: PlannedRow, record: Record, identities: Sequence[Identity]) -> bool:
    return record.id not in draft.claimed and not conflicting(identities, row.values, record.values)


def _propose(draft: Draft, eligible: Mapping[int, Sequence[Record]]) -> None:
    title = draft.target.title
    similar = Similar((record for record in draft.own.by_id.values() if record.id not in draft.claimed), title)
    remembered: dict[str, list[tuple[Record, float]]] = {}
    for row in draft.alive:
        if row.record is not None or row.number in draft.decisions:
            continue
        name = str(row.values.get(title) or "")
        if name not in remembered:
            remembered[name] = similar.find(name)
        fits = [*((record, 1.0) for record in eligible.get(row.number, ())), *remembered[name]]
        found: dict[Id, Candidate] = {}
        for record, likeness in fits:
            if _free(draft, row, record, draft.unique[:1]):
                found.setdefault(record.id, Candidate(record.id, record.label, likeness))
        if found:
            row.outcome = Outcome.PROPOSED
            row.candidates = tuple(found.values())[:MOST_CANDIDATES]


def _check_taken(draft: Draft) -> None:
    """No row may take an id that another record holds."""
    for row in draft.alive:
        before = draft.own.by_id[row.record].values if row.record is not None else {}
        for identity in draft.unique:
            value = identity.of({**before, **row.values})
            for record in draft.own.holders(identity, value) if value is not None else ():
                if record.id != row.record:
                    _fail_taken(draft, row, identity, record)


def _fail_taken(draft: Draft, row: PlannedRow, identity: Identity, record: Record) -> None:
    draft.fail(
        row,
        identity.fields[-1],
        _("This %(label)s belongs to “%(record)s”."),
        label=draft.label(identity),
        record=shown(record.label),
    )


# ------------------------------------------------------------------------------------------------------------- judging


def _fill(draft: Draft, given: Mapping[str, object]) -> None:
    """Give new records what they get where the file says nothing."""
    for row in draft.rows:
        if row.record is None and (row.outcome is Outcome.NEW or (row.outcome is Outcome.FAILING and row.values)):
            row.values = {**given, **row.values}


def _check_companions(draft: Draft) -> None:
    for item in draft.target.fields:
        if item.goes_with and not item.from_column:
            for row in draft.alive:
                before = draft.own.by_id[row.record].values if row.record is not None else {}
                said = row.values.get(item.name)
                if row.values.get(item.goes_with) is not None and said is None and not before.get(item.name):
                    draft.fail(row, item.name, _("%(label)s is missing."), label=item.label)


def _judge(draft: Draft) -> None:
    """Name what changes, and what a new record lacks."""
    for row in draft.rows:
        if row.record is not None and row.outcome is Outcome.NEW:
            before = draft.own.by_id[row.record].values
            row.changes = {
                name: (before.get(name), value) for name, value in row.values.items() if value != before.get(name)
            }
            row.outcome = Outcome.CHANGED if row.changes else Outcome.UNCHANGED
        elif row.outcome is Outcome.NEW or (row.outcome is Outcome.FAILING and not _known(draft, row)):
            _require(draft, row)


def _known(draft: Draft, row: PlannedRow) -> bool:
    """Whether a failing row speaks of a record there is, which needs not be told again what it has."""
    values = [(identity, identity.of(row.values)) for identity in draft.unique]
    return not row.values or any(draft.own.holders(identity, value) for identity, value in values if value is not None)


def _require(draft: Draft, row: PlannedRow) -> None:
    blamed = {reason.field for reason in row.reasons}
    for item in draft.target.fields:
        if item.required and item.name not in row.values and item.name not in blamed:
            if item.name in draft.header:
                draft.fail(row, item.name, _("%(label)s is missing."), label=item.label)
            else:
                draft.fail(row, item.name, _("%(label)s is missing: no column is mapped to it."), label=item.label)
