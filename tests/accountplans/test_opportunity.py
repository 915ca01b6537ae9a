"""The score of a cell: by hand, and what holds whatever the numbers are."""

from decimal import Decimal
from fractions import Fraction as F

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accountplans.opportunity import ANY, Basis, Customer, Ideal, Lack, Scorer, Thing, affinity, fit, value

SERVERS, BACKUP, CLOUD = 1, 2, 3
ERP = Thing.complementary(7)
# 100 customers: 40 own servers, 25 backup, none cloud; 30 an ERP. 20 own servers and backup, 24 the ERP and backup.
BASIS = Basis(
    customers=100,
    owners={Thing.line(SERVERS): 40, Thing.line(BACKUP): 25, ERP: 30},
    both={
        (Thing.line(SERVERS), BACKUP): 20,
        (Thing.line(BACKUP), SERVERS): 20,
        (ERP, BACKUP): 24,
        (ERP, SERVERS): 6,
    },
    average={SERVERS: Decimal(60_000), BACKUP: Decimal(15_000), CLOUD: Decimal(30_000)},
)


def test_fit_is_one_or_six_tenths_or_three_tenths():
    made_for = Ideal(frozenset({5}), frozenset({"medium", "large"}))
    assert fit(made_for, 5, "large") == (1, True, True)
    assert fit(made_for, 5, "small") == (F(6, 10), True, False)
    assert fit(made_for, 6, "medium") == (F(6, 10), False, True)
    assert fit(made_for, None, "") == (F(3, 10), False, False)
    assert fit(ANY, None, "")[0] == 1
    assert fit(Ideal(verticals=frozenset({5})), 6, "")[0] == F(6, 10)


def test_a_share_is_held_towards_the_overall_one_by_twenty_customers():
    # Of 30 owners of the ERP 24 own backup; overall it is 25 of 100.
    assert BASIS.together(ERP, BACKUP) == (24 + 20 * F(1, 4)) / (30 + 20) == F(58, 100)
    assert BASIS.together(Thing.line(SERVERS), BACKUP) == F(20 + 5, 60)
    # Of 25 owners of backup 20 own servers, overall 40 of 100: the largest there is.
    assert BASIS.largest_affinity == (20 + 20 * F(4, 10)) / (25 + 20) == F(28, 45)


def test_the_strongest_of_what_a_customer_owns_counts():
    found = affinity(BASIS, [Thing.line(SERVERS), ERP], BACKUP)
    assert (found.through, found.share, found.both, found.owners) == (ERP, F(58, 100), 24, 30)
    assert found.value == F(58, 100) / F(28, 45)


def test_without_anything_of_its_own_the_overall_share_counts():
    found = affinity(BASIS, [], BACKUP)
    assert (found.through, found.value) == (None, F(25, 100) / F(28, 45))


def test_nineteen_owners_are_too_few_to_tell_of():
    few = Basis(customers=100, owners={Thing.line(BACKUP): 25, ERP: 19}, both={(ERP, BACKUP): 19})
    assert affinity(few, [ERP], BACKUP).through is None
    enough = Basis(customers=100, owners={Thing.line(BACKUP): 25, ERP: 20}, both={(ERP, BACKUP): 19})
    assert affinity(enough, [ERP], BACKUP).share == F(24, 40)


def test_a_cell_by_hand():
    scorer = Scorer(BASIS, {BACKUP: Ideal(frozenset({5}), frozenset({"medium"}))})
    score = scorer.score(Customer(5, "large", "known", frozenset({Thing.line(SERVERS)})), BACKUP)
    # fit 0.6 (vertical only) × affinity (25/60) ÷ (28/45) × value 15/60 × known 0.75
    assert score.exact == 100 * F(6, 10) * (F(25, 60) / F(28, 45)) * F(15, 60) * F(3, 4)
    assert score.points == 8  # 7.53


