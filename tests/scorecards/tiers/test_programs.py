"""Three vendors' published programs, entered as data, qualify the cases published with them; each worked by hand."""

from decimal import Decimal

import pytest

from scorecards.tiers import document, path, writing
from scorecards.tiers.qualifying import Facts, evaluate, qualified
from tests.scorecards.tiers.support import facts, people, program

D = Decimal


def steps(name: str, found: Facts) -> list[tuple[str, Decimal | None, Decimal | None]]:
    """What, how much more, at what effort."""
    way = path.cheapest(evaluate(program(name), found).next)
    assert way.reaches
    return [(step.metric.key if step.metric else step.requirement.key, step.units, step.effort) for step in way.steps]


def check(name: str, found: Facts, tier: str | None) -> None:
    assert evaluate(program(name), found).qualified == tier
    assert qualified(program(name), found) == tier


# ── A. Counted people, metrics in a window ──────────────────────────────────────────────────────────────────────────


def aws(*groups: tuple[int, str], launched: int = 3, mrr: int | None = 1500, plans: int = 0, own: str = "") -> Facts:
    return facts(
        people(*groups), own, launched_mrr__count__12_months=launched, launched_mrr__sum__12_months=mrr,
        plan_signed__count__12_months=plans,
    )  # fmt: skip


SELECT = ((2, "accredited-technical foundational"), (2, "accredited-business"), (2, "technical"))
ADVANCED = (
    (4, "accredited-technical foundational technical technical:professional"),
    (4, "accredited-business technical"),
)


def test_a1_exactly_select():
    check("aws", aws(*SELECT), "select")


def test_a2_one_dollar_short_of_select():
    found = aws(*SELECT, mrr=1499)
    check("aws", found, None)
    assert steps("aws", found) == [("mrr", D("1.00"), D("0.005"))]  # 5 for 1,000


def test_a3_one_dollar_short_of_advanced():
    found = aws(*ADVANCED, launched=20, mrr=9999, plans=1)
    check("aws", found, "select")
    assert steps("aws", found) == [("mrr", D("1.00"), D("0.005"))]


def test_a4_five_technical_and_nobody_for_business():
    found = aws((5, "accredited-technical foundational technical"))
    check("aws", found, None)
    accredited = evaluate(program("aws"), found).tiers[0].outcomes[0]
    assert (accredited.have, accredited.need, accredited.missing) == (5, 4, 2)
    assert [(kind.name, kind.have, kind.missing) for kind in accredited.count.kinds] == [
        ("Technical", 5, 0),
        ("Business", 0, 2),
    ]
    assert steps("aws", found) == [("accredited", D(2), D(2))]


def test_a5_the_plan_was_signed_thirteen_months_ago():
    found = aws(*ADVANCED, launched=20, mrr=10000, plans=0)
    check("aws", found, "select")
    assert steps("aws", found) == [("plan", D("1.00"), D(2))]
    check("aws", aws(*ADVANCED, launched=20, mrr=10000, plans=1), "advanced")


def test_premier_asks_for_one_of_three_validations():
    crowd = (
        (10, "accredited-technical foundational technical technical:specialty"),
        (15, "accredited-business technical"),
    )
    there = {"launched": 50, "mrr": 50000, "plans": 1}
    check("aws", aws(*crowd, **there, own="msp migration security"), "premier")
    check("aws", aws(*crowd, **there, own="migration security"), "advanced")
    # Two general ones: a third is missing, and it must be of the three.
    last = evaluate(program("aws"), aws(*crowd, **there, own="migration security")).tiers[2].outcomes[-1]
    assert (last.have, last.missing, last.count.kinds[0].missing) == (2, 1, 1)


def test_the_same_person_counts_for_each_of_the_three_rows():
    found = aws((2, "accredited-technical foundational technical"), (2, "accredited-business"))
    check("aws", found, "select")


def test_without_a_value_the_requirement_is_not_met():
    found = aws(*SELECT, mrr=None)
    check("aws", found, None)
    last = evaluate(program("aws"), found).tiers[0].outcomes[-1]
    assert (last.met, last.have, last.missing, last.figure.reason) == (False, None, None, "No value yet.")
    assert steps("aws", found) == [("mrr", None, None)]


def test_a_cheaper_requirement_comes_first_and_the_unknown_last():
    found = aws((1, "foundational technical"), launched=2, mrr=500)
    # 4 accredited × 1, 1 foundational × 3, 1,000 of recurring revenue × 5 ÷ 1,000, 1 technical × 10, 1 launched × 20
    assert steps("aws", found) == [
        ("foundational", D(1), D(3)), ("accredited", D(4), D(4)), ("mrr", D(1000), D(5)), ("technical", D(1), D(10)),
        ("launched", D(1), D(20)),
    ]  # fmt: skip


