"""The list of plans, a partner's plan, the plan to read, and signing it."""

import re
from decimal import Decimal

import pytest

from accounts import links
from accounts.permissions import Role
from partners.models import Contact
from partners.objectives import actions as objectives
from planning import reading
from planning.actions import drafting, signing
from planning.models import BusinessPlan, PlanSignature, SignatureRequest
from planning.outcome import outcome
from planning.signing import PARTNER_LINK, VENDOR_LINK, content_hash
from prm.common.vendor import fiscal_calendar, today
from tests.guards.html import parse


@pytest.fixture
def by(acme):
    return acme.users[Role.CAM]


@pytest.fixture
def cam(by, client_for):
    return client_for(by)


@pytest.fixture
def executive(acme):
    return acme.users_a[Role.PARTNER_EXECUTIVE]


@pytest.fixture
def plan(acme, by):
    plan = drafting.start(partner=acme.partner_a, by=by)
    lines = [
        {
            "key": "a1",
            "name": "Backup",
            "deals": {"first": "2", "growth": "5"},
            "sale": {"deal_size": "10000"},
            "margin": "20",
        }
    ]
    texts = {"value_proposition": "Cheaper nights"}
    return drafting.save(plan=plan, by=by, parts={"lines": lines, "texts": texts})


@pytest.fixture
def asked(plan, by, executive):
    signing.ask(plan=plan, by=by, vendor_signer=by, partner_signer=executive)
    plan.refresh_from_db()
    return plan


@pytest.fixture
def committed(asked, by, executive):
    for side, user in (("partner", executive), ("vendor", by)):
        signing.sign(plan=asked, side=side, by=user, name=user.name, content_hash=content_hash(asked))
    asked.refresh_from_db()
    assert asked.status == "committed"
    return asked


@pytest.fixture
def client(client_for):
    """Nobody's: who comes by a link."""
    return client_for()


def by_link(client, plan, user, purpose):
    made = links.make(user=user, purpose=purpose, target_id=plan.pk, days=1)
    response = client.get(f"/l/{links.token(made)}/")
    assert response.status_code == 302
    return response["Location"]


def hash_on(page):
    return re.search(r'name="content_hash" value="([0-9a-f]{64})"', page.content.decode())[1]


# ── Asking and signing ───────────────────────────────────────────────────────────────────────────────────────────────


def test_both_are_asked_on_the_last_step(acme, cam, plan, executive, by):
    page = cam.get(f"/plans/{plan.pk}/steps/commit/")
    assert b"Ask both to sign" in page.content
    data = {"vendor_signer": f"user-{by.pk}", "partner_signer": f"user-{executive.pk}"}
    assert cam.post(f"/plans/{plan.pk}/ask/", data)["Location"] == f"/plans/{plan.pk}/steps/commit/"
    asked = SignatureRequest.everything.filter(plan=plan).values_list("side", "user")
    assert set(asked) == {("vendor", by.pk), ("partner", executive.pk)}
    assert b"Read and sign" in cam.get(f"/plans/{plan.pk}/steps/commit/").content


def sent_by_asking(cam, plan, scenario):
    """What the button sends without script, where the scenario was chosen and nothing else touched; and where to."""
    root, _problems = parse(cam.get(f"/plans/{plan.pk}/steps/commit/").content.decode())
    form = next(form for form in root.all("form") if form["id"] == "plan-form")
    fields = [*form.all("input"), *(each for each in root.all("select") if each["form"] == form["id"])]
    data = {field["name"]: field["value"] for field in fields if field.tag == "input" and field["type"] == "hidden"}
    for select in (each for each in fields if each.tag == "select"):
        data[select["name"]] = next(each["value"] for each in select.all("option") if "selected" in each)
    assert {field["value"] for field in fields if field["name"] == "scenario"} == {"bleak", "base", "stretch"}
    buttons = [each for each in root.all("button") if "Ask both" in each.text]
    assert {each["form"] for each in buttons} == {form["id"]}
    return buttons[0]["formaction"], data | {"scenario": scenario}


def test_the_scenario_chosen_without_script_is_saved_before_both_are_asked(cam, plan, executive, by):
    url, data = sent_by_asking(cam, plan, "stretch")
    assert cam.post(url, data).status_code == 302
    plan.refresh_from_db()
    assert plan.scenario == "stretch"
    assert SignatureRequest.everything.filter(plan=plan).count() == 2


