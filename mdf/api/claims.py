"""Claims: written with receipts and files, submitted, decided, paid."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Literal

from django.db import transaction
from django.db.models import F
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import File, Form, Query, Router, Status
from ninja.files import UploadedFile
from pydantic import BaseModel, Field

from mdf import actions, claiming
from mdf.api.common import READS, amount, narrowed
from mdf.api.shapes import (
    DECIDES,
    PAYS,
    WRITES,
    ClaimOut,
    ClaimState,
    HappeningOut,
    LineOut,
    ProofKind,
    ProofOut,
    StepOut,
    claim_out,
    find_claim,
    happening_out,
    line_out,
    proof_out,
    refusing,
    step_out,
)
from mdf.models import Claim, Line, Proof
from mdf.queries import claims as queries
from mdf.queries import requests as request_queries
from mdf.steps import Outcome
from partners.api.common import one_of
from pipeline.api.common import Currency, text
from prm.api.auth import Allowed, Request
from prm.api.paging import Paging, everything, page
from prm.api.schemas import Id, In, Out, Page, Patch, given
from prm.common import uploads

router = Router(tags=["MDF claims"])

SORTS = {"created_at": F("created_at"), "updated_at": F("updated_at")}
Sort = Literal["id", "-id", "created_at", "-created_at", "updated_at", "-updated_at"]
Sum = Annotated[Decimal, Field(gt=0, max_digits=16, decimal_places=4)]
NotNegative = Annotated[Decimal, Field(ge=0, max_digits=16, decimal_places=4)]
Share = Annotated[Decimal, Field(ge=0, le=1, max_digits=7, decimal_places=6)]


class ReceiptIn(In):
    """An invoice. `currency` is the claim's where left out; `proof` one of the claim's files."""

    supplier: str = Field("", max_length=200)
    number: str = Field("", max_length=60)
    date: dt.date | None = None
    amount: Sum
    currency: Currency | None = None
    proof: Id | None = None


class ClaimPatch(Patch):
    """Fields not sent stay as they are; `receipts` take the place of those there are. `asked` null: the share of what the receipts come
    to. With `revision` only while nobody else has typed into it (else 412)."""

    asked: Sum | None = None
    asked_currency: Currency | None = None
    results: str = Field("", max_length=2000)
    receipts: list[ReceiptIn] = Field([], max_length=actions.MOST_RECEIPTS)
    revision: int | None = Field(None, ge=0)


class ClaimIn(In):
    """A draft for one line of an approved request. `asked_currency` is the plan's where left out."""

    line: Id
    asked: Sum | None = None
    asked_currency: Currency | None = None
    results: str = Field("", max_length=2000)
    receipts: list[ReceiptIn] = Field([], max_length=actions.MOST_RECEIPTS)


class SubmitIn(In):
    revision: int | None = Field(None, ge=0)


class EligibleIn(In):
    """What of a receipt counts, in its currency."""

    receipt: Id
    amount: NotNegative


class ClaimDecisionIn(In):
    """The decision of the step that waits. `amount`: in the fund's currency, at most what is payable; null: what the step before approved,
    at first what is payable of what was asked for. `step`: refuse (409) where another step waits by now."""

    decision: Literal["approved", "returned", "rejected"]
    amount: Sum | None = None
    eligible: list[EligibleIn] = Field([], max_length=actions.MOST_RECEIPTS)
    reason: str = Field("", max_length=500)
    step: Id | None = None


class PaymentIn(In):
    reference: str = Field(min_length=1, max_length=120)
    on: dt.date | None = None


class PayableOut(Out):
    """payable = min(share × eligible, approved − claimed_before), in `currency`, to its minor unit. `proposed`: that, but at most what was
    asked for."""

    currency: str
    share: str
    eligible: str
    by_receipts: str
    approved: str
    claimed_before: str
    left: str
    payable: str
    proposed: str


class PayableIn(In):
    """Amounts in one currency; `claimed`: what earlier claims were approved for."""

    currency: Currency
    share: Share
    eligible: list[NotNegative] = Field(max_length=1000)
    approved: NotNegative
    claimed: list[NotNegative] = Field([], max_length=1000)


class PayableAnswer(Out):
    payable: str
    by_receipts: str
    left: str


class ClaimableOut(LineOut):
    """A line of an approved request with something left to claim, until `claim_until`. `proofs`: what its tactic asks for."""

    request: int
    partner: int
    currency: str
    share: str
    proofs: list[str]


class ClaimQuery(BaseModel):
    """What repeats means any of them."""

    partner: Id | None = None
    request: Id | None = None
    line: Id | None = None
    state: list[ClaimState] = []
    updated_since: dt.datetime | None = None


@router.get("/mdf/claimable", response=Page[ClaimableOut], auth=READS)
def list_mdf_claimable(request: Request, partner: Id | None = None) -> Any:
    """The lines that can still be claimed, those first whose deadline comes first."""
    rows = queries.claimable(request.user)
    return everything(rows if partner is None else rows.filter(request__partner=partner), _claimable_out)


