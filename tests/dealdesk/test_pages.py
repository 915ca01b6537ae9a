"""The pages of registrations: making one, reading it, deciding about it, its lists and its policy."""

import datetime as dt
import re
from decimal import Decimal
from html import unescape

import pytest
from django.urls import reverse

from accountplans.models import AccountTarget
from accounts.permissions import Role
from dealdesk import actions
from dealdesk.models import Registration, Step
from dealdesk.policy import policy_on
from leads.models import Lead, LeadSource
from partners.models import Partner, Region, RegionLimit
from pipeline.models import Customer
from prm.common.models import Policy
from prm.common.vendor import today
from tests.dealdesk.making import approved, drafted, fresh, kinds, line, ruled, seller, submitted
from tests.guards.html import parse
from tests.world import make_partner, make_user

pytestmark = pytest.mark.django_db
NEW = "/portal/registrations/new/"


@pytest.fixture
def client(acme, client_for):
    return client_for(seller(acme))


@pytest.fixture
def desk(operations, client_for):
    return client_for(operations)


def typed(**changes) -> dict[str, object]:
    return {
        "customer_name": "Contoso GmbH",
        "domain": "contoso.de",
        "country": "DE",
        "product_lines": [line().pk],
        "amount": "25000",
        "currency": "USD",
        "expected_close": (today() + dt.timedelta(days=60)).isoformat(),
        "need": "Replaces its servers",
        "go": "submit",
        **changes,
    }


def shown(response) -> dict[str, str]:
    """What the fields of the page hold, by name."""
    root, _problems = parse(response.content.decode())
    found = {field["name"]: field["value"] for field in root.all("input") if field["type"] not in ("checkbox", "radio")}
    found |= {field["name"]: field.text for field in root.all("textarea")}
    for field in root.all("select"):
        found[field["name"]] = next((o["value"] for o in field.all("option") if "selected" in o), "")
    ticked = [field["value"] for field in root.all("input") if "checked" in field and field["name"] == "product_lines"]
    return {**found, "product_lines": ",".join(ticked)}


def text(response) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", response.content.decode())).split())


def only() -> Registration:
    return Registration.everything.get()


# ── Making one ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_seven_fields_and_it_is_submitted(acme, client):
    response = client.post(NEW, typed())
    made = only()
    assert response["Location"] == f"/portal/registrations/{made.pk}/"
    assert (made.state, made.partner, made.channel, made.by_vendor) == ("submitted", acme.partner_a, "page", False)
    assert made.reference in text(client.get(response["Location"]))


def test_sent_twice_it_is_there_once(client):
    first, second = (client.post(NEW, typed()) for _ in range(2))
    assert first["Location"] == second["Location"] == f"/portal/registrations/{only().pk}/"


def test_a_target_becomes_one_with_nothing_typed_again(acme, client):
    customer = Customer.objects.create(partner=acme.partner_a, name="Litware", domain="litware.fr", country="FR")
    due = today() + dt.timedelta(days=30)
    target = AccountTarget.objects.create(
        customer=customer,
        product_line=line(),
        next_step="Show the trial",
        due_on=due,
        amount=Decimal(40_000),
        currency="EUR",
    )
    page = client.get(f"{NEW}?target={target.pk}")
    found = shown(page)
    assert found["customer_name"] == "Litware"
    assert (found["domain"], found["country"], found["need"]) == ("litware.fr", "FR", "Show the trial")
    assert (found["amount"], found["currency"], found["expected_close"]) == ("40,000", "EUR", due.isoformat())
    assert found["product_lines"] == str(line().pk)
    client.post(NEW, found | {"go": "submit"})
    assert (only().state, only().target, only().amount) == ("submitted", target, 40_000)


def test_a_lead_becomes_one_with_its_contact_and_is_converted(acme, client):
    lead = Lead.everything.create(
        company="Proseware", domain="proseware.it", country="IT", need="More space", person="Ana Rossi", email="ana@proseware.it",
        source=LeadSource.objects.get_or_create(key="web", defaults={"name": "Web"})[0], score=80, grade="A", holder="partner",
        partner=acme.partner_a, state="qualified", created_at=dt.datetime.now(dt.UTC), accepted_at=dt.datetime.now(dt.UTC),
    )  # fmt: skip
    lead.product_lines.add(line())
    found = shown(client.get(f"{NEW}?lead={lead.pk}"))
    assert (found["customer_name"], found["contact_name"], found["contact_email"]) == (
        "Proseware", "Ana Rossi", "ana@proseware.it",
    )  # fmt: skip
    client.post(NEW, typed() | found | {"amount": "9000", "expected_close": typed()["expected_close"], "go": "submit"})
    lead.refresh_from_db()
    assert (only().lead, lead.state) == (lead, "converted")


