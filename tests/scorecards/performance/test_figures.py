"""The figures of the performance scorecard: worked by hand, at their edges, and what must hold for any inputs."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prm.common.explain import Explanation
from prm.common.fiscal import FiscalCalendar, Month
from prm.common.rag import Rag
from scorecards.performance.coverage import Window
from scorecards.performance.figures import NAMES, Figures, Rules, shown
from scorecards.performance.inputs import (
    Daily,
    Deal,
    Holding,
    Inputs,
    Lack,
    Metric,
    Required,
    Summary,
    Task,
    added,
)
from scorecards.performance.plan import trend
from scorecards.performance.potential import Benchmark
from scorecards.performance.quarters import State, quarter_table
from tests.scorecards.performance.retell import same

D = Decimal
CALENDAR_YEAR, FROM_JULY, FROM_OCTOBER = FiscalCalendar(1), FiscalCalendar(7), FiscalCalendar(10)


def months(year: int, value: str, first: int = 1, last: int = 12) -> dict[Month, Decimal]:
    return {Month(year, month): D(value) for month in range(first, last + 1)}


def inputs(**fields: Any) -> Inputs:
    """Of a vendor with calendar years and US dollars; `actuals` and `revenue` as plain mappings."""
    known: dict[str, Any] = {"currency": "USD", "calendar": CALENDAR_YEAR}
    if "revenue" in fields:
        fields["targets"] = {"revenue": fields.pop("revenue"), **fields.get("targets", {})}
    if isinstance(fields.get("actuals"), Mapping):
        fields["actuals"] = Daily({day: D(str(amount)) for day, amount in fields["actuals"].items()})
    return Inputs(**known | fields)


def deal(pk: int, amount: str | None = "100", state: str = "won", **fields: Any) -> Deal:
    known: dict[str, Any] = {
        "pk": pk,
        "amount": None if amount is None else D(amount),
        "state": state,
        "created_on": date(2025, 1, 1),
        "expected_close": date(2026, 3, 1),
        "closed_on": None if state == "open" else date(2026, 3, 1),
    }
    return Deal(**known | fields)


def figures(of: Inputs, day: date, **rules: Any) -> Figures:
    return Figures(inputs=of, day=day, rules=Rules(**rules))


def told(of: Inputs, day: date, key: str, **rules: Any) -> Explanation:
    explanation = figures(of, day, **rules).explain(key)
    assert explanation is not None
    same(explanation)
    return explanation


def value(of: Inputs, day: date, key: str, **rules: Any) -> Decimal | None:
    return told(of, day, key, **rules).result


def why(of: Inputs, day: date, key: str, **rules: Any) -> str:
    explanation = told(of, day, key, **rules)
    assert explanation.result is None
    return str(explanation.why_missing)


def notes(explanation: Explanation) -> str:
    return " ".join(f"{term.label}: {term.value}" for term in explanation.terms if not isinstance(term.value, Decimal))


# ── Performance to plan ──────────────────────────────────────────────────────────────────────────────────────────────


def test_plan_counts_full_months_and_the_current_one_by_its_days() -> None:
    # January and February whole, 15 of 31 days of March: 1000 + 1000 + 1000 × 15 ÷ 31 = 2483.87…; 2000 ÷ that = 80.52 %
    known = inputs(
        revenue=months(2026, "1000"),
        actuals={date(2026, 1, 1): 900, date(2026, 2, 28): 600, date(2026, 3, 15): 500, date(2026, 3, 16): 10_000},
    )
    explanation = told(known, date(2026, 3, 15), "performance_to_plan")
    assert explanation.result == D("80.519480519481")
    assert Fraction(2000) / (2000 + Fraction(15000, 31)) * 100 == Fraction(6200, 77)
    assert explanation.unit == "%"
    assert shown(explanation) == 81
    assert explanation.in_words.startswith("actual, Jan. 1, 2026 to March 15, 2026 ÷ (targets of 2 full months + ")
    assert [str(child.title) for child in explanation.children] == [
        "Actual, Jan. 1, 2026 to March 15, 2026",
        "Target, Jan. 1, 2026 to March 15, 2026",
    ]


@pytest.mark.parametrize(
    ("calendar", "day", "share"),
    [
        (CALENDAR_YEAR, date(2026, 1, 1), Fraction(1, 31)),
        (CALENDAR_YEAR, date(2026, 12, 31), Fraction(12)),
        (CALENDAR_YEAR, date(2026, 3, 31), Fraction(3)),  # the last day of a quarter
        (CALENDAR_YEAR, date(2026, 4, 1), 3 + Fraction(1, 30)),  # the first of the next
        (CALENDAR_YEAR, date(2028, 2, 29), Fraction(2)),  # a leap day ends its month
        (CALENDAR_YEAR, date(2028, 2, 28), 1 + Fraction(28, 29)),
        (FROM_JULY, date(2026, 6, 30), Fraction(12)),
        (FROM_JULY, date(2026, 7, 1), Fraction(1, 31)),
        (FROM_OCTOBER, date(2026, 9, 30), Fraction(12)),
        (FROM_OCTOBER, date(2026, 10, 16), Fraction(16, 31)),
        (FROM_OCTOBER, date(2027, 1, 1), 3 + Fraction(1, 31)),
    ],
)
def test_the_target_to_date_follows_the_fiscal_calendar(calendar: FiscalCalendar, day: date, share: Fraction) -> None:
    every = {month: D(3100) for year in (2025, 2026, 2027, 2028) for month in months(year, "1")}
    known = inputs(calendar=calendar, revenue=every, actuals={day: 3100})
    result = value(known, day, "performance_to_plan")
    assert result is not None
    assert abs(Fraction(result) - 100 / share) < Fraction(1, 10**9)
    target = value(known, day, "target")
    assert target is not None
    assert abs(Fraction(target) - 3100 * share) < Fraction(1, 10**9)


def test_a_partner_that_joined_mid_year_is_not_measured_before_and_the_months_are_named() -> None:
    known = inputs(revenue=months(2026, "1000", first=5), actuals={date(2026, 2, 1): 300, date(2026, 6, 30): 1200})
    explanation = told(known, date(2026, 6, 30), "performance_to_plan")
    assert explanation.result == D(75)  # 1500 ÷ 2000: what was sold before counts
    assert "months without target: January 2026, February 2026, March 2026, April 2026" in notes(explanation)


def test_no_target_is_a_dash_with_its_reason_and_so_is_nothing_of_nothing() -> None:
    day = date(2026, 6, 30)
    assert why(inputs(actuals={day: 500}), day, "performance_to_plan") == "No target for these months."
    assert why(inputs(), day, "performance_to_plan") == "No target for these months."
    nothing = inputs(revenue=months(2026, "0"))
    assert why(nothing, day, "performance_to_plan") == "The target of these days is 0."
    assert value(inputs(revenue=months(2026, "10")), day, "performance_to_plan") == 0


def test_credit_notes_take_away_and_may_leave_less_than_nothing() -> None:
    known = inputs(revenue=months(2026, "100"), actuals={date(2026, 1, 5): 50, date(2026, 1, 31): -80})
    explanation = told(known, date(2026, 1, 31), "performance_to_plan")
    assert explanation.result == D(-30)
    assert figures(known, date(2026, 1, 31)).rag(explanation) is Rag.RED


def test_a_currency_without_a_rate_leaves_a_dash_that_names_currency_and_date() -> None:
    known = inputs(
        revenue=months(2026, "100"),
        actuals={date(2026, 1, 5): 50},
        actual_lacks=(Lack("EUR", date(2026, 2, 3)), Lack("CHF", date(2026, 2, 3))),
    )
    assert value(known, date(2026, 2, 2), "performance_to_plan") is not None  # not touched before that day
    reason = why(known, date(2026, 2, 3), "performance_to_plan")
    assert "EUR on 2026-02-03" in reason
    assert "CHF on 2026-02-03" in reason
    assert "EUR" in why(known, date(2026, 12, 31), "remaining")
    assert "EUR" in why(known, date(2027, 2, 3), "growth")
    lacking = inputs(
        revenue=months(2026, "100"), target_lacks={"revenue": {Month(2026, 3): Lack("JPY", date(2026, 1, 1))}}
    )
    assert value(lacking, date(2026, 2, 28), "performance_to_plan") == 0
    assert "JPY on 2026-01-01" in why(lacking, date(2026, 3, 1), "performance_to_plan")
    assert "JPY on 2026-01-01" in why(lacking, date(2026, 2, 28), "remaining")


def test_many_lacks_are_not_all_named() -> None:
    lacks = tuple(Lack("EUR", date(2026, 1, day)) for day in range(1, 7))
    known = inputs(revenue=months(2026, "100"), actual_lacks=lacks)
    assert why(known, date(2026, 1, 31), "performance_to_plan").endswith("EUR on 2026-01-03 and 3 more")


def test_quarters_past_in_full_current_to_date_and_future_not_yet() -> None:
    known = inputs(
        revenue=months(2026, "100"),
        actuals={date(2026, 3, 31): 270, date(2026, 4, 1): 90, date(2026, 5, 10): 60},
    )
    day = date(2026, 5, 10)
    assert value(known, day, "performance_to_plan:2026Q1") == 90
    current = told(known, day, "performance_to_plan:2026Q2")
    assert current.result is not None
    assert abs(Fraction(current.result) - Fraction(150) / (100 + Fraction(1000, 31)) * 100) < Fraction(1, 10**9)
    assert "not begun" in why(known, day, "performance_to_plan:2026Q3")
    assert figures(known, day).explain("performance_to_plan:2026Q9") is None
    assert figures(known, day).explain("performance_to_plan:2026-04") is None
    row = quarter_table(figures(known, day))[0]
    assert [cell.state for cell in row.cells] == [
        State.PAST, State.CURRENT, State.FUTURE, State.FUTURE, State.CURRENT,
    ]  # fmt: skip
    assert [cell.actual for cell in row.cells] == [270, 150, None, None, 420]
    assert [cell.full_target for cell in row.cells] == [300, 300, 300, 300, 1200]
    assert [cell.shown for cell in row.cells] == [90, 113, None, None, 97]
    assert [cell.rag for cell in row.cells] == [Rag.GREEN, Rag.GREEN, None, None, Rag.GREEN]
    assert row.cells[1].target == D("132.258064516129")
    assert row.cells[2].target == 300


def test_the_first_and_the_last_day_of_a_quarter_belong_to_it() -> None:
    known = inputs(
        calendar=FROM_OCTOBER,
        revenue=months(2026, "100"),
        actuals={date(2025, 12, 31): 1, date(2026, 1, 1): 10, date(2026, 3, 31): 20, date(2026, 4, 1): 500},
    )
    assert value(known, date(2026, 6, 1), "performance_to_plan:2026Q2") == 10
    row = quarter_table(figures(known, date(2026, 4, 1)))[0]
    assert [cell.state for cell in row.cells[:4]] == [State.PAST, State.PAST, State.CURRENT, State.FUTURE]
    assert [cell.actual for cell in row.cells] == [1, 30, 500, None, 531]


def test_growth_compares_the_same_days_and_a_leap_day_with_the_28th() -> None:
    known = inputs(
        actuals={
            date(2027, 1, 1): 50, date(2027, 2, 28): 50, date(2027, 3, 1): 900,
            date(2028, 2, 28): 100, date(2028, 2, 29): 20,
        }
    )  # fmt: skip
    assert value(known, date(2028, 2, 29), "growth") == 20
    assert value(known, date(2028, 2, 28), "growth") == 0
    assert "Nothing was sold" in why(known, date(2027, 6, 1), "growth")
    below = inputs(actuals={date(2025, 1, 1): -5, date(2026, 1, 1): 10})
    assert "less than 0" in why(below, date(2026, 1, 1), "growth")


def test_the_trend_has_thirteen_months_with_their_whole_targets() -> None:
    known = inputs(
        revenue=months(2026, "100"), actuals={date(2025, 5, 31): 7, date(2026, 5, 3): 5, date(2026, 5, 9): 5},
        actual_lacks=(Lack("EUR", date(2026, 2, 2)),),
    )  # fmt: skip
    points = trend(known, date(2026, 5, 8))
    assert [point.month for point in points] == [Month(2025, 5).shift(n) for n in range(13)]
    assert [points[0].actual, points[1].actual, points[-1].actual] == [7, 0, 5]
    assert points[9].actual is None
    assert (points[0].target, points[-1].target) == (None, 100)


# ── Pipeline to target ───────────────────────────────────────────────────────────────────────────────────────────────


def pipe(pk: int, amount: str, close: date, probability: str = "50", **fields: Any) -> Deal:
    return deal(pk, amount, "open", expected_close=close, probability=D(probability), **fields)


def test_pipeline_of_the_rest_of_the_year() -> None:
    day = date(2026, 9, 30)
    known = inputs(
        revenue=months(2026, "100"),
        actuals={date(2026, 2, 1): 700},
        deals=(
            pipe(1, "600", day),  # today counts
            pipe(2, "300", date(2026, 12, 31), "20"),  # and the last day
            pipe(3, "5000", date(2027, 1, 1)),
            pipe(4, "40", date(2026, 9, 29)),  # overdue
            pipe(5, "7000", date(2026, 11, 1), counts=False),  # not approved
            deal(6, "9000", "won", expected_close=date(2026, 11, 1), closed_on=date(2026, 8, 1)),
        ),
    )
    assert value(known, day, "remaining") == 500
    assert value(known, day, "pipeline") == 900
    assert value(known, day, "pipeline_weighted") == 360
    assert value(known, day, "pipeline_overdue") == 40
    assert value(known, day, "coverage") == D("1.8")
    assert value(known, day, "pipeline_to_target") == 60
    assert value(known, day, "pipeline_to_target", index=D(2)) == 90


def test_pipeline_of_the_next_four_quarters_breaks_months_by_days() -> None:
    # From 17 March 2026 to 16 March 2027: 15 of March's 31 days, eleven whole months, 16 of the next March's 31.
    day = date(2026, 3, 16)
    known = inputs(
        revenue=months(2026, "310") | months(2027, "620"),
        deals=(pipe(1, "1000", date(2027, 3, 16)), pipe(2, "4000", date(2027, 3, 17))),
    )
    due = 15 * 10 + 9 * 310 + 2 * 620 + 16 * 20
    assert value(known, day, "remaining", window=Window.NEXT) == due == 4500
    assert value(known, day, "pipeline:next") == 1000
    assert value(known, day, "coverage:next") == D("0.222222222222")
    assert value(known, day, "pipeline_to_target:next") == D("7.407407407407")


def test_the_next_four_quarters_of_a_leap_day_end_on_the_28th() -> None:
    day = date(2028, 2, 29)
    known = inputs(
        revenue=months(2028, "29") | months(2029, "28"),
        deals=(pipe(1, "1", date(2029, 2, 28)), pipe(2, "10", date(2029, 3, 1))),
    )
    assert value(known, day, "remaining:next") == 10 * 29 + 2 * 28
    assert value(known, day, "pipeline:next") == 1


def test_deals_without_an_expected_close_are_named_and_dont_count() -> None:
    known = inputs(deals=(pipe(1, "5", date(2026, 9, 1)), deal(2, "70", "open", expected_close=None)))
    explanation = told(known, date(2026, 6, 30), "pipeline")
    assert explanation.result == 5
    assert [(term.label, term.value) for term in explanation.terms][-1] == (
        "open deals without an expected close, which don't count", 1,
    )  # fmt: skip


def test_targets_that_nobody_set_are_said_to_be_generated() -> None:
    known = inputs(revenue=months(2026, "10"), generated=frozenset({Month(2026, 2), Month(2026, 7)}))
    for key in ("performance_to_plan", "target"):
        explanation = told(known, date(2026, 3, 31), key)
        assert "generated from what was sold the year before: February 2026" in notes(explanation)
        assert "July" not in notes(explanation)


def test_nothing_remaining_is_target_met_and_counts_as_the_cap() -> None:
    known = inputs(revenue=months(2026, "10"), actuals={date(2026, 1, 2): 120}, deals=(pipe(1, "5", date(2026, 9, 1)),))
    day = date(2026, 6, 30)
    found = figures(known, day)
    assert found.pipeline().met
    assert value(known, day, "remaining") == 0
    assert value(known, day, "pipeline_to_target") == 120
    assert value(known, day, "pipeline_to_target", cap=D(150)) == 150
    assert "Target met" in why(known, day, "coverage")


def test_no_target_no_coverage_and_no_deals_no_pipeline() -> None:
    day = date(2026, 6, 30)
    bare = inputs(deals=(pipe(1, "5", date(2026, 9, 1)),))
    assert why(bare, day, "pipeline_to_target") == why(bare, day, "coverage") == "No target for this fiscal year."
    assert not figures(bare, day).pipeline().met
    assert value(bare, day, "pipeline") == 5
    empty = inputs(revenue=months(2026, "10"))
    assert value(empty, day, "pipeline") == value(empty, day, "pipeline_overdue") == 0
    assert value(empty, day, "pipeline_to_target") == 0
    zero = inputs(revenue=months(2026, "0"))
    assert why(zero, day, "pipeline_to_target") == "The target is 0."


def test_an_open_deal_that_cannot_be_converted_leaves_the_pipeline_unknown() -> None:
    day = date(2026, 6, 30)
    known = inputs(
        revenue=months(2026, "10"),
        deals=(pipe(1, "5", date(2026, 9, 1)), deal(2, None, "open", lack=Lack("EUR", day), expected_close=day)),
    )
    for key in ("pipeline", "pipeline_weighted", "coverage", "pipeline_to_target"):
        assert "EUR on 2026-06-30" in why(known, day, key)
    assert value(known, day, "pipeline_overdue") == 0


def test_a_deal_that_closed_later_was_open_on_the_day() -> None:
    later = deal(1, "100", "won", expected_close=date(2026, 8, 1), closed_on=date(2026, 8, 5))
    known = inputs(revenue=months(2026, "10"), deals=(later, replace(later, pk=2, created_on=date(2026, 7, 2))))
    assert value(known, date(2026, 7, 1), "pipeline") == 100
    assert value(known, date(2026, 8, 5), "pipeline") == 0


def test_of_partners_that_bring_deals_without_selling_deals_are_counted() -> None:
    day = date(2026, 9, 30)
    known = inputs(
        plan="deals",
        targets={"deals": months(2026, "1"), "revenue": months(2026, "100")},
        actuals={date(2026, 2, 1): 3, date(2026, 9, 30): 3},
        deals=(
            pipe(1, "600", day),
            deal(2, None, "open", lack=Lack("EUR", day), expected_close=day, probability=D(20)),
        ),
    )
    assert value(known, day, "performance_to_plan") == D("66.666666666667")
    assert value(known, day, "remaining") == 6
    assert value(known, day, "pipeline") == 2  # also the one whose amount is not known
    assert value(known, day, "pipeline_weighted") == D("0.7")
    assert told(known, day, "pipeline").unit == ""
    assert value(known, day, "pipeline_to_target") == D("11.111111111111")
    assert "bring deals" in why(replace(known, reps=3), day, "growth_potential")


# ── Deals and contacts ───────────────────────────────────────────────────────────────────────────────────────────────


def closed(pk: int, on: date, amount: str = "100", state: str = "won", **fields: Any) -> Deal:
    return deal(pk, amount, state, closed_on=on, **fields)


def test_twelve_months_begin_after_the_same_day_a_year_before() -> None:
    day = date(2026, 6, 15)
    known = inputs(
        deals=(
            closed(1, date(2025, 6, 15), "9999"),  # a day too early
            closed(2, date(2025, 6, 16), "100"),
            closed(3, day, "200"),
            closed(4, date(2026, 6, 16), "9999"),  # later
            closed(5, date(2026, 1, 1), "700", "lost"),
            closed(6, date(2026, 1, 1), "9999", "gone"),  # counts neither way
        )
    )
    assert value(known, day, "average_deal") == 150
    assert value(known, day, "win_rate") == D("66.666666666667")
    assert value(known, day, "win_rate_value") == 30


def test_sales_cycle_is_the_median_from_creation_or_an_earlier_registration() -> None:
    day = date(2026, 6, 15)

    def cycle(pk: int, days: int, registered: int | None = None) -> Deal:
        on = date(2026, 6, 1)
        early = None if registered is None else on - timedelta(days=registered)
        return closed(pk, on, created_on=on - timedelta(days=days), registered_on=early)

    odd = inputs(deals=(cycle(1, 10), cycle(2, 300), cycle(3, 30)))
    assert value(odd, day, "sales_cycle") == 30
    even = inputs(deals=(cycle(1, 10), cycle(2, 300), cycle(3, 30), cycle(4, 5, registered=41)))
    assert value(even, day, "sales_cycle") == D("35.5")
    late = inputs(deals=(cycle(1, 50, registered=20),))
    assert value(late, day, "sales_cycle") == 50


def test_partner_led_share_is_by_value() -> None:
    day = date(2026, 6, 15)
    known = inputs(
        deals=(
            closed(1, day, "300", partner_led=True),
            closed(2, day, "100"),
            closed(3, day, "500", "lost", partner_led=True),
        )
    )
    assert value(known, day, "partner_led") == 75


def test_without_deals_every_figure_of_deals_is_a_dash() -> None:
    day = date(2026, 6, 15)
    for key in ("average_deal", "win_rate", "win_rate_value", "sales_cycle", "partner_led", "recency_won", "retention"):
        assert why(inputs(), day, key)
    lost = inputs(deals=(closed(1, day, state="lost"),))
    assert value(lost, day, "win_rate") == 0  # truly none of one
    assert why(lost, day, "average_deal") == "No deal was won in the 12 months."
    free = inputs(deals=(closed(1, day, "0"),))
    assert value(free, day, "average_deal") == 0
    assert "come to 0" in why(free, day, "partner_led")
    assert "come to 0" in why(free, day, "win_rate_value")


def test_a_won_deal_without_a_rate_counts_by_number_only() -> None:
    day = date(2026, 6, 15)
    lack = Lack("EUR", date(2026, 6, 1))
    known = inputs(deals=(closed(1, date(2026, 6, 1), lack=lack), closed(2, day)))
    known = replace(known, deals=(replace(known.deals[0], amount=None), known.deals[1]))
    assert value(known, day, "win_rate") == 100
    for key in ("average_deal", "win_rate_value", "partner_led"):
        assert "EUR on 2026-06-01" in why(known, day, key)


def test_recency_counts_days_since_the_last_won_deal_and_the_last_touch_or_activity() -> None:
    day = date(2026, 6, 15)
    known = inputs(
        deals=(closed(1, date(2026, 5, 1)), closed(2, date(2026, 6, 20)), closed(3, date(2026, 6, 10), state="lost")),
        last_touch=date(2026, 6, 1),
        last_activity=date(2026, 6, 5),
    )
    assert value(known, day, "recency_won") == 45
    assert value(known, day, "recency_touch") == 10
    assert value(replace(known, last_activity=None), day, "recency_touch") == 14
    assert value(replace(known, last_touch=day), day, "recency_touch") == 0
    assert value(inputs(last_won=date(2023, 6, 15)), date(2024, 6, 15), "recency_won") == 366


def test_engagement_is_the_share_of_contacts_active_lately() -> None:
    assert value(inputs(contacts_known=8, contacts_active=3), date(2026, 1, 1), "engagement") == D("37.5")
    assert why(inputs(), date(2026, 1, 1), "engagement") == "No contact is known."


def test_retention_is_renewals_won_of_renewals_due() -> None:
    day = date(2026, 6, 15)

    def renewal(pk: int, due: date, state: str, on: date | None) -> Deal:
        return deal(pk, "10", state, renewal=True, expected_close=due, closed_on=on)

    known = inputs(
        deals=(
            renewal(1, date(2025, 6, 15), "won", date(2025, 6, 15)),  # due too early
            renewal(2, date(2025, 6, 16), "won", date(2025, 5, 1)),
            renewal(3, date(2026, 1, 1), "lost", date(2026, 2, 1)),
            renewal(4, day, "open", None),
            renewal(5, date(2026, 6, 16), "open", None),  # not yet
            renewal(6, date(2026, 6, 1), "won", date(2026, 6, 15)),
            deal(7, "10", "won", expected_close=day),  # no renewal
        )
    )
    assert value(known, day, "retention") == 50


# ── Certifications and tasks ─────────────────────────────────────────────────────────────────────────────────────────


def test_training_counts_people_up_to_what_is_required_of_each_certificate() -> None:
    day = date(2026, 6, 15)
    early = date(2025, 1, 1)
    known = inputs(
        required=(Required("Sales", frozenset({"sales"}), 2), Required("Technical", frozenset({"tech", "expert"}), 3)),
        holdings=(
            *(Holding("sales", f"person {n}", early) for n in range(5)),  # more than required: counts 2
            Holding("tech", "person 1", early, date(2026, 6, 16)),  # expires after the day: valid
            Holding("expert", "person 1", early),  # the same person counts once
            Holding("tech", "person 2", early, day),  # expires on the day: not valid
            Holding("tech", "person 3", date(2026, 6, 16)),  # earned later
        ),
    )
    assert value(known, day, "training") == 60
    assert value(known, date(2026, 6, 16), "training") == 80
    assert why(inputs(), day, "training") == "The assigned tier requires no certificate."


def test_required_tasks() -> None:
    day = date(2026, 6, 15)
    known = inputs(
        tasks=(Task("Sign", day), Task("Portal", date(2026, 6, 16)), Task("Listing"), Task("Demo", date(2026, 1, 1)))
    )
    explanation = told(known, day, "tasks")
    assert explanation.result == 50
    assert "still to do: Portal still to do: Listing" in notes(explanation)
    assert why(inputs(), day, "tasks") == "No task is required."


# ── Metrics and the composite ────────────────────────────────────────────────────────────────────────────────────────


def metric(code: str, **fields: Any) -> Metric:
    return Metric(code=code, name=code.title(), **fields)


def test_metrics_kept_elsewhere_come_to_their_summary() -> None:
    day = date(2026, 5, 10)
    values = (
        (date(2025, 12, 31), D(9)),
        (date(2026, 1, 1), D(2)),
        (date(2026, 4, 1), D(5)),
        (date(2026, 6, 1), D(100)),
    )
    known = inputs(metrics=tuple(metric(each.value, summary=each, values=values) for each in Summary))
    assert {each.value: value(known, day, f"metric:{each}") for each in Summary} == {
        "latest": 5, "sum": 7, "average": D("3.5"), "max": 5, "count": 2,
    }  # fmt: skip
    assert "No value" in why(known, date(2025, 12, 30), "metric:latest")
    assert value(known, date(2026, 1, 1), "metric:latest") == 2
    assert figures(known, day).explain("metric:unknown") is None


def test_attainment_of_a_metric_is_against_its_target_and_turned_where_less_is_better() -> None:
    day = date(2026, 3, 31)
    known = inputs(
        targets={
            "new": months(2026, "10"),
            "usage": months(2026, "4"),
            "sales_cycle": months(2026, "60"),
            "price": months(2026, "5"),
        },
        metrics=(
            metric("new", summary=Summary.SUM, values=((date(2026, 1, 9), D(12)), (date(2026, 3, 1), D(12)))),
            metric("usage", values=((date(2026, 3, 1), D(3)),)),
            metric("price", lower_is_better=True, values=((date(2026, 3, 1), D(20)),)),
        ),
        deals=(closed(1, date(2026, 3, 1), created_on=date(2025, 12, 1)),),
    )
    found = figures(known, day)
    for key, expected in (
        ("metric:new", 80),
        ("metric:usage", 75),
        ("metric:price", 25),
        ("sales_cycle", D("66.666666666667")),
    ):
        attained = found.attainment(key)
        same(attained)
        assert attained.result == expected, key
        assert found.explain(f"attainment:{key}") == attained
    assert "No target for Win rate in March 2026" in str(found.attainment("win_rate").why_missing)
    assert "No deal was won or lost" in str(figures(inputs(), day).attainment("win_rate").why_missing)


def test_composite_weighs_attainments_up_to_the_cap() -> None:
    # Plan 200 % counts as 120, training 60 %, tasks 0 %: (5 × 120 + 3 × 60 + 2 × 0) ÷ 10 = 78
    day = date(2026, 12, 31)
    known = inputs(
        revenue=months(2026, "1"),
        actuals={day: 24},
        required=(Required("Sales", frozenset({"s"}), 5),),
        holdings=tuple(Holding("s", str(n), date(2026, 1, 1)) for n in range(3)),
        tasks=(Task("Sign"),),
    )
    weights = {"performance_to_plan": D(5), "training": D(3), "tasks": D(2)}
    explanation = told(known, day, "composite", weights=weights)
    assert explanation.result == 78
    assert figures(known, day, weights=weights).rag(explanation) is Rag.AMBER
    assert value(known, day, "composite", weights=weights, cap=D(100)) == 68
    below = replace(known, actuals=Daily({day: D(-24)}))
    assert value(below, day, "composite", weights=weights) == 18  # below 0 counts 0


def test_composite_names_what_is_missing_and_is_a_dash_when_that_is_over_half() -> None:
    day = date(2026, 12, 31)
    known = inputs(tasks=(Task("Sign", day),))
    half = {"tasks": D(5), "training": D(5)}
    explanation = told(known, day, "composite", weights=half)
    assert explanation.result == 100  # exactly half is enough
    assert "Training and certifications, without a value: The assigned tier requires no certificate." in notes(
        explanation
    )
    over = {"tasks": D(5), "training": D("5.01")}
    assert "Training and certifications" in why(known, day, "composite", weights=over)
    assert why(known, day, "composite", weights={}) == "No metric has a weight."
    assert value(known, day, "composite", weights={"tasks": D(1), "gone_metric": D(9)}) == 100


@pytest.mark.parametrize(
    ("actual", "percent", "rag"),
    [
        ("894.9", 89, Rag.AMBER),
        ("895", 90, Rag.GREEN),
        ("694.99", 69, Rag.RED),
        ("695", 70, Rag.AMBER),
        ("904", 90, Rag.GREEN),
    ],
)
def test_the_colour_is_of_the_displayed_percent(actual: str, percent: int, rag: Rag) -> None:
    known = inputs(revenue=months(2026, "1000"), actuals={date(2026, 1, 2): actual})
    explanation = told(known, date(2026, 1, 31), "performance_to_plan")
    assert (shown(explanation), figures(known, date(2026, 1, 31)).rag(explanation)) == (percent, rag)


def test_what_is_internal_is_no_figure_on_the_partners_side_and_weighs_nothing() -> None:
    day = date(2026, 6, 30)
    known = inputs(
        last_touch=day, reps=3, tasks=(Task("Sign", day),), targets={"secret": months(2026, "2")},
        metrics=(metric("secret", internal=True, values=((day, D(1)),)), metric("open", values=((day, D(1)),))),
    )  # fmt: skip
    weights = {"tasks": D(1), "secret": D(1)}
    ours = figures(known, day, weights=weights)
    theirs = replace(ours, shared=True)
    assert (ours.composite.result, theirs.composite.result) == (75, 100)
    for key in ("growth_potential", "rank_value", "recency_touch", "metric:secret", "attainment:metric:secret"):
        assert ours.explain(key) is not None
        assert theirs.explain(key) is None
    assert "metric:open" in theirs.keys()  # noqa: SIM118  it is no mapping
    library = ["performance_to_plan", "pipeline_to_target", "average_deal", "training", "tasks"]
    assert [row.key for row in quarter_table(theirs)] == [*library, "metric:open"]
    assert [row.key for row in quarter_table(ours)] == [*library, "metric:secret", "metric:open"]


def test_the_quarter_table_tells_levels_as_they_stood_at_each_quarters_end() -> None:
    day = date(2026, 5, 10)
    known = inputs(
        required=(Required("Sales", frozenset({"s"}), 2),),
        holdings=(Holding("s", "a", date(2026, 3, 31)), Holding("s", "b", date(2026, 4, 1))),
        targets={"usage": months(2026, "4"), "new": months(2026, "10")},
        metrics=(
            metric("usage", values=((date(2026, 2, 1), D(2)), (date(2026, 4, 1), D(4)))),
            metric("new", summary=Summary.SUM, values=((date(2026, 2, 1), D(24)), (date(2026, 4, 1), D(4)))),
        ),
    )
    rows = {row.key: row for row in quarter_table(figures(known, day, weights={"training": D(1), "engagement": D(1)}))}
    assert [cell.actual for cell in rows["training"].cells] == [50, 100, None, None, 100]
    assert "today only" in str(rows["engagement"].cells[0].attainment.why_missing)
    assert [cell.shown for cell in rows["metric:usage"].cells] == [50, 100, None, None, 100]
    assert [cell.actual for cell in rows["metric:new"].cells] == [24, 4, None, None, 28]
    assert [cell.full_target for cell in rows["metric:new"].cells] == [30, 30, 30, 30, 120]
    assert [cell.shown for cell in rows["metric:new"].cells] == [80, 30, None, None, 65]
    found = figures(known, day, weights={"training": D(1), "engagement": D(1)})
    for row in rows.values():
        for cell in row.cells:
            assert found.explain(cell.attained) == cell.attainment
            actual = found.explain(cell.figure)
            assert actual is not None
            if row.key != "performance_to_plan":
                assert actual.result == cell.actual


# ── Growth potential ─────────────────────────────────────────────────────────────────────────────────────────────────


def potential(of: Inputs, day: date, benchmark: Benchmark, capability: str | None = None) -> tuple[Any, Any]:
    found = Figures(inputs=of, day=day, benchmark=benchmark, capability=None if capability is None else D(capability))
    pair = (found.explain("growth_potential"), found.explain("rank_value"))
    for each in pair:
        assert each is not None
        same(each)
    return pair


def test_growth_potential_by_hand() -> None:
    # 75th percentile of 10, 20, 30, 40, 100: place 3 of 0–4, so 40. Headroom 40 × 10 − 150 = 250.
    day = date(2026, 6, 15)
    best = Benchmark("Reseller", per_rep=(D(100), D(10), D(30), D(20), D(40)))
    known = inputs(
        actuals={date(2025, 6, 15): 5000, date(2025, 6, 16): 100, day: 50}, reps=10, last_touch=date(2026, 3, 17)
    )
    headroom, rank = potential(known, day, best, "80")
    assert headroom.result == 250
    assert rank.result == 200  # touched 90 days ago
    assert potential(replace(known, last_touch=date(2026, 3, 16)), day, best, "80")[1].result == 150  # 91
    assert potential(replace(known, last_touch=date(2025, 12, 17)), day, best, "80")[1].result == 150  # 180
    assert potential(replace(known, last_touch=date(2025, 12, 16)), day, best, "80")[1].result == 100  # 181
    assert potential(replace(known, last_touch=None), day, best)[1].result == D("62.5")  # never; not assessed counts 50
    won = replace(known, last_touch=None, deals=(closed(1, day),))
    assert potential(won, day, best, "100")[1].result == 250
    assert potential(replace(known, reps=1), day, best)[0].result == 0


def test_the_percentile_lies_on_the_line_between_its_neighbours() -> None:
    best = Benchmark("Reseller", per_rep=tuple(D(n) for n in (1, 2, 3, 4, 8, 16)))  # place 3.75: 4 + 0.75 × 4
    assert best.value() == 7
    same(best.told(date(2026, 1, 1), "USD"))


def test_fewer_than_five_partners_take_the_vendors_own_figure() -> None:
    day = date(2026, 6, 15)
    known = inputs(reps=2)
    few = Benchmark("Reseller", per_rep=(D(1), D(2), D(3), D(4)))
    headroom, rank = potential(known, day, few)
    assert headroom.result is None
    assert "Fewer than five" in str(headroom.why_missing)
    assert str(rank.why_missing) == str(headroom.why_missing)
    assert potential(known, day, replace(few, own=D(50)))[0].result == 100
    assert potential(replace(known, reps=None), day, replace(few, own=D(50)))[0].result is None


# ── Families ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_family_is_measured_by_its_sums() -> None:
    day = date(2026, 1, 31)
    shared = deal(9, "60", expected_close=day, closed_on=day)
    parent = inputs(
        revenue=months(2026, "100"), actuals={day: 50}, reps=2, contacts_known=3, contacts_active=1,
        required=(Required("Sales", frozenset({"s"}), 2),), deals=(shared,), tasks=(Task("Sign", day),),
    )  # fmt: skip
    branch = inputs(
        revenue=months(2026, "300"), actuals={day: 330}, contacts_known=1, contacts_active=1, last_touch=day,
        holdings=(Holding("s", "x", date(2026, 1, 1)),), deals=(replace(shared, amount=D(40)), closed(8, day, "20")),
        tasks=(Task("Sign"),),
    )  # fmt: skip
    family = added([parent, branch])
    assert value(family, day, "performance_to_plan") == 95  # not the mean of 50 and 110
    assert value(family, day, "average_deal") == 60  # the shared deal is one deal of 100
    assert value(family, day, "engagement") == 50
    assert value(family, day, "training") == 50
    assert value(family, day, "tasks") == 50
    assert value(family, day, "recency_touch") == 0
    assert family.reps == 2
    with pytest.raises(ValueError):
        added([])


def test_metrics_of_a_family() -> None:
    day = date(2026, 1, 31)

    def of(amount: int, on: date) -> Inputs:
        values = ((on, D(amount)),)
        return inputs(
            metrics=(
                metric("mrr", unit="USD", values=values),
                metric("usage", values=values),
                metric("new", summary=Summary.SUM, values=values),
            )
        )

    family = added([of(3, date(2026, 1, 1)), of(5, date(2026, 1, 10))])
    assert value(family, day, "metric:mrr") == 8  # money adds up
    assert value(family, date(2026, 1, 5), "metric:mrr") == 3
    assert value(family, day, "metric:usage") == 3  # anything else is the parent's
    assert value(family, day, "metric:new") == 8


# ── For any inputs ───────────────────────────────────────────────────────────────────────────────────────────────────

DAYS = st.dates(date(2024, 1, 1), date(2029, 3, 31))
MONEY = st.decimals(-100_000, 1_000_000, places=2)
POSITIVE = st.decimals(0, 1_000_000, places=2)
MONTHS = st.builds(Month, st.integers(2024, 2029), st.integers(1, 12))


@st.composite
def any_deal(draw: Any) -> Deal:
    state = draw(st.sampled_from(["open", "won", "lost", "gone"]))
    created = draw(DAYS)
    lack = draw(st.sampled_from([None] * 9 + [Lack("EUR", created)]))
    return Deal(
        pk=draw(st.integers(1, 10**9)),
        amount=None if lack else draw(POSITIVE),
        lack=lack,
        state=state,
        expected_close=draw(st.none() | DAYS),
        created_on=created,
        registered_on=draw(st.none() | DAYS),
        closed_on=None if state == "open" else draw(DAYS),
        probability=draw(st.integers(0, 100).map(D)),
        partner_led=draw(st.booleans()),
        renewal=draw(st.booleans()),
    )


@st.composite
def any_inputs(draw: Any) -> Inputs:
    targets = {"revenue": draw(st.dictionaries(MONTHS, POSITIVE, max_size=60))}
    for code in ("win_rate", "sales_cycle", "usage", "new"):
        targets[code] = draw(st.dictionaries(MONTHS, POSITIVE, max_size=8))
    values = st.lists(st.tuples(DAYS, MONEY), max_size=6).map(
        lambda found: tuple(sorted(found, key=lambda pair: pair[0]))
    )
    return Inputs(
        currency="USD",
        calendar=FiscalCalendar(draw(st.sampled_from([1, 7, 10]))),
        actuals=Daily(draw(st.dictionaries(DAYS, MONEY, max_size=40))),
        actual_lacks=tuple(draw(st.lists(st.builds(Lack, st.just("EUR"), DAYS), max_size=1))),
        targets=targets,
        deals=tuple(draw(st.lists(any_deal(), max_size=12, unique_by=lambda found: found.pk))),
        last_touch=draw(st.none() | st.dates(date(2024, 1, 1), date(2025, 6, 30))),
        contacts_known=draw(st.integers(0, 9)),
        contacts_active=draw(st.integers(0, 9)),
        required=tuple(
            draw(st.lists(st.builds(Required, st.just("a"), st.just(frozenset({"a"})), st.integers(1, 4)), max_size=3))
        ),
        holdings=tuple(draw(st.lists(st.builds(Holding, st.just("a"), st.sampled_from("xyz"), DAYS), max_size=6))),
        tasks=tuple(draw(st.lists(st.builds(Task, st.just("t"), st.none() | DAYS), max_size=4))),
        metrics=(
            Metric(code="usage", name="Usage", values=draw(values), lower_is_better=draw(st.booleans())),
            Metric(code="new", name="New", values=draw(values), summary=draw(st.sampled_from(list(Summary)))),
        ),
        reps=draw(st.none() | st.integers(0, 50)),
    )


WEIGHTS = {key: D(n % 4) for n, key in enumerate([*NAMES, "usage", "new"], 1) if key != "composite"}
BESTS = st.builds(
    Benchmark, st.just("Reseller"), st.lists(POSITIVE, max_size=9).map(tuple), st.none() | POSITIVE
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(any_inputs(), st.dates(date(2025, 7, 1), date(2028, 12, 31)), BESTS, st.none() | st.integers(1, 100).map(D))
def test_every_explanations_arithmetic_done_again_gives_the_number(
    of: Inputs, day: date, benchmark: Benchmark, capability: Decimal | None
) -> None:
    found = Figures(inputs=of, day=day, rules=Rules(weights=WEIGHTS), benchmark=benchmark, capability=capability)
    quarters = [f"performance_to_plan:{quarter.key}" for quarter in of.calendar.year_of(day).quarters]
    windows = [f"{key}:{window}" for key in ("remaining", "coverage", "pipeline_to_target") for window in Window]
    attained = [f"attainment:{key}" for key in found.keys() if key != "composite"]  # noqa: SIM118  it is no mapping
    for key in [*found.keys(), *quarters, *windows, *attained]:
        explanation = found.explain(key)
        assert explanation is not None, key
        same(explanation)
        explanation.to_dict()
    for row in quarter_table(found):
        for cell in row.cells:
            same(cell.attainment)
            assert (cell.shown is None) == bool(cell.attainment.why_missing)


def everything(of: Inputs, day: date) -> dict[str, tuple[Decimal | None, str]]:
    found = figures(of, day, weights=WEIGHTS)
    keys: Callable[[], list[str]] = found.keys
    return {key: (each.result, str(each.why_missing)) for key in keys() if (each := found.explain(key))}


@settings(max_examples=60, deadline=None)
@given(any_inputs(), st.dates(date(2025, 7, 1), date(2028, 12, 31)), st.randoms(use_true_random=False))
def test_the_order_in_which_things_are_known_does_not_matter(of: Inputs, day: date, random: Random) -> None:
    shuffled = replace(
        of,
        deals=tuple(random.sample(of.deals, len(of.deals))),
        holdings=tuple(random.sample(of.holdings, len(of.holdings))),
        actuals=Daily(dict(random.sample(list(of.actuals.amounts.items()), len(of.actuals.amounts)))),
    )
    assert everything(of, day) == everything(shuffled, day)


@settings(max_examples=60, deadline=None)
@given(any_inputs(), st.dates(date(2025, 7, 1), date(2028, 12, 31)))
def test_quarters_add_up_to_the_year_to_date(of: Inputs, day: date) -> None:
    row = quarter_table(figures(of, day))[0]
    *quarters, year = row.cells
    begun = [cell for cell in quarters if cell.state is not State.FUTURE]
    if year.actual is not None:
        assert sum(cell.actual or 0 for cell in begun) == year.actual
    targets = [cell.target for cell in begun if cell.target is not None]
    assert (year.target is None) == (not targets)
    if year.target is not None:
        assert abs(sum(targets) - year.target) < D("1e-9")


@settings(max_examples=60, deadline=None)
@given(any_inputs(), any_inputs(), st.dates(date(2025, 7, 1), date(2028, 12, 31)))
def test_a_familys_figures_come_from_the_sums_of_its_members(one: Inputs, other: Inputs, day: date) -> None:
    other = replace(other, calendar=one.calendar)
    family = added([one, other])
    assert everything(added([one]), day) == everything(one, day)
    parts = [figures(each, day) for each in (one, other)]
    for key in ("actual", "pipeline", "pipeline_overdue", "pipeline_weighted"):
        values = [part.explain(key) for part in parts]
        total = figures(family, day).explain(key)
        assert total is not None
        if all(each and each.result is not None for each in values):
            assert total.result is not None
            assert abs(total.result - sum(each.result for each in values if each and each.result is not None)) < D(
                "1e-6"
            )


@settings(max_examples=60, deadline=None)
@given(any_inputs(), st.dates(date(2025, 7, 1), date(2028, 12, 31)), st.sampled_from(list(Window)))
def test_bounds(of: Inputs, day: date, window: Window) -> None:
    found = figures(of, day, weights=WEIGHTS, window=window)
    for key in ("coverage", "pipeline", "pipeline_weighted", "pipeline_overdue", "remaining", "growth_potential"):
        explanation = found.explain(key)
        assert explanation is not None
        assert explanation.result is None or explanation.result >= 0, key
    for key in ("win_rate", "win_rate_value", "partner_led", "retention", "training", "tasks"):
        explanation = found.explain(key)
        assert explanation is not None
        assert explanation.result is None or 0 <= explanation.result <= 100, key
    weighted, whole = found.explain("pipeline_weighted"), found.explain("pipeline")
    assert weighted is not None
    assert whole is not None
    if weighted.result is not None and whole.result is not None:
        assert weighted.result <= whole.result
    assert found.composite.result is None or 0 <= found.composite.result <= 120
