"""Properties of the rules of tiers, and their edges by hand."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prm.common.explain import Figure
from prm.common.fiscal import FiscalCalendar
from scorecards.tiers import document, path, scores, windows
from scorecards.tiers.people import assign, count
from scorecards.tiers.program import (
    Aggregate,
    Holders,
    InvalidProgram,
    Kind,
    PeopleRequirement,
    ScoreMetric,
    ScoreRequirement,
    Source,
    Track,
    required_certificates,
)
from scorecards.tiers.qualifying import Facts, evaluate, outcome
from tests.scorecards.tiers.support import data, facts, people, program

D = Decimal
ORDER = ["", "select", "advanced", "premier"]


# ── More never loses a tier ─────────────────────────────────────────────────────────────────────────────────────────

HELD = st.sets(
    st.sampled_from(
        ["accredited-technical", "accredited-business", "foundational", "technical", "technical:professional"]
    )
)
CROWD = st.lists(HELD, max_size=9)
NUMBERS = st.fixed_dictionaries(
    {"launched": st.integers(0, 60), "mrr": st.integers(0, 60_000), "plans": st.integers(0, 2)}
)


def crowd(held: list[set[str]], numbers: dict[str, int]) -> Facts:
    return facts(
        people(*((1, " ".join(each)) for each in held)), "msp security",
        launched_mrr__count__12_months=numbers["launched"], launched_mrr__sum__12_months=numbers["mrr"],
        plan_signed__count__12_months=numbers["plans"],
    )  # fmt: skip


@given(CROWD, NUMBERS, HELD, NUMBERS, st.integers(0, 8), HELD)
def test_more_never_loses_a_tier(held, numbers, another, more, whose, learned):
    before = evaluate(program("aws"), crowd(held, numbers))
    grown = [each | learned if place == whose else each for place, each in enumerate(held)]
    after = evaluate(
        program("aws"), crowd([*grown, another], {key: value + more[key] for key, value in numbers.items()})
    )
    assert ORDER.index(after.qualified or "") >= ORDER.index(before.qualified or "")
    for tier, grown_tier in zip(before.tiers, after.tiers, strict=True):
        for old, new in zip(tier.outcomes, grown_tier.outcomes, strict=True):
            assert new.met or not old.met
            assert new.missing <= old.missing


POINTS = st.lists(st.decimals(0, 40, places=1), min_size=10, max_size=10)


def capability(values: list[Decimal]) -> Facts:
    keys = [f"{track}_{key}" for track in "es" for key in ("adds", "intermediate", "advanced", "usage", "deployments")]
    return facts(**dict(zip(keys, values, strict=True)))


@given(POINTS, POINTS)
def test_more_points_never_lose_the_score(values, more):
    outcome = evaluate(program("microsoft_points"), capability(values)).tiers[0].outcomes[0]
    grown = evaluate(program("microsoft_points"), capability([a + b for a, b in zip(values, more, strict=True)]))
    assert grown.tiers[0].met or not outcome.met


@given(POINTS)
def test_a_score_is_met_by_one_track_alone(values):
    outcome = evaluate(program("microsoft_points"), capability(values)).tiers[0].outcomes[0]
    caps = [15, 20, 15, 30, 20]
    tracks = [[min(D(cap), value) for cap, value in zip(caps, half, strict=True)] for half in (values[:5], values[5:])]
    good = [sum(track) >= 70 and all(track) for track in tracks]
    assert outcome.met == any(good)
    assert outcome.have == max((sum(track) for track, met in zip(tracks, good, strict=True) if met or not any(good)))


# ── Nobody counts twice ─────────────────────────────────────────────────────────────────────────────────────────────


@given(
    st.lists(st.lists(st.booleans(), min_size=3, max_size=3), max_size=6),
    st.lists(st.integers(0, 3), min_size=3, max_size=3),
)
def test_as_many_places_are_taken_as_trying_all_ways_finds(fits, minimums):
    def taken(given: tuple[int | None, ...]) -> int:
        return sum(min(minimum, given.count(kind)) for kind, minimum in enumerate(minimums))

    ways = product(*([None, *(kind for kind in range(3) if fit[kind])] for fit in fits))
    got = assign(fits, minimums)
    assert taken(tuple(got)) == max(map(taken, ways))
    for kind, fit in zip(got, fits, strict=True):
        assert fit[kind] if kind is not None else not any(fit)


@pytest.mark.parametrize(("once", "missing", "numbers"), [(True, 1, [1, 1]), (False, 0, [2, 1])])
def test_who_holds_both_counts_for_one_kind_or_for_both(once, missing, numbers):
    kinds = (Kind("Technical", ("t",), 2), Kind("Business", ("b",), 1))
    asked = PeopleRequirement(key="r1", name="People", certificates=(), minimum=2, kinds=kinds, once=once)
    found = count(asked, people((1, "t b"), (1, "t")))
    assert found.have == 2
    assert (found.missing, sum(kind.have for kind in found.kinds)) == (missing, sum(numbers))


def test_a_person_counts_once_however_many_certificates():
    asked = PeopleRequirement(key="r1", name="People", certificates=("a", "b", "c"), minimum=3)
    assert count(asked, people((2, "a b c"))).missing == 1


def test_the_one_who_could_be_either_is_left_for_whom_nobody_else_suits():
    """The first could be technical or business; only the others are technical: all places are taken."""
    kinds = (Kind("Technical", ("t",), 2), Kind("Business", ("b",), 1))
    asked = PeopleRequirement(key="r1", name="People", certificates=(), minimum=3, kinds=kinds, once=True)
    assert count(asked, people((1, "t b"), (2, "t"))).met


def test_one_of_a_level_only():
    asked = PeopleRequirement(key="r1", name="People", certificates=("t:expert",), minimum=1)
    assert not count(asked, people((3, "t t:junior"))).met
    assert count(asked, people((1, "t t:expert"))).met


# ── Points ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def metric(**fields) -> ScoreMetric:
    return ScoreMetric(key="m", name="M", measure=Source("m"), **fields)


@pytest.mark.parametrize(
    ("fields", "have", "points"),
    [
        ({"per_unit": D("2.14"), "threshold": D(7), "cap": D(15)}, "7", "15"),
        ({"per_unit": D("2.14"), "threshold": D(7), "cap": D(15)}, "6.5", "13.91"),  # parts of a unit count
        ({"per_unit": D("2.14"), "threshold": D(7), "cap": D(15), "whole_units": True}, "6.5", "12.84"),
        ({"per_unit": D(4), "threshold": D(5), "cap": D(10)}, "4", "10"),  # the cap before the threshold
        ({"per_unit": D(2)}, "1000", "2000"),  # no cap, no limit
        ({"per_unit": D(2), "cap": D(5)}, "-3", "0"),
        ({"threshold": D(30), "cap": D(20)}, "15", "10"),  # in proportion where no points a unit are set
    ],
)
def test_points(fields, have, points):
    assert scores.points(metric(**fields), Fraction(have)) == Fraction(points)


def test_without_a_value_there_are_no_points():
    assert scores.points(metric(per_unit=D(1)), None) == 0


# ── The cheapest path ───────────────────────────────────────────────────────────────────────────────────────────────


@given(POINTS)
def test_who_walks_the_path_arrives(values):
    """Each step done as it says meets the requirement, and no known step is left out."""
    asked = program("microsoft_points")
    found = capability(values)
    way = path.cheapest(evaluate(asked, found).next)
    metrics = dict(found.metrics)
    for step in way.steps:
        source = step.metric.measure
        metrics[source] = Figure(metrics[source].value + step.units)
    assert way.reaches
    assert evaluate(asked, Facts(metrics)).qualified == "designated"


def asked_score(*metrics: ScoreMetric, minimum: str, above: bool = False) -> ScoreRequirement:
    track = Track(key="t", name="T", metrics=metrics)
    return ScoreRequirement(key="r1", name="Score", minimum=D(minimum), tracks=(track,), every_above_zero=above)


def way_of(requirement, found: Facts) -> list[tuple[str, Decimal | None, Decimal | None]]:
    way = path.way(outcome(requirement, found))
    return [(step.metric.key if step.metric else step.requirement.key, step.units, step.effort) for step in way.steps]


def test_people_come_whole_and_the_threshold_is_a_short_cut():
    seven = ScoreMetric(
        key="adv", name="Advanced", measure=Holders(("x",)), per_unit=D("2.14"), threshold=D(7), cap=D(15),
        effort=path.Effort(D(5)),
    )  # fmt: skip
    assert way_of(asked_score(seven, minimum="15"), facts(people((6, "x")))) == [("adv", D(1), D(5))]
    assert way_of(asked_score(seven, minimum="13"), facts(people((5, "x")))) == [("adv", D(2), D(10))]  # 6 give 12.84


def test_the_most_points_for_the_effort_first_and_what_has_no_effort_last():
    cheap = ScoreMetric(key="a", name="A", measure=Source("a"), per_unit=D(1), cap=D(4), effort=path.Effort(D(1)))
    dear = ScoreMetric(key="b", name="B", measure=Source("b"), per_unit=D(3), cap=D(9), effort=path.Effort(D(6)))
    unset = ScoreMetric(key="c", name="C", measure=Source("c"), per_unit=D(10), cap=D(10))
    nothing = facts(a=0, b=0, c=0)
    # 1 point for 1, then half a point for 1, then nobody knows.
    assert way_of(asked_score(unset, dear, cheap, minimum="7"), nothing) == [("a", D(4), D(4)), ("b", D(1), D(6))]
    found = way_of(asked_score(unset, dear, cheap, minimum="18"), nothing)
    assert found == [("a", D(4), D(4)), ("b", D(3), D(18)), ("c", D("0.5").quantize(D("0.01")), None)]


def test_of_a_list_the_cheapest_are_taken_and_the_unknown_last():
    doc = {
        "name": "P",
        "tiers": [
            {
                "tier": "gold",
                "requirements": [
                    {
                        "type": "n_of", "name": "Two of three", "minimum": 2,
                        "requirements": [
                            {"type": "metric", "name": "A", "key": "a", "metric": "a", "minimum": 10, "effort": 3},
                            {"type": "metric", "name": "B", "key": "b", "metric": "b", "minimum": 10, "effort": 1},
                            {"type": "metric", "name": "C", "key": "c", "metric": "c", "minimum": 10},
                        ],
                    }
                ],
            }
        ],
    }  # fmt: skip
    asked = document.parse(doc).tiers[0].requirements[0]
    assert way_of(asked, facts(a=0, b=0, c=0)) == [("b", D(10), D(10)), ("a", D(10), D(30))]
    assert way_of(asked, facts(a=9, b=4, c=9)) == [("a", D(1), D(3)), ("b", D(6), D(6))]
    assert way_of(asked, facts(a=10, b=0, c=9)) == [("b", D(10), D(10))]
    assert way_of(asked, facts(a=10, b=10, c=0)) == []


def test_a_ceiling_is_met_from_above():
    doc = {
        "name": "P",
        "tiers": [
            {"tier": "gold", "requirements": [{"type": "metric", "name": "Churn", "metric": "churn", "maximum": 5}]}
        ],
    }
    asked = document.parse(doc)
    met = [evaluate(asked, facts(churn=value)).tiers[0].outcomes[0] for value in ("5", "5.5")]
    assert [(each.met, each.missing) for each in met] == [(True, 0), (False, D("0.5"))]


# ── Windows ─────────────────────────────────────────────────────────────────────────────────────────────────────────

JULY = FiscalCalendar(7)


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("as_of", None, "2024-02-29"), ("ytd", "2023-07-01", "2024-02-29"), ("quarter", "2024-01-01", "2024-02-29"),
        ("last_quarter", "2023-10-01", "2023-12-31"), ("last_year", "2022-07-01", "2023-06-30"),
        ("12_months", "2023-03-01", "2024-02-29"), ("3_months", "2023-11-30", "2024-02-29"), ("90_days", "2023-12-02", "2024-02-29"),
        ("24_months", "2022-03-01", "2024-02-29"),
    ],
)  # fmt: skip
def test_windows(name, first, last):
    found = windows.days(name, dt.date(2024, 2, 29), JULY)
    assert found == (first and dt.date.fromisoformat(first), dt.date.fromisoformat(last))


@pytest.mark.parametrize("name", ["", "month", "0_months", "121_months", "12 months", "99999_days", "4000_days"])
def test_no_windows(name):
    assert not windows.known(name)


# ── Documents ───────────────────────────────────────────────────────────────────────────────────────────────────────

KNOWN = document.Known(
    tiers=["silver", "gold"], certificates={"cert"}, computed={"revenue": document.Fixed(), "growth": document.Fixed("ytd")},
    metrics={"usage": "sum"},
)  # fmt: skip


def problems(requirement=None, *, tiers=None) -> dict[str, str]:
    tiers = tiers if tiers is not None else [{"tier": "silver", "requirements": [requirement]}]
    with pytest.raises(InvalidProgram) as caught:
        document.parse({"name": "P", "tiers": tiers}, KNOWN)
    return {each.path.removeprefix("tiers.0.requirements.0."): str(each.message) for each in caught.value.problems}


METRIC = {"type": "metric", "name": "Usage", "metric": "usage", "minimum": 1}
SCORE_METRIC = {"name": "Usage", "metric": "usage", "per_unit": 1, "cap": 10}


@pytest.mark.parametrize(
    ("requirement", "place", "words"),
    [
        (METRIC | {"metric": "nps"}, "metric", "no metric “nps”"),
        (METRIC | {"minimum": "a lot"}, "minimum", "“a lot” is no number"),
        (METRIC | {"minimum": float("nan")}, "minimum", "no number"),
        (METRIC | {"minimum": True}, "minimum", "no number"),
        (METRIC | {"minimum": "0.1234567"}, "minimum", "6 decimals"),
        (METRIC | {"minimum": 10**17}, "minimum", "16 digits"),
        (METRIC | {"maximum": 3}, "minimum", "either"),
        (METRIC | {"window": "a while"}, "window", "no window"),
        (METRIC | {"aggregate": "mode"}, "aggregate", "not one of"),
        (METRIC | {"metric": "growth", "window": "12_months"}, "window", "always of the window ytd"),
        (METRIC | {"metric": "revenue", "aggregate": "sum"}, "aggregate", "computed"),
        (METRIC | {"metric": "revenue", "window": "as_of"}, "window", "days"),
        (METRIC | {"treshold": 3}, "treshold", "no such field"),
        (METRIC | {"effort": -1}, "effort", "below 0"),
        (METRIC | {"effort_per": 1000}, "effort", "Say what effort"),
        (METRIC | {"name": ""}, "name", "missing"),
        (METRIC | {"type": "sum"}, "type", "choose metric"),
        ({"type": "people", "name": "P", "certificates": ["nope"], "minimum": 1}, "certificates.0", "“nope”"),
        ({"type": "people", "name": "P", "certificates": "cert", "minimum": 1}, "certificates", "list"),
        ({"type": "people", "name": "P", "certificates": ["cert"], "minimum": 1.5}, "minimum", "whole number"),
        ({"type": "people", "name": "P", "certificates": ["cert"]}, "minimum", "how many"),
        ({"type": "people", "name": "P", "minimum": 1}, "certificates", "at least one"),
        ({"type": "n_of", "name": "N", "minimum": 2, "requirements": [METRIC]}, "minimum", "2 are asked for"),
        ({"type": "n_of", "name": "N", "minimum": 1, "requirements": []}, "requirements", "list of 1"),
        ({"type": "score", "name": "S", "minimum": 70}, "tracks", "at least one track"),
        ({"type": "score", "name": "S", "minimum": 70, "metrics": [SCORE_METRIC]}, "minimum", "add up to 10"),
        (
            {"type": "score", "name": "S", "minimum": 7, "metrics": [{"name": "U", "metric": "usage", "cap": 10}]},
            "metrics.0.per_unit",
            "points for each unit",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_place(requirement, place, words):
    found = problems(requirement)
    assert words in found[place]
    assert len(found) == 1


def test_left_out_the_metric_says_how_its_values_are_taken_together_and_levels_are_folded():
    people_of = {"type": "people", "name": "P", "certificates": ["cert:Senior  Expert"], "minimum": 1}
    asked = document.parse({"name": "P", "tiers": [{"tier": "silver", "requirements": [METRIC, people_of]}]}, KNOWN)
    usage, crowd = asked.tiers[0].requirements
    assert usage.source == Source("usage", Aggregate.SUM, "as_of")
    assert crowd.certificates == ("cert:senior expert",)


def test_tiers_go_from_the_lowest_and_once():
    two = [{"tier": "gold", "requirements": []}, {"tier": "silver", "requirements": []}]
    assert problems(tiers=two) == {
        "tiers.1.tier": "Tiers go from the lowest: “silver” stands below “gold” in your list of tiers."
    }
    assert "twice" in problems(tiers=[two[0], two[0]])["tiers.1.tier"]
    assert "no tier with the key" in problems(tiers=[{"tier": "wood", "requirements": []}])["tiers.0.tier"]
    assert "list of 1 to 20" in problems(tiers=[])["tiers"]


@pytest.mark.parametrize("text", [None, [], "tiers", 3, {"tiers": 3}, {"name": {}, "tiers": [3]}])
def test_something_else_altogether_is_no_program(text):
    with pytest.raises(InvalidProgram):
        document.parse(text)


def test_keys_are_made_up_where_none_are_given():
    rows = [METRIC, METRIC | {"key": "r1"}, METRIC]
    asked = document.parse({"name": "P", "tiers": [{"tier": "silver", "requirements": rows}]}, KNOWN)
    assert [each.key for each in asked.tiers[0].requirements] == ["r2", "r1", "r3"]


def test_what_a_tier_wants_of_certificates():
    assert required_certificates(program("aws"), "select") == {"foundational": 2}
    assert required_certificates(program("aws"), "advanced") == {}
    assert required_certificates(program("aws"), None) == {}
    assert required_certificates(None, "select") == {}


def test_a_program_says_what_it_looks_at():
    asked = program("microsoft")
    assert {source.metric for source in asked.sources()} == {
        f"{track}_{name}" for track in ("ent", "smb") for name in ("adds", "usage", "deployments")
    }
    assert asked.certificate_keys() == {"ent-int", "ent-adv", "smb-int", "smb-adv"}
    assert program("aws").certificate_keys() >= {"technical", "msp"}


def test_a_tier_without_requirements_is_open_to_all_and_the_one_above_is_next():
    rows = data("hubspot")
    rows["tiers"][0]["requirements"] = []
    found = evaluate(document.parse(rows), facts(sold_mrr=0, managed_mrr=0, app_usage__median__12_months=0))
    assert (found.qualified, found.next.rules.tier) == ("silver", "gold")


def test_the_higher_tier_is_not_had_without_the_lower():
    rows = data("hubspot")
    rows["tiers"][0]["requirements"][0]["minimum"] = 5000
    found = evaluate(document.parse(rows), facts(sold_mrr=2100, managed_mrr=6000, app_usage__median__12_months=3))
    assert found.of("gold").met
    assert found.qualified is None
