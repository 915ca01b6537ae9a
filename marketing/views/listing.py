"""The lists of plans on both sides, one partner's page of them, and how one is begun."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.access import portal, vendor
from accounts.permissions import Permission as P
from marketing import actions, outlook, queries, tables
from marketing.actions import Closed, NotAllowed
from marketing.forms.plan import PartnerForm, StartForm
from marketing.models import MarketingPlan
from marketing.views.building import plan_url
from marketing.views.sides import PORTAL, TWICE, VENDOR, Side
from partners import hub
from partners.models import Partner
from prm.common import lists
from prm.common.vendor import fiscal_calendar, today

State = MarketingPlan.State


@vendor(P.SEE_MARKETING)
def plans(request: HttpRequest) -> HttpResponse:
    """The plans this person sees."""
    listing = tables.plan_listing(request.user, request.GET)
    context = {
        "listing": listing,
        "filter": listing.filter,
        "may_build": request.user.can(P.EDIT_MARKETING),
        "may_rule": request.user.can(P.EDIT_MARKETING_RULES),
    }
    return render(request, "marketing/list.html", context)


@vendor(P.SEE_MARKETING)
def export(request: HttpRequest, kind: str) -> HttpResponse:
    return lists.export(request, "marketing_plans", kind)


@portal(P.PORTAL)
def portal_plans(request: HttpRequest) -> HttpResponse:
    """The partner's own plans."""
    listing = tables.portal_listing(request.user, request.GET)
    context = {"listing": listing, "filter": listing.filter, "may_build": request.user.can(P.MARKET)}
    return render(request, "marketing/portal_list.html", context)


@portal(P.PORTAL)
def portal_export(request: HttpRequest, kind: str) -> HttpResponse:
    return lists.export(request, "portal_marketing_plans", kind)


@vendor(P.SEE_MARKETING)
def partner(request: HttpRequest, pk: int) -> HttpResponse:
    """A partner's plans: the one that runs or comes next, and those before. The tab Marketing of the partner page."""
    found = hub.find(request, pk)
    rows = list(queries.plans(request.user).filter(partner=found).order_by("-starts_on", "-pk"))
    now = [row for row in rows if row.state not in (State.VERIFIED, State.REJECTED)][:2]
    full = queries.with_activities(queries.plans(request.user).filter(pk__in=[row.pk for row in now]), request.user)
    shown = [(row, outlook.stored(row, plan_url(VENDOR, row))) for row in _with_plans(full)]
    listing = tables.partner_listing(request.user, found, request.GET)
    context = {"current": shown, "listing": listing, "side": VENDOR, "may_build": request.user.can(P.EDIT_MARKETING)}
    return hub.page(request, found, "marketing", "marketing/partner.html", context)


def _with_plans(rows: Any) -> list[MarketingPlan]:
    """The plans, each activity knowing its own."""
    found = list(rows.order_by("-starts_on", "-pk"))
    for row in found:
        for activity in row.activities.all():
            activity.plan = row
    return found


# ── Begun ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@vendor(P.EDIT_MARKETING)
def choose_partner(request: HttpRequest) -> HttpResponse:
    """Whose plan it is, before the page that stands under the partner."""
    form = PartnerForm(request.POST or None, user=request.user)
    if form.is_valid():
        return redirect("marketing:start", form.cleaned_data["partner"].pk)
    context = {"form": form, "crumbs": [(_("Marketing"), VENDOR.url("plans"))]}
    return render(request, "marketing/new_for.html", context, status=422 if form.is_bound else 200)


@vendor(P.EDIT_MARKETING)
def start(request: HttpRequest, pk: int) -> HttpResponse:
    return _start(request, VENDOR, hub.find(request, pk))


@portal(P.MARKET)
def portal_start(request: HttpRequest) -> HttpResponse:
    return _start(request, PORTAL, hub.find(request))


def _start(request: HttpRequest, side: Side, found: Partner) -> HttpResponse:
    """Which quarters, and from which play, from the last plan or from nothing: one button."""
    form = StartForm(request.POST or None, calendar=fiscal_calendar(), day=today())
    latest = queries.plans(request.user).filter(partner=found).order_by("-starts_on", "-pk").first()
    if form.is_valid():
        chosen = request.POST.get("play", "")
        play = next((each for each in queries.plays() if each.key == chosen), None) if chosen else None
        copied = latest if "copy" in request.POST else None
        given = {"quarter": form.cleaned_data["first_quarter"], "quarters": int(form.cleaned_data["quarters"])}
        try:
            made = actions.start(partner=found, by=request.user, play=play, copy_of=copied, once_in=TWICE, **given)
        except (Closed, NotAllowed) as refused:
            messages.error(request, str(refused))
            return redirect(side.url("partner", found.pk) if side is VENDOR else side.url("plans"))
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            return redirect(side.url("build", made.pk))
    context = {"form": form, "plays": queries.plays(), "latest": latest, "side": side}
    status = 422 if form.is_bound else 200
    if side is VENDOR:
        return hub.page(request, found, "marketing", "marketing/partner_start.html", context, status)
    context["crumbs"] = [(_("Plans"), side.url("plans"))]
    return render(request, "marketing/portal_start.html", context, status=status)
