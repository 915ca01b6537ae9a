"""The overview of MDF, the money trail, and one line of it from the fund to what it brought."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import vendor
from accounts.models import User
from accounts.permissions import Permission as P
from leads.models import Lead
from marketing import delivered, figures
from marketing import queries as plans
from marketing.models import Activity, ActivityResult, Attribution
from marketing.waterfall import Lack
from mdf import forecast, showing, trail
from mdf.models import Claim, Entry, Line
from mdf.overview_page import OverviewPage
from mdf.views.requests import shown_lines
from mdf.views.sides import VENDOR, find_line
from pipeline.models import Deal
from prm.common import lists
from scorecards.rollups.page import File

MOST_SHOWN = 50


@vendor(P.SEE_MDF)
def home(request: HttpRequest) -> HttpResponse:
    request.section = "mdf"
    page = OverviewPage(request.user, request.GET)
    return render(request, "mdf/overview.html", {"page": page, "filter": page.filter})


@lists.exportable("mdf_overview")
def _file(user: User, query: QueryDict) -> File:
    return File(OverviewPage(user, query))


@vendor(P.SEE_MDF)
def overview_xlsx(request: HttpRequest) -> HttpResponse:
    return lists.export(request, "mdf_overview", "xlsx")


@vendor(P.SEE_MDF)
def money_trail(request: HttpRequest) -> HttpResponse:
    request.section = "mdf"
    listing = trail.trail_listing(request.user, request.GET)
    context = {"listing": listing, "filter": listing.filter, "query": request.GET.urlencode()}
    return render(request, "mdf/trail.html", context)


@vendor(P.SEE_MDF)
def trail_export(request: HttpRequest, kind: str) -> HttpResponse:
    return lists.export(request, "mdf_trail", kind)


# ── One line ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@vendor(P.SEE_MDF)
def trail_line(request: HttpRequest, pk: int) -> HttpResponse:
    """From the fund through its account, the request and the claims to the activity, its leads and its deals."""
    request.section = "mdf"
    line, user = find_line(request, pk), request.user
    rows = Activity.objects.unscoped("of a line in sight").select_related("plan", "tactic").prefetch_related("budget")
    line.activity = rows.get(pk=line.activity_id)
    result = plans.current_result(line.activity)
    context = {
        "line": line,
        "found": line.request,
        "partner": line.request.partner,
        "plan_url": VENDOR.plan_url(line.request.plan) if user.can(P.SEE_MARKETING) else "",
        "steps": _steps(line),
        "shown": shown_lines(line.request, [line], with_claims=True)[0],
        "entries": _entries(line, user),
        "claims": _claims(line, user),
        "result": _result(line, result),
        "leads": _leads(line, user),
        "deals": _deals(line, user),
        "crumbs": [(_("Money trail"), reverse("mdf:trail"))],
    }
    return render(request, "mdf/trail_line.html", context)


def _steps(line: Line) -> list[dict[str, Any]]:
    """The way of the money as the stepper shows it: what it came to at each place."""
    found, currency = line.request, line.request.currency
    account = found.account
    steps = [
        (_("Fund"), found.fund.name if found.fund else "–", reverse("mdf:fund", args=[found.fund_id]) if found.fund_id else ""),
        (_("Paid from"), str(account) if account else "–", ""),
        (_("Asked"), showing.money(line.asked, currency), reverse("mdf:request", args=[found.pk])),
        (_("Approved"), showing.money(line.approved, currency), ""),
        (_("Claimed"), showing.money(line.claimed, currency), ""),
    ]  # fmt: skip
    done = [True, True, True, line.approved is not None, line.claimed > 0]
    return [
        {"label": label, "note": note, "url": url, "state": "done" if reached else "ahead"}
        for (label, note, url), reached in zip(steps, done, strict=True)
    ]


def _entries(line: Line, user: User) -> list[dict[str, Any]]:
    """What the ledger holds of it, the first first."""
    rows: QuerySet[Entry] = Entry.objects.visible_to(user).filter(hold=line.pk).select_related("by").order_by("pk")
    currency = line.request.currency
    return [
        {"kind": row.get_kind_display(), "at": row.at, "by": row.by.display_name if row.by else _("System"), "amount": showing.money(row.amount, currency), "for": row.subject_name, "number": row.pk}
        for row in rows
    ]  # fmt: skip


def _claims(line: Line, user: User) -> list[dict[str, Any]]:
    rows = Claim.objects.visible_to(user).filter(line=line).select_related("request").order_by("pk")
    currency = line.request.currency
    return [
        {"claim": row, "url": row.get_absolute_url(), "approved": showing.money(row.approved, currency), "claimed": showing.money(row.claimed, currency), "state_word": showing.state_of(row)}
        for row in rows
    ]  # fmt: skip


def _result(line: Line, result: ActivityResult | None) -> dict[str, Any]:
    """What came of the activity beside what was expected, in the plan's currency; MDF and the ROI on it are of what the claims were
    approved for. `why`: what keeps them from being known."""
    expected, actual, why = forecast.line(line.activity, line.activity.plan.currency).forecast, None, ""
    if result is not None and result.state != ActivityResult.State.DRAFT:
        outcome = delivered.actual(line.activity, result)
        actual = forecast.words(outcome, line.activity.plan.currency)
        why = figures.LACKS[Lack.NO_RATE] if outcome.vendor_revenue.lack is Lack.NO_RATE else ""
    names = [
        (_("Cost"), "cost"), (_("MDF"), "mdf"), (_("MGOs"), "mgos"), (_("Revenue"), "revenue"), (_("ROI"), "roi"),
        (_("Our ROI on MDF"), "mdf_roi"),
    ]  # fmt: skip
    rows = [(label, getattr(expected, name), getattr(actual, name) if actual else "–") for label, name in names]
    word = showing.result_word(result.state) if result and actual else ""
    return {"rows": rows, "actual": actual, "word": word, "why": why}


def _sourced(line: Line, user: User, what: str) -> list[int]:
    rows = Attribution.objects.visible_to(user).filter(activity=line.activity_id, **{f"{what}__isnull": False})
    return list(rows.order_by("at").values_list(what, flat=True))


def _leads(line: Line, user: User) -> dict[str, Any]:
    """How many leads came from it, and those this person may open."""
    pks = _sourced(line, user, "lead")
    rows = (
        Lead.objects.visible_to(user).filter(pk__in=pks).order_by("-created_at")[:MOST_SHOWN]
        if user.can(P.SEE_LEADS)
        else []
    )
    return {"count": len(pks), "rows": [(row.company, row.get_state_display(), reverse("leads:lead", args=[row.pk])) for row in rows]}  # fmt: skip


def _deals(line: Line, user: User) -> dict[str, Any]:
    pks = _sourced(line, user, "deal")
    if not user.can(P.SEE_DEALS):
        return {"count": len(pks), "rows": []}
    rows = (
        Deal.objects.visible_to(user)
        .filter(pk__in=pks)
        .select_related("stage", "customer")
        .order_by("-created_on", "-pk")
    )
    return {
        "count": len(pks),
        "rows": [(str(row), str(row.stage), showing.money(row.amount, row.currency), reverse("pipeline:deal", args=[row.pk])) for row in rows[:MOST_SHOWN]],
    }  # fmt: skip
