"""One request: what is asked and decided, its steps and clocks, what happened, what was claimed; and closing it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import Permission as P
from marketing import queries as plans
from marketing.models import Activity
from mdf import actions, forecast, showing
from mdf.models import ApprovalStep, Claim, Happening, Line, Request
from mdf.queries import requests as queries
from mdf.queries import waiting
from mdf.refusals import Closed, NotAllowed
from mdf.request_forms import ReasonForm
from mdf.views.sides import Side, find_request
from prm.common.merging import blame
from prm.common.vendor import today

State = Request.State


def lines_of(request: Request, user: User) -> list[Line]:
    """Its lines, each with its activity as the forecast needs it."""
    rows: QuerySet[Line] = Line.objects.visible_to(user).filter(request=request).order_by("position", "pk")
    lines = list(rows.select_related("request"))
    every = Activity.objects.unscoped("of a request in sight").filter(pk__in=[line.activity_id for line in lines])
    activities = {row.pk: row for row in every.select_related("plan", "tactic").prefetch_related("budget")}
    for line in lines:
        line.activity = activities[line.activity_id]
    return lines


def steps_of(of: Request | Claim, user: User) -> QuerySet[ApprovalStep]:
    """The steps of the round there is."""
    rows = ApprovalStep.objects.visible_to(user).filter(round=of.round)
    rows = rows.filter(claim=of) if isinstance(of, Claim) else rows.filter(request=of)
    found: QuerySet[ApprovalStep] = rows.select_related("decided_by", "in_place_of").order_by("position")
    return found


def happenings(of: Request | Claim, user: User) -> list[dict[str, Any]]:
    rows = Happening.objects.visible_to(user)
    rows = rows.filter(claim=of) if isinstance(of, Claim) else rows.filter(request=of)
    return showing.timeline(rows.select_related("by").order_by("at", "pk"), told=not user.is_partner_side)


def shown_lines(found: Request, lines: list[Line], *, with_claims: bool, told: bool = True) -> list[dict[str, Any]]:
    """The lines with their forecasts, and what was claimed of each."""
    currency, day = found.plan.currency, today()
    rows = []
    for shown in showing.lines(found, lines, told=told):
        line = shown.line
        until = (
            f"{showing.day(line.claim_until)} ({showing.days_left(line.claim_until, day)})" if line.claim_until else ""
        )
        rows.append({
            "shown": shown,
            "line": line,
            "activity": line.activity,
            "forecast": forecast.line(line.activity, currency).forecast,
            "until": until if with_claims else "",
            "can_claim": with_claims and found.state == State.APPROVED and line.left > 0 and line.claim_until is not None and line.claim_until >= day,
        })  # fmt: skip
    return rows


def request_page(request: HttpRequest, side: Side, pk: int) -> HttpResponse:
    return page(request, side, find_request(request, pk))


def page(request: HttpRequest, side: Side, found: Request, close_form: ReasonForm | None = None) -> HttpResponse:
    user = request.user
    request.section = "mdf"
    lines = lines_of(found, user)
    claims = Claim.objects.visible_to(user).filter(request=found).select_related("line__activity").order_by("pk")
    granted = found.state in Request.GRANTED and found.approved is not None
    context = {
        "found": found,
        "partner": found.partner,
        "plan": found.plan,
        "plan_url": side.plan_url(found.plan) if user.is_partner_side or user.can(P.SEE_MARKETING) else "",
        "state_word": showing.state_of(found),
        "facts": showing.request_facts(found),
        "rows": shown_lines(found, lines, with_claims=granted and found.fund_id is not None, told=side.is_vendor),
        "steps": showing.steps(steps_of(found, user), told=side.is_vendor) if found.state in Request.REVIEWED else [],
        "timeline": happenings(found, user),
        "claims": [_claim(claim, side) for claim in claims],
        "granted": granted,
        "total": forecast.total(found.plan, [line.activity for line in lines]),
        "may_decide": side.is_vendor and found.state in Request.REVIEWED and waiting.may_decide(user, found) is not None,
        "may_recall": queries.may_recall(user, found),
        "may_submit": found.can_be_submitted and found.plan.is_editable and plans.may_build(user, found.partner),
        "may_close": side.is_vendor and found.state in Request.CLOSABLE and queries.may_close(user),
        "may_claim": user.can(P.MARKET) if user.is_partner_side else user.can(P.EDIT_MARKETING),
        "close_form": close_form or ReasonForm(auto_id="close_%s"),
        "close_open": close_form is not None,
        "partner_url": reverse("partners:hub", args=[found.partner_id]) if side.is_vendor else "",
        "crumbs": side.crumbs(),
    }  # fmt: skip
    return side.page(request, "request", context, 422 if close_form else 200)


def _claim(claim: Claim, side: Side) -> dict[str, Any]:
    currency = claim.request.currency
    return {
        "claim": claim,
        "url": side.url("claim", claim.pk),
        "claimed": showing.money(claim.claimed, currency),
        "approved": showing.money(claim.approved, currency),
        "state_word": showing.state_of(claim),
    }


def close(request: HttpRequest, side: Side, pk: int) -> HttpResponse:
    """Ends it; what wasn't claimed goes back to the fund."""
    found = find_request(request, pk)
    form = ReasonForm(request.POST, auto_id="close_%s")
    if form.is_valid():
        try:
            actions.close(by=request.user, request=found, reason=form.cleaned_data["reason"])
        except ValidationError as error:
            blame(form, error)
        except (Closed, NotAllowed) as error:
            messages.error(request, str(error))
            return redirect(side.url("request", pk))
        else:
            messages.success(
                request, _("Closed. What wasn’t claimed is back in the fund.") if found.approved else _("Closed.")
            )
            return redirect(side.url("request", pk))
    return page(request, side, find_request(request, pk), form)
