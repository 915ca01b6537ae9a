"""Cells that name another record (a parent, a contact's partner): which record, or which row of the same file, is meant."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from prm.imports.fields import Field, Identity, Kind
from prm.imports.matching import Candidate, Id, Record, Records, named
from prm.imports.messages import _, shown
from prm.imports.outcome import Asked, Draft, InFile, Made, Outcome, PlannedRow

MOST_CANDIDATES = 3
RowsByValue = Mapping[Identity, Mapping[object, Sequence[PlannedRow]]]


def resolve_other_targets(draft: Draft) -> None:
    """Put the id of the record meant in place of the text. It must be there already; where one only looks alike, the row
    waits for the user to say so."""
    for item in _references(draft):
        if item.refers_to == draft.target.name or item.owner:
            continue
        meant: dict[str, tuple[list[Id], list[Candidate]]] = {}
        for row in _all_said(draft):
            value = row.values.get(item.name)
            if value is None:
                continue
            text = str(value)
            if text not in meant:
                meant[text] = _meant(draft, item, text)
            found, alike = meant[text]
            if not alike:
                _settle(draft, row, item, text, found)
            elif row.outcome is not Outcome.PROPOSED:
                row.candidates, row.asked = tuple(alike[:MOST_CANDIDATES]), Asked(item.name, text)
                if row.outcome is Outcome.NEW:
                    row.outcome = Outcome.PROPOSED


def _meant(draft: Draft, item: Field, text: str) -> tuple[list[Id], list[Candidate]]:
    """The records a text names; where it names none, those it may mean."""
    records = draft.records[item.refers_to]
    if text in (said := draft.said.get(item.name, {})):
        chosen = said[text]
        return [chosen] if chosen in records.by_id else [], []
    found = [record.id for record in named(records, text)]
    return found, [] if found else records.alike(text)


def resolve_owned(draft: Draft) -> None:
    """Put the id of the record meant, or what is to be made, in place of cells that name something of another field's
    record: a customer, a person of the partner."""
    for item in draft.target.fields:
        if item.owner:
            owned = _Owned(item, draft.records[item.refers_to])
            for row in _all_said(draft):
                name, known_by = row.values.pop(item.name, None), row.values.pop(item.known_by, None)
                if name is None and known_by is None:
                    continue
                owner = row.values.get(item.owner)
                if owner is None:
                    draft.fail(
                        row, item.owner, _("%(label)s is missing."), label=draft.target.by_name[item.owner].label
                    )
                elif row.outcome is Outcome.NEW:
                    _settle_owned(draft, row, item, owned.find(owner, str(name or ""), str(known_by or "")), str(name))


def _settle_owned(draft: Draft, row: PlannedRow, item: Field, found: list[Id] | list[Made], text: str) -> None:
    if len(found) == 1:
        row.values[item.name] = found[0]
    else:
        _settle(draft, row, item, text, found)


class _Owned:
    """The records of owners by name and by id, and those this file makes."""

    def __init__(self, item: Field, records: Records) -> None:
        self._records = records
        self._title = records.target.title
        self._made: dict[tuple[Identity, object], Made] = {}

    def find(self, owner: Id, name: str, known_by: str) -> list[Id] | list[Made]:
        """The record meant; several, where a name says no more; else what is made for it."""
        for identity in self._records.target.identities:
            by_name = identity.fields[-1] == self._title
            value = identity.of({identity.fields[0]: owner, identity.fields[-1]: name if by_name else known_by})
            if value is None:
                continue
            holders = self._records.holders(identity, value)
            meant = [record.id for record in holders if not by_name or self._same(record, known_by)]
            made = self._made.get((identity, value))
            if meant:
                return meant
            if made and (not by_name or not made.known_by or not known_by):
                return [made]
            if identity.unique and (holders or made):
                name = f"{name} ({known_by})"  # a namesake
        new = Made(owner, name or known_by, known_by)
        for identity in self._records.target.identities:
            text = new.name if identity.fields[-1] == self._title else known_by
            value = identity.of({identity.fields[0]: owner, identity.fields[-1]: text})
            if value is not None:
                self._made.setdefault((identity, value), new)
        return [new]

    def _same(self, record: Record, known_by: str) -> bool:
        others = {identity.fields[-1] for identity in self._records.target.identities} - {self._title}
        return not known_by or all(record.values.get(name) in (None, "", known_by) for name in others)


def resolve_within_target(draft: Draft) -> None:
    """Put the id of the record meant, or the row that makes it, in place of the text; nothing may lead to itself."""
    within = [item for item in _references(draft) if item.refers_to == draft.target.name]
    if not within:
        return
    in_file: dict[Identity, dict[object, list[PlannedRow]]] = {}
    for identity in draft.target.identities:
        if len(identity.fields) == 1:
            in_file[identity] = defaultdict(list)
            for row in draft.rows:
                value = identity.of(row.values)
                if value is not None and row.outcome is not Outcome.REPEATED:
                    in_file[identity][value].append(row)
    for item in within:
        for row in _all_said(draft):
            text = row.values.get(item.name)
            if text is not None:
                _settle(draft, row, item, str(text), _named_anywhere(draft, str(text), in_file))
        _find_circles(draft, item)


def fail_dependents(draft: Draft) -> None:
    """A row that refers to a row that will not be written can't be written either, and so on."""
    dependents: dict[int, list[tuple[PlannedRow, str]]] = defaultdict(list)
    for row in draft.alive:
        for name, value in row.values.items():
            if isinstance(value, InFile):
                dependents[value.row].append((row, name))
    waiting = [row for row in draft.rows if row.outcome in (Outcome.FAILING, Outcome.PROPOSED)]
    while waiting:
        missing = waiting.pop()
        for row, name in dependents.pop(missing.number, ()):
            if row.outcome is not Outcome.FAILING:
                waiting.append(row)
            draft.fail(row, name, _("It refers to row %(row)s, which will not be imported."), row=missing.number)


