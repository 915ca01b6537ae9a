"""What is said of objectives, the plan and the next quarter: by hand, and that no sentence stands without its figure."""

import datetime as dt
from decimal import Decimal as D

from hypothesis import given
from hypothesis import strategies as st

from prm.common.money import Money
from prm.common.templatetags.numbers import format_money, format_number, format_percent
from qbr import commentary_plan as rules
from qbr.commentary_plan import BusinessPlan, Next, Objectives, Side, Target

COUNT = st.integers(0, 60)
PERCENT = st.one_of(st.none(), st.decimals(-500, 5000, places=3))
MONEY = st.one_of(st.none(), st.decimals(-(10**15), 10**15, places=2).map(lambda value: Money(value, "USD")))


def test_objectives_by_hand():
    of = Objectives("Northwind", "Acme", "FY27", Side(4, 3, 2), Side(1, 1, 1), "Hire two engineers", 35)
    assert rules.objectives(of) == [
        "2 of 4 objectives of Northwind for FY27 are met.",
        "1 of 1 objective of Acme for FY27 is met.",
        "1 has no progress entered.",
        "Furthest behind: “Hire two engineers”, at 35% of the way.",
    ]
    assert rules.objectives(Objectives("Northwind", "Acme", "FY27", Side(), Side())) == []


def test_the_plan_by_hand():
    behind = BusinessPlan(5, D("91.6"), D(80), Money(D(1_190_000), "USD"), Money(D(-10_000), "USD"))
    assert rules.business_plan(behind) == [
        "Revenue is at 92% of the plan in the 5 months that are over.",
        "Deals won are at 80% of the plan.",
        "The re-forecast is USD 1,190,000.00, USD 10,000.00 below the plan.",
    ]
    above = BusinessPlan(1, None, None, Money(D(10), "USD"), Money(D(3), "USD"))
    assert rules.business_plan(above) == ["The re-forecast is USD 10.00, USD 3.00 above the plan."]
    level = BusinessPlan(0, None, None, Money(D(10), "USD"), Money(D(0), "USD"))
    assert rules.business_plan(level) == ["The re-forecast is USD 10.00, as planned."]


def test_the_next_quarter_by_hand():
    of = Next("FY27 Q1", [Target("Revenue", "USD 400,000.00")], 2, dt.date(2026, 12, 1))
    assert rules.following(of) == [
        "The target of FY27 Q1: Revenue USD 400,000.00.",
        "2 commitments, the first due on Dec. 1, 2026.",
    ]
    assert rules.following(Next("FY27 Q1")) == []


SIDES = st.tuples(COUNT, COUNT, COUNT).map(lambda three: Side(*sorted(three, reverse=True)))


@given(SIDES, SIDES, st.one_of(st.none(), st.integers(-100, 99)))
def test_each_sentence_on_objectives_names_its_figure(own, vendors, percent):
    said = rules.objectives(Objectives("P", "V", "FY27", own, vendors, "Title" if percent is not None else "", percent))
    silent = own.objectives - own.entered + vendors.objectives - vendors.entered
    expected = []
    for side in (own, vendors):
        if side.objectives:
            expected.append((format_number(side.met), format_number(side.objectives)))
    if silent:
        expected.append((format_number(silent),))
    if percent is not None:
        expected.append((format_percent(percent),))
    assert len(said) == len(expected)
    for sentence, figures in zip(said, expected, strict=True):
        assert all(figure in sentence for figure in figures)


@given(COUNT, PERCENT, PERCENT, MONEY, MONEY)
def test_each_sentence_on_the_plan_names_its_figure(months, revenue, deals, total, change):
    said = rules.business_plan(BusinessPlan(months, revenue, deals, total, change))
    expected = []
    if months and revenue is not None:
        expected.append((format_percent(revenue), format_number(months)))
    if months and deals is not None:
        expected.append((format_percent(deals),))
    if total is not None and change is not None:
        moved = (format_money(Money(abs(change.amount), "USD")),) if change.amount else ()
        expected.append((format_money(total), *moved))
    assert len(said) == len(expected)
    for sentence, figures in zip(said, expected, strict=True):
        assert all(figure in sentence for figure in figures)