def _claimable_out(line: Line) -> dict[str, Any]:
    asked = line.request
    return {
        **line_out(line, asked.currency, line.activity.plan.currency),
        "request": asked.pk,
        "partner": asked.partner_id,
        "currency": asked.currency,
        "share": text(asked.share or Decimal(0)),
        "proofs": list(line.activity.tactic.proofs),
    }


@router.get("/mdf/claims", response=Page[ClaimOut], auth=READS)
def list_mdf_claims(
    request: Request,
    response: HttpResponse,
    paging: Annotated[Paging, Query()],
    query: Annotated[ClaimQuery, Query()],
    sort: Sort = "id",
) -> Any:
    """The claims one may see."""
    rows = queries.with_papers(queries.claims(request.user), request.user)
    rows = narrowed(rows, query, "partner", "request", "line")
    return page(
        request, response, rows, lambda row: claim_out(row, request.user), paging=paging, sort=sort, by=SORTS,
        known=("sort", *ClaimQuery.model_fields),
    )  # fmt: skip


@router.post("/mdf/claims", response={201: ClaimOut}, auth=WRITES)
def create_mdf_claim(request: Request, response: HttpResponse, body: ClaimIn) -> Any:
    """A draft. Its files come one by one (`/mdf/claims/{id}/proofs`), then it is submitted."""
    line = one_of(Line.objects.visible_to(request.user), "line", pk=body.line)
    values = {"asked": body.asked, "results": body.results}
    if body.asked_currency is not None:
        values["currency"] = body.asked_currency
    with refusing():
        made = actions.start_claim(by=request.user, line=line, values=values, receipts=_receipts(body.receipts))
    response["Location"] = request.build_absolute_uri(f"/api/v1/mdf/claims/{made.pk}")
    return Status(201, claim_out(find_claim(request, made.pk), request.user))


@router.get("/mdf/claims/{int:claim_id}", response=ClaimOut, auth=READS)
def get_mdf_claim(request: Request, claim_id: int) -> Any:
    """One claim, with its receipts and files."""
    return claim_out(find_claim(request, claim_id), request.user)


@router.patch("/mdf/claims/{int:claim_id}", response=ClaimOut, auth=WRITES)
def update_mdf_claim(request: Request, claim_id: int, body: ClaimPatch) -> Any:
    """Changes the fields sent of a draft, or of one that was returned."""
    sent = given(body)
    values: dict[str, Any] = {name: sent[name] for name in ("asked", "results") if name in sent}
    if sent.get("asked_currency"):
        values["currency"] = body.asked_currency
    with refusing():
        actions.save_claim(
            by=request.user, claim=find_claim(request, claim_id), values=values, revision=body.revision,
            receipts=_receipts(body.receipts) if "receipts" in sent else None,
        )  # fmt: skip
    return claim_out(find_claim(request, claim_id), request.user)


@router.delete("/mdf/claims/{int:claim_id}", response={204: None}, auth=WRITES)
def discard_mdf_claim(request: Request, claim_id: int) -> Any:
    """Throws a draft away, with its files."""
    with refusing():
        actions.discard_claim(by=request.user, claim=find_claim(request, claim_id))
    return Status(204, None)


@router.post("/mdf/claims/{int:claim_id}/proofs", response={201: ProofOut}, auth=WRITES)
def add_mdf_proof(
    request: Request,
    response: HttpResponse,
    claim_id: int,
    file: Annotated[UploadedFile, File(description="PDF, PNG, JPEG, XLSX, DOCX, PPTX, CSV or TXT, at most 20 MB.")],
    kind: Annotated[ProofKind, Form()],
    requirement: Annotated[str, Form(max_length=120, description="Which of the tactic’s proofs it is.")] = "",
) -> Any:
    """Keeps a file with a claim, after a look at what it holds: programs, macros, scripts, bombs and what isn't what it is called are
    refused."""
    with refusing():
        proof = actions.add_proof(
            by=request.user, claim=find_claim(request, claim_id), upload=file, kind=kind, requirement=requirement
        )
    response["Location"] = request.build_absolute_uri(f"/api/v1/mdf/proofs/{proof.pk}/file")
    return Status(201, proof_out(proof))


def _proof(request: Request, proof_id: int) -> Proof:
    found: Proof = get_object_or_404(queries.proofs(request.user), pk=proof_id)
    return found


@router.get("/mdf/proofs/{int:proof_id}/file", response={200: bytes}, auth=READS)
def get_mdf_proof_file(request: Request, proof_id: int) -> Any:
    """The file, as a download."""
    proof = _proof(request, proof_id)
    try:
        return uploads.download(proof.file, name=proof.name, content_type=proof.content_type)
    except FileNotFoundError as error:
        raise Http404 from error


@router.delete("/mdf/proofs/{int:proof_id}", response={204: None}, auth=WRITES)
def remove_mdf_proof(request: Request, proof_id: int) -> Any:
    """Takes a file away from a claim that can be changed."""
    with refusing():
        actions.remove_proof(by=request.user, proof=_proof(request, proof_id))
    return Status(204, None)