def test_another_partners_target_lead_or_customer_fills_nothing_in(acme, client):
    customer = Customer.objects.create(partner=acme.partner_b, name="Theirs", country="FR")
    target = AccountTarget.objects.create(customer=customer, product_line=line())
    for query in (f"customer={customer.pk}", f"target={target.pk}", "lead=abc", f"lead={2**70}"):
        page = client.get(f"{NEW}?{query}")
        assert page.status_code == 200
        assert "Theirs" not in text(page)
        assert shown(page)["customer_name"] == ""


def test_what_the_policy_refuses_comes_back_as_it_was_typed(client):
    ruled(minimum="30000")
    response = client.post(NEW, typed(amount="100", need=""))
    assert response.status_code == 422
    assert shown(response)["customer_name"] == "Contoso GmbH"
    response = client.post(NEW, typed(amount="100"))
    assert response.status_code == 422
    assert "below 30000 USD" in text(response)
    assert not Registration.everything.exists()


def test_a_draft_needs_nothing_and_goes_on_later(client):
    client.post(NEW, {"customer_name": "Contoso", "go": "keep"})
    made = only()
    assert made.state == "draft"
    edit = f"/portal/registrations/{made.pk}/edit/"
    assert shown(client.get(edit))["customer_name"] == "Contoso"
    client.post(edit, typed(draft=made.pk, revision=made.revision))
    assert only().state == "submitted"
    assert client.get(edit)["Location"] == f"/portal/registrations/{made.pk}/"


def saved(client, **fields):
    return client.post("/portal/registrations/save/", fields, headers={"HX-Request": "true"})


def test_what_is_typed_is_kept_in_one_draft(client):
    assert saved(client, country="DE").status_code == 204
    kept = shown(saved(client, customer_name="Contoso", country="DE"))
    made = only()
    assert kept["draft"] == str(made.pk)
    answer = saved(
        client, customer_name="Contoso", amount="a lot", need="Space", **{k: kept[k] for k in ("draft", "revision")}
    )
    assert "Saved, but for: Amount" in text(answer)
    assert (only().need, only().amount, only().state) == ("Space", None, "draft")
    client.post(NEW, typed(draft=made.pk, revision=only().revision))
    assert only().state == "submitted"


def test_what_two_people_type_at_once_is_not_overwritten(acme, client):
    made = drafted(acme)
    seen = made.revision
    actions.save_draft(by=seller(acme), partner=acme.partner_a, registration=made, values={"need": "Theirs"})
    answer = saved(client, customer_name="Mine", draft=made.pk, revision=seen)
    assert "Somebody changed this registration" in text(answer)
    response = client.post(f"/portal/registrations/{made.pk}/edit/", typed(draft=made.pk, revision=seen))
    assert response.status_code == 422
    assert only().need == "Theirs"


def test_the_cam_registers_in_the_partners_name(acme, client_for):
    cam = client_for(acme.users[Role.CAM])
    found = cam.post("/registrations/new/", {"partner": acme.partner_a.name})
    assert found["Location"] == f"/partners/{acme.partner_a.pk}/registrations/new/"
    cam.post(found["Location"], typed())
    assert (only().by_vendor, only().partner, only().state) == (True, acme.partner_a, "submitted")
    assert cam.get(f"/partners/{acme.partner_b.pk}/registrations/new/").status_code == 404


@pytest.mark.parametrize("role", [Role.PARTNER_EXECUTIVE, Role.PARTNER_MARKETER])
def test_who_doesnt_sell_reads(acme, client_for, role):
    made = submitted(acme)
    reader = client_for(acme.users_a[role])
    page = reader.get(f"/portal/registrations/{made.pk}/")
    assert "Contoso GmbH" in text(page)
    assert "Withdraw" not in text(page)
    assert reader.get("/portal/registrations/").status_code == 200
    assert reader.get(NEW).status_code == reader.post(NEW, typed()).status_code == 403


