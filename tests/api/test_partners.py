"""Partners, contacts, touches, actions through the API."""

import pytest

from accounts.permissions import Role
from partners.models import Action, Contact, Partner, Placement, Region
from prm.common.models import AuditEntry
from tests.api.conftest import problem


@pytest.fixture
def admin(acme, api_for):
    return api_for(acme.users[Role.ADMIN])


@pytest.fixture
def cam(acme, api_for):
    return api_for(acme.users[Role.CAM])


FULL = {
    "name": "Wide World AS",
    "external_id": "WW-1",
    "type": "msp",
    "stage": "onboard",
    "tier": "silver",
    "region": "west",
    "country": "NO",
    "city": "Bergen",
    "signed_on": "2026-03-01",
    "employees": 42,
    "annual_revenue": {"amount": "1250000.50", "currency": "NOK"},
    "internal_note": "Knows Ana",
}


def test_created_partner_reads_as_it_was_written(acme, admin):
    body = {**FULL, "cam": acme.users[Role.CAM].pk, "parent": acme.partner_a.pk}
    made = admin.post("/partners", body)
    assert made.status_code == 201, made.content
    partner = made.json()
    assert made["Location"].endswith(f"/api/v1/partners/{partner['id']}")
    assert {key: partner[key] for key in body} == body
    assert partner["cam_name"] == acme.users[Role.CAM].name
    assert admin.get(made["Location"]).json() == partner
    assert AuditEntry.objects.filter(verb="partner.created", target_id=str(partner["id"])).exists()


