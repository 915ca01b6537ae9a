"""QBRs over the API: begun, chosen for, built, downloaded, held, shared; commitments and batches."""

import pytest

from accounts.permissions import Role
from accounts.tokens import Scope
from prm.common.models import Job
from prm.common.vendor import today
from qbr.actions.drafting import usual_quarter
from qbr.content import KEYS
from qbr.models import Commitment, Qbr, Version
from tests.api.conftest import problem
from tests.qbr.making import in_days, run

pytestmark = pytest.mark.django_db


@pytest.fixture
def cam(acme, api_for):
    return api_for(acme.users[Role.CAM])


@pytest.fixture
def partner(acme, api_for):
    return api_for(acme.users_a[Role.PARTNER_CHAMPION])


@pytest.fixture
def made(acme, cam):
    return cam.post(f"/partners/{acme.partner_a.pk}/qbrs", {}).json()


def content(response):
    found = b"".join(response.streaming_content)
    return found


def people(acme):
    return [{"side": "vendor", "user": acme.users[Role.CAM].pk}, {"side": "partner", "name": "Pat Example"}]


def test_one_is_begun_once_and_chosen_for(acme, cam, made):
    assert (made["quarter"], made["state"], made["newest"]) == (usual_quarter().key, "draft", None)
    again = cam.post(f"/partners/{acme.partner_a.pk}/qbrs", {"quarter": made["quarter"]})
    assert (again.status_code, again.json()["id"]) == (200, made["id"])
    address = f"/qbrs/{made['id']}"
    changed = cam.patch(
        address, {"switched": {"leads": False}, "commentary": {"glance": ["Ours."]}, "chosen": {"wins": ["Won."]}}
    )
    assert changed.json()["revision"] == 1
    assert changed.json()["chosen"] == {"wins": ["Won."]}
    assert cam.patch(address, {"chosen": {"wins": None}, "revision": 1}).json()["chosen"] == {}
    problem(cam.patch(address, {"order": ["title"], "revision": 1}), 412)
    problem(cam.patch(address, {"order": ["nothing"]}), 422)
    problem(cam.patch(address, {"chosen": {"losses": []}}), 422)
    slides = cam.get(f"{address}/slides").json()["items"]
    assert [slide["key"] for slide in slides] == list(KEYS)
    told = {slide["key"]: slide for slide in slides}
    assert told["glance"]["commentary"] == ["Ours."]
    assert told["glance"]["edited"]
    assert not told["leads"]["on"]
    problem(cam.post(f"/partners/{acme.partner_a.pk}/qbrs", {"quarter": "2019Q1"}), 422)
    problem(cam.post(f"/partners/{acme.partner_b.pk}/qbrs", {}), 404)


def test_from_the_build_to_the_partner(acme, cam, partner, made):
    address = f"/qbrs/{made['id']}"
    problem(cam.post(f"{address}/held", {"held_on": today().isoformat(), "people": people(acme)}), 409)
    started = cam.post(f"{address}/builds", {})
    assert started.status_code == 202
    assert started.json()["state"] == "queued"
    run(Job.objects.get(pk=started.json()["job"]))
    read = cam.get(address).json()
    assert (read["state"], read["newest"], read["build"]["state"]) == ("built", 1, "done")
    file = f"/qbrs/versions/{read['versions'][0]['id']}/pptx"
    answer = cam.get(file)
    assert content(answer)[:2] == b"PK"
    assert "attachment" in answer["Content-Disposition"]
    problem(partner.get(file), 404)
    problem(cam.post(f"{address}/share", {}), 409)
    problem(cam.post(f"{address}/held", {"held_on": today().isoformat(), "people": people(acme)[:1]}), 422)
    assert (
        cam.post(f"{address}/held", {"held_on": today().isoformat(), "people": people(acme)}).json()["state"] == "held"
    )
    problem(partner.get(address), 404)
    problem(cam.post(f"{address}/share", {"to": [acme.users_b[Role.PARTNER_CHAMPION].pk]}), 422)
    champion = acme.users_a[Role.PARTNER_CHAMPION]
    assert cam.post(f"{address}/share", {"to": [champion.pk], "message": "Thanks"}).json()["state"] == "shared"
    seen = partner.get(address).json()
    assert seen["versions"][0]["shared"]
    assert {one["name"] for one in seen["attendees"]} >= {"Pat Example"}
    assert not {"revision", "order", "switched", "commentary", "chosen", "build"} & set(seen)
    assert content(partner.get(file))[:2] == b"PK"
    assert [row["id"] for row in partner.get("/qbrs").json()["items"]] == [made["id"]]
    problem(partner.post(f"{address}/builds", {}), 403)
    assert cam.post(f"{address}/unshare").json()["state"] == "held"
    problem(partner.get(address), 404)


