"""Registrations through the API: what each side sends, sees and may."""

import datetime as dt

import pytest

from accountplans.models import AccountTarget
from accounts.models import User
from accounts.permissions import Role
from dealdesk import actions
from dealdesk.models import Registration
from partners.models import Contact
from pipeline.deals import actions as deals
from pipeline.models import Customer
from prm.common.models import OutgoingMail
from prm.common.vendor import today
from tests.api.conftest import problem
from tests.dealdesk.making import drafted, fresh, line, seller, submitted
from tests.leads.given import held
from tests.pipeline.conftest import deal_for, stage  # noqa: F401  a fixture
from tests.world import make_partner

BODY = {
    "customer_name": "Contoso GmbH",
    "domain": "https://www.contoso.de",
    "country": "DE",
    "product_lines": ["servers"],
    "amount": {"amount": "25000", "currency": "USD"},
    "need": "Replaces its servers",
}


@pytest.fixture
def body(acme):
    line()
    line("storage")
    return {**BODY, "expected_close": (today() + dt.timedelta(days=60)).isoformat()}


@pytest.fixture
def partner(acme, api_for):
    return api_for(seller(acme))


@pytest.fixture
def operations(acme, api_for):
    return api_for(acme.users[Role.OPERATIONS])


def test_from_a_draft_to_a_deal(acme, body, partner, operations):
    made = partner.post("/registrations", {"customer_name": "Contoso GmbH"})
    assert (made.status_code, made.json()["state"], made.json()["amount"]) == (201, "draft", None)
    address = f"/registrations/{made.json()['id']}"
    assert made["Location"].endswith(address)
    refused = problem(partner.post(f"{address}/submit", {}), 422)
    assert {each["field"] for each in refused["errors"]} == {
        "country", "product_lines", "amount", "expected_close", "need"
    }  # fmt: skip
    kept = partner.patch(address, body | {"revision": made.json()["revision"]}).json()
    assert (kept["domain"], kept["amount"], kept["product_lines"]) == (
        "www.contoso.de", {"amount": "25000", "currency": "USD"}, ["servers"],
    )  # fmt: skip
    assert problem(partner.patch(address, {"need": "More", "revision": 1}), 412)["type"].endswith("changed-meanwhile")
    sent = partner.post(f"{address}/submit", {"revision": kept["revision"]}).json()
    assert (sent["state"], sent["may_exist"], sent["conflict"], sent["decide_by"]) == ("submitted", None, None, None)
    assert problem(partner.patch(address, {"need": "More"}), 409)["type"].endswith("closed")
    actions.check_waiting()
    seen = operations.get(address).json()
    assert (seen["may_exist"], seen["conflict"]) == (False, "clear")
    assert seen["decide_by"]
    done = operations.post(f"{address}/decision", {"decision": "approved", "reason": "Fits"}).json()
    assert (done["state"], done["reason"]) == ("approved", "Fits")
    assert done["protected_until"] == (today() + dt.timedelta(days=90)).isoformat()
    assert operations.get(f"/deals/{done['deal']}").json()["customer"]["name"] == "Contoso GmbH"
    steps = partner.get(f"{address}/history").json()["items"]
    assert [(step["kind"], step["by"], step["override"]) for step in steps] == [
        ("submitted", None, False), ("approved", None, False),
    ]  # fmt: skip
    assert operations.get(f"{address}/history").json()["items"][1]["by"] == acme.users[Role.OPERATIONS].pk


def test_in_one_call(acme, body, partner):
    made = partner.post("/registrations", body | {"submit": True})
    assert (made.status_code, made.json()["state"]) == (201, "submitted")
    problem(partner.post("/registrations", {"customer_name": "Fabrikam", "submit": True}), 422)
    assert Registration.everything.count() == 1


def test_a_lead_becomes_one_with_nothing_sent_again(acme, body, partner):
    lead = held(acme, "Umbrella", domain="umbrella.example", product_lines=[line("storage")])
    close = body["expected_close"]
    made = partner.post("/registrations", {"lead": lead.pk, "need": "Fifty servers", "expected_close": close}).json()
    assert (made["customer_name"], made["domain"], made["country"]) == ("Umbrella", "umbrella.example", "DE")
    assert (made["product_lines"], made["contact_name"], made["need"]) == (
        ["storage"],
        "Wilma Contact",
        "Fifty servers",
    )
    amount = {"amount": {"amount": "10", "currency": "USD"}}
    partner.patch(f"/registrations/{made['id']}", amount)
    assert partner.post(f"/registrations/{made['id']}/submit", {}).json()["state"] == "submitted"
    # It has become one: no second one is made of it.
    assert problem(partner.post("/registrations", {"lead": lead.pk}), 422)["errors"][0]["field"] == "lead"