def test_whoever_may_not_assign_becomes_the_cam(acme, cam):
    partner = cam.post("/partners", {"name": "Small Town IT", "type": "reseller"}).json()
    assert partner["cam"] == acme.users[Role.CAM].pk
    assert partner["stage"] == "recruit"
    problem(cam.patch(f"/partners/{partner['id']}", {"tier": "gold"}), 403)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"type": "reseller"}, "name"),
        ({"name": "", "type": "reseller"}, "name"),
        ({"name": "   ", "type": "reseller"}, "name"),
        ({"name": "N" * 201, "type": "reseller"}, "name"),
        ({"name": "N"}, "type"),
        ({"name": "N", "type": "nothing"}, "type"),
        ({"name": "N", "type": "reseller", "region": "moon"}, "region"),
        ({"name": "N", "type": "reseller", "cam": 987654321}, "cam"),
        ({"name": "N", "type": "reseller", "cam": 10**30}, "cam"),
        ({"name": "N", "type": "reseller", "country": "XX"}, "country"),
        ({"name": "N", "type": "reseller", "employees": -1}, "employees"),
        ({"name": "N", "type": "reseller", "employees": 2**40}, "employees"),
        ({"name": "N", "type": "reseller", "signed_on": "31.12.2026"}, "signed_on"),
        ({"name": "N", "type": "reseller", "annual_revenue": {"amount": "1.234", "currency": "EUR"}}, "annual_revenue.amount"),
        ({"name": "N", "type": "reseller", "annual_revenue": {"amount": "1", "currency": "EURO"}}, "annual_revenue.currency"),
        ({"name": "N", "type": "reseller", "annual_revenue": {"amount": "1"}}, "annual_revenue.currency"),
        ({"name": "N", "type": "reseller", "external_id": "ACME-B-1"}, "external_id"),
        ({"name": "N", "type": "reseller", "nmae": "x"}, "nmae"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_field(acme, admin, body, field):
    refused = problem(admin.post("/partners", body), 422)
    assert [error["field"] for error in refused["errors"]] == [field]
    assert refused["errors"][0]["pointer"] == "/" + field.replace(".", "/")
    assert refused["errors"][0]["message"]


def test_patch_changes_only_what_is_sent(acme, admin):
    partner = admin.post("/partners", FULL).json()
    changed = admin.patch(
        f"/partners/{partner['id']}", {"stage": "activate", "region": None, "reason": "First deal"}
    ).json()
    assert {key for key in partner if partner[key] != changed[key]} == {"stage", "region", "updated_at"}
    placement = Placement.objects.unscoped("test").get(partner=partner["id"])
    assert (placement.stage.key, placement.region, placement.reason) == ("activate", None, "First deal")
    problem(admin.patch(f"/partners/{partner['id']}", {"name": ""}), 422)
    problem(admin.patch(f"/partners/{partner['id']}", {"type": None}), 422)


def test_an_outdated_etag_changes_nothing(acme, admin):
    address = f"/partners/{acme.partner_a.pk}"
    first = admin.get(address)["ETag"]
    second = admin.patch(address, {"city": "Oslo"}, if_match=first)
    assert second.status_code == 200
    refused = problem(admin.patch(address, {"city": "Bergen"}, if_match=first), 412)
    assert refused["type"].endswith("changed-meanwhile")
    assert admin.get(address).json()["city"] == "Oslo"
    assert admin.patch(address, {"city": "Bergen"}, if_match=second["ETag"]).status_code == 200


def test_filter_of_the_page(acme, admin):
    Region.objects.create(key="north", name="North")
    for n in range(3):
        admin.post(
            "/partners", {**FULL, "name": f"Wide {n}", "external_id": f"W{n}", "tier": "platinum" if n else None}
        )
    names = lambda **query: [one["name"] for one in admin.get("/partners", **query).json()["items"]]  # noqa: E731
    assert names(q="wide") == ["Wide 0", "Wide 1", "Wide 2"]
    assert names(q="wide", tier="platinum", sort="-name") == ["Wide 2", "Wide 1"]
    assert names(q="wide", tier=["none", "gold"]) == ["Wide 0"]
    assert names(cam="none", country="NO", region=["west", "north"]) == ["Wide 0", "Wide 1", "Wide 2"]
    assert names(cam=acme.users[Role.CAM].pk) == [acme.partner_a.name]
    assert names(updated_since="2999-01-01T00:00:00Z") == []
    assert problem(admin.get("/partners", tier="bronze"), 422)["errors"][0]["field"] == "tier"
    assert problem(admin.get("/partners", teir="gold"), 422)["errors"][0]["field"] == "teir"
    assert problem(admin.get("/partners", sort="city"), 422)["errors"][0]["field"] == "sort"


def test_those_who_do_not_work_with_partners_see_no_internal_note(acme, api_for):
    assert "internal_note" not in api_for(acme.users[Role.MARKETING]).get(f"/partners/{acme.partner_a.pk}").json()
    assert api_for(acme.users[Role.CHIEF]).get(f"/partners/{acme.partner_a.pk}").json()["internal_note"]


def test_a_partner_sees_itself_and_little_of_it(acme, api_for):
    seen = api_for(acme.users_a[Role.PARTNER_SELLER]).get("/partners").json()["items"]
    assert [one["name"] for one in seen] == [acme.partner_a.name]
    problem(api_for(acme.users_a[Role.PARTNER_SELLER]).get("/partners", scored="example~2026Q4~category~T"), 422)
    assert set(seen[0]) == {"id", "name", "type", "tier", "cam", "cam_name", "domain", "country", "city"}


def test_contacts(acme, cam):
    people = f"/partners/{acme.partner_a.pk}/contacts"
    ana = cam.post(people, {"name": "Ana Berg", "email": "ana@northwind.example", "is_primary": True}).json()
    bo = cam.post(people, {"name": "Bo", "function": "sales", "is_primary": True, "external_id": "C-2"}).json()
    assert [(one["name"], one["is_primary"]) for one in cam.get(people).json()["items"]] == [
        ("Ana Berg", False),
        ("Bo", True),
    ]
    assert cam.get("/contacts", email="ANA@northwind.example").json()["items"][0]["id"] == ana["id"]
    assert cam.patch(f"/contacts/{bo['id']}", {"title": "Owner"}).json() == {**bo, "title": "Owner"}
    refused = problem(cam.post(people, {"name": "Ana again", "email": "ana@northwind.example"}), 422)
    assert "e-mail" in refused["errors"][0]["message"]
    assert problem(cam.post(people, {"name": "X", "email": "nonsense"}), 422)["errors"][0]["field"] == "email"
    assert cam.delete(f"/contacts/{bo['id']}").status_code == 204
    assert not Contact.everything.filter(pk=bo["id"]).exists()


def test_touches(acme, cam):
    log = f"/partners/{acme.partner_a.pk}/touches"
    made = cam.post(
        log, {"on": "2026-11-02", "kind": "visit", "purpose": "planning", "minutes": 45, "note": "Met the owner"}
    )
    assert made.status_code == 201
    today = cam.post(log, {}).json()
    assert [one["id"] for one in cam.get(log).json()["items"]] == [today["id"], made.json()["id"]]
    assert made.json()["by"] == acme.users[Role.CAM].pk
    assert problem(cam.post(log, {"on": "2999-01-01"}), 422)["errors"][0]["field"] == "on"
    assert problem(cam.post(log, {"minutes": 1441}), 422)["errors"][0]["field"] == "minutes"
    assert cam.delete(f"/touches/{today['id']}").status_code == 204


def test_actions(acme, cam, api_for):
    plan = f"/partners/{acme.partner_a.pk}/actions"
    owner = acme.users_a[Role.PARTNER_MARKETER].pk
    later = cam.post(plan, {"title": "Certify two", "due_on": "2027-03-31", "owner": owner}).json()
    never = cam.post(plan, {"title": "Someday", "shared": False}).json()
    sooner = cam.post(plan, {"title": "Name a sponsor", "due_on": "2026-12-01"}).json()
    order = [sooner["id"], later["id"], never["id"]]
    assert [one["id"] for one in cam.get("/actions", partner=acme.partner_a.pk).json()["items"]] == order
    done = cam.patch(f"/actions/{sooner['id']}", {"status": "done"}).json()
    assert done["closed_at"]
    assert [one["id"] for one in cam.get("/actions", status=["open", "in_progress"]).json()["items"]] == order[1:]
    assert [one["id"] for one in cam.get("/actions", owner=owner).json()["items"]] == [later["id"]]
    other = acme.users_b[Role.PARTNER_SELLER].pk
    assert problem(cam.patch(f"/actions/{later['id']}", {"owner": other}), 422)["errors"][0]["field"] == "owner"
    assert problem(cam.patch(f"/actions/{later['id']}", {"resource": "javascript:alert(1)"}), 422)

    portal = api_for(acme.users_a[Role.PARTNER_MARKETER])
    assert {one["id"] for one in portal.get("/actions").json()["items"]} == {sooner["id"], later["id"]}
    assert portal.get(f"/actions/{never['id']}").status_code == 404
    assert portal.patch(f"/actions/{later['id']}", {"status": "in_progress"}).json()["status"] == "in_progress"
    problem(portal.patch(f"/actions/{later['id']}", {"title": "Mine"}), 403)
    problem(portal.patch(f"/actions/{later['id']}", {"status": "dropped"}), 403)
    assert Action.objects.unscoped("test").get(pk=later["id"]).title == "Certify two"


def test_catalogue_and_people(acme, admin, api_for):
    assert [one["key"] for one in admin.get("/tiers").json()["items"]] == ["silver", "gold", "platinum"]
    assert {"key": "isv", "name": "Independent software vendor", "order": 4, "transacts": False} in admin.get(
        "/partner-types"
    ).json()["items"]
    assert admin.get("/life-stages").json()["items"][-1]["is_lapsed"] is True
    cams = admin.get("/users", role="cam").json()["items"]
    assert {one["id"] for one in cams} == {acme.users[Role.CAM].pk, acme.cam_b.pk}
    own = admin.get(f"/partners/{acme.partner_a.pk}/users").json()["items"]
    assert {one["id"] for one in own} == {user.pk for user in acme.users_a.values()}
    assert Partner.objects.unscoped("test").count() == 2
