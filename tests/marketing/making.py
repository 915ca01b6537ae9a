"""Ways to marketing plans, as people make them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from accounts.models import User
from accounts.permissions import Role
from marketing import actions
from marketing.models import Activity, MarketingPlan, Tactic
from partners.models import Partner
from prm.common.vendor import fiscal_calendar, today
from tests.world import World

# The worked example: 400, 160, 96, 48, 12 wins, revenue 216,000, ROI 23 and 6.2.
EXAMPLE: dict[str, Any] = {
    "reach": 20_000, "response": "0.02", "mql": "0.4", "sal": "0.6", "sql": "0.5", "win": "0.25", "deal_size": "18000",
    "margin": "0.3", "budget": [{"what": "Agency", "amount": "9000", "payer": "partner"}],
}  # fmt: skip
RESULTS: dict[str, Any] = {
    "reach": 10_000, "inquiries": 200, "mqls": 80, "sals": 40, "mgos": 20, "wins": 5, "revenue": "90000", "cost": "8500",
}  # fmt: skip


def marketer(world: World, partner: Partner | None = None) -> User:
    team = world.users_b if partner == world.partner_b else world.users_a
    return team[Role.PARTNER_MARKETER]


def tactic(key: str = "webinar") -> Tactic:
    return Tactic.objects.get(key=key)


def this_quarter() -> str:
    return fiscal_calendar().quarter_of(today()).key


def started(world: World, partner: Partner | None = None, *, by: User | None = None, **more: Any) -> MarketingPlan:
    """An empty draft of this quarter, by the partner's marketer."""
    partner = partner or world.partner_a
    return actions.start(partner=partner, by=by or marketer(world, partner), **{"quarter": this_quarter(), **more})


def added(plan: MarketingPlan, *, by: User, key: str = "webinar", **more: Any) -> Activity:
    return actions.add_activity(plan=plan, by=by, tactic=tactic(key), fields={**EXAMPLE, **more})


def submitted(world: World, partner: Partner | None = None, *, activities: int = 2, **more: Any) -> MarketingPlan:
    """Submitted by the partner's marketer; each activity asks for 4,000 MDF."""
    partner = partner or world.partner_a
    plan = started(world, partner, **more)
    for n in range(activities):
        added(plan, by=marketer(world, partner), title=f"Webinar {n + 1}", mdf_asked="4000")
    return actions.submit(plan=plan, by=marketer(world, partner))


def approved(world: World, partner: Partner | None = None, **more: Any) -> MarketingPlan:
    plan = submitted(world, partner, **more)
    for activity in parts(plan):
        actions.decide(activity=activity, decision="as_asked", by=world.users[Role.MARKETING])
    return actions.finish_review(plan=plan, by=world.users[Role.MARKETING])


def closed(world: World, activity: Activity, *, by: User | None = None, **results: Any) -> Activity:
    partner = activity.plan.partner
    actions.close_activity(activity=activity, by=by or marketer(world, partner), fields={**RESULTS, **results})
    return fresh(activity)


def verified(world: World, activity: Activity, **results: Any) -> Activity:
    actions.verify(activity=closed(world, activity, **results), by=world.users[Role.MARKETING])
    return fresh(activity)


def parts(plan: MarketingPlan) -> list[Activity]:
    return list(Activity.everything.filter(plan=plan).select_related("plan__partner", "tactic").order_by("position"))


def fresh(row: Any) -> Any:
    return type(row).everything.get(pk=row.pk)


def first_day(plan: MarketingPlan, after: int = 0) -> dt.date:
    return plan.starts_on + dt.timedelta(days=after)


def money(value: str) -> Decimal:
    return Decimal(value)
