"""The performance scorecard through the database: what is read, for whom, in how many statements; its pages."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal as D
from random import Random
from typing import Any

import pytest
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.permissions import Role
from partners.models import (
    Certificate,
    Certification,
    Contact,
    LifeStage,
    Partner,
    PartnerType,
    Placement,
    Task,
    TaskDone,
    Tier,
    Touch,
)
from pipeline.models import (
    Deal,
    DealShare,
    DealStage,
    Metric,
    MetricValue,
    SalesResult,
    StageChange,
    TargetMonth,
    TargetVersion,
)
from prm.common.models import CurrencyRate, Policy, VendorSettings
from scorecards.performance.card import Performance
from tests.scorecards.performance.retell import same
from tests.world import make_user

DAY = dt.date(2026, 6, 15)
pytestmark = pytest.mark.django_db


def sell(partner: Partner, on: dt.date, amount: str, currency: str = "USD") -> SalesResult:
    return SalesResult.everything.create(partner=partner, on=on, amount=D(amount), currency=currency)


def aim(
    partner: Partner,
    months: dict[tuple[int, int], str],
    *,
    source: str = "operations",
    number: int = 1,
    metric: str = "revenue",
    currency: str = "USD",
    generated: bool = False,
) -> None:
    first = dt.date(*min(months), 1)
    version = TargetVersion.everything.create(
        partner=partner, metric=metric, source=source, number=number, first_month=first, generated=generated
    )
    for (year, month), value in months.items():
        TargetMonth.everything.create(version=version, month=dt.date(year, month, 1), value=D(value), currency=currency)


def year(value: str, of: int = 2026) -> dict[tuple[int, int], str]:
    return {(of, month): value for month in range(1, 13)}


def strike(
    partner: Partner, amount: str, stage: str = "won", *, on: dt.date = DAY, others: Any = (), **more: Any
) -> Deal:
    """A deal expected and, unless open, closed on a day; `others` are (partner, percent) that share it."""
    row = DealStage.objects.get(key=stage)
    known: dict[str, Any] = {
        "name": "A deal",
        "currency": "USD",
        "expected_close": on,
        "created_on": dt.date(2026, 1, 1),
        "stage_since": dt.date(2026, 6, 1),
        "closed_on": None if row.outcome == "open" else on,
    }
    deal = Deal.everything.create(partner=partner, amount=D(amount), stage=row, **known | more)
    rest = 100 - sum(percent for _partner, percent in others)
    for each, percent in [(partner, rest), *others]:
        DealShare.everything.create(deal=deal, partner=each, percent=percent)
    return deal


@pytest.fixture
def cam(acme: Any) -> Any:
    return acme.users[Role.CAM]


@pytest.fixture
def partner(acme: Any) -> Partner:
    return acme.partner_a


def card(user: Any, partner: Partner, day: dt.date = DAY, **options: Any) -> Performance:
    return Performance(user, Partner.objects.visible_to(user).get(pk=partner.pk), day, **options)


def value(user: Any, partner: Partner, key: str, day: dt.date = DAY, **options: Any) -> D | None:
    explanation = card(user, partner, day, **options).explain(key)
    assert explanation is not None
    same(explanation)
    return explanation.result


def why(user: Any, partner: Partner, key: str, day: dt.date = DAY, **options: Any) -> str:
    explanation = card(user, partner, day, **options).explain(key)
    assert explanation is not None
    assert explanation.result is None
    return str(explanation.why_missing)


# ── What is read ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_actuals_are_converted_at_their_date_and_targets_at_the_fiscal_years_first_day(cam, partner):
    CurrencyRate.objects.create(currency="EUR", on=dt.date(2025, 12, 1), rate=D("1.10"))
    CurrencyRate.objects.create(currency="EUR", on=dt.date(2026, 3, 1), rate=D("1.20"))
    aim(partner, year("100"), currency="EUR")
    sell(partner, dt.date(2026, 2, 28), "100", "EUR")
    sell(partner, dt.date(2026, 3, 1), "100", "EUR")
    sell(partner, dt.date(2026, 3, 1), "40")
    sell(partner, dt.date(2026, 3, 31), "-20.005")
    day = dt.date(2026, 3, 31)
    assert value(cam, partner, "actual", day) == D("249.995")
    assert value(cam, partner, "target", day) == 330
    assert value(cam, partner, "performance_to_plan", day) == D("75.756060606061")


def test_what_has_no_rate_is_named_and_leaves_other_days_alone(cam, partner):
    aim(partner, year("100"))
    sell(partner, dt.date(2026, 1, 10), "50")
    sell(partner, dt.date(2026, 6, 1), "100", "SEK")
    assert value(cam, partner, "performance_to_plan", dt.date(2026, 5, 31)) == 10
    assert why(cam, partner, "performance_to_plan") == "No exchange rate: SEK on 2026-06-01"
    aim(partner, {(2026, 4): "10"}, currency="NOK", number=2)
    assert "NOK on 2026-01-01" in why(cam, partner, "performance_to_plan", dt.date(2026, 4, 1))
    strike(partner, "10", "proposal", currency="CHF", on=dt.date(2026, 9, 1))
    assert why(cam, partner, "pipeline") == "No exchange rate: CHF on 2026-06-15"


def test_targets_in_force_a_commitment_before_operations_before_an_import(cam, partner):
    aim(partner, year("10"), source="import")
    aim(partner, {(2026, month): "20" for month in range(2, 13)}, source="operations")
    aim(partner, {(2026, month): "30" for month in range(3, 13)}, source="commitment")
    aim(partner, {(2026, month): "40" for month in range(4, 13)}, source="commitment", number=2)
    assert value(cam, partner, "target", dt.date(2026, 4, 30)) == 100
    [row, *_rest] = card(cam, partner, dt.date(2026, 4, 30)).quarters
    assert [cell.full_target for cell in row.cells] == [60, 120, 120, 120, 420]


def test_fiscal_years_that_begin_in_july(cam, partner):
    VendorSettings.objects.update(fiscal_start_month=7)
    aim(partner, year("31", 2025) | year("31", 2026))
    sell(partner, dt.date(2025, 6, 30), "1000")
    sell(partner, dt.date(2025, 7, 1), "93")
    assert value(cam, partner, "performance_to_plan", dt.date(2025, 9, 30)) == 100
    assert value(cam, partner, "growth", dt.date(2025, 9, 30)) is None
    assert [cell.key for cell in card(cam, partner).quarters[0].cells] == [
        "2026Q1", "2026Q2", "2026Q3", "2026Q4", "ytd",
    ]  # fmt: skip


def test_of_a_split_deal_each_partner_has_its_share(acme, partner):
    chief, other = acme.users[Role.CHIEF], acme.partner_b
    strike(partner, "1000", others=[(other, 25)])
    strike(partner, "500")
    assert value(chief, partner, "average_deal") == 625
    assert value(chief, other, "average_deal") == 250
    assert value(chief, other, "win_rate") == 100
    strike(partner, "400", "proposal", on=dt.date(2026, 9, 1), others=[(other, 75)])
    assert value(chief, other, "pipeline") == 300
    assert value(chief, other, "pipeline_weighted") == 180
    assert value(chief, partner, "pipeline") == 100


def test_a_deals_own_probability_overrules_its_stages(cam, partner):
    strike(partner, "100", "proposal", on=dt.date(2026, 9, 1), probability=D(0))
    strike(partner, "100", "proposal", on=dt.date(2026, 9, 1))
    assert value(cam, partner, "pipeline_weighted") == 60


def test_the_last_won_deal_may_be_long_ago(cam, partner):
    strike(partner, "10", on=dt.date(2019, 6, 15), created_on=dt.date(2019, 1, 1))
    assert value(cam, partner, "recency_won") == 2557
    assert why(cam, partner, "average_deal") == "No deal was won in the 12 months."


def test_actuals_may_come_from_won_deals(cam, partner):
    Policy.objects.create(kind="actuals", starts_on="2026-01-01", data={"basis": "vendor_net", "from": "won_deals"})
    aim(partner, year("100"))
    sell(partner, dt.date(2026, 3, 1), "999")
    strike(partner, "300", on=dt.date(2026, 5, 31))
    strike(partner, "300", "lost")
    assert value(cam, partner, "performance_to_plan", dt.date(2026, 5, 31)) == 60


def test_of_a_partner_that_does_not_sell_won_deals_are_counted(cam, partner):
    partner.partner_type = PartnerType.objects.get(key="referral")
    partner.save()
    aim(partner, year("2"), metric="deals", currency="")
    aim(partner, year("100"))
    sell(partner, dt.date(2026, 3, 1), "999")
    strike(partner, "300", on=dt.date(2026, 5, 31))
    strike(partner, "300", on=dt.date(2026, 1, 1))
    assert value(cam, partner, "performance_to_plan", dt.date(2026, 5, 31)) == 20
    assert card(cam, partner).explain("actual").unit == ""


def test_metrics_kept_elsewhere(cam, partner):
    usage = Metric.objects.create(key="app_usage", name="App usage")
    fees = Metric.objects.create(key="fees", name="Fees", unit="money", summary="sum")
    CurrencyRate.objects.create(currency="EUR", on=dt.date(2020, 1, 1), rate=D(2))
    for on, number in ((dt.date(2021, 1, 1), 3), (dt.date(2026, 6, 14), 5), (dt.date(2026, 6, 16), 9)):
        MetricValue.everything.create(partner=partner, metric=usage, on=on, value=number)
    MetricValue.everything.create(partner=partner, metric=fees, on=dt.date(2026, 5, 1), value=7, currency="EUR")
    MetricValue.everything.create(partner=partner, metric=fees, on=dt.date(2026, 5, 2), value=1, currency="USD")
    aim(partner, year("6"), metric="app_usage", currency="")
    assert value(cam, partner, "metric:app_usage") == 5
    assert value(cam, partner, "metric:app_usage", dt.date(2026, 6, 13)) == 3
    assert value(cam, partner, "attainment:metric:app_usage") == D("83.333333333333")
    assert value(cam, partner, "metric:fees") == 15
    assert card(cam, partner).explain("metric:fees").unit == "USD"


def test_certifications_are_held_against_what_the_tier_requires(cam, partner):
    sales, tech = (
        Certificate.objects.create(key=key, name=key.title(), order=n) for n, key in enumerate(("sales", "tech"))
    )
    data = {
        "name": "P",
        "tiers": [
            {"tier": "silver", "certificates": {"sales": 1}, "requirements": []},
            {"tier": "gold", "certificates": {"sales": 2, "tech": 2}, "requirements": []},
        ],
    }
    Policy.objects.create(kind="tiers", starts_on="2026-01-01", data=data)
    ann, bob = (Contact.everything.create(partner=partner, name=name) for name in ("Ann", "Bob"))
    rows: list[tuple[Certificate, Contact | None, str | None]] = [
        (sales, ann, None), (sales, bob, "2026-06-15"), (tech, ann, "2026-06-16"), (tech, None, None),
    ]  # fmt: skip
    for certificate, contact, until in rows:
        Certification.everything.create(
            partner=partner, certificate=certificate, contact=contact, earned_on="2025-01-01", expires_on=until
        )
    assert value(cam, partner, "training") == 75
    assert value(cam, partner, "training", dt.date(2026, 6, 16)) == 50
    assert "requires no certificate" in why(cam, partner, "training", dt.date(2025, 12, 31))


def test_tasks_of_the_tier_and_stage_that_the_partner_is_in(cam, partner):
    gold, silver = Tier.objects.get(key="gold"), Tier.objects.get(key="silver")
    onboard = LifeStage.objects.get(key="onboard")
    every = Task.objects.create(key="sign", name="Sign")
    Task.objects.create(key="gold", name="Gold's", tier=gold)
    Task.objects.create(key="silver", name="Silver's", tier=silver)
    Task.objects.create(key="onboard", name="Onboarding's", stage=onboard)
    TaskDone.everything.create(partner=partner, task=every, on=dt.date(2026, 6, 15))
    assert value(cam, partner, "tasks") == 50
    # On a day that is past, those of the tier and stage of then.
    Placement.everything.create(partner=partner, starts_on=dt.date(2026, 1, 1), stage=onboard, tier=None)
    assert value(cam, partner, "tasks", dt.date(2026, 6, 15)) == 50
    named = [str(term.value) for term in card(cam, partner, dt.date(2026, 6, 14)).explain("tasks").terms]
    assert "Onboarding's" in named
    assert "Gold's" not in named


def test_engagement_and_recency(cam, partner, acme):
    names = ["Ann Berg", "Bob Dahl", "Cleo", "Dora"]
    ann, bob, cleo, dora = (
        Contact.everything.create(partner=partner, name=name, email=f"{n}@x.example") for n, name in enumerate(names)
    )
    Touch.everything.create(partner=partner, on=dt.date(2026, 6, 10), people="ann berg, somebody else")
    Touch.everything.create(partner=partner, on=dt.date(2026, 3, 17), people="Bob Dahl")  # 90 days before: not within
    certificate = Certificate.objects.create(key="sales", name="Sales")
    Certification.everything.create(partner=partner, contact=cleo, certificate=certificate, earned_on="2026-03-18")
    assert value(cam, partner, "engagement") == 50
    assert value(cam, partner, "recency_touch") == 5
    deal = strike(partner, "5", "proposal", on=dt.date(2026, 9, 1))
    StageChange.everything.create(deal=deal, to_stage=deal.stage, on=dt.date(2026, 6, 12))
    StageChange.everything.create(deal=deal, to_stage=deal.stage, on=dt.date(2026, 6, 16))
    assert value(cam, partner, "recency_touch") == 3
    assert (ann.pk, bob.pk, dora.pk) == tuple(sorted((ann.pk, bob.pk, dora.pk)))


def test_composite_by_life_stage(cam, partner):
    data = {"cap": 110, "stages": {"accelerate": {"performance_to_plan": 3, "tasks": 1}, "default": {"tasks": 1}}}
    Policy.objects.create(kind="composite", starts_on="2026-01-01", data=data)
    aim(partner, year("10"))
    sell(partner, dt.date(2026, 1, 1), "1000")
    Task.objects.create(key="sign", name="Sign")
    assert value(cam, partner, "composite") == D("82.5")
    partner.stage = LifeStage.objects.get(key="mature")
    partner.save()
    assert value(cam, partner, "composite") == 0
    assert card(cam, partner).figures_of.rules.cap == 110


def test_growth_potential_against_partners_of_the_type(acme, partner):
    chief = acme.users[Role.CHIEF]
    CurrencyRate.objects.create(currency="EUR", on=dt.date(2020, 1, 1), rate=D(2))
    partner.sales_reps = 10
    partner.save()
    sell(partner, DAY, "100")
    assert "Fewer than five" in why(chief, partner, "growth_potential")
    cache.clear()
    Policy.objects.create(kind="benchmark", starts_on="2026-01-01", data={"reseller": "30"})
    assert value(chief, partner, "growth_potential") == 200
    kind, stage = partner.partner_type, partner.stage
    for n, amount in enumerate(("20", "30", "40", "50")):
        other = Partner.objects.create(name=f"Other {n}", partner_type=kind, stage=stage, sales_reps=2)
        sell(other, DAY, amount, "EUR")  # 20, 30, 40 and 50 per rep
    cache.clear()
    # 10, 20, 30, 40, 50: the 75th percentile is 40
    assert value(chief, partner, "growth_potential") == 300
    assert value(chief, partner, "rank_value") == 75  # not assessed counts 50, nothing won or touched 0.5
    Touch.everything.create(partner=partner, on=DAY)
    assert value(chief, partner, "rank_value") == 150


def test_a_parent_with_its_branches(acme, cam, partner):
    chief = acme.users[Role.CHIEF]
    branch = Partner.objects.create(
        name="Branch", partner_type=partner.partner_type, stage=partner.stage, parent=partner, sales_reps=2
    )
    leaf = Partner.objects.create(name="Leaf", partner_type=partner.partner_type, stage=partner.stage, parent=branch)
    for each, target, sold in ((partner, "100", "100"), (branch, "100", "10"), (leaf, "200", "90")):
        aim(each, year(target))
        sell(each, dt.date(2026, 1, 31), sold)
    day = dt.date(2026, 1, 31)
    assert value(chief, partner, "performance_to_plan", day) == 100
    assert value(chief, partner, "performance_to_plan", day, family=True) == 50
    assert value(chief, branch, "performance_to_plan", day, family=True) == D("33.333333333333")
    assert [member.name for member in card(chief, partner, family=True).members] == [partner.name, "Branch", "Leaf"]
    # A CAM adds up what the CAM may see, and after a handover the new one sees it all the same.
    assert value(cam, partner, "performance_to_plan", day, family=True) == 100
    branch.cam = cam
    branch.save()
    assert value(cam, partner, "performance_to_plan", day, family=True) == 55
    partner.cam, branch.cam = acme.cam_b, acme.cam_b
    partner.save()
    branch.save()
    assert value(acme.cam_b, partner, "performance_to_plan", day, family=True) == 55
    assert not Partner.objects.visible_to(cam).filter(pk=partner.pk).exists()


def test_the_partners_side_has_no_internal_figures(acme, partner):
    champion = acme.users_a[Role.PARTNER_CHAMPION]
    Metric.objects.create(key="margin", name="Margin", internal=True)
    Metric.objects.create(key="usage", name="Usage")
    found = card(champion, partner)
    assert "metric:usage" in found.figures
    for key in ("growth_potential", "rank_value", "recency_touch", "metric:margin"):
        assert key not in found.figures
        assert found.explain(key) is None
        assert card(acme.users[Role.CAM], partner).explain(key) is not None
        assert card(acme.users[Role.CAM], partner, shared=True).explain(key) is None


def test_who_may_not_see_performance_gets_none(acme, partner):
    with pytest.raises(PermissionDenied):
        card(acme.users[Role.MARKETING], partner)


def test_nothing_is_added_up_twice_for_somebody_with_several_roles(acme, partner):
    distributor = Partner.objects.create(name="Distributor", partner_type=partner.partner_type, stage=partner.stage)
    partner.distributor = distributor
    partner.save()
    both = make_user(acme, "both", Role.CAM, Role.DISTRIBUTOR, partner=distributor)
    make_user(acme, "colleague", Role.DISTRIBUTOR, partner=distributor)
    partner.cam = both
    partner.save()
    sell(partner, dt.date(2026, 1, 10), "90")
    found = Performance(both, partner, DAY)
    assert len(found.members) == 1
    assert found.figures["actual"].result == 90


def test_deals_worth_a_word(cam, partner):
    strike(partner, "10", "proposal", name="Overdue", on=dt.date(2026, 6, 14))
    strike(partner, "20", "proposal", name="Stuck", on=dt.date(2026, 9, 1), stage_since=dt.date(2026, 5, 16))
    strike(partner, "30", "won", name="Won", on=dt.date(2026, 6, 1))
    strike(partner, "40", "won", name="Long ago", on=dt.date(2026, 5, 1), stage_since=dt.date(2026, 5, 1))
    rows = card(cam, partner).deals_moving
    assert [(row.deal.name, list(row.motions), row.days) for row in rows] == [
        ("Overdue", ["overdue", "moved"], 14),
        ("Stuck", ["stuck"], 30),
        ("Won", ["moved"], 14),
    ]


def test_figures_of_an_earlier_day(cam, partner):
    aim(partner, year("100"))
    sell(partner, dt.date(2026, 1, 10), "90")
    strike(partner, "300", "won", on=dt.date(2026, 3, 1), created_on=dt.date(2026, 1, 20))
    now = card(cam, partner, dt.date(2026, 3, 31)).figures_of
    days = [dt.date(2025, 3, 31), dt.date(2026, 1, 31), dt.date(2026, 2, 28), now.day]
    then = [replace(now, day=day) for day in days]
    assert [each.explain("performance_to_plan").result for each in then] == [None, 90, 45, 30]
    assert [each.explain("pipeline").result for each in then] == [0, 300, 300, 0]


def test_as_many_statements_for_much_as_for_little(acme, partner):
    def statements() -> int:
        cache.clear()
        with CaptureQueriesContext(connection) as caught:
            found = card(acme.users[Role.CAM], partner, family=True)
            assert found.figures
            assert found.quarters
            assert found.deals_moving
            assert found.trend
            assert found.data_as_of
        return len(caught)

    def more() -> None:
        aim(partner, year("10"), number=TargetVersion.everything.count() + 1)
        sell(partner, DAY, "10")
        strike(partner, "10")
        strike(partner, "10", "proposal", on=dt.date(2026, 9, 1))
        metric = Metric.objects.create(key=f"m{Metric.objects.count()}", name=f"M{Metric.objects.count()}")
        MetricValue.everything.create(partner=partner, metric=metric, on=DAY, value=1)
        Partner.objects.create(
            name="Branch", partner_type=partner.partner_type, stage=partner.stage, parent=partner, cam=partner.cam
        )

    more()
    statements()  # who the user is, is read once
    few = statements()
    for _time in range(4):
        more()
    assert statements() == few


def test_generated_deals_against_sql(acme, partner):
    """Two hundred deals, some shared: the figures from deals against statements of their own."""
    random = Random(4)
    other = acme.partner_b
    for n in range(200):
        key = random.choice(["proposal", "won", "won", "lost", "negotiation"])
        created = dt.date(2024, 6, 1) + dt.timedelta(days=random.randrange(740))
        on = created + dt.timedelta(days=random.randrange(200))
        strike(
            partner, f"{random.randrange(1, 10**6)}.{random.randrange(100):02}", key, on=on, name=f"Deal {n}",
            created_on=created, led_by=random.choice(["partner", "vendor"]), kind=random.choice(["new", "renewal"]),
            registered_on=random.choice([None, created - dt.timedelta(days=random.randrange(40))]),
            others=random.choice([[], [(other, random.choice([10, 50]))]]),
        )  # fmt: skip
    won = "g.outcome = 'won' AND d.closed_on > '2025-06-15' AND d.closed_on <= '2026-06-15'"
    lost = "g.outcome = 'lost' AND d.closed_on > '2025-06-15' AND d.closed_on <= '2026-06-15'"
    worth = "d.amount * s.percent / 100"
    # Open on the day: also what closed later.
    ahead = "(d.closed_on IS NULL OR d.closed_on > '2026-06-15') AND d.created_on <= '2026-06-15' AND d.expected_close BETWEEN '2026-06-15' AND '2026-12-31'"
    began = "least(d.created_on, coalesce(d.registered_on, d.created_on))"
    due = "d.kind = 'renewal' AND d.expected_close > '2025-06-15' AND d.expected_close <= '2026-06-15'"
    expected = {
        "average_deal": f"avg({worth}) FILTER (WHERE {won})",
        "win_rate": f"100.0 * count(*) FILTER (WHERE {won}) / count(*) FILTER (WHERE ({won}) OR ({lost}))",
        "win_rate_value": f"100 * sum({worth}) FILTER (WHERE {won}) / sum({worth}) FILTER (WHERE ({won}) OR ({lost}))",
        "sales_cycle": f"percentile_cont(0.5) WITHIN GROUP (ORDER BY d.closed_on - {began}) FILTER (WHERE {won})",
        "partner_led": f"100 * sum({worth}) FILTER (WHERE {won} AND led_by = 'partner') / sum({worth}) FILTER (WHERE {won})",
        "pipeline": f"sum({worth}) FILTER (WHERE {ahead})",
        "pipeline_weighted": f"sum({worth} * g.probability / 100) FILTER (WHERE {ahead})",
        "retention": f"100.0 * count(*) FILTER (WHERE {due} AND g.outcome = 'won' AND d.closed_on <= '2026-06-15') "
        f"/ count(*) FILTER (WHERE {due})",
        "recency_won": "'2026-06-15' - max(d.closed_on) FILTER (WHERE g.outcome = 'won' AND d.closed_on <= '2026-06-15')",
    }
    for each in (partner, other):
        with connection.cursor() as cursor:
            cursor.execute(
                f"""SELECT {", ".join(expected.values())} FROM pipeline_deal d
                    JOIN pipeline_dealstage g ON g.id = d.stage_id JOIN pipeline_dealshare s ON s.deal_id = d.id
                    WHERE s.partner_id = %s""",
                [each.pk],
            )
            row = cursor.fetchone()
        for key, wanted in zip(expected, row, strict=True):
            found = value(acme.users[Role.CHIEF], each, key)
            assert found is not None
            assert abs(found - D(str(wanted))) < D("1e-6"), key


# ── Pages ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_page_explains_a_figure_with_its_numbers_and_leads_to_the_records(client_for, cam, partner):
    aim(partner, year("100"))
    sell(partner, dt.date(2026, 1, 10), "90")
    strike(partner, "1500", "proposal", on=dt.date(2026, 9, 1))
    client = client_for(cam)
    page = client.get(f"/partners/{partner.pk}/performance/figures/performance_to_plan/?on=2026-01-31").content.decode()
    assert "USD 90.00 ÷ USD 100.00 × 100 = <strong>90%</strong>" in page
    assert "On track" in page
    assert "As of Jan. 31, 2026" in page
    base = f"/partners/{partner.pk}"
    assert f"{base}/results/?since=2026-01-01&amp;until=2026-01-31" in page
    assert f"{base}/targets/?year=2026" in page
    assert f"{base}/performance/?on=2026-01-31" in page
    for address in (f"{base}/results/?since=2026-01-01&until=2026-01-31", f"{base}/targets/?year=2026"):
        assert client.get(address).status_code == 200
    page = client.get(f"/partners/{partner.pk}/performance/figures/coverage/?on=2026-06-15").content.decode()
    assert f"/partners/{partner.pk}/deals/?close_from=2026-06-15&amp;close_to=2026-12-31" in page
    assert "max(0, USD 1,200.00 − USD 90.00)" in page


def test_every_figure_of_the_page_has_its_own(client_for, acme, partner):
    """Each leads on to records that open, on both sides."""
    Metric.objects.create(key="usage", name="Usage")
    MetricValue.everything.create(partner=partner, metric=Metric.objects.get(), on=DAY, value=1)
    aim(partner, year("100"))
    sell(partner, DAY, "10")
    strike(partner, "10")
    strike(partner, "10", "lost")
    strike(partner, "10", "proposal", on=dt.date(2026, 9, 1))
    Contact.everything.create(partner=partner, name="Ann")
    for user, base in (
        (acme.users[Role.OPERATIONS], f"/partners/{partner.pk}/performance/figures"),
        (acme.users_a[Role.PARTNER_SELLER], f"/portal/performance/{partner.pk}/figures"),
    ):
        client = client_for(user)
        found = card(user, partner)
        records: set[str] = set()
        for key in [*found.figures, "program_level", "attainment:metric:usage", "training:2026Q1"]:
            assert client.get(f"{base}/{key}/?on=2026-06-15&family=1").status_code == 200, key
            explanation = found.explain(key)
            if explanation:
                records |= {term.source_url for term in explanation.terms if term.source_url}
        assert len(records) >= 5
        for address in records:
            assert client.get(address).status_code == 200, address


def test_pages_of_figures_that_are_not_there(client_for, acme, partner):
    client = client_for(acme.users[Role.CAM])
    base = f"/partners/{partner.pk}/performance/figures"
    for address in (f"{base}/nothing/", f"{base}/growth/?on=soon", f"{base}/growth/?on=0001-01-01"):
        assert client.get(address).status_code == 404, address
    assert client.get(f"/partners/{acme.partner_b.pk}/performance/figures/growth/").status_code == 404
    assert client_for(acme.users[Role.MARKETING]).get(f"{base}/growth/").status_code == 403
    champion = client_for(acme.users_a[Role.PARTNER_CHAMPION])
    assert champion.get(f"/portal/performance/{partner.pk}/figures/growth/").status_code == 200
    assert champion.get(f"/portal/performance/{partner.pk}/figures/growth_potential/").status_code == 404
    assert champion.get(f"/portal/performance/{acme.partner_b.pk}/figures/growth/").status_code == 404
    assert client.get(f"{base}/growth_potential/").status_code == 200
