"""What came of an activity: entered by who ran it, verified by somebody else, opened again with a reason."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import vendor
from accounts.permissions import Permission as P
from marketing import actions, counting, queries, reading
from marketing.actions import Closed, NotAllowed, NotReady
from marketing.delivered import compared
from marketing.figures import FIGURES, shown
from marketing.forms.closing import ReopenForm, ResultsForm, VerifyForm
from marketing.models import Activity
from marketing.reminding import VENDOR_LINK
from marketing.views.sides import VENDOR, Side, crumbs, find_activity
from marketing.waterfall import STAGES

FIELDS = (*STAGES, "revenue", "cost")


def results(request: HttpRequest, side: Side, pk: int) -> HttpResponse:
    """The results of an approved activity: to enter while it is open, to read once it is closed."""
    row = find_activity(request, pk)
    result = queries.current_result(row)
    if request.method == "POST" and not queries.builds(request.user):
        raise PermissionDenied
    opened = queries.may_enter_results(request.user, row) and row.plan.state in ("approved", "running")
    if not row.is_approved:
        return render(request, "marketing/no_results.html", {"activity": row, "crumbs": _crumbs(request, side, row)})
    known = counting.known(row)
    form = ResultsForm(request.POST or None, activity=row, result=result, known=known.values)
    if request.method == "POST" and form.is_valid():
        closes = "close" in request.POST
        act = actions.close_activity if closes else actions.save_results
        try:
            act(activity=row, by=request.user, fields=form.given)
        except (Closed, NotAllowed, NotReady) as refused:
            messages.error(request, str(refused))
            return redirect(side.url("results", pk))
        except ValidationError as error:
            form.blame(error)
        else:
            said = _("Closed. Somebody else than you verifies it now.") if closes else _("Saved.")
            messages.success(request, said)
            stays = not closes or hasattr(request, "signed_link")
            return redirect(side.url("results" if stays else "plan", pk if stays else row.plan_id))
    return _page(request, side, row, form, opened, 422 if form.is_bound else 200)


def _page(
    request: HttpRequest, side: Side, row: Activity, form: ResultsForm, opened: bool, status: int = 200, **more: Any
) -> HttpResponse:
    result, known = queries.current_result(row), counting.known(row)
    context = {
        "activity": row,
        "plan": row.plan,
        "side": side,
        "form": form,
        "opened": opened,
        "rows": _rows(row, form, known),
        "counted": [(FIGURES[name], text) for name, text in known.counted.items()],
        "result": result,
        "compared": compared(row, result) if result and result.state != "draft" else [],
        "earlier": queries.results(request.user).filter(activity=row, state="reopened"),
        "verifies": side is VENDOR and queries.may_verify(request.user, row),
        "reopens": side is VENDOR
        and row.state != Activity.State.PLANNED
        and request.user.can(P.VERIFY_MARKETING)
        and not hasattr(request, "signed_link"),
        "verify_form": VerifyForm(),
        "reopen_form": ReopenForm(),
        "crumbs": _crumbs(request, side, row),
        **more,
    }
    return render(request, "marketing/results.html", context, status=status)


def _crumbs(request: HttpRequest, side: Side, row: Activity) -> list[tuple[str, str]]:
    """Nothing for who came by a link: it leads here only."""
    return [] if hasattr(request, "signed_link") else crumbs(side, row.plan, inside=True)


def _rows(row: Activity, form: ResultsForm, known: counting.Known) -> list[dict[str, Any]]:
    """A line for each number: what was expected, what the system counted, the field."""
    expected = shown(reading.outcome(row), row.plan.currency, FIELDS)
    return [
        {
            "label": FIGURES[name] if name != "cost" else form[name].label,
            "forecast": expected[name].text,
            "counted": known.counted.get(name, "–"),
            "field": form[name],
        }
        for name in FIELDS
    ]


@vendor(P.VERIFY_MARKETING, link=VENDOR_LINK)
@require_POST
def verify(request: HttpRequest, pk: int) -> HttpResponse:
    row = find_activity(request, pk)
    form = VerifyForm(request.POST)
    if not form.is_valid():
        return _again(request, row, verify_form=form)
    try:
        actions.verify(activity=row, by=request.user, note=form.cleaned_data["note"])
    except (Closed, NotAllowed) as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Verified: these results count from now on."))
    return redirect("marketing:results", pk)


@vendor(P.VERIFY_MARKETING)
@require_POST
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    row = find_activity(request, pk)
    form = ReopenForm(request.POST)
    if not form.is_valid():
        return _again(request, row, reopen_form=form)
    try:
        actions.reopen(activity=row, by=request.user, reason=form.cleaned_data["reason"])
    except (Closed, NotAllowed) as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Opened again: the results can be corrected."))
    return redirect("marketing:results", pk)


def _again(request: HttpRequest, row: Activity, **forms: Any) -> HttpResponse:
    form = ResultsForm(activity=row, result=queries.current_result(row), known={})
    return _page(request, VENDOR, row, form, False, 422, **forms)
