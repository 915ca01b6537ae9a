"""Reads of claims, and what each comes to."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.db.models import F, OuterRef, Prefetch, Q, QuerySet

from accounts.models import User
from accounts.permissions import Permission
from marketing import queries as marketing
from mdf import claiming
from mdf.claiming import Payable
from mdf.models import ApprovalStep, Claim, Happening, Line, Proof, Receipt, Request
from partners.models import Partner
from prm.common.vendor import rates, today

GIVEN_BACK = (Happening.Kind.RETURNED, Happening.Kind.REVOKED)


def claims(user: User) -> QuerySet[Claim]:
    """The claims this user sees, with what a row of a list shows."""
    rows: QuerySet[Claim] = Claim.objects.visible_to(user)
    return rows.select_related("partner", "request__fund", "request__plan", "line__activity__tactic")


def with_papers(rows: QuerySet[Claim], user: User) -> QuerySet[Claim]:
    """The same with `receipts` and `proofs` prefetched."""
    receipts = Receipt.objects.visible_to(user).select_related("proof").order_by("position", "pk")
    proofs = Proof.objects.visible_to(user).select_related("uploaded_by").order_by("pk")
    return rows.prefetch_related(Prefetch("receipts", receipts), Prefetch("proofs", proofs))


def proofs(user: User) -> QuerySet[Proof]:
    """The files this user may have."""
    rows: QuerySet[Proof] = Proof.objects.visible_to(user)
    return rows.select_related("claim__partner")


def kept(claim: Claim | None) -> QuerySet[Proof]:
    """The files a claim has, without those that were removed."""
    rows: QuerySet[Proof] = Proof.objects.unscoped("of a claim in reach").filter(claim=claim, removed_at__isnull=True)
    return rows.order_by("pk")


def claimable(user: User, on: dt.date | None = None) -> QuerySet[Line]:
    """Lines of approved requests with something left to claim, whose deadline hasn't passed; the first to end comes first."""
    day = on or today()
    rows: QuerySet[Line] = Line.objects.visible_to(user).filter(
        request__state=Request.State.APPROVED, claim_until__gte=day, approved__gt=0
    )
    if user.is_partner_side:  # said plainly, it reads this partner's and no others
        rows = rows.filter(request__partner=user.membership.partner_id)
    rows = rows.exclude(Q(approved=F("claimed")))
    return rows.select_related("request__partner", "request__fund", "activity__tactic", "activity__plan").order_by(
        "claim_until", "pk"
    )


def may_claim(user: User, partner: Partner) -> bool:
    """Whether this user writes claims of this partner: who builds its marketing plans."""
    return marketing.may_build(user, partner)


def given_back(claim: str | int) -> QuerySet[Happening]:
    """That the vendor returned a claim, or revoked its approval: it may come again after the deadline. One that its partner took back
    may not."""
    rows = Happening.objects.unscoped("of claims in reach")
    return rows.filter(claim=OuterRef(claim) if isinstance(claim, str) else claim, kind__in=GIVEN_BACK).order_by()


def was_given_back(claim: Claim) -> bool:
    return given_back(claim.pk).exists()


def may_pay(user: User) -> bool:
    return user.can(Permission.EDIT_FUNDS)


# ── What it comes to ─────────────────────────────────────────────────────────────────────────────────────────────────


def receipts_of(claim: Claim) -> list[Receipt]:
    rows = Receipt.objects.unscoped("of a claim in reach").filter(claim=claim)
    return list(rows.order_by("position", "pk"))


def in_fund_currency(claim: Claim, amount: Decimal, currency: str) -> Fraction:
    """At the rates of the day the request was approved; exact. NoRate."""
    request = claim.request
    assert request.approved_on is not None
    return claiming.convert(amount, currency, request.currency, rates(), request.approved_on)


def payable(claim: Claim, eligible: dict[int, Decimal] | None = None) -> Payable:
    """What the claim comes to now, in the fund's currency: min(share × eligible receipts, approved − what other claims of the line were
    approved for). `eligible` by receipt: instead of what is kept. NoRate."""
    counted = [
        in_fund_currency(claim, (eligible or {}).get(row.pk, row.counts), row.currency) for row in receipts_of(claim)
    ]
    others = (
        Claim.objects.unscoped("of one line").filter(line=claim.line_id, state__in=Claim.GRANTED).exclude(pk=claim.pk)
    )
    return claiming.payable(
        share=Fraction(claim.request.share or 0),
        eligible=counted,
        approved=claim.line.approved or 0,
        claimed=[amount for amount in others.order_by().values_list("approved", flat=True) if amount is not None],
    )


def claimed(claim: Claim) -> Fraction:
    """What the partner asks for, in the fund's currency: its amount, or else the share of its receipts. NoRate."""
    if claim.asked is not None:
        return in_fund_currency(claim, claim.asked, claim.currency)
    total = sum((in_fund_currency(claim, row.amount, row.currency) for row in receipts_of(claim)), Fraction(0))
    return total * Fraction(claim.request.share or 0)


def proposed(claim: Claim, eligible: dict[int, Decimal] | None = None) -> Decimal:
    """What would be approved where nobody says less: what is payable, at most what was asked for, and what the step before approved;
    to the minor unit."""
    found = min(payable(claim, eligible).amount, claimed(claim))
    before = approved_before(claim)
    return claiming.rounded(found if before is None else min(found, Fraction(before)), claim.request.currency)


def approved_before(claim: Claim) -> Decimal | None:
    """What the step before approved, in this round."""
    rows = ApprovalStep.objects.unscoped("of a claim in reach").filter(
        claim=claim, round=claim.round, state=ApprovalStep.State.APPROVED
    )
    return rows.order_by("-position").values_list("amount", flat=True).first()


# ── What it lacks ────────────────────────────────────────────────────────────────────────────────────────────────────


def missing_proofs(claim: Claim) -> list[str]:
    """The proofs that its tactic asks for and that aren't there, in the vendor's words."""
    rows = kept(claim)
    there = set(rows.order_by().values_list("requirement", flat=True))
    if rows.filter(kind=Proof.Kind.INVOICE).exists():
        there |= {wanted for wanted in claim.line.activity.tactic.proofs if is_invoice(wanted)}
    return [wanted for wanted in claim.line.activity.tactic.proofs if wanted not in there]


def is_invoice(requirement: str) -> bool:
    """Whether a proof that a tactic asks for is the invoice, which a claim has anyhow."""
    return requirement.strip().casefold() in {"invoice", "invoices", str(Proof.Kind.INVOICE.label).casefold()}


@dataclass(frozen=True)
class Repeated:
    """A receipt that stands in another claim of the partner, too."""

    receipt: int
    other_claim: int
    reference: str


def repeated(claim: Claim) -> list[Repeated]:
    """Receipts of this claim with the number and amount of one in another claim of the partner that isn't rejected."""
    found = []
    for row in receipts_of(claim):
        if not row.number:
            continue
        others = Receipt.objects.unscoped("of the same partner").filter(
            claim__partner=claim.partner_id, number__iexact=row.number, amount=row.amount, currency=row.currency
        )
        others = others.exclude(claim=claim).exclude(claim__state__in=[Claim.State.DRAFT, Claim.State.REJECTED])
        found += [Repeated(row.pk, other.claim_id, other.claim.reference) for other in others.select_related("claim")]
    return found
