"""The vendor's pages of leads: finding them, bringing them in, giving them out, working on those it keeps."""

import csv
import io

import pytest

from accounts.permissions import Role
from leads import actions, queries
from leads.explaining import explained
from leads.models import Lead, LeadCapacity, LeadSource
from prm.common.models import Policy
from prm.common.vendor import today
from tests.leads.given import PERSON, SECRETS, direct, fresh, held, offered, waiting


@pytest.fixture
def ops(acme, client_for):
    return client_for(acme.users[Role.OPERATIONS])


def names(response):
    rows = csv.DictReader(io.StringIO(response.getvalue().decode("utf-8-sig")))
    return {row["Company"] for row in rows}


def found(client, query=""):
    return names(client.get(f"/leads/export/csv/?{query}"))


# ── Finding ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_leads_are_found_by_who_holds_them_how_far_they_are_and_what_they_are(acme, ops):
    waiting(acme, "Waits", score=10)
    offered(acme, "Offered")
    held(acme, "Held", partner=acme.partner_b, source=LeadSource.objects.get(key="event"))
    direct(acme, "Ours", person=acme.users[Role.MARKETING])
    gone = held(acme, "Gone")
    actions.disqualified(by=acme.users_a[Role.PARTNER_SELLER], lead=gone, reason="No budget")
    assert found(ops) == {"Waits", "Offered", "Held", "Ours"}
    assert found(ops, "state=disqualified") == {"Gone"}
    assert found(ops, "holder=queue") == {"Waits", "Offered"}
    assert found(ops, "holder=offered") == {"Offered"}
    assert found(ops, "holder=partner") == {"Held"}
    assert found(ops, "holder=direct&holder=offered") == {"Ours", "Offered"}
    assert found(ops, "holder=me") == set()
    assert found(ops, "grade=D") == {"Waits"}
    assert found(ops, "source=event") == {"Held"}
    assert found(ops, "clock=stuck") == {"Waits"}
    assert found(ops, "q=off") == {"Offered"}
    assert found(ops, f"partner={acme.partner_b.pk}") == {"Held"}
    assert found(ops, f"came_from={today()}&came_to={today()}") == {"Waits", "Offered", "Held", "Ours", "Gone"}
    assert found(ops, f"came_to={today().replace(year=2020)}") == set()
    assert found(ops, "grade=Z") == set()


def test_a_cam_finds_what_its_partners_hold_or_are_offered_and_no_others(acme, client_for):
    waiting(acme, "Waits")
    offered(acme, "Offered")
    theirs = held(acme, "Theirs", partner=acme.partner_b)
    client = client_for(acme.users[Role.CAM])
    assert found(client) == {"Offered"}
    page = client.get("/leads/").content.decode()
    assert "Offered" in page
    assert "Add lead" not in page
    assert client.get(f"/leads/{theirs.pk}/").status_code == 404


def test_the_list_says_where_each_stands(acme, ops):
    offered(acme, "Offered")
    held(acme, "Held")
    page = ops.get("/leads/").content.decode()
    assert f"{acme.partner_a.name}, " in page
    assert "answer by" in page
    assert "contact by" in page


# ── Bringing in ──────────────────────────────────────────────────────────────────────────────────────────────────────


def typed(**more):
    source = LeadSource.objects.get(key="web")
    return {"company": "Umbrella", "source": source.pk, "need": "Servers", **more}


def test_a_lead_is_added_graded_and_given_out_by_the_rules(acme, ops):
    response = ops.post("/leads/new/", typed(score="80", country="DE"), follow=True)
    lead = Lead.everything.get(company="Umbrella")
    assert response.redirect_chain == [(f"/leads/{lead.pk}/", 302)]
    assert "Umbrella was added: grade A." in response.content.decode()
    assert lead.distribute_at is not None
    assert (lead.country, lead.need) == ("DE", "Servers")


def test_or_left_in_the_queue_for_a_person_with_the_score_of_its_source(acme, ops):
    ops.post("/leads/new/", typed(then="wait"))
    lead = Lead.everything.get()
    assert lead.distribute_at is None
    assert lead.score == lead.source.default_score


def test_a_person_without_consent_is_refused_and_what_was_typed_stays(acme, ops):
    response = ops.post("/leads/new/", typed(person="Wilma Contact", email="wilma@umbrella.example"))
    page = response.content.decode()
    assert response.status_code == 422
    assert "Say where the person agreed to be contacted" in page
    assert "wilma@umbrella.example" in page
    assert not Lead.everything.exists()


