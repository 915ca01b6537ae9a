"""Requests and claims over the API, with the rules and permissions of the pages."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts import tokens
from accounts.models import User
from accounts.permissions import Role
from mdf.models import Claim, Proof, Request
from prm.common.numbers import round_half_away
from prm.common.vendor import today
from tests.api.conftest import Api
from tests.mdf.asking import a_pdf, a_png, approved, cam, drafted, lines, marketer, started, submitted, tactic
from tests.mdf.funding import figures, make_fund, unallocated
from tests.scorecards.conftest import filled, version  # noqa: F401  the worked example, published
from tests.world import World

SCOPES = ["marketing:read", "marketing:write"]


def api(world: World, user: User) -> Api:
    return Api(tokens.create(user, "MDF", SCOPES, 1)[1], world.host)


@pytest.fixture
def fund(acme):
    return make_fund(acme)


@pytest.fixture
def partner(acme):
    return api(acme, marketer(acme))


@pytest.fixture
def manager(acme):
    return api(acme, acme.users[Role.MARKETING])


def status(of: Api, path: str) -> int:
    return int(of.call("get", path).status_code)  # which reads files to their end


def upload(of: Api, claim: int, content: bytes, name: str, kind: str = "invoice", **more: str):
    return Client().post(
        f"/api/v1/mdf/claims/{claim}/proofs",
        {"file": SimpleUploadedFile(name, content), "kind": kind, **more},
        headers={"host": of.host, "authorization": f"Bearer {of.token}"},
    )


def test_from_the_plan_to_the_payment(acme, fund, partner, manager):
    plan = drafted(acme, "3000.50", "0", of=tactic("shown", proofs=["Screenshot"]))
    made = partner.post("/mdf/requests", {"plan": plan.pk, "fund": fund.pk, "note": "As last year"})
    assert made.status_code == 201, made.content
    body = made.json()
    assert (body["state"], body["asked"], body["currency"], len(body["lines"]), len(body["others"])) == (
        "submitted", "3000.50", "EUR", 1, 1,
    )  # fmt: skip
    desk = api(acme, cam(acme))
    (waits,) = desk.get("/mdf/waiting").json()["items"]
    assert (waits["request"], waits["level"], waits["in_place_of"]) == (body["id"], "cam", None)
    granted = [{"line": body["lines"][0]["id"], "decision": "changed", "amount": "2000"}]
    decided = desk.post(f"/mdf/requests/{body['id']}/decision", {"lines": granted, "step": waits["step"]})
    assert decided.status_code == 200, decided.content
    found = decided.json()
    assert (found["state"], found["full"], found["approved"], found["share"]) == ("approved", False, "2000.00", "0.5")
    assert found["lines"][0]["left"] == "2000.00"

    (line,) = partner.get("/mdf/claimable").json()["items"]
    assert line["proofs"] == ["Screenshot"]
    receipt = {"supplier": "Agency", "number": "7", "amount": "1500.33", "date": today().isoformat()}
    claim = partner.post("/mdf/claims", {"line": line["id"], "receipts": [receipt], "results": "40 came"})
    assert claim.status_code == 201, claim.content
    at = f"/mdf/claims/{claim.json()['id']}"
    refused = partner.post(f"{at}/submit", {})
    assert {error["field"] for error in refused.json()["errors"]} == {"invoice", "proofs"}
    pk = claim.json()["id"]
    assert upload(partner, pk, a_pdf(), "invoice.pdf").status_code == 201
    assert upload(partner, pk, a_png(), "shot.png", "proof", requirement="Screenshot").status_code == 201
    sent = partner.post(f"{at}/submit", {})
    assert (sent.status_code, sent.json()["state"], sent.json()["claimed"]) == (200, "submitted", "750.17")
    payable = desk.get(f"{at}/payable").json()
    assert (payable["eligible"], payable["by_receipts"], payable["left"], payable["payable"]) == (
        "1500.33", "750.17", "2000.00", "750.17",
    )  # fmt: skip
    assert desk.post(f"{at}/decision", {"decision": "approved"}).json()["approved"] == "750.17"
    assert desk.post(f"{at}/payment", {"reference": "SEPA 1"}).status_code == 403
    paid = manager.post(f"{at}/payment", {"reference": "SEPA 1"})
    assert (paid.json()["state"], paid.json()["paid_on"]) == ("paid", today().isoformat())
    closed = manager.post(f"/mdf/requests/{body['id']}/close", {"reason": "Done"}).json()
    assert (closed["state"], closed["released"]) == ("closed", "1249.83")
    assert figures(unallocated(fund)) == ("9249.83", "0", "750.17", "0")
    kinds = [row["kind"] for row in partner.get(f"/mdf/requests/{body['id']}/history").json()["items"]]
    assert kinds == ["submitted", "approved", "closed"]


def test_what_is_refused_says_why(acme, fund, partner, manager):
    plan = drafted(acme, "6000")
    none = partner.post("/mdf/requests", {"plan": plan.pk})
    assert (none.status_code, none.json()["errors"][0]["field"]) == (422, "fund")
    request = partner.post("/mdf/requests", {"plan": plan.pk, "fund": fund.pk}).json()
    again = partner.post("/mdf/requests", {"plan": plan.pk, "fund": fund.pk})
    assert (again.status_code, again.json()["type"]) == (409, "urn:cadence:problem:closed")
    at = f"/mdf/requests/{request['id']}/decision"
    early = manager.post(at, {})
    assert (early.status_code, "it waits for channel account manager" in early.json()["detail"]) == (403, True)
    desk = api(acme, cam(acme))
    high = desk.post(at, {"lines": [{"line": request["lines"][0]["id"], "decision": "changed", "amount": "6000.01"}]})
    assert (high.status_code, high.json()["errors"][0]["field"]) == (422, f"lines.{request['lines'][0]['id']}.amount")
    silent = desk.post(at, {"decision": "rejected"})
    assert silent.status_code == 422
    assert desk.post(at, {}).json()["state"] == "in_review"
    assert manager.post(at, {}).json()["state"] == "approved"
    other = submitted(acme, fund, "5000", partner=acme.partner_b)
    late = api(acme, acme.cam_b).post(f"/mdf/requests/{other.pk}/decision", {})
    assert late.status_code == 409
    assert (late.json()["type"], late.json()["errors"][0]["left"]) == ("urn:cadence:problem:not-enough", "4000.00")


def test_a_plan_without_activities_is_not_ready(acme, partner):
    refused = partner.post("/mdf/requests", {"plan": drafted(acme).pk})
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:cadence:problem:not-ready")


def test_others_requests_claims_and_files_are_not_there(acme, fund):
    request = approved(acme, fund, "1000")
    claim = started(acme, lines(request)[0], "100")
    proof = Proof.everything.get(claim=claim)
    paths = [
        f"/mdf/requests/{request.pk}", f"/mdf/requests/{request.pk}/steps", f"/mdf/requests/{request.pk}/history",
        f"/mdf/requests/{request.pk}/merit", f"/mdf/plans/{request.plan_id}/merit", f"/mdf/claims/{claim.pk}",
        f"/mdf/claims/{claim.pk}/payable", f"/mdf/claims/{claim.pk}/steps", f"/mdf/proofs/{proof.pk}/file",
    ]  # fmt: skip
    for stranger in (marketer(acme, acme.partner_b), acme.cam_b):
        caller = api(acme, stranger)
        assert {path: status(caller, path) for path in paths} == dict.fromkeys(paths, 404)
        assert upload(caller, claim.pk, a_pdf(), "invoice.pdf").status_code in (403, 404)
        for name in ("requests", "claims", "claimable"):
            assert caller.get(f"/mdf/{name}").json()["items"] == []
    for own in (marketer(acme), cam(acme)):
        caller = api(acme, own)
        assert {path: status(caller, path) for path in paths} == dict.fromkeys(paths, 200)


def test_a_file_comes_back_as_a_download_that_can_do_nothing(acme, fund, partner):
    claim = started(acme, lines(approved(acme, fund, "1000"))[0], "100")
    proof = Proof.everything.get(claim=claim)
    answer = partner.get(f"/mdf/proofs/{proof.pk}/file")
    assert b"".join(answer) == a_pdf()
    assert answer["Content-Disposition"] == 'attachment; filename="invoice.pdf"'
    assert (answer["X-Content-Type-Options"], answer["Content-Type"]) == ("nosniff", "application/pdf")
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("invoice.pdf", b"MZ\x90\x00" + b"\0" * 100),
        ("drawing.svg", b"<svg><script>alert(1)</script></svg>"),
        ("drawing.png", b"<svg><script>alert(1)</script></svg>"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused(acme, fund, partner, name, content):
    claim = started(acme, lines(approved(acme, fund, "1000"))[0], "100", invoice=False)
    refused = upload(partner, claim.pk, content, name)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "file")
    assert not Proof.everything.exists()


def test_partners_are_not_told_who_decided(acme, fund, partner):
    request = approved(acme, fund, "1000")
    own, desk = (
        partner.get(f"/mdf/requests/{request.pk}").json(),
        api(acme, cam(acme)).get(f"/mdf/requests/{request.pk}").json(),
    )
    assert (own["decided_by"], own["account"]) == (None, None)
    assert desk["decided_by"] == cam(acme).pk
    (step,) = partner.get(f"/mdf/requests/{request.pk}/steps").json()["items"]
    assert (step["decided_by"], step["decide_by"], step["state"]) == (None, None, "approved")


def test_a_delegate_decides_over_the_api_and_then_sees_it_no_more(acme, fund, manager):
    desk, stand_in = api(acme, cam(acme)), api(acme, acme.cam_b)
    made = desk.post("/mdf/delegations", {"delegate": acme.cam_b.pk})
    assert (made.status_code, made.json()["person"]) == (201, cam(acme).pk)
    request = submitted(acme, fund, "1000")
    assert stand_in.get(f"/mdf/requests/{request.pk}/merit").status_code == 200
    done = stand_in.post(f"/mdf/requests/{request.pk}/decision", {})
    assert (done.status_code, done.json()["state"]) == (200, "approved")
    assert stand_in.get(f"/mdf/requests/{request.pk}").status_code == 404
    assert manager.delete(f"/mdf/delegations/{made.json()['id']}").status_code == 404
    assert desk.delete(f"/mdf/delegations/{made.json()['id']}").status_code == 204
    assert desk.get("/mdf/delegations").json()["items"] == []


def test_rules_of_approval_are_dated_and_can_be_tried_out(acme, fund):
    admin = api(acme, acme.users[Role.ADMIN])
    needed = admin.post("/mdf/approval-rules/needed", {"asked": "5000.01", "fund": fund.pk}).json()
    assert needed == {"levels": ["cam", "marketing"]}
    outside = api(acme, marketer(acme)).post("/mdf/approval-rules/needed", {"asked": "5000.01", "fund": fund.pk})
    assert outside.status_code == 403
    strict = [{"level": "cam", "above": "0"}, {"level": "chief", "above": "1000"}]
    tried = admin.post("/mdf/approval-rules/needed", {"asked": "1000.01", "steps": strict}).json()
    assert tried == {"levels": ["cam", "chief"]}
    made = admin.post(
        "/mdf/approval-rules/versions",
        {"starts_on": today().isoformat(), "fund": fund.pk, "steps": strict, "sla_days": 2},
    )
    assert made.status_code == 201, made.content
    assert admin.get("/mdf/approval-rules", fund=fund.pk).json()["steps"][1] == {"level": "chief", "above": "1000"}
    assert admin.get("/mdf/approval-rules").json()["starts_on"] is None
    request = submitted(acme, fund, "1500")
    steps = api(acme, cam(acme)).get(f"/mdf/requests/{request.pk}/steps").json()["items"]
    assert [step["level"] for step in steps] == ["cam", "chief"]
    wrong = admin.post("/mdf/approval-rules/versions", {"starts_on": today().isoformat(), "steps": strict[1:]})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "steps")
    assert api(acme, cam(acme)).post("/mdf/approval-rules/versions", {}).status_code == 403


def test_what_a_claim_comes_to_can_be_computed_without_one(acme, partner):
    body = {"currency": "EUR", "share": "0.5", "eligible": ["6000", "2000.01"], "approved": "5000", "claimed": ["1500"]}
    assert partner.post("/mdf/payable", body).json() == {
        "payable": "3500.00",
        "by_receipts": "4000.01",
        "left": "3500.00",
    }


def test_merit_speaks_for_the_request(acme, fund, partner):
    request = submitted(acme, fund, "1000")
    found = partner.get(f"/mdf/requests/{request.pk}/merit").json()
    assert found["verified_roi"] is None
    assert found["reasons"]["verified_roi"] == "not_verified"
    assert found["reasons"]["plan_signed_on"] == "not_signed"
    assert found["reasons"]["capability"] == "not_assessed"


def test_merit_tells_the_marketing_score_once_both_sides_may_know_it(acme, fund, partner, version):  # noqa: F811
    request = submitted(acme, fund, "1000")
    mine = filled(acme.partner_a, version, cam(acme))
    topic = mine.scores.filter(level="topic", internal=False).order_by("pk").first()
    topic.name = "Marketing of one's own"
    topic.save()
    at = f"/mdf/requests/{request.pk}/merit"
    assert partner.get(at).json()["capability"] is None
    mine.revealed = True
    mine.save()
    found = partner.get(at).json()
    assert (found["capability"], found["capability_topic"]) == (f"{round_half_away(topic.score):f}", topic.name)


def test_a_draft_is_changed_and_discarded(acme, fund, partner):
    line = lines(approved(acme, fund, "1000"))[0]
    claim = partner.post("/mdf/claims", {"line": line.pk}).json()
    at = f"/mdf/claims/{claim['id']}"
    changed = partner.patch(
        at, {"asked": "40", "receipts": [{"amount": "100", "currency": "USD"}], "revision": 0}
    ).json()
    assert (changed["asked"], changed["receipts"][0]["currency"], changed["revision"]) == ("40.00", "USD", 1)
    assert partner.patch(at, {"asked": "50", "revision": 0}).status_code == 412
    wrong = partner.patch(at, {"receipts": [{"amount": "100.001"}]})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "receipts.0.amount")
    assert partner.delete(at).status_code == 204
    assert not Claim.everything.exists()


def test_taken_back_it_is_a_draft(acme, fund, partner):
    request = submitted(acme, fund, "1000")
    assert partner.post(f"/mdf/requests/{request.pk}/recall").json()["state"] == "draft"
    assert Request.everything.get(pk=request.pk).asked == Decimal(1000)
    line = lines(approved(acme, fund, "100", title="Another"))[0]
    claim = started(acme, line, "10")
    partner.post(f"/mdf/claims/{claim.pk}/submit", {})
    assert partner.post(f"/mdf/claims/{claim.pk}/recall").json()["state"] == "returned"