def test_nobody_is_asked_where_the_scenario_can_not_be_saved(acme, cam, plan, by):
    url, data = sent_by_asking(cam, plan, "stretch")
    assert cam.post(url, data | {"scenario": "rosy"}).status_code == 422
    drafting.save(plan=plan, by=acme.users[Role.ADMIN], scenario="bleak")
    response = cam.post(url, data)
    assert response.status_code == 422
    root, _problems = parse(response.content.decode())
    assert [each["value"] for each in root.all("input") if each["name"] == "scenario" and "checked" in each] == [
        "stretch"
    ]
    assert b"chosen meanwhile" in response.content
    plan.refresh_from_db()
    assert plan.scenario == "bleak"
    assert not SignatureRequest.everything.filter(plan=plan).exists()


def test_a_contact_is_invited_by_being_asked(acme, cam, plan, by):
    contact = Contact.everything.create(partner=acme.partner_a, name="Nora Owner", email="nora@northwind-acme.example")
    data = {"vendor_signer": f"user-{by.pk}", "partner_signer": f"contact-{contact.pk}"}
    assert cam.post(f"/plans/{plan.pk}/ask/", data).status_code == 302
    assert SignatureRequest.everything.get(plan=plan, side="partner").user.email == contact.email


def test_somebody_who_may_not_sign_is_refused_at_the_field(acme, cam, plan, by):
    seller = acme.users_a[Role.PARTNER_SELLER]
    for wrong in (f"user-{seller.pk}", f"user-{acme.users_b[Role.PARTNER_EXECUTIVE].pk}", "user-x", ""):
        data = {"vendor_signer": f"user-{by.pk}", "partner_signer": wrong}
        assert cam.post(f"/plans/{plan.pk}/ask/", data).status_code == 422
    assert not SignatureRequest.everything.filter(plan=plan).exists()


def test_an_empty_plan_says_why_it_can_not_be_signed(cam, plan, by, executive):
    drafting.save(plan=plan, by=by, parts={"lines": []})
    assert b"Nothing is sold in this plan yet" in cam.get(f"/plans/{plan.pk}/steps/commit/").content
    data = {"vendor_signer": f"user-{by.pk}", "partner_signer": f"user-{executive.pk}"}
    assert cam.post(f"/plans/{plan.pk}/ask/", data).status_code == 422


def test_the_scenario_is_chosen(cam, plan):
    response = cam.post(f"/plans/{plan.pk}/steps/commit/", {"scenario": "stretch", "stay": "on"})
    assert response.status_code == 302
    plan.refresh_from_db()
    assert plan.scenario == "stretch"
    assert cam.post(f"/plans/{plan.pk}/steps/commit/", {"scenario": "rosy", "stay": "on"}).status_code == 422


def test_each_side_signs_by_a_link_without_a_password(client, asked, by, executive):
    where = by_link(client, asked, executive, PARTNER_LINK)
    assert where == f"/portal/plans/{asked.pk}/sign/"
    page = client.get(where)
    assert b"Cheaper nights" in page.content
    assert b"the vendor keeps" not in page.content.lower()
    response = client.post(where, {"name": "Erika Example", "content_hash": hash_on(page)}, follow=True)
    assert b"The other side is still to sign" in response.content
    assert PlanSignature.everything.get(plan=asked, side="partner").name == "Erika Example"
    assert client.get(f"/portal/plans/{asked.pk}/").status_code == 302  # the link leads nowhere else
    client.cookies.clear()
    where = by_link(client, asked, by, VENDOR_LINK)
    page = client.get(where)
    response = client.post(where, {"name": "Cam Example", "content_hash": hash_on(page)}, follow=True)
    assert b"Signed by both: the plan is in force" in response.content
    asked.refresh_from_db()
    assert asked.status == "committed"


def test_a_change_meanwhile_is_shown_before_it_is_signed(client, asked, by, executive):
    where = by_link(client, asked, executive, PARTNER_LINK)
    seen = hash_on(client.get(where))
    drafting.save(plan=asked, by=by, parts={"terms": "3"})
    response = client.post(where, {"name": "Erika Example", "content_hash": seen})
    assert response.status_code == 422
    assert b"The plan has changed since you opened it" in response.content
    assert b'value="Erika Example"' in response.content
    assert not PlanSignature.everything.filter(plan=asked).exists()
    assert client.post(where, {"name": "Erika Example", "content_hash": hash_on(response)}).status_code == 302


