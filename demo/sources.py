"""Where leads and deals of the demo came from: the partner's activity of those weeks; and the program worksheet of the year."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

from accounts.permissions import Role
from demo.world import World
from leads.models import Lead
from marketing.facts import DELIVERED
from marketing.models import Activity, Attribution, Clicks, How, Influence, Worksheet
from marketing.program import reading
from marketing.program.document import Case, Sheet, Way, write
from marketing.queries import sources
from partners import facts
from pipeline.models import Deal
from prm.common.fiscal import FiscalYear

AFTER = dt.timedelta(days=30)  # the last of its leads come so long after an activity
DEALS_AFTER = dt.timedelta(days=75)
LIKELY, LIKELY_DEAL, LIKELY_TWO = 0.7, 0.35, 0.2


def make(world: World) -> None:
    """Leads, deals and approved activities are in the database already."""
    random = Random(f"{world.profile.seed} sources")
    rows = list(sources(Activity.objects.unscoped("the demo")).select_related("plan__partner", "tactic").order_by("pk"))
    of_partner: dict[int, list[Activity]] = defaultdict(list)
    for activity in rows:
        of_partner[activity.plan.partner_id].append(activity)
        activity.assets = [{"label": activity.tactic.name, "url": f"https://{_domain(activity)}/{activity.tactic.key}"}]
    Activity.everything.bulk_update(rows, ["assets"], batch_size=500)
    _sources(world, random, of_partner)
    _clicks(world, random, rows)
    _worksheet(world)
    facts.refresh(metrics=[DELIVERED])


def _domain(activity: Activity) -> str:
    return activity.plan.partner.domain or "example.com"


def _sources(world: World, random: Random, of_partner: dict[int, list[Activity]]) -> None:
    made: list[Attribution] = []
    touched: list[Influence] = []
    of_deal: dict[int, Activity] = {}
    leads = Lead.objects.unscoped("the demo").filter(partner__in=list(of_partner)).order_by("created_at", "pk")
    for lead in leads:
        near = _near(of_partner[lead.partner_id], lead.created_at.date(), AFTER)
        if not near or random.random() > LIKELY:
            continue
        first = random.choice(near)
        how = random.choice([How.LINK, How.UTM, How.CODE, How.IMPORT])
        made.append(Attribution(activity=first, lead=lead, how=how, at=lead.created_at))
        if lead.deal_id:
            of_deal.setdefault(lead.deal_id, first)
        if len(near) > 1 and random.random() < LIKELY_TWO:
            other = random.choice([each for each in near if each != first])
            touched.append(Influence(activity=other, lead=lead, how=How.UTM, at=lead.created_at + dt.timedelta(days=2)))
    deals = Deal.objects.unscoped("the demo").filter(partner__in=list(of_partner)).order_by("created_on", "pk")
    zone = ZoneInfo(world.profile.time_zone)
    for deal in deals:
        at = dt.datetime.combine(deal.created_on, dt.time(10), zone)
        if deal.pk in of_deal:
            made.append(Attribution(activity=of_deal[deal.pk], deal=deal, how=How.LEAD, at=at))
        elif (
            near := _near(of_partner[deal.partner_id], deal.created_on, DEALS_AFTER)
        ) and random.random() < LIKELY_DEAL:
            made.append(Attribution(activity=random.choice(near), deal=deal, how=How.CHOICE, at=at))
    Attribution.everything.bulk_create(made, batch_size=1000)
    Influence.everything.bulk_create(touched, batch_size=1000)


def _near(activities: list[Activity], day: dt.date, after: dt.timedelta) -> list[Activity]:
    return [each for each in activities if each.starts_on <= day <= each.ends_on + after]


def _clicks(world: World, random: Random, rows: list[Activity]) -> None:
    found = [
        Clicks(activity=activity, on=day, number=random.randint(3, 60))
        for activity in rows
        for day in {activity.starts_on, activity.starts_on + dt.timedelta(days=3), activity.ends_on}
        if activity.starts_on <= day <= activity.ends_on and day <= world.yesterday
    ]
    Clicks.everything.bulk_create(found, batch_size=1000)


def _worksheet(world: World) -> None:
    """That of this fiscal year: what the partners' targets need, with 85 % of them taking part."""
    year: FiscalYear = world.calendar.year_of(world.today)
    begun = reading.prefilled(year)
    sheet = Sheet(
        revenue=begun.revenue, base=begun.base, factors=(("Partners taking part", Decimal("0.85")),),
        own={Case.BLEAK: {}, Case.STRETCH: {}}, way=Way.TIER, weights=begun.weights,
    )  # fmt: skip
    Worksheet.objects.update_or_create(
        period=year.key,
        defaults={
            "currency": reading.currency(), "content": write(sheet), "revision": 1, "updated_by": world.staff[Role.MARKETING],
        },
    )  # fmt: skip
