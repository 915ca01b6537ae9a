"""The partner's own money in funds, in the portal."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import portal
from accounts.permissions import Permission as P
from mdf import fund_page, fund_tables
from mdf.queries import funds as queries
from mdf.views.funds import find_account, naming
from mdf.views.statement import statement_pdf
from prm.common import lists
from prm.common.vendor import today


@portal(P.PORTAL)
def own_funds(request: HttpRequest) -> HttpResponse:
    """What the partner has of its own, and the funds it may ask besides."""
    request.section = "mdf"
    accounts = list(queries.accounts(request.user))
    funds = queries.funds(request.user).filter(expires_on__gte=today()).prefetch_related("tactics")
    context = {
        "accounts": accounts,
        "expiring": queries.expiring(request.user),
        "days": queries.SOON,
        "funds": [(fund, fund_page.facts(fund)) for fund in funds],
    }
    return render(request, "mdf/portal_funds.html", context)


@portal(P.PORTAL)
def own_account(request: HttpRequest, pk: int) -> HttpResponse:
    request.section = "mdf"
    account = find_account(request, pk)
    naming(request, "account_id", pk)
    listing = fund_tables.portal_account_listing(request.user, request.GET)
    context = {
        "fund": account.fund,
        "account": account,
        "listing": listing,
        "filter": listing.filter,
        "query": request.GET.urlencode(),
        "how": fund_page.how(account.fund, queries.by_kind(account), account),
        "crumbs": [(_("Funds"), reverse("mdf:portal_funds"))],
    }
    return render(request, "mdf/portal_account.html", context)


@portal(P.PORTAL)
def own_account_export(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    account = find_account(request, pk)
    naming(request, "account_id", pk)
    if kind == "pdf":
        listing = fund_tables.portal_account_listing(request.user, request.GET)
        return statement_pdf(request, account.fund, account, listing)
    return lists.export(request, "portal_mdf_account", kind)