def test_a_signature_needs_a_name(client, asked, executive):
    where = by_link(client, asked, executive, PARTNER_LINK)
    assert client.post(where, {"name": " ", "content_hash": content_hash(asked)}).status_code == 422
    assert not PlanSignature.everything.filter(plan=asked).exists()


def test_who_is_not_asked_reads_but_does_not_sign(client_for, acme, asked):
    champion = client_for(acme.users_a[Role.PARTNER_CHAMPION])
    page = champion.get(f"/portal/plans/{asked.pk}/sign/")
    assert page.status_code == 200
    assert b"Sign the plan" not in page.content
    data = {"name": "Somebody", "content_hash": content_hash(asked)}
    assert champion.post(f"/portal/plans/{asked.pk}/sign/", data).status_code == 302
    assert not PlanSignature.everything.filter(plan=asked).exists()


def test_nobody_signs_what_nobody_was_asked_to(client_for, cam, plan, executive):
    assert cam.get(f"/plans/{plan.pk}/sign/").status_code == 404


def test_a_signature_warns_of_changes_on_every_step(cam, asked, executive):
    signing.sign(plan=asked, side="partner", by=executive, name="Erika Example", content_hash=content_hash(asked))
    assert b"A change makes that signature void" in cam.get(f"/plans/{asked.pk}/steps/costs/").content


# ── Reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_signed_plan_is_read_and_no_longer_changed(cam, committed, client_for, executive):
    page = cam.get(f"/plans/{committed.pk}/")
    assert committed.content_hash.encode() in page.content
    assert b"What you keep" in page.content or b"What the vendor keeps" in page.content
    assert cam.get(f"/plans/{committed.pk}/steps/lines/")["Location"] == f"/plans/{committed.pk}/"
    response = cam.post(f"/plans/{committed.pk}/steps/lines/", {"go": "on"})
    assert response["Location"] == f"/plans/{committed.pk}/"
    own = client_for(executive).get(f"/portal/plans/{committed.pk}/")
    assert b"Cheaper nights" in own.content
    assert b"vendor keeps" not in own.content


def test_a_distributor_reads_what_is_in_force_and_shared_with_it(acme, client_for, cam, committed):
    from partners.models import Partner
    from tests.world import make_partner, make_user

    depot = make_partner(acme, "D", name="Depot")
    Partner.objects.unscoped("test").filter(pk=acme.partner_a.pk).update(distributor=depot)
    client = client_for(make_user(acme, "depot", Role.DISTRIBUTOR, partner=depot))
    assert client.get(f"/plans/{committed.pk}/").status_code == 404
    cam.post(f"/plans/{committed.pk}/share/", {"with_distributor": "1"})
    page = client.get(f"/plans/{committed.pk}/")
    assert page.status_code == 200
    assert b"vendor keeps" not in page.content


def test_the_next_version_starts_from_the_one_in_force(cam, committed):
    page = cam.get(f"/partners/{committed.partner_id}/plan/")
    assert b"Start the next version" in page.content
    response = cam.post(f"/partners/{committed.partner_id}/plan/start/")
    draft = BusinessPlan.everything.get(partner=committed.partner, status="draft")
    assert response["Location"] == f"/plans/{draft.pk}/steps/goals/"
    assert draft.follows == committed
    assert cam.post(f"/partners/{committed.partner_id}/plan/start/")["Location"] == response["Location"]


def comes_to(plan):
    return outcome(
        reading.read(plan), first_month=plan.first_month, currency=plan.currency, as_of=today(), for_vendor=True
    )


def test_the_plan_shows_what_it_comes_to_in_cash(cam, plan):
    root, _problems = parse(cam.get(f"/plans/{plan.pk}/?read").content.decode())
    tiles = {link["href"]: link.text for link in root.all("a") if "stat" in link["class"].split()}
    found = comes_to(plan)
    for key in ("cash", "cash_break_even", "cash_peak"):
        told = tiles[f"/plans/{plan.pk}/figures/{key}/"]
        assert found.figure(key).text.removeprefix(f"{plan.currency} ") in told
    assert len(tiles) == len(found.figures)


