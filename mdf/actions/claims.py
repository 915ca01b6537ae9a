"""A claim is written by the partner: amounts, receipts, files; and submitted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from mdf import claiming
from mdf.actions.common import Kind, locked_claim, locked_request, must_be, put_down
from mdf.actions.stepping import end_round, open_round
from mdf.models import Claim, Line, Proof, Receipt, Request
from mdf.queries import claims as queries
from mdf.refusals import Changed, Closed, NotAllowed
from mdf.telling import tell
from prm.common import audit, uploads
from prm.common.currencies import MINOR_UNITS
from prm.common.money import NoRate, minor_units
from prm.common.numbers import round_half_away
from prm.common.vendor import today

State = Claim.State
FIELDS = ("asked", "currency", "results")
OF_RECEIPT = ("supplier", "number", "dated", "amount", "currency", "proof")
MOST_RECEIPTS = 100
MOST_FILES = 50
MOST = Decimal(10) ** 12


@transaction.atomic
def start_claim(
    *, by: User, line: Line, values: Mapping[str, Any] | None = None, receipts: Sequence[Mapping[str, Any]] = ()
) -> Claim:
    """A draft for one line of an approved request. NotAllowed, Closed where nothing can be claimed of it; ValidationError by field."""
    request = locked_request(line.request, by)
    if not queries.may_claim(by, request.partner):
        raise NotAllowed(_("You may not claim for this partner."))
    rows = Line.objects.unscoped("of a request in reach").select_related("activity__tactic", "activity__plan")
    fresh = rows.get(pk=line.pk, request=request)
    must_be(request, Request.State.APPROVED)
    if not fresh.approved:
        raise Closed(_("No money was approved for “%(title)s”.") % {"title": fresh.activity.title})
    _must_be_in_time(fresh)
    claim = Claim(
        partner=request.partner, request=request, line=fresh, currency=fresh.activity.plan.currency, created_by=by,
        amounts_by=by,
    )  # fmt: skip
    _put(claim, values or {})
    claim.save()
    if receipts:
        _put_receipts(claim, receipts)
    audit.record(by=by, verb="mdf_claim.started", target=claim)
    return claim


@transaction.atomic
def save_claim(
    *,
    by: User,
    claim: Claim,
    values: Mapping[str, Any] | None = None,
    receipts: Sequence[Mapping[str, Any]] | None = None,
    revision: int | None = None,
) -> Claim:
    """Changes the fields given (FIELDS), and with `receipts` puts these (OF_RECEIPT) in the place of those there are. Changed where
    somebody has typed into it since `revision`; NotAllowed, Closed, ValidationError by field ("receipts.<n>.<field>")."""
    fresh = _editable(claim, by)
    if revision is not None and revision != fresh.revision:
        current = {name: getattr(fresh, name) for name in FIELDS} | {"revision": fresh.revision}
        raise Changed(_("Somebody changed this while you were typing. Nothing of yours is saved yet."), current)
    before, amounts = _as_written(fresh), (fresh.asked, fresh.currency, _amounts(fresh))
    _put(fresh, values or {})
    if receipts is not None:
        _put_receipts(fresh, receipts)
    if (fresh.asked, fresh.currency, _amounts(fresh)) != amounts:
        fresh.amounts_by = by
    fresh.revision += 1
    fresh.save()
    if changes := audit.changes_between(before, _as_written(fresh)):
        audit.record(by=by, verb="mdf_claim.changed", target=fresh, changes=changes, in_history=False)
    return fresh


@transaction.atomic
def add_proof(*, by: User, claim: Claim, upload: UploadedFile[Any], kind: str, requirement: str = "") -> Proof:
    """Looks into a file and keeps it with the claim. `requirement`: which of the tactic's proofs it is. NotAllowed, Closed,
    ValidationError (file, kind, requirement)."""
    fresh = _editable(claim, by)
    if kind not in Proof.Kind.values:
        raise ValidationError({"kind": _("Choose what this file is.")})
    if requirement and requirement not in fresh.line.activity.tactic.proofs:
        raise ValidationError({"requirement": _("This activity doesn’t ask for such a proof.")})
    rows = queries.kept(fresh)
    if rows.count() >= MOST_FILES:
        raise ValidationError({"file": _("A claim has at most %(n)s files.") % {"n": MOST_FILES}})
    try:
        checked = uploads.check(upload)
    except ValidationError as error:
        raise ValidationError({"file": error.messages}) from error
    known = rows.filter(digest=checked.digest, kind=kind, requirement=requirement).first()
    if known is not None:
        return known  # the same file sent twice
    proof = Proof(
        claim=fresh, kind=kind, requirement=requirement, name=checked.name, content_type=checked.content_type,
        size=checked.size, digest=checked.digest, uploaded_by=by,
    )  # fmt: skip
    proof.file.save(checked.name, upload, save=False)
    proof.save()
    audit.record(by=by, verb="mdf_proof.added", target=proof)
    return proof


@transaction.atomic
def remove_proof(*, by: User, proof: Proof) -> None:
    """Takes a file away from a claim that can be changed; one that was submitted with it is kept for the vendor. NotAllowed, Closed."""
    fresh = _editable(proof.claim, by)
    found = queries.kept(fresh).filter(pk=proof.pk).first()
    if found is None:
        raise NotAllowed(_("This file was removed."))
    audit.record(by=by, verb="mdf_proof.removed", target=found)
    if fresh.submitted_at is not None and found.uploaded_at <= fresh.submitted_at:
        Receipt.objects.unscoped("of a claim in reach").filter(proof=found).update(proof=None)
        found.removed_at = timezone.now()
        found.save(update_fields=["removed_at"])
        return
    storage, name = found.file.storage, str(found.file.name)
    found.delete()
    transaction.on_commit(lambda: storage.delete(name))


@transaction.atomic
def submit_claim(*, by: User, claim: Claim, revision: int | None = None) -> Claim:
    """Hands the claim in; the first step begins. ValidationError by field where something is missing or the deadline has passed (one
    that the vendor returned is submitted again whenever). NotAllowed, Closed, Changed."""
    fresh = _editable(claim, by)
    must_be(fresh.request, Request.State.APPROVED)
    if revision is not None and revision != fresh.revision:
        raise Changed(
            _("Somebody changed this while you were typing. Nothing of yours is saved yet."),
            {"revision": fresh.revision},
        )
    if wrong := lacking(fresh):
        raise ValidationError(wrong)
    first = fresh.submitted_on is None
    if not queries.was_given_back(fresh):
        _must_be_in_time(fresh.line)
    try:
        fresh.claimed = claiming.rounded(queries.claimed(fresh), fresh.request.currency)
    except NoRate as error:
        raise ValidationError({"currency": str(error)}) from error
    Receipt.objects.unscoped("of a claim in reach").filter(claim=fresh).update(eligible=None)
    fresh.state, fresh.round = State.SUBMITTED, fresh.round + 1
    fresh.submitted_by, fresh.submitted_at = by, timezone.now()
    fresh.submitted_on = fresh.submitted_on or today()
    fresh.decided_by = fresh.decided_at = fresh.approved = fresh.approved_on = fresh.is_full = None
    fresh.reason = ""
    fresh.revision += 1
    fresh.save()
    details = {"claimed": f"{fresh.claimed:f}", "currency": fresh.request.currency, **_handed_in(fresh)}
    happening = put_down(fresh, Kind.SUBMITTED if first else Kind.RESUBMITTED, by=by, details=details)
    tell("claim.submitted", fresh, happening=happening)
    open_round(fresh)
    return fresh


@transaction.atomic
def recall_claim(*, by: User, claim: Claim) -> Claim:
    """Takes it back while nobody has decided a step; it can be changed then. NotAllowed, Closed."""
    fresh = locked_claim(claim, by)
    if not queries.may_claim(by, fresh.partner):
        raise NotAllowed(_("You may not claim for this partner."))
    must_be(fresh, State.SUBMITTED)
    fresh.state = State.RETURNED
    fresh.save()
    end_round(fresh)
    happening = put_down(fresh, Kind.RECALLED, by=by)
    tell("claim.recalled", fresh, happening=happening)
    return fresh


@transaction.atomic
def discard_claim(*, by: User, claim: Claim) -> None:
    """Throws a draft away, with its files. NotAllowed, Closed once it was submitted."""
    fresh = _editable(claim, by)
    must_be(fresh, State.DRAFT)
    audit.record(by=by, verb="mdf_claim.discarded", target=fresh)
    files = [proof.file for proof in Proof.objects.unscoped("of a claim in reach").filter(claim=fresh)]
    fresh.delete()
    transaction.on_commit(lambda: [file.storage.delete(file.name) for file in files])


def lacking(claim: Claim) -> dict[str, str]:
    """What keeps it from being submitted, by field, in words."""
    wrong = {}
    receipts = queries.receipts_of(claim)
    if not receipts:
        wrong["receipts"] = _("Add the invoice you paid: its amount and date.")
    if not queries.kept(claim).filter(kind=Proof.Kind.INVOICE).exists():
        wrong["invoice"] = _("Upload the invoice.")
    if missing := queries.missing_proofs(claim):
        wrong["proofs"] = _("Still missing: %(proofs)s.") % {"proofs": ", ".join(missing)}
    return wrong


def _editable(claim: Claim, by: User) -> Claim:
    fresh = locked_claim(claim, by)
    if not queries.may_claim(by, fresh.partner):
        raise NotAllowed(_("You may not claim for this partner."))
    must_be(fresh, *Claim.EDITABLE)
    return fresh


def _must_be_in_time(line: Line, day: dt.date | None = None) -> None:
    """Closed once the last day to claim is over."""
    if line.claim_until is not None and claiming.days_left(line.claim_until, day or today()) < 0:
        last = date_format(line.claim_until, "DATE_FORMAT")
        raise Closed(_("“%(title)s” could be claimed until %(day)s.") % {"title": line.activity.title, "day": last})


# ── What is typed ────────────────────────────────────────────────────────────────────────────────────────────────────


def _put(claim: Claim, values: Mapping[str, Any]) -> None:
    if unknown := set(values) - set(FIELDS):
        raise ValidationError({sorted(unknown)[0]: _("There is no such field.")})
    for name, value in values.items():
        setattr(claim, name, value)
    claim.results = claim.results.strip()
    if len(claim.results) > 2000:
        raise ValidationError({"results": _("This is too long: at most %(n)s characters.") % {"n": 2000}})
    _check_currency("currency", claim.currency)
    if claim.asked is not None:
        _check_amount("asked", claim.asked, claim.currency)


def _put_receipts(claim: Claim, receipts: Sequence[Mapping[str, Any]]) -> None:
    if len(receipts) > MOST_RECEIPTS:
        raise ValidationError({"receipts": _("A claim has at most %(n)s receipts.") % {"n": MOST_RECEIPTS}})
    files = set(queries.kept(claim).values_list("pk", flat=True))
    rows = [_receipt(claim, number, each, files) for number, each in enumerate(receipts)]
    Receipt.objects.unscoped("of a claim in reach").filter(claim=claim).delete()
    Receipt.objects.bulk_create(rows)


def _receipt(claim: Claim, number: int, each: Mapping[str, Any], files: set[int]) -> Receipt:
    at = f"receipts.{number}"
    if unknown := set(each) - set(OF_RECEIPT):
        raise ValidationError({f"{at}.{sorted(unknown)[0]}": _("There is no such field.")})
    row = Receipt(
        claim=claim, position=number, supplier=str(each.get("supplier") or "").strip()[:200],
        number=str(each.get("number") or "").strip()[:60], dated=each.get("dated"), amount=each.get("amount"),
        currency=each.get("currency") or claim.currency,
    )  # fmt: skip
    _check_currency(f"{at}.currency", row.currency)
    _check_amount(f"{at}.amount", row.amount, row.currency)
    if row.dated is not None and row.dated > today():
        raise ValidationError({f"{at}.dated": _("This day is still to come.")})
    proof = each.get("proof")
    proof_id = proof.pk if isinstance(proof, Proof) else proof
    if proof_id is not None and proof_id not in files:
        raise ValidationError({f"{at}.proof": _("This file isn’t one of the claim’s.")})
    row.proof_id = proof_id
    return row


def _check_currency(field: str, currency: str) -> None:
    if currency not in MINOR_UNITS:
        raise ValidationError({field: _("This isn’t the code of a currency.")})


def _check_amount(field: str, amount: Decimal | None, currency: str) -> None:
    if amount is None or not amount.is_finite() or not 0 < amount < MOST:
        raise ValidationError({field: _("Enter an amount above 0.")})
    if amount != round_half_away(amount, minor_units(currency)):
        words = {"currency": currency, "n": minor_units(currency)}
        raise ValidationError({field: _("%(currency)s has %(n)s decimals.") % words})


def _as_written(claim: Claim) -> dict[str, str | None]:
    """What is typed into a claim, as text."""
    receipts = [
        " ".join(filter(None, (row.supplier, row.number, str(row.dated or ""), _text(row.amount), row.currency)))
        for row in queries.receipts_of(claim)
    ]
    asked = None if claim.asked is None else _text(claim.asked)
    return {"asked": asked, "currency": claim.currency, "results": claim.results, "receipts": "; ".join(receipts)}


def _handed_in(claim: Claim) -> dict[str, Any]:
    """What a claim holds on the day it is submitted: later ones may change it."""
    receipts = [
        {
            "supplier": row.supplier, "number": row.number, "date": row.dated.isoformat() if row.dated else None,
            "amount": _text(row.amount), "currency": row.currency,
        }
        for row in queries.receipts_of(claim)
    ]  # fmt: skip
    proofs = [{"name": row.name, "sha256": row.digest} for row in queries.kept(claim)]
    asked = None if claim.asked is None else _text(claim.asked)
    return {"asked": asked, "asked_currency": claim.currency, "receipts": receipts, "proofs": proofs}


def _text(amount: Decimal) -> str:
    return f"{amount.normalize():f}"


def _amounts(claim: Claim) -> list[tuple[Decimal, str]]:
    return [(row.amount, row.currency) for row in queries.receipts_of(claim)]
