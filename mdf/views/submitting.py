"""Submitting a marketing plan, and with it asking for its money; for both sides, and by the link of a returned one."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from marketing import actions as marketing
from marketing import queries as plans
from marketing.forms.closing import WithdrawForm
from marketing.models import Activity, MarketingPlan
from mdf import actions, beside, forecast, showing
from mdf.actions.submitting import refused
from mdf.models import Account, Request
from mdf.queries.funds import account_for, open_to
from mdf.refusals import Closed, NotAllowed
from mdf.request_forms import SubmitForm
from mdf.views.sides import Side
from prm.common.merging import blame
from prm.common.vendor import today

REFUSALS = (Closed, NotAllowed, marketing.Closed, marketing.NotAllowed)


@dataclass(frozen=True)
class Option:
    """An account that can be asked: its radio button, what it pays and until when, and what speaks against it. `left` is told of
    accounts that are the partner's alone."""

    radio: Any
    account: Account
    left: str
    share: str
    until: str
    against: list[str]


def submit(request: HttpRequest, side: Side, pk: int) -> HttpResponse:
    """The plan's lines with their forecast, the fund filled in, one button."""
    request.section = "mdf"
    rows = plans.with_activities(plans.plans(request.user), request.user)
    plan: MarketingPlan = get_object_or_404(rows, pk=pk)
    if not plans.may_build(request.user, plan.partner):
        raise PermissionDenied
    before = Request.objects.visible_to(request.user).filter(plan=plan).first()
    if not plan.is_editable:
        return _done(request, side, plan, before)
    activities = list(plan.activities.all())
    form = _form(request, side, plan, activities, before)
    if form.is_valid():
        try:
            account = form.chosen
            made = actions.submit_plan(
                by=request.user, plan=plan, fund=account.fund if account else None, account=account,
                note=form.cleaned_data["note"],
            )  # fmt: skip
        except marketing.NotReady as error:
            for reason in error.reasons:
                form.add_error(None, reason)
        except ValidationError as error:
            blame(form, error)
        except REFUSALS as error:
            messages.error(request, str(error))
            return redirect(side.plan_url(plan))
        else:
            messages.success(request, _("Submitted. Who decides is asked now."))
            by_link = hasattr(request, "signed_link")
            return redirect(side.url("submit", pk) if by_link else side.url("request", made.pk))
    return _page(request, side, plan, activities, form, before)


def _form(
    request: HttpRequest, side: Side, plan: MarketingPlan, activities: list[Activity], before: Request | None
) -> SubmitForm:
    asking = [row for row in activities if row.mdf_asked > 0]
    accounts = open_to(plan.partner, today()) if asking else []
    labels = {account.pk: _named(account, plan, side) for account in accounts}
    chosen = before.account_id if before and before.account_id in labels else None
    if chosen is None and accounts:
        usual = _usual(accounts, asking, plan)
        chosen = usual.pk if usual else None
    return SubmitForm(request.POST or None, accounts=accounts, labels=labels, chosen=chosen)


def _usual(accounts: list[Account], asking: list[Activity], plan: MarketingPlan) -> Account | None:
    """The first fund that would take all of it, those of the plan's first day before the others: of each the account that it is paid
    from where nobody says another."""
    seen: set[int] = set()
    accounts = sorted(accounts, key=lambda one: not one.fund.starts_on <= plan.starts_on <= one.fund.ends_on)
    for account in accounts:
        if account.fund_id not in seen:
            seen.add(account.fund_id)
            if not refused(account.fund, asking):
                return account_for(account.fund, plan.partner)
    return accounts[0]


def _named(account: Account, plan: MarketingPlan, side: Side) -> str:
    if side.is_vendor:
        return f"{account.fund.name}: {account}"
    names = {"fund": account.fund.name, "holder": account.holder}
    if account.holder == plan.partner:
        return _("%(fund)s, your own part") % names
    if account.region is not None:
        return _("%(fund)s, for %(holder)s") % names
    if account.distributor is not None:
        return _("%(fund)s, for partners of %(holder)s") % names
    return _("%(fund)s, for all partners") % names


def _options(form: SubmitForm, side: Side, plan: MarketingPlan, asking: list[Activity]) -> list[Option]:
    if "account" not in form.fields:
        return []
    found = []
    for radio, account in zip(form["account"], form.accounts.values(), strict=True):
        tell = side.is_vendor or account.partner_id == plan.partner_id
        found.append(
            Option(
                radio, account,
                left=showing.money(account.available, account.fund.currency) if tell else "",
                share=showing.percent(account.fund.share),
                until=showing.day(account.expires_on or account.fund.expires_on),
                against=refused(account.fund, asking),
            )
        )  # fmt: skip
    return found


def _page(
    request: HttpRequest, side: Side, plan: MarketingPlan, activities: list[Activity], form: SubmitForm, before: Request | None
) -> HttpResponse:  # fmt: skip
    asking = [row for row in activities if row.mdf_asked > 0]
    context = {
        "plan": plan,
        "partner": plan.partner,
        "form": form,
        "options": _options(form, side, plan, asking),
        "asks": bool(asking),
        "lines": [forecast.line(row, plan.currency) for row in activities],
        "asked": showing.money(sum((row.mdf_asked for row in asking), Decimal(0)), plan.currency),
        "total": forecast.total(plan, activities),
        "not_ready": marketing.not_ready(plan),
        "merit": beside.merits(plan) if asking else [],
        "returned": before if before is not None and before.state == Request.State.RETURNED else None,
        "plan_url": side.plan_url(plan),
        "crumbs": [(plan.title, side.plan_url(plan))],
    }
    return side.page(request, "submit", context, 422 if form.is_bound else 200)


def _done(request: HttpRequest, side: Side, plan: MarketingPlan, before: Request | None) -> HttpResponse:
    """It is submitted: who came by the link is told so here, others at the request."""
    if before is None:
        return redirect(side.plan_url(plan))
    if not hasattr(request, "signed_link"):
        return redirect(side.url("request", before.pk))
    context = {"plan": plan, "partner": plan.partner, "done": before, "facts": showing.request_facts(before)}
    return side.page(request, "submit", context)


def recall(request: HttpRequest, side: Side, pk: int) -> HttpResponse:
    """Takes a plan back with what it asks, from its own page and from that of its request."""
    found = get_object_or_404(Request.objects.visible_to(request.user).select_related("plan", "partner"), plan=pk)
    try:
        actions.recall(by=request.user, request=found)
    except REFUSALS as error:
        messages.error(request, str(error))
        return redirect(side.url("request", found.pk))
    messages.success(request, _("Taken back: the plan is a draft again."))
    return redirect(side.plan_url(found.plan))


def withdraw(request: HttpRequest, side: Side, pk: int) -> HttpResponse:
    """Gives a plan up with what it asked."""
    found = get_object_or_404(Request.objects.visible_to(request.user).select_related("plan", "partner"), plan=pk)
    form = WithdrawForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say why the plan is given up."))
        return redirect(side.plan_url(found.plan))
    try:
        actions.withdraw(by=request.user, request=found, reason=form.cleaned_data["reason"])
    except REFUSALS as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The plan is given up."))
    return redirect(side.plan_url(found.plan))
