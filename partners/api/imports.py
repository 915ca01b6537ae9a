"""Files in: upload, columns, dry run, commit, undo."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import File, Form, Query, Router, Status
from ninja.files import UploadedFile
from pydantic import Field

from accounts.permissions import Permission
from accounts.tokens import Scope
from prm.api.auth import Allowed, Request, require_scope
from prm.api.paging import Paging, page
from prm.api.problems import Problem, field_error, invalid
from prm.api.schemas import Id, In, Key, Out, Page, Patch, instant
from prm.imports import engine, undo
from prm.imports.formats import ColumnFormat, DateOrder, DecimalMark
from prm.imports.importer import importers
from prm.imports.messages import UnreadableFile
from prm.imports.models import ImportRow, ImportRun

router = Router(tags=["Imports"])
READS = Allowed(Scope.PARTNERS_READ, vendor=Permission.IMPORT_DATA)
WRITES = Allowed(Scope.PARTNERS_WRITE, vendor=Permission.IMPORT_DATA)
OF_PARTNERS = ("partner", "contact")  # the kinds that ask for no other scope
RowOutcome = Literal["new", "changed", "unchanged", "repeated", "proposed", "failing"]
UNDO_LOOKS_FIRST = 2_000  # writes of a run that are looked through before its undo is started


class ImportColumn(Out):
    """`field` is what the column is taken for, null for nothing; `samples` are cells of it."""

    name: str
    field: str | None
    filled: int | None
    samples: list[str]


class ImportField(Out):
    """A field that a column can be."""

    name: str
    label: str
    kind: str
    required: bool


class ImportQuestions(Out):
    """What the file leaves open: fields whose dates or numbers can be read two ways; texts that are none of a field's
    choices, with their number of rows; fields that new records need a value for where the file has none."""

    formats: list[str]
    unknown: dict[str, dict[str, int]]
    needed: list[str]


class ImportOut(Out):
    """Where a file stands. `counts` are rows by outcome: of the dry run while `checked`, of what was written once `committed`.

    While `job` is queued or running, wait. `rows` is null until the file is read to its end.
    """

    id: int
    kind: str
    state: Literal["uploaded", "mapped", "checked", "committed", "undone"]
    file_name: str
    sheet: str
    sheets: list[str]
    rows: int | None
    counts: dict[str, int]
    partial: bool
    job: UUID | None
    job_state: str | None
    job_error: str | None
    created_at: str
    committed_at: str | None
    undone_at: str | None


class ImportDetails(ImportOut):
    columns: list[ImportColumn]
    fields: list[ImportField]
    asks: ImportQuestions | None


class ImportReason(Out):
    column: str
    message: str


class ImportCandidate(Out):
    """A record the row may mean; or, with a `field`, that this text in a cell of it may mean: then an answer is for all rows
    that have the text."""

    id: int
    label: str
    field: str = ""
    text: str = ""


class ImportRowOut(Out):
    """A row by its number in the file; `changes` {field: [old, new]}; `reasons` why it can't go in; `candidates` it looks like."""

    number: int
    outcome: RowOutcome
    title: str
    record: int | None
    same_as: int | None
    changes: dict[str, list[str]]
    reasons: list[ImportReason]
    candidates: list[ImportCandidate]


class ImportFormat(In):
    """How a field's column is read: whether the day or the month comes first, and the decimal mark."""

    dates: Literal["dmy", "mdy"] = "dmy"
    decimals: Literal[".", ","] = "."


class ImportChoices(Patch):
    """What the columns mean; what isn't sent stays as it was said or recognised.

    `mapping` {column: field or null}; `meanings` {field: {text in the file: key of the choice, "" for nothing, "+" to add it}};
    `defaults` {field: value for new records}.
    """

    sheet: str | None = Field(default=None, max_length=100)
    mapping: dict[str, Key | None] = Field(default_factory=dict, max_length=1000)
    formats: dict[Key, ImportFormat] = Field(default_factory=dict, max_length=1000)
    meanings: dict[Key, dict[str, str]] = Field(default_factory=dict, max_length=1000)
    defaults: dict[Key, str] = Field(default_factory=dict, max_length=1000)


class ImportDecisions(In):
    """{row number: id of the record it is, or null for a new one}."""

    decisions: dict[int, Id | None] = Field(min_length=1, max_length=100_000)


class ImportCommit(In):
    """With `partial` the rows that fail, or wait for a decision, are left out."""

    partial: bool = False


