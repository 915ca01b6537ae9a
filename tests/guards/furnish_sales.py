"""Sales data, tiers and due items of a partner, each with something to show and to leak."""

import datetime as dt
from decimal import Decimal

from accounts.models import User
from cadence.handover import goes_along, summary
from cadence.models import DueItem, Handover
from partners.models import Certificate, Certification, Partner, Task, TaskDone, Tier
from pipeline.models import (
    Customer,
    Deal,
    DealShare,
    DealStage,
    Metric,
    MetricValue,
    ProductLine,
    SalesResult,
    StageChange,
    TargetMonth,
    TargetVersion,
)
from prm.common.models import Policy
from prm.common.vendor import fiscal_calendar, today
from scorecards.models import PerformanceReview, TierAppeal, TierEvaluation, TierOverride

AMOUNT = Decimal("1234.50")
PEOPLE = {"type": "people", "name": "Certified people", "certificates": ["servers-pro"], "minimum": 9, "effort": 2}
RULES = {
    "name": "Partner program",
    "tiers": [
        {
            "tier": "silver",
            "requirements": [
                {"type": "metric", "key": "usage", "name": "Usage", "metric": "app_usage", "minimum": 1},
            ],
        },
        {
            "tier": "gold",
            "certificates": {"servers-pro": 2},
            "requirements": [
                {"type": "metric", "key": "revenue", "name": "Revenue", "metric": "revenue", "minimum": 99_000},
                {"type": "metric", "key": "margin", "name": "Profit", "metric": "secret_margin", "minimum": 99},
                {"type": "n_of", "key": "some", "name": "One of two", "minimum": 1, "requirements": [
                    {**PEOPLE, "key": "people"},
                    {"type": "metric", "key": "won", "name": "Won deals", "metric": "won_deals", "window": "ytd", "minimum": 99},
                ]},
                {"type": "metric", "key": "touches", "name": "Touches", "metric": "touches", "window": "ytd", "minimum": 99},
                {"type": "score", "key": "score", "name": "Score", "minimum": 90, "metrics": [
                    {"key": "led", "name": "Led by them", "metric": "partner_led_share", "per_unit": 0.5, "cap": 40},
                    {"key": "people", "name": "People", "certificates": ["support-pro"], "per_unit": 5},
                ]},
            ],
        },
        {"tier": "platinum", "requirements": [{**PEOPLE, "key": "people"}]},
    ],
}  # fmt: skip


def furnish_lists() -> None:
    """The vendor's lists that sales data refer to."""
    for order, (key, name) in enumerate([("servers", "Servers"), ("support", "Support")], 1):
        ProductLine.objects.get_or_create(key=key, defaults={"name": name, "order": order})
        Certificate.objects.get_or_create(key=f"{key}-pro", defaults={"name": f"{name} professional", "order": order})
    Metric.objects.get_or_create(key="app_usage", defaults={"name": "App usage"})
    Metric.objects.get_or_create(key="secret_margin", defaults={"name": "Margin", "unit": "percent", "internal": True})
    Policy.objects.get_or_create(
        kind="actuals", starts_on="2020-01-01", defaults={"data": {"basis": "vendor_net", "from": "results"}}
    )
    Policy.objects.get_or_create(kind="seasonality", starts_on="2099-01-01", defaults={"data": {"weights": [1] * 12}})
    Policy.objects.get_or_create(kind="coverage", starts_on="2099-01-01", defaults={"data": {"index": 4}})
    for key, name in (("portal", "Sign in to the portal"), ("logo", "Show our logo")):
        Task.objects.get_or_create(key=key, defaults={"name": name})


def sell(partner: Partner, cam: User, champion: User) -> None:
    """One row at least of everything that sales data, tiers and the cadence keep of a partner; another with each call."""
    n = partner.results.count()
    line = ProductLine.objects.order_by("order").first()
    customer = Customer(partner=partner, name=f"Customer {n} of {partner.pk}", country="DE", external_id=f"K{n}")
    customer.save()
    for back, amount in ((0, AMOUNT), (40, -AMOUNT / 2), (380, AMOUNT * 2)):
        SalesResult.everything.create(
            partner=partner, on=today() - dt.timedelta(days=back), amount=amount, currency="USD", product_line=line,
            customer=customer, external_id=f"R{partner.pk}-{n}-{back}", source="erp", created_by=cam,
        )  # fmt: skip
    SalesResult.everything.create(
        partner=partner, on=today(), amount=AMOUNT, currency="EUR", customer=customer, created_by=cam
    )
    _deals(partner, cam, customer, n)
    _targets(partner, cam)
    for metric in Metric.objects.all():
        MetricValue.everything.create(
            partner=partner, metric=metric, on=today() - dt.timedelta(days=n + 1), value=n + 3, created_by=cam
        )
    _learned(partner, cam, n)
    _program(partner, cam, champion, n)
    _due(partner, cam, n)


