"""What partners have of what a program asks for, read from the database, and the nightly history of it."""

import datetime as dt
import re
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.permissions import Role
from partners.models import Certificate, Certification, Contact, Partner, Tier, Touch
from pipeline.models import Metric, MetricValue, SalesResult, TargetMonth, TargetVersion
from prm.common.explain import Explanation
from prm.common.models import CurrencyRate, Policy
from scorecards.models import TierEvaluation
from scorecards.tiers import document, history, programs, reading, standing
from scorecards.tiers.computed import COMPUTED
from scorecards.tiers.program import Aggregate, Source
from scorecards.tiers.showing import Shown
from tests.scorecards.tiers.support import data

D = Decimal
DAY = dt.date(2026, 6, 15)


def on(days_before: int) -> dt.date:
    return DAY - dt.timedelta(days=days_before)


def value(partner: Partner, key: str, days_before: int, number: object, currency: str = "", **metric: object) -> None:
    row, _new = Metric.objects.get_or_create(key=key, defaults={"name": key.title(), **metric})
    MetricValue.everything.create(partner=partner, metric=row, on=on(days_before), value=number, currency=currency)


def certify(partner: Partner, name: str | None, *held: str, expires: dt.date | None = None, earned: int = 100) -> None:
    contact = Contact.everything.get_or_create(partner=partner, name=name)[0] if name else None
    for each in held:
        key, _colon, level = each.partition(":")
        certificate, _new = Certificate.objects.get_or_create(key=key, defaults={"name": key.title()})
        Certification.everything.create(
            partner=partner,
            contact=contact,
            certificate=certificate,
            level=level,
            earned_on=on(earned),
            expires_on=expires,
        )


def sold(partner: Partner, days_before: int, amount: object, currency: str = "USD") -> None:
    SalesResult.everything.create(partner=partner, on=on(days_before), amount=amount, currency=currency)


def metric_program(*sources: Source) -> object:
    rows = [
        {
            "type": "metric",
            "name": f"n{place}",
            "metric": s.metric,
            "aggregate": s.aggregate.value,
            "window": s.window,
            "minimum": 1,
        }
        for place, s in enumerate(sources)
    ]
    return document.parse({"name": "P", "tiers": [{"tier": "gold", "requirements": rows}]})


def read(partner: Partner, *sources: Source, explain: bool = False) -> dict[Source, object]:
    return reading.facts([partner.pk], [metric_program(*sources)], DAY, explain=explain)[partner.pk].metrics


# ── Stored metrics ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_metrics_values_in_a_window(acme):
    """12 months to 15 June 2026 begin on 16 June 2025, 364 days before."""
    for days, number in ((365, 100), (364, 4), (200, 1), (30, 7), (-1, 50)):
        value(acme.partner_a, "usage", days, number)
    year = {each: Source("usage", each, "12_months") for each in Aggregate}
    found = read(acme.partner_a, *year.values())
    expected = {"sum": 12, "latest": 7, "average": 4, "median": 4, "min": 1, "max": 7, "count": 3}
    assert {each.value: found[source].value for each, source in year.items()} == expected


def test_without_a_value_the_figure_says_why_and_a_count_is_nought(acme):
    value(acme.partner_a, "usage", 400, 9)
    latest, number = Source("usage", Aggregate.LATEST, "12_months"), Source("usage", Aggregate.COUNT, "12_months")
    found = read(acme.partner_a, latest, number, Source("gone"))
    assert found[latest].value is None
    assert "Usage: no value from June 16, 2025 to June 15, 2026" in str(found[latest].reason)
    assert found[number].value == 0
    assert "no metric “gone” any more" in str(found[Source("gone")].reason)


def test_money_is_converted_at_its_date_and_a_missing_rate_is_said(acme):
    CurrencyRate.objects.create(on=on(100), currency="EUR", rate="1.10")
    CurrencyRate.objects.create(on=on(10), currency="EUR", rate="1.20")
    for days, number in ((50, 100), (5, 100)):
        value(acme.partner_a, "mrr", days, number, "EUR", unit="money")
    source = Source("mrr", Aggregate.SUM, "12_months")
    assert read(acme.partner_a, source)[source].value == 230
    value(acme.partner_a, "mrr", 200, 5, "EUR")
    assert "No exchange rate: EUR" in str(read(acme.partner_a, source)[source].reason)


def test_a_parent_has_what_its_branches_have(acme):
    parent, branch = acme.partner_a, acme.partner_b
    Partner.everything.filter(pk=branch.pk).update(parent=parent)
    for partner, number in ((parent, 10), (branch, 5)):
        value(partner, "mrr", 9, number, "USD", unit="money")
        value(partner, "usage", 9, number)
        sold(partner, 9, number)
        certify(partner, f"Ann of {partner.pk}", "pro")
    asked = metric_program(Source("mrr"), Source("usage"), Source("revenue", Aggregate.LATEST, "ytd"))
    people = document.parse(
        {
            "name": "P",
            "tiers": [
                {
                    "tier": "gold",
                    "requirements": [{"type": "people", "name": "A", "certificates": ["pro"], "minimum": 1}],
                }
            ],
        }
    )
    found = reading.facts([parent.pk, branch.pk], [asked, people], DAY)
    mine = {source.metric: figure.value for source, figure in found[parent.pk].metrics.items()}
    assert mine == {"mrr": 15, "usage": 10, "revenue": 15}  # of what is not money, the partner's own stands
    assert {source.metric: figure.value for source, figure in found[branch.pk].metrics.items()} == {
        "mrr": 5,
        "usage": 5,
        "revenue": 5,
    }
    assert (len(found[parent.pk].people), len(found[branch.pk].people)) == (2, 1)