def import_out(run: ImportRun) -> dict[str, Any]:
    return {
        "id": run.pk,
        **{
            name: getattr(run, name)
            for name in ("kind", "state", "file_name", "sheet", "sheets", "rows", "counts", "partial")
        },
        "job": run.job_id,
        "job_state": run.job.state if run.job else None,
        "job_error": run.job.error or None if run.job else None,
        **{name: instant(getattr(run, name)) for name in ("created_at", "committed_at", "undone_at")},
    }


def details_out(run: ImportRun) -> dict[str, Any]:
    surveys = run.survey or [{"filled": None, "samples": []}] * len(run.columns)
    asked = engine.questions(run, run.mapping) if run.is_open and run.rows is not None else None
    return {
        **import_out(run),
        "columns": [
            {"name": name, "field": field, "filled": survey["filled"], "samples": survey["samples"]}
            for name, field, survey in zip(run.columns, run.mapping, surveys, strict=True)
        ],
        "fields": [
            {"name": item.name, "label": str(item.label), "kind": item.kind.value, "required": item.required}
            for item in engine.target(run).fields
        ],
        "asks": asked
        and {
            "formats": [name for name, form in asked.formats.items() if not form.certain],
            "unknown": asked.unknown,
            "needed": sorted(asked.needed),
        },
    }


def row_out(row: ImportRow) -> dict[str, Any]:
    return {
        **{name: getattr(row, name) for name in ("number", "outcome", "title", "same_as", "changes")},
        "record": row.record_id,
        "reasons": [{"column": column, "message": text} for column, text in row.problems(_)],
        "candidates": [{name: value for name, value in each.items() if name != "likeness"} for each in row.candidates],
    }


def _find(request: Request, import_id: int, scope: Scope = Scope.SALES_WRITE) -> ImportRun:
    run: ImportRun = get_object_or_404(ImportRun.objects.select_related("job"), pk=import_id)
    _check_scope(request, run.kind, scope)
    return run


def _check_scope(request: Request, kind: str, scope: Scope = Scope.SALES_WRITE) -> None:
    """Files of sales figures need the scope of sales as well."""
    if kind not in OF_PARTNERS:
        require_scope(request.auth, scope)


@contextmanager
def refusing() -> Iterator[None]:
    try:
        yield
    except UnreadableFile as error:
        raise invalid([field_error("file", error.message.translated(_))]) from error
    except engine.ImportRefused as error:
        raise Problem(409, str(error), code="import-refused") from error


def _check(run: ImportRun, body: ImportChoices, request: Request) -> None:
    """Settles the columns and starts the dry run."""
    places = {name: index for index, name in enumerate(run.columns)}
    fields = engine.target(run).by_name
    errors = [
        field_error(f"mapping.{name}", _("The file has no such column.")) for name in body.mapping if name not in places
    ]
    errors += [
        field_error(f"mapping.{column}", _("There is no such field."))
        for column, name in body.mapping.items()
        if name is not None and name not in fields
    ]
    for part in ("formats", "meanings", "defaults"):
        errors += [
            field_error(f"{part}.{name}", _("There is no such field."))
            for name in getattr(body, part)
            if name not in fields
        ]
    known = {name: value for name, value in body.defaults.items() if name in fields}
    errors += [
        field_error(f"defaults.{name}", message.translated(_))
        for name, message in engine.bad_defaults(run, known).items()
    ]
    if errors:
        raise invalid(errors)
    mapping = list(run.mapping)
    for column, name in body.mapping.items():
        mapping[places[column]] = name
    used = [name for name in mapping if name]
    if len(set(used)) < len(used):
        twice = ", ".join(sorted({name for name in used if used.count(name) > 1}))
        raise invalid([field_error("mapping", _("Two columns are the same field: %(fields)s.") % {"fields": twice})])
    proposed = engine.preset(run)
    defaults = {item.name: proposed.get(item.name, "") for item in engine.questions(run, mapping).for_all}
    before = {name: ImportFormat(dates=dates, decimals=mark) for name, (dates, mark) in run.formats.items()}
    formats = {**before, **body.formats}
    chosen = engine.choose_columns(
        run,
        mapping=mapping,
        formats={
            name: ColumnFormat(DateOrder(said.dates), DecimalMark(said.decimals)) for name, said in formats.items()
        },
        meanings={**run.meanings, **body.meanings},
        defaults={**defaults, **run.defaults, **body.defaults},
    )
    engine.start_check(chosen, by=request.user)


@router.get("/imports", response=Page[ImportOut], auth=READS)
def list_imports(request: Request, response: HttpResponse, paging: Annotated[Paging, Query()]) -> Any:
    """The import log, the newest first."""
    rows = ImportRun.objects.select_related("job")
    return page(request, response, rows, import_out, paging=paging, sort="-id")