def test_what_a_colleague_changed_meanwhile_stays(acme, ops):
    lead = waiting(acme)
    shown = ops.get(f"/leads/{lead.pk}/edit/").context["form"]
    data = {}
    for bound in shown:
        value = bound.value()
        if value is not None and bound.name != "product_lines":
            data[bound.html_name] = data[bound.html_initial_name] = bound.field.prepare_value(
                getattr(value, "pk", value)
            )
    actions.update_lead(by=acme.users[Role.MARKETING], lead=lead, changes={"city": "Bonn"})
    assert ops.post(f"/leads/{lead.pk}/edit/", {**data, "need": "More servers"}).status_code == 302
    assert (fresh(lead).city, fresh(lead).need) == ("Bonn", "More servers")
    refused = ops.post(f"/leads/{lead.pk}/edit/", {**data, "city": "Hamm"})
    assert refused.status_code == 422
    assert "Bonn" in refused.content.decode()


# ── Giving out ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_why_it_went_where_it_went_is_told_with_everybodys_own_numbers(acme, ops):
    held(acme, "Earlier", partner=acme.partner_b)
    lead = waiting(acme)
    response = ops.post(f"/leads/{lead.pk}/distribute/", follow=True)
    page = response.content.decode()
    assert f"Offered to {acme.partner_a.name}." in page
    (run,) = queries.distributions(acme.users[Role.OPERATIONS], lead)
    told = explained(acme.users[Role.OPERATIONS], run)
    assert [line.name for line in told.lines] == [acme.partner_a.name, acme.partner_b.name]
    assert told.lines[0].chosen
    # 40 × ½ + 30 × 1 ÷ 2 × 1 ÷ 2 + 20 × 1 + 10 × 2 ÷ 3 = 54.2; B: 30 × 2 ÷ 3 × 1 ÷ 3 and a tenth less room
    tiers = told.lines[0].cells[3].numbers
    assert tiers == "2 of 3"
    assert [cell.points for cell in told.lines[0].cells] == ["20.0", "7.5", "20.0", "6.7"]
    assert [cell.numbers for cell in told.lines[1].cells[:3]] == [
        "no score: ½",
        "1 of 1 accepted, 0 won",
        "1 of 10 taken",
    ]
    assert told.own == "40 × ½ + 30 × 1 ÷ 2 × 1 ÷ 2 + 20 × (1 − 0 ÷ 10) + 10 × 2 ÷ 3 = 54.2"
    for text in (told.own, told.formula, "1 of 10 taken", "chosen"):
        assert text in page


def test_a_cam_reads_the_candidates_without_the_names_of_others_partners(acme, client_for):
    lead = waiting(acme)
    actions.distribute(by=acme.users[Role.OPERATIONS], lead=lead)
    page = client_for(acme.users[Role.CAM]).get(f"/leads/{lead.pk}/").content.decode()
    assert acme.partner_a.name in page
    assert acme.partner_b.name not in page
    assert "Another partner" in page


def test_offered_by_hand_withdrawn_and_kept_direct(acme, ops):
    lead = waiting(acme)
    address = f"/leads/{lead.pk}"
    page = ops.post(f"{address}/offer/", {"partner": acme.partner_a.name}, follow=True).content.decode()
    assert f"Offered to {acme.partner_a.name}." in page
    assert fresh(lead).state == "offered"
    without = ops.post(f"{address}/withdraw/", {"reason": " "})
    assert without.status_code == 422
    ops.post(f"{address}/withdraw/", {"reason": "Wrong region"})
    assert fresh(lead).state == "new"
    marketer = acme.users[Role.MARKETING]
    page = ops.post(f"{address}/direct/", {"person": marketer.pk}, follow=True).content.decode()
    assert f"{marketer.display_name} works on it." in page
    assert (fresh(lead).holder, fresh(lead).person_direct) == ("direct", marketer)
    assert "Wrong region" in page


def test_a_partner_that_is_full_or_unknown_is_refused_in_words(acme, ops):
    lead = waiting(acme)
    LeadCapacity.everything.create(partner=acme.partner_a, capacity=0)
    page = ops.post(f"/leads/{lead.pk}/offer/", {"partner": acme.partner_a.name}, follow=True).content.decode()
    assert "has no place free for another lead" in page
    nobody = ops.post(f"/leads/{lead.pk}/offer/", {"partner": "Nobody Ltd"})
    assert nobody.status_code == 422
    assert "There is no partner of this name." in nobody.content.decode()
    assert fresh(lead).state == "new"