def test_a_target_becomes_one_with_nothing_sent_again(acme, body, partner):
    customer = Customer.everything.create(partner=acme.partner_a, name="Fabrikam", domain="fabrikam.com", country="US")
    close = today() + dt.timedelta(days=40)
    target = AccountTarget.everything.create(
        customer=customer, product_line=line(), next_step="Ask for a trial", due_on=close, amount=9000, currency="EUR"
    )
    made = partner.post("/registrations", {"target": target.pk, "submit": True})
    assert made.status_code == 201
    made = made.json()
    assert (made["state"], made["customer_name"], made["country"], made["product_lines"]) == (
        "submitted", "Fabrikam", "US", ["servers"],
    )  # fmt: skip
    assert (made["amount"], made["need"]) == ({"amount": "9000", "currency": "EUR"}, "Ask for a trial")
    assert (made["expected_close"], made["target"]) == (close.isoformat(), target.pk)
    target.state, target.reason = "ruled_out", "Merged"
    target.save()
    assert problem(partner.post("/registrations", {"target": target.pk}), 422)["errors"][0]["field"] == "target"


def test_the_vendor_says_whose_it_is(acme, body, api_for):
    cam = api_for(acme.users[Role.CAM])
    assert problem(cam.post("/registrations", body), 422)["errors"][0]["field"] == "partner"
    assert problem(cam.post("/registrations", body | {"partner": acme.partner_b.pk}), 422)
    assert cam.post("/registrations", body | {"partner": acme.partner_a.pk}).json()["partner"] == acme.partner_a.pk


def test_what_is_wrong_is_named_by_field(acme, body, partner):
    for field, value in [
        ("product_lines", ["nothing"]), ("country", "XX"), ("domain", "no domain"), ("contact_email", "nobody"),
        ("lead", 1), ("target", 1),
    ]:  # fmt: skip
        errors = problem(partner.post("/registrations", body | {field: value}), 422)["errors"]
        assert errors[0]["field"].startswith(field)


def test_a_draft_is_thrown_away(acme, partner, api_for):
    made = drafted(acme)
    assert problem(api_for(acme.users[Role.ADMIN]).delete(f"/registrations/{made.pk}"), 404)
    assert partner.delete(f"/registrations/{made.pk}").status_code == 204
    assert problem(partner.delete(f"/registrations/{submitted(acme).pk}"), 409)


def test_a_conflict_is_told_to_who_decides_and_to_nobody_else(acme, operations, api_for):
    first, second = submitted(acme), submitted(acme, acme.partner_b)
    address = f"/registrations/{second.pk}"
    (other,) = operations.get(f"{address}/conflicts").json()["items"]
    assert (other["ahead"], other["degree"], other["why"], other["registration"]) == (
        True,
        "flagged",
        "domain",
        first.pk,
    )
    assert (other["partner_name"], other["product_lines"], other["similarity"]) == (
        acme.partner_a.name,
        ["Servers"],
        "1.000",
    )
    assert api_for(acme.cam_b).get(f"{address}/conflicts").status_code == 403
    assert api_for(seller(acme, acme.partner_b)).get(f"{address}/conflicts").json()["items"] == []
    for user in (seller(acme, acme.partner_b), acme.cam_b):
        assert api_for(user).get(address).json()["conflict"] is None
    assert operations.get(address).json()["conflict"] == "flagged"
    seen = api_for(seller(acme, acme.partner_b)).get(address).json()
    assert (seen["may_exist"], seen["conflict"]) == (True, None)
    decision = {"decision": "approved", "reason": "Closer to them"}
    assert problem(operations.post(f"{address}/decision", decision), 409)["type"].endswith("in-conflict")
    done = operations.post(
        f"{address}/decision",
        decision | {"override": True, "second_partner": acme.partner_a.pk, "second_share": "30"},
    )
    assert done.json()["state"] == "approved"
    shares = {
        each["partner"]: each["percent"] for each in operations.get(f"/deals/{done.json()['deal']}").json()["shares"]
    }
    assert shares == {acme.partner_a.pk: "30", acme.partner_b.pk: "70"}
    assert api_for(seller(acme)).get(f"/registrations/{first.pk}/history").json()["items"][-1]["kind"] == "overruled"