def _deals(partner: Partner, cam: User, customer: Customer, n: int) -> None:
    stages = {stage.key: stage for stage in DealStage.objects.all()}
    for key, close in (("proposal", 30), ("won", -20), ("lost", -50)):
        stage = stages[key]
        closed = today() + dt.timedelta(days=close) if stage.outcome != "open" else None
        deal = Deal.everything.create(
            partner=partner, name=f"Deal {n} {key}", customer=customer, product_line=customer.partner.results.first().product_line,
            stage=stage, amount=AMOUNT * 10, currency="USD", expected_close=today() + dt.timedelta(days=close),
            created_on=today() - dt.timedelta(days=90), closed_on=closed, stage_since=closed or today(), created_by=cam,
            lost_reason="Too dear" if key == "lost" else "", external_id=f"D{partner.pk}-{n}-{key}", source="crm",
        )  # fmt: skip
        DealShare.everything.create(deal=deal, partner=partner, percent=100)
        StageChange.everything.create(deal=deal, to_stage=stages["qualified"], on=deal.created_on, by=cam)
        StageChange.everything.create(
            deal=deal, from_stage=stages["qualified"], to_stage=stage, on=deal.stage_since, by=cam
        )


def _targets(partner: Partner, cam: User) -> None:
    """Of revenue, and of what is internal; the next quarter, which a review looks at, may be of the next year."""
    calendar, day = fiscal_calendar(), today()
    months = {
        month.start: month for each in (calendar.year_of(day), calendar.quarter_of(day).next) for month in each.months
    }
    for metric, currency in (("revenue", "USD"), ("secret_margin", "")):
        number = partner.target_versions.filter(metric=metric, source="operations").count() + 1
        version = TargetVersion.everything.create(
            partner=partner, metric=metric, source="operations", number=number, first_month=min(months), note="Agreed",
            created_by=cam,
        )  # fmt: skip
        TargetMonth.everything.bulk_create(
            TargetMonth(version=version, month=start, value=AMOUNT, currency=currency) for start in sorted(months)
        )


def _learned(partner: Partner, cam: User, n: int) -> None:
    for certificate, contact in zip(
        Certificate.objects.order_by("order"), (partner.contacts.first(), None), strict=False
    ):
        Certification.everything.create(
            partner=partner, contact=contact, certificate=certificate, level="Professional", created_by=cam,
            earned_on=today() - dt.timedelta(days=200 + n), expires_on=today() + dt.timedelta(days=50),
        )  # fmt: skip
    task = Task.objects.exclude(done__partner=partner).first()
    if task:
        TaskDone.everything.create(partner=partner, task=task, on=today(), by=cam, who="Ann", note="Done on the call")


def _program(partner: Partner, cam: User, champion: User, n: int) -> None:
    rules, _new = Policy.objects.get_or_create(kind="tiers", starts_on="2020-01-01", defaults={"data": RULES})
    Policy.objects.get_or_create(kind="tiers", starts_on=today() + dt.timedelta(days=60), defaults={"data": RULES})
    gold = Tier.objects.get(key="gold")
    day = today() - dt.timedelta(days=300 - n)
    TierEvaluation.everything.create(
        partner=partner, first_on=day, last_on=day, program=rules, assigned=gold, qualified=gold, met=1, required=2
    )
    earlier = partner.tier_overrides.filter(ended_at=None)
    earlier.update(ended_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    override = TierOverride.everything.create(
        partner=partner,
        tier=gold,
        reason="A new country",
        starts_on=today(),
        ends_on=today() + dt.timedelta(days=90),
        by=cam,
    )
    TierAppeal.everything.create(override=override, text="We grew", by=champion)
    for shared in (True, False):
        PerformanceReview.everything.create(
            partner=partner, on=day - dt.timedelta(days=shared), note="Talked it over", shared=shared, by=cam
        )


def _due(partner: Partner, cam: User, n: int) -> None:
    month = fiscal_calendar().month_of(today()).shift(-n)
    for task, state in (("performance_review", "open"), ("capabilities", "skipped")):
        DueItem.everything.create(
            partner=partner, task=task, period=month.key, starts_on=month.start, ends_on=month.end, due_on=month.end,
            state=state, skip_reason="On holiday" if state == "skipped" else "",
        )  # fmt: skip
    kept = summary(goes_along([partner])[0])
    Handover.everything.create(partner=partner, from_cam=cam, to_cam=cam, note="Look after them", by=cam, summary=kept)
