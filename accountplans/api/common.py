"""What the resources of account plans share."""

from typing import Any

from django.shortcuts import get_object_or_404

from accounts.permissions import Permission as P
from accounts.tokens import Scope
from partners.models import Partner
from pipeline.models import Customer
from prm.api.auth import Allowed, Request

READS = Allowed(Scope.PLANS_READ, vendor=P.SEE_ACCOUNT_PLANS, portal=P.PORTAL)
WRITES = Allowed(Scope.PLANS_WRITE, vendor=P.EDIT_ACCOUNT_PLANS, portal=P.SELL)
SHARES = Allowed(Scope.PLANS_WRITE, portal=P.SELL)
READS_IDEALS = Allowed(Scope.PLANS_READ, vendor=P.SEE_ACCOUNT_PLANS)
WRITES_IDEALS = Allowed(Scope.PLANS_WRITE, vendor=P.EDIT_SETTINGS)


def find_partner(request: Request, partner_id: int) -> Partner:
    """The partner, where this user may see it; else 404."""
    found: Partner = get_object_or_404(Partner.objects.visible_to(request.user), pk=partner_id)
    return found


def find_customer(request: Request, customer_id: int) -> Customer:
    """The customer, where this user may see it; else 404."""
    rows = Customer.objects.visible_to(request.user).select_related("partner")
    found: Customer = get_object_or_404(rows, pk=customer_id)
    return found


def key_of(row: Any) -> str | None:
    return row.key if row else None