def test_a_partner_is_told_what_its_own_company_has_in_full(acme, partner):
    branch = make_partner(acme, "D", name="Branch", parent=acme.partner_a)
    submitted(acme, acme.partner_b)
    theirs = submitted(acme, branch, by=acme.users[Role.OPERATIONS])
    mine = submitted(acme)
    (told,) = partner.get(f"/registrations/{mine.pk}/conflicts").json()["items"]
    assert (told["registration"], told["partner_name"], told["ahead"]) == (theirs.pk, branch.name, True)
    assert problem(partner.get(f"/registrations/{theirs.pk}/conflicts"), 404)


def test_a_deal_there_is_is_linked(acme, operations, deal_for):  # noqa: F811
    deal = deal_for(acme.partner_a)
    made = submitted(acme)
    decision = {"decision": "approved", "reason": "Fits", "deal": deal.pk}
    assert operations.post(f"/registrations/{made.pk}/decision", decision).json()["deal"] == deal.pk


def test_returned_rejected_withdrawn_and_released(acme, partner, operations):
    made = submitted(acme)
    returned = operations.post(
        f"/registrations/{made.pk}/decision", {"decision": "returned", "reason": "Where?"}
    ).json()
    assert (returned["state"], bool(returned["place_until"])) == ("returned", True)
    assert partner.post(f"/registrations/{made.pk}/submit", {}).json()["state"] == "submitted"
    rejected = operations.post(f"/registrations/{made.pk}/decision", {"decision": "rejected", "reason": "No"}).json()
    assert rejected["state"] == "rejected"
    assert problem(partner.post(f"/registrations/{made.pk}/withdraw", {"reason": "So"}), 409)
    other = submitted(acme)
    assert problem(partner.post(f"/registrations/{other.pk}/withdraw", {}), 422)
    assert partner.post(f"/registrations/{other.pk}/withdraw", {"reason": "So"}).json()["state"] == "withdrawn"
    third = submitted(acme)
    operations.post(f"/registrations/{third.pk}/decision", {"decision": "approved", "reason": "Fits"})
    assert partner.post(f"/registrations/{third.pk}/release", {}).json()["state"] == "released"


def test_renewed_after_an_accepted_proof_or_a_change_of_stage(acme, partner, api_for):
    for moves in (True, False):
        made = submitted(acme, customer_name=f"Customer {moves}", domain="")
        actions.approve(by=acme.users[Role.OPERATIONS], registration=made, reason="Fits")
        address = f"/registrations/{made.pk}"
        assert "Nothing has moved" in problem(partner.post(f"{address}/renew"), 409)["detail"]
        if moves:
            deals.move_deal(by=acme.users[Role.ADMIN], deal=fresh(made).deal, to=stage("proof"))
        else:
            assert partner.post(f"{address}/proofs", {"text": "Pilot runs"}).json()["kind"] == "proof"
            problem(partner.post(f"{address}/renew"), 409)
            chief = api_for(acme.users[Role.CHIEF])
            assert chief.post(f"{address}/proofs", {"text": "Seen it"}).json()["kind"] == "accepted"
        renewed = partner.post(f"{address}/renew").json()
        assert (renewed["renewals"], renewed["protected_until"]) == (
            1, (today() + dt.timedelta(days=180)).isoformat(),
        )  # fmt: skip


