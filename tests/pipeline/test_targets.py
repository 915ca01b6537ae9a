"""Targets by month: numbers worked by hand, and what holds for any numbers."""

from decimal import Decimal as D
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.targets import Amount, Version, by_period, generated_from_prior_year, in_force, spread, spread_period
from prm.common.fiscal import FiscalCalendar, FiscalYear, Month

EVEN = [D(1)] * 12


@pytest.mark.parametrize(
    ("total", "weights", "places", "months"),
    [
        ("100", [1, 1, 1], 2, ["33.33", "33.33", "33.34"]),
        ("100", [1, 1, 1], 0, ["33", "33", "34"]),  # yen
        ("100", [1, 1, 1], 3, ["33.333", "33.333", "33.334"]),  # dinar
        ("100", [0, 0, 0], 2, ["33.33", "33.33", "33.34"]),
        ("90", [1, 2, 6], 2, ["10.00", "20.00", "60.00"]),
        ("1", [2, 1, 0], 2, ["0.66", "0.33", "0.01"]),  # the rest is the last month's, whatever its weight
        ("0", [1, 2, 3], 2, ["0", "0", "0"]),
        ("0.02", [1, 1, 1], 2, ["0.00", "0.00", "0.02"]),
        ("7", [5], 2, ["7"]),
        ("10.005", [1, 1], 2, ["5.00", "5.005"]),
        ("1000", [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], 2, ["83.33"] * 11 + ["83.37"]),
    ],
)
def test_total_is_spread_by_weights(total, weights, places, months):
    assert spread(D(total), weights, places) == [D(month) for month in months]


def test_negative_totals_weights_and_no_month_are_refused():
    for total, weights in ((D("-0.01"), [1, 1]), (D(1), [1, -1]), (D(1), [])):
        with pytest.raises(ValueError):
            spread(total, weights, 2)


@given(
    total=st.decimals(0, 10**14, places=4),
    weights=st.lists(st.decimals(0, 10**6, places=3), min_size=1, max_size=12),
    places=st.integers(0, 4),
)
def test_months_add_up_to_the_total_and_none_is_negative(total, weights, places):
    months = spread(total, weights, places)
    assert sum(months) == total
    assert all(month >= 0 for month in months)
    assert all(month == round(month, places) for month in months[:-1])


@given(total=st.decimals(0, 10**9, places=2), weights=st.lists(st.integers(0, 100), min_size=2, max_size=12))
def test_a_month_is_less_than_a_cent_under_its_part_and_the_last_takes_the_rest(total, weights):
    months, parts = spread(total, weights, 2), sum(weights) or len(weights)
    for month, weight in list(zip(months, weights if sum(weights) else [1] * len(weights), strict=True))[:-1]:
        assert 0 <= total * weight / parts - month < D("0.01") + D("1e-12")
    assert months[-1] >= 0


@pytest.mark.parametrize("start", [1, 7, 10])
def test_weights_belong_to_fiscal_months(start):
    weights = [D(number) for number in range(1, 13)]  # they add to 78
    year = FiscalYear(2026, start)
    whole = spread_period(D(780), year, weights, 2, start)
    assert [whole[month] for month in year.months] == [D(10 * number) for number in range(1, 13)]
    quarter = spread_period(D(330), year.quarters[3], weights, 2, start)  # 10 + 11 + 12 = 33
    assert list(quarter.values()) == [D(100), D(110), D(120)]
    assert spread_period(D(5), year.months[6], weights, 2, start) == {year.months[6]: D(5)}


# ── Which version is in force ────────────────────────────────────────────────────────────────────────────────────────


def version(source: str, number: int, months: dict[int, int], first: int = 0) -> Version:
    """Targets of months of 2026."""
    return Version(
        source,
        number,
        Month(2026, first or min(months)),
        {Month(2026, month): Amount(D(value), "USD") for month, value in months.items()},
    )


def values(*versions: Version) -> dict[int, int]:
    return {month.month: int(found.value) for month, found in in_force(versions).items()}


def test_newest_version_of_operations_that_names_the_month_counts():
    assert values(version("operations", 1, {1: 10, 2: 20}), version("operations", 2, {2: 21, 3: 31})) == {
        1: 10,
        2: 21,
        3: 31,
    }


def test_commitment_goes_before_operations_and_operations_before_an_import():
    imported = version("import", 9, {1: 1, 2: 2, 3: 3})
    operations = version("operations", 4, {2: 20, 3: 30})
    committed = version("commitment", 1, {3: 300})
    assert values(imported, operations, committed) == {1: 1, 2: 20, 3: 300}
    found = in_force([imported, operations, committed])
    assert [found[Month(2026, month)].version for month in (1, 2, 3)] == [imported, operations, committed]