# ── Reading it ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_apart_from_one_sentence_a_conflict_makes_no_difference_to_the_submitter(acme, client):
    submitted(acme, acme.partner_b, customer_name="Contoso AG", domain="contoso.de")
    second, other = submitted(acme), submitted(acme, customer_name="Somebody Else", domain="else.example", country="FR")
    assert (second.flag, other.flag) == ("flagged", "clear")
    pages = []
    for made in (second, other):
        page = text(client.get(f"/portal/registrations/{made.pk}/"))
        for word in (made.reference, made.customer_name, made.domain, "Germany", "France"):
            page = page.replace(word, "·")
        pages.append(re.sub(r"\d\d:\d\d|\d+ minutes? ago|just now", "", page))
    sentence = "A registration may already exist."
    assert sentence in pages[0]
    assert " ".join(pages[0].replace(sentence, "").split()) == " ".join(pages[1].split())


def test_its_own_companys_is_shown_in_full(acme, client):
    Partner.objects.unscoped("test").filter(pk=acme.partner_b.pk).update(parent=acme.partner_a)
    first = submitted(acme, acme.partner_b)
    second = submitted(acme)
    page = text(client.get(f"/portal/registrations/{second.pk}/"))
    assert first.reference in page
    assert acme.partner_b.name in page
    assert "may already exist" not in page


def test_the_clock_runs_and_only_progress_renews(acme, client):
    made = approved(acme, days=20)
    address = f"/portal/registrations/{made.pk}/"
    page = text(client.get(address))
    assert "20 days left" in page
    assert "Nothing has moved lately" in page
    refused = client.post(f"{address}renew/", follow=True)
    assert "Nothing has moved lately" in text(refused)
    client.post(f"{address}proof/", {"text": "The trial runs"})
    cam = acme.users[Role.CAM]
    step = made.steps.get(kind=Step.Kind.PROOF_OFFERED)
    assert step.reason == "The trial runs"
    actions.accept_proof(by=cam, registration=made, reason="Seen it")
    assert "Renew the protection" in text(client.get(f"{address}renew/"))
    assert fresh(made).renewals == 0  # opening it renews nothing
    client.post(f"{address}renew/")
    assert fresh(made).expires_on == today() + dt.timedelta(days=110)
    assert "as often as it can be" in text(client.get(address))


def test_the_cam_accepts_a_proof_on_its_page(acme, client_for):
    made = approved(acme)
    actions.offer_proof(by=seller(acme), registration=made, text="The trial runs")
    cam = client_for(acme.users[Role.CAM])
    assert "The trial runs" in text(cam.get(f"/registrations/{made.pk}/"))
    refused = cam.post(f"/registrations/{made.pk}/accept-proof/", {"reason": ""})
    assert refused.status_code == 422
    cam.post(f"/registrations/{made.pk}/accept-proof/", {"reason": "Seen it"})
    assert kinds(made)[-1] == "accepted"


def test_who_decides_accepts_a_proof_and_renews_without_registering_otherwise(acme, client_for):
    made = approved(acme)
    actions.offer_proof(by=seller(acme), registration=made, text="The trial runs")
    chief = client_for(acme.users[Role.CHIEF])
    assert "The trial runs" in text(chief.get(f"/registrations/{made.pk}/"))
    chief.post(f"/registrations/{made.pk}/accept-proof/", {"reason": "Seen it"})
    assert "It goes on for 90 days" in text(chief.get(f"/registrations/{made.pk}/renew/"))
    chief.post(f"/registrations/{made.pk}/renew/")
    assert fresh(made).renewals == 1


def test_a_distributor_only_reads(acme, client_for):
    house = make_partner(acme, "H", name="House")
    type(house).everything.filter(pk=acme.partner_a.pk).update(distributor=house)
    reader = client_for(make_user(acme, "house", Role.DISTRIBUTOR, partner=house))
    made = approved(acme)
    base = f"/registrations/{made.pk}"
    assert reader.get(f"{base}/").status_code == 200
    assert reader.get(f"{base}/renew/").url == f"{base}/"
    for name in ("withdraw", "release", "accept-proof", "renew"):
        assert reader.post(f"{base}/{name}/", {"reason": "Ours"}).status_code == 403
    assert (fresh(made).state, kinds(made)) == ("approved", ["submitted", "approved"])