def test_lists_are_narrowed_and_show_ones_own(acme, partner, operations):
    mine, theirs = submitted(acme), submitted(acme, acme.partner_b, customer_name="Fabrikam", domain="fabrikam.com")
    draft = drafted(acme, customer_name="Tailspin", domain="")

    def ids(caller, **query):
        return {each["id"] for each in caller.get("/registrations", **query).json()["items"]}

    assert ids(partner) == {mine.pk, draft.pk}
    assert ids(operations) == {mine.pk, theirs.pk}
    assert ids(operations, partner=acme.partner_b.pk) == ids(operations, q="fabrikam.c") == {theirs.pk}
    assert ids(partner, state=["draft", "returned"]) == {draft.pk}
    assert ids(operations, q=mine.reference.lower()) == {mine.pk}
    assert [each["id"] for each in operations.get("/registrations", sort="-submitted_at").json()["items"]] == [
        theirs.pk, mine.pk,
    ]  # fmt: skip
    assert problem(operations.get("/registrations", stat="draft"), 422)


def test_a_list_asks_no_more_for_more_rows(acme, operations, django_assert_max_num_queries):
    for n in range(4):
        submitted(acme, customer_name=f"Customer {n}", domain="", check=False)
    operations.get("/registrations")
    with django_assert_max_num_queries(12):
        assert len(operations.get("/registrations").json()["items"]) == 4


def test_the_policy_and_its_versions(acme, partner, operations):
    assert (
        partner.get("/registration-policy").json()["starts_on"],
        partner.get("/registration-policy").json()["sla_days"],
    ) == (None, 2)
    made = operations.post(
        "/registration-policy/versions",
        {"starts_on": today().isoformat(), "minimum": "2500.50", "slots": 3, "discounts": {"gold": "7.5"}},
    )
    assert made.status_code == 201
    assert (made.json()["minimum"], made.json()["discounts"]) == ("2500.50", {"gold": "7.5"})
    assert partner.get("/registration-policy").json()["slots"] == 3
    assert [each["slots"] for each in operations.get("/registration-policy/versions").json()["items"]] == [3]
    wrong = {"starts_on": today().isoformat(), "discounts": {"none": "5"}}
    assert problem(operations.post("/registration-policy/versions", wrong), 422)["errors"][0]["field"] == "discounts"
    past = {"starts_on": (today() - dt.timedelta(days=1)).isoformat()}
    assert problem(operations.post("/registration-policy/versions", past), 422)
    assert partner.get("/registration-policy/versions").status_code == 403


def test_a_policy_is_tried_and_one_to_come_is_removed(acme, partner, operations):
    made = submitted(acme)
    tried = operations.post("/registration-policy/trial", {"minimum": "30000"}).json()
    assert tried["total"] == 1
    assert {"what": "Refused as too small", "before": 0, "after": 1} in tried["figures"]
    assert tried["changed"] == [
        {
            "registration": made.pk,
            "reference": made.reference,
            "partner": acme.partner_a.pk,
            "changes": ["refused: too small"],
        }
    ]
    assert partner.post("/registration-policy/trial", {}).status_code == 403
    start = (today() + dt.timedelta(days=5)).isoformat()
    coming = operations.post("/registration-policy/versions", {"starts_on": start}).json()["id"]
    now = operations.post("/registration-policy/versions", {"starts_on": today().isoformat()}).json()["id"]
    assert operations.get("/registration-policy").json()["id"] == now
    assert operations.delete(f"/registration-policy/versions/{coming}").status_code == 204
    assert problem(operations.delete(f"/registration-policy/versions/{now}"), 422)
    assert problem(operations.delete(f"/registration-policy/versions/{coming}"), 404)


def test_a_link_is_mailed_to_who_sells_or_to_a_contact(acme, api_for, partner, operations):
    path = f"/partners/{acme.partner_a.pk}/registration-invitations"
    who = seller(acme)
    assert operations.post(path, {"user": who.pk, "message": "As we said"}).json() == {"user": who.pk}
    mail = OutgoingMail.objects.get()
    assert mail.to == who.email
    assert "As we said" in mail.text
    contact = Contact.everything.create(partner=acme.partner_a, name="Nora New", email="nora@new.example")
    made = operations.post(path, {"contact": contact.pk}).json()["user"]
    assert User.objects.get(pk=made).email == "nora@new.example"
    for wrong in (
        {},
        {"user": who.pk, "contact": contact.pk},
        {"user": seller(acme, acme.partner_b).pk},
        {"contact": 999},
    ):
        assert problem(operations.post(path, wrong), 422)
    assert partner.post(path, {"user": who.pk}).status_code == 403
    assert api_for(acme.cam_b).post(path, {"user": who.pk}).status_code == 404
