"""The program worksheet: three columns, what they need, how it is shared out, what stands against it. Saved as it is typed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import vendor
from accounts.permissions import Permission as P
from marketing.actions.worksheet import Outdated, save_worksheet
from marketing.program import reading
from marketing.program.form import WorksheetForm
from marketing.program.page import ProgramPage
from prm.common.vendor import fiscal_calendar, today


@vendor(P.SEE_MARKETING)
def worksheet(request: HttpRequest) -> HttpResponse:
    """That of `?period=`, of this fiscal year where nothing is asked."""
    request.section = "marketing"
    asked = request.GET.get("period", "")
    try:
        span = reading.span_of(asked) if asked else fiscal_calendar().year_of(today())
    except ValueError:
        raise Http404 from None
    page = ProgramPage(request.user, span, request.GET)
    if request.method != "POST":
        return _shown(request, page)
    if not page.may_edit:
        raise PermissionDenied
    return _posted(request, page)


def _posted(request: HttpRequest, page: ProgramPage) -> HttpResponse:
    form = page.form_of(request.POST)
    if not form.is_valid() or not _kept(request, page, form):
        return _shown(request, page, form, 422)
    if request.headers.get("HX-Request"):
        return _shown(request, page, saved=timezone.now())
    messages.success(request, _("Saved."))
    return redirect(f"{reverse('marketing:worksheet')}?period={page.span.key}")


def _kept(request: HttpRequest, page: ProgramPage, form: WorksheetForm) -> bool:
    sheet = form.typed
    try:
        row = save_worksheet(by=request.user, period=page.span.key, sheet=sheet, revision=form.cleaned_data["revision"])
    except Outdated:
        form.add_error(
            None,
            _("Somebody changed this worksheet while you were typing. Nothing of yours is saved: load the page anew."),
        )
        return False
    except ValidationError as error:
        form.add_error(None, [message for texts in error.message_dict.values() for message in texts])
        return False
    page.kept(row, sheet)
    return True


def _shown(
    request: HttpRequest, page: ProgramPage, form: WorksheetForm | None = None, status: int = 200, **more: Any
) -> HttpResponse:
    """The page; after a change by script those parts of it that follow."""
    context = {"page": page, "form": form or page.form, "saved": None, **more}
    name = "marketing/worksheet.html"
    if request.method == "POST" and request.headers.get("HX-Request"):
        name = "marketing/worksheet_live.html" if status == 200 else "marketing/worksheet_wrong.html"
    return render(request, name, context, status=status)