def test_it_is_withdrawn_with_a_reason_and_released_without(acme, client):
    one, other = submitted(acme), approved(acme, customer_name="Another one", domain="another.example")
    base = "/portal/registrations"
    assert client.post(f"{base}/{one.pk}/withdraw/", {"reason": " "}).status_code == 422
    client.post(f"{base}/{one.pk}/withdraw/", {"reason": "They bought elsewhere"})
    client.post(f"{base}/{other.pk}/release/", {"reason": ""})
    assert (fresh(one).state, fresh(other).state) == ("withdrawn", "released")
    again = client.post(f"{base}/{one.pk}/withdraw/", {"reason": "Twice"}, follow=True)
    assert "in another state by now: Withdrawn" in text(again)


def test_a_draft_is_thrown_away(acme, client):
    made = drafted(acme)
    assert client.post(f"/portal/registrations/{made.pk}/discard/")["Location"] == "/portal/registrations/"
    assert not Registration.everything.exists()


# ── Deciding ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def decide(client, made, decision, **more):
    return client.post(f"/registrations/{made.pk}/decide/", {"decision": decision, "reason": "So be it", **more})


def test_approved_it_has_one_deal_and_its_protection(acme, desk, client):
    made = submitted(acme)
    assert decide(desk, made, "approve")["Location"] == f"/registrations/{made.pk}/"
    made = fresh(made)
    assert (made.state, made.deal.amount, made.reason) == ("approved", 25_000, "So be it")
    page = text(client.get(f"/portal/registrations/{made.pk}/"))
    assert "90 days left" in page
    assert (
        reverse("pipeline:portal_deal", args=[made.deal_id])
        in client.get(f"/portal/registrations/{made.pk}/").content.decode()
    )


def test_returned_and_rejected_with_the_reason(acme, desk, client):
    one, other = submitted(acme), submitted(acme, customer_name="Another one", domain="another.example")
    assert decide(desk, one, "return", reason="").status_code == 422
    decide(desk, one, "return", reason="Which branch?")
    decide(desk, other, "reject", reason="Not for us")
    assert "Returned: Which branch?" in text(client.get(f"/portal/registrations/{one.pk}/edit/"))
    assert "Not for us" in text(client.get(f"/portal/registrations/{other.pk}/"))
    assert (fresh(one).state, fresh(other).state) == ("returned", "rejected")


def test_what_came_first_stands_beside_it_and_takes_an_override_that_both_read(acme, desk, client_for):
    first = submitted(acme, acme.partner_b, customer_name="Contoso AG")
    second = submitted(acme)
    page = desk.get(f"/registrations/{second.pk}/decide/")
    for word in (acme.partner_b.name, first.reference, "Contoso AG", "Same web domain", "came first"):
        assert word in text(page)
    refused = decide(desk, second, "approve")
    assert refused.status_code == 422
    assert fresh(second).state == "submitted"
    decide(desk, second, "approve", override="on", reason="They won it")
    assert fresh(second).state == "approved"
    for world_partner, made in ((None, second), (acme.partner_b, first)):
        page = text(client_for(seller(acme, world_partner)).get(f"/portal/registrations/{made.pk}/"))
        other = acme.partner_a if world_partner else acme.partner_b
        assert other.name not in page
        assert "against the rules" in page


def test_a_decider_of_one_region_sees_of_the_other_side_what_is_needed_and_no_more(acme, client_for):
    """Partner, deal and dates; not the amount, the need, the contact; and no way to the other partner's page."""
    theirs = {"need": "SECRET NEED", "contact_name": "SECRET PERSON", "amount": Decimal(987_654)}
    first = submitted(acme, acme.partner_b, **theirs)
    second = submitted(acme)
    chief = make_user(acme, "chief_west", Role.CHIEF)
    RegionLimit.objects.create(user=chief, region=Region.objects.get(key="west"))
    west = client_for(chief)
    page = west.get(f"/registrations/{second.pk}/decide/").content.decode()
    assert acme.partner_b.name in page
    assert first.reference in page
    for word in ("SECRET", "987", f"/partners/{acme.partner_b.pk}/", f"/registrations/{first.pk}/"):
        assert word not in page
    assert (
        west.get(f"/registrations/{first.pk}/").status_code
        == west.get(f"/registrations/{first.pk}/decide/").status_code
        == 404
    )


def test_who_has_a_quota_on_one_side_doesnt_decide(acme, client_for):
    made = submitted(acme)
    cam = acme.users[Role.CAM]
    assert client_for(cam).get(f"/registrations/{made.pk}/decide/").status_code == 403
    cam.set_roles([Role.CAM, Role.OPERATIONS])
    both = client_for(cam)
    assert "somebody else decides" in text(both.get(f"/registrations/{made.pk}/decide/"))
    decide(both, made, "approve")
    assert fresh(made).state == "submitted"


