"""A small plan worked out by hand, six months of it: each cell below was computed with pencil and calculator from the formulas."""

from decimal import Decimal
from fractions import Fraction

import pytest

from planning.forecast.assumptions import (
    DEFAULT_SCENARIOS,
    Assumptions,
    CapacityShare,
    Line,
    Marketing,
    OneTime,
    OtherCost,
    Person,
    Ramp,
    Recurring,
    Scenario,
    Seller,
    Services,
    Training,
)
from planning.forecast.result import Forecast, forecast

D = Decimal

# One-time, from month 2: 2 deals, half as many more each month, never above 4.
BACKUP = Line(
    key="a",
    name="Backup",
    start=2,
    deals=Ramp(first=D(2), growth=D(50), cap=D(4)),
    sale=OneTime(deal_size=D("1000.50"), run_rate=D("333.33"), erosion=D(10)),
    margin=D(20),
    rebate=D(5),
    services=Services(
        attach=D(50), lag=1, price=D(301), margin=D(40), managed_price=D(20), managed_margin=D(50), managed_churn=None
    ),
)
# Recurring, as the sellers can.
CLOUD = Line(
    key="b",
    name="Cloud",
    deals=CapacityShare(D(40)),
    sale=Recurring(price=D("99.99"), churn=D(5), opening_base=D(10)),
    margin=D(30),
    services=Services(attach=D(25), managed_price=D(40), managed_margin=D(35)),
)
PLAN = Assumptions(
    lines=(BACKUP, CLOUD),
    sellers=(Seller("c", "Seller", count=D(2), rate=D("1.5"), ramp=3, cost=D(60000)),),
    people=(Person("d", "Marketer", count=D("0.5"), start=3, cost=D(40000)),),
    training=(Training("e", "Course", cost=D(1500), month=2),),
    marketing=(Marketing("f", "Events", monthly=D(1000), mdf_share=D(33)),),
    other=(OtherCost("g", "Tools", cost=D("99.99")), OtherCost("h", "Move", cost=D(250), month=1)),
    terms=2,
)


def money(*cells: str) -> tuple[Decimal, ...]:
    return tuple(map(D, cells))


@pytest.fixture(scope="module")
def base() -> Forecast:
    return forecast(PLAN)


def test_what_the_sellers_can_close(base: Forecast) -> None:
    # 2 × 1.5 × a third, two thirds, all
    assert base.capacity[:6] == (1, 2, 3, 3, 3, 3)


def test_a_ramped_line(base: Forecast) -> None:
    line = base.lines["a"]
    assert line.deals[:6] == (0, 2, 3, 4, 4, 4)  # 4.5 and 6.75 capped
    # 333.33 × 0.9^m: 299.997, 269.9973, 242.99757, 218.697813, 196.8280317, 177.14522853
    assert line.product[:6] == money("300.00", "2271.00", "3244.50", "4220.70", "4198.83", "4179.15")
    # of the unrounded: 59.9994, 454.19946, 648.899514, 844.1395626, 839.76560634, 835.829045706
    assert line.product_profit[:6] == money("60.00", "454.20", "648.90", "844.14", "839.77", "835.83")
    assert line.rebate[:6] == money("15.00", "113.55", "162.22", "211.03", "209.94", "208.96")
    # half of last month's deals: 0, 0, 1, 1.5, 2, 2
    assert line.services[:6] == money("0", "0", "301", "451.50", "602", "602")
    assert line.services_profit[:6] == money("0", "0", "120.40", "180.60", "240.80", "240.80")
    # without churn, as the line is sold once: 0, 0, 1, 2.5, 4.5, 6.5
    assert line.managed[:6] == money("0", "0", "20", "50", "90", "130")
    assert line.managed_profit[:6] == money("0", "0", "10", "25", "45", "65")


def test_a_recurring_line(base: Forecast) -> None:
    line = base.lines["b"]
    assert line.deals[:6] == tuple(map(Fraction, ("0.4", "0.8", "1.2", "1.2", "1.2", "1.2")))
    active = ("9.9", "10.205", "10.89475", "11.5500125", "12.172511875", "12.76388628125")
    assert line.active[:6] == tuple(map(Fraction, active))
    assert line.product[:6] == money("989.90", "1020.40", "1089.37", "1154.89", "1217.13", "1276.26")
    assert line.product_profit[:6] == money("296.97", "306.12", "326.81", "346.47", "365.14", "382.88")
    assert not any(line.rebate)
    # the line's churn: 0.1, 0.295, 0.58025, 0.8512375, 1.108675625, 1.35324184375
    assert line.managed[:6] == money("4.00", "11.80", "23.21", "34.05", "44.35", "54.13")
    assert line.managed_profit[:6] == money("1.40", "4.13", "8.12", "11.92", "15.52", "18.95")


