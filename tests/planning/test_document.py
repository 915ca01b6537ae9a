"""A plan's document: read, written, read again; and every way in which it can be wrong, each told at its field."""

from copy import deepcopy
from dataclasses import fields
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning.document import ROWS, Invalid, Plan, read, write
from planning.forecast.assumptions import DEFAULT_SCENARIOS, Assumptions, OneTime, Ramp, Services
from tests.planning.plans import FULL, documents, places

GONE = object()


def changed(place: str, value: Any, of: dict[str, Any] = FULL) -> dict[str, Any]:
    """The full plan with another value at a place ("lines.0.margin"), or without it (GONE)."""
    document = deepcopy(of)
    *way, last = place.split(".")
    node: Any = document
    for step in way:
        node = node[int(step)] if isinstance(node, list) else node[step]
    if value is GONE:
        del node[last]
    elif isinstance(node, list):
        node[int(last)] = value
    else:
        node[last] = value
    return document


def errors(document: Any, places: int = 2) -> dict[str, str]:
    with pytest.raises(Invalid) as found:
        read(document, places)
    return found.value.errors


def test_all_is_read() -> None:
    plan = read(FULL, 2)
    backup, cloud, _seats = plan.assumptions.lines
    assert (backup.name, backup.start, backup.margin) == ("Backup", 3, Decimal("23.4"))
    assert backup.deals == Ramp(Decimal("1.5"), Decimal("7.3"), Decimal(6))
    assert isinstance(backup.sale, OneTime)
    assert (backup.services.lag, backup.services.managed_churn) == (2, None)
    assert cloud.services.managed_churn == Decimal("2.3")
    assert plan.assumptions.terms == 2
    assert plan.assumptions.other[0].month is None
    assert plan.scenarios == DEFAULT_SCENARIOS
    assert plan.texts["verticals"] == "Care"


def test_what_is_left_out_has_its_default() -> None:
    assert read({}, 0) == Plan(Assumptions(places=0))
    line = read({"lines": [{"key": "a", "name": "Backup"}]}, 2).assumptions.lines[0]
    assert (line.start, line.deals, line.sale, line.services) == (1, Ramp(), OneTime(), Services())
    assert read({"scenarios": {"bleak": {"delay": 5}}}, 2).scenarios["bleak"].deals == Decimal("0.6")


@given(documents(), places())
def test_what_is_written_is_read_again(document: dict[str, Any], places: int) -> None:
    plan = read(document, places)
    assert read(write(plan), places) == plan
    assert write(read(write(plan), places)) == write(plan)


def test_numbers_are_kept_as_they_are() -> None:
    written = write(read(changed("lines.0.margin", "23.4"), 2))
    assert written["lines"][0]["margin"] == "23.4"
    assert write(read(changed("lines.0.margin", -0.0), 2))["lines"][0]["margin"] == "0.0"
    assert write(read(changed("lines.0.margin", 35), 2))["lines"][0]["margin"] == "35"
    assert write(read(changed("lines.0.margin", 35.1), 2))["lines"][0]["margin"] == "35.1"
    assert write(read(changed("lines.0.sale.deal_size", "1E+3"), 2))["lines"][0]["sale"]["deal_size"] == "1000"


