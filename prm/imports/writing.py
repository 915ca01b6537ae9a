"""The import itself: everything the plan says is written in one transaction, or nothing is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from prm.common import audit
from prm.imports.engine import ImportRefused, Progress, keeper_of, open_rows_text, plans, silent
from prm.imports.importer import Importer, importer
from prm.imports.journal import Change, Journal, allocate, batches, one_at_a_time, settled
from prm.imports.kept import Shown, shower, shown_changes
from prm.imports.models import OPEN_OUTCOMES, ImportRun
from prm.imports.outcome import InFile, Outcome, Plan, PlannedRow


def write(run: ImportRun, *, by: Any, progress: Progress = silent) -> ImportRun:
    """Plans once more against the records as they are now, which nobody changes meanwhile, and writes it.

    Raises ImportRefused: it was done already, rows fail now, or somebody's change came in between.
    """
    try:
        with transaction.atomic():
            one_at_a_time()
            run = ImportRun.objects.select_for_update().get(pk=run.pk)
            if run.state != ImportRun.State.CHECKED:
                raise ImportRefused(_("This file was imported already."))
            writing, keeper = Writing(run, by, progress), keeper_of(run)
            for plan, cells in plans(run, lock=True, progress=progress):
                opened = sum(plan.counts[outcome] for outcome in OPEN_OUTCOMES)
                if opened and not run.partial:
                    raise ImportRefused(_("The data changed since the check.") + " " + open_rows_text(opened))
                keeper.keep(plan, cells, writing.write(plan))
            run.counts = keeper.counts
            writing.tell()
            run.state, run.committed_at, run.committed_by = ImportRun.State.COMMITTED, timezone.now(), by
            run.save()
            audit.record(by=by, verb="import.committed", target=run, note=_summary(run))
            settled()
    except IntegrityError as error:
        raise ImportRefused(
            _("Somebody changed the same records at the same moment. Nothing was imported: run it again.")
        ) from error
    return run


class Writing:
    """Writes the plan of an import, or its pieces one after another, and remembers whom to tell."""

    def __init__(self, run: ImportRun, by: Any, progress: Progress) -> None:
        self.run, self.by = run, by
        self.imp = importer(run.kind)
        told = silent if self.imp.streamed else progress  # there reading goes on between writes, and tells
        self.journal = Journal(run, _counting(told, run.to_write), together=self.imp.streamed)
        self.writer = self.imp.writer(self.journal, by)
        self.ids: list[int] = []
        self.fields: set[str] = set()
        self.owners: set[int] = set()

    def write(self, plan: Plan) -> dict[int, int]:
        """Writes new and changed records; returns the new ones' keys by row."""
        new, changed = plan.of(Outcome.NEW), plan.of(Outcome.CHANGED)
        self.fields |= {name for row in changed for name in row.changes} | {name for row in new for name in row.values}
        keys = self.imp.write(plan, self.writer)
        if keys is None:
            keys = self._write(plan, new, changed)
        there = [row.record for row in changed if isinstance(row.record, int)]
        self.ids += [*keys.values(), *there]
        self.owners |= self.imp.owners([*keys.values(), *there])
        return keys

    def tell(self) -> None:
        """Sends the events, after the last piece."""
        self.imp.tell(self.ids, self.fields, self.owners)

    def _write(self, plan: Plan, new: list[PlannedRow], changed: list[PlannedRow]) -> dict[int, int]:
        imp, writer = self.imp, self.writer
        keys = dict(zip((row.number for row in new), allocate(imp.model, len(new)), strict=True))
        self.owners |= imp.owners(row.record for row in changed if isinstance(row.record, int))
        writer.prepare([*new, *changed])

        def columns(values: Mapping[str, object]) -> dict[str, Any]:
            return writer.columns({n: keys[v.row] if isinstance(v, InFile) else v for n, v in values.items()})

        objects = [imp.model(pk=keys[row.number], **columns(row.values)) for row in new]
        there = _instances(imp, [row.record for row in changed])
        changes = [
            Change(there[row.record], columns({name: pair[1] for name, pair in row.changes.items()}), row.number)
            for row in changed
        ]
        writer.before(objects, changes)
        self.journal.create(objects, [row.number for row in new])
        made = self.journal.change(changes)
        writer.after(objects, made)
        if not imp.streamed:
            self._audit(objects, [(there[row.record], row) for row in changed], shower(plan))
        return keys

    def _audit(self, new: list[Any], changed: list[tuple[Any, PlannedRow]], words: Shown) -> None:
        told = [*((one, {}) for one in new), *((one, shown_changes(row, words)) for one, row in changed)]
        audit.record_many(by=self.by, verb=self.imp.verb, changes=told, note=self.run.file_name)


def _instances(imp: Importer, pks: list[Any]) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for batch in batches(pks):
        found |= imp.model._base_manager.in_bulk(batch)
    return found


def _counting(progress: Progress, total: int) -> Any:
    done = 0

    def wrote(number: int) -> None:
        nonlocal done
        done += number
        progress(min(done, total), total, _("Writing"))

    return wrote


def _summary(run: ImportRun) -> str:
    return ", ".join(f"{outcome}: {number}" for outcome, number in run.counts.items() if number)