# ── People ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_only_valid_certificates_of_people_count_and_the_partners_own_apart(acme):
    certify(acme.partner_a, "Ann", "pro:Senior")
    certify(acme.partner_a, "Bob", "pro", expires=DAY)  # valid to the day before
    certify(acme.partner_a, "Cem", "pro", expires=DAY + dt.timedelta(days=1))
    certify(acme.partner_a, "Dee", "pro", earned=-1)
    certify(acme.partner_a, None, "msp")
    rules = {"type": "people", "name": "A", "certificates": ["pro", "msp"], "minimum": 1}
    asked = document.parse({"name": "P", "tiers": [{"tier": "gold", "requirements": [rules]}]})
    found = reading.facts([acme.partner_a.pk], [asked], DAY)[acme.partner_a.pk]
    assert sorted(sorted(person.certificates) for person in found.people) == [["pro"], ["pro", "pro:senior"]]
    assert [person.certificates for person in found.own] == [{"msp"}]


# ── Computed metrics ─────────────────────────────────────────────────────────────────────────────────────────────────


def everything() -> list[Source]:
    return [
        Source(code, Aggregate.LATEST, metric.window or "12_months") for code, metric in COMPUTED.items()
    ]  # fmt: skip


@pytest.fixture
def seller(acme) -> Partner:
    partner = acme.partner_a
    year = dt.date(2026, 1, 1)
    version = TargetVersion.everything.create(partner=partner, source="operations", number=1, first_month=year)
    TargetMonth.everything.bulk_create(
        TargetMonth(version=version, month=dt.date(2026, month, 1), value=1200, currency="USD")
        for month in range(1, 13)
    )
    for days, amount in ((10, 3000), (100, 600), (300, 400), (380, 2000)):
        sold(partner, days, amount)
    for days in (3, 40, 500):
        Touch.everything.create(partner=partner, on=on(days), kind="call", purpose="deal")
    return partner


def test_revenue_attainment_and_touches_by_hand(seller):
    by_code = {source.metric: figure for source, figure in read(seller, *everything()).items()}
    assert by_code["revenue"].value == 4000  # 380 days ago is before the 12 months
    # 3,600 this year ÷ (5 months × 1,200 + 15 of June's 30 days)
    assert by_code["attainment"].value.quantize(D("0.000001")) == D("54.545455")
    assert by_code["touches"].value == 2
    assert by_code["won_deals"].value == 0
    assert by_code["partner_led_share"].value is None
    # nothing in the pipeline for the 14,400 − 3,600 that remain
    assert by_code["pipeline_coverage"].value == 0


def test_the_numbers_alone_are_those_that_are_explained(seller):
    alone, told = read(seller, *everything()), read(seller, *everything(), explain=True)
    for source, figure in told.items():
        assert alone[source].value == figure.value, source.metric
        assert str(alone[source].reason) == str(figure.reason), source.metric


# ── Explanations ─────────────────────────────────────────────────────────────────────────────────────────────────────


def done_again(explanation: Explanation) -> Decimal:
    """The formula computed with the values of its terms."""
    formula = str(explanation.formula).replace("×", "*").replace("÷", "/").replace("−", "-")
    assert re.fullmatch(r"[-+*/(), {}\d]*", re.sub("min|max", "", formula)), formula
    values = [f"D('{term.value}')" for term in explanation.terms]
    return eval(re.sub(r"{(\d+)}|(\d+)", lambda m: values[int(m[1])] if m[1] else f"D('{m[2]}')", formula))


def check(explanation: Explanation) -> int:
    """How many formulas below and with this one were done again."""
    checked = 0
    if explanation.result is not None:
        assert abs(done_again(explanation) - explanation.result) < D("0.00000001"), explanation.title
        checked = 1
    return checked + sum(check(child) for child in explanation.children)


@pytest.mark.parametrize("name", ["aws", "hubspot", "microsoft", "microsoft_points"])
def test_the_arithmetic_of_every_explanation_gives_its_result(acme, name):
    partner, asked = acme.partner_a, data(name)
    for n in range(1, 4):
        certify(
            partner,
            f"Person {n}",
            *["accredited-technical", "foundational", "technical:professional", "ent-int", "smb-adv"][n - 1 :],
        )
    for key in (
        "launched_mrr",
        "plan_signed",
        "sold_mrr",
        "managed_mrr",
        "app_usage",
        "ent_adds",
        "ent_usage",
        "e_adds",
        "s_usage",
    ):
        for days, number in ((5, 7), (50, 2), (80, "3.5")):
            value(partner, key, days, number)
    for tier, row in zip(asked["tiers"], ("silver", "gold", "platinum", "silver"), strict=False):
        tier["tier"] = row
    policy = Policy.objects.create(kind="tiers", starts_on=on(30), data={**asked, "tiers": asked["tiers"][:3]})
    shown = Shown(standing.standing(partner, DAY), acme.users[Role.ADMIN])
    assert shown.standing.version.policy == policy
    count = sum(check(shown.explain(line.outcome)) for tier in shown.tiers for line in tier.lines)
    assert count >= len(shown.tiers)


