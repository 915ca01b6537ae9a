"""Deals, certifications and required tasks through the API."""

import datetime as dt
from decimal import Decimal

import pytest

from accounts.permissions import Role
from partners.models import Certificate, Contact
from pipeline.models import Deal, DealShare, ProductLine, StageChange
from prm.common.vendor import today
from tests.api.conftest import problem

DAY = dt.timedelta(days=1)


@pytest.fixture
def admin(acme, api_for):
    return api_for(acme.users[Role.ADMIN])


@pytest.fixture
def cam(acme, api_for):
    return api_for(acme.users[Role.CAM])


def body(acme, **more):
    return {"partner": acme.partner_a.pk, "name": "Servers", "amount": {"amount": "1000.5", "currency": "USD"}, **more}


def test_a_created_deal_reads_as_it_was_written(acme, admin):
    ProductLine.objects.create(key="servers", name="Servers")
    sent = body(
        acme, customer_name="Contoso", product_line="servers", stage="proof", probability="12.5", expected_close="2027-03-31",
        led_by="vendor", kind="renewal", created_on="2026-01-05", registered_on="2026-01-04", external_id="006A",
        shares=[{"partner": acme.partner_a.pk, "percent": "66.67"}, {"partner": acme.partner_b.pk, "percent": "33.33"}],
    )  # fmt: skip
    made = admin.post("/deals", sent)
    assert made.status_code == 201, made.content
    deal = made.json()
    assert made["Location"].endswith(f"/api/v1/deals/{deal['id']}")
    assert {key: deal[key] for key in sent if key != "customer_name"} == {
        key: value for key, value in sent.items() if key != "customer_name"
    }
    assert deal["customer"]["name"] == "Contoso"
    assert (deal["outcome"], deal["chance"], deal["stage_since"]) == ("open", "12.5", "2026-01-05")
    assert deal["weighted"] == {"amount": "125.0625", "currency": "USD"}
    assert deal["is_stale"] is True
    assert admin.get(made["Location"]).json() == deal


def test_the_least_a_deal_needs(acme, cam):
    deal = cam.post("/deals", body(acme)).json()
    assert (deal["stage"], deal["created_on"]) == ("qualified", today().isoformat())
    assert deal["shares"] == [{"partner": acme.partner_a.pk, "percent": "100"}]
    assert deal["customer"] is None


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"partner": 99999999}, "partner"),
        ({"name": ""}, "name"),
        ({"amount": {"amount": "-1", "currency": "USD"}}, "amount.amount"),
        ({"amount": {"amount": "1e30", "currency": "USD"}}, "amount.amount"),
        ({"amount": {"amount": "NaN", "currency": "USD"}}, "amount.amount"),
        ({"amount": {"amount": "1", "currency": "XYZ"}}, "amount.currency"),
        ({"stage": "nonsense"}, "stage"),
        ({"product_line": "nonsense"}, "product_line"),
        ({"created_on": "2999-01-01"}, "created_on"),
        ({"created_on": "2026-02-31"}, "created_on"),
        ({"created_on": None}, "created_on"),
        ({"closed_on": "2026-01-01"}, "closed_on"),
        ({"stage": "lost"}, "lost_reason"),
        ({"stage": "won", "closed_on": "2020-01-01"}, "created_on"),
        ({"probability": "100.5"}, "probability"),
        ({"shares": []}, "shares"),
        ({"stages": "won"}, "stages"),
    ],
)
def test_what_can_not_be_is_named(acme, cam, fields, field):
    if field == "shares":
        cam.post("/deals", body(acme))
        found = problem(cam.patch(f"/deals/{Deal.everything.get().pk}", fields), 422)
    else:
        found = problem(cam.post("/deals", body(acme, **fields)), 422)
        assert not Deal.everything.exists()
    assert field in {error["field"] for error in found["errors"]}


@pytest.mark.parametrize("percents", [("60", "30"), ("60", "60"), ("100", "100")])
def test_shares_come_to_100(acme, admin, percents):
    pks = (acme.partner_a.pk, acme.partner_b.pk)
    shares = [{"partner": pk, "percent": percent} for pk, percent in zip(pks, percents, strict=True)]
    problem(admin.post("/deals", body(acme, shares=shares)), 422)
    twice = [{"partner": pks[0], "percent": "50"}] * 2
    assert problem(admin.post("/deals", body(acme, shares=twice)), 422)["errors"][0]["field"] == "shares.1.partner"
    assert not DealShare.everything.exists()


def test_a_cam_names_no_partner_of_others(acme, cam):
    problem(cam.post("/deals", body(acme, partner=acme.partner_b.pk)), 422)
    shares = [{"partner": acme.partner_a.pk, "percent": "50"}, {"partner": acme.partner_b.pk, "percent": "50"}]
    problem(cam.post("/deals", body(acme, shares=shares)), 422)
    assert not Deal.everything.exists()


