"""What a tool says of the things that can be imported into it; the engine does the rest."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import Model

from prm.imports.fields import Target
from prm.imports.journal import Change, Journal
from prm.imports.matching import Records
from prm.imports.models import ImportRun


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

    def before(self, new: Sequence[Any], changes: Sequence[Change]) -> None:
        """What must give way before the records are written."""

    def after(self, new: Sequence[Any], changes: Sequence[Change]) -> None:
        """What is written along with the records, which hold their new values by now."""


class Importer(ABC):
    """One kind of import. `derived` are tables computed from others: their rows go with what an undo deletes."""

    kind: ClassVar[str]
    label: ClassVar[Any]  # "Partners"
    hint: ClassVar[Any]  # what a file of it holds
    verb: ClassVar[str]  # of the audit log, for each record written
    undo_verb: ClassVar[str]
    model: ClassVar[type[Model]]
    derived: ClassVar[tuple[type[Model], ...]] = ()
    list_url: ClassVar[str]  # name of the address of the list where the records stand

    @abstractmethod
    def target(self) -> Target:
        """The target with the choices there are now."""

    def preset(self) -> dict[str, str]:
        """Values proposed for all new records."""
        return {}

    @abstractmethod
    def records(self, target: Target, names: set[str], *, lock: bool) -> dict[str, Records]:
        """What rows are matched to, by target: the target's own records with the fields in `names`, and those it refers
        to. `lock`: nobody changes the own ones until the transaction ends."""

    @abstractmethod
    def writer(self, journal: Journal, by: Any) -> Writer:
        """What turns values into the model's columns, for one import."""

    @abstractmethod
    def tell(self, ids: Iterable[int], fields: Iterable[str]) -> None:
        """Sends the events for records that were written or (undo) restored or deleted."""

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