# ── Many partners, and the nights ────────────────────────────────────────────────────────────────────────────────────


RULES = {
    "name": "P",
    "tiers": [
        {
            "tier": "silver",
            "requirements": [{"type": "metric", "key": "usage", "name": "Usage", "metric": "usage", "minimum": 5}],
        },
        {
            "tier": "gold",
            "requirements": [
                {
                    "type": "metric",
                    "key": "rev",
                    "name": "Revenue",
                    "metric": "revenue",
                    "window": "12_months",
                    "minimum": 1000,
                },
                {"type": "metric", "key": "plan", "name": "Plan", "metric": "attainment", "minimum": 90},
                {"type": "people", "key": "pros", "name": "Pros", "certificates": ["pro"], "minimum": 1},
            ],
        },
    ],
}


@pytest.fixture
def rules(acme) -> Policy:
    Metric.objects.create(key="usage", name="Usage")
    Certificate.objects.create(key="pro", name="Pro")
    programs.check(RULES)
    return Policy.objects.create(kind="tiers", starts_on=on(400), data=RULES)


def rows(partner: Partner) -> list[tuple[dt.date, dt.date, str | None, int, int]]:
    found = TierEvaluation.everything.filter(partner=partner).order_by("first_on")
    return [(r.first_on, r.last_on, r.qualified and r.qualified.key, r.met, r.required) for r in found]


def nights(*days_before: int) -> list[int]:
    return [history.record(day=on(each)) for each in days_before]


def test_a_night_costs_the_same_for_two_and_for_twenty(acme, rules):
    with CaptureQueriesContext(connection) as few:
        history.record(day=on(2))
    kind = acme.partner_a.partner_type, acme.partner_a.stage
    for n in range(18):
        Partner.everything.create(name=f"More {n}", partner_type=kind[0], stage=kind[1])
    with CaptureQueriesContext(connection) as many:
        history.record(day=on(1))
    assert len(many) <= len(few) + 2  # the rows that only move on, and the new ones
    assert TierEvaluation.everything.count() == 20


def test_a_row_for_each_change_and_none_else(acme, rules):
    partner = acme.partner_a
    value(partner, "usage", 9, 6)
    assert nights(9, 8, 7, 7) == [2, 0, 0, 0]
    assert rows(partner) == [(on(9), on(7), "silver", 0, 3)]
    certify(partner, "Ann", "pro", earned=6)
    assert nights(6, 5) == [1, 0]
    assert rows(partner)[-1] == (on(6), on(5), "silver", 1, 3)
    detail = TierEvaluation.everything.filter(partner=partner).latest("first_on").detail
    assert detail["tiers"][1]["requirements"][2] == {
        "key": "pros", "name": "Pros", "met": True, "have": "1", "need": "1", "missing": "0",
    }  # fmt: skip


def test_after_a_gap_the_days_between_are_in_no_row_where_something_changed(acme, rules):
    value(acme.partner_a, "usage", 9, 6)
    nights(9)
    certify(acme.partner_a, "Ann", "pro", earned=5)
    nights(3)
    assert rows(acme.partner_a) == [(on(9), on(9), "silver", 0, 3), (on(3), on(3), "silver", 1, 3)]
    nights(1)
    assert rows(acme.partner_a)[-1][1] == on(1)


def test_run_again_on_the_same_day_it_says_what_holds_now(acme, rules):
    value(acme.partner_a, "usage", 9, 6)
    nights(9, 8)
    certify(acme.partner_a, "Ann", "pro", earned=8)
    nights(8)
    assert rows(acme.partner_a) == [(on(9), on(9), "silver", 0, 3), (on(8), on(8), "silver", 1, 3)]
    Certification.everything.all().delete()
    nights(8)
    assert rows(acme.partner_a)[-1] == (on(8), on(8), "silver", 0, 3)


def test_a_late_night_leaves_later_ones_alone(acme, rules):
    value(acme.partner_a, "usage", 9, 6)
    nights(5)
    before = rows(acme.partner_a)
    nights(8)
    assert rows(acme.partner_a) == before


def test_without_a_program_nobody_is_judged(acme):
    assert history.record(day=DAY) == 0
    assert standing.standing(acme.partner_a, DAY) is None


def test_a_tier_removed_from_the_list_is_no_tier_of_the_program(acme, rules):
    value(acme.partner_a, "usage", 9, 6)
    Partner.everything.update(tier=None)
    Tier.objects.get(key="gold").delete()
    found = standing.standing(acme.partner_a, DAY)
    assert (found.qualified.key, found.next, found.met, found.required) == ("silver", None, 1, 1)
