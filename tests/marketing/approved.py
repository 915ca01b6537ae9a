"""Approved activities, and leads and deals that came from them, put straight into the tables."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.utils import timezone

from leads.models import Lead, LeadSource
from marketing.models import Activity, ActivityResult, BudgetLine, MarketingPlan, Tactic
from partners.models import Partner
from pipeline.models import Deal, DealShare, DealStage
from prm.common.vendor import fiscal_calendar, today


def plan(partner: Partner, day: dt.date | None = None, **fields: Any) -> MarketingPlan:
    """A running plan of the quarter that `day` (today) is in."""
    quarter = fiscal_calendar().quarter_of(day or today())
    values: dict[str, Any] = {
        "title": f"Plan {quarter.label} {partner.external_id}", "first_quarter": quarter.key, "starts_on": quarter.start,
        "ends_on": quarter.end, "currency": "USD", "state": MarketingPlan.State.RUNNING, "shared": True,
        "submitted_at": timezone.now(), "submitted_on": quarter.start,
    }  # fmt: skip
    made: MarketingPlan = MarketingPlan.everything.create(partner=partner, **{**values, **fields})
    return made


def tactic(key: str = "webinar") -> Tactic:
    found = Tactic.objects.filter(kind=key).first()
    return found or Tactic.objects.create(key=key, name=key.title(), kind=key)


def activity(of: MarketingPlan, *, kind: str = "webinar", cost: int = 9000, **fields: Any) -> Activity:
    """An approved one: 20,000 reached, 48 MGOs, 12 wins, 216,000 of revenue for 9,000."""
    values: dict[str, Any] = {
        "title": f"Webinar {of.partner.external_id}", "starts_on": of.starts_on, "ends_on": of.ends_on, "reach": 20_000,
        "response": Decimal("0.02"), "mql": Decimal("0.4"), "sal": Decimal("0.6"), "sql": Decimal("0.5"), "win": Decimal("0.25"),
        "deal_size": Decimal(18_000), "margin": Decimal("0.3"), "decision": Activity.Decision.AS_ASKED,
        "assets": [{"label": "Page", "url": "https://northwind.example/webinar?lang=en"}],
    }  # fmt: skip
    made: Activity = Activity.everything.create(plan=of, tactic=tactic(kind), **{**values, **fields})
    BudgetLine.everything.create(activity=made, what="All of it", amount=cost)
    return made


def verified(of: Activity, *, reach=18_000, inquiries=300, mqls=120, sals=70, mgos=30, wins=6, revenue=90_000, cost=8_000) -> ActivityResult:  # fmt: skip
    """What came of it, closed and verified."""
    now = timezone.now()
    Activity.everything.filter(pk=of.pk).update(state=Activity.State.VERIFIED)
    made: ActivityResult = ActivityResult.everything.create(
        activity=of, state=ActivityResult.State.VERIFIED, reach=reach, inquiries=inquiries, mqls=mqls, sals=sals, mgos=mgos,
        wins=wins, revenue=revenue, cost=cost, closed_at=now, verified_at=now,
    )  # fmt: skip
    return made


def lead(company: str, partner: Partner | None = None, **fields: Any) -> Lead:
    """One in the queue; with a partner one that it has accepted."""
    now = timezone.now()
    values: dict[str, Any] = {
        "source": LeadSource.objects.get(key="campaign"),
        "score": 70,
        "grade": "B",
        "created_at": now,
    }
    if partner is not None:
        values |= {"holder": "partner", "partner": partner, "state": "accepted", "accepted_at": now}
    made: Lead = Lead.everything.create(company=company, **{**values, **fields})
    return made


def deal(
    name: str, partner: Partner, *, won: bool = False, amount: int = 18_000, currency: str = "USD", **fields: Any
) -> Deal:
    stage = DealStage.objects.filter(outcome="won" if won else "open").order_by("order").first()
    day = today()
    values: dict[str, Any] = {"created_on": day, "stage_since": day, "closed_on": day if won else None}
    made: Deal = Deal.everything.create(
        name=name, partner=partner, stage=stage, amount=amount, currency=currency, **{**values, **fields}
    )
    DealShare.everything.create(deal=made, partner=partner, percent=100)
    return made
