"""Joint assessments, histories of answers and quarterly updates through the API."""

import pytest

from accounts.permissions import Role
from tests.api.conftest import problem
from tests.api.test_worked_example import ANSWERS, INTERNAL, example, start


@pytest.fixture
def made(acme, api_for):
    content = example(publish=True)
    content["categories"].append(INTERNAL)
    return api_for(acme.users[Role.ADMIN]).post("/questionnaires", content)


@pytest.fixture
def cam(acme, made, api_for):
    return api_for(acme.users[Role.CAM])


@pytest.fixture
def seller(acme, made, api_for):
    return api_for(acme.users_a[Role.PARTNER_SELLER])


def together(api, partner):
    return api.post("/assessments", {"partner": partner.pk, "questionnaire": "example", "mode": "joint"})


def test_one_assessment_for_both_sides(acme, cam, seller):
    pk = together(cam, acme.partner_a).json()["id"]
    again = together(seller, acme.partner_a)
    assert (again.status_code, again.json()["id"]) == (200, pk)
    assert "t1q1" in cam.get(f"/assessments/{pk}").json()["applicable"]
    assert seller.get(f"/assessments/{pk}").json()["applicable"] == ["a1q1", "a1q2", "a2q1", "b1q1", "b1q2"]
    assert problem(seller.call("put", f"/assessments/{pk}/answers/t1q1", {"option": "o0"}), 422)
    assert seller.patch(f"/assessments/{pk}/answers", {"answers": ANSWERS}).status_code == 200
    assert cam.get(f"/assessments/{pk}").json()["missing"] == ["t1q1"]
    assert seller.get(f"/assessments/{pk}").json()["missing"] == []


def test_the_history_of_an_answer(acme, cam, seller):
    pk = together(cam, acme.partner_a).json()["id"]
    cam.call("put", f"/assessments/{pk}/answers/a1q1", {"option": "o100"})
    cam.call("put", f"/assessments/{pk}/answers/t1q1", {"option": "o100"})
    seller.call("put", f"/assessments/{pk}/answers/a1q1", {"option": "o50", "comment": "Two left"})
    last, first = seller.get(f"/assessments/{pk}/answers/a1q1/history").json()["items"]
    assert first["before"] is None
    assert (first["after"]["options"], first["side"]) == (["o100"], "vendor")
    assert (last["before"], last["side"], last["by_name"]) == (
        first["after"], "partner", acme.users_a[Role.PARTNER_SELLER].display_name,
    )  # fmt: skip
    assert last["after"]["comment"] == "Two left"
    assert problem(seller.get(f"/assessments/{pk}/answers/t1q1/history"), 404)
    assert problem(cam.get(f"/assessments/{pk}/answers/nowhere/history"), 404)
    own = start(cam, acme.partner_a)
    assert problem(seller.get(f"/assessments/{own}/answers/a1q1/history"), 404)


def test_a_quarterly_update_says_what_it_asks(acme, cam):
    pk = start(cam, acme.partner_a, ANSWERS | {"a1q2": {"option": "o100"}, "t1q1": {"option": "o100"}})
    assert cam.get(f"/assessments/{pk}").json()["focus"] is None
    assert cam.post(f"/assessments/{pk}/submit").status_code == 200
    update = cam.post("/assessments", {"partner": acme.partner_a.pk, "questionnaire": "example", "update": True})
    assert update.status_code == 201
    assert update.json()["focus"] == ["a2", "b1"]
    pk = update.json()["id"]
    assert cam.post(f"/assessments/{pk}/confirm", {"topic": "-rest"}).json() == {"confirmed": 3}
    assert cam.get(f"/assessments/{pk}").json()["missing"] == ["a2q1", "b1q1", "b1q2"]
