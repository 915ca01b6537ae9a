"""What a program worksheet stands on: its period, what it is prefilled with, shares of partners, what is planned and delivered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from statistics import median
from typing import Any

from django.db.models import Sum
from django.db.models.functions import Lower

from accounts.models import User
from marketing import waterfall
from marketing.facts import DELIVERED, PLANNED
from marketing.models import ActivityResult, Tactic, Worksheet
from marketing.program.document import Sheet, Way, read
from marketing.worksheet import RATES, split
from partners.models import Fact, Partner, Tier
from pipeline.facts import LACK, TARGET
from pipeline.models import Deal, DealStage
from prm.common.fiscal import FiscalQuarter, FiscalYear
from prm.common.money import Money, NoRate
from prm.common.numbers import round_half_away
from prm.common.vendor import fiscal_calendar, rates, today, vendor_settings

WHY = "the channel's figures together"
DAYS_BACK = 365  # in which won deals count
WEEKS = 13
Span = FiscalYear | FiscalQuarter


@dataclass(frozen=True)
class Share:
    """A partner's part of the MGOs, and what it was given by: 1, the weight of its tier, or its revenue target."""

    partner_id: int
    name: str
    by: Decimal
    mgos: int


@dataclass(frozen=True)
class Against:
    """Of the partners a reader sees: MGOs of approved plans in the period, and those that came of them so far."""

    planned: Decimal
    delivered: int


def span_of(key: str) -> Span:
    """The fiscal year or quarter of this key. Raises ValueError."""
    found = fiscal_calendar().parse(key)
    if not isinstance(found, FiscalYear | FiscalQuarter):
        raise ValueError(key)
    return found


def spans() -> list[Span]:
    """Those that a worksheet may be looked at for: this fiscal year and the next with their quarters, and the last."""
    this = fiscal_calendar().year_of(today())
    found: list[Span] = []
    for year in (this.next, this, this.previous):
        found += [year, *year.quarters]
    return found


def worksheet(span: Span) -> tuple[Sheet, Worksheet | None]:
    """What is kept for the period, else what it begins with."""
    row = Worksheet.objects.filter(period=span.key).first()
    return (read(row.content), row) if row else (prefilled(span), None)


def prefilled(span: Span) -> Sheet:
    """The revenue the partners are to bring, rates as they were or usually are, the usual deal; tiers weigh as they rank."""
    weights = {
        key: place for place, key in enumerate(Tier.objects.order_by("order", "pk").values_list("key", flat=True), 1)
    }
    return Sheet(revenue=target(span), base={**usual_rates(), "deal": usual_deal()}, weights=weights)


def target(span: Span) -> Decimal | None:
    """The revenue targets of all partners in the period, in the reporting currency; None where there are none, or one has no rate: the
    rest would be too little."""
    if without_rate(span):
        return None
    rows = Fact.objects.unscoped(WHY).filter(metric=TARGET, month__range=(span.start, span.end))
    found = rows.aggregate(sum=Sum("value"))["sum"]
    return round_half_away(found, 2) if found else None


def without_rate(span: Span) -> str:
    """The currency of a revenue target in the period that has no rate; "" where each has one."""
    rows = Fact.objects.unscoped(WHY).filter(metric=TARGET + LACK, month__range=(span.start, span.end))
    return rows.order_by("currency").values_list("currency", flat=True).first() or ""


def usual_rates() -> dict[str, Decimal | None]:
    """Σ out ÷ Σ in of the vendor's own verified activities where they are enough to say so, else the middle of the tactics'."""
    done = ActivityResult.objects.unscoped(WHY).filter(state=ActivityResult.State.VERIFIED)
    offered = waterfall.offered(list(done.order_by("pk").values_list(*waterfall.STAGES)))
    found: dict[str, Decimal | None] = {}
    usual = Tactic.objects.filter(active=True)
    for name in RATES:
        if name in offered:
            rate = offered[name].rate
            found[name] = round_half_away(Decimal(rate.numerator) / rate.denominator, 4)
        else:
            values = [value for value in usual.values_list(name, flat=True) if value is not None]
            found[name] = round_half_away(median(values), 4) if values else None
    return found


def usual_deal() -> Decimal | None:
    """The middle of the deals won in a year, in the reporting currency."""
    day, table = today(), rates()
    rows = Deal.objects.unscoped(WHY).filter(
        stage__outcome=DealStage.Outcome.WON, closed_on__range=(day - dt.timedelta(days=DAYS_BACK), day)
    )
    amounts = []
    for amount, currency, on in rows.order_by("-closed_on", "-pk").values_list("amount", "currency", "closed_on")[
        :2000
    ]:
        try:
            amounts.append(table.convert(Money(amount, currency), on).amount)
        except NoRate:
            continue
    return round_half_away(median(amounts)) if amounts else None


# ── Split ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def shares(sheet: Sheet, mgos: int, span: Span) -> list[Share] | None:
    """The MGOs by partner, in the order of their names; None where there is nothing to share them out by. Lapsed partners get none."""
    rows = Partner.objects.unscoped(WHY).filter(stage__is_lapsed=False).order_by(Lower("name"), "pk")
    partners = list(rows.values_list("pk", "name", "tier__key"))
    weights = _weights(sheet, [(pk, tier) for pk, _name, tier in partners], span)
    parts = split(mgos, [Fraction(weight) for weight in weights])
    if parts is None:
        return None
    return [
        Share(pk, name, weight, part) for (pk, name, _tier), weight, part in zip(partners, weights, parts, strict=True)
    ]


def _weights(sheet: Sheet, partners: Sequence[tuple[int, str | None]], span: Span) -> list[Decimal]:
    if sheet.way is Way.EQUAL:
        return [Decimal(1)] * len(partners)
    if sheet.way is Way.TIER:
        return [Decimal(sheet.weights.get(tier or "", 0)) for _pk, tier in partners]
    if without_rate(span):
        return [Decimal(0)] * len(partners)
    rows = Fact.objects.unscoped(WHY).filter(metric=TARGET, month__range=(span.start, span.end)).order_by()
    targets: dict[int, Decimal] = dict(rows.values_list("partner").annotate(sum=Sum("value")))
    return [max(targets.get(pk, Decimal(0)), Decimal(0)) for pk, _tier in partners]


def by_quarter(mgos: int, span: Span) -> list[tuple[FiscalQuarter, int]]:
    """The MGOs of each quarter of the period."""
    every = span.quarters if isinstance(span, FiscalYear) else (span,)
    return list(zip(every, split(mgos, [1] * len(every)) or [], strict=True))


# ── Against it ───────────────────────────────────────────────────────────────────────────────────────────────────────


def against(user: User, span: Span) -> Against:
    """What approved plans bring in the period, and what they brought, of the partners the user sees."""
    seen: dict[str, Any] = {}
    if Partner.visible_q(user):
        seen = {"partner__in": Partner.objects.visible_to(user).order_by().values("pk")}
    rows = Fact.objects.unscoped(WHY).filter(
        metric__in=(PLANNED, DELIVERED), month__range=(span.start, span.end), **seen
    )
    found = dict(rows.order_by().values_list("metric").annotate(sum=Sum("value")))
    return Against(found.get(PLANNED, Decimal(0)), int(found.get(DELIVERED, 0)))


def currency() -> str:
    return vendor_settings().reporting_currency
