"""Ways to registrations, as people make them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from accounts.models import User
from accounts.permissions import Role
from dealdesk import actions
from dealdesk.models import Registration
from dealdesk.policy import KIND
from partners.models import Partner
from pipeline.models import ProductLine
from prm.common.models import Policy
from prm.common.vendor import today
from tests.world import World


def line(key: str = "servers") -> ProductLine:
    return ProductLine.objects.get_or_create(key=key, defaults={"name": key.title()})[0]


def values(**changes: Any) -> dict[str, Any]:
    """What is typed into a registration that can be submitted."""
    return {
        "customer_name": "Contoso GmbH",
        "domain": "contoso.de",
        "country": "DE",
        "product_lines": [line()],
        "amount": Decimal(25000),
        "currency": "USD",
        "expected_close": today() + dt.timedelta(days=60),
        "need": "Replaces its servers",
        **changes,
    }


def seller(world: World, partner: Partner | None = None) -> User:
    team = world.users_b if partner == world.partner_b else world.users_a
    return team[Role.PARTNER_SELLER]


def drafted(world: World, partner: Partner | None = None, *, by: User | None = None, **changes: Any) -> Registration:
    partner = partner or world.partner_a
    return actions.save_draft(by=by or seller(world, partner), partner=partner, values=values(**changes))


def submitted(
    world: World, partner: Partner | None = None, *, by: User | None = None, check: bool = True, **changes: Any
) -> Registration:
    """Submitted and, unless told otherwise, checked."""
    partner = partner or world.partner_a
    by = by or seller(world, partner)
    made = actions.submit(by=by, registration=drafted(world, partner, by=by, **changes))
    if check:
        actions.check(made.pk)
    return fresh(made)


def approved(world: World, partner: Partner | None = None, *, days: int | None = None, **changes: Any) -> Registration:
    """Approved by operations; with `days` protected for so many more."""
    made = submitted(world, partner, **changes)
    made = actions.approve(by=world.users[Role.OPERATIONS], registration=made, reason="Fits", override=True)
    if days is not None:
        Registration.everything.filter(pk=made.pk).update(expires_on=today() + dt.timedelta(days=days))
    return fresh(made)


def fresh(registration: Registration) -> Registration:
    found: Registration = Registration.everything.get(pk=registration.pk)
    return found


def kinds(registration: Registration) -> list[str]:
    """The steps of its way."""
    return [str(step.kind) for step in registration.steps.order_by("at", "id")]


def ruled(**fields: Any) -> None:
    """The policy in force, the default but for `fields`."""
    Policy.objects.update_or_create(kind=KIND, starts_on=dt.date(2020, 1, 1), defaults={"data": fields})
