"""Committed plans as rows, without asking anybody to sign: for what follows a plan."""

import datetime as dt
from decimal import Decimal as D

from django.utils import timezone

from accounts.permissions import Role
from partners import facts
from pipeline.models import Deal, DealShare, DealStage, SalesResult, TargetMonth, TargetVersion
from pipeline.policies import Basis
from planning import document
from planning.commitment import months
from planning.document import Plan
from planning.forecast.assumptions import Assumptions, Line, OneTime, Ramp, Seller
from planning.forecast.result import forecast
from planning.models import BusinessPlan, PlanMonth, PlanSignature, Side, SignatureRequest
from prm.common.fiscal import Month

SUITE = Line("a1", "Suite", deals=Ramp(D(2)), sale=OneTime(D(1000)), margin=D(40))
SELLER = Seller("s1", "Seller", count=D(1), rate=D(3), cost=D(12000))
ASSUMPTIONS = Assumptions(lines=(SUITE,), sellers=(SELLER,))
DRAFT, COMMITTED, SUPERSEDED = (BusinessPlan.Status(name) for name in ("draft", "committed", "superseded"))


def draft(world, partner, *, first=dt.date(2026, 7, 1), number=1, assumptions=ASSUMPTIONS, **more):
    """A plan from `first` on, with two deals of 1,000 a month unless other assumptions are given."""
    return BusinessPlan.everything.create(
        partner=partner, number=number, first_month=first, currency=more.pop("currency", "USD"),
        content=document.write(Plan(assumptions)), created_by=world.users[Role.CAM], **more,
    )  # fmt: skip


def committed(world, partner, *, on=dt.date(2026, 6, 20), rate=D(1), status=COMMITTED, **more):
    """The same signed by both on a day: its months, in vendor net, and its commitment of revenue. By default 1,200 a month."""
    signed = {"status": status, "committed_on": on, "committed_at": timezone.now(), "content_hash": "f" * 64}
    plan = draft(world, partner, shared=True, **signed, **more)
    assumptions = more.get("assumptions", ASSUMPTIONS)
    first = Month(plan.first_month.year, plan.first_month.month)
    rows = list(months(forecast(assumptions), first, Basis.VENDOR_NET))
    PlanMonth.everything.bulk_create(
        PlanMonth(
            plan=plan, month=row.month.start, revenue=row.revenue, revenue_reporting=row.revenue * rate, deals=row.deals
        )
        for row in rows
    )
    number = TargetVersion.everything.filter(partner=partner, source="commitment").count() + 1
    version = TargetVersion.everything.create(
        partner=partner, metric="revenue", source="commitment", number=number, first_month=plan.first_month
    )
    TargetMonth.everything.bulk_create(
        TargetMonth(version=version, month=row.month.start, value=row.revenue, currency=plan.currency) for row in rows
    )
    for side, user in ((Side.VENDOR, world.users[Role.CAM]), (Side.PARTNER, world.users_a[Role.PARTNER_EXECUTIVE])):
        PlanSignature.everything.create(
            plan=plan, side=side, name=user.name, email=user.email, user=user, content_hash=plan.content_hash
        )
    return plan


def asked(plan, side, user, *, on, by=None):
    """Somebody asked to sign a plan on a day."""
    request = SignatureRequest.everything.create(plan=plan, side=side, user=user, asked_by=by, asked_on=on)
    SignatureRequest.everything.filter(pk=request.pk).update(asked_at=dt.datetime.combine(on, dt.time(9), dt.UTC))
    return request


def sold(partner, on, amount, currency="USD"):
    return SalesResult.everything.create(partner=partner, on=on, amount=D(amount), currency=currency)


def won(partner, on, amount="1000"):
    """A deal all of the partner's, won on a day."""
    stage = DealStage.objects.get(outcome="won")
    deal = Deal.everything.create(
        partner=partner,
        name=f"Won {on}",
        stage=stage,
        amount=D(amount),
        currency="USD",
        closed_on=on,
        created_on=on,
        stage_since=on,
    )
    DealShare.everything.create(deal=deal, partner=partner, percent=100)
    return deal


def targets(partner, source, months_of, *, number=1, currency="USD", metric="revenue"):
    """A version of targets by first day of the month."""
    version = TargetVersion.everything.create(
        partner=partner, metric=metric, source=source, number=number, first_month=min(months_of)
    )
    TargetMonth.everything.bulk_create(
        TargetMonth(version=version, month=month, value=D(value), currency=currency)
        for month, value in months_of.items()
    )
    facts.refresh()
    return version
