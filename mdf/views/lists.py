"""The lists: what waits for the reader, all requests and claims, and the partner's own."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import portal, vendor
from accounts.models import User
from accounts.permissions import Permission as P
from mdf import asks, showing, tables
from mdf.models import ApprovalStep, Claim
from mdf.queries.claims import claimable
from mdf.queries.waiting import waiting_for
from mdf.steps import Decider
from prm.common import lists
from prm.common.vendor import today


@vendor(P.DECIDE_MDF)
def approvals(request: HttpRequest) -> HttpResponse:
    """What waits for this person, what is due first on top."""
    request.section = "mdf"
    now = timezone.now()
    rows = [
        _waiting(step, decider, late=step.decide_by is not None and step.decide_by < now)
        for step, decider in waiting_for(request.user).items()
    ]
    return render(request, "mdf/approvals.html", {"rows": rows, "late": sum(row["late"] for row in rows)})


def _waiting(step: ApprovalStep, decider: Decider, *, late: bool) -> dict[str, object]:
    of = step.of
    is_claim = isinstance(of, Claim)
    amount = of.claimed if isinstance(of, Claim) else of.asked
    currency = of.request.currency if isinstance(of, Claim) else of.currency
    return {
        "url": reverse("mdf:decide_claim" if is_claim else "mdf:decide", args=[of.pk]),
        "reference": of.reference,
        "what": of.line.activity.title if isinstance(of, Claim) else of.plan.title,
        "kind": _("Claim") if is_claim else _("Request"),
        "partner": of.partner.name,
        "amount": showing.money(amount, currency) if amount else "–",
        "step": step,
        "late": late,
        "in_place": decider.in_place_of is not None,
    }


@vendor(P.SEE_MDF)
def requests(request: HttpRequest) -> HttpResponse:
    request.section = "mdf"
    listing = tables.request_listing(request.user, request.GET)
    context = {"listing": listing, "filter": listing.filter, "query": request.GET.urlencode()}
    return render(request, "mdf/requests.html", context)


@vendor(P.SEE_MDF)
def requests_export(request: HttpRequest, kind: str) -> HttpResponse:
    return lists.export(request, "mdf_requests", kind)


@vendor(P.SEE_MDF)
def claims(request: HttpRequest) -> HttpResponse:
    request.section = "mdf"
    listing = tables.claim_listing(request.user, request.GET)
    context = {"listing": listing, "filter": listing.filter, "query": request.GET.urlencode()}
    return render(request, "mdf/claims.html", context)


@vendor(P.SEE_MDF)
def claims_export(request: HttpRequest, kind: str) -> HttpResponse:
    return lists.export(request, "mdf_claims", kind)


@portal(P.PORTAL)
def portal_requests(request: HttpRequest) -> HttpResponse:
    request.section = "mdf"
    listing = tables.portal_request_listing(request.user, request.GET)
    context = {"listing": listing, "filter": listing.filter, "query": request.GET.urlencode()}
    return render(request, "mdf/portal_requests.html", context)


@portal(P.PORTAL)
def portal_requests_export(request: HttpRequest, kind: str) -> HttpResponse:
    return lists.export(request, "portal_mdf_requests", kind)


@portal(P.PORTAL)
def portal_claims(request: HttpRequest) -> HttpResponse:
    """The claims, and above them what can be claimed still."""
    request.section = "mdf_claims"
    listing = tables.portal_claim_listing(request.user, request.GET)
    context = {
        "listing": listing,
        "filter": listing.filter,
        "query": request.GET.urlencode(),
        "open": _to_claim(request.user),
        "tiles": asks.money(request.user),
        "may_claim": request.user.can(P.MARKET),
    }
    return render(request, "mdf/portal_claims.html", context)


def _to_claim(user: User) -> list[dict[str, object]]:
    """What can be claimed still, what ends first on top; and whether a claim of it is begun."""
    lines = list(claimable(user))
    begun = Claim.objects.visible_to(user).filter(line__in=lines, state__in=Claim.EDITABLE).order_by()
    drafts, day = set(begun.values_list("line", flat=True)), today()
    return [
        {
            "line": line,
            "left": showing.money(line.left, line.request.currency),
            "until": f"{showing.day(line.claim_until)} ({showing.days_left(line.claim_until, day)})" if line.claim_until else "–",
            "draft": line.pk in drafts,
        }
        for line in lines
    ]  # fmt: skip


@portal(P.PORTAL)
def portal_claims_export(request: HttpRequest, kind: str) -> HttpResponse:
    return lists.export(request, "portal_mdf_claims", kind)
