"""A partner's registrations out of its own file, for both sides."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accountplans.forms.file import FileForm
from dealdesk import own_file, queries
from dealdesk.views.sides import Side
from partners import hub
from prm.imports.messages import UnreadableFile


class RegistrationsFileForm(FileForm):
    submit = forms.BooleanField(
        label=gettext_lazy("Submit those that are complete"), required=False,
        help_text=gettext_lazy("Without it all of them are drafts."),
    )  # fmt: skip


def take_in(request: HttpRequest, side: Side, pk: int | None = None) -> HttpResponse:
    """All rows are written or none; with a tick, those that can be. What is wrong is said row by row."""
    partner = hub.find(request, pk)
    if not queries.may_register(request.user, partner):
        raise PermissionDenied
    form = RegistrationsFileForm(request.POST, request.FILES) if request.method == "POST" else RegistrationsFileForm()
    sheet, taken = own_file.Sheet(), None
    if form.is_valid():
        sheet = _read(form)
        if not form.errors and sheet.lines and (not sheet.problems or form.cleaned_data["partial"]):
            values = form.cleaned_data
            taken = own_file.take_in(by=request.user, partner=partner, lines=sheet.lines, submit=values["submit"])
            messages.success(request, _said(taken, sheet))
            if not taken.kept:
                return redirect(side.home(partner))
        elif not form.errors and not sheet.lines and not sheet.problems:
            form.add_error("file", _("The file holds no registrations."))
    problems = taken.kept if taken else sheet.problems
    context = {
        "title": _("Registrations from a file"),
        "form": form,
        "taken": taken,
        "problems": problems[: own_file.MOST_SHOWN],
        "more_problems": max(0, len(problems) - own_file.MOST_SHOWN),
        "fine": len(sheet.lines),
        "columns": [field.label for field in own_file.target().fields],
        "back": side.home(partner),
    }
    return side.page(request, partner, "file", context, 422 if form.is_bound and not taken else 200)


def _read(form: forms.Form) -> own_file.Sheet:
    try:
        sheet = own_file.read(form.cleaned_data["file"].file)
    except UnreadableFile as error:
        form.add_error("file", str(error))
        return own_file.Sheet()
    if sheet.refused:
        form.add_error("file", sheet.refused)
    return sheet


def _said(taken: own_file.Taken, sheet: own_file.Sheet) -> str:
    words = [
        ngettext("%(n)s submitted.", "%(n)s submitted.", taken.submitted) % {"n": taken.submitted} if taken.submitted else "",
        ngettext("%(n)s draft.", "%(n)s drafts.", taken.drafts) % {"n": taken.drafts} if taken.drafts else "",
        ngettext("%(n)s was there already.", "%(n)s were there already.", taken.known) % {"n": taken.known} if taken.known else "",
    ]  # fmt: skip
    if sheet.problems:
        left = len({problem.row for problem in sheet.problems})
        words.append(ngettext("%(n)s row was left out.", "%(n)s rows were left out.", left) % {"n": left})
    if sheet.unknown:
        words.append(_("Not understood, and left out: %(columns)s.") % {"columns": ", ".join(sheet.unknown)})
    return " ".join(filter(None, words))