def test_a_deal_that_is_there_is_linked_and_a_second_partner_gets_its_share(acme, desk, operations):
    from pipeline.deals import actions as deals

    deal = deals.add_deal(
        by=operations, partner=acme.partner_a, name="There already", amount=Decimal(10), currency="USD"
    )
    one, other = submitted(acme), submitted(acme, customer_name="Another one", domain="another.example")
    decide(desk, one, "approve", deal=deal.pk)
    decide(desk, other, "approve", second_partner=f"{acme.partner_b.name} (#{acme.partner_b.pk})", second_share="30")
    assert fresh(one).deal == deal
    shares = dict(fresh(other).deal.shares.values_list("partner", "percent"))
    assert shares == {acme.partner_a.pk: 70, acme.partner_b.pk: 30}


# ── Lists and policy ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_list_narrows_and_goes_out_as_a_file(acme, desk, client_for):
    one = submitted(acme)
    other = approved(acme, acme.partner_b, customer_name="Fourth Coffee", domain="fourth.example")
    drafted(acme, customer_name="Nobody's business")
    assert "Nobody's business" not in text(desk.get("/registrations/"))
    for query, found in (
        ("state=approved", other),
        ("q=contoso", one),
        (f"q={other.reference}", other),
        ("look=ending", None),
        ("region=west", one),
    ):
        page = desk.get(f"/registrations/?{query}").content.decode()
        assert {made for made in (one, other) if f"/registrations/{made.pk}/" in page} == (
            {found} if found else set()
        ), query
    file = desk.get("/registrations/export/csv/?state=approved").content.decode()
    assert "Fourth Coffee" in file
    assert "Contoso" not in file
    assert "Conflict" in file
    cam = client_for(acme.users[Role.CAM])
    assert "Conflict" not in cam.get("/registrations/export/csv/").content.decode()
    own = client_for(seller(acme)).get("/portal/registrations/export/xlsx/")
    assert own["Content-Type"].endswith("sheet")


def test_the_one_search_finds_it_for_who_may_see_it(acme, desk, client_for):
    made = submitted(acme)
    found = f"/registrations/{made.pk}/"
    for asked in ("contoso", made.reference.lower()):
        assert found in desk.get("/search", {"q": asked}).content.decode()
    assert found not in client_for(acme.cam_b).get("/search", {"q": "contoso"}).content.decode()


def policy_fields(client, **changes):
    root, _problems = parse(client.get("/settings/registrations/").content.decode())
    form = next(form for form in root.all("form") if "registration-policy" in form["class"])
    found = {field["name"]: field["value"] for field in form.all("input") if field["type"] != "checkbox"}
    found |= {
        field["name"]: next(o["value"] for o in field.all("option") if "selected" in o) for field in form.all("select")
    }
    return {name: value for name, value in found.items() if name != "csrfmiddlewaretoken"} | {"reopens": "on"} | changes


def test_a_policy_is_tried_on_last_years_before_it_is_saved(acme, client_for):
    admin = client_for(acme.users[Role.ADMIN])
    approved(acme)
    submitted(acme, customer_name="Small one", domain="small.example", amount=Decimal(900))
    fields = policy_fields(admin, minimum="1000", protection_days="60")
    page = text(admin.post("/settings/registrations/", fields | {"try": "1"}))
    assert "Of 2 registrations." in page
    assert "refused: too small" in page
    assert "protected 30 days less" in page
    assert not Policy.objects.filter(kind="registration").exists()
    admin.post("/settings/registrations/", fields | {"save": "1"})
    assert (policy_on(today()).minimum, policy_on(today()).protection_days) == (1000, 60)
    wrong = admin.post("/settings/registrations/", fields | {"protection_days": "0"})
    assert wrong.status_code == 422


def test_a_version_to_come_is_removed(acme, client_for):
    admin = client_for(acme.users[Role.ADMIN])
    admin.post("/settings/registrations/", policy_fields(admin, starts_on=(today() + dt.timedelta(days=9)).isoformat()))
    row = Policy.objects.get(kind="registration")
    admin.post(f"/settings/registrations/{row.pk}/remove/")
    assert not Policy.objects.filter(kind="registration").exists()
