"""An import from the file to the last row: create, choose_columns, check, decide, commit; undo is in undo.py.

What is long runs as a background job, in one transaction: a run's state changes only when its job has done all of it.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any, BinaryIO, cast

from django.core.files import File
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from prm.common import jobs
from prm.common.models import Job
from prm.imports.columns import propose
from prm.imports.fields import NO_CHOICE, Field, Kind, Target, converter, recognise_formats, unknown_choices
from prm.imports.formats import ColumnFormat, DateOrder, DecimalMark
from prm.imports.importer import importer
from prm.imports.kept import MOST_KEPT, Keeper, forget_rows
from prm.imports.layout import Column
from prm.imports.messages import BadValue, Message, marked
from prm.imports.models import ImportRun
from prm.imports.outcome import Outcome, Plan, Seen
from prm.imports.plan import Planner
from prm.imports.reader import Row, Table, open_table
from prm.imports.survey import ColumnSurvey, survey
from prm.imports.values import Cell

DIRECT_ROWS = 2_000  # what has more rows is read and checked in the background
PIECE = 5_000  # rows that are planned and written together where the kind is streamed
Cells = Callable[[Collection[int]], Mapping[int, Sequence[Cell]]]
Progress = Callable[[int, int, str], None]


class ImportRefused(Exception):
    """It can't be done; the message is for the person who asked. Nothing was changed."""


def silent(done: int, total: int, step: str) -> None:
    """Progress nobody watches."""


# ── A file comes in ──────────────────────────────────────────────────────────────────────────────────────────────────


def create(*, file: File[bytes], kind: str, by: Any, name: str = "") -> ImportRun:
    """Takes in a file (at most 50 MB), proposes what its columns are. A long one is read to its end by a job, `run.job`.

    Raises UnreadableFile, with nothing kept.
    """
    run = ImportRun(kind=kind, file_name=(name or file.name or "")[-200:], created_by=by)
    run.file.save(uuid.uuid4().hex, file, save=False)
    try:
        with transaction.atomic():
            run.save()
            _look(run, by)
    except BaseException:
        run.file.delete(save=False)
        raise
    return run


def choose_sheet(run: ImportRun, sheet: str, *, by: Any) -> None:
    """Takes another sheet of the workbook, and forgets what was said about the first. Raises UnreadableFile."""
    with transaction.atomic():
        run = _idle(run)
        run.sheet = sheet
        run.state = ImportRun.State.UPLOADED
        run.mapping, run.formats, run.meanings, run.defaults, run.decisions, run.counts = [], {}, {}, {}, {}, {}
        forget_rows(run)
        _look(run, by)


def _look(run: ImportRun, by: Any) -> None:
    with opened(run) as table:
        run.sheet, run.sheets = table.sheet, list(table.sheets)
        run.columns = [column.name for column in table.columns]
        run.mapping = [
            proposal.field.name if proposal.field else None for proposal in propose(target(run), table.columns)
        ]
        run.rows, run.survey = None, []
        run.save()
        rows = list(islice(table.rows(), DIRECT_ROWS + 1))
        if len(rows) > DIRECT_ROWS:
            start(run, "imports.read", by=by, title=_("Reading %(file)s") % {"file": run.file_name})
        else:
            read(run, table, rows)


def read(run: ImportRun, table: Table, rows: Iterator[Row] | list[Row], progress: Progress = silent) -> None:
    """Looks at every row once. Raises UnreadableFile."""
    count = 0

    def cells() -> Iterator[Sequence[Any]]:
        nonlocal count
        for row in rows:
            count += 1
            if count % 1_000 == 0:
                progress(count, 0, _("Reading the file"))
            yield row.cells

    run.survey = [column.as_json() for column in survey(cells(), len(table.columns))]
    run.rows = count
    run.layout = {
        "header_row": table.header_row,
        "above": list(table.above),
        "footer": list(table.footer),
        "renamed": [column.name for column in table.renamed],
        "decimals": table.decimals.value,
    }
    run.save()


@contextmanager
def opened(run: ImportRun) -> Iterator[Table]:
    """The run's file as a table. Raises UnreadableFile."""
    with run.file.storage.open(str(run.file.name), "rb") as file:
        yield open_table(cast(BinaryIO, file.file), sheet=run.sheet or None)


def target(run: ImportRun) -> Target:
    """What is imported, with what the user said of unknown choices."""
    return importer(run.kind).target().with_meanings(run.meanings)


def preset(run: ImportRun) -> dict[str, str]:
    """What is proposed for all new records: {field: value}."""
    return importer(run.kind).preset()


# ── What its columns mean ────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Questions:
    """What only the user can say, given which column is which field.

    `formats`: how dates and numbers are read, by field, where `certain` is False the user must say; `unknown`: texts that
    are none of a field's choices, with their rows; `for_all`: fields whose value new records need (or may have) where
    the file says nothing; `needed`: those of them without which no record can be new.
    """

    target: Target
    formats: dict[str, ColumnFormat]
    unknown: dict[str, dict[str, int]]
    for_all: list[Field]
    needed: frozenset[str]


