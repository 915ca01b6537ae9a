"""What partners sold, have in the pipeline and are to sell: results as an ERP would deliver them, deals as a CRM."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random

from demo.course import Trend
from demo.cultures import CULTURES
from demo.names import Names
from demo.world import Member, World
from pipeline.models import (
    Customer,
    Deal,
    DealShare,
    DealStage,
    Metric,
    MetricValue,
    ProductLine,
    SalesResult,
    StageChange,
    TargetMonth,
    TargetVersion,
)
from prm.common.fiscal import Month
from prm.common.names import normalised

LINES = {"switching": "Switching", "wireless": "Wireless", "security": "Security", "support": "Support services"}
METRICS = {"app-usage": ("App usage", "number"), "recurring-revenue": ("Monthly recurring revenue", "money")}
SEASON = (0.8, 0.9, 1.15, 0.9, 0.95, 1.15, 0.8, 0.75, 1.15, 0.95, 1.05, 1.45)  # by calendar month
GROWTH = {Trend.CLIMBS: 1.22, Trend.HOLDS: 1.04, Trend.FADES: 0.8}  # a year
PLANNED_GROWTH = 1.08
TIERS = {"": 0.5, "silver": 1.0, "gold": 2.1, "platinum": 4.2}
SELLING = ("activate", "accelerate", "mature")
WAY = ("qualified", "proof", "proposal", "negotiation")
LOST = ("Price", "Went with what they had", "Project stopped", "Lead time")
PROJECTS = (
    "network refresh", "new office", "Wi-Fi for two sites", "firewall renewal", "data centre move", "support contract",
)  # fmt: skip


@dataclass
class Shop:
    """What the makers of sales share; a chance of their own, so that the rest of the demo doesn't depend on them."""

    world: World
    random: Random
    lines: Sequence[ProductLine]
    stages: Mapping[str, DealStage]
    metrics: Mapping[str, Metric]
    months: Sequence[Month]


@dataclass
class Account:
    """How one partner sells: `yearly` in the reporting currency, at the pace of the first month."""

    member: Member
    yearly: float
    currency: str
    customers: Sequence[Customer]

    def monthly(self, number: int, month: Month) -> float:
        """What it is likely to sell in a month, the one of this number."""
        pace = GROWTH[self.member.course.trend] ** (number / 12)
        return self.yearly / 12 * SEASON[month.month - 1] * float(pace)


def open_shop(world: World) -> Shop:
    random = Random(f"{world.profile.seed} sales")
    lines = [
        ProductLine.objects.get_or_create(key=key, defaults={"name": name, "order": order})[0]
        for order, (key, name) in enumerate(LINES.items(), 1)
    ]
    metrics = {
        key: Metric.objects.get_or_create(key=key, defaults={"name": name, "unit": unit, "order": order})[0]
        for order, (key, (name, unit)) in enumerate(METRICS.items(), 1)
    }
    stages = {stage.key: stage for stage in DealStage.objects.all()}
    months = [month for quarter in world.quarters for month in quarter.months if month.start < world.today]
    return Shop(world, random, lines, stages, metrics, months)


def make(shop: Shop, member: Member) -> None:
    """Everything of one partner; one that never came to selling has nothing."""
    if not any(row.stage.key in SELLING for row in member.placements):
        return
    tier = member.partner.tier.key if member.partner.tier else ""
    scale = shop.random.lognormvariate(11.6, 0.55) * (1 if member.partner.partner_type.transacts else 0.25)
    account = Account(member, scale * TIERS[tier], _currency(shop, member), _customers(shop, member))
    _results(shop, account)
    _targets(shop, account)
    for number in range(shop.random.choice((3, 5, 8, 12))):
        _deal(shop, account, number)
    _metrics(shop, account)


def _customers(shop: Shop, member: Member) -> list[Customer]:
    made: list[Customer] = []
    names = Names(shop.random)  # of its own: two partners may know the same company, and names are not without end
    for number in range(shop.random.randint(3, 8)):
        company = names.company([member.partner.country])
        made.append(
            Customer(
                partner=member.partner,
                name=company.name,
                name_key=normalised(company.name)[:200],
                domain=company.domain,
                country=company.country,
                external_id=f"C-{number + 1:03}",
                created_at=member.partner.created_at,
            )
        )
    shop.world.batch.add(*made)
    return made


def _currency(shop: Shop, member: Member) -> str:
    own = CULTURES[member.partner.country].currency
    return own if own in shop.world.profile.rates and shop.random.random() < 0.6 else shop.world.profile.currency


def _in(shop: Shop, amount: float, currency: str) -> Decimal:
    """An amount of the reporting currency in another, to the minor unit."""
    rate = float(shop.world.profile.rates.get(currency, 1))
    return Decimal(str(round(amount / rate, 0 if currency == "JPY" else 2)))