# ── B. Both figures ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("sold", "managed", "usage", "tier", "way"),
    [
        (2100, 6000, 3, "gold", [("sold", D(1650), D("16.5")), ("managed", D(14000), D(70))]),
        (9999, 60000, 5, "platinum", [("sold", D(1), D("0.01"))]),
        (10000, 50000, 2, None, [("usage", D(1), None)]),
        (1125, 1124, 3, None, [("managed", D(1), D("0.005"))]),
    ],
)
def test_b(sold, managed, usage, tier, way):
    found = facts(sold_mrr=sold, managed_mrr=managed, app_usage__median__12_months=usage)
    check("hubspot", found, tier)
    assert steps("hubspot", found) == way


# ── C. Points in two tracks ─────────────────────────────────────────────────────────────────────────────────────────


def capability(ent: str, smb: str = "0 0 0 0 0") -> Facts:
    """Of each track: adds, people intermediate, people advanced, usage, deployments."""
    e, s = ent.split(), smb.split()
    held = people((int(e[1]), "ent-int"), (int(e[2]), "ent-adv"), (int(s[1]), "smb-int"), (int(s[2]), "smb-adv"))
    return facts(
        held, ent_adds=e[0], ent_usage=e[3], ent_deployments=e[4], smb_adds=s[0], smb_usage=s[3], smb_deployments=s[4]
    )


def points(found: Facts, track: int, metric: str) -> Decimal:
    score = evaluate(program("microsoft"), found).tiers[0].outcomes[0].score
    return next(
        D(each.points.numerator) / each.points.denominator
        for each in score.tracks[track].metrics
        if each.metric.key == metric
    )


def test_c1_reaching_the_threshold_gives_the_maximum():
    assert points(capability("0 0 7 0 0"), 0, "advanced") == 15
    assert points(capability("0 0 6 0 0"), 0, "advanced") == D("12.84")


def test_c2_and_more_gives_no_more():
    assert points(capability("0 0 0 0 0", "0 5 0 0 0"), 1, "intermediate") == 20
    assert points(capability("0 0 0 0 0", "0 6 0 0 0"), 1, "intermediate") == 20


def test_c3_eighty_points_with_a_metric_at_nought():
    found = capability("15 20 7 30 0")
    check("microsoft", found, None)
    last = evaluate(program("microsoft"), found).tiers[0].outcomes[0]
    assert (last.have, last.missing) == (80, 0)
    assert steps("microsoft", found) == [("deployments", D(1), D(6))]


def test_c4_sixty_nine_point_nine_and_seventy():
    short = capability("15 20 7 14.9 5")
    check("microsoft", short, None)
    last = evaluate(program("microsoft"), short).tiers[0].outcomes[0]
    assert (last.have, last.missing) == (D("69.9"), D("0.1"))
    assert steps("microsoft", short) == [
        ("usage", D("0.10"), D("0.3"))
    ]  # the only two below their caps cost 3 and 6 a point
    check("microsoft", capability("15 20 7 15 5"), "designated")


def test_c5_tracks_are_never_mixed():
    """10 points of advanced certifications are no whole number of people, so here each metric is a number of points."""
    found = facts(
        e_adds=15, e_intermediate=5, e_advanced=10, e_usage=20, e_deployments=0,
        s_adds=5, s_intermediate=10, s_advanced=15, s_usage=5, s_deployments=20,
    )  # fmt: skip
    check("microsoft_points", found, None)
    last = evaluate(program("microsoft_points"), found).tiers[0].outcomes[0]
    assert [track.score for track in last.score.tracks] == [50, 55]  # the best of each metric would give 80
    assert (last.have, last.missing, last.score.shown.track.key) == (55, 15, "smb")
    # SMB: 15 points by 10 of intermediate (2 each), then 5 of usage (3 each) = 35. Enterprise: one deployment first (6),
    # then 15 of intermediate (30) and 4 of usage (12) = 48.
    assert steps("microsoft_points", found) == [("usage", D(5), D(15)), ("intermediate", D(10), D(20))]


def test_the_track_met_is_shown_though_another_has_more_points():
    """Enterprise 80 with one metric at 0; SMB 70 with every metric above 0."""
    found = facts(
        e_adds=15, e_intermediate=20, e_advanced=15, e_usage=30, e_deployments=0,
        s_adds=5, s_intermediate=20, s_advanced=15, s_usage=29, s_deployments=1,
    )  # fmt: skip
    check("microsoft_points", found, "designated")
    last = evaluate(program("microsoft_points"), found).tiers[0].outcomes[0]
    assert (last.met, last.have, last.missing, last.score.shown.track.key) == (True, 70, 0, "smb")


@pytest.mark.parametrize("name", ["aws", "hubspot", "microsoft", "microsoft_points"])
def test_what_is_written_is_read_again(name):
    assert document.parse(writing.write(program(name))) == program(name)