def test_a_draft_to_read_shows_the_objectives_that_will_be_signed(acme, by, cam, plan):
    year = fiscal_calendar().year_of(plan.first_month).year
    objectives.add_objective(
        by=by, partner=acme.partner_a, side="partner", fiscal_year=year, title="Two more engineers",
        yardstick="Certified engineers", unit="people", baseline=Decimal(1), goal=Decimal(3),
    )  # fmt: skip
    page = cam.get(f"/plans/{plan.pk}/?read").content
    assert b"Two more engineers" in page
    assert b"Certified engineers" in page


def test_the_page_of_its_own_shows_every_number_the_profit_hangs_on(cam, plan, by):
    names = [f"Line {number}" for number in range(20)]
    lines = [
        {"key": f"k{n}", "name": name, "sale": {"run_rate": str(900 - n)}, "margin": "20"}
        for n, name in enumerate(names)
    ]
    plan = drafting.save(plan=plan, by=by, parts={"lines": lines})
    assert len(comes_to(plan).effects) >= 40
    first = cam.get(f"/plans/{plan.pk}/sensitivity/").content.decode()
    assert f"/plans/{plan.pk}/sensitivity/?all=1" in first
    page = cam.get(f"/plans/{plan.pk}/sensitivity/?all=1").content.decode()
    assert [name for name in names if f"{name}: margin" not in page] == []
    part = cam.get(f"/plans/{plan.pk}/sensitivity/", headers={"HX-Request": "true"}).content.decode()
    assert 0 < sum(f"{name}: margin" in part for name in names) < 13


def test_a_draft_is_discarded(cam, plan):
    assert cam.post(f"/plans/{plan.pk}/discard/").status_code == 302
    assert cam.get(f"/plans/{plan.pk}/").status_code == 404


# ── Lists and homes ──────────────────────────────────────────────────────────────────────────────────────────────────


def names(client, query=""):
    root, _problems = parse(client.get(f"/plans/{query}").content.decode())
    return [link.text for link in root.all("a") if "row-link" in link["class"]]


def test_the_list_shows_own_partners_and_filters_by_state(acme, cam, asked, client_for):
    other = drafting.start(partner=acme.partner_b, by=acme.cam_b)
    assert names(cam) == [acme.partner_a.name]
    chief = client_for(acme.users[Role.CHIEF])
    assert set(names(chief)) == {acme.partner_a.name, acme.partner_b.name}
    assert names(chief, "?state=waiting") == [acme.partner_a.name]
    assert names(chief, "?state=draft") == [other.partner.name]
    assert names(chief, "?state=signed") == []
    assert names(chief, "?q=Northwind") == [acme.partner_a.name]
    assert names(chief, "?state=nonsense") == []


def test_the_list_goes_out_as_files(cam, committed):
    text = b"".join(cam.get("/plans/export/csv/")).decode()
    assert committed.partner.name in text
    assert "In force" in text


def test_the_partner_page_has_a_tab_and_starts_a_plan(cam, acme):
    page = cam.get(f"/partners/{acme.partner_a.pk}/plan/")
    assert b"No business plan yet" in page.content
    assert cam.post(f"/partners/{acme.partner_a.pk}/plan/start/").status_code == 302


def test_the_portal_starts_one_and_waits_where_the_vendor_prepares_one(acme, client_for, executive):
    client = client_for(executive)
    assert b"No business plan yet" in client.get("/portal/plan/").content
    response = client.post("/portal/plan/start/")
    draft = BusinessPlan.everything.get(partner=acme.partner_a)
    assert response["Location"] == f"/portal/plans/{draft.pk}/steps/goals/"
    other = client_for(acme.users_b[Role.PARTNER_EXECUTIVE])
    drafting.start(partner=acme.partner_b, by=acme.cam_b)
    assert other.post("/portal/plan/start/")["Location"] == "/portal/plan/"
    assert client_for(acme.users_a[Role.PARTNER_SELLER]).post("/portal/plan/start/").status_code == 403


def test_the_portal_asks_for_a_signature_first(acme, client_for, asked, executive):
    page = client_for(executive).get("/portal/plan/").content.decode()
    assert "Read and sign" in page
    assert "Read and sign" not in client_for(acme.users_a[Role.PARTNER_CHAMPION]).get("/portal/plan/").content.decode()