WRONG = [
    ("lines.0.sale.deal_size", "-1", "At least 0."),
    ("lines.1.sale.price", "-0.01", "At least 0."),
    ("lines.0.margin", "300", "At most 100."),
    ("lines.0.margin", "-101", "At least -100."),
    ("lines.0.rebate", "100.01", "At most 100."),
    ("lines.1.sale.churn", "101", "At most 100."),
    ("lines.0.sale.erosion", "-1", "At least 0."),
    ("lines.0.services.attach", "120", "At most 100."),
    ("lines.0.deals.growth", "-100.5", "At least -100."),
    ("lines.0.deals.growth", "1000.1", "At most 1,000."),
    ("lines.0.deals.cap", "-1", "At least 0."),
    ("lines.0.start", 37, "At most 36."),
    ("lines.0.start", 0, "At least 1."),
    ("lines.0.start", "2.5", "A whole number."),
    ("lines.0.start", None, "Enter a number."),
    ("lines.0.margin", None, "Enter a number."),
    ("lines.0.margin", "", "Enter a number."),
    ("lines.0.margin", "much", "Enter a number."),
    ("lines.0.margin", "1_0", "Enter a number."),  # Python reads it as 10
    ("lines.0.margin", "NaN", "Enter a number."),
    ("lines.0.margin", "sNaN", "Enter a number."),
    ("lines.0.margin", "Infinity", "Enter a number."),
    ("lines.0.margin", float("inf"), "Enter a number."),
    ("lines.0.margin", True, "Enter a number."),
    ("lines.0.margin", ["1"], "Enter a number."),
    ("lines.0.margin", {"a": 1}, "Enter a number."),
    ("lines.0.margin", "1.23456", "At most 4 decimals."),
    ("lines.0.margin", "1e-999999", "At most 4 decimals."),
    ("lines.0.sale.deal_size", "1e999999", "At most 1,000,000,000,000."),
    ("lines.0.sale.deal_size", "1" * 5000, "At most 1,000,000,000,000."),
    ("lines.0.name", "", "Give it a name."),
    ("lines.0.name", "  \n ", "Give it a name."),
    ("lines.0.name", 5, "Give it a name."),
    ("lines.0.name", GONE, "Give it a name."),
    ("lines.0.name", "x" * 121, "At most 120 characters."),
    ("lines.0.name", "a\x00b", "This holds a character that is none."),
    ("lines.0.name", "a\ud800", "This holds a character that is none."),
    ("lines.0.key", "", "A key is 1 to 12 small letters and digits."),
    ("lines.0.key", "Ä", "A key is 1 to 12 small letters and digits."),
    ("lines.0.product", "3", "This is no product line."),
    ("lines.0.product", 0, "This is no product line."),
    ("lines.0.product", True, "This is no product line."),
    ("lines.0.product", 2**63, "This is no product line."),
    ("lines.0.deals.kind", "hope", "Choose one of: ramp, capacity."),
    ("lines.0.deals.kind", [], "Choose one of: ramp, capacity."),
    ("lines.0.sale.kind", None, "Choose one of: one_time, recurring."),
    ("lines.0.deals", None, "This must be an object."),
    ("lines.0.services", "none", "This must be an object."),
    ("lines.0", "Backup", "This must be an object."),
    ("lines", {"0": {}}, "This must be a list."),
    ("lines", None, "This must be a list."),
    ("sellers.0.count", "-1", "At least 0."),
    ("sellers.0.ramp", "-1", "At least 0."),
    ("people.0.start", 40, "At most 36."),
    ("training.0.month", None, "Enter a number."),
    ("training.0.month", 0, "At least 1."),
    ("marketing.0.mdf_share", "101", "At most 100."),
    ("other.1.month", 37, "At most 36."),
    ("terms", -1, "At least 0."),
    ("terms", 37, "At most 36."),
    ("texts.verticals", 7, "This must be text."),
    ("texts.verticals", "x" * 2001, "At most 2000 characters."),
    ("texts.verticals", "\x00", "This holds a character that is none."),
    ("texts", [], "This must be an object."),
    ("scenarios.bleak.deals", "-1", "At least 0."),
    ("scenarios.bleak.deals", "11", "At most 10."),
    ("scenarios.bleak.delay", "1.5", "A whole number."),
    ("scenarios.bleak.delay", 37, "At most 36."),
    ("scenarios.bleak.cost", "", "Enter a number."),
    ("scenarios.bleak", None, "This must be an object."),
]


@pytest.mark.parametrize(("place", "value", "message"), WRONG)
def test_one_thing_wrong_is_told_at_its_place(place: str, value: Any, message: str) -> None:
    found = errors(changed(place, value))
    told = found.get(place) or found.get(f"{place}.name", "") or found.get(f"{place}.key", "")
    assert told == message
    assert all(other.startswith(place) for other in found), found


@pytest.mark.parametrize("place", ["margn", "lines.0.margn", "lines.0.sale.churn", "scenarios.best", "texts.hope"])
def test_what_there_is_not_is_told(place: str) -> None:
    assert errors(changed(place, "1")) == {place: "There is no such field."}


@pytest.mark.parametrize("data", [None, [], "plan", 5])
def test_a_plan_is_an_object(data: Any) -> None:
    assert errors(data) == {"": "This must be an object."}


