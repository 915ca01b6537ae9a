"""What a dry run says of each row, and the draft its steps work on."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from prm.imports.fields import Identity, Target
from prm.imports.matching import Candidate, Id, Records
from prm.imports.messages import Message


class Outcome(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REPEATED = "repeated"  # says what an earlier row says already
    PROPOSED = "proposed"  # looks like a record there is: the user decides
    FAILING = "failing"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a row fails: the column's header ("" where it is the row as a whole), the field, and the words."""

    column: str
    field: str
    message: Message


@dataclass(frozen=True, slots=True)
class InFile:
    """A reference to a record that another row of the same file makes."""

    row: int


@dataclass(frozen=True, slots=True)
class Made:
    """A record that is made along with the row that names it: of `owner`, by its name, and perhaps by an id."""

    owner: Id
    name: str
    known_by: str = ""

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Asked:
    """A cell that only looks like the name of a record: the field, and its text."""

    field: str
    text: str


@dataclass(slots=True)
class PlannedRow:
    """One row of the plan.

    `values` hold what the file says (nothing for empty cells: they leave a record as it is); `changes` {field: (old,
    new)} for a record there is; `matched_by` the fields it was found by; `same_as` the row that a repeated row repeats;
    `asked` is the cell that `candidates` are for, where they are not for the row itself.
    """

    number: int
    values: dict[str, object] = field(default_factory=dict)
    outcome: Outcome = Outcome.NEW
    record: Id | None = None
    matched_by: tuple[str, ...] = ()
    changes: dict[str, tuple[object, object]] = field(default_factory=dict)
    reasons: list[Reason] = field(default_factory=list)
    candidates: tuple[Candidate, ...] = ()
    same_as: int | None = None
    asked: Asked | None = None

    @property
    def node(self) -> object:
        """What a reference to this row holds: the record it is, or the row that makes it."""
        return InFile(self.number) if self.record is None else self.record


@dataclass(slots=True)
class Plan:
    """The dry run's result, a row of it for each row of the file, in the file's order; `records` are those it looked at."""

    target: Target
    rows: list[PlannedRow]
    records: Mapping[str, Records] = field(default_factory=dict)

    @property
    def counts(self) -> dict[Outcome, int]:
        found = Counter(row.outcome for row in self.rows)
        return {outcome: found[outcome] for outcome in Outcome}

    def of(self, outcome: Outcome) -> list[PlannedRow]:
        return [row for row in self.rows if row.outcome is outcome]


class Seen:
    """The ids of rows planned before, a few bytes each: what is compared are hashes."""

    def __init__(self) -> None:
        self._rows: dict[int, tuple[int, int]] = {}

    def earlier(self, identity: Identity, value: object, row: PlannedRow) -> tuple[int, bool] | None:
        """The first row of this id if it was another one, and whether it said the same."""
        said = 0 if row.reasons else _hash(row.values)
        number, before = self._rows.setdefault(hash((identity.fields, value)), (row.number, said))
        return None if number == row.number else (number, said == before and said != 0)


def _hash(values: Mapping[str, object]) -> int:
    return hash(frozenset(values.items())) or 1


@dataclass(slots=True)
class Draft:
    """A plan in the making. `header` names the mapped column of a field; `claimed` says which row is which record; `said`
    {field: {text: id of the record meant, None for none}}; `seen` knows the rows of the file that were planned before."""

    target: Target
    records: Mapping[str, Records]
    header: Mapping[str, str]
    decisions: Mapping[int, Id | None]
    said: Mapping[str, Mapping[str, Id | None]] = field(default_factory=dict)
    seen: "Seen | None" = None
    rows: list[PlannedRow] = field(default_factory=list)
    claimed: dict[Id, PlannedRow] = field(default_factory=dict)

    @property
    def own(self) -> Records:
        return self.records[self.target.name]

    @property
    def unique(self) -> Sequence[Identity]:
        return [identity for identity in self.target.identities if identity.unique]

    @property
    def weak(self) -> Sequence[Identity]:
        return [identity for identity in self.target.identities if not identity.unique]

    @property
    def alive(self) -> Iterator[PlannedRow]:
        """Rows that have neither failed so far nor repeat another."""
        return (row for row in self.rows if row.outcome not in (Outcome.FAILING, Outcome.REPEATED))

    def fail(self, row: PlannedRow, name: str, text: str, /, **params: object) -> None:
        row.outcome = Outcome.FAILING
        row.reasons.append(Reason(self.header.get(name, ""), name, Message(text, params)))

    def label(self, identity: Identity) -> str:
        return self.target.by_name[identity.fields[-1]].label