def test_the_rules_may_keep_it_direct_and_say_so(acme, ops):
    marketer = acme.users[Role.MARKETING]
    rule = {"rules": [{"name": "Ours", "to": {"direct": marketer.pk}}]}
    Policy.objects.create(kind="leads", starts_on="2020-01-01", data=rule)
    page = ops.post(f"/leads/{waiting(acme).pk}/distribute/", follow=True).content.decode()
    assert f"{marketer.display_name} works on it" in page
    assert "found nobody" not in page


def test_a_direct_lead_is_worked_to_its_end(acme, ops):
    lead = direct(acme)
    address = f"/leads/{lead.pk}"
    ops.post(f"{address}/contacted/", {"note": "Spoke on the phone"})
    assert fresh(lead).state == "contacted"
    ops.post(f"{address}/convert/")
    assert (fresh(lead).state, fresh(lead).qualified_at is not None) == ("converted", True)
    refused = ops.post(f"{address}/close/", {"won": "no"})
    assert refused.status_code == 422
    page = ops.post(f"{address}/close/", {"won": "yes"}, follow=True).content.decode()
    assert fresh(lead).outcome == "won"
    assert "Spoke on the phone" in page
    assert "Won" in page


def test_the_one_who_holds_it_works_on_it_and_a_colleague_without_the_right_does_not(acme, client_for):
    cam = acme.users[Role.CAM]
    lead = direct(acme, person=cam)
    own, other = client_for(cam), client_for(acme.users[Role.CHIEF])
    assert other.post(f"/leads/{lead.pk}/contacted/").status_code == 403
    assert own.post(f"/leads/{lead.pk}/contacted/").status_code == 302
    assert fresh(lead).state == "contacted"
    assert own.post(f"/leads/{lead.pk}/back/", {"reason": "x"}).status_code == 403


def test_a_partners_lead_is_taken_back_with_a_reason(acme, ops):
    first, second = held(acme, "First"), held(acme, "Second")
    ops.post(f"/leads/{first.pk}/back/", {"reason": "They asked for it"})
    assert (fresh(first).state, fresh(first).distribute_at) == ("new", None)
    ops.post(f"/leads/{second.pk}/pull-back/", {"reason": "They asked for it"})
    assert (fresh(second).state, fresh(second).distribute_at is not None) == ("new", True)
    assert ops.post(f"/leads/{first.pk}/contacted/").status_code == 302  # the vendor's own to say again


def test_disqualified_and_opened_again(acme, ops):
    lead = waiting(acme)
    ops.post(f"/leads/{lead.pk}/disqualified/", {"reason": "A student"})
    assert (fresh(lead).state, fresh(lead).close_reason) == ("disqualified", "A student")
    assert "A student" in ops.get(f"/leads/{lead.pk}/").content.decode()
    ops.post(f"/leads/{lead.pk}/reopen/")
    assert fresh(lead).state == "new"


def test_what_somebody_did_meanwhile_is_said_and_nothing_changes(acme, ops):
    lead = held(acme)
    page = ops.post(f"/leads/{lead.pk}/offer/", {"partner": acme.partner_b.name}, follow=True).content.decode()
    assert "isn’t in the queue any more" in page
    assert fresh(lead).partner == acme.partner_a


# ── A partner's tab ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_partners_tab_shows_offers_leads_and_places(acme, ops, client_for):
    offered(acme, "Waiting for them")
    held(acme, "Theirs")
    held(acme, "Not theirs", partner=acme.partner_b)
    address = f"/partners/{acme.partner_a.pk}/leads/"
    page = ops.get(address).content.decode()
    assert "Waiting for them" in page
    assert "Theirs" in page
    assert "Not theirs" not in page
    assert "of 10 places" in page
    wrong = ops.post(f"{address}capacity/", {"capacity": "-1", "turns": "1"})
    assert wrong.status_code == 422
    ops.post(f"{address}capacity/", {"capacity": "4", "turns": "2"})
    row = LeadCapacity.everything.get(partner=acme.partner_a)
    assert (row.capacity, row.turns) == (4, 2)
    seen_by_cam = client_for(acme.users[Role.CAM]).get(address).content.decode()
    assert "of 4 places" in seen_by_cam
    assert "Turns in a round" not in seen_by_cam


def test_the_vendor_reads_whom_to_talk_to_and_where_consent_is_from(acme, ops):
    page = ops.get(f"/leads/{waiting(acme).pk}/").content.decode()
    for word in (*SECRETS, PERSON["consent_from"]):
        assert word in page
    assert not Policy.objects.filter(kind="leads", starts_on__gt=today()).exists()
