"""Claims: receipts and proof go in, what is payable comes out, once and never more than was approved."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from accounts.permissions import Role
from marketing import spent
from marketing.models import Activity
from mdf import actions, asks
from mdf.actions import Changed, Closed, NotAllowed
from mdf.actions import claims as actions_of_claims
from mdf.models import ApprovalStep, Claim, Entry, Happening, Proof, Receipt, Request
from mdf.queries import claims as queries
from mdf.queries.funds import adds_up
from mdf.steps import Outcome
from prm.common import vendor
from prm.common.models import AuditEntry, CurrencyRate
from prm.common.vendor import today
from tests.mdf.asking import a_png, approved, cam, claimed, file, fresh, lines, marketer, started, tactic
from tests.mdf.funding import figures, make_fund, unallocated

State = Claim.State
A_PROOF = "Screenshot of the campaign"


@pytest.fixture
def fund(acme):
    return make_fund(acme, budget="50000")


@pytest.fixture
def line(acme, fund):
    return lines(approved(acme, fund, "4000"))[0]


def settle(acme, claim, **given):
    return actions.decide_claim(by=cam(acme), claim=claim, **given)


# ── What is payable ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_from_receipts_to_the_payment(acme, fund, line):
    claim = claimed(acme, line, "3000", "1000.01")
    assert (claim.state, claim.claimed) == (
        State.SUBMITTED,
        Decimal("2000.01"),
    )  # half of 4,000.01, half away from zero
    done = settle(acme, claim)
    assert (done.state, done.approved, done.is_full) == (State.APPROVED, Decimal("2000.01"), True)
    assert figures(unallocated(fund)) == ("46000", "1999.99", "2000.01", "0")
    entry = Entry.objects.unscoped("the test's").get(kind="spend")
    assert (entry.subject_kind, entry.subject_id, entry.amount) == ("claim", claim.pk, Decimal("2000.01"))
    with pytest.raises(NotAllowed):
        actions.pay_claim(by=cam(acme), claim=done, reference="SEPA 1")
    paid = actions.pay_claim(by=acme.users[Role.MARKETING], claim=done, reference="SEPA 1")
    assert (paid.state, paid.paid_on, paid.paid_reference) == (State.PAID, today(), "SEPA 1")
    assert figures(unallocated(fund)) == ("46000", "1999.99", "2000.01", "0"), "paying moves nothing"
    with pytest.raises(Closed):
        actions.pay_claim(by=acme.users[Role.MARKETING], claim=paid, reference="SEPA 2")


def test_reports_of_marketing_are_told_what_was_spent_in_the_plans_currency(acme):
    CurrencyRate.objects.create(currency="EUR", on=today(), rate=Decimal("1.25"))
    line = lines(approved(acme, make_fund(acme, currency="USD"), "1000"))[0]
    activities = Activity.everything.filter(plan=line.request.plan)
    assert spent.of(activities) == {}
    settle(acme, claimed(acme, line, "400.10"))
    assert spent.of(activities) == {line.activity_id: Decimal("200.05")}  # half; 250.06 USD
    CurrencyRate.objects.all().delete()
    assert (spent.of(activities), spent.of(activities).lacks) == ({}, {line.activity_id: "EUR"})


def test_several_claims_come_to_no_more_than_was_approved(acme, fund, line):
    first, second = claimed(acme, line, "5000"), claimed(acme, line, "3600")
    assert settle(acme, first).approved == 2500
    found = queries.payable(fresh(second))
    assert (found.by_receipts, found.left, found.amount) == (1800, 1500, 1500)
    done = settle(acme, second)
    assert (done.approved, done.is_full) == (1500, False)
    third = claimed(acme, line, "10")
    with pytest.raises(ValidationError, match="Nothing is payable"):
        settle(acme, third)
    assert figures(unallocated(fund)) == ("46000", "0", "4000", "0")
    assert adds_up(fund)


def test_only_what_is_eligible_of_a_receipt_counts(acme, line):
    claim = claimed(acme, line, "1000", "600")
    first = Receipt.everything.filter(claim=claim).order_by("position").first()
    done = settle(acme, claim, eligible={first.pk: Decimal(400)})
    assert (done.approved, done.is_full) == (500, False)


def test_less_can_be_approved_and_never_more(acme, line):
    claim = claimed(acme, line, "1000")
    with pytest.raises(ValidationError, match=r"At most .*500"):
        settle(acme, claim, amount=Decimal("500.01"))
    done = settle(acme, claim, amount=Decimal(120))
    assert (done.approved, done.is_full) == (120, False)


def test_who_asks_for_less_gets_what_they_ask_for(acme, line):
    assert settle(acme, claimed(acme, line, "1000", asked=Decimal(200))).approved == 200


def test_receipts_in_other_currencies_count_at_the_rates_of_the_day_the_request_was_approved(acme, line):
    request = line.request
    for days, rate in ((10, "1.25"), (0, "2")):
        CurrencyRate.objects.create(currency="EUR", on=today() - dt.timedelta(days=days), rate=Decimal(rate))
    Request.everything.filter(pk=request.pk).update(approved_on=today() - dt.timedelta(days=3))
    claim = claimed(acme, line, "1000", currency="USD")
    assert claim.claimed == 400  # half of 800 EUR
    assert settle(acme, claim).approved == 400


def test_a_currency_without_a_rate_is_named(acme, line):
    with pytest.raises(ValidationError, match="No rate for CHF"):
        claimed(acme, line, "1000", currency="CHF")


# ── What it takes ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_it_takes_a_receipt_an_invoice_and_each_proof_of_the_tactic(acme, fund):
    asked = tactic("shown", proofs=[A_PROOF, "List of who came"])
    line = lines(approved(acme, fund, "1000", of=asked))[0]
    claim = started(acme, line, invoice=False)
    by = marketer(acme)
    with pytest.raises(ValidationError) as refused:
        actions.submit_claim(by=by, claim=claim)
    assert set(refused.value.message_dict) == {"receipts", "invoice", "proofs"}
    actions.save_claim(by=by, claim=claim, receipts=[{"amount": Decimal(100)}])
    actions.add_proof(by=by, claim=claim, upload=file(), kind=Proof.Kind.INVOICE)
    actions.add_proof(by=by, claim=claim, upload=file(a_png(), "shot.png"), kind=Proof.Kind.PROOF, requirement=A_PROOF)
    with pytest.raises(ValidationError) as refused:
        actions.submit_claim(by=by, claim=claim)
    assert refused.value.message_dict == {"proofs": ["Still missing: List of who came."]}
    with pytest.raises(ValidationError):
        actions.add_proof(by=by, claim=claim, upload=file(), kind=Proof.Kind.PROOF, requirement="Something else")
    actions.add_proof(by=by, claim=claim, upload=file(), kind=Proof.Kind.PROOF, requirement="List of who came")
    assert actions.submit_claim(by=by, claim=claim).state == State.SUBMITTED


def test_a_file_is_kept_under_a_name_that_tells_nothing_and_goes_with_the_draft(acme, line):
    claim = started(acme, line, "10")
    proof = Proof.everything.get(claim=claim)
    assert proof.name == "invoice.pdf"
    assert "invoice" not in proof.file.name
    assert acme.vendor.schema_name in proof.file.path, "each vendor's files lie apart"
    stored = proof.file.storage
    assert stored.exists(proof.file.name)
    same = actions.add_proof(by=marketer(acme), claim=claim, upload=file(), kind=Proof.Kind.INVOICE)
    assert same == proof, "sent twice it is kept once"


@pytest.mark.django_db(transaction=False)
def test_a_draft_thrown_away_takes_its_files_along(acme, line, django_capture_on_commit_callbacks):
    claim = started(acme, line, "10")
    proof = Proof.everything.get(claim=claim)
    with django_capture_on_commit_callbacks(execute=True):
        actions.discard_claim(by=marketer(acme), claim=claim)
    assert not proof.file.storage.exists(proof.file.name)


def test_the_deadline_is_the_last_day_and_what_was_returned_may_come_later(acme, line, monkeypatch):
    early, late = started(acme, line, "100"), started(acme, line, "200")
    actions.submit_claim(by=marketer(acme), claim=early)
    actions.decide_claim(by=cam(acme), claim=early, outcome=Outcome.RETURNED, reason="The second page is missing")
    over = line.claim_until + dt.timedelta(days=1)
    monkeypatch.setattr(vendor.timezone, "now", lambda: dt.datetime.combine(over, dt.time(12), dt.UTC))
    with pytest.raises(Closed, match="could be claimed until"):
        actions.submit_claim(by=marketer(acme), claim=late)
    with pytest.raises(Closed, match="could be claimed until"):
        started(acme, line, "100")
    assert actions.submit_claim(by=marketer(acme), claim=fresh(early)).state == State.SUBMITTED


def test_a_request_that_is_not_approved_or_over_takes_no_claims(acme, fund, line):
    actions.close(by=cam(acme), request=line.request, reason="The quarter is over")
    with pytest.raises(Closed):
        claimed(acme, line, "100")
    refused = lines(approved(acme, fund, "0", "100"))[0]
    with pytest.raises(Closed, match="No money was approved"):
        claimed(acme, refused, "100")


def test_a_claim_under_review_keeps_its_request_open(acme, line):
    claim = claimed(acme, line, "100")
    with pytest.raises(Closed, match="waits for a decision"):
        actions.close(by=cam(acme), request=line.request, reason="The quarter is over")
    assert actions.end_due(on=line.claim_until + dt.timedelta(days=1)) == 0
    settle(acme, claim)
    actions.pay_claim(by=acme.users[Role.ADMIN], claim=claim, reference="1")
    assert actions.end_due(on=line.claim_until + dt.timedelta(days=1)) == 1
    done = fresh(line.request)
    assert (done.state, done.released) == (Request.State.EXPIRED, 3950)


def test_a_request_used_up_and_paid_is_closed(acme, line):
    claim = settle(acme, claimed(acme, line, "8000"))
    assert actions.end_due(on=today()) == 0
    actions.pay_claim(by=acme.users[Role.ADMIN], claim=claim, reference="1")
    assert actions.end_due(on=today()) == 1
    assert (fresh(line.request).state, fresh(line.request).released) == (Request.State.CLOSED, 0)


# ── Steps ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_steps_of_a_claim_are_those_of_all_that_is_claimed_in_the_quarter(acme, fund):
    line = lines(approved(acme, fund, "20000"))[0]
    first, second = claimed(acme, line, "9000"), claimed(acme, line, "1000.02")
    needed = [
        list(ApprovalStep.everything.filter(claim=each).values_list("level", flat=True)) for each in (first, second)
    ]
    assert needed == [["cam"], ["cam", "marketing"]]
    second = settle(acme, second)
    assert second.state == State.IN_REVIEW
    with pytest.raises(NotAllowed):
        settle(acme, second)
    assert actions.decide_claim(by=acme.users[Role.MARKETING], claim=second).approved == Decimal("500.01")


def test_nobody_decides_a_claim_of_their_own(acme, line):
    claim = claimed(acme, line, "100", by=cam(acme))
    with pytest.raises(NotAllowed, match="You don’t decide"):
        settle(acme, claim)
    assert actions.decide_claim(by=acme.users[Role.MARKETING], claim=claim).state == State.APPROVED


def test_whoever_changed_an_amount_last_owns_the_claim(acme, line):
    claim = started(acme, line, "100")
    actions.save_claim(by=cam(acme), claim=claim, values={"asked": Decimal(40)})
    claim = actions.submit_claim(by=marketer(acme), claim=fresh(claim))
    with pytest.raises(NotAllowed):
        settle(acme, claim)


def test_returned_and_rejected_with_a_reason(acme, line):
    claim = claimed(acme, line, "100")
    for outcome in (Outcome.RETURNED, Outcome.REJECTED):
        with pytest.raises(ValidationError):
            settle(acme, claim, outcome=outcome)
    back = settle(acme, claim, outcome=Outcome.RETURNED, reason="Which invoice is it?")
    assert (back.state, back.reason) == (State.RETURNED, "Which invoice is it?")
    again = actions.submit_claim(by=marketer(acme), claim=back)
    done = settle(acme, again, outcome=Outcome.REJECTED, reason="It is of last year")
    assert done.state == State.REJECTED
    kinds = Happening.everything.filter(claim=claim).order_by("at", "pk").values_list("kind", flat=True)
    assert list(kinds) == ["submitted", "returned", "resubmitted", "rejected"]


def test_somebody_elses_change_is_not_overwritten(acme, line):
    claim = started(acme, line, "100")
    seen = fresh(claim).revision
    actions.save_claim(by=marketer(acme), claim=claim, values={"results": "40 came"}, revision=seen)
    with pytest.raises(Changed) as told:
        actions.save_claim(by=cam(acme), claim=claim, values={"results": "50 came"}, revision=seen)
    assert told.value.current["results"] == "40 came"


def test_an_invoice_in_two_claims_is_pointed_out(acme, line):
    one, two = started(acme, line, "100"), started(acme, line, "100")
    actions.submit_claim(by=marketer(acme), claim=one)
    assert [each.reference for each in queries.repeated(two)] == [one.reference]
    assert queries.repeated(one) == []


# ── Mistakes ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_reversing_what_was_spent_sends_the_claim_back(acme, fund, line):
    claim = settle(acme, claimed(acme, line, "1000"))
    entry = Entry.objects.unscoped("the test's").get(kind="spend")
    actions.reverse(by=acme.users[Role.MARKETING], entry=entry, reason="It was another partner's")
    back = fresh(claim)
    assert (back.state, back.approved, back.reason) == (State.RETURNED, None, "It was another partner's")
    assert (fresh(line).claimed, figures(unallocated(fund))) == (0, ("46000", "4000", "0", "0"))
    assert settle(acme, actions.submit_claim(by=marketer(acme), claim=back)).approved == 500
    assert adds_up(fund)


def reversed_by_mistake(acme, kind, reason="A mistake"):
    entry = Entry.objects.unscoped("the test's").filter(kind=kind).order_by("pk").first()
    return actions.reverse(by=acme.users[Role.MARKETING], entry=entry, reason=reason)


def test_what_was_paid_by_mistake_is_reversed_also_once_the_request_is_over(acme, fund, line):
    claim = settle(acme, claimed(acme, line, "8000"))
    actions.pay_claim(by=acme.users[Role.ADMIN], claim=claim, reference="1")
    assert actions.end_due(on=today()) == 1
    reversed_by_mistake(acme, "spend", "It was another partner's")
    gone, over = fresh(claim), fresh(line.request)
    assert (gone.state, gone.approved, gone.paid_reference, gone.reason) == (
        State.REJECTED,
        None,
        "",
        "It was another partner's",
    )
    assert (over.state, over.released, fresh(line).claimed) == (Request.State.CLOSED, 4000, 0)
    assert figures(unallocated(fund)) == ("50000", "0", "0", "0")
    assert adds_up(fund)


def test_reversing_what_a_request_reserved_closes_it(acme, fund):
    request = approved(acme, fund, "4000", "1000")
    reversed_by_mistake(acme, "reserve")
    done = fresh(request)
    assert (done.state, done.released, done.reason) == (Request.State.CLOSED, 5000, "A mistake")
    assert figures(unallocated(fund)) == ("50000", "0", "0", "0")
    with pytest.raises(Closed, match="was taken back, too"):
        reversed_by_mistake(acme, "release")
    assert adds_up(fund)


def test_what_is_claimed_already_keeps_its_reserve(acme, fund, line):
    claimed(acme, line, "100")
    with pytest.raises(Closed, match="claimed of this request already"):
        reversed_by_mistake(acme, "reserve")
    assert figures(unallocated(fund)) == ("46000", "4000", "0", "0")


def test_a_request_closed_by_mistake_is_opened_again_with_all_it_held(acme, fund):
    request = approved(acme, fund, "4000", "1000")
    settle(acme, claimed(acme, lines(request)[0], "2000"))
    actions.close(by=cam(acme), request=request, reason="The quarter is over")
    reversed_by_mistake(acme, "release")
    again = fresh(request)
    assert (again.state, again.released, again.closed_at) == (Request.State.APPROVED, 0, None)
    assert figures(unallocated(fund)) == ("45000", "4000", "1000", "0")
    assert [actions.held(line.pk) for line in lines(again)] == [3000, 1000]
    assert Happening.everything.filter(request=request, kind="reopened").exists()
    assert settle(acme, claimed(acme, lines(again)[1], "2000")).approved == 1000
    assert adds_up(fund)


# ── Taken back by the partner ────────────────────────────────────────────────────────────────────────────────────────


def test_taking_a_claim_back_does_not_escape_the_deadline(acme, line, monkeypatch):
    claim = actions.recall_claim(by=marketer(acme), claim=claimed(acme, line, "100"))
    over = line.claim_until + dt.timedelta(days=1)
    monkeypatch.setattr(vendor.timezone, "now", lambda: dt.datetime.combine(over, dt.time(12), dt.UTC))
    with pytest.raises(Closed, match="could be claimed until"):
        actions.submit_claim(by=marketer(acme), claim=claim)
    assert actions.end_due(on=over) == 1, "what its partner took back keeps no request open"
    assert fresh(claim).state == State.REJECTED


def test_what_was_returned_ends_with_its_request_and_asks_for_nothing_more(acme, line):
    back = settle(acme, claimed(acme, line, "100"), outcome=Outcome.RETURNED, reason="Which invoice is it?")
    assert any("Complete your claim" in ask.text for ask in asks.asked_of(marketer(acme)))
    assert actions.end_due(on=line.claim_until + dt.timedelta(days=1)) == 0
    actions.close(by=cam(acme), request=line.request, reason="The event is off")
    assert (fresh(back).state, fresh(back).reason[:21]) == (State.REJECTED, "The request has ended")
    assert not any("Complete your claim" in ask.text for ask in asks.asked_of(marketer(acme)))


def test_partners_see_their_own_claims_only(acme, line):
    claim = started(acme, line, "100")
    proof = Proof.everything.get(claim=claim)
    for model, row in ((Claim, claim), (Proof, proof)):
        for seeing in (acme.users_a[Role.PARTNER_EXECUTIVE], cam(acme), acme.users[Role.CHIEF]):
            assert model.objects.visible_to(seeing).filter(pk=row.pk).exists()
        for stranger in (acme.users_b[Role.PARTNER_MARKETER], acme.cam_b):
            assert not model.objects.visible_to(stranger).filter(pk=row.pk).exists()


# ── What the next step is shown is what it books ─────────────────────────────────────────────────────────────────────


def test_the_next_step_is_shown_what_the_one_before_approved_and_books_it(acme, client_for, fund):
    line = lines(approved(acme, fund, "20000"))[0]
    claim = claimed(acme, line, "12000")
    assert settle(acme, claim, amount=Decimal(500)).state == State.IN_REVIEW
    client = client_for(acme.users[Role.MARKETING])
    for page in ("decide", "approve"):
        shown = client.get(f"/mdf/claims/{claim.pk}/{page}/").context["proposed"]
        assert "500.00" in shown
        assert "6,000" not in shown
    receipt = claim.receipts.get()
    assert queries.proposed(claim, {receipt.pk: Decimal(800)}) == 400
    done = actions.decide_claim(by=acme.users[Role.MARKETING], claim=claim, eligible={receipt.pk: Decimal(11000)})
    assert done.approved == 500, "what the step before cut isn't paid by saying what counts"


# ── What it held before ──────────────────────────────────────────────────────────────────────────────────────────────


def test_what_was_changed_and_what_was_handed_in_stays_known(acme, line):
    claim = started(acme, line, "1000")
    actions.save_claim(
        by=marketer(acme),
        claim=claim,
        values={"asked": Decimal(400)},
        receipts=[{"number": "7", "amount": Decimal(900), "currency": "EUR"}],
    )
    entry = AuditEntry.objects.get(verb="mdf_claim.changed")
    assert (entry.actor, entry.changes["asked"]) == (marketer(acme), [None, "400"])
    assert ("1000 EUR" in entry.changes["receipts"][0], entry.changes["receipts"][1]) == (True, "7 900 EUR")
    actions.submit_claim(by=marketer(acme), claim=fresh(claim))
    details = Happening.everything.get(claim=claim, kind="submitted").details
    assert (details["asked"], details["receipts"][0]["amount"], details["receipts"][0]["number"]) == ("400", "900", "7")
    assert details["proofs"] == [{"name": "invoice.pdf", "sha256": Proof.everything.get(claim=claim).digest}]


def test_a_file_that_was_submitted_is_kept_for_the_vendor_when_its_partner_removes_it(
    acme, client_for, line, django_capture_on_commit_callbacks
):
    claim = settle(acme, claimed(acme, line, "100"), outcome=Outcome.RETURNED, reason="Which invoice is it?")
    proof = Proof.everything.get(claim=claim)
    later = actions.add_proof(by=marketer(acme), claim=claim, upload=file(a_png(), "photo.png"), kind=Proof.Kind.PROOF)
    with django_capture_on_commit_callbacks(execute=True):
        actions.remove_proof(by=marketer(acme), proof=proof)
        actions.remove_proof(by=marketer(acme), proof=later)
    assert (proof.file.storage.exists(proof.file.name), later.file.storage.exists(later.file.name)) == (True, False)
    assert "invoice" in actions_of_claims.lacking(fresh(claim))
    own, vendors = client_for(marketer(acme)), client_for(cam(acme))
    assert own.get(f"/portal/mdf/proofs/{proof.pk}/").status_code == 404
    answer = vendors.get(f"/mdf/proofs/{proof.pk}/")
    assert b"".join(answer.streaming_content).startswith(b"%PDF")
    for close in answer._resource_closers:
        close()
    assert "invoice.pdf" not in own.get(f"/portal/mdf/claims/{claim.pk}/").content.decode()
    assert "removed" in vendors.get(f"/mdf/claims/{claim.pk}/").content.decode()


def test_what_of_a_receipt_counts_is_put_down_with_who_said_so(acme, line):
    claim = claimed(acme, line, "1000")
    settle(acme, claim, eligible={claim.receipts.get().pk: Decimal(600)})
    entry = AuditEntry.objects.get(verb="mdf_claim.counted")
    assert (entry.actor, list(entry.changes.values())) == (cam(acme), [["1000", "600"]])


def test_a_claim_that_comes_again_goes_by_the_rules_of_that_day(acme, line, monkeypatch):
    back = settle(acme, claimed(acme, line, "100"), outcome=Outcome.RETURNED, reason="Which invoice is it?")
    later = today() + dt.timedelta(days=2)
    strict = {"steps": [{"level": "cam", "above": "0"}, {"level": "marketing", "above": "10"}]}
    actions.set_rules(by=acme.users[Role.ADMIN], starts_on=later, rules=strict)
    monkeypatch.setattr(vendor.timezone, "now", lambda: dt.datetime.combine(later, dt.time(12), dt.UTC))
    again = actions.submit_claim(by=marketer(acme), claim=fresh(back))
    needed = ApprovalStep.everything.filter(claim=again, round=2).order_by("position").values_list("level", flat=True)
    assert list(needed) == ["cam", "marketing"]
