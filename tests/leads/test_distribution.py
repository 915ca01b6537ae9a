"""Who gets a lead: rules in order, the ranking by hand, the round-robin, and that each choice follows from what is kept."""

import datetime as dt
import json
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads import distribution, grading
from leads.distribution import LeadFacts, PartnerFacts, Pool, again, choose, from_json, rank, to_json
from leads.policies import LeadPolicy, Method, Rule, To, Weights, When

AT = dt.datetime(2026, 1, 5, 10, tzinfo=dt.UTC)
LEAD = LeadFacts(country="NO", region="north", vertical="Banking", lines=frozenset({"suite"}), grade="A", source="web")


class Fixed(Pool):
    """Partners by the tiers that a rule names."""

    def __init__(self, **by_tier: list[PartnerFacts]) -> None:
        self.by_tier, self.slot = by_tier, ""

    def partners(self, to, topic):
        return [partner for tier in sorted(to.tiers or self.by_tier) for partner in self.by_tier.get(tier, [])]

    def after(self, rule):
        return self.slot


def chosen(policy, pool, lead=LEAD, tiers=4):
    return choose(lead, policy, pool, at=AT, tiers=tiers)


def test_the_total_by_hand():
    """Score 80, 6 of 8 accepted, 2 of them won, 3 of 10 places taken, third of four tiers."""
    one = PartnerFacts(1, score=Decimal(80), offered=8, accepted=6, won=2, open=3, capacity=10, rank=3)
    parts = distribution.parts(one, 4)
    assert parts.topic == Fraction(4, 5)
    assert parts.record == Fraction(7, 10) * Fraction(3, 8)
    assert parts.room == Fraction(7, 10)
    assert parts.tier == Fraction(3, 4)
    assert parts.total(Weights()) == 32 + Fraction(63, 8) + 14 + Fraction(15, 2)


def test_who_has_no_record_yet_starts_in_the_middle():
    new = distribution.parts(PartnerFacts(1, score=None, rank=0), 4)
    assert (new.topic, new.record, new.room, new.tier) == (Fraction(1, 2), Fraction(1, 4), 1, 0)


def test_equal_ones_go_by_the_longest_since_their_last_offer_then_by_id():
    day = dt.timedelta(days=1)
    equal = [
        PartnerFacts(4, last_offer=AT - day),
        PartnerFacts(3, last_offer=AT - 2 * day),
        PartnerFacts(9),
        PartnerFacts(2),
        PartnerFacts(1, last_offer=AT - day),
    ]
    assert [each.partner.id for each in rank(equal, weights=Weights(), tiers=4)] == [2, 9, 3, 1, 4]


def test_the_first_rule_for_the_lead_with_a_place_free_decides():
    policy = LeadPolicy(
        rules=(
            Rule("Others", When(countries=frozenset({"SE"})), To(tiers=frozenset({"gold"}))),
            Rule("Gold", When(countries=frozenset({"NO"})), To(tiers=frozenset({"gold"}))),
            Rule("All", When(), To(tiers=frozenset({"silver"}))),
        )
    )
    full = PartnerFacts(1, open=10)
    had = PartnerFacts(2, had_it=True)
    nobody = PartnerFacts(3, answers=False)
    kept = chosen(policy, Fixed(gold=[full, had, nobody], silver=[PartnerFacts(4)]))
    assert (kept.choice, kept.rule) == (4, "All")
    assert [(each.name, each.result) for each in kept.rules] == [
        ("Others", "not_for_it"), ("Gold", "none_free"), ("All", "chose"),
    ]  # fmt: skip
    assert kept.rules[1].left_out == {"full": 1, "had_it": 1, "nobody": 1}
    nobody_left = chosen(policy, Fixed(gold=[full, had]))
    assert (nobody_left.choice, nobody_left.rule, nobody_left.direct) == (None, "", None)


def test_a_rule_may_keep_it_direct():
    policy = LeadPolicy(rules=(Rule("Key accounts", When(grades=frozenset("A")), To(direct=7)), Rule("All")))
    kept = chosen(policy, Fixed(gold=[PartnerFacts(1)]))
    assert (kept.direct, kept.choice, kept.rule) == (7, None, "Key accounts")
    assert chosen(policy, Fixed(gold=[PartnerFacts(1)]), replace(LEAD, grade="B")).choice == 1


def test_what_rules_look_at():
    def fits(**conditions):
        return distribution.is_for(When(**{name: frozenset(keys) for name, keys in conditions.items()}), LEAD)

    assert fits()
    assert fits(countries={"NO", "SE"}, regions={"north"}, grades={"A"}, sources={"web"})
    assert fits(verticals={"BANKING", "Insurance"})
    assert fits(lines={"suite", "cloud"})
    for name, other in (
        ("countries", "SE"), ("regions", "south"), ("verticals", "Insurance"), ("lines", "cloud"), ("grades", "B"),
        ("sources", "event"),
    ):  # fmt: skip
        assert not fits(**{name: {other}})
    blank = LeadFacts()
    assert not distribution.is_for(When(verticals=frozenset({""})), blank)
    assert not distribution.is_for(When(countries=frozenset({"NO"})), blank)


