"""How requests and claims look to other systems, and what their operations share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, Literal

from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404

from accounts.models import User
from accounts.permissions import Permission as P
from accounts.tokens import Scope
from marketing import refusals as marketing
from mdf.api.common import amount
from mdf.api.common import refusing as refusing_funds
from mdf.models import ApprovalStep, Claim, Happening, Line, Proof, Receipt
from mdf.models import Request as MdfRequest
from mdf.queries import claims as claim_queries
from mdf.queries import requests as queries
from mdf.refusals import Changed
from partners.api.common import date
from pipeline.api.common import text
from prm.api.auth import Allowed, Request
from prm.api.problems import Problem, from_validation
from prm.api.schemas import Out, instant

WRITES = Allowed(Scope.MARKETING_WRITE, vendor=P.EDIT_MARKETING, portal=P.MARKET)
DECIDES = Allowed(Scope.MARKETING_WRITE, vendor=P.DECIDE_MDF)
SEES_WAITING = Allowed(Scope.MARKETING_READ, vendor=P.DECIDE_MDF)
PAYS = Allowed(Scope.MARKETING_WRITE, vendor=P.EDIT_FUNDS)
SETS_RULES = Allowed(Scope.MARKETING_WRITE, vendor=P.EDIT_SETTINGS)
SEES_RULES = Allowed(Scope.MARKETING_READ, vendor=P.SEE_MDF)

State = Literal["draft", "submitted", "in_review", "approved", "returned", "rejected", "closed", "expired"]
ClaimState = Literal["draft", "submitted", "in_review", "approved", "returned", "rejected", "paid"]
DecisionName = Literal["undecided", "as_asked", "changed", "denied", "returned"]
LevelName = Literal["cam", "marketing", "chief", "admin"]
ProofKind = Literal["invoice", "proof", "results"]


class LineOut(Out):
    """An activity in a request. `asked_in_plan` and `decided_in_plan` are in the plan's currency, the rest in the request's; `approved`
    and what follows from the last approval on. `note`: why, by who decided."""

    id: int
    activity: int
    title: str
    tactic: str
    asked_in_plan: str
    asked: str
    decision: DecisionName
    decided_in_plan: str | None
    approved: str | None
    claimed: str
    left: str | None
    claim_until: str | None
    note: str


class RequestOut(Out):
    """`lines` ask for money, `others` are the activities decided in the same review. Amounts are in `currency`, the fund's; those of the
    plan in `plan_currency`. `full`: approved as it was asked. `share` is a fraction. Who decided, the vendor's side is told."""

    id: int
    reference: str
    partner: int
    plan: int
    fund: int | None
    account: int | None
    state: State
    round: int
    currency: str
    plan_currency: str
    asked: str
    approved: str | None
    full: bool | None
    released: str
    share: str | None
    claim_days: int | None
    note: str
    reason: str
    submitted_by: int | None
    submitted_at: str
    decided_by: int | None
    decided_at: str | None
    approved_on: str | None
    closed_at: str | None
    lines: list[LineOut]
    others: list[LineOut]
    updated_at: str


def line_out(line: Line, currency: str, plan_currency: str, *, told: bool = True) -> dict[str, Any]:
    """`told` False: what a step says of it isn't known yet, as a later one may say otherwise."""
    return {
        "id": line.pk,
        "activity": line.activity_id,
        "title": line.activity.title,
        "tactic": line.activity.tactic.key,
        "asked_in_plan": amount(line.asked_in_plan, plan_currency),
        "asked": amount(line.asked, currency),
        "decision": str(line.decision if told else Line.Decision.UNDECIDED),
        "decided_in_plan": _money(line.decided_in_plan, plan_currency) if told else None,
        "approved": _money(line.approved, currency),
        "claimed": amount(line.claimed, currency),
        "left": None if line.approved is None else amount(line.left, currency),
        "claim_until": date(line.claim_until),
        "note": line.note if told else "",
    }