@router.post("/imports", response={201: ImportDetails}, auth=WRITES)
def create_import(
    request: Request,
    response: HttpResponse,
    file: Annotated[UploadedFile, File(description="CSV or XLSX, at most 50 MB.")],
    kind: Annotated[
        str,
        Form(
            max_length=30,
            description="partner, contact, certification, task_done, result, deal, target or metric_value.",
        ),
    ],
) -> Any:
    """Takes a file in, recognises its columns and makes the dry run; a long file is read by a job first (`rows` is null)."""
    if kind not in {each.kind for each in importers()}:
        raise invalid([field_error("kind", _("There is no such kind of import."))])
    _check_scope(request, kind)
    with refusing():
        run = engine.create(file=file, kind=kind, by=request.user, name=file.name or "")
        if run.rows is not None:
            _check(run, ImportChoices(), request)
    response["Location"] = request.build_absolute_uri(f"/api/v1/imports/{run.pk}")
    return Status(201, details_out(_find(request, run.pk)))


@router.get("/imports/{int:import_id}", response=ImportDetails, auth=READS)
def get_import(request: Request, import_id: int) -> Any:
    """Where a file stands, and what it leaves open."""
    return details_out(_find(request, import_id, Scope.SALES_READ))


@router.patch("/imports/{int:import_id}", response=ImportDetails, auth=WRITES)
def choose_import_columns(request: Request, import_id: int, body: ImportChoices) -> Any:
    """Says what the columns mean, and makes the dry run again. 409 once it is imported, or while a job is at it."""
    run = _find(request, import_id)
    with refusing():
        if body.sheet is not None and body.sheet != run.sheet:
            if body.sheet not in run.sheets:
                raise invalid([field_error("sheet", _("The file has no such sheet."))])
            engine.choose_sheet(run, body.sheet, by=request.user)
            run = _find(request, import_id)
        if run.rows is None:
            raise engine.ImportRefused(_("The file is still being read. Wait for it."))
        _check(run, body, request)
    return details_out(_find(request, import_id))


@router.get("/imports/{int:import_id}/rows", response=Page[ImportRowOut], auth=READS)
def list_import_rows(
    request: Request,
    response: HttpResponse,
    import_id: int,
    paging: Annotated[Paging, Query()],
    outcome: RowOutcome | None = None,
) -> Any:
    """What each row would do or did, and why it can't; rows that change nothing are only counted."""
    rows = _find(request, import_id, Scope.SALES_READ).kept_rows.all()
    if outcome:
        rows = rows.filter(outcome=outcome)
    return page(request, response, rows, row_out, paging=paging, known=("outcome",))


@router.post("/imports/{int:import_id}/decisions", response=ImportDetails, auth=WRITES)
def decide_import_rows(request: Request, import_id: int, body: ImportDecisions) -> Any:
    """Says which records rows are that look like some, and checks again."""
    run = _find(request, import_id)
    with refusing():
        engine.decide(run, body.decisions, by=request.user)
    return details_out(_find(request, import_id))


@router.post("/imports/{int:import_id}/commit", response={202: ImportDetails}, auth=WRITES)
def commit_import(request: Request, import_id: int, body: ImportCommit) -> Any:
    """Starts the import: a job writes everything or nothing. 409 while rows fail or wait, unless `partial`."""
    with refusing():
        engine.commit(_find(request, import_id), by=request.user, partial=body.partial)
    return Status(202, details_out(_find(request, import_id)))


@router.post("/imports/{int:import_id}/undo", response={202: ImportDetails}, auth=WRITES)
def undo_import(request: Request, import_id: int) -> Any:
    """Starts taking back all that the import wrote. 409 names what was built on it."""
    run = _find(request, import_id)
    if run.state != ImportRun.State.COMMITTED:
        raise Problem(409, _("There is nothing to undo: this file is not imported."), code="import-refused")
    if max(run.changes.count(), run.to_write) <= UNDO_LOOKS_FIRST and (standing := undo.blockers(run)):
        raise Problem(409, undo.refusal(standing), code="import-refused")
    engine.start_undo(run, by=request.user)
    return Status(202, details_out(_find(request, import_id)))


@router.delete("/imports/{int:import_id}", response={204: None}, auth=WRITES)
def discard_import(request: Request, import_id: int) -> Any:
    """Forgets a file of which nothing was imported."""
    with refusing():
        engine.discard(_find(request, import_id))
    return Status(204, None)