def test_costs(base: Forecast) -> None:
    assert base.cost("people")[:4] == money("10000", "10000", "11666.67", "11666.67")
    assert base.cost("training")[:3] == money("0", "1500", "0")
    assert base.cost("marketing")[:2] == money("1000", "1000")
    assert base.mdf[:2] == money("330", "330")
    assert base.cost("other")[:3] == money("349.99", "99.99", "99.99")
    assert base.costs[:6] == money("11019.99", "12269.99", "12436.66", "12436.66", "12436.66", "12436.66")


def test_profit_and_loss(base: Forecast) -> None:
    assert base.revenue[:6] == money("1293.90", "3303.20", "4678.08", "5911.14", "6152.31", "6241.54")
    assert base.gross_profit[:6] == money("373.37", "878.00", "1276.45", "1619.16", "1716.17", "1752.42")
    result = money("-10646.62", "-11391.99", "-11160.21", "-10817.50", "-10720.49", "-10684.24")
    assert base.operating_profit[:6] == result
    running = money("-10646.62", "-22038.61", "-33198.82", "-44016.32", "-54736.81", "-65421.05")
    assert base.cumulative[:6] == running


def test_vendors_view_cash_and_demand(base: Forecast) -> None:
    assert base.vendor_view[:6] == money("587.93", "2087.53", "2865.94", "3643.95", "3671.11", "3697.74")
    # paid two months later
    assert base.cash[:6] == money("-11019.99", "-12269.99", "-12063.29", "-11558.66", "-11160.21", "-10817.50")
    assert base.cash_cumulative[2] == D("-35353.27")
    assert base.deals[:6] == tuple(map(Fraction, ("0.4", "2.8", "4.2", "5.2", "5.2", "5.2")))


def test_quarters_are_of_the_plan(base: Forecast) -> None:
    first, second = base.quarters()[:2]
    assert (first.revenue, second.revenue) == money("9275.18", "18304.99")
    assert (first.operating_profit, second.operating_profit) == money("-33198.82", "-32222.23")
    assert second.cumulative == D("-65421.05")
    assert (second.marketing, second.mdf) == money("3000", "990")


def test_bleak_delays_lines_and_multiplies_what_it_should() -> None:
    found = forecast(PLAN, DEFAULT_SCENARIOS["bleak"])
    line = found.lines["a"]
    assert line.deals[:6] == tuple(map(Fraction, ("0", "0", "0", "1.2", "1.8", "2.4")))  # 2.4 = 0.6 × the cap
    # the run rate begins in month 1 and keeps its size; 1.2 × 1000.50 × 0.9 + 218.697813
    assert line.product[:4] == money("300.00", "270.00", "243.00", "1299.24")
    # 20 % × 0.95 = 19 %; the rebate stays 5 %
    assert line.product_profit[:4] == money("57.00", "51.30", "46.17", "246.86")
    assert line.rebate[3] == D("64.96")
    # half of 1.2 deals, a month later, at full price, 40 % × 0.95
    assert (line.services[4], line.services_profit[4]) == money("180.60", "68.63")
    cloud = found.lines["b"]
    # ten customers from month 1, without new ones before month 3
    assert cloud.active[:3] == tuple(map(Fraction, ("9.5", "9.025", "9.29375")))
    assert cloud.product[:3] == money("854.91", "812.17", "836.35")
    assert cloud.product_profit[0] == D("243.65")
    # sellers come when they come, and cost what they cost
    assert found.capacity == forecast(PLAN).capacity
    assert found.costs == forecast(PLAN).costs


def test_costs_and_mdf_follow_the_cost_multiplier() -> None:
    found = forecast(PLAN, Scenario(cost=D("1.05")))
    assert found.cost("people")[2] == D("12250.00")  # 10,500 and 1,750 of 1,666.67 unrounded
    assert found.cost("training")[1] == D("1575.00")
    assert (found.cost("marketing")[0], found.mdf[0]) == money("1050.00", "346.50")
    assert found.cost("other")[0] == D("367.49")  # 104.9895 → 104.99, and 262.50


def test_a_margin_is_never_above_all() -> None:
    line = Line("a", "Backup", deals=Ramp(D(1)), sale=OneTime(D(100)), margin=D(95), services=Services())
    found = forecast(Assumptions((line,)), Scenario(margin=D("1.3")))
    assert (found.product_revenue[0], found.product_profit[0], found.vendor_view[0]) == money("100", "100", "0")


def test_no_places_round_to_whole_units() -> None:
    line = Line("a", "Backup", deals=Ramp(D(1)), sale=OneTime(D("100.5")), margin=D(50))
    found = forecast(Assumptions((line,), places=0))
    # 100.5 away from zero; half of the unrounded 100.5 is 50.25
    assert (found.product_revenue[0], found.product_profit[0]) == (101, 50)


def test_a_loss_is_rounded_away_from_zero() -> None:
    line = Line("a", "Backup", deals=Ramp(D(1)), sale=OneTime(D("0.5")), margin=D(-5))
    found = forecast(Assumptions((line,)))
    assert found.product_profit[0] == D("-0.03")  # −0.025
