"""Rows of one file that speak of the same thing: the same said twice is dropped, two things said of one fail."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import chain

from prm.imports.fields import Identity
from prm.imports.messages import _
from prm.imports.outcome import Draft, Outcome, PlannedRow


def find_repeats(draft: Draft) -> None:
    """Mark rows that repeat an earlier one, and fail those that contradict it: another row of the same id, or a row of
    the same name where neither an id nor a domain tells the two apart."""
    for identity in draft.unique:
        _same_id(draft, identity)
    if draft.weak:
        _namesakes(draft, draft.weak[-1], draft.weak[:-1])


def _same_id(draft: Draft, identity: Identity) -> None:
    first: dict[object, PlannedRow] = {}
    for row in draft.rows:
        value = identity.of(row.values)
        if value is None or row.outcome is Outcome.REPEATED:
            continue
        if draft.seen is not None:
            found = draft.seen.earlier(identity, value, row)
            if found:
                _repeats(draft, row, identity, *found)
            continue
        earlier = first.setdefault(value, row)
        if earlier is not row:
            alike = row.values == earlier.values and not row.reasons and not earlier.reasons
            _repeats(draft, row, identity, earlier.number, alike)


def _repeats(draft: Draft, row: PlannedRow, identity: Identity, earlier: int, alike: bool) -> None:
    if alike:
        row.outcome, row.same_as = Outcome.REPEATED, earlier
    else:
        draft.fail(
            row,
            identity.fields[-1],
            _("The same %(label)s as in row %(row)s, but not the same values."),
            label=draft.label(identity),
            row=earlier,
        )


def _namesakes(draft: Draft, naming: Identity, others: Sequence[Identity]) -> None:
    groups: dict[object, list[PlannedRow]] = defaultdict(list)
    for row in draft.alive:
        value = naming.of(row.values)
        if value is not None:
            groups[value].append(row)
    for group in groups.values():
        if len(group) > 1:
            _tell_apart(draft, naming, others, group)


def _tell_apart(draft: Draft, naming: Identity, others: Sequence[Identity], group: Sequence[PlannedRow]) -> None:
    known = _Signatures(others)
    without_id = []
    for row in group:
        if any(identity.of(row.values) is not None for identity in draft.unique):
            known.add(row)
        elif row.number not in draft.decisions:
            without_id.append(row)
    for row in without_id:
        earlier = known.not_told_apart(row)
        if earlier is None:
            known.add(row)
        elif earlier.values == row.values:
            row.outcome, row.same_as = Outcome.REPEATED, earlier.number
        else:
            draft.fail(
                row,
                naming.fields[-1],
                _("The same %(label)s as in row %(row)s, and nothing tells the two apart. Give each an id."),
                label=draft.label(naming),
                row=earlier.number,
            )


class _Signatures:
    """Rows of one name by what else could tell them apart. Two rows can be told apart where both have a value of the
    same identity, and not the same."""

    def __init__(self, identities: Sequence[Identity]) -> None:
        self._identities = identities
        self._whole: dict[tuple[object, ...], PlannedRow] = {}
        self._partial: dict[tuple[object, ...], PlannedRow] = {}

    def add(self, row: PlannedRow) -> None:
        signature = self._of(row)
        (self._partial if None in signature else self._whole).setdefault(signature, row)

    def not_told_apart(self, row: PlannedRow) -> PlannedRow | None:
        signature = self._of(row)
        if signature in self._whole:
            return self._whole[signature]
        whole = self._whole.items() if None in signature else ()
        return next((other for known, other in chain(whole, self._partial.items()) if _alike(signature, known)), None)

    def _of(self, row: PlannedRow) -> tuple[object, ...]:
        return tuple(identity.of(row.values) for identity in self._identities)


def _alike(one: Sequence[object], other: Sequence[object]) -> bool:
    return all(a is None or b is None or a == b for a, b in zip(one, other, strict=True))
