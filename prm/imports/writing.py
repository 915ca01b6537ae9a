"""The import itself: everything the plan says is written in one transaction, or nothing is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from prm.common import audit
from prm.imports.engine import ImportRefused, Progress, one_at_a_time, open_rows_text, opened, plan_of, settled, silent
from prm.imports.importer import Importer, importer
from prm.imports.journal import Change, Journal, allocate, batches
from prm.imports.kept import keep_rows, shower, shown_changes
from prm.imports.matching import Records
from prm.imports.models import ImportRun
from prm.imports.outcome import InFile, Outcome, Plan


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
            plan, records = plan_of(run, lock=True, progress=progress)
            run.counts = {outcome.value: number for outcome, number in plan.counts.items()}
            if run.left_open and not run.partial:
                raise ImportRefused(_("The data changed since the check.") + " " + open_rows_text(run.left_open))
            keys = _write(run, plan, records, by, progress)
            with opened(run) as table:
                keep_rows(run, plan, records, table, keys)
            run.state, run.committed_at, run.committed_by = ImportRun.State.COMMITTED, timezone.now(), by
            run.save()
            audit.record(by=by, verb="import.committed", target=run, note=_summary(run))
            settled()
    except IntegrityError as error:
        raise ImportRefused(
            _("Somebody changed the same records at the same moment. Nothing was imported: run it again.")
        ) from error
    return run


def _write(run: ImportRun, plan: Plan, records: Mapping[str, Records], by: Any, progress: Progress) -> dict[int, int]:
    """Writes new and changed records; returns the new ones' keys by row."""
    imp = importer(run.kind)
    new, changed = plan.of(Outcome.NEW), plan.of(Outcome.CHANGED)
    journal = Journal(run, _counting(progress, len(new) + len(changed)))
    keys = dict(zip((row.number for row in new), allocate(imp.model, len(new)), strict=True))

    writer = imp.writer(journal, by)

    def columns(values: Mapping[str, object]) -> dict[str, Any]:
        return writer.columns({n: keys[v.row] if isinstance(v, InFile) else v for n, v in values.items()})

    objects = [imp.model(pk=keys[row.number], **columns(row.values)) for row in new]
    there = _instances(imp, [row.record for row in changed])
    changes = [
        Change(there[row.record], columns({name: pair[1] for name, pair in row.changes.items()}), row.number)
        for row in changed
    ]
    writer.before(objects, changes)
    journal.create(objects, [row.number for row in new])
    made = journal.change(changes)
    writer.after(objects, made)
    words = shower(plan, records)
    audit.record_many(by=by, verb=imp.verb, changes=((instance, {}) for instance in objects), note=run.file_name)
    audit.record_many(
        by=by,
        verb=imp.verb,
        changes=((there[row.record], shown_changes(row, words)) for row in changed),
        note=run.file_name,
    )
    imp.tell(
        [*keys.values(), *there],
        {name for row in changed for name in row.changes} | {name for row in new for name in row.values},
    )
    return keys


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
