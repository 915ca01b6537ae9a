"""What an activity starts from where nobody has typed anything: the partner's own medians, its type's, the tactic's figures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from statistics import median
from typing import Any

from marketing.models import RATES, Tactic
from marketing.waterfall import DEFAULT_CYCLE
from partners.models import Partner
from pipeline.models import Deal
from planning.models import BusinessPlan
from planning.prefill import benchmark_layers, size_of
from prm.common.money import Money, NoRate, Rates, minor_units
from prm.common.numbers import round_half_away
from prm.common.vendor import rates, today

BACK = 3 * 365  # days in which won deals count
MOST = 500  # of them, the newest
FEWEST_PARTNERS = 5  # behind what is shown of a partner type, so that no single one's numbers show
LONGEST_CYCLE = 1825
OWN, TYPE, DEFAULT, PLAN, BENCHMARK, TACTIC, HISTORY, TYPED, COPIED = (
    "partner", "type", "default", "business_plan", "benchmark", "tactic", "history", "typed", "copied",
)  # fmt: skip


@dataclass(frozen=True)
class Start:
    """Values by the names of an activity's fields, and where each came from."""

    values: dict[str, Any] = field(default_factory=dict)
    sources: dict[str, dict[str, Any]] = field(default_factory=dict)


def of_partner(partner: Partner, currency: str) -> Start:
    """`deal_size` (in `currency`), `margin` and `cycle_days` of this partner: the medians of the deals it won in three years, else of its
    partner type's (where five partners at least are behind it), else 90 days and no deal size; the margin of its business plan in
    force, else the benchmark's. What isn't known is left out."""
    day, table = today(), rates()
    values: dict[str, Any] = {}
    sources: dict[str, dict[str, Any]] = {}
    won = list(_won(day).filter(partner=partner).values_list(*_COLUMNS)[:MOST])
    like: list[tuple[Any, ...]] | None = None
    for name, measured in (("deal_size", _size), ("cycle_days", _cycle)):
        found = measured(won, table, currency, day)
        source = {"from": OWN, "count": len(won)}
        if found is None:
            like = _of_type(partner, day) if like is None else like
            found, source = measured(like, table, currency, day), {"from": TYPE, "count": len(like)}
        if found is None and name == "cycle_days":
            found, source = DEFAULT_CYCLE, {"from": DEFAULT}
        if found is not None:
            values[name], sources[name] = found, source
    margin = _margin(partner)
    if margin is not None:
        values["margin"], sources["margin"] = margin
    return Start(values, sources)


def of_tactic(tactic: Tactic, currency: str) -> Start:
    """The tactic's rates and audience, and its usual cost as `cost` in `currency`; what isn't known is left out."""
    values: dict[str, Any] = {name: getattr(tactic, name) for name in (*RATES, "reach")}
    values = {name: value for name, value in values.items() if value is not None}
    if tactic.cost is not None:
        with suppress(NoRate):
            values["cost"] = converted(tactic.cost, tactic.currency, currency)
    return Start(values, {name: {"from": TACTIC} for name in values if name != "cost"})


def converted(amount: Decimal, currency: str, into: str) -> Decimal:
    """An amount in another currency at today's rate, at its minor unit; nothing is nothing in each. Raises NoRate."""
    if currency == into or not amount:
        return amount
    table, day = rates(), today()
    reporting = table.convert(Money(amount, currency), day).amount
    return round_half_away(reporting / table.rate(into, day), minor_units(into))


_COLUMNS = ("amount", "currency", "created_on", "closed_on", "partner_id")


def _won(day: dt.date) -> Any:
    rows = Deal.objects.unscoped("only medians of them are shown").filter(
        stage__outcome="won", closed_on__range=(day - dt.timedelta(days=BACK), day)
    )
    return rows.order_by("-closed_on", "-pk")


def _of_type(partner: Partner, day: dt.date) -> list[tuple[Any, ...]]:
    others = _won(day).filter(partner__partner_type=partner.partner_type_id).exclude(partner=partner)
    rows = list(others.values_list(*_COLUMNS)[:MOST])
    return rows if len({row[4] for row in rows}) >= FEWEST_PARTNERS else []


def _size(rows: Iterable[tuple[Any, ...]], table: Rates, currency: str, day: dt.date) -> Decimal | None:
    amounts = []
    for amount, of, _created, closed, _partner in rows:
        try:
            amounts.append(table.convert(Money(amount, of), closed).amount)
        except NoRate:
            continue
    if not amounts:
        return None
    try:
        return round_half_away(median(amounts) / table.rate(currency, day), minor_units(currency))
    except NoRate:
        return None


def _cycle(rows: Iterable[tuple[Any, ...]], table: Rates, currency: str, day: dt.date) -> int | None:
    days = [(closed - created).days for _amount, _of, created, closed, _partner in rows if closed >= created]
    return min(int(round_half_away(Decimal(median(days)))), LONGEST_CYCLE) if days else None


def _margin(partner: Partner) -> tuple[Decimal, dict[str, Any]] | None:
    rows = BusinessPlan.objects.unscoped("of the partner whose plan is made").filter(
        partner=partner, status=BusinessPlan.Status.COMMITTED
    )
    own = _median_margin(rows.values_list("content", flat=True).first())
    if own is not None:
        return own, {"from": PLAN}
    for layer in benchmark_layers(partner.partner_type_id, size_of(partner.employees)):
        usual = _median_margin(layer.content)
        if usual is not None:
            return usual, {"from": BENCHMARK}
    return None


def _median_margin(content: Any) -> Decimal | None:
    margins = [Decimal(line["margin"]) for line in (content or {}).get("lines", []) if line.get("margin") is not None]
    return median(margins) / 100 if margins else None
