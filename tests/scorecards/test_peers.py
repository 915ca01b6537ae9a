"""Peers: who counts, and figures that no partner can take apart."""

import datetime as dt
import statistics
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scorecards.peers import Candidate, RoundedStanding, Standing, peers_of, quantile, standing, topic_standings

TODAY = dt.date(2026, 11, 21)


def candidate(partner: int, score: int = 50, *, family: int = 0, **fields: object) -> Candidate:
    values: dict[str, object] = {
        "partner_type": "msp",
        "agreed": False,
        "mode": "cam",
        "finished": dt.date(2026, 9, 1),
        **fields,
    }
    return Candidate(partner=partner, family=family or partner, overall=Fraction(score), **values)  # type: ignore[arg-type]


def scores(candidates: list[Candidate]) -> list[int]:
    found = peers_of(1, 1, "msp", candidates, TODAY)
    return sorted(int(each.overall) for each in found)


OTHERS = [candidate(partner, partner) for partner in range(10, 15)]


def test_neither_the_partner_nor_its_family_is_a_peer() -> None:
    assert scores([*OTHERS, candidate(1, 99), candidate(2, 98, family=1)]) == [10, 11, 12, 13, 14]


def test_only_the_last_twelve_months_count() -> None:
    late = [
        candidate(20, 20, finished=dt.date(2025, 11, 21)),
        candidate(21, 21, finished=dt.date(2025, 11, 20)),
        candidate(22, 22, finished=dt.date(2026, 11, 22)),
    ]
    assert scores([*OTHERS, *late]) == [10, 11, 12, 13, 14, 20]


def test_twelve_months_before_a_leap_day_is_the_end_of_february() -> None:
    others = [candidate(partner, partner, finished=dt.date(2027, 2, 28)) for partner in range(10, 15)]
    assert len(peers_of(1, 1, "msp", others, dt.date(2028, 2, 29))) == 5
    assert peers_of(1, 1, "msp", others, dt.date(2028, 3, 1)) == []


def test_one_assessment_per_partner_agreed_then_joint_cam_self_then_the_latest() -> None:
    early, late = dt.date(2026, 3, 1), dt.date(2026, 10, 1)
    of_one_partner = [
        candidate(30, 1, mode="self", finished=late),
        candidate(30, 2, mode="cam", finished=late),
        candidate(30, 3, mode="joint", finished=early),
        candidate(30, 4, mode="self", agreed=True, finished=early),
        candidate(30, 5, mode="joint", agreed=True, finished=early),
        candidate(30, 6, mode="joint", agreed=True, finished=early + dt.timedelta(days=1)),
    ]
    for last in range(1, 7):
        assert min(scores([*OTHERS, *of_one_partner[:last]])) == last
        assert min(scores([*of_one_partner[:last][::-1], *OTHERS])) == last


def test_all_types_where_fewer_than_five_are_alike() -> None:
    resellers = [candidate(partner, partner, partner_type="reseller") for partner in range(40, 44)]
    assert scores([*OTHERS, *resellers]) == [10, 11, 12, 13, 14]
    assert scores([*OTHERS[:4], *resellers]) == [10, 11, 12, 13, 40, 41, 42, 43]
    assert scores([*OTHERS[:2], *resellers[:2]]) == []


def test_standing_by_hand() -> None:
    found = standing(Fraction(60), [Decimal(40), Decimal(50), Decimal(60), Decimal(60), Decimal(70), Decimal("80.5")])
    # below: 2, equal: 2 of 6; quartiles at places 1.25, 2.5 and 3.75 of 40 50 60 60 70 80.5
    assert found == Standing(6, Fraction(50), Fraction("52.5"), Fraction(60), Fraction("67.5"))
    assert found.rounded() == RoundedStanding(6, (50, 59), 55, 60, 70)
    assert standing(Fraction(60), [Fraction(1)] * 4) is None


@pytest.mark.parametrize(
    ("percentile", "band"),
    [("0", (0, 9)), ("9.4", (0, 9)), ("9.5", (10, 19)), ("69.5", (70, 79)), ("89.4", (80, 89)), ("100", (90, 100))],
)
def test_percentile_bands(percentile: str, band: tuple[int, int]) -> None:
    assert Standing(5, Fraction(percentile), Fraction(0), Fraction(0), Fraction(0)).rounded().band == band


def test_topics_are_compared_among_the_peers_that_have_them() -> None:
    peers = [candidate(n, topics={"a": Fraction(n), **({"b": Fraction(n)} if n < 4 else {})}) for n in range(6)]
    found = topic_standings({"a": Fraction(3), "b": Fraction(3), "c": Fraction(3)}, peers)
    assert found["a"] is not None
    assert (found["a"].count, found["a"].percentile) == (6, Fraction(350, 6))
    assert found["b"] is found["c"] is None


SCORES = st.lists(st.fractions(0, 100, max_denominator=30), min_size=5, max_size=30)


@settings(deadline=None)
@given(SCORES)
def test_quartiles_are_those_of_the_standard_library(values: list[Fraction]) -> None:
    expected = statistics.quantiles(values, n=4, method="inclusive")
    assert [quantile(sorted(values), Fraction(n, 4)) for n in (1, 2, 3)] == expected


@settings(deadline=None)
@given(SCORES, st.fractions(0, 100, max_denominator=30))
def test_percentile_mirrors(values: list[Fraction], own: Fraction) -> None:
    found, mirrored = standing(own, values), standing(-own, [-value for value in values])
    assert found is not None
    assert mirrored is not None
    assert found.percentile + mirrored.percentile == 100
    assert found.lower <= found.median <= found.upper
    shown = found.rounded()
    assert shown.band[0] <= found.percentile + Fraction(1, 2) < shown.band[1] + 2
    assert abs(shown.median - found.median) <= Fraction(5, 2)
