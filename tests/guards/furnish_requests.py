"""Requests for MDF in every state, claims with receipts and files, and who decides for whom."""

from decimal import Decimal
from typing import Any

from accounts.models import User
from accounts.permissions import Role
from marketing import actions as marketing
from marketing.models import MarketingPlan, Tactic
from mdf import actions
from mdf.models import Claim, Delegation, Fund, Line, Proof, Request
from mdf.steps import Outcome
from partners.models import Partner
from prm.common.vendor import today
from tests.mdf.asking import file
from tests.world import World


def ask_for_funds(world: World, partner: Partner, cam: User, marketer: User) -> None:
    """Of requests: taken back, submitted, in review, returned, rejected, approved, closed. Of claims: draft, submitted, returned, rejected,
    approved, paid."""
    fund = Fund.objects.filter(accounts__partner=partner).order_by("pk").last()
    assert fund is not None
    by = world.users[Role.MARKETING]
    # Names the CAM's delegate, without giving anybody what isn't theirs: the day is over.
    Delegation.objects.create(person=cam, delegate=by, starts_on="2020-01-01", ends_on="2020-01-31", created_by=cam)

    def asked(amount: str) -> Request:
        plan = marketing.start(partner=partner, by=marketer, quarter=None, currency=fund.currency)
        for ask in (amount, "0"):
            fields: dict[str, Any] = {
                "title": "Roadshow", "mdf_asked": Decimal(ask),
                "budget": [{"what": "Hall", "amount": Decimal(90_000), "payer": "partner"}],
            }  # fmt: skip
            marketing.add_activity(plan=plan, by=marketer, tactic=Tactic.objects.get(key="webinar"), fields=fields)
        plan = MarketingPlan.everything.get(pk=plan.pk)
        return actions.submit_plan(by=marketer, plan=plan, fund=fund, note="As agreed on the fair")

    actions.recall(by=marketer, request=asked("90"))
    actions.give_back(by=cam, request=asked("80"), reason="Which hall?")
    actions.reject(by=cam, request=asked("70"), reason="Not this year")
    actions.close(
        by=cam,
        request=actions.approve(by=cam, request=asked("60"), reason="Well thought out"),
        reason="It was cancelled",
    )
    granted = actions.approve(by=cam, request=asked("900"), reason="Well thought out")
    asked("50")
    actions.approve(by=cam, request=asked("5000"), reason="Well thought out")
    line = Line.everything.filter(request=granted, asked__gt=0).select_related("request__partner", "activity").get()
    for state in ("draft", "submitted", "returned", "rejected", "approved", "paid"):
        _claim(line, state, marketer=marketer, cam=cam, payer=by)


def _claim(line: Line, state: str, *, marketer: User, cam: User, payer: User) -> None:
    receipt = {"supplier": "Hall & Co", "number": f"H-{state}", "dated": today(), "amount": Decimal(20)}
    claim = actions.start_claim(by=marketer, line=line, receipts=[receipt], values={"results": "Forty came"})
    for wanted in line.activity.tactic.proofs:
        actions.add_proof(by=marketer, claim=claim, upload=file(), kind=Proof.Kind.PROOF, requirement=wanted)
    actions.add_proof(by=marketer, claim=claim, upload=file(), kind=Proof.Kind.INVOICE)
    if state == "draft":
        return
    claim = actions.submit_claim(by=marketer, claim=claim)
    if state in ("returned", "rejected"):
        actions.decide_claim(by=cam, claim=claim, outcome=Outcome(state), reason="The second page is missing")
    if state in ("approved", "paid"):
        claim = actions.decide_claim(by=cam, claim=claim, reason="All there")
    if state == "paid":
        claim = actions.pay_claim(by=payer, claim=claim, reference="SEPA 20")
    assert claim.state in Claim.State.values
