"""Business plans of a partner in every state: replaced, in force, waiting for a signature, thrown away; and a re-forecast."""

from typing import Any

from accounts.models import User
from partners.models import Partner
from pipeline.models import ProductLine
from planning import actions, signing
from planning.actions import reforecasting
from planning.models import BusinessPlan, Side
from prm.common.fiscal import Month
from prm.common.vendor import today

TEXTS = {
    "value_proposition": "Servers that never sleep",
    "verticals": "Hospitals",
    "competitors": "The one next door",
    "strengths": "Good people, few of them",
}


def plan_ahead(partner: Partner, cam: User, executive: User) -> None:
    """Two versions that both signed, the second one in force since; and a third one, shared, that the vendor signed so far."""
    for draft in partner.business_plans.filter(status="draft"):
        actions.discard(plan=draft, by=cam)
    actions.discard(plan=_draft(partner, cam, "Never shown"), by=cam)
    for words in ("At first", "By now"):
        draft = actions.share(plan=_draft(partner, cam, words), by=cam, with_distributor=True)
        plan = _asked(draft, cam, executive)
        for side, who in ((Side.VENDOR, cam), (Side.PARTNER, executive)):
            _sign(plan, side, who)
    reforecasting.confirm(plan=plan, by=cam, note="A good quarter")
    waiting = _asked(_draft(partner, cam, "Still to sign"), cam, executive)
    _sign(waiting, Side.VENDOR, cam)


def _draft(partner: Partner, cam: User, words: str) -> BusinessPlan:
    """One that has sold for three months; every group has a row."""
    plan = actions.start(partner=partner, by=cam)
    product = ProductLine.objects.order_by("order").first()
    first = Month(today().year, today().month).shift(-3).start
    parts: dict[str, Any] = {
        "texts": TEXTS | {"strengths": words},
        "lines": [
            {
                "key": "a", "name": "Servers", "product": product and product.pk, "deals": {"kind": "ramp", "first": "2"},
                "sale": {"kind": "one_time", "deal_size": "5000"}, "margin": "20", "rebate": "5",
                "services": {"attach": "50", "price": "900", "margin": "40"},
            },
            {
                "key": "b", "name": "Support", "deals": {"kind": "capacity", "share": "50"},
                "sale": {"kind": "recurring", "price": "90", "churn": "1", "opening_base": "4"}, "margin": "25",
            },
        ],
        "sellers": [{"key": "c", "name": "Seller", "count": "1", "rate": "3", "ramp": 3, "cost": "60000"}],
        "people": [{"key": "d", "name": "Engineer", "count": "1", "cost": "50000"}],
        "training": [{"key": "e", "name": "Course", "cost": "1500", "month": 2}],
        "marketing": [{"key": "f", "name": "Campaign", "monthly": "500", "mdf_share": "50"}],
        "other": [{"key": "g", "name": "Launch", "cost": "2000", "month": 1}],
    }  # fmt: skip
    return actions.save(plan=plan, by=cam, parts=parts, first_month=first)


def _asked(plan: BusinessPlan, cam: User, executive: User) -> BusinessPlan:
    actions.ask(plan=plan, by=cam, vendor_signer=cam, partner_signer=executive)
    plan.refresh_from_db()
    return plan


def _sign(plan: BusinessPlan, side: Side, who: User) -> None:
    actions.sign(plan=plan, side=side, by=who, name=who.name[:150], content_hash=signing.content_hash(plan))
    plan.refresh_from_db()
