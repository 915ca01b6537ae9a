"""One claim, and the one short form in which it is written: invoices, what proves that it took place, a word on the results."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import FileResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from accounts.models import User
from mdf import actions, showing
from mdf.claim_forms import ClaimForm, PayForm
from mdf.models import Claim, Line, Proof, Receipt, Request
from mdf.queries import claims as queries
from mdf.queries import waiting
from mdf.refusals import Changed, Closed, NotAllowed
from mdf.views.requests import happenings, steps_of
from mdf.views.sides import Side, find_claim, find_line
from prm.common import uploads
from prm.common.merging import blame
from prm.common.money import NoRate
from prm.common.vendor import today

State = Claim.State
REFUSALS = (Closed, NotAllowed)


# ── Reading it ───────────────────────────────────────────────────────────────────────────────────────────────────────


def papers(claim: Claim, side: Side, user: User) -> dict[str, Any]:
    """Its receipts and files as the page shows them; to the vendor also receipts that stand in another claim, too."""
    proofs = list(Proof.objects.visible_to(user).filter(claim=claim).order_by("pk"))
    receipts = Receipt.objects.visible_to(user).filter(claim=claim).select_related("proof").order_by("position", "pk")
    repeated = queries.repeated(claim) if side.is_vendor else []
    return {
        "receipts": [_receipt(row, side) for row in receipts],
        "proofs": [shown_proof(proof, side) for proof in proofs],
        "repeated": [(row.reference, side.url("claim", row.other_claim)) for row in repeated],
        "missing": queries.missing_proofs(claim),
        "come_to": _comes_to(claim),
    }


def _receipt(row: Receipt, side: Side) -> dict[str, Any]:
    return {
        "receipt": row,
        "amount": showing.money(row.amount, row.currency),
        "counts": showing.money(row.counts, row.currency) if row.eligible is not None else "",
        "url": side.url("proof", row.proof_id) if row.proof_id else "",
    }


def shown_proof(proof: Proof, side: Side) -> dict[str, Any]:
    what = proof.requirement or proof.get_kind_display()
    if proof.removed_at is not None:
        what = _("%(what)s, removed %(when)s") % {"what": what, "when": showing.moment(proof.removed_at)}
    return {"proof": proof, "url": side.url("proof", proof.pk), "size": filesizeformat(proof.size), "what": what}


def _comes_to(claim: Claim) -> list[tuple[str, str]]:
    """(term, value): how what is payable comes about."""
    currency = claim.request.currency
    try:
        found = queries.payable(claim)
    except NoRate as error:
        return [(_("Payable"), f"– ({error})")]
    rounded = [
        (_("Receipts that count"), found.eligible),
        (_("Share paid back: %(share)s") % {"share": showing.percent(claim.request.share)}, found.by_receipts),
        (_("Left of what was approved"), found.left),
        (_("Payable, the smaller of both"), found.amount),
    ]
    return [(term, showing.fraction(value, currency)) for term, value in rounded]


def claim_page(request: HttpRequest, side: Side, pk: int) -> HttpResponse:
    return page(request, side, find_claim(request, pk))


def page(request: HttpRequest, side: Side, found: Claim, pay_form: PayForm | None = None) -> HttpResponse:
    user = request.user
    request.section = "mdf" if side.is_vendor else "mdf_claims"
    may_claim = queries.may_claim(user, found.partner)
    may_pay = side.is_vendor and found.state == State.APPROVED and queries.may_pay(user)
    decides = side.is_vendor and found.state in Claim.REVIEWED and waiting.may_decide(user, found) is not None
    context = {
        "found": found,
        "partner": found.partner,
        "state_word": showing.state_of(found),
        "facts": showing.claim_facts(found),
        "request_url": side.url("request", found.request_id),
        "edit_url": side.url("claim_line", found.line_id) if may_claim and found.is_editable else "",
        "steps": showing.steps(steps_of(found, user), told=side.is_vendor) if found.state in Claim.REVIEWED else [],
        "timeline": happenings(found, user),
        "may_recall": may_claim and found.state == State.SUBMITTED,
        "may_discard": may_claim and found.state == State.DRAFT,
        "may_decide": decides,
        "pay_form": (pay_form or PayForm(initial={"on": today()}, auto_id="pay_%s")) if may_pay else None,
        "crumbs": side.crumbs(claims=True),
        **papers(found, side, user),
    }
    return side.page(request, "claim", context, 422 if pay_form else 200)


def proof(request: HttpRequest, side: Side, pk: int) -> FileResponse:
    """A file of a claim, as a download."""
    found = get_object_or_404(queries.proofs(request.user), pk=pk)
    try:
        return uploads.download(found.file, name=found.name, content_type=found.content_type)
    except FileNotFoundError as error:
        raise Http404 from error


# ── What can be done with it ─────────────────────────────────────────────────────────────────────────────────────────


def recall(request: HttpRequest, side: Side, pk: int) -> HttpResponse:
    found = find_claim(request, pk)
    try:
        actions.recall_claim(by=request.user, claim=found)
    except REFUSALS as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Taken back: you can change it."))
    return redirect(side.url("claim", pk))


def discard(request: HttpRequest, side: Side, pk: int) -> HttpResponse:
    found = find_claim(request, pk)
    try:
        actions.discard_claim(by=request.user, claim=found)
    except REFUSALS as error:
        messages.error(request, str(error))
        return redirect(side.url("claim", pk))
    messages.success(request, _("The draft is gone."))
    return redirect(side.url("request", found.request_id))


def remove_proof(request: HttpRequest, side: Side, pk: int) -> HttpResponse:
    found = get_object_or_404(queries.proofs(request.user).select_related("claim"), pk=pk)
    try:
        actions.remove_proof(by=request.user, proof=found)
    except REFUSALS as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The file is removed."))
    return redirect(side.url("claim_line", found.claim.line_id))


def pay(request: HttpRequest, side: Side, pk: int) -> HttpResponse:
    """Puts down that it was paid."""
    found = find_claim(request, pk)
    form = PayForm(request.POST, auto_id="pay_%s")
    if form.is_valid():
        try:
            values = form.cleaned_data
            actions.pay_claim(by=request.user, claim=found, reference=values["reference"], on=values["on"])
        except ValidationError as error:
            blame(form, error)
        except REFUSALS as error:
            messages.error(request, str(error))
            return redirect(side.url("claim", pk))
        else:
            messages.success(request, _("Paid. The partner is told."))
            return redirect(side.url("claim", pk))
    return page(request, side, find_claim(request, pk), form)


# ── Writing it ───────────────────────────────────────────────────────────────────────────────────────────────────────


def write(request: HttpRequest, side: Side, pk: int) -> HttpResponse:
    """The form over one line of an approved request: the claim of it that can be changed, else a new one.

    Files are kept as soon as they are sent, so that a mistake elsewhere in the form loses none.
    """
    request.section = "mdf" if side.is_vendor else "mdf_claims"
    line = find_line(request, pk)
    if not queries.may_claim(request.user, line.request.partner):
        raise PermissionDenied
    claim = _open_claim(request, line)
    if request.method == "POST":
        return _written(request, side, line, claim)
    return _form_page(request, side, line, claim, _form(line, claim))


def _open_claim(request: HttpRequest, line: Line) -> Claim | None:
    rows = queries.claims(request.user).filter(line=line, state__in=Claim.EDITABLE)
    return rows.order_by("-pk").first()


def _form(line: Line, claim: Claim | None, data: Any = None, files: Any = None) -> ClaimForm:
    receipts = queries.receipts_of(claim) if claim else []
    return ClaimForm(
        data, files, claim=claim, currency=_currency(line), after=_latest(line), receipts=receipts, proofs=_proofs(claim),
        wanted=line.activity.tactic.proofs,
    )  # fmt: skip


def _latest(line: Line) -> int:
    """The id of the latest claim of a line; 0 without any."""
    return Claim.objects.unscoped("of a line in sight").filter(line=line).aggregate(n=Max("pk"))["n"] or 0


def _currency(line: Line) -> str:
    return str(line.request.plan.currency)


def _proofs(claim: Claim | None) -> list[Proof]:
    return list(queries.kept(claim)) if claim is not None else []


def _written(request: HttpRequest, side: Side, line: Line, claim: Claim | None) -> HttpResponse:
    data = request.POST.copy()
    form = _form(line, claim, data, request.FILES)
    fine = form.is_valid()
    after, latest = form.cleaned_data.get("after"), _latest(line)
    if claim is None and after is not None and latest > after:
        messages.info(request, _("This was sent already. You are told what becomes of it."))
        by_link = hasattr(request, "signed_link")
        return redirect(side.url("claim_line", line.pk) if by_link else side.url("claim", latest))
    try:
        if claim is None and (fine or any(form.uploads())):
            claim = actions.start_claim(by=request.user, line=line)
            data["revision"] = str(claim.revision)
            form.cleaned_data["revision"] = claim.revision
        if claim is not None:
            _keep_files(request, form, data, claim)
        if claim is not None and not form.errors:
            claim = _saved(request, form, data, claim)
        if claim is not None and not form.errors and "submit" in data:
            claim = _submitted(request, form, claim)
    except Changed as error:
        form.add_error(None, str(error))
        data["revision"] = str(error.current["revision"])
    except REFUSALS as error:
        messages.error(request, str(error))
        return redirect(side.url("request", line.request_id))
    if form.errors or claim is None:
        form.proofs = _proofs(claim)
        return _form_page(request, side, line, claim, form)
    if "submit" in data:
        messages.success(request, _("Submitted. You are told what becomes of it."))
        if not hasattr(request, "signed_link"):
            return redirect(side.url("claim", claim.pk))
    else:
        messages.success(request, _("Saved."))
    return redirect(side.url("claim_line", line.pk))


def _keep_files(request: HttpRequest, form: ClaimForm, data: QueryDict, claim: Claim) -> None:
    for name, kind, requirement, row in form.uploads():
        try:
            kept = actions.add_proof(
                by=request.user, claim=claim, upload=form.files[name], kind=kind, requirement=requirement
            )
        except ValidationError as error:
            form.add_error(name, [message for messages_ in error.message_dict.values() for message in messages_])
        else:
            if row is not None:
                data[f"receipts_{row}_proof"] = str(kept.pk)
                form.cleaned_data[f"receipts_{row}_proof"] = kept.pk


def _saved(request: HttpRequest, form: ClaimForm, data: QueryDict, claim: Claim) -> Claim:
    typed = form.receipts_typed()
    receipts = [row for _number, row in typed]
    try:
        saved = actions.save_claim(
            by=request.user, claim=claim, values=form.values, receipts=receipts, revision=form.cleaned_data["revision"]
        )
    except ValidationError as error:
        form.refuse(error, [number for number, _row in typed])
        return claim
    data["revision"] = str(saved.revision)
    return saved


def _submitted(request: HttpRequest, form: ClaimForm, claim: Claim) -> Claim:
    try:
        return actions.submit_claim(by=request.user, claim=claim)
    except ValidationError as error:
        form.refuse(error)
        return claim


def _form_page(request: HttpRequest, side: Side, line: Line, claim: Claim | None, form: ClaimForm) -> HttpResponse:
    found, day = line.request, today()
    can = found.state == Request.State.APPROVED and (line.left > 0 or claim is not None)
    late = line.claim_until is not None and line.claim_until < day and not (claim and queries.was_given_back(claim))
    submitted = queries.claims(request.user).filter(line=line).exclude(state__in=Claim.EDITABLE).order_by("-pk").first()
    context = {
        "line": line,
        "claim": claim,
        "found": found,
        "partner": found.partner,
        "form": form,
        "can": can and not late,
        "why_not": _why_not(line, late=late) if not can or late else "",
        "submitted": submitted,
        "submitted_word": showing.state_of(submitted) if submitted else "",
        "loose": _loose(form, side),
        "returned": claim.reason if claim is not None and claim.state == State.RETURNED else "",
        "kinds": ", ".join(uploads.labels()),
        "most": uploads.MOST_BYTES // uploads.MEGABYTE,
        "facts": _line_facts(line, claim),
        "can_remove": not hasattr(request, "signed_link"),
        "action": side.url("claim_line", line.pk),
        "crumbs": side.crumbs((found.reference, side.url("request", found.pk))),
    }
    return side.page(request, "claim_form", context, 422 if form.is_bound else 200)


def _loose(form: ClaimForm, side: Side) -> list[dict[str, Any]]:
    """Every file that is there, with the address to take it away."""
    return [{**shown_proof(row, side), "remove_url": side.url("remove_proof", row.pk)} for row in form.proofs]


def _why_not(line: Line, *, late: bool) -> str:
    if late:
        return _("It could be claimed until %(day)s.") % {"day": showing.day(line.claim_until)}
    if line.request.state != Request.State.APPROVED:
        return _("The request is %(state)s: nothing can be claimed of it.") % {
            "state": showing.state_of(line.request).lower()
        }
    return _("All that was approved is claimed.")


def _line_facts(line: Line, claim: Claim | None) -> list[tuple[str, Any]]:
    found = line.request
    until = (
        f"{showing.day(line.claim_until)} ({showing.days_left(line.claim_until, today())})" if line.claim_until else "–"
    )
    facts: list[tuple[str, Any]] = [
        (_("Activity"), line.activity.title),
        (_("Approved"), showing.money(line.approved, found.currency)),
        (_("Claimed before"), showing.money(line.claimed, found.currency)),
        (_("Left"), showing.money(line.left, found.currency)),
        (_("Share paid back"), showing.percent(found.share)),
        (_("Claim until"), until),
    ]
    return [*facts, (_("Reference"), claim.reference)] if claim else facts
