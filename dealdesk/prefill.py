"""What a new registration begins with: what is known of a lead, of an account target or of a customer is not typed again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accountplans.models import AccountTarget
from accounts.models import User
from leads.models import Lead
from partners.models import Partner
from pipeline.models import Customer, ProductLine
from prm.common.vendor import today


@dataclass(frozen=True)
class Start:
    """`initial`: of the form; `said`: where it is from, for the person; `lead` and `target`: what it is made of."""

    initial: Mapping[str, Any] = field(default_factory=dict)
    said: str = ""
    lead: Lead | None = None
    target: AccountTarget | None = None


def start(user: User, partner: Partner, asked: Mapping[str, str]) -> Start:
    """By `lead`, `target` or `customer` (the id of one this user sees of this partner); where none fits, empty but for the country."""
    if lead := _one(leads(user, partner), asked.get("lead")):
        return Start(_of_lead(lead), _("Filled in from your lead %(name)s.") % {"name": lead.company}, lead=lead)
    if target := _one(targets(user, partner), asked.get("target")):
        said = _("Filled in from the target %(line)s at %(name)s.") % {
            "line": target.product_line,
            "name": target.customer,
        }
        return Start(_of_target(target), said, target=target)
    if customer := _one(Customer.objects.visible_to(user).filter(partner=partner), asked.get("customer")):
        return Start(_of_customer(customer), _("Filled in from your customer %(name)s.") % {"name": customer})
    return Start({"country": partner.country})


def leads(user: User, partner: Partner) -> QuerySet[Lead]:
    """Those of the partner that a registration can be made of."""
    rows: QuerySet[Lead] = Lead.objects.visible_to(user).filter(partner=partner, state__in=Lead.WORKED)
    return rows


def targets(user: User, partner: Partner) -> QuerySet[AccountTarget]:
    """Likewise."""
    rows: QuerySet[AccountTarget] = AccountTarget.objects.visible_to(user).filter(
        customer__partner=partner, state=AccountTarget.State.TARGET
    )
    return rows.select_related("customer__partner", "product_line", "play")


def known(lead: Lead | None, target: AccountTarget | None) -> dict[str, Any]:
    """What a lead and a target tell, as `actions.save_draft` takes it; the lead has the last word."""
    said = {**(_of_target(target) if target else {}), **(_told(_of_lead(lead)) if lead else {})}
    if "product_lines" in said:
        said["product_lines"] = list(ProductLine.objects.filter(pk__in=said["product_lines"]))
    return _told({name: value for name, value in said.items() if name not in ("lead", "target")})


def _told(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in ("", None, [])}


def _one(rows: Any, asked: str | None) -> Any:
    text = (asked or "").strip()
    return rows.filter(pk=int(text)).first() if text.isascii() and text.isdigit() and len(text) < 19 else None


def _of_customer(customer: Customer) -> dict[str, Any]:
    return {
        "customer_name": customer.name,
        "domain": customer.domain,
        "country": customer.country or customer.partner.country,
    }


def _of_target(target: AccountTarget) -> dict[str, Any]:
    known: dict[str, Any] = {
        **_of_customer(target.customer),
        "product_lines": [target.product_line_id],
        "need": target.next_step or (target.play.name if target.play else ""),
        "target": target.pk,
    }
    if target.amount is not None:
        known |= {"amount": Decimal(f"{target.amount.normalize():f}"), "currency": target.currency}
    if target.due_on is not None and target.due_on >= today():
        known["expected_close"] = target.due_on
    return known


def _of_lead(lead: Lead) -> dict[str, Any]:
    return {
        "customer_name": lead.company,
        "domain": lead.domain,
        "country": lead.country,
        "product_lines": list(lead.product_lines.values_list("pk", flat=True)),
        "need": lead.need,
        "contact_name": lead.person,
        "contact_email": lead.email,
        "lead": lead.pk,
    }