def test_what_is_seen_for_a_share(acme, admin, api_for):
    shares = [{"partner": acme.partner_a.pk, "percent": "70"}, {"partner": acme.partner_b.pk, "percent": "30"}]
    made = admin.post("/deals", body(acme, customer_name="Contoso", shares=shares)).json()
    theirs = api_for(acme.cam_b)
    seen = theirs.get(f"/deals/{made['id']}").json()
    assert (seen["partner"], seen["customer"]) == (None, None)
    assert seen["shares"] == [{"partner": None, "percent": "70"}, {"partner": acme.partner_b.pk, "percent": "30"}]
    problem(theirs.patch(f"/deals/{made['id']}", {"name": "Mine"}), 403)
    problem(theirs.post(f"/deals/{made['id']}/stage", {"stage": "won"}), 403)
    problem(theirs.delete(f"/deals/{made['id']}"), 403)
    partner = api_for(acme.users_b[Role.PARTNER_SELLER])
    (listed,) = partner.get("/deals").json()["items"]
    assert (listed["partner"], listed["customer"]) == (None, None)
    assert listed["shares"] == [{"partner": acme.partner_b.pk, "percent": "30"}]
    assert [step["by"] for step in partner.get(f"/deals/{made['id']}/history").json()["items"]] == [None]
    problem(partner.patch(f"/deals/{made['id']}", {"name": "Mine"}), 403)


def test_a_deal_is_moved_and_its_way_read(acme, cam):
    start = today() - 20 * DAY
    deal = cam.post("/deals", body(acme, created_on=start.isoformat())).json()["id"]
    moved = cam.post(f"/deals/{deal}/stage", {"stage": "proof", "on": (start + 5 * DAY).isoformat()}).json()
    assert (moved["stage"], moved["stage_since"]) == ("proof", (start + 5 * DAY).isoformat())
    assert problem(cam.post(f"/deals/{deal}/stage", {"stage": "lost"}), 422)["errors"][0]["field"] == "lost_reason"
    late = problem(cam.post(f"/deals/{deal}/stage", {"stage": "won", "from_stage": "qualified"}), 412)
    assert late["type"].endswith("changed-meanwhile")
    for _twice in range(2):
        lost = cam.post(f"/deals/{deal}/stage", {"stage": "lost", "lost_reason": "Price", "from_stage": "proof"})
        assert lost.status_code == 200, lost.content
    assert (lost.json()["outcome"], lost.json()["closed_on"], lost.json()["lost_reason"]) == (
        "lost",
        today().isoformat(),
        "Price",
    )
    steps = cam.get(f"/deals/{deal}/history").json()["items"]
    assert [(step["from_stage"], step["to_stage"], step["days"]) for step in steps] == [
        (None, "qualified", 5), ("qualified", "proof", 15), ("proof", "lost", None),
    ]  # fmt: skip
    assert cam.delete(f"/deals/{deal}").status_code == 204
    problem(cam.get(f"/deals/{deal}"), 404)
    assert not StageChange.everything.exists()


def test_fields_not_sent_stay(acme, cam):
    deal = cam.post("/deals", body(acme, customer_name="Contoso", expected_close="2027-03-31")).json()
    changed = cam.patch(
        f"/deals/{deal['id']}", {"amount": {"amount": "7", "currency": "EUR"}, "expected_close": None}
    ).json()
    assert changed["amount"] == {"amount": "7", "currency": "EUR"}
    assert (changed["expected_close"], changed["customer"], changed["name"]) == (None, deal["customer"], "Servers")
    problem(cam.patch(f"/deals/{deal['id']}", {"amount": None}), 422)
    problem(cam.patch(f"/deals/{deal['id']}", {"stage": "won"}), 422)
    assert cam.patch(f"/deals/{deal['id']}", {"customer_name": None}).json()["customer"] is None


def test_the_list_has_the_filter_of_the_pages(acme, admin, cam):
    admin.post("/deals", body(acme, name="Open"))
    admin.post("/deals", body(acme, name="Won", stage="won"))
    admin.post("/deals", body(acme, name="Theirs", partner=acme.partner_b.pk))

    def names(caller=admin, **query):
        return {deal["name"] for deal in caller.get("/deals", **query).json()["items"]}

    assert names() == {"Open", "Won", "Theirs"}
    assert names(cam) == {"Open", "Won"}
    assert names(state="won") == names(deal_stage="won") == {"Won"}
    assert names(partner=acme.partner_b.pk) == names(region="east") == {"Theirs"}
    assert names(state="open", q="northwind") == {"Open"}
    problem(admin.get("/deals", stat="won"), 422)
    problem(admin.get("/deals", state="nonsense"), 422)
    problem(admin.get("/deals", close="someday"), 422)
    first = admin.get("/deals", limit=2, sort="-name").json()
    assert [deal["name"] for deal in first["items"]] == ["Won", "Theirs"]
    assert [deal["name"] for deal in admin.get(first["next"]).json()["items"]] == ["Open"]


# ── Certifications and tasks ─────────────────────────────────────────────────────────────────────────────────────────