def _results(shop: Shop, account: Account) -> None:
    world, random, partner = shop.world, shop.random, account.member.partner
    for number, month in enumerate(shop.months):
        for line in range(random.choice((1, 2, 2, 3))):
            day = world.day_between(month.start, month.end)
            share = random.uniform(0.3, 0.75) * (-0.2 if random.random() < 0.02 else 1)  # a credit note now and then
            if day > world.yesterday or account.member.stage(day) not in SELLING:
                continue
            at = world.moment(day)
            world.batch.add(
                SalesResult(
                    partner=partner,
                    on=day,
                    amount=_in(shop, account.monthly(number, month) * share, account.currency),
                    currency=account.currency,
                    product_line=random.choice(shop.lines),
                    customer=random.choice(account.customers),
                    kind=random.choices(("new", "renewal", "expansion"), (50, 30, 20))[0],
                    distributor=partner.distributor,
                    source="erp",
                    external_id=f"{partner.external_id}-{month.key}-{line + 1}",
                    created_by=world.operations,
                    created_at=at,
                    updated_at=at,
                )
            )


def _targets(shop: Shop, account: Account) -> None:
    """Operations set a target for each fiscal year it sold in; a few were forgotten."""
    world, random, member = shop.world, shop.random, account.member
    years = sorted({quarter.fiscal_year for quarter in world.quarters})
    for number, year in enumerate(years, 1):
        ambition = random.uniform(0.95, 1.25)
        if member.stage(min(year.end, world.today)) not in SELLING or random.random() < 0.06:
            continue
        version = TargetVersion(
            partner=member.partner,
            metric="revenue",
            source="operations",
            number=number,
            first_month=year.start,
            note=f"{year.label} target",
            created_by=world.operations,
            created_at=world.moment(year.start),
        )
        world.batch.add(version)
        for place, month in enumerate(year.months):
            growth = PLANNED_GROWTH ** (number - 1 + place / 12)
            planned = account.yearly / 12 * SEASON[month.month - 1] * growth * ambition
            world.batch.add(
                TargetMonth(
                    version=version,
                    month=month.start,
                    value=Decimal(round(planned / 100) * 100),
                    currency=world.profile.currency,
                )
            )


def _deal(shop: Shop, account: Account, number: int) -> None:
    """A deal on its way from stage to stage, to its end or to where it stands today."""
    world, random, member = shop.world, shop.random, account.member
    first = world.today - dt.timedelta(days=random.randint(5, 420))
    days, ends_won = max(12, round(random.gauss(80, 35))), random.random() < 0.5
    if first < world.quarters[0].start or member.stage(first) in ("", "recruit"):
        return
    steps = [first + dt.timedelta(days=round(days * part)) for part in (0, 0.25, 0.5, 0.8)]
    way = [(shop.stages[key], on) for key, on in zip(WAY, steps, strict=True) if on <= world.yesterday]
    closed = first + dt.timedelta(days=days)
    if is_closed := closed <= world.yesterday and random.random() < 0.85:
        way.append((shop.stages["won" if ends_won else "lost"], closed))
    stage, since = way[-1]
    customer = random.choice(account.customers)
    by, at = member.partner.cam, world.moment(first)
    deal = Deal(
        partner=member.partner,
        name=f"{customer.name}, {random.choice(PROJECTS)}",
        customer=customer,
        product_line=random.choice(shop.lines),
        stage=stage,
        amount=_in(shop, round(account.yearly * random.lognormvariate(-2.4, 0.6), -2), account.currency),
        currency=account.currency,
        expected_close=closed if is_closed else first + dt.timedelta(days=max(days, 20) + random.randint(-5, 120)),
        led_by=random.choices(("partner", "vendor"), (70, 30))[0],
        kind=random.choices(("new", "renewal", "expansion"), (55, 25, 20))[0],
        created_on=first,
        registered_on=first if random.random() < 0.4 else None,
        closed_on=since if is_closed else None,
        lost_reason=random.choice(LOST) if is_closed and not ends_won else "",
        stage_since=since,
        source="crm",
        external_id=f"{member.partner.external_id}-{number + 1:02}",
        created_by=by,
        created_at=at,
        updated_at=world.moment(since),
    )
    world.batch.add(deal, DealShare(deal=deal, partner=member.partner, percent=Decimal(100)))
    earlier = [None, *(one for one, _on in way)]
    for (to_stage, on), from_stage in zip(way, earlier, strict=False):
        moved = StageChange(deal=deal, from_stage=from_stage, to_stage=to_stage, on=on, by=by, at=world.moment(on))
        world.batch.add(moved)


def _metrics(shop: Shop, account: Account) -> None:
    random, world = shop.random, shop.world
    usage = random.uniform(1, 6)
    for number, month in enumerate(shop.months[-6:], len(shop.months) - 6):
        if month.end > world.yesterday:
            continue
        recurring = _in(shop, account.monthly(number, month) * 0.3, world.profile.currency)
        for key, value, currency in (
            ("app-usage", Decimal(str(round(usage + random.uniform(-0.5, 0.5), 1))), ""),
            ("recurring-revenue", recurring, world.profile.currency),
        ):
            world.batch.add(
                MetricValue(
                    partner=account.member.partner,
                    metric=shop.metrics[key],
                    on=month.end,
                    value=value,
                    currency=currency,
                    source="usage report",
                    created_by=world.operations,
                    created_at=world.moment(month.end),
                )
            )