def questions(run: ImportRun, mapping: Sequence[str | None]) -> Questions:
    """What to ask for this mapping. The run must have been read."""
    plain = importer(run.kind).target()
    columns = [ColumnSurvey.from_json(data) for data in run.survey]
    formats = recognise_formats(plain, mapping, columns, decimals=DecimalMark(run.layout["decimals"]))
    filled = {name: column.filled for name, column in zip(mapping, columns, strict=True) if name}
    can_be_new = not plain.title or plain.title in filled
    for_all = [
        item
        for item in plain.fields
        if item.for_all
        and _leaves_gaps(item, filled, run.rows or 0)
        and (item.goes_with in filled if item.goes_with else can_be_new)
    ]
    needed = frozenset(item.name for item in for_all if item.required or (item.goes_with and not item.from_column))
    return Questions(plain, formats, unknown_choices(plain, mapping, columns), for_all, needed)


def bad_defaults(run: ImportRun, defaults: Mapping[str, str]) -> dict[str, Message]:
    """Values for all new records that can't be one: why not, by field."""
    fields = importer(run.kind).target().by_name
    found = {}
    for name, value in defaults.items():
        if value and fields[name].from_column:
            if value not in run.columns:
                found[name] = Message(marked("The file has no such column."))
        elif value:
            try:
                converter(fields[name], ColumnFormat())(value)
            except BadValue as problem:
                found[name] = problem.message
    return found


def _leaves_gaps(item: Field, filled: Mapping[str, int], rows: int) -> bool:
    return filled.get(item.name, 0) < (filled.get(item.goes_with, 0) if item.goes_with else rows)


def choose_columns(
    run: ImportRun,
    *,
    mapping: Sequence[str | None],
    formats: Mapping[str, ColumnFormat] | None = None,
    meanings: Mapping[str, Mapping[str, str]] | None = None,
    defaults: Mapping[str, str] | None = None,
) -> ImportRun:
    """Settles what the columns mean. `formats` overrule what is recognised; `meanings` {field: {text: key of the choice,
    NO_CHOICE or NEW_CHOICE}}; `defaults` {field: value for new records}. What was decided about rows is forgotten."""
    with transaction.atomic():
        run = _idle(run)
        recognised = questions(run, mapping).formats
        chosen = {**recognised, **{name: form for name, form in (formats or {}).items() if name in recognised}}
        run.mapping = list(mapping)
        run.formats = {name: [form.dates.value, form.decimals.value] for name, form in chosen.items()}
        run.meanings = {name: dict(said) for name, said in (meanings or {}).items()}
        run.defaults = {name: value for name, value in (defaults or {}).items() if value}
        run.decisions, run.counts = {}, {}
        run.state = ImportRun.State.MAPPED
        forget_rows(run)
        run.save()
    return run


# ── The dry run ──────────────────────────────────────────────────────────────────────────────────────────────────────


def start_check(run: ImportRun, *, by: Any) -> ImportRun:
    """Checks a short file at once, a long one in a job."""
    if (run.rows or 0) <= DIRECT_ROWS:
        ImportRun.objects.filter(pk=run.pk).update(job=None)  # what an earlier one said is past
        return check(run)
    start(run, "imports.check", by=by, title=_("Checking %(file)s") % {"file": run.file_name})
    return run


def check(run: ImportRun, progress: Progress = silent) -> ImportRun:
    """The dry run: keeps what each row would do, and the counts. Raises UnreadableFile."""
    with transaction.atomic():
        run = _locked(run)
        keeper = keeper_of(run)
        for plan, cells in plans(run, lock=False, progress=progress):
            keeper.keep(plan, cells)
        run.counts = keeper.counts
        run.state, run.checked_at = ImportRun.State.CHECKED, timezone.now()
        run.save()
    return run


def plans(run: ImportRun, *, lock: bool, progress: Progress = silent) -> Iterator[tuple[Plan, Cells]]:
    """The plan against the records there are now, piece by piece where the kind is streamed, each with a function that
    gives the cells of rows by their number. What is done with a piece happens before the next one is planned."""
    progress(0, 0, _("Looking at what is there"))
    planner = planner_of(run, lock=lock)
    done = 0

    def report(read: int) -> None:
        progress(done + read, run.rows or 0, _("Checking rows") if not lock else _("Importing rows"))

    with opened(run) as table:
        if not importer(run.kind).streamed:
            plan = planner.plan(table.rows(), report)
            yield plan, lambda numbers: {row.number: row.cells for row in table.rows() if row.number in numbers}
            return
        rows = table.rows()
        while piece := list(islice(rows, PIECE)):
            plan = planner.plan(piece, report)
            yield plan, lambda numbers, piece=piece: {row.number: row.cells for row in piece if row.number in numbers}
            done += len(piece)
            report(0)


def keeper_of(run: ImportRun) -> Keeper:
    return Keeper(run, MOST_KEPT if importer(run.kind).streamed else None)


