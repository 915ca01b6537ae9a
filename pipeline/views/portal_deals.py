"""Deals as a partner sees its own: to read, with its own share and no other partner's name."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import portal
from accounts.permissions import Permission as P
from partners.models import Partner
from pipeline.deals import queries, tables
from prm.common import lists
from prm.common.vendor import today


@portal(P.PORTAL)
def deal_list(request: HttpRequest) -> HttpResponse:
    request.section = "deals"
    listing = tables.portal_deal_listing(request.user, request.GET)
    context = {"filter": listing.filter, "listing": listing, "query": request.GET.urlencode()}
    return render(request, "pipeline/portal_deals.html", context)


@portal(P.PORTAL)
def deal_export(request: HttpRequest, kind: str) -> HttpResponse:
    return lists.export(request, "portal_deals", kind)


@portal(P.PORTAL)
def deal(request: HttpRequest, pk: int) -> HttpResponse:
    request.section = "deals"
    own = Partner.objects.visible_to(request.user).get()
    rows = queries.of_partner(queries.deals(request.user, today()), own, request.user)
    found = get_object_or_404(rows, pk=pk)
    context = {
        "crumbs": [(_("Deals"), reverse("pipeline:portal_deals"))],
        "deal": found,
        "amount": tables.amount(found),
        "part": tables.part(found),
        "stays": queries.stays(queries.way(found, request.user), today()),
    }
    return render(request, "pipeline/portal_deal.html", context)
