"""The rules as a document: read, written, and what is wrong with one."""

from decimal import Decimal

import pytest

from leads import policies
from leads.policies import Known, LeadPolicy, Method, Near, Problem, Rule, To, Weights, When

KNOWN = Known(
    regions={"north"}, tiers={"gold"}, lines={"suite"}, sources={"web"}, topics={"brands"}, partners={1}, people={9},
    countries={"NO", "SE"},
)  # fmt: skip
FULL = LeadPolicy(
    rules=(
        Rule(
            "Nordic banks",
            When(countries=frozenset({"SE", "NO"}), verticals=frozenset({"Banking"}), grades=frozenset("AB")),
            To(near=Near.SAME_COUNTRY, tiers=frozenset({"gold"}), partners=frozenset({1})),
            topic="brands",
        ),
        Rule("Ours", When(sources=frozenset({"web"}), lines=frozenset({"suite"})), To(direct=9)),
        Rule("All"),
    ),
    method=Method.ROUND_ROBIN,
    weights=Weights(topic=Decimal("12.5")),
    seed="autumn",
    accept_days=3,
)


def test_a_document_is_read_as_it_was_written():
    assert policies.read(policies.document(FULL)) == FULL
    assert policies.problems(FULL, KNOWN) == []


def test_what_is_left_out_is_the_default():
    assert policies.read({}) == LeadPolicy()
    assert policies.read({"accept_days": 4, "rules": [{"name": " All "}]}).rules == (Rule("All"),)


@pytest.mark.parametrize(
    "document", [{"rules": 5}, {"method": "dice"}, {"rules": [{}]}, {"weights": {"topic": "x"}}, {"rules": ["All"]}]
)
def test_what_is_no_policy_at_all(document):
    with pytest.raises(ValueError):
        policies.read(document)


@pytest.mark.parametrize(
    ("policy", "problem"),
    [
        (LeadPolicy(accept_days=0), Problem(None, "accept_days", "range")),
        (LeadPolicy(most_offers=21), Problem(None, "most_offers", "range")),
        (LeadPolicy(weights=Weights(tier=Decimal(-1))), Problem(None, "weights.tier", "range")),
        (LeadPolicy(weights=Weights(*[Decimal()] * 4)), Problem(None, "weights", "range")),
        (LeadPolicy(grades={"A": Decimal(50), "B": Decimal(50), "C": Decimal(25)}), Problem(None, "grades", "order")),
        (LeadPolicy(contact_days={"A": 2, "B": 5, "C": 10, "D": 61}), Problem(None, "contact_days.D", "range")),
        (LeadPolicy(topic="magic"), Problem(None, "topic", "unknown")),
        (LeadPolicy(rules=(Rule(""),)), Problem(0, "name", "missing")),
        (LeadPolicy(rules=(Rule("All"), Rule("ALL"))), Problem(1, "name", "repeated")),
        (LeadPolicy(rules=(Rule("A", When(countries=frozenset({"XX"}))),)), Problem(0, "when.countries", "unknown")),
        (LeadPolicy(rules=(Rule("A", When(regions=frozenset())),)), Problem(0, "when.regions", "missing")),
        (LeadPolicy(rules=(Rule("A", to=To(partners=frozenset({2}))),)), Problem(0, "to.partners", "unknown")),
        (LeadPolicy(rules=(Rule("A", to=To(direct=1)),)), Problem(0, "to.direct", "unknown")),
        (LeadPolicy(rules=(Rule("A", topic="magic"),)), Problem(0, "topic", "unknown")),
        (LeadPolicy(rules=(Rule("A", to=To(direct=9)), Rule("B"))), Problem(1, "name", "never")),
        (LeadPolicy(rules=tuple(Rule(f"{n}") for n in range(61))), Problem(None, "rules", "too_many")),
    ],
)
def test_what_is_wrong_with_one(policy, problem):
    assert policies.problems(policy, KNOWN) == [problem]


def test_every_problem_has_words():
    from leads.actions.ruling import WORDS

    codes = {"missing", "unknown", "range", "order", "repeated", "too_many", "never"}
    assert set(WORDS) == codes