def _all_said(draft: Draft) -> Iterator[PlannedRow]:
    """Failing rows too: whoever corrects the file wants to hear everything at once."""
    return (row for row in draft.rows if row.outcome is not Outcome.REPEATED)


def _references(draft: Draft) -> list[Field]:
    return [item for item in draft.target.fields if item.kind is Kind.REFERENCE and item.name in draft.header]


def _settle(draft: Draft, row: PlannedRow, item: Field, text: str, found: Sequence[object]) -> None:
    if len(found) == 1:
        row.values[item.name] = found[0]
    elif found:
        draft.fail(
            row, item.name, _("“%(value)s” fits %(count)s records. Give an id."), value=shown(text), count=len(found)
        )
    else:
        draft.fail(row, item.name, _("%(label)s “%(value)s” is not known."), label=item.label, value=shown(text))


def _named_anywhere(draft: Draft, text: str, in_file: RowsByValue) -> list[object]:
    for identity, rows_by_value in in_file.items():
        value = identity.of({identity.fields[-1]: text})
        if value is not None:
            found: dict[object, None] = {record.id: None for record in draft.own.holders(identity, value)}
            found.update((row.node, None) for row in rows_by_value.get(value, ()))
            if found:
                return list(found)
    return []


def _find_circles(draft: Draft, item: Field) -> None:
    planned = {row.node: row for row in draft.alive}

    def above(node: object) -> object:
        row = planned.get(node)
        if row and item.name in row.values:
            return row.values[item.name]
        record = draft.own.by_id.get(node)
        return record.values.get(item.name) if record else None

    safe: set[object] = set()
    for start in list(planned):
        path: dict[object, None] = {}
        node: object = start
        while node is not None and node not in safe and node not in path:
            path[node] = None
            node = above(node)
        if node in path:
            nodes = list(path)
            for member in nodes[nodes.index(node) :]:
                if member in planned:
                    draft.fail(
                        planned[member], item.name, _("%(label)s leads back to the record itself."), label=item.label
                    )
        safe.update(path)
