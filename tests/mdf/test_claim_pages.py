"""Claims as partners write them in one form, and as the vendor decides and pays them, by page and by mail."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.permissions import Role
from marketing.models import Activity
from mdf import actions
from mdf.models import Claim, Line, Proof
from prm.common.vendor import today
from tests.mdf.asking import a_pdf, a_png, approved, cam, file, fresh, lines, marketer, tactic
from tests.mdf.funding import make_fund
from tests.mdf.test_request_pages import last, links, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def fund(acme):
    return make_fund(acme, budget="50000")


@pytest.fixture
def line(acme, fund):
    """10,000 approved for an activity that asks for one proof, half of what it costs is paid back."""
    of = tactic("fair", proofs=["Photo of the stand"])
    return lines(approved(acme, fund, "10000", of=of))[0]


@pytest.fixture
def nobody(client_for):
    return client_for()


def typed(**changes):
    """What is sent of the form with one invoice."""
    return {
        "rows": "1", "currency": "EUR", "asked": "", "results": "Forty came", "receipts_0_supplier": "Messe AG",
        "receipts_0_number": "2027-17", "receipts_0_dated": today().isoformat(), "receipts_0_amount": "8000",
        "receipts_0_file": file(), "proof_0": SimpleUploadedFile("stand.png", a_png()), "submit": "1", **changes,
    }  # fmt: skip


def test_one_form_makes_a_claim_and_submits_it(acme, client_for, line):
    client = client_for(marketer(acme))
    page = client.get(f"/portal/mdf/lines/{line.pk}/claim/")
    assert "Photo of the stand" in text(page)
    sent = client.post(f"/portal/mdf/lines/{line.pk}/claim/", typed())
    (claim,) = Claim.everything.filter(line=line)
    assert sent["Location"] == f"/portal/mdf/claims/{claim.pk}/"
    assert (claim.state, claim.claimed, claim.results) == ("submitted", 4000, "Forty came")
    (receipt,) = claim.receipts.all()
    assert (receipt.supplier, receipt.amount, receipt.proof.kind) == ("Messe AG", 8000, "invoice")
    assert [proof.requirement for proof in claim.proofs.filter(kind="proof")] == ["Photo of the stand"]


def test_a_file_that_is_refused_loses_nothing_else(acme, client_for, line):
    client = client_for(marketer(acme))
    program = SimpleUploadedFile("stand.png", b"MZ\x90\x00" + b"\x00" * 60)
    page = client.post(f"/portal/mdf/lines/{line.pk}/claim/", typed(proof_0=program))
    assert page.status_code == 422
    assert "it is a program" in text(page)
    shown = page.content.decode()
    assert ("Messe AG" in shown, "invoice.pdf" in shown) == (True, True)
    (claim,) = Claim.everything.filter(line=line)
    assert (claim.state, claim.proofs.count()) == ("draft", 1)
    kept = claim.proofs.get()
    again = typed(receipts_0_proof=str(kept.pk), revision=str(claim.revision))
    del again["receipts_0_file"]
    client.post(f"/portal/mdf/lines/{line.pk}/claim/", again)
    assert fresh(claim).state == "submitted"
    assert claim.receipts.get().proof == kept


def test_what_is_missing_is_said_and_the_draft_stays(acme, client_for, line):
    client = client_for(marketer(acme))
    body = typed()
    del body["proof_0"]
    page = client.post(f"/portal/mdf/lines/{line.pk}/claim/", body)
    assert (page.status_code, "Still missing: Photo of the stand" in text(page)) == (422, True)
    assert Claim.everything.get(line=line).state == "draft"
    bad = client.post(f"/portal/mdf/lines/{line.pk}/claim/", typed(receipts_0_amount="much"))
    assert (bad.status_code, 'value="much"' in bad.content.decode()) == (422, True)


def test_nothing_is_begun_by_an_empty_form_that_is_wrong(acme, client_for, line):
    client_for(marketer(acme)).post(f"/portal/mdf/lines/{line.pk}/claim/", {"rows": "1", "currency": "nonsense"})
    assert not Claim.everything.filter(line=line).exists()


def test_a_partner_neither_claims_nor_reads_what_is_anothers(acme, client_for, line):
    own = claimed_with_proof(acme, line)
    proof = own.proofs.first()
    other = client_for(marketer(acme, acme.partner_b))
    for path in (f"lines/{line.pk}/claim/", f"claims/{own.pk}/", f"proofs/{proof.pk}/"):
        assert other.get(f"/portal/mdf/{path}").status_code == 404, path
    assert own.reference not in text(other.get("/portal/mdf/claims/"))


def test_a_file_is_sent_as_a_download_that_can_do_nothing(acme, client_for, line):
    proof = claimed_with_proof(acme, line).proofs.first()
    for client, path in ((client_for(marketer(acme)), "portal/mdf"), (client_for(cam(acme)), "mdf")):
        got = client.get(f"/{path}/proofs/{proof.pk}/")
        assert (got.status_code, len(b"".join(got.streaming_content))) == (200, proof.size)
        for close in got._resource_closers:
            close()
        assert got["Content-Disposition"].startswith("attachment")
        assert (got["X-Content-Type-Options"], "sandbox" in got["Content-Security-Policy"]) == ("nosniff", True)


def claimed_with_proof(acme, line, amount="8000"):
    receipt = {"supplier": "Messe AG", "number": "17", "amount": Decimal(amount), "currency": "EUR", "dated": today()}
    claim = actions.start_claim(by=marketer(acme), line=line, receipts=[receipt])
    actions.add_proof(by=marketer(acme), claim=claim, upload=file(), kind=Proof.Kind.INVOICE)
    actions.add_proof(
        by=marketer(acme), claim=claim, upload=file(a_pdf("stand"), "stand.pdf"), kind=Proof.Kind.PROOF, requirement="Photo of the stand",
    )  # fmt: skip
    return actions.submit_claim(by=marketer(acme), claim=claim)


def test_it_is_decided_by_what_of_the_receipts_counts(acme, client_for, line):
    claim = claimed_with_proof(acme, line)
    client, receipt = client_for(cam(acme)), claim.receipts.get()
    page = client.get(f"/mdf/claims/{claim.pk}/decide/")
    assert "Approve EUR 4,000.00" in text(page).replace("\xa0", " ").replace("€", "EUR ") or "4,000" in text(page)
    body = {"decision": "returned", f"eligible_{receipt.pk}": "8000", "amount": "", "reason": ""}
    assert client.post(f"/mdf/claims/{claim.pk}/decide/", body).status_code == 422
    body |= {"decision": "approved", f"eligible_{receipt.pk}": "6000"}
    assert client.post(f"/mdf/claims/{claim.pk}/decide/", body)["Location"] == "/mdf/approvals/"
    found = fresh(claim)
    assert (found.state, found.approved, found.is_full) == ("approved", 3000, False)
    assert fresh(line).claimed == 3000


def test_the_mails_button_approves_a_claim(acme, nobody, line):
    claim = claimed_with_proof(acme, line)
    nobody.get(links(last(cam(acme)))[0], follow=True)
    assert fresh(claim).state == "submitted"
    nobody.post(f"/mdf/claims/{claim.pk}/approve/", {"reason": ""})
    assert (fresh(claim).state, fresh(claim).approved) == ("approved", 4000)
    assert last(marketer(acme)).subject.startswith("Approved")


def test_returned_it_is_completed_from_the_mail(acme, nobody, client_for, line):
    claim = claimed_with_proof(acme, line)
    nobody.get(links(last(cam(acme)))[1], follow=True)
    nobody.post(f"/mdf/claims/{claim.pk}/return/", {"reason": "The VAT does not count"})
    told = last(marketer(acme))
    assert (told.subject.startswith("To complete"), "The VAT does not count" in told.text) == (True, True)
    partner = client_for()
    page = partner.get(links(told)[0], follow=True)
    assert "The VAT does not count" in text(page)
    proof = claim.proofs.get(kind="invoice")
    body = typed(receipts_0_amount="6500", receipts_0_proof=str(proof.pk), revision=str(fresh(claim).revision))
    del body["receipts_0_file"], body["proof_0"]
    done = partner.post(f"/portal/mdf/lines/{line.pk}/claim/", body, follow=True)
    assert f"{claim.reference}: Submitted" in text(done)
    assert (fresh(claim).state, fresh(claim).claimed) == ("submitted", 3250)


def test_the_reminder_opens_the_claim(acme, fund, nobody):
    found, yesterday = lines(approved(acme, fund, "4000"))[0], today() - dt.timedelta(days=1)
    Activity.everything.filter(pk=found.activity_id).update(starts_on=yesterday, ends_on=yesterday)
    Line.everything.filter(pk=found.pk).update(claim_until=yesterday + dt.timedelta(days=60))
    actions.remind_to_claim(on=today())
    told = last(marketer(acme))
    assert "days to claim" in told.subject
    page = nobody.get(links(told)[0], follow=True)
    assert (page.status_code, found.activity.title in text(page)) == (200, True)


def test_paid_is_put_down_with_reference_and_day(acme, client_for, line):
    claim = claimed_with_proof(acme, line)
    actions.decide_claim(by=cam(acme), claim=claim)
    assert client_for(cam(acme)).post(f"/mdf/claims/{claim.pk}/pay/", {}).status_code == 403
    client = client_for(acme.users[Role.MARKETING])
    assert client.post(f"/mdf/claims/{claim.pk}/pay/", {"reference": "", "on": today()}).status_code == 422
    client.post(f"/mdf/claims/{claim.pk}/pay/", {"reference": "SEPA 77", "on": today().isoformat()})
    found = fresh(claim)
    assert (found.state, found.paid_reference, found.paid_on) == ("paid", "SEPA 77", today())
    assert last(marketer(acme)).subject.startswith("Paid")


def test_what_can_be_claimed_stands_over_the_partners_claims(acme, client_for, line):
    page = text(client_for(marketer(acme)).get("/portal/mdf/claims/"))
    assert line.activity.title in page
    assert "days left" in page
    seller = acme.users_a[Role.PARTNER_SELLER]
    assert f"/lines/{line.pk}/" not in client_for(seller).get("/portal/mdf/claims/").content.decode()


def test_an_invoice_that_stands_in_another_claim_is_said_to_the_vendor_alone(acme, client_for, line):
    first = claimed_with_proof(acme, line, "1000")
    second = claimed_with_proof(acme, line, "1000")
    assert first.reference in text(client_for(cam(acme)).get(f"/mdf/claims/{second.pk}/decide/"))
    assert "stands in claim" not in text(client_for(marketer(acme)).get(f"/portal/mdf/claims/{second.pk}/"))


def test_claims_narrow_and_leave_as_a_file(acme, client_for, line):
    claim = claimed_with_proof(acme, line, "2000")
    client = client_for(acme.users[Role.MARKETING])
    assert claim.reference in text(client.get("/mdf/claims/?state=submitted&tactic=fair"))
    assert claim.reference not in text(client.get("/mdf/claims/?look=to_pay"))
    assert claim.reference in client.get("/mdf/claims/export/csv/?state=submitted").content.decode()


def as_shown(client, address):
    """What a browser sends of the form as it stands there."""
    form = client.get(address).context["form"]
    return {
        name: "" if (value := form[name].value()) is None else str(value)
        for name in form.fields
        if "file" not in name and not name.startswith("proof_")
    }


def test_the_form_keeps_all_receipts_that_came_another_way_and_their_currencies(acme, client_for, line):
    euro, dollar = (
        {"amount": Decimal(amount), "currency": currency, "dated": today()}
        for amount, currency in (("10", "EUR"), ("100", "USD"))
    )
    claim = actions.start_claim(by=marketer(acme), line=line, receipts=[euro] * 33 + [dollar])
    client, address = client_for(marketer(acme)), f"/portal/mdf/lines/{line.pk}/claim/"
    assert "Invoice 34, USD" in text(client.get(address))
    client.post(address, as_shown(client, address) | {"results": "Forty came", "save": "1"})
    assert fresh(claim).results == "Forty came"
    found = [(row.amount, row.currency) for row in claim.receipts.order_by("position")]
    assert found == [(10, "EUR")] * 33 + [(100, "USD")]


def test_the_form_sent_twice_makes_one_claim(acme, client_for, line):
    client, address = client_for(marketer(acme)), f"/portal/mdf/lines/{line.pk}/claim/"
    after = client.get(address).context["form"]["after"].value()
    answers = [client.post(address, typed(after=str(after)))["Location"] for _click in range(2)]
    (claim,) = Claim.everything.filter(line=line)
    assert answers == [f"/portal/mdf/claims/{claim.pk}/"] * 2
    after = client.get(address).context["form"]["after"].value()
    client.post(address, typed(after=str(after), receipts_0_number="2027-18"))
    assert Claim.everything.filter(line=line).count() == 2