def test_all_mistakes_are_told_at_once() -> None:
    document = changed("lines.0.margin", "300")
    document["lines"][1]["sale"]["price"] = "-5"
    document["people"][0]["name"] = ""
    assert set(errors(document)) == {"lines.0.margin", "lines.1.sale.price", "people.0.name"}


def test_a_key_names_one_row_of_the_whole_plan() -> None:
    assert errors(changed("sellers.0.key", "l1")) == {"sellers.0.key": "Another row has this key."}


def test_a_row_without_a_key_gets_one_that_no_other_has() -> None:
    rows = [{"name": "Events"}, {"name": "Fairs"}, {"key": "r2", "name": "Web"}]
    plan = read({"marketing": rows, "people": [{"name": "Engineer", "key": "r1"}]}, 2).assumptions
    assert [row.key for row in plan.marketing] == ["r3", "r4", "r2"]


def test_shares_of_capacity_above_100_are_told_at_each() -> None:
    document = changed("lines.0.deals", {"kind": "capacity", "share": "39.01"})
    found = errors(document)
    assert set(found) == {"lines.0.deals.share", "lines.1.deals.share"}
    assert "100.01 %" in found["lines.0.deals.share"]
    assert read(changed("lines.0.deals", {"kind": "capacity", "share": "39"}), 2)


def test_too_many_rows() -> None:
    rows = [{"key": f"k{i}", "name": "Row"} for i in range(ROWS + 1)]
    assert errors({"people": rows}) == {"people": "At most 40 rows."}
    assert len(read({"people": rows[:-1]}, 2).assumptions.people) == ROWS


@pytest.mark.parametrize(
    ("place", "value", "told"),
    [
        ("lines.0.sale.deal_size", "99999999999", "lines.0.sale.deal_size"),
        ("lines.1.sale.opening_base", "999999999", "lines.1.sale.price"),  # × 431.71 × 36 months
        ("lines.0.services.managed_price", "99999999999", "lines.0.services.managed_price"),
        ("people.0.count", "99999999", "people.0.cost"),
        ("marketing.0.monthly", "999999999999", "marketing.0.monthly"),
        ("other.0.cost", "999999999999", "other.0.cost"),
    ],
)
def test_more_than_a_cell_can_hold_is_told_at_the_amount(place: str, value: str, told: str) -> None:
    assert errors(changed(place, value)) == {
        told: "With this the plan comes to 10,000,000,000,000 or more in 36 months."
    }


def test_how_much_a_cell_holds_hangs_on_the_currency() -> None:
    document = changed("sellers.0.cost", "2000000000000")
    document["sellers"][0] |= {"cost": "1000000000000", "count": "3.5"}
    assert set(errors(document, 2)) == {"sellers.0.cost"}
    assert read(document, 0)  # yen have no cents


def test_rows_that_are_too_much_only_together() -> None:
    rows = [{"key": f"k{i}", "name": "Row", "cost": "999999999999", "month": 1} for i in range(11)]
    assert "other.0.cost" in errors({"other": rows})
    assert read({"other": rows[:9]}, 2)


def test_more_deals_than_a_target_can_hold() -> None:
    document = changed("lines.2.deals", {"kind": "ramp", "first": "1", "growth": "100", "cap": None})
    document["lines"][2]["sale"]["price"] = "0"
    document["lines"][2]["services"]["managed_price"] = "0"
    assert errors(document) == {"lines.2.deals.first": "This comes to more than 1,000,000,000 deals in a month."}


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["1", "ramp"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["key", "name", "kind", "lines", "deals", "sale", "services", "bleak", "x"]), inner
        )
    ),
    max_leaves=8,
)
PARTS = [*(each.name for each in fields(Assumptions) if each.name != "places"), "texts", "scenarios"]


@given(st.sampled_from(PARTS), ANYTHING)
def test_nonsense_is_refused_or_read_but_never_breaks(part: str, value: Any) -> None:
    found: Any = None
    try:
        found = read({**FULL, part: value}, 2)
    except Invalid as refused:
        found = refused.errors
    assert found


def test_growth_may_pass_100_where_a_cap_holds_it() -> None:
    assert read(changed("lines.0.deals.growth", "150"), 2)
    document = changed("lines.0.deals.cap", None, changed("lines.0.deals.growth", "1000"))
    assert "lines.0.deals.first" in errors(document)
