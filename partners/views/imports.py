"""Files in: upload, say what the columns mean, see what would change, import, undo."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from accounts.access import vendor
from accounts.permissions import Permission
from partners import import_pages as pages
from partners.import_forms import ColumnsForm, UploadForm
from prm.common import jobs
from prm.common.lists import CONTENT_TYPES
from prm.documents.csv import write_csv
from prm.documents.table import Column, Kind, Table
from prm.documents.xlsx import workbook
from prm.imports import engine, undo
from prm.imports.importer import importer
from prm.imports.messages import UnreadableFile
from prm.imports.models import ImportRun
from prm.imports.outcome import Outcome

UNDO_LOOKS_FIRST = 2_000  # writes of a run that are looked through before one is asked whether to undo it


def _run(pk: int) -> ImportRun:
    return get_object_or_404(ImportRun.objects.select_related("job", "created_by", "committed_by"), pk=pk)


def _to(run: ImportRun, name: str = "run") -> HttpResponse:
    return redirect(f"imports:{name}", pk=run.pk)


@vendor(Permission.IMPORT_DATA)
def import_list(request: HttpRequest) -> HttpResponse:
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            taken = engine.create(file=form.cleaned_data["file"], kind=form.cleaned_data["kind"], by=request.user)
        except UnreadableFile as error:
            form.add_error("file", error.message.translated(_))
        else:
            return _to(taken)
    page = Paginator(ImportRun.objects.select_related("job", "created_by"), 20).get_page(request.GET.get("page"))
    page.object_list = [
        {
            "run": run,
            "kind": importer(run.kind).label,
            "state": pages.say_state(run),
            "counts": pages.say_counts(run),
            "by": pages.say_name(run.created_by),
        }
        for run in page.object_list
    ]
    context = {"form": form, "page": page, "steps": pages.first_steps()}
    return render(request, "imports/list.html", context, status=422 if request.method == "POST" else 200)


@vendor(Permission.IMPORT_DATA)
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """Where the run stands: the page of its step, or of the job that is at it or has stopped."""
    found = _run(pk)
    if engine.open_job(found) or (found.job and found.job.can_run_again):
        return render(request, "imports/work.html", pages.working(found))
    if found.state == ImportRun.State.MAPPED:
        return _to(found, "columns")
    return _to(
        found, {"columns": "columns", "check": "check", "done": "result"}[pages.STATES[ImportRun.State(found.state)][0]]
    )


@vendor(Permission.IMPORT_DATA)
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The part of the page that asks again every second; once the job has ended, the way on."""
    found = _run(pk)
    if engine.open_job(found):
        return render(request, "imports/work.html#progress", pages.working(found))
    return HttpResponseClientRedirect(_to(found)["Location"]) if request.htmx else _to(found)


@vendor(Permission.IMPORT_DATA)
@require_POST
def again(request: HttpRequest, pk: int) -> HttpResponse:
    found = _run(pk)
    engine.start_again(found, by=request.user)
    return _to(found)


@vendor(Permission.IMPORT_DATA)
@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    found = _run(pk)
    if found.job:
        jobs.cancel(found.job)
    return _to(found)


@vendor(Permission.IMPORT_DATA)
@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    found = _run(pk)
    try:
        engine.discard(found)
    except engine.ImportRefused as error:
        messages.error(request, str(error))
        return _to(found)
    messages.success(request, _("%(file)s was discarded. Nothing of it was imported.") % {"file": found.file_name})
    return redirect("imports:list")


@vendor(Permission.IMPORT_DATA)
@require_POST
def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    found = _run(pk)
    try:
        engine.choose_sheet(found, request.POST.get("sheet", ""), by=request.user)
    except UnreadableFile as error:
        messages.error(request, error.message.translated(_))
    except engine.ImportRefused as error:
        messages.error(request, str(error))
    return _to(found)


@vendor(Permission.IMPORT_DATA)
def columns(request: HttpRequest, pk: int) -> HttpResponse:
    """What the columns mean. Sent with `asking` it only asks what follows from what is chosen so far."""
    found = _run(pk)
    if not found.is_open or found.rows is None:
        return _to(found)
    asking = "asking" in request.POST
    form = ColumnsForm(found, request.POST or None, asking=asking)
    if request.method == "POST" and not asking and form.is_valid():
        try:
            chosen = engine.choose_columns(found, **form.answers())
            return _to(engine.start_check(chosen, by=request.user), "check" if chosen.job is None else "run")
        except engine.ImportRefused as error:
            form.add_error(None, str(error))
    template = "imports/columns.html#form" if asking and request.htmx else "imports/columns.html"
    context = {**pages.context(found, "columns"), "form": form}
    return render(request, template, context, status=422 if request.method == "POST" and not asking else 200)