def test_certifications_from_the_catalogue_to_a_person(acme, admin, cam, api_for):
    certificate = admin.post("/certificates", {"name": "Professional", "months_valid": 24}).json()
    assert (certificate["key"], certificate["months_valid"]) == ("professional", 24)
    problem(admin.post("/certificates", {"name": "professional"}), 422)
    problem(cam.post("/certificates", {"name": "Mine"}), 403)
    path = f"/partners/{acme.partner_a.pk}/certifications"
    made = cam.post(path, {"certificate": "professional", "earned_on": "2026-01-31", "person": {"name": "Ana Berg"}})
    assert made.status_code == 201, made.content
    row = made.json()
    assert (row["person"], row["expires_on"], row["state"]) == ("Ana Berg", "2028-01-31", "valid")
    own = cam.post(path, {"certificate": "professional", "earned_on": "2026-01-31", "expires_on": None}).json()
    assert (own["contact"], own["expires_on"]) == (None, None)
    problem(cam.post(path, {"certificate": "professional", "earned_on": "2026-01-31", "expires_on": None}), 422)
    theirs = Contact.everything.create(partner=acme.partner_b, name="Bo")
    for wrong in ({"contact": theirs.pk}, {"certificate": "nonsense"}, {"earned_on": "2999-01-01"}, {"expires_on": "2020-01-01"},
                  {"contact": row["contact"], "person": {"name": "Two"}}):  # fmt: skip
        problem(cam.post(path, {"certificate": "professional", "earned_on": "2026-02-01", **wrong}), 422)
    assert not Contact.everything.filter(name="Two").exists()
    ended = (today() - DAY).isoformat()
    changed = cam.patch(f"/certifications/{row['id']}", {"expires_on": ended, "level": "Expert"}).json()
    assert (changed["state"], changed["level"], changed["person"]) == ("expired", "Expert", "Ana Berg")
    problem(cam.patch(f"/certifications/{row['id']}", {"earned_on": None}), 422)
    assert {item["id"] for item in cam.get("/certifications", state="expired").json()["items"]} == {row["id"]}
    assert len(cam.get(path).json()["items"]) == 2
    partner = api_for(acme.users_a[Role.PARTNER_SELLER])
    assert len(partner.get("/certifications").json()["items"]) == 2
    problem(partner.delete(f"/certifications/{row['id']}"), 403)
    assert cam.delete(f"/certifications/{row['id']}").status_code == 204
    assert Certificate.objects.count() == 1


def test_required_tasks_from_the_catalogue_to_done(acme, admin, cam, api_for):
    task = admin.post("/required-tasks", {"name": "Sign the contract", "tier": "gold"}).json()
    assert (task["key"], task["tier"], task["stage"]) == ("sign-the-contract", "gold", None)
    problem(admin.post("/required-tasks", {"name": "Other", "tier": "nonsense"}), 422)
    problem(admin.post("/required-tasks", {"name": "Sign the contract"}), 422)
    admin.post("/required-tasks", {"name": "Silver only", "tier": "silver"})
    path = f"/partners/{acme.partner_a.pk}/tasks"
    (line,) = cam.get(path).json()["items"]
    assert (line["key"], line["required"], line["done"]) == ("sign-the-contract", True, False)
    problem(cam.put(f"{path}/sign-the-contract", {"on": "2999-01-01"}), 422)
    for who in ("Ana", "Somebody else"):
        (line,) = cam.put(f"{path}/sign-the-contract", {"on": "2026-01-05", "who": who}).json()["items"]
        assert (line["done"], line["done_on"], line["who"]) == (True, "2026-01-05", "Ana")
    problem(admin.delete("/required-tasks/sign-the-contract"), 422)
    partner = api_for(acme.users_a[Role.PARTNER_SELLER])
    assert partner.get(path).json()["items"][0]["done"] is True
    problem(partner.put(f"{path}/sign-the-contract", {}), 403)
    assert cam.delete(f"{path}/sign-the-contract").status_code == 204
    renamed = admin.patch("/required-tasks/sign-the-contract", {"name": "Sign", "tier": None}).json()
    assert (renamed["name"], renamed["tier"], renamed["key"]) == ("Sign", None, "sign-the-contract")
    assert admin.delete("/required-tasks/sign-the-contract").status_code == 204
    problem(admin.delete("/required-tasks/sign-the-contract"), 404)


def test_sales_people_are_read_and_written(acme, admin):
    path = f"/partners/{acme.partner_a.pk}"
    assert admin.patch(path, {"sales_reps": 12}).json()["sales_reps"] == 12
    problem(admin.patch(path, {"sales_reps": -1}), 422)
    assert admin.patch(path, {"sales_reps": None}).json()["sales_reps"] is None


def test_amounts_keep_four_decimals(acme, cam):
    sent = body(acme, amount={"amount": "12345678901234.5678", "currency": "USD"}, probability="33.33")
    deal = cam.post("/deals", sent).json()
    assert deal["amount"]["amount"] == "12345678901234.5678"
    assert Decimal(deal["weighted"]["amount"]) == Decimal("12345678901234.5678") * Decimal("0.3333")
