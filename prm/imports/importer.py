"""What a tool says of the things that can be imported into it; the engine does the rest."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import Model
from django.utils.translation import gettext_lazy as _l

from prm.imports.fields import Target
from prm.imports.journal import Change, Journal
from prm.imports.matching import Records
from prm.imports.models import ImportRun
from prm.imports.outcome import Draft, Plan, PlannedRow


@dataclass(frozen=True)
class Blocker:
    """Why an import can't be undone: the record, what was done with it since, and where it is."""

    record: str
    what: str
    url: str = ""


class Writer:
    """One import's way from the target's values to the tables."""

    def __init__(self, journal: Journal, by: Any) -> None:
        self.journal = journal
        self.by = by

    def columns(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """What the model's columns (attname) hold for these values of the target's fields; references are keys. Choices
        still to be added are created here."""
        raise NotImplementedError

    def prepare(self, rows: Sequence[PlannedRow]) -> None:
        """What is made at once for these rows, before their columns are asked for."""

    def before(self, new: Sequence[Any], changes: Sequence[Change]) -> None:
        """What must give way before the records are written."""

    def after(self, new: Sequence[Any], changes: Sequence[Change]) -> None:
        """What is written along with the records, which hold their new values by now."""


class Importer(ABC):
    """One kind of import. `derived` are tables computed from others: their rows go with what an undo deletes.

    A `streamed` kind has rows by the hundred thousand, each of which stands for itself and is known by a unique identity: they
    are planned and written piece by piece, new ones are remembered together, and the audit log tells of the file only.
    """

    kind: ClassVar[str]
    label: ClassVar[Any]  # "Partners"
    hint: ClassVar[Any]  # what a file of it holds
    verb: ClassVar[str]  # of the audit log, for each record written
    undo_verb: ClassVar[str]
    model: ClassVar[type[Model]]
    derived: ClassVar[tuple[type[Model], ...]] = ()
    list_url: ClassVar[str]  # name of the address of the list where the records stand
    list_label: ClassVar[Any] = _l("See the partners")
    streamed: ClassVar[bool] = False

    @abstractmethod
    def target(self) -> Target:
        """The target with the choices there are now."""

    def preset(self) -> dict[str, str]:
        """Values proposed for all new records."""
        return {}

    @abstractmethod
    def records(self, target: Target, names: set[str], *, lock: bool) -> dict[str, Records]:
        """What rows are matched to, by target: the target's own records with the fields in `names`, and those it refers
        to. `lock`: nobody changes the own ones until the transaction ends. What `more` gives can be left out."""

    def more(self, draft: Draft, names: set[str], *, lock: bool) -> dict[str, Records]:
        """Records that these rows can mean, where there are too many to have them all at hand."""
        return {}

    @abstractmethod
    def writer(self, journal: Journal, by: Any) -> Writer:
        """What turns values into the model's columns, for one import."""

    def write(self, plan: Plan, writer: Writer) -> dict[int, int] | None:
        """Writes the plan where a row is not a record; returns the new records' keys by row. None: the engine does it."""
        return None

    def owners(self, ids: Iterable[int]) -> set[int]:
        """The partners that records belong to, asked before and after these are written or taken back."""
        return set()

    @abstractmethod
    def tell(self, ids: Iterable[int], fields: Iterable[str], owners: Collection[int]) -> None:
        """Sends the events for records that were written or (undo) restored, and for owners that lost or got some."""

    def blockers(self, run: ImportRun) -> list[Blocker]:
        """Why an undo is refused beyond what the engine sees: later edits and rows that refer to what was created."""
        return []


_importers: dict[str, Importer] = {}


def register(importer: Importer) -> None:
    _importers[importer.kind] = importer


def importer(kind: str) -> Importer:
    """Raises KeyError for a kind there is not."""
    return _importers[kind]


def importers() -> list[Importer]:
    return list(_importers.values())
