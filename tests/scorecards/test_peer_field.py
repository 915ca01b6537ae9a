"""The quick way to everybody's place gives exactly what the definition gives for one partner after the other."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecards.peer_field import Field, units
from scorecards.peers import Candidate, peers_of, standing, topic_standings

TODAY = dt.date(2026, 11, 21)
# Few values, so that there are ties; thirds, so that quartiles fall between what the database keeps.
SCORES = st.sampled_from([Decimal(n) for n in ("0", "25", "37.5", "50", "33.333333333333", "66.666666666667", "100")])
DAYS = st.sampled_from([dt.date(2026, 11, 21), dt.date(2026, 5, 1), dt.date(2025, 11, 21), dt.date(2025, 11, 20)])


@st.composite
def tables(draw):
    """Up to 25 partners of three types and some families, each with up to three assessments."""
    family_of = draw(st.lists(st.integers(1, 14), min_size=1, max_size=25))
    rows = []
    for partner, family in enumerate(family_of, 1):
        kind = draw(st.sampled_from(["msp", "msp", "reseller", "vad"]))
        for _number in range(draw(st.integers(1, 3))):
            rows.append(
                Candidate(
                    partner=partner,
                    family=family,
                    partner_type=kind,
                    agreed=draw(st.booleans()),
                    mode=draw(st.sampled_from(["self", "cam", "joint"])),
                    finished=draw(DAYS),
                    overall=draw(SCORES),
                    topics=draw(st.dictionaries(st.sampled_from(["t1", "t2"]), SCORES)),
                )
            )
    return rows


@given(tables())
def test_it_is_the_definition_on_any_table(rows):
    field = Field(rows, TODAY)
    for own in rows:
        peers = peers_of(own.partner, own.family, own.partner_type, rows, TODAY)
        expected = standing(own.overall, [peer.overall for peer in peers])
        found = field.place(own)
        assert (found and found.overall.standing) == expected
        if found:
            topics = {key: each for key, each in topic_standings(own.topics, peers).items() if each}
            assert {key: place.standing for key, place in found.topics.items()} == topics
            assert found.all_types == any(peer.partner_type != own.partner_type for peer in peers)


def candidate(partner: int, score: str, **more: object) -> Candidate:
    values = {"family": partner, "partner_type": "msp", "agreed": False, "mode": "cam", "finished": TODAY, **more}
    return Candidate(partner=partner, overall=Decimal(score), **values)


def test_a_table_with_ties_by_hand():
    # Peers 40, 50, 50, 60, 80: of 50 there are one below and two equal: (1 + 1) ÷ 5 × 100 = 40.
    rows = [candidate(n, score) for n, score in enumerate(["40", "50", "50", "60", "80"], 10)]
    place = Field(rows, TODAY).place(candidate(1, "50")).overall
    assert (place.count, place.below, place.equal, place.percentile) == (5, 1, 2, 40)
    assert [Fraction(q, 4 * 10**12) for q in place.quartiles] == [50, 50, 60]


def test_at_four_nothing_and_at_five_something():
    rows = [candidate(n, "50") for n in range(10, 14)]
    assert Field([*rows, candidate(1, "60")], TODAY).place(candidate(1, "60")) is None
    rows.append(candidate(14, "70"))
    assert Field([*rows, candidate(1, "60")], TODAY).place(candidate(1, "60")).overall.percentile == 80


def test_of_all_types_where_fewer_than_five_are_of_the_same():
    rows = [candidate(n, "50", partner_type="msp" if n < 14 else "vad") for n in range(10, 19)]
    assert Field(rows, TODAY).place(candidate(1, "60", partner_type="vad")).all_types is False
    found = Field(rows, TODAY).place(candidate(1, "60"))
    assert (found.all_types, found.overall.count) == (True, 9)


def test_the_family_is_left_out_of_a_table_it_is_in():
    rows = [candidate(n, f"{n}") for n in range(10, 16)] + [candidate(n, "10", family=7) for n in (2, 3)]
    place = Field(rows, TODAY).place(candidate(1, "10", family=7)).overall
    assert (place.count, place.below, place.equal) == (6, 0, 1)


def test_scores_finer_than_the_database_keeps_are_refused():
    assert units(Decimal("33.333333333333")) == units(Fraction(33333333333333, 10**12))
    for fine in (Fraction(1, 3), Decimal("0.0000000000001")):
        with pytest.raises(ValueError, match="places"):
            units(fine)
