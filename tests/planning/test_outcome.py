"""What page, paper and workbook show of a plan: the same rows in the same order, figures that explain themselves, charts."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings

from planning.document import Plan, read
from planning.forecast.assumptions import Assumptions, Line, OneTime, OtherCost
from planning.outcome import Level, Outcome, Span, outcome
from tests.planning.plans import FULL, documents
from tests.scorecards.performance.retell import same

D = Decimal
TODAY = date(2026, 11, 22)


def made(plan: Plan, chosen: str = "base", currency: str = "USD", *, for_vendor: bool = True) -> Outcome:
    return outcome(
        plan, chosen=chosen, first_month=date(2027, 11, 1), currency=currency, as_of=TODAY, for_vendor=for_vendor
    )


@pytest.fixture(scope="module")
def turning() -> Outcome:
    """36 × 50 earned, 160 spent in month 2; paid a month later."""
    return made(
        Plan(
            Assumptions(
                (Line("a", "Run rate", sale=OneTime(run_rate=D(100)), margin=D(50)),),
                other=(OtherCost("o", "Move", D(160), 2),),
            )
        )
    )


def test_key_figures_by_hand(turning: Outcome) -> None:
    texts = {figure.key: (figure.text, figure.detail) for figure in turning.figures}
    assert texts == {
        "cumulative": ("USD 1,640.00", ""),
        "break_even": ("4", "Feb 2028"),  # 50, −60, −10, 40
        "peak_investment": ("USD 60.00", "Dec 2027"),
        "roi": ("1,025%", ""),
        "revenue": ("USD 3,600.00", ""),
        "gross_profit": ("USD 1,800.00", ""),
        "costs": ("USD 160.00", ""),
        "cash": ("USD 1,590.00", ""),  # the last month's 50 are not yet paid
        "cash_break_even": ("5", "Mar 2028"),  # 0, −110, −60, −10, 40
        "cash_peak": ("USD 110.00", "Dec 2027"),
    }


def test_a_figure_that_there_is_not_says_why() -> None:
    nothing = made(Plan())
    assert (nothing.figure("roi").text, nothing.figure("break_even").text) == ("–", "–")
    assert nothing.figure("roi").explanation.why_missing == "The plan has no costs."
    assert nothing.figure("break_even").explanation.why_missing == "Nothing is planned yet."
    loss = made(Plan(Assumptions(other=(OtherCost("o", "Move", D(160), 2),))))
    assert "below 0 at the end" in str(loss.figure("break_even").explanation.why_missing)
    assert loss.figure("roi").text == "−100%"
    with pytest.raises(KeyError):
        loss.figure("hope")


@settings(max_examples=30)
@given(documents())
def test_every_figure_can_be_computed_again_from_its_explanation(document: dict[str, Any]) -> None:
    found = made(read(document, 2))
    for scenario in ("bleak", "base", "stretch"):
        for figure in found.of(scenario):
            same(figure.explanation)
    whole = found.forecast.totals(1, 36)
    told = {figure.key: figure.explanation.result for figure in found.figures}
    assert told["cumulative"] == whole.cumulative
    assert told["cash"] == whole.cash_cumulative
    assert told["revenue"] == whole.revenue
    assert told["peak_investment"] == found.forecast.peak_investment
    assert told["break_even"] == found.forecast.break_even.month
    assert told["cash_break_even"] == found.forecast.cash_break_even.month


def test_the_statement_has_one_order_and_adds_up() -> None:
    found = made(read(FULL, 2))
    keys = {span: [row.key for row in found.statement(span).rows] for span in Span}
    assert keys[Span.MONTH] == keys[Span.QUARTER] == keys[Span.YEAR]
    years = found.statement(Span.YEAR)
    for sum_of, parts in {
        "revenue": ("product_revenue", "services_revenue", "managed_revenue"),
        "gross_profit": ("product_profit", "services_profit", "managed_profit", "rebates"),
        "costs": ("people", "training", "marketing", "mdf", "other"),
    }.items():
        for i in range(3):
            assert years.row(sum_of).values[i] == sum(years.row(part).values[i] for part in parts)
    assert years.row("mdf").texts[0].startswith("−")
    assert years.row("deals").texts[0].count(".") == 1
    assert [column.label for column in years.columns] == ["Year 1", "Year 2", "Year 3"]
    assert years.columns[0].detail == "Nov 2027–Oct 2028"
    months = found.statement(Span.MONTH).columns
    assert (months[0].label, months[2].label, months[35].detail) == ("Nov 2027", "Jan 2028", "Month 36")


def test_the_partner_does_not_see_what_the_vendor_keeps() -> None:
    plan = read(FULL, 2)
    assert made(plan).statement(Span.YEAR).row("vendor_view").values[0] > 0
    with pytest.raises(KeyError):
        made(plan, for_vendor=False).statement(Span.YEAR).row("vendor_view")


def test_parts_that_are_0_all_along_may_be_left_out(turning: Outcome) -> None:
    rows = turning.statement(Span.YEAR).telling_rows
    assert "people" not in [row.key for row in rows]
    assert {row.key for row in rows} >= {"product_revenue", "revenue", "other", "cash"}
    assert all(row.level is not Level.PART or any(row.values) for row in rows)


def test_a_lines_own_statement_is_its_part_of_the_whole() -> None:
    found = made(read(FULL, 2), chosen="stretch")
    whole = found.statement(Span.QUARTER)
    parts = [found.line_statement(key, Span.QUARTER) for key in found.forecast.lines]
    for key in ("product_revenue", "services_profit", "rebates", "deals"):
        assert whole.row(key).values == tuple(
            sum(cells) for cells in zip(*(p.row(key).values for p in parts), strict=True)
        )
    with pytest.raises(KeyError):
        found.line_statement("nope", Span.YEAR)


def test_charts_say_what_matters_in_words(turning: Outcome) -> None:
    chart = turning.cumulative_chart()
    assert chart.note == "Break-even: Bleak Feb 2028 · Base Feb 2028 · Stretch Feb 2028"
    assert "Base: break-even Feb 2028" in chart.svg()
    assert chart.table().texts()[1] == ["Dec 2027", "−65", "−60", "−68"]
    mix = turning.mix_chart().table().texts()
    assert (mix[0], len(mix)) == (["Q1", "300", "0", "0", "300"], 12)
    assert turning.tornado_chart().table().texts()[:2] == [
        ["Run rate: opening run rate", "90", "−180", "110", "+180"],
        ["Run rate: margin", "45%", "−180", "55%", "+180"],
    ]
    assert turning.capacity_chart().table().headers == ("Period", "Planned", "Sellers can close")
    for each in (made(Plan()).cumulative_chart(), made(Plan()).mix_chart(), made(Plan()).tornado_chart()):
        assert each.svg().startswith("<svg")
