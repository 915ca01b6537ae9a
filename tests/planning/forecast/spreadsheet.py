"""The formulas a second time, as a spreadsheet would hold them: cell by cell from the plan's document, without the product's code.

Sums are written out instead of carried along (customers of month m are the opening base and all that joined, each less its
churn), so that a mistake here and the same mistake there would have to be made twice.
"""

from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction as F
from typing import Any

MONTHS = range(1, 37)
Row = dict[int, Any]


def cell(value: F, places: int) -> Decimal:
    """ROUND(value, places)"""
    with localcontext(prec=200):
        exact = Decimal(value.numerator) / Decimal(value.denominator)
        return exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def sheet(plan: dict[str, Any], scenario: dict[str, Any], places: int) -> dict[str, Any]:
    """All cells: "lines" by key, "rows" of costs by key, and the sums, each by month from 1 to 36."""
    of = {name: F(value) for name, value in scenario.items()}
    can = {m: sum((_can(seller, m) for seller in plan["sellers"]), F(0)) for m in MONTHS}
    lines = {line["key"]: _line(line, can, of, places) for line in plan["lines"]}
    costs = {}
    for group, find in (("sellers", _person), ("people", _person), ("training", _once), ("other", _once)):
        for row in plan[group]:
            costs[row["key"]] = {m: (cell(find(row, m) * of["cost"], places), Decimal(0)) for m in MONTHS}
    for row in plan["marketing"]:
        spend, back = F(row["monthly"]) * of["cost"], F(row["mdf_share"]) / 100
        costs[row["key"]] = {m: (cell(spend, places), cell(spend * back, places)) for m in MONTHS}
    return {"lines": lines, "rows": costs, "capacity": can, **_sums(lines, costs, plan["terms"])}


def _can(seller: dict[str, Any], m: int) -> F:
    k, r = m - int(seller["start"]) + 1, int(seller["ramp"])
    if k < 1:
        return F(0)
    return F(seller["count"]) * F(seller["rate"]) * (min(F(1), F(k, r)) if r else 1)


def _deals(line: dict[str, Any], can: Row, of: dict[str, F], m: int) -> F:
    s, new = int(line["start"]) + int(of["delay"]), line["deals"]
    if m < s:
        return F(0)
    if new["kind"] == "capacity":
        return F(new["share"]) / 100 * can[m] * of["deals"]
    grown = F(new["first"]) * (1 + F(new["growth"]) / 100) ** (m - s)
    return (grown if new["cap"] is None else min(F(new["cap"]), grown)) * of["deals"]


def _line(line: dict[str, Any], can: Row, of: dict[str, F], places: int) -> dict[str, Row]:
    deals = {m: _deals(line, can, of, m) for m in MONTHS}
    sale, extra = line["sale"], line["services"]
    attached = {m: deals.get(m - int(extra["lag"]), F(0)) * F(extra["attach"]) / 100 for m in MONTHS}
    if sale["kind"] == "recurring":
        stays = 1 - F(sale["churn"]) / 100
        active = {m: F(sale["opening_base"]) * stays**m + _joined(deals, stays, m) for m in MONTHS}
        product = {m: active[m] * F(sale["price"]) * of["deal_size"] for m in MONTHS}
    else:
        stays = F(1)
        eroded = {m: F(sale["run_rate"]) * (1 - F(sale["erosion"]) / 100) ** m for m in MONTHS}
        product = {m: deals[m] * F(sale["deal_size"]) * of["deal_size"] + eroded[m] for m in MONTHS}
    if extra["managed_churn"] is not None:
        stays = 1 - F(extra["managed_churn"]) / 100
    services = {m: attached[m] * F(extra["price"]) for m in MONTHS}
    managed = {m: _joined(attached, stays, m) * F(extra["managed_price"]) for m in MONTHS}

    def margin(percent: str) -> F:
        return min(F(percent) / 100 * of["margin"], F(1))

    exact = {
        "product": product,
        "services": services,
        "managed": managed,
        "product_profit": {m: product[m] * margin(line["margin"]) for m in MONTHS},
        "services_profit": {m: services[m] * margin(extra["margin"]) for m in MONTHS},
        "managed_profit": {m: managed[m] * margin(extra["managed_margin"]) for m in MONTHS},
        "rebate": {m: product[m] * F(line["rebate"]) / 100 for m in MONTHS},
    }
    return {"deals": deals, **{name: {m: cell(row[m], places) for m in MONTHS} for name, row in exact.items()}}


def _joined(new: Row, stays: F, m: int) -> F:
    """Those who joined up to month m and are still there."""
    return sum((new[k] * stays ** (m - k) for k in range(1, m + 1)), F(0))


def _person(row: dict[str, Any], m: int) -> F:
    return F(row["count"]) * F(row["cost"]) / 12 if m >= int(row["start"]) else F(0)


def _once(row: dict[str, Any], m: int) -> F:
    return F(row["cost"]) if row["month"] is None or int(row["month"]) == m else F(0)


def _sums(lines: dict[str, Any], costs: dict[str, Any], terms: int) -> dict[str, Row]:
    def total(*names: str) -> Row:
        return {m: sum((line[name][m] for line in lines.values() for name in names), Decimal(0)) for m in MONTHS}

    spent = {m: sum((row[m][0] - row[m][1] for row in costs.values()), Decimal(0)) for m in MONTHS}
    gross = total("product_profit", "services_profit", "managed_profit", "rebate")
    profit = {m: gross[m] - spent[m] for m in MONTHS}
    cash = {m: gross.get(m - int(terms), Decimal(0)) - spent[m] for m in MONTHS}
    bought, earned, back = total("product"), total("product_profit", "rebate"), {}
    for m in MONTHS:
        back[m] = sum((row[m][1] for row in costs.values()), Decimal(0))
    return {
        "revenue": total("product", "services", "managed"),
        "gross_profit": gross,
        "costs": spent,
        "operating_profit": profit,
        "cumulative": {m: sum((profit[k] for k in range(1, m + 1)), Decimal(0)) for m in MONTHS},
        "cash": cash,
        "cash_cumulative": {m: sum((cash[k] for k in range(1, m + 1)), Decimal(0)) for m in MONTHS},
        "vendor_view": {m: bought[m] - earned[m] - back[m] for m in MONTHS},
        "demand": {m: sum((line["deals"][m] for line in lines.values()), F(0)) for m in MONTHS},
    }
