"""Funds to read: the list, a fund, an account, the ledger and its files, for the vendor's side."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import vendor
from accounts.permissions import Permission as P
from mdf import fund_page, fund_tables
from mdf.fund_forms import ReverseForm
from mdf.models import Account, Entry, Fund
from mdf.queries import funds as queries
from mdf.views.statement import statement_pdf
from prm.common import lists
from prm.common.vendor import fiscal_calendar, today

NEWEST = 8  # lines of the ledger on the page of a fund
EXPIRING = 8


def find(request: HttpRequest, pk: int) -> Fund:
    fund: Fund = get_object_or_404(queries.funds(request.user), pk=pk)
    return fund


def find_account(request: HttpRequest, pk: int) -> Account:
    account: Account = get_object_or_404(queries.accounts(request.user), pk=pk)
    return account


def crumbs(fund: Fund | None = None) -> list[tuple[str, str]]:
    """The way to a page of a fund."""
    way = [(_("MDF funds"), reverse("mdf:funds"))]
    return way if fund is None else [*way, (fund.name, reverse("mdf:fund", args=[fund.pk]))]


def naming(request: HttpRequest, name: str, pk: int) -> None:
    """Puts what the list is of into the address it is made from, so that a job can make it again."""
    query = request.GET.copy()
    query[name] = str(pk)
    request.GET = query  # type: ignore[assignment]  # a QueryDict as well


@vendor(P.SEE_MDF)
def funds(request: HttpRequest) -> HttpResponse:
    request.section = "mdf"
    listing = fund_tables.fund_listing(request.user, request.GET)
    soon = queries.expiring(request.user, most=EXPIRING + 1)
    context = {
        "listing": listing,
        "filter": listing.filter,
        "query": request.GET.urlencode(),
        "may_edit": request.user.can(P.EDIT_FUNDS),
        "expiring": soon[:EXPIRING],
        "more": len(soon) > EXPIRING,
        "days": queries.SOON,
    }
    return render(request, "mdf/funds.html", context)


@vendor(P.SEE_MDF)
def funds_export(request: HttpRequest, kind: str) -> HttpResponse:
    return lists.export(request, "mdf_funds", kind)


@vendor(P.SEE_MDF)
def fund(request: HttpRequest, pk: int) -> HttpResponse:
    request.section = "mdf"
    found = find(request, pk)
    figures = queries.figures([pk])[pk]
    context = {
        "fund": found,
        "period": fiscal_calendar().parse(found.period).label,
        "tiles": fund_page.tiles(found, figures),
        "figures": figures,
        "facts": fund_page.facts(found),
        "how": fund_page.how(found, queries.by_kind_of_fund(found), figures),
        "accounts": Paginator(queries.accounts(request.user, found), lists.PAGE_SIZE).get_page(request.GET.get("page")),
        "expiring": queries.expiring(request.user, fund=found, most=EXPIRING),
        "days": queries.SOON,
        "newest": list(queries.postings(request.user).filter(entry__fund=found)[:NEWEST]),
        "may_edit": request.user.can(P.EDIT_FUNDS),
        "expired": found.expires_on < today(),
        "crumbs": crumbs(),
    }
    return render(request, "mdf/fund.html", context)


@vendor(P.SEE_MDF)
def ledger(request: HttpRequest, pk: int) -> HttpResponse:
    request.section = "mdf"
    found = find(request, pk)
    naming(request, "fund", pk)
    return _ledger(request, found, None, fund_tables.ledger_listing(request.user, request.GET))


@vendor(P.SEE_MDF)
def ledger_export(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    found = find(request, pk)
    naming(request, "fund", pk)
    if kind == "pdf":
        return statement_pdf(request, found, None, fund_tables.ledger_listing(request.user, request.GET))
    return lists.export(request, "mdf_ledger", kind)


@vendor(P.SEE_MDF)
def account(request: HttpRequest, pk: int) -> HttpResponse:
    request.section = "mdf"
    found = find_account(request, pk)
    naming(request, "account_id", pk)
    return _ledger(request, found.fund, found, fund_tables.account_listing(request.user, request.GET))


@vendor(P.SEE_MDF)
def account_export(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    found = find_account(request, pk)
    naming(request, "account_id", pk)
    if kind == "pdf":
        return statement_pdf(request, found.fund, found, fund_tables.account_listing(request.user, request.GET))
    return lists.export(request, "mdf_account", kind)


def _ledger(request: HttpRequest, fund: Fund, of: Account | None, listing: lists.Listing) -> HttpResponse:
    context: dict[str, Any] = {
        "fund": fund,
        "account": of,
        "listing": listing,
        "filter": listing.filter,
        "query": request.GET.urlencode(),
        "crumbs": crumbs(fund),
        "how": fund_page.how(fund, queries.by_kind(of), of) if of is not None else None,
        "expiring": queries.expiring(request.user, account=of) if of else None,
        "may_edit": request.user.can(P.EDIT_FUNDS),
    }
    return render(request, "mdf/ledger.html", context)


@vendor(P.SEE_MDF)
def entry(request: HttpRequest, pk: int) -> HttpResponse:
    """What an entry did to each account this person sees, and the way to take it back."""
    request.section = "mdf"
    return entry_page(request, find_entry(request, pk), ReverseForm())


def find_entry(request: HttpRequest, pk: int) -> Entry:
    rows = Entry.objects.visible_to(request.user).select_related("fund", "by", "partner", "reverses", "reversal")
    found: Entry = get_object_or_404(rows, pk=pk)
    return found


def entry_page(request: HttpRequest, found: Entry, form: ReverseForm) -> HttpResponse:
    can = found.kind != Entry.Kind.REVERSE and found.reversed_by is None and request.user.can(P.EDIT_FUNDS)
    context = {
        "entry": found,
        "fund": found.fund,
        "lines": list(queries.postings(request.user).filter(entry=found)),
        "accrual": found.accrual if hasattr(found, "accrual") else None,
        "can_reverse": can,
        "form": form,
        "crumbs": [*crumbs(found.fund), (_("Ledger"), reverse("mdf:ledger", args=[found.fund_id]))],
    }
    return render(request, "mdf/entry.html", context, status=422 if form.is_bound else 200)


@vendor(P.SEE_MDF)
def accruals(request: HttpRequest, pk: int) -> HttpResponse:
    """How the accruals of each month came about."""
    request.section = "mdf"
    found = find(request, pk)
    rows = lists.Listing(
        queries.accruals(request.user, found), fund_tables.accrual_columns(found), request.GET, name=_("Accruals"), default="-month",
    )  # fmt: skip
    context = {"fund": found, "listing": rows, "crumbs": crumbs(found), "may_edit": request.user.can(P.EDIT_FUNDS)}
    return render(request, "mdf/accruals.html", context)