def request_out(row: MdfRequest, user: User) -> dict[str, Any]:
    told = not user.is_partner_side
    plan_currency = row.plan.currency
    decided = told or row.state not in MdfRequest.REVIEWED
    lines = [(line, line_out(line, row.currency, plan_currency, told=decided)) for line in row.lines.all()]
    return {
        "id": row.pk,
        "reference": row.reference,
        "partner": row.partner_id,
        "plan": row.plan_id,
        "fund": row.fund_id,
        "account": row.account_id if told else None,
        "state": str(row.state),
        "round": row.round,
        "currency": row.currency,
        "plan_currency": plan_currency,
        "asked": amount(row.asked, row.currency),
        "approved": _money(row.approved, row.currency),
        "full": row.is_full,
        "released": amount(row.released, row.currency),
        "share": None if row.share is None else text(row.share),
        "claim_days": row.claim_days,
        "note": row.note,
        "reason": row.reason,
        "submitted_by": row.submitted_by_id,
        "submitted_at": instant(row.submitted_at),
        "decided_by": row.decided_by_id if told else None,
        "decided_at": instant(row.decided_at),
        "approved_on": date(row.approved_on),
        "closed_at": instant(row.closed_at),
        "lines": [shown for line, shown in lines if line.asks_money],
        "others": [shown for line, shown in lines if not line.asks_money],
        "updated_at": instant(row.updated_at),
    }


class StepOut(Out):
    """A step of a round of review. `level` is where it begins; `decided_level` where it was decided. Clocks, and who decided in whose
    place, the vendor's side is told."""

    id: int
    round: int
    position: int
    level: LevelName
    state: Literal["ahead", "waiting", "approved", "returned", "rejected", "covered", "ended"]
    started_at: str | None
    decide_by: str | None
    escalated_at: str | None
    decided_level: LevelName | None
    decided_by: int | None
    in_place_of: int | None
    decided_at: str | None
    amount: str | None
    reason: str


def step_out(step: ApprovalStep, currency: str, *, told: bool) -> dict[str, Any]:
    return {
        "id": step.pk,
        "round": step.round,
        "position": step.position,
        "level": str(step.level),
        "state": str(step.state),
        "started_at": instant(step.started_at),
        "decide_by": instant(step.decide_by) if told else None,
        "escalated_at": instant(step.escalated_at) if told else None,
        "decided_level": str(step.decided_level) or None,
        "decided_by": step.decided_by_id if told else None,
        "in_place_of": step.in_place_of_id if told else None,
        "decided_at": instant(step.decided_at),
        "amount": _money(step.amount, currency) if told else None,
        "reason": step.reason,
    }


class HappeningOut(Out):
    """Something that happened to it. Who did it, the vendor's side is told."""

    kind: str
    at: str
    by: int | None
    reason: str
    details: dict[str, Any]


def happening_out(row: Happening, *, told: bool) -> dict[str, Any]:
    return {
        "kind": str(row.kind),
        "at": instant(row.at),
        "by": row.by_id if told else None,
        "reason": row.reason,
        "details": row.details,
    }


class ReceiptOut(Out):
    """`eligible`: what of its amount counts; null: all of it."""

    id: int
    supplier: str
    number: str
    date: str | None
    amount: str
    currency: str
    eligible: str | None
    proof: int | None


class ProofOut(Out):
    """`removed_at`: taken out of a claim that had been submitted with it; the vendor still sees it."""

    id: int
    kind: ProofKind
    requirement: str
    name: str
    content_type: str
    size: int
    sha256: str
    uploaded_by: int | None
    uploaded_at: str
    removed_at: str | None


class ClaimOut(Out):
    """`asked` is in `asked_currency`, null: the share of what the receipts come to; the other amounts are in `currency`, the fund's."""

    id: int
    reference: str
    partner: int
    request: int
    line: int
    activity: int
    state: ClaimState
    round: int
    currency: str
    asked: str | None
    asked_currency: str
    claimed: str | None
    approved: str | None
    full: bool | None
    results: str
    reason: str
    submitted_by: int | None
    submitted_at: str | None
    decided_by: int | None
    decided_at: str | None
    approved_on: str | None
    paid_reference: str
    paid_on: str | None
    receipts: list[ReceiptOut]
    proofs: list[ProofOut]
    revision: int
    created_at: str
    updated_at: str


