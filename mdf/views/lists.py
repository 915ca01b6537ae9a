"""The lists: what waits for the reader, all requests and claims, and the partner's own."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.access import portal, vendor
from accounts.models import User
from accounts.permissions import Permission as P
from mdf import asks, showing, tables
from mdf.models import Claim
from mdf.queries.claims import claimable
from prm.common import lists
from prm.common.vendor import today


@vendor(P.DECIDE_MDF)
def approvals(request: HttpRequest) -> HttpResponse:
    """What waits for this person, what is due first on top."""
    request.section = "mdf"
    return render(request, "mdf/approvals.html", {"listing": tables.approval_listing(request.user, request.GET)})


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