def test_new_commitment_replaces_all_months_from_its_first_on_also_those_it_leaves_out():
    first = version("commitment", 1, {1: 10, 2: 20, 3: 30, 4: 40})
    second = version("commitment", 2, {3: 33})
    assert values(first, second) == {1: 10, 2: 20, 3: 33}
    assert values(first, second, version("import", 1, {1: 1, 4: 4, 5: 5})) == {1: 10, 2: 20, 3: 33, 4: 4, 5: 5}
    assert values(first, second, version("commitment", 3, {2: 22}, first=2)) == {1: 10, 2: 22}


def test_no_versions_give_no_targets():
    assert in_force([]) == {}


def test_target_of_0_is_a_target():
    assert values(version("import", 1, {1: 5}), version("operations", 1, {1: 0})) == {1: 0}


months = st.dictionaries(st.integers(1, 12), st.integers(0, 99), min_size=1, max_size=6)


@st.composite
def some_versions(draw):
    kinds = draw(st.lists(st.sampled_from(["commitment", "operations", "import"]), max_size=4))
    return [version(kind, number, draw(months)) for number, kind in enumerate(kinds, 1)]


@given(some_versions())
def test_order_of_versions_does_not_matter(versions):
    expected = in_force(versions)
    assert all(in_force(order) == expected for order in permutations(versions))


@given(some_versions())
def test_each_month_is_decided_as_the_rule_says_month_by_month(versions):
    found = in_force(versions)
    for month in (Month(2026, number) for number in range(1, 13)):
        commitments = [v for v in versions if v.source == "commitment" and v.first_month <= month]
        newest = max(commitments, key=lambda v: v.number, default=None)
        order = [newest] if newest else []
        for source in ("operations", "import"):
            order += sorted((v for v in versions if v.source == source), key=lambda v: -v.number)
        decided = next((v for v in order if month in v.months), None)
        assert (found[month].version if month in found else None) is decided


# ── Next year from this one ──────────────────────────────────────────────────────────────────────────────────────────


def test_generated_targets_are_the_prior_years_quarters_times_the_factor():
    year = FiscalYear(2014, 7)  # July 2013 to June 2014
    sold = {
        Month(2012, 7): D("1000"),
        Month(2012, 9): D("234.5678"),
        Month(2013, 1): D("-50"),
        Month(2013, 4): D("0.10"),
    }
    targets = generated_from_prior_year(sold, year, factor=D("1.1"), weights=EVEN, places=2)
    # Q1: 1,234.5678 × 1.1 = 1,358.02458 → 1,358.02; a third is 452.67…
    assert targets == {
        Month(2013, 7): D("452.67"),
        Month(2013, 8): D("452.67"),
        Month(2013, 9): D("452.68"),
        Month(2014, 4): D("0.03"),  # 0.11 over three months
        Month(2014, 5): D("0.03"),
        Month(2014, 6): D("0.05"),
    }
    assert by_period(targets, [*year.quarters, year]) == [D("1358.02"), None, None, D("0.11"), D("1358.13")]


def test_generated_targets_follow_the_seasons_within_the_quarter():
    weights = [D(1), D(2), D(3), *[D(1)] * 9]
    sold = {Month(2025, 1): D(600)}
    targets = generated_from_prior_year(sold, FiscalYear(2026, 1), factor=D(1), weights=weights, places=2)
    assert list(targets.values()) == [D(100), D(200), D(300)]


@given(
    sold=st.dictionaries(st.integers(0, 23), st.decimals(-(10**9), 10**9, places=4), max_size=24),
    factor=st.decimals(0, 3, places=3),
    start=st.integers(1, 12),
)
def test_generated_quarters_are_exact_and_never_negative(sold, factor, start):
    year = FiscalCalendar(start).parse("2026")
    by_month = {year.months[0].shift(number - 18): value for number, value in sold.items()}
    targets = generated_from_prior_year(by_month, year, factor=factor, weights=EVEN, places=2)
    assert all(value >= 0 for value in targets.values())
    for quarter in year.quarters:
        before = sum((by_month.get(month.shift(-12), D(0)) for month in quarter.months), D(0))
        sums = by_period(targets, [quarter])
        assert (sums == [None]) == (before <= 0)
        if before > 0:
            assert abs(sums[0] - before * factor) <= D("0.005")


def test_negative_factor_is_refused():
    with pytest.raises(ValueError):
        generated_from_prior_year({}, FiscalYear(2026, 1), factor=D(-1), weights=EVEN, places=2)
