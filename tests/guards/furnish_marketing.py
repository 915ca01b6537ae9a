"""Marketing plans of a partner in every state, with activities closed, verified and opened again."""

import datetime as dt
from typing import Any

from accounts.models import User
from accounts.permissions import Role
from marketing import actions
from marketing.models import Activity, MarketingPlan, Play, Tactic
from partners.models import Partner
from pipeline.models import ProductLine
from prm.common.vendor import fiscal_calendar, today
from tests.world import World

RESULTS = {
    "reach": 900,
    "inquiries": 90,
    "mqls": 30,
    "sals": 20,
    "mgos": 10,
    "wins": 2,
    "revenue": "20000",
    "cost": "3000",
}


def market(world: World, partner: Partner, cam: User, marketer: User) -> None:
    """Drafts of both sides, one of them not shared; submitted, in review, changes asked, approved in part, rejected, running, closed
    and verified."""
    quarter = fiscal_calendar().quarter_of(today())
    line = ProductLine.objects.order_by("order", "pk").first()

    def draft(by: User = marketer, **more: Any) -> MarketingPlan:
        plan = actions.start(partner=partner, by=by, **{"quarter": quarter.key, **more})
        actions.save(
            plan=plan, by=by,
            fields={"message": "Less work", "audience": "Plants", "revenue_goal": "50000", "product_lines": [line.key] if line else []},
        )  # fmt: skip
        return actions.save(plan=plan, by=cam, fields={"vendor_note": "Mind the budget"}) if by == marketer else plan

    def submitted(activities: int = 2, by: User = marketer) -> MarketingPlan:
        plan = draft(by)
        for n in range(activities):
            add(plan, by, n)
        return actions.submit(plan=plan, by=by)

    def add(plan: MarketingPlan, by: User, n: int) -> Activity:
        return actions.add_activity(
            plan=plan, by=by, tactic=Tactic.objects.get(key=("webinar", "email")[n % 2]),
            fields={
                "title": f"Activity {n}", "owner": marketer.pk, "mdf_asked": "1000", "deal_size": "12000", "margin": "0.25",
                "starts_on": plan.starts_on, "ends_on": plan.starts_on + dt.timedelta(days=40),
                "budget": [{"what": "Agency", "amount": "2500", "payer": "mdf"}, {"what": "Hall", "amount": "500", "payer": "partner"}],
                "assets": [{"label": "Landing page", "url": "https://example.com/page"}],
                "product_lines": [line.key] if line else [],
            },
        )  # fmt: skip

    def parts(plan: MarketingPlan) -> list[Activity]:
        return list(Activity.everything.filter(plan=plan).select_related("plan__partner", "tactic"))

    def reviewed(*decisions: str, by: User = marketer) -> MarketingPlan:
        plan = submitted(len(decisions), by)
        for activity, decision in zip(parts(plan), decisions, strict=True):
            actions.decide(activity=activity, decision=decision, by=world.users[Role.MARKETING], reason="As agreed")
        return actions.finish_review(plan=plan, by=world.users[Role.MARKETING])

    draft(play=Play.objects.order_by("order").first())
    add(draft(cam), cam, 0)
    submitted()
    actions.begin_review(plan=submitted(), by=cam)
    reviewed("as_asked", "returned")
    reviewed("as_asked", "denied")
    reviewed("denied")
    for activity in parts(reviewed("as_asked", "as_asked"))[:1]:
        actions.save_results(activity=activity, by=marketer, fields=RESULTS)
    actions.begin_running(on=today())
    for verify in (False, True):
        for activity in parts(reviewed("as_asked")):
            actions.close_activity(activity=activity, by=marketer, fields={**RESULTS, "remark": "It rained"})
            if verify:
                actions.verify(activity=activity, by=cam, note="Receipts seen")
    for activity in parts(reviewed("as_asked")):
        actions.close_activity(activity=activity, by=marketer, fields=RESULTS)
        actions.reopen(activity=activity, by=cam, reason="A win was lost")