@router.post("/mdf/claims/{int:claim_id}/submit", response=ClaimOut, auth=WRITES)
def submit_mdf_claim(request: Request, claim_id: int, body: SubmitIn) -> Any:
    """Hands it in. 422 where receipts, the invoice or a proof is missing; 409 `closed` after the deadline."""
    with refusing():
        actions.submit_claim(by=request.user, claim=find_claim(request, claim_id), revision=body.revision)
    return claim_out(find_claim(request, claim_id), request.user)


@router.post("/mdf/claims/{int:claim_id}/recall", response=ClaimOut, auth=WRITES)
def recall_mdf_claim(request: Request, claim_id: int) -> Any:
    """Takes it back while nobody has decided a step."""
    with refusing():
        actions.recall_claim(by=request.user, claim=find_claim(request, claim_id))
    return claim_out(find_claim(request, claim_id), request.user)


@router.post("/mdf/claims/{int:claim_id}/decision", response=ClaimOut, auth=DECIDES)
def decide_mdf_claim(request: Request, claim_id: int, body: ClaimDecisionIn) -> Any:
    """Decides the step that waits; the last approval spends the money. 403 where it is one's own, or somebody else's to decide."""
    found = find_claim(request, claim_id)
    with refusing(), transaction.atomic():
        actions.decide_claim(
            by=request.user, claim=found, outcome=Outcome(body.decision), amount=body.amount, reason=body.reason,
            eligible={each.receipt: each.amount for each in body.eligible}, step_id=body.step,
        )  # fmt: skip
    rows = queries.with_papers(queries.claims(request.user), request.user)
    now = rows.filter(pk=claim_id).first()
    if now is not None:
        return claim_out(now, request.user)
    decided = Claim.objects.unscoped("of one just decided in somebody's place").filter(pk=claim_id)
    return claim_out(found, request.user) | {"state": decided.values_list("state", flat=True)[0]}


@router.post("/mdf/claims/{int:claim_id}/payment", response=ClaimOut, auth=PAYS)
def pay_mdf_claim(request: Request, claim_id: int, body: PaymentIn) -> Any:
    """Puts down that an approved claim was paid; `on` is today where left out."""
    with refusing():
        actions.pay_claim(by=request.user, claim=find_claim(request, claim_id), reference=body.reference, on=body.on)
    return claim_out(find_claim(request, claim_id), request.user)


@router.get("/mdf/claims/{int:claim_id}/payable", response=PayableOut, auth=READS)
def get_mdf_claim_payable(request: Request, claim_id: int) -> Any:
    """What it comes to now."""
    claim = find_claim(request, claim_id)
    currency = claim.request.currency
    with refusing():
        found = queries.payable(claim)
        proposed = queries.proposed(claim)
    approved = claim.line.approved or Decimal(0)

    def shown(value: Fraction | Decimal) -> str:
        return amount(claiming.rounded(value, currency), currency)

    return {
        "currency": currency,
        "share": text(claim.request.share or Decimal(0)),
        "eligible": shown(found.eligible),
        "by_receipts": shown(found.by_receipts),
        "approved": shown(approved),
        "claimed_before": shown(Fraction(approved) - found.left),
        "left": shown(found.left),
        "payable": shown(found.amount),
        "proposed": shown(proposed),
    }


@router.post("/mdf/payable", response=PayableAnswer, auth=Allowed(None, everybody=True))
def compute_mdf_payable(request: Request, body: PayableIn) -> Any:
    """What a claim would come to: min(share × eligible receipts, approved − already approved claims). Nothing is kept."""
    found = claiming.payable(share=body.share, eligible=body.eligible, approved=body.approved, claimed=body.claimed)
    return {
        name: amount(claiming.rounded(value, body.currency), body.currency)
        for name, value in (("payable", found.amount), ("by_receipts", found.by_receipts), ("left", found.left))
    }


@router.get("/mdf/claims/{int:claim_id}/steps", response=Page[StepOut], auth=READS)
def list_mdf_claim_steps(request: Request, claim_id: int) -> Any:
    """Its steps of all rounds, the first first."""
    claim, told = find_claim(request, claim_id), not request.user.is_partner_side
    currency = claim.request.currency
    return everything(request_queries.steps(claim, request.user), lambda step: step_out(step, currency, told=told))


@router.get("/mdf/claims/{int:claim_id}/history", response=Page[HappeningOut], auth=READS)
def list_mdf_claim_history(request: Request, claim_id: int) -> Any:
    """What happened to it, the first first."""
    claim, told = find_claim(request, claim_id), not request.user.is_partner_side
    return everything(request_queries.history(claim, request.user), lambda row: happening_out(row, told=told))


def _receipts(rows: list[ReceiptIn]) -> list[dict[str, Any]]:
    return [
        {**row.model_dump(include={"supplier", "number", "amount", "currency", "proof"}), "dated": row.date}
        for row in rows
    ]