def planner_of(run: ImportRun, *, lock: bool) -> Planner:
    """What plans the run's rows against the records there are now."""
    what, imp = target(run), importer(run.kind)
    names = {name for name in run.mapping if name} | set(run.defaults)
    names |= {item.name for item in what.fields if item.goes_with in names}
    references = {item.name for item in what.fields if item.kind is Kind.REFERENCE}
    return Planner(
        what,
        [Column(index, name, name) for index, name in enumerate(run.columns)],
        run.mapping,
        imp.records(what, names, lock=lock),
        formats={n: ColumnFormat(DateOrder(dates), DecimalMark(mark)) for n, (dates, mark) in run.formats.items()},
        decisions={int(number): record for number, record in run.decisions.items()},
        defaults=run.defaults,
        said={
            name: {text: int(key) if key.isdecimal() else None for text, key in said.items()}
            for name, said in run.meanings.items()
            if name in references
        },
        more=lambda draft: imp.more(draft, names, lock=lock),
        seen=Seen() if imp.streamed else None,
    )


def decide(run: ImportRun, decisions: Mapping[int, int | None], *, by: Any) -> ImportRun:
    """Says which record a row is (None: a new one), and checks again. Where a row waits for what a cell of it means, the
    answer (None: nothing there is) is for all rows with this text."""
    with transaction.atomic():
        run = _idle(run)
        asking = run.kept_rows.filter(outcome=Outcome.PROPOSED, number__in=decisions)
        for number, candidates in asking.values_list("number", "candidates"):
            if field := candidates[0].get("field") if candidates else None:
                chosen = decisions[number]
                run.meanings.setdefault(field, {})[candidates[0]["text"]] = str(chosen) if chosen else NO_CHOICE
                decisions = {row: record for row, record in decisions.items() if row != number}
        run.decisions |= {str(number): record for number, record in decisions.items()}
        run.save()
    return start_check(run, by=by)


# ── The background ───────────────────────────────────────────────────────────────────────────────────────────────────


def commit(run: ImportRun, *, by: Any, partial: bool = False) -> Job:
    """Starts the import; the job writes everything or nothing. `partial`: without the rows that fail or wait for a
    decision. Raises ImportRefused."""
    with transaction.atomic():
        run = _idle(run)
        if run.state != ImportRun.State.CHECKED:
            raise ImportRefused(_("The file must be checked first."))
        if run.left_open and not partial:
            raise ImportRefused(open_rows_text(run.left_open))
        if not run.to_write:
            raise ImportRefused(_("There is nothing to import."))
        run.partial = partial
        run.save(update_fields=["partial"])
        return start(run, "imports.commit", by=by, title=_("Import of %(file)s") % {"file": run.file_name})


def open_rows_text(number: int) -> str:
    return ngettext(
        "%(n)s row can’t go in as it is. Correct the file, or import the good rows without it.",
        "%(n)s rows can’t go in as they are. Correct the file, or import the good rows without them.",
        number,
    ) % {"n": number}


def start_undo(run: ImportRun, *, by: Any) -> Job:
    """Starts taking back all that the import wrote."""
    return start(run, "imports.undo", by=by, title=_("Undo of %(file)s") % {"file": run.file_name})


def start_again(run: ImportRun, *, by: Any) -> Job | None:
    """Starts once more what ended badly."""
    return start(run, run.job.kind, by=by, title=run.job.title) if run.job and run.job.can_run_again else run.job


def start(run: ImportRun, kind: str, *, by: Any, title: str) -> Job:
    """Starts a job of the run, unless one is at it."""
    with transaction.atomic():
        locked = ImportRun.objects.select_for_update().get(pk=run.pk)
        job = open_job(locked)
        if job is None:
            job = jobs.start(kind, by=by, title=title[:200], params={"run": run.pk})
            ImportRun.objects.filter(pk=run.pk).update(job=job)
        run.job = job
    return job


def open_job(run: ImportRun) -> Job | None:
    """The job that is at the run now. One whose worker is gone is marked as interrupted first."""
    job = run.job
    if job and job.state == Job.State.RUNNING:
        jobs.mark_if_interrupted(job)
    return job if job and job.is_open else None


def discard(run: ImportRun) -> None:
    """Forgets a run of which nothing was written. Raises ImportRefused."""
    with transaction.atomic():
        run = _idle(run)
        run.delete()
        transaction.on_commit(lambda: run.file.storage.delete(str(run.file.name)))


def _locked(run: ImportRun) -> ImportRun:
    """The run as it is now, for nobody else to change. Raises ImportRefused when it is imported."""
    locked = ImportRun.objects.select_for_update().get(pk=run.pk)
    if not locked.is_open:
        raise ImportRefused(_("This file was imported already."))
    return locked


def _idle(run: ImportRun) -> ImportRun:
    """The same for what a person asks: refused as well while a job is at it."""
    locked = _locked(run)
    if open_job(locked):
        raise ImportRefused(_("Work on this file is still going on. Wait for it, or cancel it."))
    return locked
