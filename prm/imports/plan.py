"""The dry run: what an import would do, row by row, without doing any of it.

A row is matched to a record by the target's identities, strongest first; what merely looks alike is proposed and waits
for the user. Every reason a row can't go in is named with row, column and words. Pure: records in, plan out.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from prm.common.names import normalised
from prm.imports.fields import Identity, Target, converter
from prm.imports.formats import ColumnFormat
from prm.imports.layout import Column
from prm.imports.matching import Candidate, Id, Record, Records, Similar, conflicting
from prm.imports.messages import BadValue, _, shown
from prm.imports.outcome import Draft, InFile, Outcome, Plan, PlannedRow, Reason
from prm.imports.reader import Row
from prm.imports.references import fail_dependents, resolve_other_targets, resolve_within_target
from prm.imports.repeats import find_repeats
from prm.imports.values import Cell

__all__ = ["InFile", "Outcome", "Plan", "PlannedRow", "Reason", "build"]

MOST_CANDIDATES = 3
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
    """Plan an import.

    `mapping` names the field of each column in turn (None: ignored). `records` by target name: those of the target
    itself and of all that its fields refer to. `decisions` by row number: the record a row is, or None for a new one.
    `defaults` are what new records get where the file says nothing. `progress` is called with the number of rows read, every thousand.
    """
    header = {name: column.name for column, name in zip(columns, mapping, strict=True) if name}
    draft = Draft(target, records, header, decisions or {})
    _read(draft, mapping, rows, formats or {}, defaults or {}, progress)
    resolve_other_targets(draft)
    find_repeats(draft)
    _match(draft)
    resolve_within_target(draft)
    _fill(draft, defaults or {})
    _check_companions(draft)
    if target.check:
        target.check(draft)
    _judge(draft)
    fail_dependents(draft)
    normalised.cache_clear()  # tens of MB after a large file
    return Plan(target, draft.rows)


def _read(
    draft: Draft,
    mapping: Sequence[str | None],
    rows: Iterable[Row],
    formats: Mapping[str, ColumnFormat],
    defaults: Mapping[str, object],
    progress: Callable[[int], None] | None,
) -> None:
    companions = [
        (item.name, item.goes_with) for item in draft.target.fields if item.goes_with and item.name in defaults
    ]
    readers = [
        (index, name, _remembering(converter(draft.target.by_name[name], formats.get(name, ColumnFormat()))))
        for index, name in enumerate(mapping)
        if name
    ]
    finish = draft.target.finish
    for row in rows:
        planned = PlannedRow(row.number)
        draft.rows.append(planned)
        if row.problem:
            planned.outcome = Outcome.FAILING
            planned.reasons.append(Reason("", "", row.problem))
            continue
        values: dict[str, Any] = {}
        for index, name, read in readers:
            try:
                value = read(row.cells[index])
            except BadValue as problem:
                planned.outcome = Outcome.FAILING
                planned.reasons.append(Reason(draft.header[name], name, problem.message))
            else:
                if value is not None:
                    values[name] = value
        planned.values = finish(values) if finish else values
        for name, other in companions:
            if other in planned.values and name not in planned.values:
                planned.values[name] = defaults[name]
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


def _fill(draft: Draft, defaults: Mapping[str, object]) -> None:
    """Give new records what they get where the file says nothing."""
    given = {name: value for name, value in defaults.items() if not draft.target.by_name[name].goes_with}
    for row in draft.rows:
        if row.record is None and (row.outcome is Outcome.NEW or (row.outcome is Outcome.FAILING and row.values)):
            row.values = {**given, **row.values}


def _check_companions(draft: Draft) -> None:
    for item in draft.target.fields:
        if item.goes_with:
            for row in draft.alive:
                before = draft.own.by_id[row.record].values if row.record is not None else {}
                if row.values.get(item.goes_with) is not None and not (
                    row.values.get(item.name) or before.get(item.name)
                ):
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
