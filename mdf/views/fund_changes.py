"""Funds to change: new ones, their rules and budgets, allocations, transfers, reversals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.access import vendor
from accounts.permissions import Permission as P
from mdf import actions
from mdf.fund_forms import AllocateForm, BudgetForm, FundForm, ReverseForm, RulesForm, TransferForm
from mdf.models import Fund
from mdf.queries import funds as queries
from mdf.refusals import Closed, NotEnough
from mdf.views.funds import crumbs, entry_page, find, find_entry
from partners.forms import PartnerPick
from prm.common.merging import blame


def done(form: forms.BaseForm, action: Callable[..., Any], **arguments: Any) -> Any:
    """What the action gave; None where it refused, which then stands in the form."""
    try:
        return action(**arguments)
    except NotEnough as error:
        form.add_error("amount" if "amount" in form.fields else None, str(error))
    except Closed as error:
        form.add_error(None, str(error))
    except ValidationError as error:
        blame(form, error)
    return None


@vendor(P.EDIT_FUNDS)
def new(request: HttpRequest) -> HttpResponse:
    request.section = "mdf"
    form = FundForm(request.POST or None)
    if form.is_valid():
        values = form.cleaned_data
        budget = values.pop("budget") or 0
        if fund := done(form, actions.create_fund, by=request.user, budget=budget, **values):
            messages.success(request, _("Fund created."))
            return redirect("mdf:fund", fund.pk)
    return _form(request, form, _("New fund"), crumbs(), reverse("mdf:funds"), _("Create fund"))


@vendor(P.EDIT_FUNDS)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    request.section = "mdf"
    fund = find(request, pk)
    form = RulesForm(request.POST or None, instance=fund)
    if form.is_valid() and done(form, actions.change_fund, by=request.user, fund=fund, **form.cleaned_data):
        messages.success(request, _("Saved. What was asked, reckoned or expired before stays as it was."))
        return redirect("mdf:fund", pk)
    return _form(request, form, _("Rules of the fund"), crumbs(fund), _back(fund), _("Save"))


@vendor(P.EDIT_FUNDS)
def budget(request: HttpRequest, pk: int) -> HttpResponse:
    request.section = "mdf"
    fund = find(request, pk)
    form = BudgetForm(request.POST or None)
    if form.is_valid() and done(form, actions.change_budget, by=request.user, fund=fund, **form.cleaned_data):
        messages.success(request, _("The budget is changed."))
        return redirect("mdf:fund", pk)
    return _form(request, form, _("Change the budget"), crumbs(fund), _back(fund), _("Change"), fund)


@vendor(P.EDIT_FUNDS)
def allocate(request: HttpRequest, pk: int) -> HttpResponse:
    request.section = "mdf"
    fund = find(request, pk)
    initial = {"partner": request.GET["partner"]} if request.GET.get("partner") else None
    form = AllocateForm(request.POST or None, fund=fund, user=request.user, initial=initial)
    if form.is_valid() and (account := done(form, actions.allocate, by=request.user, fund=fund, **form.cleaned_data)):
        messages.success(request, _("Allocated to %(account)s.") % {"account": account})
        return redirect("mdf:fund", pk)
    return _form(request, form, _("Allocate"), crumbs(fund), _back(fund), _("Allocate"), fund)


@vendor(P.EDIT_FUNDS)
def transfer(request: HttpRequest, pk: int) -> HttpResponse:
    request.section = "mdf"
    fund = find(request, pk)
    form = TransferForm(request.POST or None, fund=fund, user=request.user, initial=_from(request, fund))
    if form.is_valid() and done(form, actions.transfer, by=request.user, **form.cleaned_data):
        messages.success(request, _("Moved."))
        return redirect("mdf:fund", pk)
    return _form(request, form, _("Move between accounts"), crumbs(fund), _back(fund), _("Move"), fund)


@vendor(P.EDIT_FUNDS)
@require_POST
def reverse_entry(request: HttpRequest, pk: int) -> HttpResponse:
    request.section = "mdf"
    entry = find_entry(request, pk)
    form = ReverseForm(request.POST)
    if form.is_valid() and (made := done(form, actions.reverse, by=request.user, entry=entry, **form.cleaned_data)):
        messages.success(request, _("Taken back."))
        return redirect("mdf:entry", made.pk)
    return entry_page(request, entry, form)


@vendor(P.EDIT_FUNDS)
@require_POST
def accrue(request: HttpRequest, pk: int) -> HttpResponse:
    """Books now what comes by night."""
    fund = find(request, pk)
    try:
        made = actions.accrue(fund=fund, by=request.user)
    except Closed as error:
        messages.error(request, str(error))
        return redirect("mdf:accruals", pk)
    if made:
        text = ngettext("%(n)s month of a partner booked.", "%(n)s months of partners booked.", len(made))
        messages.success(request, text % {"n": len(made)})
    else:
        messages.info(request, _("Nothing has changed since the last time."))
    return redirect("mdf:accruals", pk)


def _from(request: HttpRequest, fund: Fund) -> dict[str, Any]:
    """The account that the address names to take from, for the form."""
    number = request.GET.get("source", "")
    rows = queries.accounts(request.user, fund)
    account = rows.filter(pk=int(number)).first() if number.isdecimal() and len(number) < 19 else None
    if account is None:
        return {}
    return {"source": str(account.pk)} if account.partner is None else {"source_partner": account.partner}


def _back(fund: Fund) -> str:
    return reverse("mdf:fund", args=[fund.pk])


def _form(
    request: HttpRequest,
    form: forms.BaseForm,
    title: str,
    way: list[tuple[str, str]],
    back: str,
    button: str,
    fund: Fund | None = None,
) -> HttpResponse:
    """A form on a page of its own; `fund`: whose figures stand beside it."""
    context: dict[str, Any] = {
        "form": form,
        "title": title,
        "crumbs": way,
        "back": back,
        "button": button,
        "fund": fund,
        "picks": [name for name, field in form.fields.items() if isinstance(field, PartnerPick)],
    }
    if fund is not None:
        context["accounts"] = list(queries.accounts(request.user, fund, shared=True))
    return render(request, "mdf/fund_form.html", context, status=422 if form.is_bound else 200)
