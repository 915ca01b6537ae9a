"""A partner's customers out of its own file."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accountplans import actions, importing, queries
from accountplans.forms.file import FileForm
from accountplans.views.sides import Side, crumbs, not_shared, page
from partners import hub
from partners.models import Partner
from prm.imports.messages import UnreadableFile


def take_in(request: HttpRequest, side: Side, pk: int | None = None) -> HttpResponse:
    """All rows are written or none; with a tick, those that can be. What is wrong is said row by row."""
    partner = hub.find(request, pk)
    if not queries.may_plan(request.user, partner):
        return not_shared(request, side, partner)
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    sheet = importing.Sheet()
    if form.is_valid():
        sheet = _read(form)
        if not form.errors and sheet.lines and (not sheet.problems or form.cleaned_data["partial"]):
            return _written(request, side, partner, sheet)
        if not form.errors and not sheet.lines and not sheet.problems:
            form.add_error("file", _("The file holds no customers."))
    context: dict[str, Any] = {
        "form": form,
        "problems": sheet.problems[: importing.MOST_SHOWN],
        "more_problems": max(0, len(sheet.problems) - importing.MOST_SHOWN),
        "fine": len(sheet.lines),
        "columns": [field.label for field in importing.target().fields],
        "back": side.of_partner("partner", partner),
    }
    title = _("Import customers")
    status = 422 if form.is_bound else 200
    way = crumbs(side, partner)
    return page(
        request, side, partner, "accountplans/customer_file.html", context, title=title, crumbs=way, status=status
    )


def _read(form: FileForm) -> importing.Sheet:
    try:
        sheet = importing.read(form.cleaned_data["file"].file)
    except UnreadableFile as error:
        form.add_error("file", str(error))
        return importing.Sheet()
    if sheet.refused:
        form.add_error("file", sheet.refused)
    return sheet


def _written(request: HttpRequest, side: Side, partner: Partner, sheet: importing.Sheet) -> HttpResponse:
    added, filled = actions.take_in(by=request.user, partner=partner, lines=sheet.lines)
    words = ngettext("%(n)s customer added", "%(n)s customers added", added) % {"n": added}
    words += ", " + ngettext("%(n)s filled in.", "%(n)s filled in.", filled) % {"n": filled}
    if sheet.problems:
        left = len({problem.row for problem in sheet.problems})
        words += " " + ngettext("%(n)s row was left out.", "%(n)s rows were left out.", left) % {"n": left}
    if sheet.unknown:
        words += " " + _("Not understood, and left out: %(columns)s.") % {"columns": ", ".join(sheet.unknown)}
    messages.success(request, words)
    return redirect(side.of_partner("partner", partner))