def test_a_half_is_rounded_up():
    basis = Basis(customers=8, owners={Thing.line(SERVERS): 8, Thing.line(BACKUP): 1}, average={SERVERS: Decimal(1), BACKUP: Decimal(1)})  # fmt: skip
    score = Scorer(basis, {}).score(Customer(relationship="strong"), BACKUP)
    assert score.exact == F(25, 2)
    assert score.points == 13


def test_what_is_not_known_makes_no_score():
    nobody = Scorer(Basis(customers=3, average={SERVERS: Decimal(5)}), {}).score(Customer(), SERVERS)
    assert (nobody.points, nobody.lack) == (None, Lack.OWNERS)
    unsold = Scorer(Basis(customers=3, owners={Thing.line(SERVERS): 1}), {}).score(Customer(), SERVERS)
    assert (unsold.points, unsold.lack) == (None, Lack.DEALS)
    never = Scorer(BASIS, {}).score(Customer(), CLOUD)  # nobody owns it: a share of nothing, and so a chance of 0
    assert (never.points, never.lack) == (0, None)
    assert value(BASIS, 99) is None


# ── Properties ───────────────────────────────────────────────────────────────────────────────────────────────────────

LINES = (1, 2, 3)


@st.composite
def bases(draw):
    things = [Thing.line(line) for line in LINES] + [ERP]
    owners = {thing: draw(st.integers(0, 60)) for thing in things}
    both = {
        (thing, line): draw(st.integers(0, min(owners[thing], owners[Thing.line(line)])))
        for thing in things
        for line in LINES
        if thing != Thing.line(line)
    }
    average = draw(st.dictionaries(st.sampled_from(LINES), st.integers(0, 10**6).map(Decimal)))
    return Basis(max(owners.values()) + draw(st.integers(0, 50)), owners, both, average)


customers = st.builds(
    Customer,
    vertical=st.sampled_from([None, 5, 6]),
    size=st.sampled_from(["", "small", "large"]),
    relationship=st.sampled_from(["none", "known", "strong"]),
    owned=st.frozensets(st.sampled_from([Thing.line(1), Thing.line(2), ERP])),
)
ideals = st.dictionaries(
    st.sampled_from(LINES),
    st.builds(Ideal, st.frozensets(st.sampled_from([5, 6])), st.frozensets(st.sampled_from(["small", "large"]))),
)


@given(bases(), ideals, customers, st.sampled_from(LINES))
def test_every_part_is_between_0_and_1_and_the_score_between_0_and_100(basis, ideal, customer, line):
    score = Scorer(basis, ideal).score(customer, line)
    parts = [score.fit, score.relationship, score.value, score.affinity.value if score.affinity else None]
    assert all(0 <= part <= 1 for part in parts if part is not None)
    assert (score.points is None) == (score.lack is not None) == (None in parts)
    if score.points is not None:
        assert 0 <= score.points <= 100
        assert abs(score.points - score.exact) <= F(1, 2)


@given(bases(), ideals, customers, st.sampled_from(LINES))
def test_a_better_relationship_and_more_products_never_lower_it(basis, ideal, customer, line):
    scorer = Scorer(basis, ideal)
    before = scorer.score(customer, line).exact
    close = Customer(customer.vertical, customer.size, "strong", customer.owned)
    if before is not None:
        assert scorer.score(close, line).exact >= before
        reasons = [thing for thing in customer.owned if basis.together(thing, line) is not None]
        more = Customer(customer.vertical, customer.size, customer.relationship, customer.owned | {ERP})
        if reasons:
            assert scorer.score(more, line).exact >= before


@pytest.mark.parametrize("line", LINES)
def test_the_best_comes_first(line):
    best = Scorer(BASIS, {}).best(Customer(owned=frozenset({ERP})), LINES)
    numbers = [score.exact for _line, score in best]
    assert numbers == sorted(numbers, reverse=True)
    assert line in [pk for pk, _score in best]
