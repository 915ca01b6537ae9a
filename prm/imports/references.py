"""Cells that name another record (a parent, a contact's partner): which record, or which row of the same file, is meant."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from prm.imports.fields import Field, Identity, Kind
from prm.imports.matching import named
from prm.imports.messages import _, shown
from prm.imports.outcome import Draft, InFile, Outcome, PlannedRow

RowsByValue = Mapping[Identity, Mapping[object, Sequence[PlannedRow]]]


def resolve_other_targets(draft: Draft) -> None:
    """Put the id of the record meant in place of the text. It must be there already."""
    for item in _references(draft):
        if item.refers_to != draft.target.name:
            for row in _all_said(draft):
                text = row.values.get(item.name)
                if text is not None:
                    found = named(draft.records[item.refers_to], str(text))
                    _settle(draft, row, item, str(text), [record.id for record in found])


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