@vendor(Permission.IMPORT_DATA)
def check(request: HttpRequest, pk: int) -> HttpResponse:
    found = _run(pk)
    if found.state != ImportRun.State.CHECKED:
        return _to(found)
    context = {**pages.context(found, "check"), **pages.rows_of(request, found), "refused": ""}
    return render(request, "imports/check.html", context)


@vendor(Permission.IMPORT_DATA)
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """The answers of one page of rows that look like records there are; or one answer for all of them."""
    found = _run(pk)
    rows = found.kept_rows.filter(outcome=Outcome.PROPOSED)
    everything = request.POST.get("all", "")
    answers: dict[int, int | None] = {}
    for row in rows:
        given = everything or request.POST.get(f"row_{row.number}", "")
        if given == "new":
            answers[row.number] = None
        elif given == "first":
            answers[row.number] = row.candidates[0]["id"]
        elif given in {str(candidate["id"]) for candidate in row.candidates}:
            answers[row.number] = int(given)
    try:
        engine.decide(found, answers, by=request.user)
    except engine.ImportRefused as error:
        messages.error(request, str(error))
    return _to(found)


@vendor(Permission.IMPORT_DATA)
def failing_rows(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """The rows that can't go in, as the file has them, with the reasons: to be corrected and uploaded again."""
    found = _run(pk)
    if kind not in CONTENT_TYPES:
        raise Http404
    heads = [Column(_("Row"), Kind.INTEGER), Column(_("What is wrong"), width=60), *map(Column, found.columns)]
    rows = (_cells(row, len(found.columns)) for row in found.kept_rows.filter(outcome=Outcome.FAILING).iterator())
    if kind == "csv":
        content = "".join(write_csv(heads, rows)).encode()
    else:
        content = workbook([Table(_("Rows to correct"), heads, rows)])
    response = HttpResponse(content, content_type=CONTENT_TYPES[kind])
    response["Content-Disposition"] = f'attachment; filename="rows-to-correct-{found.pk}.{kind}"'
    return response


def _cells(row: Any, width: int) -> list[Any]:
    reasons = [f"{column}: {text}" if column else text for column, text in row.problems(_)]
    return [row.number, " ".join(reasons), *[*row.cells, *[""] * width][:width]]


@vendor(Permission.IMPORT_DATA)
@require_POST
def commit(request: HttpRequest, pk: int) -> HttpResponse:
    found = _run(pk)
    try:
        engine.commit(found, by=request.user, partial="partial" in request.POST)
    except engine.ImportRefused as error:
        if found.state != ImportRun.State.CHECKED:
            messages.error(request, str(error))
            return _to(found)
        context = {**pages.context(found, "check"), **pages.rows_of(request, found), "refused": str(error)}
        return render(request, "imports/check.html", context, status=422)
    return _to(found)


@vendor(Permission.IMPORT_DATA)
def result(request: HttpRequest, pk: int) -> HttpResponse:
    found = _run(pk)
    if found.is_open:
        return _to(found)
    context = {**pages.context(found, "done"), **pages.rows_of(request, found)}
    context |= {"committed_by": pages.say_name(found.committed_by), "undone_by": pages.say_name(found.undone_by)}
    return render(request, "imports/result.html", context)


@vendor(Permission.IMPORT_DATA)
def undo_import(request: HttpRequest, pk: int) -> HttpResponse:
    """What an undo would take away, or why it can't be any more; sent, it starts."""
    found = _run(pk)
    if found.state != ImportRun.State.COMMITTED:
        return _to(found)
    if request.method == "POST":
        engine.start_undo(found, by=request.user)
        return _to(found)
    looked = max(found.changes.count(), found.to_write) <= UNDO_LOOKS_FIRST
    context = {**pages.context(found, "done"), "looked": looked, "blockers": undo.blockers(found) if looked else []}
    return render(request, "imports/undo.html", context)