def test_the_round_robin_gives_each_its_turns():
    """Over whole rounds each gets exactly as many as it has turns, whatever the seed."""
    partners = [PartnerFacts(1, turns=1), PartnerFacts(2, turns=3), PartnerFacts(3, turns=2)]
    for seed in ("1", "42", "autumn"):
        policy = LeadPolicy(method=Method.ROUND_ROBIN, seed=seed)
        pool, got = Fixed(gold=partners), Counter()
        for _turn in range(12):
            kept = chosen(policy, pool)
            got[kept.choice] += 1
            pool.slot = kept.candidates[0].slot
        assert got == {1: 2, 2: 6, 3: 4}


def test_who_is_full_misses_the_turn_and_no_more():
    partners = [PartnerFacts(pk) for pk in (1, 2, 3)]
    policy = LeadPolicy(method=Method.ROUND_ROBIN)
    first = chosen(policy, Fixed(gold=partners)).choice
    others = [partner for partner in partners if partner.id != first]
    second = chosen(policy, Fixed(gold=others)).choice
    pool = Fixed(gold=partners)
    pool.slot = chosen(policy, pool).candidates[0].slot
    assert chosen(policy, pool).choice == second


facts = st.builds(
    PartnerFacts,
    id=st.integers(1, 400),
    score=st.none() | st.decimals(0, 100, places=2),
    offered=st.integers(0, 30),
    accepted=st.integers(0, 30),
    won=st.integers(0, 30),
    open=st.integers(0, 12),
    capacity=st.integers(0, 12),
    rank=st.integers(0, 4),
    last_offer=st.none() | st.datetimes(dt.datetime(2025, 1, 1), dt.datetime(2026, 1, 1), timezones=st.just(dt.UTC)),
    turns=st.integers(1, 4),
    had_it=st.booleans(),
    answers=st.booleans(),
).filter(lambda each: each.won <= each.accepted <= each.offered)
many = st.lists(facts, max_size=12, unique_by=lambda each: each.id)
weights = st.builds(
    Weights, *(st.decimals(0, 1000, places=2) for _part in range(4))
)  # fmt: skip


@given(many, st.sampled_from(Method), weights, st.text(max_size=4))
def test_every_choice_follows_from_what_is_kept(partners, method, weighing, seed):
    kept = chosen(LeadPolicy(method=method, weights=weighing, seed=seed), Fixed(gold=partners))
    stored = from_json(json.loads(json.dumps(to_json(kept))))
    assert stored == kept
    assert tuple(again(stored)) == kept.candidates
    free = {each.id for each in partners if each.answers and not each.had_it and each.open < each.capacity}
    assert {each.partner.id for each in kept.candidates} == free
    assert (kept.choice is None) == (not free)


@pytest.mark.parametrize("seed", range(12))
def test_of_very_many_the_foremost_are_those_of_the_whole_ranking(seed):
    random = Random(seed)
    weighing = Weights(*(Decimal(random.randrange(10001)) / 100 for _part in range(4)))
    able = [
        PartnerFacts(
            pk,
            score=random.choice([None, Decimal(random.randrange(10001)) / 100]),
            offered=(offered := random.randrange(12)),
            accepted=(accepted := random.randrange(offered + 1)),
            won=random.randrange(accepted + 1),
            open=random.randrange(5),
            capacity=random.randrange(5, 8),
            rank=random.randrange(5),
            last_offer=random.choice([None, AT - dt.timedelta(days=random.randrange(300))]),
        )
        for pk in random.sample(range(1000), 230)
    ]
    every = sorted(
        able,
        key=lambda each: (
            -distribution.parts(each, 4).total(weighing),
            each.last_offer.timestamp() if each.last_offer else float("-inf"),
            each.id,
        ),
    )
    found = rank(able, weights=weighing, tiers=4)
    assert [each.partner for each in found] == every[: distribution.MOST_KEPT]


@given(many, weights)
def test_each_part_is_from_0_to_1_and_more_room_never_ranks_lower(partners, weighing):
    for each in partners:
        if each.open < each.capacity:
            parts = distribution.parts(each, 4)
            for name in ("topic", "record", "room", "tier"):
                assert 0 <= getattr(parts, name) <= 1
            roomier = distribution.parts(replace(each, open=max(0, each.open - 1)), 4)
            assert roomier.total(weighing) >= parts.total(weighing)


def test_grades_by_their_thresholds():
    thresholds = {"A": Decimal(75), "B": Decimal(50), "C": Decimal("25.5")}
    scores = ("100", "75", "74.99", "50", "25.5", "25.49", "0")
    assert [grading.grade(Decimal(score), thresholds) for score in scores] == ["A", "A", "B", "B", "C", "D", "D"]
