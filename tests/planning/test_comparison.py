"""What moved between two versions of a plan."""

from dataclasses import replace
from decimal import Decimal as D

from planning.comparison import Moved, What, compare
from planning.document import TEXTS, Plan
from planning.forecast.assumptions import (
    BASE,
    STRETCH,
    Assumptions,
    CapacityShare,
    Line,
    OneTime,
    Person,
    Ramp,
    Scenario,
    Seller,
)

SUITE = Line("a", "Suite", deals=Ramp(D(2)), sale=OneTime(D(1000)), margin=D(40))
ADD_ON = Line("b", "Add-on", deals=Ramp(D(1)), sale=OneTime(D(100)), margin=D(50))
SELLER = Seller("s", "Seller", count=D(1), rate=D(3), cost=D(12000))
BEFORE = Plan(Assumptions(lines=(SUITE, ADD_ON), sellers=(SELLER,)))


def moved_to(**changes):
    after = replace(BEFORE, assumptions=replace(BEFORE.assumptions, **changes))
    return compare(BEFORE, after, scenarios=(BASE, BASE))


def test_the_same_plan_moves_nothing():
    found = compare(BEFORE, BEFORE, scenarios=(BASE, BASE))
    assert not found.anything
    assert found.before == found.after


def test_a_field_that_changed_is_told_with_both_values_and_what_it_does_to_the_result():
    dearer = replace(SUITE, sale=OneTime(D(1500)), start=4)
    found = moved_to(lines=(dearer, ADD_ON))
    (row,) = found.rows
    assert (row.group, row.key, row.what) == ("lines", "a", What.CHANGED)
    assert row.moved == (Moved("lines.start", 1, 4), Moved("lines.sale.deal_size", D(1000), D(1500)))
    # 36 months of 2 × 1000 + 100; then 33 months of 2 × 1500, and 36 of 100
    assert (found.before.revenue, found.after.revenue) == (D("75600.00"), D("102600.00"))
    # 36 × (2000 × 40 % + 100 × 50 %) − 36 × 1000; 33 × 3000 × 40 % + 36 × 50 − 36000
    assert (found.before.profit, found.after.profit) == (D("-5400.00"), D("5400.00"))
    assert found.before.break_even.month is None
    # after m months, of which m − 3 sell: 1200 (m − 3) + 50 m ≥ 1000 m, so m ≥ 14.4
    assert found.after.break_even.month == 15
    assert found.after.peak == D("2850.00")  # three months of 1000 − 50


def test_rows_that_came_and_went_are_told_with_what_they_say():
    helper = Person("p", "Engineer", count=D(2), start=3, cost=D(6000))
    found = moved_to(lines=(SUITE,), people=(helper,))
    gone, new = found.rows
    assert (gone.name, gone.what) == ("Add-on", What.REMOVED)
    assert Moved("lines.sale.deal_size", D(100), None) in gone.moved
    assert (new.name, new.what) == ("Engineer", What.ADDED)
    assert new.moved == (
        Moved("people.count", None, D(2)),
        Moved("people.start", None, 3),
        Moved("people.cost", None, D(6000)),
    )
    assert found.of_group("people") == (new,)


def test_another_kind_of_deals_is_told_as_that_with_the_fields_of_both():
    found = moved_to(lines=(replace(SUITE, deals=CapacityShare(D(50))), ADD_ON))
    assert found.rows[0].moved == (
        Moved("lines.deals", "ramp", "capacity"),
        Moved("lines.deals.first", D(2), None),
        Moved("lines.deals.share", None, D(50)),
    )


def test_another_product_behind_a_line_is_told_though_it_moves_no_figure():
    found = moved_to(lines=(replace(SUITE, product=7), ADD_ON))
    assert found.rows[0].moved == (Moved("lines.product", None, 7),)
    assert found.before == found.after


def test_a_row_keeps_its_place_under_another_name_and_another_order_is_no_change():
    found = moved_to(lines=(replace(ADD_ON, name="Extra"), SUITE))
    assert [(row.key, row.name, row.moved) for row in found.rows] == [
        ("b", "Extra", (Moved("lines.name", "Add-on", "Extra"),))
    ]


def test_scenarios_texts_terms_and_which_scenario_is_committed_to():
    after = replace(
        BEFORE,
        assumptions=replace(BEFORE.assumptions, terms=2),
        scenarios={**BEFORE.scenarios, STRETCH: Scenario(deals=D(2))},
        texts={**dict.fromkeys(TEXTS, ""), "verticals": "Hospitals"},
    )
    found = compare(BEFORE, after, scenarios=(BASE, STRETCH))
    assert found.terms == Moved("terms", 1, 2)
    assert found.texts == (Moved("verticals", "", "Hospitals"),)
    ((name, moved),) = found.scenarios
    assert name == STRETCH
    assert Moved("deals", D("1.3"), D(2)) in moved
    assert (found.before.revenue, found.after.revenue) == (D("75600.00"), D("151200.00"))
