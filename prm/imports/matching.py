"""The records there are, found again by what a file says of them; and those that are merely similar."""

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from prm.common.names import normalised
from prm.imports.fields import Identity, Target

Id = Hashable


@dataclass(frozen=True, slots=True)
class Record:
    """A record there is: `values` by field name, as the fields would hold them (a reference holds an id)."""

    id: Id
    label: str
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record a row may mean, and how alike the two names are (0 … 1)."""

    id: Id
    label: str
    likeness: float


class Records:
    """The records of one target, by each of its identities."""

    def __init__(self, target: Target, records: Iterable[Record]) -> None:
        self.target = target
        self.by_id: dict[Id, Record] = {}
        self._holders: dict[Identity, dict[object, list[Record]]] = {
            identity: defaultdict(list) for identity in target.identities
        }
        for record in records:
            self.by_id[record.id] = record
            for identity, holders in self._holders.items():
                value = identity.of(record.values)
                if value is not None:
                    holders[value].append(record)

    @cached_property
    def _similar(self) -> "Similar":
        return Similar(self.by_id.values(), self.target.title)

    @cached_property
    def _by_figures(self) -> dict[str, list[Record]]:
        found: dict[str, list[Record]] = defaultdict(list)
        for identity, holders in self._holders.items():
            if identity.unique and len(identity.fields) == 1:
                for value, records in holders.items():
                    if figures := _figures(str(value)):
                        found[figures].extend(records)
        return found

    def alike(self, text: str) -> list[Candidate]:
        """Records that a text may mean although none is called so: of a similar name, or of an id with the same figures."""
        found = [Candidate(record.id, record.label, likeness) for record, likeness in self._similar.find(text)]
        same = self._by_figures.get(_figures(text), []) if self.target.title else []
        if len(same) == 1:
            found.insert(0, Candidate(same[0].id, same[0].label, SAME_FIGURES))
        return found

    def holders(self, identity: Identity, value: object) -> list[Record]:
        """The records that hold a value of an identity."""
        return self._holders[identity].get(value, [])


def conflicting(identities: Iterable[Identity], one: Mapping[str, object], other: Mapping[str, object]) -> bool:
    """Whether two sets of values contradict each other in one of the identities: both have it, and not the same."""
    for identity in identities:
        left, right = identity.of(one), identity.of(other)
        if left is not None and right is not None and left != right:
            return True
    return False


def named(records: Records, text: str) -> list[Record]:
    """The records a text in a reference's cell may mean: by id, else by domain, else by name."""
    for identity in records.target.identities:
        if len(identity.fields) == 1:
            value = identity.of({identity.fields[-1]: text})
            found = records.holders(identity, value) if value is not None else []
            if found:
                return found
    return []


MOST_SHARING = 50
LIKE = 0.75
SAME_FIGURES = 0.9  # AW00000676 for 676
FIGURES = re.compile(r"[A-Za-z#_.-]{0,6}0*([1-9]\d*)(?:\.0+)?")


def _figures(text: str) -> str:
    """What is left of an id without the letters and zeros some program put before it."""
    match = FIGURES.fullmatch(text)
    return match[1] if match else ""


class Similar:
    """Finds records of similar names by the share of three-letter pieces two names have in common (Dice's coefficient).

    Only records that share a word, the beginning or the end with the name are compared, and no piece that over fifty
    records share leads to any: so a search takes the same short time however many there are.
    """

    def __init__(self, records: Iterable[Record], title: str) -> None:
        self._pieces: dict[Id, frozenset[str]] = {}
        self._records: dict[Id, Record] = {}
        self._by_hint: dict[str, list[Id]] = defaultdict(list)
        for record in records:
            name = normalised(str(record.values.get(title) or ""))
            if name:
                self._records[record.id] = record
                self._pieces[record.id] = _pieces(name)
                for hint in _hints(name):
                    self._by_hint[hint].append(record.id)
        self._by_hint = {hint: ids for hint, ids in self._by_hint.items() if len(ids) <= MOST_SHARING}

    def find(self, text: str) -> list[tuple[Record, float]]:
        """Records of a similar name with their likeness of at least 0.75, the most alike first."""
        name = normalised(text)
        ids = {record_id for hint in _hints(name) for record_id in self._by_hint.get(hint, ())}
        if not ids:
            return []
        pieces = _pieces(name)
        found = []
        for record_id in ids:
            other = self._pieces[record_id]
            likeness = 2 * len(pieces & other) / (len(pieces) + len(other))
            if likeness >= LIKE:
                found.append((self._records[record_id], round(likeness, 3)))
        return sorted(found, key=lambda pair: (-pair[1], pair[0].label, str(pair[0].id)))


def _pieces(name: str) -> frozenset[str]:
    compact = f"  {name.replace(' ', '')} "
    return frozenset(compact[i : i + 3] for i in range(len(compact) - 2))


def _hints(name: str) -> set[str]:
    compact = name.replace(" ", "")
    return {word for word in name.split() if len(word) > 2} | {f"^{compact[:4]}", f"{compact[-4:]}$"}
