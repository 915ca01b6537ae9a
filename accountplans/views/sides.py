"""The pages of account plans that both sides have: the same pages, at each side's addresses, in each side's frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accountplans import queries
from accounts.permissions import Permission
from partners import hub
from partners.models import Partner
from pipeline.models import Customer, ProductLine


@dataclass(frozen=True)
class Side:
    """Which of the two sites: the names of its addresses begin with `prefix`."""

    prefix: str
    layout: str
    sees: Permission
    plans: Permission

    def url(self, name: str, *args: object) -> str:
        """A page of a customer or a target."""
        return reverse(f"accountplans:{self.prefix}{name}", args=args)

    def of_partner(self, name: str, partner: Partner) -> str:
        """A page of a partner: on its own site it needs no name."""
        return self.url(name) if self is PORTAL else self.url(name, partner.pk)


VENDOR = Side("", "accountplans/vendor_base.html", Permission.SEE_ACCOUNT_PLANS, Permission.EDIT_ACCOUNT_PLANS)
PORTAL = Side("portal_", "accountplans/portal_base.html", Permission.PORTAL, Permission.SELL)


def find_customer(request: HttpRequest, pk: int) -> Customer:
    """A customer this person may see; 404 for another, as for one that isn't there."""
    rows = Customer.objects.visible_to(request.user).select_related("partner")
    found: Customer = get_object_or_404(rows, pk=pk)
    return found


def find_line(pk: int) -> ProductLine:
    return get_object_or_404(ProductLine, pk=pk)


def crumbs(side: Side, partner: Partner, customer: Customer | None = None) -> list[tuple[str, str]]:
    """The way to a page below the plan, or below a customer of it."""
    found = [(_("Accounts"), side.of_partner("partner", partner))]
    return [*found, (customer.name, side.url("account", customer.pk))] if customer else found


def not_shared(request: HttpRequest, side: Side, partner: Partner) -> HttpResponse:
    """For who plans accounts, of a partner that doesn't share its whole plan."""
    messages.info(request, _("The partner doesn’t share its whole plan: it is the partner’s to change."))
    return redirect(side.of_partner("partner", partner))


def page(
    request: HttpRequest,
    side: Side,
    partner: Partner,
    template: str,
    context: dict[str, Any],
    *,
    title: str,
    current: str = "",
    crumbs: list[tuple[str, str]] | None = None,
    status: int = 200,
) -> HttpResponse:
    """A page of the plan in its side's frame; `current`: which of the plan's tabs it is, "" for a page below them."""
    level = queries.level(partner)
    tabs = [("partner", _("Whitespace")), ("opportunities", _("Opportunities")), ("targets_of", _("Targets"))]
    shared = {
        "side": side,
        "layout": side.layout,
        "partner": partner,
        "title": title,
        "crumbs": crumbs or [],
        "plan_tabs": [
            {"label": label, "url": side.of_partner(name, partner), "current": name == current} for name, label in tabs
        ]
        if current
        else [],
        "may_plan": queries.may_plan(request.user, partner, level),
        "may_target": queries.may_target(request.user, partner, level),
        "level": level,
    }
    header = hub.header(request, partner, "accounts") if side is VENDOR else {}
    return render(request, template, {**header, **shared, **context}, status=status)
