"""A plan small enough to work out by hand, and the ways to a draft and to a signed plan."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from accounts.permissions import Role
from partners.models import Partner
from planning import actions, signing
from planning.models import BusinessPlan
from tests.world import World

# 2.125 deals a month at 1,000: product revenue 2,125.00, of it 20 % the partner's margin 425.00, so vendor net 1,700.00.
LINE: dict[str, Any] = {
    "key": "a",
    "name": "Servers",
    "deals": {"kind": "ramp", "first": "2.125"},
    "sale": {"kind": "one_time", "deal_size": "1000"},
    "margin": "20",
    "rebate": "5",
}
SELLER: dict[str, Any] = {"key": "s", "name": "Seller", "count": "1", "rate": "3", "cost": "12000"}


def row(of: dict[str, Any] = LINE, **changes: Any) -> dict[str, Any]:
    return {**of, **changes}


def begin(partner: Partner, by: User, **parts: Any) -> BusinessPlan:
    """A draft with the one line and seller, or what is given."""
    plan = actions.start(partner=partner, by=by)
    emptied = {"lines": [LINE], "sellers": [SELLER], "people": [], "training": [], "marketing": [], "other": []}
    return actions.save(plan=plan, by=by, parts={**emptied, **parts})


def sign_both(world: World, plan: BusinessPlan, *, sides: tuple[str, ...] = ("vendor", "partner")) -> BusinessPlan:
    """Asked by the partner's CAM, signed by the CAM and the partner's executive."""
    cam, executive = signers(world, plan.partner)
    actions.ask(plan=plan, by=cam, vendor_signer=cam, partner_signer=executive)
    plan.refresh_from_db()
    for side, who in (("vendor", cam), ("partner", executive)):
        if side in sides:
            actions.sign(plan=plan, side=side, by=who, name=who.name, content_hash=signing.content_hash(plan))
    plan.refresh_from_db()
    return plan


def signers(world: World, partner: Partner) -> tuple[User, User]:
    team = world.users_a if partner == world.partner_a else world.users_b
    assert partner.cam is not None
    return partner.cam, team[Role.PARTNER_EXECUTIVE]


@pytest.fixture
def cam(acme: World) -> User:
    return acme.users[Role.CAM]


@pytest.fixture
def executive(acme: World) -> User:
    return acme.users_a[Role.PARTNER_EXECUTIVE]


@pytest.fixture
def draft(acme: World, cam: User) -> BusinessPlan:
    """Of the first partner, not shared."""
    return begin(acme.partner_a, cam)


@pytest.fixture
def signed_plan(acme: World) -> Callable[..., BusinessPlan]:
    """signed_plan(partner, **parts) → a committed plan."""

    def make(partner: Partner | None = None, **parts: Any) -> BusinessPlan:
        of = partner or acme.partner_a
        assert of.cam is not None
        return sign_both(acme, begin(of, of.cam, **parts))

    return make
