"""A partner's account plan: the matrix, the best chances, the targets; how far it is shared, and that it was gone through."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accountplans import actions, queries, tables
from accountplans.filters import CustomerFilter
from accountplans.forms.plan import ReviewForm, ShareForm
from accountplans.models import Sharing
from accountplans.views.sides import PORTAL, Side, page
from accountplans.whitespace import Whitespace
from partners import hub
from partners.models import Partner
from prm.common import lists

PAGE_SIZE = 50


def matrix(request: HttpRequest, side: Side, pk: int | None = None) -> HttpResponse:
    """Customers and product lines: what is owned, open, a target, and where the chances are."""
    return _matrix(request, side, hub.find(request, pk))


def _matrix(request: HttpRequest, side: Side, partner: Partner, **forms: Any) -> HttpResponse:
    chosen = CustomerFilter(request.GET, user=request.user)
    rows = chosen.apply(queries.customers(request.user, partner)).order_by("name", "pk")
    found = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    whitespace = Whitespace(request.user, partner, list(found.object_list))
    shares = queries.partner_shares(request.user, partner)
    level = shares.level if shares else Sharing.Level.HIDDEN
    last_review = queries.reviews(request.user, partner).first()
    context = {
        "filter": chosen,
        "found": found,
        "lines": whitespace.lines,
        "rows": [(row, side.url("account", row.customer.pk)) for row in whitespace.rows],
        "counts": queries.counts(request.user, partner, shares),
        "shares": shares,
        "last_review": last_review,
        "touched": queries.touched_since(last_review, partner),
        "share_form": ShareForm(initial={"level": level}),
        "review_form": ReviewForm(),
        "portal": side is PORTAL,
        "new_url": side.of_partner("account_new", partner),
        "import_url": side.of_partner("take_in", partner),
        "side_share_url": side.url("share") if side is PORTAL else "",
        "review_url": side.of_partner("review", partner),
        **forms,
    }
    title = _("Accounts")
    status = 422 if forms else 200
    return page(
        request, side, partner, "accountplans/matrix.html", context, title=title, current="partner", status=status
    )


def opportunities(request: HttpRequest, side: Side, pk: int | None = None) -> HttpResponse:
    """The best chances of all customers, one below the other."""
    partner = hub.find(request, pk)
    found = tables.Opportunities(request.user, partner, request.GET)
    shown = Paginator(found.cells, PAGE_SIZE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query["partner"] = str(partner.pk)
    context = {
        "filter": found.filter,
        "found": shown,
        "cells": [
            (cell, found.why(cell), side.url("cell", cell.customer.pk, cell.line.pk)) for cell in shown.object_list
        ],
        "clear": request.path,
        "export_name": f"accountplans:{side.prefix}opportunities_export",
        "export_query": query.urlencode(),
    }
    return page(
        request, side, partner, "accountplans/opportunities.html", context, title=_("Accounts"), current="opportunities"
    )


def targets(request: HttpRequest, side: Side, pk: int | None = None) -> HttpResponse:
    """What is to be sold next, to whom, by whom and when."""
    partner = hub.find(request, pk)
    listing = tables.partner_target_listing(request.user, partner, request.GET)
    query = request.GET.copy()
    if side is not PORTAL:
        query["q"] = partner.name
    context = {
        "listing": listing,
        "filter": listing.filter,
        "clear": request.path,
        "export_name": f"accountplans:{side.prefix}targets_export",
        "export_query": query.urlencode(),
        "matrix_url": side.of_partner("partner", partner),
    }
    return page(
        request, side, partner, "accountplans/partner_targets.html", context, title=_("Accounts"), current="targets_of"
    )


def review(request: HttpRequest, side: Side, pk: int | None = None) -> HttpResponse:
    """The plan was gone through."""
    partner = hub.find(request, pk)
    form = ReviewForm(request.POST)
    if form.is_valid():
        try:
            actions.review(by=request.user, partner=partner, note=form.cleaned_data["note"])
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Noted: the account plan was gone through today."))
            return redirect(side.of_partner("partner", partner))
    return _matrix(request, side, partner, review_form=form)


def share(request: HttpRequest, side: Side) -> HttpResponse:
    """The partner says how far the vendor may look."""
    partner = hub.find(request, None)
    form = ShareForm(request.POST)
    if not form.is_valid():
        return _matrix(request, side, partner, share_form=form)
    row = actions.share(by=request.user, partner=partner, level=form.cleaned_data["level"])
    messages.success(request, _("From now on the vendor sees: %(level)s.") % {"level": row.get_level_display()})
    return redirect(side.of_partner("partner", partner))


def opportunities_export(request: HttpRequest, side: Side, kind: str) -> HttpResponse:
    return lists.export(request, "account-opportunities", kind)


def targets_export(request: HttpRequest, side: Side, kind: str) -> HttpResponse:
    return lists.export(request, "portal-account-targets" if side is PORTAL else "account-targets", kind)