def test_a_vendor_copy_is_its_builders_alone(acme, cam, api_for, made):
    run(Job.objects.get(pk=cam.post(f"/qbrs/{made['id']}/builds", {"kind": "vendor"}).json()["job"]))
    copy = Version.everything.get()
    assert cam.get(f"/qbrs/{made['id']}").json()["versions"][0]["kind"] == "vendor"
    for role in (Role.ADMIN, Role.CHIEF):
        other = api_for(acme.users[role])
        assert other.get(f"/qbrs/{made['id']}").json()["versions"] == []
        problem(other.get(f"/qbrs/versions/{copy.pk}/pptx"), 404)


def test_commitments_become_actions(acme, cam, made):
    address = f"/qbrs/{made['id']}/commitments"
    seller = acme.users_a[Role.PARTNER_SELLER]
    given = {"side": "partner", "text": "Train two", "due_on": in_days(30).isoformat(), "owner": seller.pk}
    row = cam.post(address, given).json()
    assert (row["owner"], row["action"], row["status"]) == (seller.pk, None, "open")
    problem(cam.post(address, {**given, "side": "vendor"}), 422)
    problem(cam.post(address, {**given, "owner": acme.users_b[Role.PARTNER_SELLER].pk}), 422)
    one = f"/qbrs/commitments/{row['id']}"
    assert cam.patch(one, {"text": "Train three"}).json()["text"] == "Train three"
    Qbr.everything.update(state="built")
    cam.post(f"/qbrs/{made['id']}/held", {"held_on": today().isoformat(), "people": people(acme)})
    assert cam.get(address).json()["items"][0]["action"] == Commitment.everything.get().action_id is not None
    problem(cam.patch(one, {"text": "Train none"}), 409)
    problem(cam.delete(one), 409)


def test_a_batch_says_how_far_each_is(acme, cam):
    batch = cam.post("/qbrs/batches", {}).json()
    assert (batch["total"], batch["done"], batch["items"][0]["partner"]) == (1, 0, acme.partner_a.pk)
    run(Job.objects.get(pk=batch["items"][0]["build"]["job"]))
    now = cam.get(f"/qbrs/batches/{batch['id']}").json()
    assert now["done"] == 1
    assert now["items"][0]["version"] == Version.everything.get().pk
    problem(cam.post("/qbrs/batches", {"partners": [acme.partner_b.pk]}), 403)
    problem(cam.post("/qbrs/batches", {"quarter": "2019Q1"}), 422)


def test_a_token_needs_the_scope_and_its_user_the_permission(acme, cam, api_for, made):
    reader = api_for(acme.users[Role.CAM], [Scope.PLANS_READ])
    assert reader.get(f"/qbrs/{made['id']}").status_code == 200
    problem(reader.post(f"/qbrs/{made['id']}/builds", {}), 403)
    problem(api_for(acme.users[Role.CHIEF]).post(f"/qbrs/{made['id']}/builds", {}), 403)
    problem(api_for(acme.users[Role.MARKETING]).get("/qbrs"), 403)