def receipt_out(row: Receipt) -> dict[str, Any]:
    return {
        "id": row.pk,
        "supplier": row.supplier,
        "number": row.number,
        "date": date(row.dated),
        "amount": amount(row.amount, row.currency),
        "currency": row.currency,
        "eligible": _money(row.eligible, row.currency),
        "proof": row.proof_id,
    }


def proof_out(row: Proof) -> dict[str, Any]:
    return {
        "id": row.pk,
        "kind": str(row.kind),
        "requirement": row.requirement,
        "name": row.name,
        "content_type": row.content_type,
        "size": row.size,
        "sha256": row.digest,
        "uploaded_by": row.uploaded_by_id,
        "uploaded_at": instant(row.uploaded_at),
        "removed_at": instant(row.removed_at) if row.removed_at else None,
    }


def claim_out(claim: Claim, user: User) -> dict[str, Any]:
    currency = claim.request.currency
    return {
        "id": claim.pk,
        "reference": claim.reference,
        "partner": claim.partner_id,
        "request": claim.request_id,
        "line": claim.line_id,
        "activity": claim.line.activity_id,
        "state": str(claim.state),
        "round": claim.round,
        "currency": currency,
        "asked": _money(claim.asked, claim.currency),
        "asked_currency": claim.currency,
        "claimed": _money(claim.claimed, currency),
        "approved": _money(claim.approved, currency),
        "full": claim.is_full,
        "results": claim.results,
        "reason": claim.reason,
        "submitted_by": claim.submitted_by_id,
        "submitted_at": instant(claim.submitted_at),
        "decided_by": None if user.is_partner_side else claim.decided_by_id,
        "decided_at": instant(claim.decided_at),
        "approved_on": date(claim.approved_on),
        "paid_reference": claim.paid_reference,
        "paid_on": date(claim.paid_on),
        "receipts": [receipt_out(row) for row in claim.receipts.all()],
        "proofs": [proof_out(row) for row in claim.proofs.all()],
        "revision": claim.revision,
        "created_at": instant(claim.created_at),
        "updated_at": instant(claim.updated_at),
    }


def _money(value: Decimal | None, currency: str) -> str | None:
    return None if value is None else amount(value, currency)


def find_request(request: Request, request_id: int) -> MdfRequest:
    """The request, where this user may see it; else 404."""
    rows = queries.with_lines(queries.requests(request.user), request.user)
    found: MdfRequest = get_object_or_404(rows, pk=request_id)
    return found


def find_claim(request: Request, claim_id: int) -> Claim:
    """The claim, where this user may see it; else 404."""
    rows = claim_queries.with_papers(claim_queries.claims(request.user), request.user)
    found: Claim = get_object_or_404(rows, pk=claim_id)
    return found


NAMES = {"plan": "plan", "currency": "asked_currency", "dated": "date"}  # as the API calls fields of the model


@contextmanager
def refusing() -> Iterator[None]:
    """Turns what an action refuses into a problem."""
    with refusing_funds():
        try:
            yield
        except (Changed, marketing.Changed) as error:
            raise Problem(412, str(error), code="changed-meanwhile") from error
        except marketing.NotReady as error:
            errors = [
                {"in": "body", "field": "plan", "message": reason, "pointer": "/plan"} for reason in error.reasons
            ]
            raise Problem(422, str(error), code="not-ready", errors=errors) from error
        except marketing.Closed as error:
            raise Problem(409, str(error), code="closed") from error
        except marketing.NotAllowed as error:
            raise Problem(403, str(error)) from error
        except ValidationError as error:
            raise from_validation(error, NAMES) from error
